/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the formulas of others make of the same samples. They are given greend's complete CPU times,
 * ended children included, and exact energies: what is compared is the formula alone. */

#include "sim/sim.h"

struct peers {
    double kepler_uj[SIM_WORKLOADS];
    double scaphandre_uj[SIM_WORKLOADS];
    double share_uj[SIM_WORKLOADS];
};

/* energy_uj: of all domains in this tick. */
void peers_tick(struct peers *peers, const struct sample *sample, uint64_t energy_uj);
