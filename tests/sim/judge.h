/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Runs a scenario and compares what greend, and the formulas of others, say of it with the truth.
 */

#include "sim/scenarios.h"
#include "sim/sim.h"

enum method {
    METHOD_GREEND,
    METHOD_KEPLER,
    METHOD_SCAPHANDRE,
    METHOD_SHARE, /* all energy by CPU time, as if nothing were idle power */
    METHOD_EQUAL, /* true idle power and equal watts: tests/sim/floor.h */
    METHOD_FLOOR,
    METHODS
};

extern const char *const method_names[METHODS];

/* Errors are counted after this time: a daemon that has just started has learned nothing. */
#define JUDGE_AFTER_S 600.0

/* Idle power can be known once the machine was idle for so long. */
#define JUDGE_IDLE_S 10.0

struct verdict {
    bool done;
    bool exact;            /* the ledger lost and invented nothing, to the microjoule */
    double error[METHODS]; /* sum of |estimate - truth| over the workloads, of the sum of truth */
    double worst[METHODS]; /* of one workload that used at least 1 % of it */
    double idle_error;     /* |estimate - truth| of idle energy, of the truth */
    bool idle_seen;        /* less than 1 % of the CPUs were busy for JUDGE_IDLE_S in all */
    double seen_error;     /* idle_error since then */
    /* Of the workloads that used at least 0.1 % of dynamic energy: the error of each, how many
     * there are, how many have the truth inside their interval, and the mean half-width. Shares of
     * the truth. */
    size_t n;
    double relative[SIM_WORKLOADS];
    size_t covered;
    double half_width;
    double stated; /* share of the workloads' energy that an interval is stated for */
};

/* Of one workload, after JUDGE_AFTER_S. */
struct judged_workload {
    double cpu_s;
    double truth_j, estimate_j, half_j;
};

/* False: no memory. ret_workloads, SIM_WORKLOADS of them, may be NULL. */
bool judge(const struct scenario *scenario, uint64_t seed, double hours, struct verdict *ret,
           struct judged_workload *ret_workloads);
