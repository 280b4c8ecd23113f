/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/curve.h"

#include <math.h>

static const double wake_fast_cpus = 0.1, wake_slow_cpus = 0.6;
static const double knees[CURVE_KNEES] = {0.125, 0.25, 0.5, 0.75};
static const double lags_s[CURVE_LAGGED] = {3, 60, 300};

/* A hat is 1 at its own knot and 0 at its neighbours'; the first knot has none, idle power is it.
 */
static const double knots[CURVE_HATS + 2] = {0,   0.02, 0.05, 0.1, 0.2, 0.3, 0.4,
                                             0.5, 0.6,  0.7,  0.8, 0.9, 1,   1.1};

/* A local slope changes within this share of all CPUs. */
static const double knee_width = 0.04;

/* Bounds of relative slopes: what lower clocks and shared cores save at full load; and of local
 * ones, which are steep where the first CPU wakes the package or voltage rises. */
static const double mean_saving = 0.4, least_mean_slope = 0.3;
static const double least_local_slope = 0.2, most_local_slope = 4;

/* The knot at or below a load. */
static size_t find_knot(double load)
{
    size_t at = 0;
    while (at + 2 < ARRAY_SIZE(knots) && load > knots[at + 1])
        at++;
    return at;
}

static void put_hats(double load, double x[CURVE_SIZE])
{
    size_t at = find_knot(load);
    double part = fmin((load - knots[at]) / (knots[at + 1] - knots[at]), 1);
    for (size_t i = 0; i < CURVE_HATS; i++)
        x[CURVE_HAT + i] = 0;
    if (at > 0)
        x[CURVE_HAT + at - 1] = 1 - part;
    if (at < CURVE_HATS)
        x[CURVE_HAT + at] = part;
}

struct curve_awake curve_awake(double busy_cpus)
{
    return (struct curve_awake){1 - exp(-busy_cpus / wake_fast_cpus),
                                1 - exp(-busy_cpus / wake_slow_cpus)};
}

void curve_features(struct curve_memory *memory, double busy_cpus, uint32_t cpus, double dt_s,
                    double x[CURVE_SIZE])
{
    struct curve_awake awake = curve_awake(busy_cpus);
    x[CURVE_IDLE] = 1;
    x[CURVE_WAKE_FAST] = awake.fast;
    x[CURVE_WAKE_SLOW] = awake.slow;
    x[CURVE_SLOPE] = busy_cpus;
    for (size_t i = 0; i < CURVE_KNEES; i++)
        x[CURVE_KNEE + i] = fmax(0, busy_cpus - knees[i] * cpus);
    x[CURVE_SWITCH] = x[CURVE_CROWD] = 0;
    put_hats(busy_cpus / cpus, x);
    for (size_t i = 0; i < CURVE_LAGGED; i++) {
        x[CURVE_LAG + i] = memory->slow[i] - busy_cpus;
        memory->slow[i] += (1 - exp(-dt_s / lags_s[i])) * (busy_cpus - memory->slow[i]);
    }
}

double curve_wake(const double theta[CURVE_SIZE], double busy_cpus)
{
    struct curve_awake awake = curve_awake(busy_cpus);
    return theta[CURVE_WAKE_FAST] * awake.fast + theta[CURVE_WAKE_SLOW] * awake.slow;
}

static double bounded(double slope_w, double base_w, double least, double most)
{
    double relative = base_w > 0 ? slope_w / base_w : 1;
    return fmin(fmax(relative, least), most);
}

/* Slope of the hats at a load, in W per CPU. */
static double hats_slope(const double theta[CURVE_SIZE], double load, uint32_t cpus)
{
    size_t at = find_knot(load);
    double low_w = at > 0 ? theta[CURVE_HAT + at - 1] : 0;
    double high_w = at < CURVE_HATS ? theta[CURVE_HAT + at] : 0;
    return (high_w - low_w) / ((knots[at + 1] - knots[at]) * cpus);
}

double curve_mean_slope(const double theta[CURVE_SIZE], double busy_cpus, uint32_t cpus)
{
    if (!(busy_cpus > 0))
        return 1;
    double slope_w = theta[CURVE_SLOPE];
    for (size_t i = 0; i < CURVE_KNEES; i++)
        slope_w += theta[CURVE_KNEE + i] * fmax(0, busy_cpus - knees[i] * cpus) / busy_cpus;
    double least = fmax(1 - mean_saving * busy_cpus / cpus, least_mean_slope);
    return bounded(slope_w, theta[CURVE_SLOPE], least, 1);
}

double curve_local_slope(const double theta[CURVE_SIZE], double busy_cpus, uint32_t cpus)
{
    double slope_w = theta[CURVE_SLOPE] + hats_slope(theta, busy_cpus / cpus, cpus);
    slope_w += theta[CURVE_WAKE_FAST] / wake_fast_cpus * exp(-busy_cpus / wake_fast_cpus);
    slope_w += theta[CURVE_WAKE_SLOW] / wake_slow_cpus * exp(-busy_cpus / wake_slow_cpus);
    for (size_t i = 0; i < CURVE_KNEES; i++) {
        double above = busy_cpus - knees[i] * cpus;
        slope_w += theta[CURVE_KNEE + i] / (1 + exp(-above / (knee_width * cpus)));
    }
    return bounded(slope_w, theta[CURVE_SLOPE], least_local_slope, most_local_slope);
}
