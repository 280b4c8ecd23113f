/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Times of intensity files. Pure. */

#include "footprint/tables/factor_complaint.h"

/* "2026-11-01T00:00:00+01:00", "2026-11-01 00:00Z": seconds may be absent, a blank may stand for
 * the T. utc: what has no offset is UTC; else it is wrong. -EINVAL. */
int time_parse(struct field field, bool utc, int64_t *ret_s);

enum {
    WALL_ONCE = 0,
    WALL_TWICE = 1, /* when clocks are set back: ret_s is the first; the second is an hour later */
    WALL_NEVER = 2, /* when they are set forward */
};

/* A day, "2026-11-01" or "01/11/2026", and a time, "00:30", of French legal time: by the rule of
 * the European Union in force since 1996. WALL_*, or -EINVAL. */
int time_parse_paris(struct field day, struct field time, int64_t *ret_s);
