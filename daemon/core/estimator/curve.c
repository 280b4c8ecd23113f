/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/curve.h"

#include <math.h>

static const double wake_fast_cpus = 0.1, wake_slow_cpus = 0.6;
static const double knees[CURVE_KNEES] = {0.125, 0.25, 0.5, 0.75};
static const double lags_s[CURVE_LAGGED] = {3, 60, 300};

/* Dynamic power at 0, 10, ... 100 % of the load over that at half of it: what 315 published
 * SPECpower_ssj2008 results since 2012 differ in from their mean. Their three first principal
 * components, each times its standard deviation; they make up 99 % of the variance. */
enum { POINTS = 11 };
static const double forms[CURVE_FORMS][POINTS] = {
    {0, -0.039, -0.036, -0.032, -0.022, 0, 0.058,  0.133,  0.235,  0.372,  0.479},
    {0, 0.069,  0.065,  0.055,  0.032,  0, -0.026, -0.042, -0.038, -0.017, 0.062},
    {0, -0.036, -0.033, -0.025, -0.013, 0, -0.001, -0.018, -0.056, -0.030, 0.048},
};

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

/* Straight between the points, and on beyond the last; the piece that a load is in. */
static size_t find_piece(double load)
{
    return (size_t)fmin(fmax(load, 0) * (POINTS - 1), POINTS - 2);
}

static double form_at(size_t form, double load)
{
    size_t at = find_piece(load);
    const double *points = forms[form];
    return points[at] + (load * (POINTS - 1) - (double)at) * (points[at + 1] - points[at]);
}

static double form_slope(size_t form, double load)
{
    size_t at = find_piece(load);
    return (forms[form][at + 1] - forms[form][at]) * (POINTS - 1);
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
    for (size_t i = 0; i < CURVE_FORMS; i++)
        x[CURVE_FORM + i] = 0.5 * cpus * form_at(i, busy_cpus / cpus);
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

void curve_mean_terms(double busy_cpus, uint32_t cpus, double ret[CURVE_SIZE])
{
    memset(ret, 0, CURVE_SIZE * sizeof(double));
    ret[CURVE_SLOPE] = 1;
    if (!(busy_cpus > 0))
        return;
    for (size_t i = 0; i < CURVE_KNEES; i++)
        ret[CURVE_KNEE + i] = fmax(0, busy_cpus - knees[i] * cpus) / busy_cpus;
    for (size_t i = 0; i < CURVE_FORMS; i++)
        ret[CURVE_FORM + i] = 0.5 * cpus * form_at(i, busy_cpus / cpus) / busy_cpus;
}

/* Just there. */
static void local_terms(double busy_cpus, uint32_t cpus, double ret[CURVE_SIZE])
{
    memset(ret, 0, CURVE_SIZE * sizeof(double));
    ret[CURVE_SLOPE] = 1;
    ret[CURVE_WAKE_FAST] = exp(-busy_cpus / wake_fast_cpus) / wake_fast_cpus;
    ret[CURVE_WAKE_SLOW] = exp(-busy_cpus / wake_slow_cpus) / wake_slow_cpus;
    for (size_t i = 0; i < CURVE_KNEES; i++) {
        double above = busy_cpus - knees[i] * cpus;
        ret[CURVE_KNEE + i] = 1 / (1 + exp(-above / (knee_width * cpus)));
    }
    double load = busy_cpus / cpus;
    for (size_t i = 0; i < CURVE_FORMS; i++)
        ret[CURVE_FORM + i] = 0.5 * form_slope(i, load);
    size_t at = find_knot(load);
    double span_cpus = (knots[at + 1] - knots[at]) * cpus;
    if (at > 0)
        ret[CURVE_HAT + at - 1] = -1 / span_cpus;
    if (at < CURVE_HATS)
        ret[CURVE_HAT + at] = 1 / span_cpus;
}

static double relative_slope(const double terms[CURVE_SIZE], const double theta[CURVE_SIZE],
                             double least, double most)
{
    double slope_w = 0;
    for (size_t i = 0; i < CURVE_SIZE; i++)
        slope_w += terms[i] * theta[i];
    double relative = theta[CURVE_SLOPE] > 0 ? slope_w / theta[CURVE_SLOPE] : 1;
    return fmin(fmax(relative, least), most);
}

double curve_mean_slope(const double theta[CURVE_SIZE], double busy_cpus, uint32_t cpus)
{
    double terms[CURVE_SIZE];
    curve_mean_terms(busy_cpus, cpus, terms);
    double least = fmax(1 - mean_saving * busy_cpus / cpus, least_mean_slope);
    return relative_slope(terms, theta, least, 1);
}

double curve_local_slope(const double theta[CURVE_SIZE], double busy_cpus, uint32_t cpus)
{
    double terms[CURVE_SIZE];
    local_terms(busy_cpus, cpus, terms);
    return relative_slope(terms, theta, least_local_slope, most_local_slope);
}
