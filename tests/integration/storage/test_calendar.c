/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Civil hours and days, in the zones where they are least simple. */

#include "store_fixture.h"

#include "storage/calendar.h"

static void check_day(const char *zone, const char *time, const char *begin, int64_t hours,
                      int64_t utc_offset_s)
{
    struct calendar_span span;
    fixture_zone(zone);
    calendar_day(utc(time), &span);
    assert_int_equal(span.begin_s, utc(begin));
    assert_int_equal(span.end_s - span.begin_s, hours * HOUR);
    assert_int_equal(span.utc_offset_s, utc_offset_s);
}

/* Dates that have passed: what is to come changes with each release of the time zone database. */
static void test_days(void **state)
{
    (void)state;
    check_day("Europe/Paris", "2026-11-23 12:00", "2026-11-22 23:00", 24, 3600);
    check_day("Europe/Paris", "2026-03-29 12:00", "2026-03-28 23:00", 23, 3600);
    check_day("Europe/Paris", "2026-10-25 00:30", "2026-10-24 22:00", 25, 7200);
    check_day("Europe/Paris", "2026-10-25 01:30", "2026-10-24 22:00", 25, 7200);
    check_day("America/Guadeloupe", "2026-11-23 03:59", "2026-11-22 04:00", 24, -4 * HOUR);
    check_day("Pacific/Marquesas", "2026-11-23 12:00", "2026-11-23 09:30", 24, -34200);
    /* Midnight does not exist: 00:00 is 01:00. */
    check_day("Africa/Cairo", "2024-04-26 12:00", "2024-04-25 22:00", 23, 3 * HOUR);
    /* Midnight comes twice: 01:00 is 00:00 again. */
    check_day("America/Havana", "2023-11-05 12:00", "2023-11-05 04:00", 25, -4 * HOUR);
    /* 30 December 2011 does not exist. */
    check_day("Pacific/Apia", "2011-12-30 09:59", "2011-12-29 10:00", 24, -10 * HOUR);
    check_day("Pacific/Apia", "2011-12-30 10:00", "2011-12-30 10:00", 24, 14 * HOUR);
    /* Before 1970. */
    check_day("UTC", "1969-12-31 23:59", "1969-12-31 00:00", 24, 0);
}

static void check_hour(const char *zone, const char *time, const char *begin, int64_t minutes)
{
    struct calendar_span span;
    fixture_zone(zone);
    calendar_hour(utc(time), &span);
    assert_int_equal(span.begin_s, utc(begin));
    assert_int_equal(span.end_s - span.begin_s, minutes * 60);
}

static void test_hours(void **state)
{
    (void)state;
    check_hour("Europe/Paris", "2026-11-23 12:34", "2026-11-23 12:00", 60);
    check_hour("Pacific/Marquesas", "2026-11-23 12:34", "2026-11-23 12:30", 60);
    check_hour("Asia/Kathmandu", "2026-11-23 12:10", "2026-11-23 11:15", 60);
    /* 02:00 to 03:00 comes twice: two hours. */
    check_hour("Europe/Paris", "2026-10-25 00:59", "2026-10-25 00:00", 60);
    check_hour("Europe/Paris", "2026-10-25 01:00", "2026-10-25 01:00", 60);
    /* Half an hour back at 02:00, which is 15:00 UTC: 01:30 to 02:00 comes twice. */
    check_hour("Australia/Lord_Howe", "2026-04-04 14:59", "2026-04-04 14:00", 60);
    check_hour("Australia/Lord_Howe", "2026-04-04 15:00", "2026-04-04 15:00", 30);
    check_hour("UTC", "1969-12-31 23:59", "1969-12-31 23:00", 60);
}

/* Every time lies in its span, all of a span agree on it, and hours fill the day without rest. */
static void test_partition(void **state)
{
    (void)state;
    static const char *const zones[] = {
        "Europe/Paris",      "America/Guadeloupe", "Pacific/Marquesas", "Australia/Lord_Howe",
        "America/Sao_Paulo", "Africa/Cairo",       "Asia/Kathmandu",    "America/Havana"};
    uint64_t random = random_seed();
    for (int i = 0; i < 2000; i++) {
        fixture_zone(zones[random_below(&random, ARRAY_SIZE(zones))]);
        int64_t time_s = (int64_t)random_below(&random, INT64_C(2145916800));
        struct calendar_span day, other;
        calendar_day(time_s, &day);
        assert_true(day.begin_s <= time_s && time_s < day.end_s);
        calendar_day(day.begin_s, &other);
        assert_true(other.begin_s == day.begin_s && other.end_s == day.end_s);
        calendar_day(day.end_s - 1, &other);
        assert_true(other.begin_s == day.begin_s && other.end_s == day.end_s);
        calendar_day(day.end_s, &other);
        assert_int_equal(other.begin_s, day.end_s);
        int64_t at_s = day.begin_s;
        while (at_s < day.end_s) {
            struct calendar_span hour;
            calendar_hour(at_s, &hour);
            assert_int_equal(hour.begin_s, at_s);
            at_s = hour.end_s;
        }
        assert_int_equal(at_s, day.end_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_partition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
