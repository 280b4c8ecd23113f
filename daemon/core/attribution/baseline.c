/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/baseline.h"

#include <math.h>

#include "greend/units.h"

static const double line_memory_s = 1800;
static const double level_memory_s = 20000;
static const double level_least_s = 10;
static const double level_load = 0.01; /* of all CPUs: below this the machine counts as idle */

/* Watts that one more busy CPU costs: mean and standard deviation of the prior. Of 619 published
 * SPECpower_ssj2008 results (wall power), (P at 100 % - P at idle) / threads has a median of 6.0 W
 * and lies between 2.2 and 11.7 W for 80 %; a package meter sees less than the wall. */
static const double prior_slope_w = 5;
static const double prior_slope_sd_w = 3;
static const double least_slope_share = 0.15;
static const double absurd_w = 1e6; /* no host uses a megawatt: a broken meter */

/* Standard deviation of one second's power around the line: 5 % of the mean and half a watt. */
static const double noise_share = 0.05;
static const double noise_w = 0.5;

void baseline_learn(struct baseline *b, uint64_t energy_uj, uint64_t interval_ns, uint64_t busy_ns,
                    uint32_t cpus)
{
    if (interval_ns == 0 || energy_uj == 0 || cpus == 0)
        return;
    double dt = (double)interval_ns / (double)NS_PER_S;
    double power = (double)energy_uj / (double)UJ_PER_J / dt;
    if (power > absurd_w)
        return;
    double load = fmin((double)busy_ns / (double)interval_ns, cpus);
    /* A long interval is one sample, not thousands that agree. */
    double weight = fmin(dt, 10);
    double keep = exp(-dt / line_memory_s);

    b->weight_s = b->weight_s * keep + weight;
    b->load = b->load * keep + weight * load;
    b->power = b->power * keep + weight * power;
    b->load_squared = b->load_squared * keep + weight * load * load;
    b->load_power = b->load_power * keep + weight * load * power;

    if (load < level_load * cpus) {
        b->level_weight_s = fmin(b->level_weight_s + weight, level_memory_s);
        b->level_w += (power - b->level_w) * weight / b->level_weight_s;
    } else {
        b->level_weight_s *= exp(-dt / level_memory_s);
    }
}

/* Intercept of the fitted line in W. */
static double baseline_line_w(const struct baseline *b)
{
    double load = b->load / b->weight_s;
    double power = b->power / b->weight_s;
    double variance = fmax(0, b->load_squared / b->weight_s - load * load);
    double covariance = b->load_power / b->weight_s - load * power;

    /* A domain that uses little cannot spend the prior's watts on a core: half of what it has. */
    double prior = load > 0 ? fmin(prior_slope_w, 0.5 * power / load) : prior_slope_w;
    double prior_precision = 1 / (prior_slope_sd_w * prior_slope_sd_w);
    double noise = noise_share * power + noise_w;
    double precision = b->weight_s / (noise * noise);
    double slope = (covariance * precision + prior * prior_precision) /
                   (variance * precision + prior_precision);
    return power - fmax(slope, least_slope_share * prior) * load;
}

uint64_t baseline_idle_uw(const struct baseline *b)
{
    if (b->weight_s <= 0)
        return 0;
    double mean_w = b->power / b->weight_s;
    double idle_w = b->level_weight_s >= level_least_s ? b->level_w : baseline_line_w(b);
    idle_w = fmin(fmax(idle_w, 0), mean_w);
    return (uint64_t)(idle_w * (double)UW_PER_W);
}
