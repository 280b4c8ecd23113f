/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A year of a machine's life, made up: a hundred workloads, of which a few use most, in three
 * domains. */

#include "greend/store.h"

enum { HISTORY_WORKLOADS = 100, HISTORY_DOMAINS = 3 };

struct history {
    const char *path;
    int64_t end_s; /* a midnight, UTC */
    int64_t days;
    int64_t days_of_hours;
    int64_t days_of_minutes;
};

/* Fills a new database that store_open() has made with the buckets that its retention would have
 * left, in plain SQL: half a billion additions through store_commit() would take an hour.
 * ret_rows: rows of energy and CPU time. 0 or -EIO. */
int history_make(const struct history *history, uint64_t *ret_rows);

/* One minute of the same machine, for store_commit(), without a position. The arrays belong to this
 * module and are filled anew by each call. */
void history_minute(int64_t begin_s, struct store_batch *ret_batch);
