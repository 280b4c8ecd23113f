/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/idle_prior.h"

#include <math.h>

static const double memory_s = 20000;
static const double least_s = 10;

/* What a mean over ten seconds and more is off by even on an idle machine. */
static const double noise_share = 0.01;

/* Idle power / power at that load: median and relative standard deviation, SPECpower_ssj2008
 * results of machines available since 2012. At no load it is 1 by definition. */
static const struct {
    double load, ratio, sd;
} curve[] = {
    {0,   1,     0   },
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

/* Below a load of 10 % there are no published points: the first busy core wakes what all share, so
 * power rises steeply from idle, as a square root. */
static struct idle_guess guess_at(double power_w, double load)
{
    size_t at = 1;
    while (at + 1 < ARRAY_SIZE(curve) && load > curve[at].load)
        at++;
    double span = curve[at].load - curve[at - 1].load;
    double part = fmin(fmax((load - curve[at - 1].load) / span, 0), 1);
    if (at == 1)
        part = sqrt(part);
    double ratio = curve[at - 1].ratio + part * (curve[at].ratio - curve[at - 1].ratio);
    double sd = curve[at - 1].sd + part * (curve[at].sd - curve[at - 1].sd);
    double idle_w = power_w * ratio;
    /* Not hypot(): where this is built against glibc 2.35 or newer, that asks for 2.35. */
    return (struct idle_guess){idle_w, idle_w * sqrt(sd * sd + noise_share * noise_share)};
}

struct idle_guess idle_prior_guess(const struct idle_prior *prior)
{
    struct idle_guess best = {0};
    for (size_t i = 0; i < IDLE_PRIOR_BINS; i++) {
        const struct idle_prior_bin *bin = &prior->bins[i];
        if (bin->weight_s < least_s)
            continue;
        struct idle_guess guess = guess_at(bin->power_w, bin->load);
        if (best.sd_w == 0 || guess.sd_w < best.sd_w)
            best = guess;
    }
    return best;
}
