/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/meter_lag.h"

#include <math.h>

/* 0 first; the others a factor of about 1.5 apart. */
static const double tried_s[METER_LAG_TRIED] = {0, 0.3, 0.5, 0.7, 1, 1.5, 2.2, 3.3, 5, 7.5, 11, 16};
static const double memory_s = 900, find_every_s = 60;

/* A lag must leave so much less unexplained than none; one that was found goes on up to the second.
 */
static const double begins = 0.8, ends = 0.95;

double meter_lag_mean(double tau_s, double value, double dt_s, double *shown)
{
    double before = *shown;
    if (!(tau_s > 0)) {
        *shown = value;
        return value;
    }
    *shown = value + (before - value) * exp(-dt_s / tau_s);
    return value - tau_s / dt_s * (*shown - before);
}

/* Of the changes that the meter showed, the share that a trial does not explain. */
static double unexplained(const struct meter_lag *lag, size_t trial)
{
    const struct meter_lag_trial *one = &lag->trials[trial];
    double squares = one->square * lag->power_square;
    return squares > 0 && one->cross > 0 ? 1 - one->cross * one->cross / squares : 1;
}

/* Between the trials beside the best one, where a parabola through the three has its lowest point.
 */
static double between(const struct meter_lag *lag, size_t best)
{
    if (best < 2 || best + 1 == METER_LAG_TRIED)
        return tried_s[best];
    double left = unexplained(lag, best - 1), right = unexplained(lag, best + 1);
    double bend = left + right - 2 * unexplained(lag, best);
    double place = bend > 0 ? 0.5 * (left - right) / bend : 0;
    double ratio =
        place > 0 ? tried_s[best + 1] / tried_s[best] : tried_s[best] / tried_s[best - 1];
    return tried_s[best] * pow(ratio, place);
}

static void find(struct meter_lag *lag)
{
    size_t best = 0;
    for (size_t i = 1; i < METER_LAG_TRIED; i++) {
        if (unexplained(lag, i) < unexplained(lag, best))
            best = i;
    }
    double most = (lag->tau_s > 0 ? ends : begins) * unexplained(lag, 0);
    lag->tau_s = unexplained(lag, best) < most ? between(lag, best) : 0;
}

void meter_lag_learn(struct meter_lag *lag, double power_w, double drawn, double dt_s)
{
    if (!(dt_s > 0))
        return;
    double keep = exp(-dt_s / memory_s);
    double change_w = power_w - lag->power_w;
    for (size_t i = 0; i < METER_LAG_TRIED; i++) {
        struct meter_lag_trial *trial = &lag->trials[i];
        if (!lag->begun)
            trial->shown = trial->mean = drawn;
        double before = trial->mean;
        trial->mean = meter_lag_mean(tried_s[i], drawn, dt_s, &trial->shown);
        double change = trial->mean - before;
        trial->cross = trial->cross * keep + change * change_w;
        trial->square = trial->square * keep + change * change;
    }
    if (lag->begun) {
        lag->power_square = lag->power_square * keep + change_w * change_w;
        lag->since_s += dt_s;
    }
    lag->power_w = power_w;
    lag->begun = true;
    if (lag->since_s < find_every_s)
        return;
    find(lag);
    lag->since_s = 0;
}
