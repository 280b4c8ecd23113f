/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What several verbs tell in JSON; docs/report.md describes it. */

#include "inventory/inventory.h"
#include "output/json.h"

/* null for what is unknown; else value, min, max (null where no band is published) and band. */
json_t *json_figure(const struct figure *figure);

/* null for what is not known. */
void json_set_number(json_t *object, const char *key, bool known, double value);

/* ISO 8601 with its offset, in the time zone of the process. */
void json_set_time(json_t *object, const char *key, int64_t time_s);

/* {"GWP": ..., ...} */
json_t *json_impacts(const struct figure impacts[CRITERIA]);

/* NULL: no set. */
json_t *json_factor_sets(const struct factor_table *table);

json_t *json_gaps(const struct inventory_gap *gaps, size_t n);
