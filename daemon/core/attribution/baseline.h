/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The idle power of one domain, learned from its own samples. Pure.
 *
 * Two estimates, the better one for the moment:
 *   level  the mean power of intervals in which the machine was nearly idle (below 1 % of its
 * CPUs); used once 10 s of such time were seen, forgotten over about 6 hours; line   the intercept
 * of power = idle + slope x busy cores, a least-squares fit that forgets over 30 minutes, its slope
 * held near a prior of 5 W per busy core until the samples say more. The line is all that a machine
 * can have that is never idle: its idle power is then a guess.
 *
 * Same samples, same result: no clock, no random number. */

#include "greend/base.h"

struct baseline {
    /* Sums over time-weighted, decayed samples: power in W, load in busy cores. */
    double weight_s, load, power, load_squared, load_power;
    double level_w, level_weight_s;
};

/* One interval of the domain: mean power (uW), mean number of busy cores, CPUs of the machine. An
 * interval of length 0 is ignored, and so is one without energy (a stuck or dead meter) or of more
 * than a megawatt. */
void baseline_learn(struct baseline *baseline, uint64_t energy_uj, uint64_t interval_ns,
                    uint64_t busy_ns, uint32_t cpus);

/* Idle power in uW; never above the mean power seen so far; 0 before the first sample. */
uint64_t baseline_idle_uw(const struct baseline *baseline);
