/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "period.h"

#include <time.h>

#include "core/settings/duration.h"
#include "greend/units.h"

static bool same_wall(const struct tm *a, const struct tm *b)
{
    return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon && a->tm_mday == b->tm_mday &&
           a->tm_hour == b->tm_hour && a->tm_min == b->tm_min && a->tm_sec == b->tm_sec;
}

/* mktime(3) may answer either of two equal wall times. Clocks are set back by an hour, on Lord Howe
 * Island by half of one. */
static time_t first_of_two(time_t found, const struct tm *wall)
{
    static const time_t steps_s[] = {1800, 3600};
    for (size_t i = 0; i < ARRAY_SIZE(steps_s); i++) {
        struct tm before;
        time_t earlier = found - steps_s[i];
        if (localtime_r(&earlier, &before) && same_wall(&before, wall))
            return earlier;
    }
    return found;
}

/* -EINVAL for a day that does not exist: February 30. An hour that does not exist, when the clocks
 * are set forward, is moved out of the gap. */
static int wall_to_time(const struct tm *wall, bool utc, int64_t *ret_s)
{
    struct tm copy = *wall;
    copy.tm_isdst = -1;
    time_t found = utc ? timegm(&copy) : mktime(&copy);
    if (copy.tm_mday != wall->tm_mday || copy.tm_mon != wall->tm_mon)
        return -EINVAL;
    *ret_s = utc ? found : first_of_two(found, &copy);
    return 0;
}

static void wall_of(int64_t time_s, bool utc, struct tm *ret)
{
    time_t time = (time_t)time_s;
    if (!(utc ? gmtime_r(&time, ret) : localtime_r(&time, ret)))
        *ret = (struct tm){.tm_mday = 1, .tm_year = 70};
}

/* The midnight that is `days` after the one before time_s. */
static int64_t midnight(int64_t time_s, int days, bool utc)
{
    struct tm wall;
    wall_of(time_s, utc, &wall);
    wall.tm_mday += days;
    wall.tm_hour = wall.tm_min = wall.tm_sec = 0;
    wall.tm_isdst = -1;
    time_t found = utc ? timegm(&wall) : mktime(&wall);
    return utc ? found : first_of_two(found, &wall);
}

int64_t period_midnight(int64_t time_s)
{
    return midnight(time_s, 0, false);
}

static int parse_word(const char *text, int64_t now_s, bool utc, int64_t *ret_s)
{
    static const struct {
        const char *word;
        int days;
    } words[] = {
        {"today",     0 },
        {"yesterday", -1},
        {"tomorrow",  1 }
    };
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (str_equal(text, words[i].word)) {
            *ret_s = midnight(now_s, words[i].days, utc);
            return 0;
        }
    return -EINVAL;
}

static int two_digits(const char *text)
{
    bool are = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    return are ? (text[0] - '0') * 10 + text[1] - '0' : -1;
}

/* "Z", "+0100" or "+01:00", as reports write it. */
static int parse_offset(const char *text, int64_t *ret_s)
{
    size_t length = strlen(text);
    if (str_equal(text, "Z")) {
        *ret_s = 0;
        return 0;
    }
    if ((*text != '+' && *text != '-') || !(length == 5 || (length == 6 && text[3] == ':')))
        return -EINVAL;
    int hours = two_digits(text + 1);
    int minutes = two_digits(text + length - 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return -EINVAL;
    int64_t offset_s = hours * 3600 + minutes * 60;
    *ret_s = *text == '-' ? -offset_s : offset_s;
    return 0;
}

static int parse_wall(const char *text, int64_t now_s, bool utc, int64_t *ret_s)
{
    static const struct {
        const char *format;
        bool of_today, with_offset;
    } formats[] = {
        {"%Y-%m-%d %H:%M:%S", false, true },
        {"%Y-%m-%d %H:%M",    false, true },
        {"%Y-%m-%dT%H:%M:%S", false, true },
        {"%Y-%m-%dT%H:%M",    false, true },
        {"%Y-%m-%d",          false, false},
        {"%Y-%m",             false, false},
        {"%H:%M:%S",          true,  false},
        {"%H:%M",             true,  false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        struct tm wall = {.tm_mday = 1};
        if (formats[i].of_today)
            wall_of(now_s, utc, &wall);
        wall.tm_hour = wall.tm_min = wall.tm_sec = 0;
        const char *end = strptime(text, formats[i].format, &wall);
        if (end && *end == '\0')
            return wall_to_time(&wall, utc, ret_s);
        int64_t offset_s = 0, time_s = 0;
        if (end && formats[i].with_offset && !utc && parse_offset(end, &offset_s) == 0) {
            int r = wall_to_time(&wall, true, &time_s);
            if (r == 0)
                *ret_s = time_s - offset_s;
            return r;
        }
    }
    return -EINVAL;
}

/* "-2h", "+2h", or "2h" from "2h ago". */
static int parse_relative(const char *duration, int sign, int64_t now_s, int64_t *ret_s)
{
    uint64_t ns = 0;
    if (duration_parse(duration, &ns) != 0)
        return -EINVAL;
    *ret_s = now_s + sign * (int64_t)(ns / NS_PER_S);
    return 0;
}

static int parse_unix(const char *digits, int64_t *ret_s)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(digits, &end, 10);
    if (errno != 0 || *end != '\0' || digits[0] < '0' || digits[0] > '9' ||
        value > INT64_C(253402300799)) /* the end of the year 9999 */
        return -EINVAL;
    *ret_s = value;
    return 0;
}

/* Cuts the ending off; false if it is not there. */
static bool cut_ending(char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t cut = strlen(ending);
    if (length <= cut || !str_equal(text + length - cut, ending))
        return false;
    text[length - cut] = '\0';
    return true;
}

int period_parse(const char *text, int64_t now_s, int64_t *ret_s)
{
    char copy[64];
    if (!str_copy(copy, sizeof(copy), text))
        return -EINVAL;
    if (str_equal(copy, "now")) {
        *ret_s = now_s;
        return 0;
    }
    if (*copy == '@')
        return parse_unix(copy + 1, ret_s);
    if (*copy == '-' || *copy == '+')
        return parse_relative(copy + 1, *copy == '-' ? -1 : 1, now_s, ret_s);
    if (cut_ending(copy, " ago"))
        return parse_relative(copy, -1, now_s, ret_s);
    bool utc = cut_ending(copy, " UTC");
    if (parse_word(copy, now_s, utc, ret_s) == 0)
        return 0;
    return parse_wall(copy, now_s, utc, ret_s);
}

int period_resolve(const char *since, const char *until, int64_t now_s, struct period *ret_period,
                   const char **ret_wrong)
{
    struct period period = {.until_s = now_s};
    if (until && period_parse(until, now_s, &period.until_s) < 0) {
        *ret_wrong = until;
        return -EINVAL;
    }
    period.since_s = midnight(period.until_s - 1, 0, false);
    if (since && period_parse(since, now_s, &period.since_s) < 0) {
        *ret_wrong = since;
        return -EINVAL;
    }
    if (period.since_s >= period.until_s)
        return PERIOD_BACKWARDS;
    *ret_period = period;
    return 0;
}
