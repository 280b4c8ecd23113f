/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The number of functional units that an operator counted: one whole number, or a metric of a file
 * in the text format of Prometheus, whose samples are added up. Pure. */

#include "greend/base.h"

enum { UNITS_FILE_MAX = 1 << 20, UNITS_ERROR_MAX = 384 };

/* metric: NULL where the text is one number. -EINVAL: ret_error says what was expected, in one line
 * of escaped UTF-8. The bytes may be anything. */
int export_units_parse(const char *bytes, size_t length, const char *metric, uint64_t *ret_units,
                       char ret_error[UNITS_ERROR_MAX]);
