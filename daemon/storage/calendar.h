/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Civil hours and days of the time zone that the process runs in (TZ). */

#include "greend/base.h"

struct calendar_span {
    int64_t begin_s; /* UNIX time, a whole minute */
    int64_t end_s;   /* exclusive */
    int32_t utc_offset_s;
};

/* The civil hour or day that contains a time. A day has 23, 24 or 25 hours where the clocks change;
 * an hour ends where the clocks change, so the hour that is repeated in autumn is two spans. Any
 * time from the year -290000 to 290000 is accepted. Thread-safe while TZ does not change. */
void calendar_hour(int64_t time_s, struct calendar_span *ret_span);
void calendar_day(int64_t time_s, struct calendar_span *ret_span);
