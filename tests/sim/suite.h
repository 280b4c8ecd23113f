/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Scenarios times seeds, run by several processes, and what they come to. */

#include "sim/judge.h"

/* Seeds for tuning and seeds for what is reported have nothing in common. */
enum { SUITE_REPORTED_SEED = 1, SUITE_TUNING_SEED = 1000001, SUITE_SEEDS_MAX = 1000 };

struct suite {
    const char *scenario; /* NULL: all */
    uint64_t first_seed;
    size_t seeds;
    double hours;
    size_t jobs; /* processes */
};

/* Of one scenario, over its seeds. Shares, not percent. */
struct summary {
    const struct scenario *scenario;
    bool exact;
    double error[METHODS], error_p90[METHODS], worst[METHODS], worst_p90[METHODS];
    double idle_error, idle_p90;
    size_t idle_seen; /* seeds in which idle power could be seen */
    double seen_error;
    bool stated; /* an interval for nearly all energy */
    double coverage;
    double half_width;
    double relative_p90; /* 90th percentile of the workloads' errors, all seeds together */
};

/* Fills one summary a scenario; returns how many, 0 where something failed (told on stderr). */
size_t suite_run(const struct suite *suite, struct summary *ret, size_t room);

/* The error of the better one of Kepler and Scaphandre. */
double summary_peer_error(const struct summary *summary);
/* How many times smaller greend's is. */
double summary_gain(const struct summary *summary);

/* The mean half-width in units of the errors that there really are. */
double summary_width(const struct summary *summary);
