/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "footprint/tables/intensity_time.h"

#include "footprint/words/decimal.h"
#include "greend/footprint.h"

enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60, WINTER_S = HOUR_S, SUMMER_S = 2 * HOUR_S };

/* YYYY-MM-DD */
static int parse_day(const char *text, int32_t *ret_day)
{
    char date[11];
    memcpy(date, text, 10);
    date[10] = '\0';
    return date_parse(date, ret_day);
}

/* HH:MM or HH:MM:SS; *ret_length: how much that was. */
static int parse_clock(const char *text, size_t length, int *ret_s, size_t *ret_length)
{
    if (length < 5 || text[2] != ':')
        return -EINVAL;
    int hours = digits_parse(text, 2);
    int minutes = digits_parse(text + 3, 2);
    int seconds = 0;
    *ret_length = 5;
    if (length >= 8 && text[5] == ':') {
        seconds = digits_parse(text + 6, 2);
        *ret_length = 8;
    }
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
        return -EINVAL;
    *ret_s = hours * HOUR_S + minutes * MINUTE_S + seconds;
    return 0;
}

/* Z, +01:00 or +0100 */
static int parse_offset(const char *text, size_t length, int *ret_s)
{
    if (length == 1 && *text == 'Z') {
        *ret_s = 0;
        return 0;
    }
    bool colon = length == 6 && text[3] == ':';
    if ((length != 5 && !colon) || (*text != '+' && *text != '-'))
        return -EINVAL;
    int hours = digits_parse(text + 1, 2);
    int minutes = digits_parse(text + length - 2, 2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return -EINVAL;
    int offset_s = hours * HOUR_S + minutes * MINUTE_S;
    *ret_s = *text == '-' ? -offset_s : offset_s;
    return 0;
}

int time_parse(struct field field, bool utc, int64_t *ret_s)
{
    const char *text = field.begin;
    size_t length = field_length(field);
    int32_t day = 0;
    int clock_s = 0;
    int offset_s = 0;
    size_t clock_length = 0;
    if (length < 16 || (text[10] != 'T' && text[10] != ' ') || parse_day(text, &day) < 0 ||
        parse_clock(text + 11, length - 11, &clock_s, &clock_length) < 0)
        return -EINVAL;
    size_t left = length - 11 - clock_length;
    if (left == 0 && !utc)
        return -EINVAL;
    if (left > 0 && parse_offset(text + length - left, left, &offset_s) < 0)
        return -EINVAL;
    *ret_s = (int64_t)day * DAY_S + clock_s - offset_s;
    return 0;
}

/* ---- French legal time ---- */

/* The last Sunday of March or October of the year of a day, as a day. */
static int32_t last_sunday(int32_t day, int month)
{
    enum { THURSDAY = 4 /* 1970-01-01 */, WEEK = 7 };
    char text[11];
    int32_t last = 0;
    date_format(day, text);
    text[5] = month == 3 ? '0' : '1';
    text[6] = month == 3 ? '3' : '0';
    text[8] = '3';
    text[9] = '1';
    (void)date_parse(text, &last);
    return last - (last + THURSDAY) % WEEK;
}

int time_parse_paris(struct field day_field, struct field time_field, int64_t *ret_s)
{
    char text[10];
    int32_t day = 0;
    int clock_s = 0;
    size_t clock_length = 0;
    if (field_length(day_field) != sizeof(text))
        return -EINVAL;
    const char *s = day_field.begin;
    if (s[2] == '/' && s[5] == '/') { /* 01/11/2026 */
        memcpy(text, s + 6, 4);
        memcpy(text + 5, s + 3, 2);
        memcpy(text + 8, s, 2);
        text[4] = text[7] = '-';
    } else {
        memcpy(text, s, sizeof(text));
    }
    if (parse_day(text, &day) < 0 ||
        parse_clock(time_field.begin, field_length(time_field), &clock_s, &clock_length) < 0 ||
        clock_length != field_length(time_field))
        return -EINVAL;
    int32_t spring = last_sunday(day, 3);
    int32_t autumn = last_sunday(day, 10);
    bool second_hour = clock_s >= 2 * HOUR_S && clock_s < 3 * HOUR_S;
    bool summer = (day > spring && day < autumn) || (day == spring && clock_s >= 3 * HOUR_S) ||
                  (day == autumn && clock_s < 3 * HOUR_S);
    *ret_s = (int64_t)day * DAY_S + clock_s - (summer ? SUMMER_S : WINTER_S);
    if (day == spring && second_hour)
        return WALL_NEVER;
    return day == autumn && second_hour ? WALL_TWICE : WALL_ONCE;
}
