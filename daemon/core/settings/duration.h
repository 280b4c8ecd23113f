/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Spans of time as systemd writes them: "500ms", "1h 30min", "1.5d", "10y". Pure. */

#include "greend/base.h"

enum { DURATION_NO_UNIT = 1 /* a number without a unit: seconds? minutes? nobody knows */ };

/* Reads a whole text. A month is 30.4375 days and a year 365.25, as in systemd.time(7).
 * 0 or DURATION_NO_UNIT; -EINVAL: not a duration; -ERANGE: longer than 584 years. */
int duration_parse(const char *text, uint64_t *ret_ns);
