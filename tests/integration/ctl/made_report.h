/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reports of machines made for tests, with their footprints: a dual Xeon with meters of its memory,
 * an AMD whose purchase and end lie in the year, a virtual machine without meters. */

#include "report/report_footprint.h"

/* 2026-11-23 12:00 in Paris: when all of them are made. */
#define MADE_NOW_S INT64_C(1795431600)

enum made_machine { MADE_XEON, MADE_AMD, MADE_VM, MADE_VM_SHARE, MADE_BANDED, MADE_BARE };

enum made_period {
    MADE_MONTH, /* November, in progress */
    MADE_PAST,  /* September, whole */
    MADE_YEAR,  /* 2026, from March 16, with ten days of July missing */
    MADE_HOURS, /* October 25, which has 25 hours */
};

struct made_case {
    const char *name;
    enum made_machine machine;
    enum made_period period;
    enum report_group group;
    enum report_idle idle;
    size_t top; /* 0: all */
};

/* The cases; NULL behind the last. */
const struct made_case *made_case(size_t index);

struct made {
    struct report report;
    struct facts facts;
    struct reading reading;
    struct report_footprint footprint;
};

/* Puts the process in the machine's time zone. Aborts where anything fails. */
void made_begin(struct made *ret, const struct made_case *what);
void made_done(struct made *made);
