/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A report's footprint as parts of its table, JSON and CSV. */

#include <jansson.h>

#include "output/table.h"
#include "report/report_footprint.h"

/* The key "footprint" of the whole and of a row (NULL: the row has none), and the key "method":
 * every input, so that each number can be recomputed from it. docs/report.md lists their keys. */
json_t *footprint_json(const struct report_footprint *footprint);
json_t *footprint_row_json(const struct report_footprint *footprint, const struct report_row *row);
json_t *footprint_method_json(const struct report_footprint *footprint);

/* The keys "facts", "site" and "hardware": the inputs that are of one host. */
void footprint_set_facts(json_t *object, const struct report_footprint *footprint);

/* The keys of a row's footprint, or of a sum, that tell of its impacts. shared: embodied_share is
 * one number; of several hosts a row has another share of each one's. */
void footprint_set_impacts(json_t *object, const struct impacts *impacts, bool shared);

/* Whether each criterion holds all: {"GWP": true, ...}. */
json_t *footprint_complete_json(const bool complete[CRITERIA]);

/* A civil time without its offset: a date begins at 00:00. */
void footprint_set_civil(json_t *object, const char *key, int64_t civil_s);

/* Columns behind those of the energy, each with a comma before it. */
void footprint_csv_titles(struct text *text);
void footprint_csv_cells(const struct report_footprint *footprint, const struct report_row *row,
                         struct text *text);

/* Whether any number of the footprint was made with this factor. */
bool footprint_uses(const struct report_footprint *footprint, const struct factor *factor);

/* For a person: the table of impacts, where there is anything to tell, of all criteria or of those
 * that are known the most; and what stands below it, told to note() paragraph by paragraph. */
bool footprint_has_table(const struct report_footprint *footprint);
void footprint_fill_table(const struct report_footprint *footprint, const struct style *style,
                          bool all, struct table *table);
void footprint_tell(const struct report_footprint *footprint, const struct style *style,
                    void (*note)(void *userdata, const char *words), void *userdata);

/* A country with published factors in the language; others stay as ISO 3166 names them. */
const char *footprint_country(int geography);

/* Not among those: "The period is IN PROGRESS. ...": nothing where it is over and was measured in
 * full. */
void footprint_add_state(const struct report_footprint *footprint, struct text *line);
