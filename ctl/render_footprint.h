/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A report's footprint as parts of its table, JSON and CSV. */

#include <jansson.h>

#include "report_footprint.h"
#include "style.h"

/* The key "footprint" of the whole and of a row (NULL: the row has none), and the key "method":
 * every input, so that each number can be recomputed from it. docs/report.md lists their keys. */
json_t *footprint_json(const struct report_footprint *footprint);
json_t *footprint_row_json(const struct report_footprint *footprint, const struct report_row *row);
json_t *footprint_method_json(const struct report_footprint *footprint);

/* A civil time without its offset: a date begins at 00:00. */
void footprint_set_civil(json_t *object, const char *key, int64_t civil_s);

/* Columns behind those of the energy, each with a comma before it. */
void footprint_csv_titles(struct text *text);
void footprint_csv_cells(const struct report_footprint *footprint, const struct report_row *row,
                         struct text *text);

/* For a person: what stands below the rows. */
void footprint_table(const struct report_footprint *footprint, const struct style *style,
                     struct text *text);
