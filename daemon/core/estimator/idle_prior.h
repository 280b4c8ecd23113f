/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What can be said of a machine's idle power before it was seen idle. Pure.
 *
 * Of 373 published SPECpower_ssj2008 results of machines since 2012 (spec.org), the median and the
 * spread of idle power / power at a load of 10 to 100 % are known. So the power at the lowest load
 * that was seen says where idle power lies, the closer the lower that load was. Below 10 % it is
 * told from the busy CPUs: while the first of them is awake for a hundredth of the time, so is what
 * it wakes, and power is that of an idle machine to a few percent. */

#include "greend/base.h"

enum { IDLE_PRIOR_BINS = 14 };

/* Mean power and load seen in one range of load, forgotten over about six hours. */
struct idle_prior_bin {
    double weight_s, power_w, load;
};

struct idle_prior {
    struct idle_prior_bin bins[IDLE_PRIOR_BINS];
};

/* One interval: power, and load as a share of all CPUs (0 to 1). */
void idle_prior_learn(struct idle_prior *prior, double power_w, double load, double dt_s);

struct idle_guess {
    double idle_w, sd_w; /* sd_w 0: nothing was seen yet */
};

/* cpus: how many the load is a share of. */
struct idle_guess idle_prior_guess(const struct idle_prior *prior, uint32_t cpus);
