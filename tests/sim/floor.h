/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Two splits that are told idle and dynamic power at every moment, and where each workload ran.
 *
 *   floor        knows each workload's mean own watts per CPU-second over the whole run too. What
 * it is off by is what one number a workload cannot say. equal watts  knows nothing of the
 * workloads. What it is off by is what knowing idle power alone leaves.
 */

#include "sim/sim.h"

struct floor {
    double watts[SIM_DOMAINS][SIM_WORKLOADS];
    double nobody_watts[SIM_DOMAINS];
    double split_j[SIM_WORKLOADS];
    double equal_j[SIM_WORKLOADS];
};

/* Runs the simulation once for the means after `after_s`. NULL: no memory. */
struct floor *floor_new(const struct scenario *scenario, uint64_t seed, double hours,
                        double after_s);

/* Splits this step, both ways. */
void floor_split(struct floor *floor, const struct sim *sim);
