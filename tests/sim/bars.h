/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What is asked of the attribution in each scenario, and whether it is met. */

#include "sim/suite.h"

enum bar_kind {
    BAR_EXACT,    /* measured = idle + workloads + unattributed */
    BAR_ERROR,    /* mean weighted error over the seeds, by class */
    BAR_P90,      /* its 90th percentile over the seeds */
    BAR_GAIN,     /* how many times smaller than the better peer's */
    BAR_IDLE,     /* idle power, once it could be seen */
    BAR_COVERAGE, /* workloads whose interval holds the truth */
    BAR_WIDTH,    /* mean half-width over the 90th percentile of the workloads' errors */
    BARS
};

extern const char *const bar_texts[BARS];

/* The median over all scenarios of BAR_GAIN's value must be at least this. */
extern const double bar_median_gain;

struct bar {
    bool asked;
    bool met;
    double value;
    double limit;
};

void bars_judge(const struct summary *summary, struct bar ret[BARS]);
