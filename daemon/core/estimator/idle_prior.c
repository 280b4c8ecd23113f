/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/idle_prior.h"

#include <math.h>

#include "core/estimator/curve.h"

static const double memory_s = 20000;
static const double least_s = 10;

/* What a mean over ten seconds and more is off by even on an idle machine. */
static const double noise_share = 0.01;

/* Idle power / power at that load: median and relative standard deviation, SPECpower_ssj2008
 * results of machines available since 2012. */
static const struct {
    double load, ratio, sd;
} curve[] = {
    {0.1, 0.650, 0.23},
    {0.2, 0.565, 0.25},
    {0.3, 0.504, 0.26},
    {0.4, 0.449, 0.27},
    {0.5, 0.408, 0.28},
    {0.6, 0.365, 0.29},
    {0.7, 0.325, 0.30},
    {0.8, 0.286, 0.31},
    {0.9, 0.248, 0.33},
    {1,   0.221, 0.36},
};

/* Upper ends of the ranges of load. */
static const double bin_ends[IDLE_PRIOR_BINS] = {0.003, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15,
                                                 0.2,   0.3,  0.4,  0.5,  0.6,  0.8, 1.01};

void idle_prior_learn(struct idle_prior *prior, double power_w, double load, double dt_s)
{
    double keep = 1 - fmin(dt_s / memory_s, 0.5);
    for (size_t i = 0; i < IDLE_PRIOR_BINS; i++)
        prior->bins[i].weight_s *= keep;
    size_t at = 0;
    while (at + 1 < IDLE_PRIOR_BINS && load >= bin_ends[at])
        at++;
    struct idle_prior_bin *bin = &prior->bins[at];
    bin->weight_s += dt_s;
    bin->power_w += (power_w - bin->power_w) * dt_s / bin->weight_s;
    bin->load += (load - bin->load) * dt_s / bin->weight_s;
}

/* Not hypot(): where this is built against glibc 2.35 or newer, that asks for 2.35. */
static struct idle_guess guess_of(double idle_w, double sd)
{
    return (struct idle_guess){idle_w, idle_w * sqrt(sd * sd + noise_share * noise_share)};
}

static const double wake_mean = 0.06, wake_sd = 0.15;

static double square_of_both(struct curve_awake awake)
{
    return awake.fast * awake.fast + awake.slow * awake.slow;
}

/* Below the first published point: what is above idle power there is what the first busy CPU wakes,
 * and a straight line. The results rise by 0.54 of idle power over the first tenth of the load
 * (median); how much of it the first busy CPU wakes is not published. 0.06 for each of both
 * exponential terms, with a spread of 0.15, is an own choice, wider than the fit's: nothing else
 * makes this guess unsure. */
static struct idle_guess guess_below(double power_w, double load, uint32_t cpus)
{
    double at_point = 1 / curve[0].ratio - 1, sd_at_point = curve[0].sd / curve[0].ratio;
    struct curve_awake point = curve_awake(curve[0].load * cpus), awake = curve_awake(load * cpus);
    double line = at_point - wake_mean * (point.fast + point.slow);
    double wake_variance = wake_sd * wake_sd;
    double line_variance = sd_at_point * sd_at_point - wake_variance * square_of_both(point);
    double part = load / curve[0].load;
    double above = wake_mean * (awake.fast + awake.slow) + line * part;
    double variance = wake_variance * square_of_both(awake) + line_variance * part * part;
    return guess_of(power_w / (1 + above), sqrt(variance) / (1 + above));
}

static struct idle_guess guess_at(double power_w, double load, uint32_t cpus)
{
    if (load < curve[0].load)
        return guess_below(power_w, load, cpus);
    size_t at = 1;
    while (at + 1 < ARRAY_SIZE(curve) && load > curve[at].load)
        at++;
    double span = curve[at].load - curve[at - 1].load;
    double part = fmin((load - curve[at - 1].load) / span, 1);
    double ratio = curve[at - 1].ratio + part * (curve[at].ratio - curve[at - 1].ratio);
    double sd = curve[at - 1].sd + part * (curve[at].sd - curve[at - 1].sd);
    return guess_of(power_w * ratio, sd);
}

struct idle_guess idle_prior_guess(const struct idle_prior *prior, uint32_t cpus)
{
    struct idle_guess best = {0};
    for (size_t i = 0; i < IDLE_PRIOR_BINS; i++) {
        const struct idle_prior_bin *bin = &prior->bins[i];
        if (bin->weight_s < least_s)
            continue;
        struct idle_guess guess = guess_at(bin->power_w, bin->load, cpus);
        if (best.sd_w == 0 || guess.sd_w < best.sd_w)
            best = guess;
    }
    return best;
}
