/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/calendar.h"

#include <time.h>

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* Further than any hour or day reaches, in minutes. A zone that crosses the date line may have a
 * day of 48 hours. */
enum { HOUR_REACH = 2 * 60, DAY_REACH = 50 * 60 };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int32_t offset_at(int64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm civil;
    return localtime_r(&time, &civil) ? (int32_t)civil.tm_gmtoff : 0;
}

static bool same_hour(int64_t a, int64_t b)
{
    int32_t offset_a = offset_at(a), offset_b = offset_at(b);
    return offset_a == offset_b &&
           floor_div(a + offset_a, HOUR_S) == floor_div(b + offset_b, HOUR_S);
}

static bool same_day(int64_t a, int64_t b)
{
    return floor_div(a + offset_at(a), DAY_S) == floor_div(b + offset_at(b), DAY_S);
}

/* Looks for the edges by bisection and not through mktime(): midnight may not exist (Cairo) or
 * come twice (Havana), and mktime() cannot say which one it took. */
static void find_edges(int64_t time_s, int64_t reach, bool (*same)(int64_t, int64_t),
                       struct calendar_span *ret_span)
{
    int64_t minute = floor_div(time_s, MINUTE_S);
    int64_t outside = minute - reach, inside = minute;
    while (inside - outside > 1) {
        int64_t middle = outside + (inside - outside) / 2;
        *(same(middle * MINUTE_S, time_s) ? &inside : &outside) = middle;
    }
    ret_span->begin_s = inside * MINUTE_S;
    inside = minute;
    outside = minute + reach;
    while (outside - inside > 1) {
        int64_t middle = inside + (outside - inside) / 2;
        *(same(middle * MINUTE_S, time_s) ? &inside : &outside) = middle;
    }
    ret_span->end_s = outside * MINUTE_S;
    ret_span->utc_offset_s = offset_at(ret_span->begin_s);
}

void calendar_hour(int64_t time_s, struct calendar_span *ret_span)
{
    find_edges(time_s, HOUR_REACH, same_hour, ret_span);
}

void calendar_day(int64_t time_s, struct calendar_span *ret_span)
{
    find_edges(time_s, DAY_REACH, same_day, ret_span);
}
