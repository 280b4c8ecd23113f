/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/bars.h"

#include <math.h>

const double bar_median_gain = 6;
static const double least_gain = 3;
static const double most_idle = 0.05, least_coverage = 0.90, most_width = 3;

/* Mean error and its 90th percentile over the seeds; 0: not asked. CLASS_NEVER_IDLE: no worse than
 * the better peer, or this. */
static const struct {
    double error, p90;
} class_limits[SCENARIO_CLASSES] = {
    [CLASS_IDENTIFIABLE] = {0.05, 0.08},
      [CLASS_SMALL] = {0.10, 0   },
    [CLASS_CONTENDED] = {0.06, 0   },
      [CLASS_STEADY] = {0.20, 0   },
    [CLASS_OUTSIDE] = {0.05, 0.08},
      [CLASS_NEVER_IDLE] = {0.03, 0   },
};

const char *const bar_texts[BARS] = {
    [BAR_EXACT] = "measured = idle + workloads + unattributed, to the microjoule",
    [BAR_ERROR] =
        ("mean error: identifiable and outside 5 %, small 10 %, contended 6 %, steady 20 %, "
         "never idle no worse than the better peer or 3 %"),
    [BAR_P90] = "90th percentile of the error over the seeds: identifiable and outside 8 %",
    [BAR_GAIN] =
        "error at least 3 times smaller than the better peer's (not asked where never idle)",
    [BAR_IDLE] = "idle power within 5 %, once the machine was below 1 % load for 10 s",
    [BAR_COVERAGE] = "intervals hold the truth for at least 90 % of the workloads",
    [BAR_WIDTH] = "mean half-width at most 3 times the 90th percentile of the workloads' errors",
};

static struct bar at_most(double value, double limit)
{
    return (struct bar){true, value <= limit, value, limit};
}

static struct bar at_least(double value, double limit)
{
    return (struct bar){true, value >= limit, value, limit};
}

void bars_judge(const struct summary *summary, struct bar ret[BARS])
{
    enum scenario_class class = summary->scenario->class;
    double error = class_limits[class].error;
    if (class == CLASS_NEVER_IDLE)
        error = fmax(error, summary_peer_error(summary));
    memset(ret, 0, BARS * sizeof(*ret));
    ret[BAR_EXACT] = at_least(summary->exact, 1);
    ret[BAR_ERROR] = at_most(summary->error[METHOD_GREEND], error);
    if (class_limits[class].p90 > 0)
        ret[BAR_P90] = at_most(summary->error_p90[METHOD_GREEND], class_limits[class].p90);
    if (class != CLASS_NEVER_IDLE)
        ret[BAR_GAIN] = at_least(summary_gain(summary), least_gain);
    if (summary->idle_seen > 0)
        ret[BAR_IDLE] = at_most(summary->seen_error, most_idle);
    /* No interval covers nothing. */
    ret[BAR_COVERAGE] = at_least(summary->stated ? summary->coverage : 0, least_coverage);
    if (summary->stated)
        ret[BAR_WIDTH] = at_most(summary_width(summary), most_width);
}
