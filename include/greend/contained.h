/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Machines whose figures are added up: which of them run on which, so that nothing counts twice.
 * What a host draws holds what its virtual machines draw, and so does its hardware. Pure.
 * docs/method.md, 18, has the rule. */

#include "greend/base.h"

struct contained_machine {
    const char *name; /* "": not known */
    const char *host; /* the name of the machine that it is declared to run on; "": of none */
    bool physical;    /* it runs on no other one, whatever is declared */
    bool recorded;    /* in the period: what was not holds no other machine's energy */
    double share;     /* declared part of its host, 0 to 1; 0: not declared */
    int64_t since_s;  /* of what was recorded in the period */
    int64_t until_s;
};

#define CONTAINED_IN_NONE SIZE_MAX

/* What contained_find() answers besides 0; ret_wrong is the machine that it holds of. */
enum {
    CONTAINED_AMBIGUOUS = 1, /* several machines of the time bear the name of its host */
    CONTAINED_CIRCLE,        /* it runs on itself, at last */
};

/* ret_hosts: for each of the n machines the place of that which it runs on, CONTAINED_IN_NONE where
 * that is not among them or was not recorded. -ENOMEM. */
int contained_find(const struct contained_machine *machines, size_t n, size_t *ret_hosts,
                   size_t *ret_wrong);

/* Whether the declared parts of some host are more than all of it at one time. ret_members (room
 * for n): the machines that had them then, *ret_n of them, and *ret_sum what their parts add up to.
 * 0: of none; 1; -ENOMEM. */
int contained_overfull(const struct contained_machine *machines, size_t n, size_t *ret_members,
                       size_t *ret_n, double *ret_sum);
