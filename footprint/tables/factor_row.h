/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* One row of a factor file. */

#include "footprint/tables/factor_complaint.h"

/* Fills all but set and line. False: it is wrong, and the first error was told. The line must stand
 * in memory that may be written to: the strings of the row become terminated there. */
bool factor_row_parse(struct complaint *complaint, struct field line, struct factor *ret_row);
