/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the files of the store's readers share. */

#include "storage/store_internal.h"

enum reader_statement {
    READER_ENERGY,
    READER_CPU = READER_ENERGY + LEVELS,
    READER_RESERVED = READER_CPU + LEVELS,
    READER_SPANS = READER_RESERVED + LEVELS,
    READER_SPAN_AT = READER_SPANS + LEVELS,
    READER_EXTENT = READER_SPAN_AT + LEVELS,
    READER_EVENTS,
    READER_STATEMENTS
};

struct store_reader {
    sqlite3 *db;
    int64_t version;                             /* of its schema */
    sqlite3_stmt *statements[READER_STATEMENTS]; /* NULL: not needed so far */
    char error[STORE_ERROR_MAX];
};

/* Of enum reader_statement, made where it is not yet. -EUCLEAN: the file has no such table or
 * column. */
int reader_statement(struct store_reader *reader, unsigned which, sqlite3_stmt **ret_statement);

/* One snapshot for all that is read in between. Ending with r < 0 keeps the error's text; r is
 * returned. */
int reader_begin(struct store_reader *reader);
int reader_end(struct store_reader *reader, int r);

/* A minute, hour or day of the database. What it holds lies from first_s to last_s: data, not the
 * clock, says whether a span lies inside a period. */
struct reader_span {
    enum level level;
    int64_t begin_s;
    int64_t end_s;
    int64_t first_s;
    int64_t last_s;
    uint64_t covered_ns;
    uint64_t gap_ns;
    uint64_t memory_ns;
    uint64_t weight_ns;
    bool parts_kept; /* its hours or minutes are all there */
};

/* Whether greend could have written a time: a file from elsewhere may hold any, and sums of some
 * overflow. From 1970 in every zone to the end of 9999. */
static inline bool reader_knows_time(int64_t time_s)
{
    return time_s >= -INT64_C(2) * 86400 && time_s <= INT64_C(253402300800);
}

/* Adds what is known of a span's time to a sum of such. */
void reader_add_cover(struct store_period *sum, const struct reader_span *span);

/* A part of an answer: one row's time. */
struct reader_bucket {
    int64_t begin_s;
    int64_t length_s;
};

/* Moves the edges of a period outwards to the finest spans that are there, and inwards to where
 * the history begins and ends. 0, or STORE_NO_DATA where nothing is left of it; it may still lie in
 * a hole. */
int reader_resolve(struct store_reader *reader, int64_t since_s, int64_t until_s,
                   struct store_period *ret_period);

/* Calls visit() for spans that together hold a resolved period's data, each datum once, in the
 * order of time. */
int reader_walk(struct store_reader *reader, const struct store_period *period,
                enum store_group group,
                int (*visit)(void *userdata, const struct reader_span *span,
                             const struct reader_bucket *bucket),
                void *userdata);
