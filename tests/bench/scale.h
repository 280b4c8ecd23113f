/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* How the cost of something grows with the size of the machine or of its history:
 * tests/bench/scale.c. */

#include "greend/base.h"
#include "greend/units.h"

enum { SCALE_SIZES = 8 };

struct curve {
    const char *name;        /* a line's beginning: "sweep" */
    const char *what;        /* what is done once, for people */
    const char *of;          /* what there are more and more of */
    int sizes[SCALE_SIZES];  /* 0: no more */
    int runs;                /* the least of them is told */
    int times;               /* that run() does it in one go; its cost is divided by that */
    void *(*make)(int size); /* NULL: it cannot be made here, which is said */
    void (*run)(void *made);
    void (*done)(void *made);
};

_Noreturn void scale_die(const char *what);

/* tests/bench/scale_machine.c and scale_history.c. */
extern const struct curve scale_sweep, scale_groups, scale_reserved, scale_ledger_workloads,
    scale_ledger_domains, scale_scrape, scale_rollup, scale_report, scale_commit;
