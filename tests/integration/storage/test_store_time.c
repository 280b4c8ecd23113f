/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Clocks and zones: wherever a minute goes, days, hours and minutes hold the same joules, and spans
 * never overlap. */

#include "store_fixture.h"

#include <time.h>

/* Commits energy for each minute of a period, six hours at a time. */
static void run_through(struct fixture *fixture, struct batch *batch, int64_t since_s,
                        int64_t until_s)
{
    for (int64_t at_s = since_s; at_s < until_s; at_s += 6 * HOUR) {
        batch_clear(batch);
        batch_minutes(batch, at_s, MIN(at_s + 6 * HOUR, until_s), 1000);
        assert_int_equal(fixture_commit(fixture, batch, at_s + 6 * HOUR), 0);
    }
    fixture_check(fixture);
}

static int64_t day_value(const struct fixture *fixture, const char *column, const char *begin)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql), "SELECT %s FROM day_span WHERE begin_s = %lld", column,
                   (long long)utc(begin));
    return fixture_query(fixture, sql);
}

static void test_spring_and_autumn(void **state)
{
    (void)state;
    struct fixture fixture;
    struct batch *batch = batch_new();
    fixture_zone("Europe/Paris");
    fixture_begin(&fixture);
    fixture_keep_all(&fixture);
    fixture_open(&fixture);
    run_through(&fixture, batch, utc("2026-03-28 12:00"), utc("2026-03-30 12:00"));
    assert_int_equal(fixture_query(&fixture, "SELECT count(*) FROM day_span"), 3);
    assert_int_equal(day_value(&fixture, "length_s", "2026-03-28 23:00"), 23 * 3600);
    assert_int_equal(day_value(&fixture, "covered_ns / 1000000000", "2026-03-28 23:00"), 23 * 3600);
    assert_int_equal(fixture_query(&fixture, "SELECT count(*) FROM hour_span"), 48);
    run_through(&fixture, batch, utc("2026-10-24 12:00"), utc("2026-10-26 12:00"));
    assert_int_equal(day_value(&fixture, "length_s", "2026-10-24 22:00"), 25 * 3600);
    assert_int_equal(day_value(&fixture, "covered_ns / 1000000000", "2026-10-24 22:00"), 25 * 3600);
    /* Both hours from 02:00 to 03:00 are there, each with its own joules. */
    assert_int_equal(fixture_query(&fixture,
                                   "SELECT count(*) FROM hour_span WHERE length_s = 3600"
                                   " AND strftime('%H', begin_s + utc_offset_s, 'unixepoch') = '02'"
                                   " AND datetime(begin_s, 'unixepoch') IN"
                                   " ('2026-10-25 00:00:00', '2026-10-25 01:00:00')"),
                     2);
    fixture_end(&fixture);
    free(batch);
}

/* The lengths of all days, in their order; days and hours leave no hole. */
static void check_days(const struct fixture *fixture, const int64_t *lengths, int64_t count)
{
    char sql[128];
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM day_span"), count);
    for (int64_t i = 0; i < count; i++) {
        (void)snprintf(sql, sizeof(sql),
                       "SELECT length_s FROM day_span ORDER BY begin_s LIMIT 1 OFFSET %d", (int)i);
        assert_int_equal(fixture_query(fixture, sql), lengths[i]);
    }
    assert_int_equal(fixture_query(fixture,
                                   "SELECT sum(length_s) - (max(begin_s + length_s) - min(begin_s))"
                                   " FROM day_span"),
                     0);
    assert_int_equal(fixture_query(fixture,
                                   "SELECT sum(length_s) - (max(begin_s + length_s) - min(begin_s))"
                                   " FROM hour_span"),
                     0);
}

static void test_changed_zone(void **state)
{
    (void)state;
    struct fixture fixture;
    struct batch *batch = batch_new();
    fixture_begin(&fixture);
    fixture_keep_all(&fixture);
    fixture_zone("Europe/Paris");
    fixture_open(&fixture);
    run_through(&fixture, batch, utc("2026-11-01 23:00"), utc("2026-11-02 12:00"));
    fixture_close(&fixture);
    /* The day of Paris ends first; the rest of Guadeloupe's day follows, five hours. */
    fixture_zone("America/Guadeloupe");
    fixture_open(&fixture);
    run_through(&fixture, batch, utc("2026-11-02 12:00"), utc("2026-11-04 12:00"));
    fixture_close(&fixture);
    /* Guadeloupe's day ends at 04:00; that of the Marquesas at 09:30, hours at half past. */
    fixture_zone("Pacific/Marquesas");
    fixture_open(&fixture);
    run_through(&fixture, batch, utc("2026-11-04 12:00"), utc("2026-11-07 09:30"));
    const int64_t lengths[] = {86400, 5 * HOUR, 86400, 86400, 19800, 86400, 86400};
    check_days(&fixture, lengths, ARRAY_SIZE(lengths));
    assert_int_equal(fixture_query(&fixture,
                                   "SELECT count(*) FROM hour_span WHERE begin_s % 3600 = 1800"
                                   " AND length_s = 3600"),
                     15 + 53); /* before and after the last midnight of Guadeloupe */
    /* Eastwards again: the day between is what the other leaves of it. */
    fixture_close(&fixture);
    fixture_zone("Europe/Paris");
    fixture_open(&fixture);
    run_through(&fixture, batch, utc("2026-11-07 09:30"), utc("2026-11-08 23:00"));
    assert_int_equal(day_value(&fixture, "length_s", "2026-11-07 09:30"), 48600);
    assert_int_equal(day_value(&fixture, "length_s", "2026-11-07 23:00"), 86400);
    fixture_end(&fixture);
    free(batch);
}

static void test_clock_set_back_over_midnight(void **state)
{
    (void)state;
    struct fixture fixture;
    struct batch *batch = batch_new();
    fixture_zone("Europe/Paris");
    fixture_begin(&fixture);
    fixture_keep_all(&fixture);
    fixture_open(&fixture);
    run_through(&fixture, batch, utc("2026-11-01 23:00"), utc("2026-11-03 01:00"));
    run_through(&fixture, batch, utc("2026-11-02 22:00"), utc("2026-11-03 04:00"));
    assert_int_equal(fixture_query(&fixture, "SELECT count(*) FROM day_span"), 2);
    assert_int_equal(day_value(&fixture, "covered_ns / 1000000000", "2026-11-01 23:00"), 25 * 3600);
    assert_int_equal(fixture_query(&fixture, "SELECT count(*) FROM hour_span"), 29);
    /* A zone change that happens while the clock is back does not split what is there. */
    fixture_zone("Pacific/Marquesas");
    run_through(&fixture, batch, utc("2026-11-02 22:00"), utc("2026-11-03 06:00"));
    assert_int_equal(fixture_query(&fixture, "SELECT count(*) FROM day_span"), 2);
    fixture_end(&fixture);
    free(batch);
}

/* Random minutes in random zones, forwards and backwards. */
static void test_any_clock(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/Paris",        "America/Guadeloupe", "Pacific/Apia",
                                        "Australia/Lord_Howe", "Pacific/Marquesas",  "UTC"};
    struct fixture fixture;
    struct batch *batch = batch_new();
    fixture_begin(&fixture);
    fixture_keep_all(&fixture);
    fixture_zone("UTC");
    fixture_open(&fixture);
    uint64_t random = random_seed();
    int64_t now_s = utc("2026-10-20 00:00");
    for (int i = 0; i < 100; i++) {
        fixture_zone(zones[random_below(&random, ARRAY_SIZE(zones))]);
        int64_t step = (int64_t)random_below(&random, 5760) - 1440;
        now_s += step * 60;
        batch_clear(batch);
        for (uint32_t minute = 0; minute < 1 + random_below(&random, 60); minute++)
            for (uint32_t w = 0; w < FIXTURE_WORKLOADS; w++)
                batch_energy(batch, now_s + minute * MINUTE, w, w % FIXTURE_DOMAINS,
                             random_below(&random, 1000000000));
        assert_int_equal(fixture_commit(&fixture, batch, now_s), 0);
    }
    fixture_check(&fixture);
    fixture_end(&fixture);
    free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spring_and_autumn),
        cmocka_unit_test(test_changed_zone),
        cmocka_unit_test(test_clock_set_back_over_midnight),
        cmocka_unit_test(test_any_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
