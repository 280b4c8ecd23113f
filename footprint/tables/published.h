/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Tables of electricity mixes that others publish and that may not come with greend: an operator's
 * own copy becomes a factor file. Known by their headers:
 *
 * - electrical_mix.csv of BoaviztAPI: GWP, ADPe, AP, PM, IR and PE, of each country the value with
 *   the least `priority`; set "boaviztapi";
 * - characterizationFactors.csv of NumEcoEval's reference data: the rows of electricity-mix in GWP,
 *   ADPe, AP, PM and IR; set "numecoeval-table". */

#include "core/text.h"
#include "greend/factors.h"

/* Appends a factor file to ret_text. Places that are not in ISO 3166 stand in it as comments.
 * version: of the published table, as the operator knows it, in the letters of a factor file. name:
 * what the table is called in errors and in sources. Bytes may be anything. 0; FACTORS_WRONG:
 * nothing was appended, and ret_errors says why; -ENOMEM. What was appended is to be read by
 * factor_table_add() before it is believed. */
int factors_from_published(const char *name, const char *version, const char *bytes, size_t length,
                           struct text *ret_text, struct factor_errors *ret_errors);
