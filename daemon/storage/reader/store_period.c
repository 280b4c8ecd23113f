/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Periods: days in the middle, hours and minutes at the edges, as far as they are kept. */

#include "storage/reader/reader_internal.h"

static uint64_t positive(int64_t value)
{
    return value > 0 ? (uint64_t)value : 0;
}

static int read_span(sqlite3_stmt *statement, enum level level, struct reader_span *ret)
{
    enum { LONGEST_S = 7 * 86400 }; /* a day is longer where the time zone changes */
    int64_t begin_s = sqlite3_column_int64(statement, 0);
    int64_t length_s = sqlite3_column_int64(statement, 1);
    *ret = (struct reader_span){
        .level = level,
        .begin_s = begin_s,
        .first_s = sqlite3_column_int64(statement, 2),
        .last_s = sqlite3_column_int64(statement, 3),
        .covered_ns = positive(sqlite3_column_int64(statement, 4)),
        .gap_ns = positive(sqlite3_column_int64(statement, 5)),
        .parts_kept = sqlite3_column_int64(statement, 6) != 0,
        .memory_ns = positive(sqlite3_column_int64(statement, 7)),
        .weight_ns = positive(sqlite3_column_int64(statement, 8)),
    };
    if (!reader_knows_time(begin_s) || length_s < 0 || length_s > LONGEST_S ||
        !reader_knows_time(ret->first_s) || !reader_knows_time(ret->last_s))
        return -EUCLEAN;
    ret->end_s = begin_s + length_s;
    return 0;
}

/* ---- Edges ---- */

/* The span with data on both sides of a time: DATABASE_ROW or DATABASE_DONE. */
static int find_around(struct store_reader *reader, enum level level, int64_t time_s,
                       struct reader_span *ret_span)
{
    sqlite3_stmt *statement = NULL;
    int r = reader_statement(reader, READER_SPAN_AT + level, &statement);
    if (r < 0)
        return r;
    database_bind(statement, "i", time_s);
    r = database_step(statement);
    if (r != DATABASE_ROW)
        return r;
    r = read_span(statement, level, ret_span);
    (void)sqlite3_reset(statement);
    if (r < 0)
        return r;
    return ret_span->first_s < time_s && time_s < ret_span->last_s ? DATABASE_ROW : DATABASE_DONE;
}

/* Moves an edge out of the finest span that it would cut. */
static int move_edge(struct store_reader *reader, int64_t *edge_s, bool upwards)
{
    struct reader_span span = {.parts_kept = true};
    for (enum level level = LEVELS; span.parts_kept && level-- > LEVEL_MINUTE;) {
        int r = find_around(reader, level, *edge_s, &span);
        if (r != DATABASE_ROW)
            return r; /* it cuts nothing there, so nothing finer either */
    }
    *edge_s = upwards ? span.last_s : span.first_s;
    return 0;
}

int reader_resolve(struct store_reader *reader, int64_t since_s, int64_t until_s,
                   struct store_period *ret_period)
{
    sqlite3_stmt *extent = NULL;
    int r = reader_statement(reader, READER_EXTENT, &extent);
    if (r == 0)
        r = database_step(extent);
    if (r != DATABASE_ROW)
        return r < 0 ? r : -EUCLEAN;
    bool empty = sqlite3_column_type(extent, 0) == SQLITE_NULL;
    int64_t first_s = sqlite3_column_int64(extent, 0);
    int64_t last_s = sqlite3_column_int64(extent, 1);
    struct store_period period = {.since_s = MAX(since_s, first_s),
                                  .until_s = MIN(until_s, last_s)};
    (void)sqlite3_reset(extent);
    if (!reader_knows_time(first_s) || !reader_knows_time(last_s))
        return -EUCLEAN;
    if (empty || period.since_s >= period.until_s)
        return STORE_NO_DATA;
    r = move_edge(reader, &period.since_s, false);
    if (r >= 0)
        r = move_edge(reader, &period.until_s, true);
    if (r >= 0)
        *ret_period = period;
    return r;
}

/* ---- The walk ---- */

struct walk {
    struct store_reader *reader;
    const struct store_period *period;
    enum store_group group;
    int (*visit)(void *userdata, const struct reader_span *span,
                 const struct reader_bucket *bucket);
    void *userdata;
};

/* The part of a span that lies in the period. */
static struct reader_bucket clip(const struct walk *walk, int64_t begin_s, int64_t end_s)
{
    int64_t since_s = MAX(begin_s, walk->period->since_s);
    return (struct reader_bucket){since_s, MIN(end_s, walk->period->until_s) - since_s};
}

/* Visits the spans of a level that begin from begin_s on and before end_s, or their parts where the
 * period cuts them or an answer by the hour needs them. row: the span whose row they belong to,
 * NULL for the whole period's. */
static int walk_level(const struct walk *walk, enum level level, int64_t begin_s, int64_t end_s,
                      const struct reader_span *row)
{
    sqlite3_stmt *spans = NULL;
    enum level row_level = walk->group == STORE_BY_HOUR ? LEVEL_HOUR : LEVEL_DAY;
    int answer = 0;
    int r = reader_statement(walk->reader, READER_SPANS + level, &spans);
    if (r < 0)
        return r;
    database_bind(spans, "ii", begin_s, end_s);
    while (answer == 0 && (r = database_step(spans)) == DATABASE_ROW) {
        struct reader_span span;
        r = read_span(spans, level, &span);
        if (r < 0)
            break;
        if (span.last_s <= walk->period->since_s || span.first_s >= walk->period->until_s)
            continue;
        const struct reader_span *own =
            walk->group != STORE_BY_WORKLOAD && level >= row_level ? &span : row;
        bool inside = span.first_s >= walk->period->since_s && span.last_s <= walk->period->until_s;
        bool divided = span.parts_kept && (!inside || level > row_level);
        struct reader_bucket bucket =
            own ? clip(walk, own->begin_s, own->end_s) : clip(walk, INT64_MIN, INT64_MAX);
        if (divided)
            answer = walk_level(walk, level - 1, span.begin_s, span.end_s, own);
        else
            answer = walk->visit(walk->userdata, &span, &bucket);
    }
    (void)sqlite3_reset(spans);
    return answer ? answer : r;
}

int reader_walk(struct store_reader *reader, const struct store_period *period,
                enum store_group group,
                int (*visit)(void *userdata, const struct reader_span *span,
                             const struct reader_bucket *bucket),
                void *userdata)
{
    struct walk walk = {reader, period, group, visit, userdata};
    return walk_level(&walk, LEVEL_DAY, INT64_MIN, period->until_s, NULL);
}

/* ---- Answers ---- */

void reader_add_cover(struct store_period *sum, const struct reader_span *span)
{
    sum->covered_ns = add_saturated(sum->covered_ns, span->covered_ns);
    sum->gap_ns = add_saturated(sum->gap_ns, span->gap_ns);
    sum->memory_ns = add_saturated(sum->memory_ns, span->memory_ns);
    sum->weight_ns = add_saturated(sum->weight_ns, span->weight_ns);
}

struct cover {
    struct store_period sum;
    bool visited;
};

static int add_cover(void *userdata, const struct reader_span *span,
                     const struct reader_bucket *bucket)
{
    (void)bucket;
    struct cover *cover = userdata;
    cover->visited = true;
    reader_add_cover(&cover->sum, span);
    return 0;
}

int store_reader_period(struct store_reader *reader, int64_t since_s, int64_t until_s,
                        struct store_period *ret_period)
{
    struct cover cover = {0};
    int r = reader_begin(reader);
    if (r == 0)
        r = reader_resolve(reader, since_s, until_s, &cover.sum);
    if (r == 0)
        r = reader_walk(reader, &cover.sum, STORE_BY_WORKLOAD, add_cover, &cover);
    if (r == 0 && !cover.visited)
        r = STORE_NO_DATA;
    if (r == 0)
        *ret_period = cover.sum;
    return reader_end(reader, r);
}

struct cover_rows {
    int (*row)(void *userdata, int64_t begin_s, int64_t length_s, uint64_t covered_ns,
               uint64_t gap_ns);
    void *userdata;
    struct reader_bucket bucket;
    struct cover cover; /* of the bucket */
};

static int emit_cover(struct cover_rows *rows)
{
    const struct store_period sum = rows->cover.sum;
    if (!rows->cover.visited)
        return 0;
    rows->cover = (struct cover){0};
    return rows->row(rows->userdata, rows->bucket.begin_s, rows->bucket.length_s, sum.covered_ns,
                     sum.gap_ns);
}

static int collect_cover(void *userdata, const struct reader_span *span,
                         const struct reader_bucket *bucket)
{
    struct cover_rows *rows = userdata;
    int r = rows->bucket.begin_s != bucket->begin_s ? emit_cover(rows) : 0;
    rows->bucket = *bucket;
    return r ? r : add_cover(&rows->cover, span, bucket);
}

int store_reader_spans(struct store_reader *reader, const struct store_period *period,
                       enum store_group group,
                       int (*row)(void *userdata, int64_t begin_s, int64_t length_s,
                                  uint64_t covered_ns, uint64_t gap_ns),
                       void *userdata)
{
    struct cover_rows rows = {.row = row, .userdata = userdata};
    struct store_period resolved = {0};
    int r = reader_begin(reader);
    if (r == 0)
        r = reader_resolve(reader, period->since_s, period->until_s, &resolved);
    if (r != 0)
        return reader_end(reader, r == STORE_NO_DATA ? 0 : r);
    r = reader_walk(reader, &resolved, group, collect_cover, &rows);
    if (r == 0)
        r = emit_cover(&rows);
    return reader_end(reader, r);
}
