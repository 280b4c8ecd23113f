/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Times as systemd writes them, see systemd.time(7), in the time zone of the process (TZ). */

#include "greend/base.h"

/* "now", "today", "yesterday", "tomorrow", "2026-11-01", "2026-11-01 12:00[:00]", "2026-11",
 * "12:00[:00]" (today), each but the first with " UTC" behind it if so meant; as reports write it,
 * "2026-11-01T12:00:00+0100"; "-2h", "+1d", "2h ago"; "@1793491200". A local time that happens
 * twice, when the clocks are set back, is the first. -EINVAL: none of these. */
int period_parse(const char *text, int64_t now_s, int64_t *ret_s);

struct period {
    int64_t since_s;
    int64_t until_s; /* exclusive */
};

enum { PERIOD_BACKWARDS = 1 /* it would end before it begins */ };

/* NULL for until is now; for since, the midnight before until. -EINVAL: ret_wrong is the text that
 * is no time. */
int period_resolve(const char *since, const char *until, int64_t now_s, struct period *ret_period,
                   const char **ret_wrong);

/* Midnight of the day that this second belongs to. */
int64_t period_midnight(int64_t time_s);
