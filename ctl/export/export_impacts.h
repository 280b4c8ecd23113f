/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Footprints of hosts for exports, each by what its own database tells of it, with the factors of
 * whoever exports. */

#include "export/export.h"

struct export_impacts {
    struct use_impacts use;
    struct embodied embodied; /* of the machine, or of its part of the host, over its life */
    struct amortised amortised;
    struct figure hardware[CRITERIA]; /* of embodied, the period's */
};

/* The factors that the configuration chooses. CTL_*, with errors said. */
int export_factors_load(const struct ctl_arguments *arguments, struct factor_table **ret);

/* energy_uj and its uncertainty: of the machine, or of a part of it. */
void export_impacts_of(const struct factor_table *factors, const struct export_host *host,
                       struct export_impacts *ret);

/* What is missing for the use phase and for the hardware, as "say country= in [site]"; NULL:
 * nothing is. */
const char *export_impacts_use_gap(const struct export_host *host,
                                   const struct export_impacts *impacts);
const char *export_impacts_hardware_gap(const struct export_host *host,
                                        const struct export_impacts *impacts);
