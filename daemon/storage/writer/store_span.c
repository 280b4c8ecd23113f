/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Which hour and day a minute belongs to. What was written once stands: a span that contains the
 * minute is used whatever the clock or the time zone says now, and a new one takes only the room
 * that its neighbours leave. So spans never overlap, each hour lies in one day, and the sums of
 * days, hours and minutes agree through every change of clocks. */

#include "storage/store_internal.h"

static int add_span(struct store *store, enum level level, int64_t minute_s,
                    const struct calendar_span *span)
{
    sqlite3_stmt *add = store->statements[STORE_SPAN_NEW + level];
    database_bind(add, "iiii", span->begin_s, span->end_s - span->begin_s,
                  (int64_t)span->utc_offset_s, minute_s);
    return database_run(add);
}

/* The span that contains the minute, within limits; made where there is none. */
static int find_span(struct store *store, enum level level, int64_t minute_s,
                     const struct calendar_span *limits, struct calendar_span *ret_span)
{
    struct calendar_span room = *limits;
    sqlite3_stmt *before = store->statements[STORE_SPAN_BEFORE + level];
    database_bind(before, "i", minute_s);
    int r = database_step(before);
    if (r == DATABASE_ROW) {
        struct calendar_span span = {.begin_s = sqlite3_column_int64(before, 0)};
        span.end_s = span.begin_s + sqlite3_column_int64(before, 1);
        (void)sqlite3_reset(before);
        if (span.end_s > minute_s) {
            *ret_span = span;
            return 0;
        }
        room.begin_s = MAX(room.begin_s, span.end_s);
    }
    sqlite3_stmt *after = store->statements[STORE_SPAN_AFTER + level];
    database_bind(after, "i", minute_s);
    r = r < 0 ? r : database_step(after);
    if (r == DATABASE_ROW) {
        room.end_s = MIN(room.end_s, sqlite3_column_int64(after, 0));
        (void)sqlite3_reset(after);
    }
    if (r < 0)
        return r;
    struct calendar_span span;
    (level == LEVEL_DAY ? calendar_day : calendar_hour)(minute_s, &span);
    span.begin_s = MAX(span.begin_s, room.begin_s);
    span.end_s = MIN(span.end_s, room.end_s);
    r = add_span(store, level, minute_s, &span);
    if (r == 0)
        *ret_span = span;
    return r;
}

int store_place(struct store *store, int64_t minute_s, const struct store_place **ret_place)
{
    static const struct calendar_span unlimited = {INT64_MIN, INT64_MAX, 0};
    struct store_place *place = &store->place;
    *ret_place = place;
    if (place->valid && place->begin_s[LEVEL_MINUTE] == minute_s)
        return 0;
    place->valid = false;
    struct calendar_span day = {0}, hour = {0};
    int r = find_span(store, LEVEL_DAY, minute_s, &unlimited, &day);
    if (r == 0)
        r = find_span(store, LEVEL_HOUR, minute_s, &day, &hour);
    if (r < 0)
        return r;
    place->begin_s[LEVEL_MINUTE] = minute_s;
    place->begin_s[LEVEL_HOUR] = hour.begin_s;
    place->begin_s[LEVEL_DAY] = day.begin_s;
    for (enum level level = LEVEL_MINUTE; r == 0 && level < LEVELS; level++) {
        sqlite3_stmt *touch = store->statements[STORE_SPAN_TOUCH + level];
        database_bind(touch, level == LEVEL_MINUTE ? "i" : "iii", place->begin_s[level], minute_s,
                      minute_s + STORE_MINUTE_S);
        r = database_run(touch);
    }
    place->valid = r == 0;
    return r;
}
