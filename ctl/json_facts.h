/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What several verbs tell of a footprint in JSON; docs/report.md describes it. */

#include "inventory.h"
#include "json.h"

/* null for what is unknown; else value, min, max (null where no band is published) and band. */
json_t *json_figure(const struct figure *figure);

/* {"GWP": ..., ...} */
json_t *json_impacts(const struct figure impacts[CRITERIA]);

/* NULL: no set. */
json_t *json_factor_sets(const struct factor_table *table);

json_t *json_gaps(const struct inventory_gap *gaps, size_t n);
