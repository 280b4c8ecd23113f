/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Retention: what is past it goes, what is not stays, and a wrong clock does not empty a history.
 */

#include "store_fixture.h"

#define START INT64_C(1795392000) /* 2026-11-23 00:00 UTC */

struct state {
    struct fixture fixture;
    struct batch *batch;
};

static int begin(void **state)
{
    struct state *s = calloc(1, sizeof(*s));
    s->batch = batch_new();
    fixture_zone("UTC");
    fixture_begin(&s->fixture);
    s->fixture.options.retention_minutes_s = 2 * HOUR;
    s->fixture.options.retention_hours_s = DAY;
    s->fixture.options.retention_days_s = 3 * DAY;
    fixture_open(&s->fixture);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct state *s = *state;
    fixture_end(&s->fixture);
    free(s->batch);
    free(s);
    return 0;
}

/* Commits a period of minutes by the hour. */
static void run(struct state *s, int64_t since_s, int64_t until_s)
{
    for (int64_t at_s = since_s; at_s < until_s; at_s += HOUR) {
        batch_clear(s->batch);
        batch_minutes(s->batch, at_s, MIN(at_s + HOUR, until_s), 1000);
        assert_int_equal(fixture_commit(&s->fixture, s->batch, MIN(at_s + HOUR, until_s)), 0);
    }
}

static int64_t oldest(const struct state *s, const char *table)
{
    char sql[96];
    (void)snprintf(sql, sizeof(sql), "SELECT min(begin_s) FROM %s", table);
    return fixture_query(&s->fixture, sql);
}

static void test_each_level_has_its_time(void **state)
{
    struct state *s = *state;
    struct store_event event = {.time_s = START, .kind = STORE_EVENT_START};
    struct store_meter meter = {"package-0", 5, 6, 7};
    batch_energy(s->batch, START, 5, 2, 77);
    s->batch->store.events = &event;
    s->batch->store.n_events = 1;
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START), 0);
    run(s, START, START + 5 * DAY);
    assert_int_equal(oldest(s, "minute_span"), START + 5 * DAY - 2 * HOUR);
    assert_int_equal(oldest(s, "minute_energy"), START + 5 * DAY - 2 * HOUR);
    assert_int_equal(oldest(s, "minute_cpu"), START + 5 * DAY - 2 * HOUR);
    assert_int_equal(oldest(s, "minute_reserved"), START + 5 * DAY - 2 * HOUR);
    assert_int_equal(oldest(s, "hour_span"), START + 4 * DAY);
    assert_int_equal(oldest(s, "hour_energy"), START + 4 * DAY);
    assert_int_equal(oldest(s, "hour_cpu"), START + 4 * DAY);
    assert_int_equal(oldest(s, "hour_reserved"), START + 4 * DAY);
    assert_int_equal(oldest(s, "day_span"), START + 2 * DAY);
    assert_int_equal(oldest(s, "day_energy"), START + 2 * DAY);
    assert_int_equal(oldest(s, "day_cpu"), START + 2 * DAY);
    assert_int_equal(oldest(s, "day_reserved"), START + 2 * DAY);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM event"), 0);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM workload"), 1);
    assert_int_equal(fixture_query(&s->fixture, "SELECT sum(energy_uj) FROM day_energy"),
                     3 * 1440 * 1000);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM pragma_foreign_key_check"),
                     0);
    /* Long after: the meters and the position stay. */
    batch_clear(s->batch);
    s->batch->store.meters = &meter;
    s->batch->store.n_meters = 1;
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 50 * DAY), 0);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 51 * DAY), 0);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM day_span"), 0);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM workload"), 0);
    assert_int_equal(fixture_query(&s->fixture, "SELECT raw_uj FROM meter"), 5);
    assert_int_equal(fixture_query(&s->fixture, "SELECT total_uj FROM state"), s->fixture.total_uj);
}

static void test_not_more_than_once_an_hour(void **state)
{
    struct state *s = *state;
    run(s, START, START + 4 * HOUR);
    assert_int_equal(oldest(s, "minute_span"), START + 2 * HOUR);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 5 * HOUR - 1), 0);
    assert_int_equal(oldest(s, "minute_span"), START + 2 * HOUR);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 5 * HOUR), 0);
    assert_int_equal(oldest(s, "minute_span"), START + 3 * HOUR);
}

/* 2046 for an hour: nothing is lost, and afterwards pruning goes on as if it had not been. */
static void test_clock_far_ahead(void **state)
{
    struct state *s = *state;
    int64_t wrong_s = START + DAY * 20 * 365;
    run(s, START, START + 6 * HOUR);
    run(s, wrong_s, wrong_s + HOUR);
    fixture_close(&s->fixture);
    fixture_open(&s->fixture);
    run(s, START + 7 * HOUR, START + 8 * HOUR);
    assert_int_equal(oldest(s, "hour_span"), START);
    assert_int_equal(oldest(s, "minute_span"), START + 4 * HOUR);
    run(s, START + 8 * HOUR, START + 10 * HOUR);
    assert_int_equal(oldest(s, "minute_span"), START + 8 * HOUR);
    assert_int_equal(fixture_query(&s->fixture, "SELECT sum(energy_uj) FROM day_energy"),
                     s->fixture.total_uj);
}

/* A machine that was off for long: its clock is right, and is believed after a day. */
static void test_long_absence(void **state)
{
    struct state *s = *state;
    int64_t back_s = START + 100 * DAY;
    run(s, START, START + 6 * HOUR);
    run(s, back_s, back_s + 23 * HOUR);
    assert_int_equal(oldest(s, "day_span"), START);
    run(s, back_s + 23 * HOUR, back_s + 26 * HOUR);
    assert_int_equal(oldest(s, "day_span"), back_s);
    assert_int_equal(oldest(s, "minute_span"), back_s + 24 * HOUR);
}

/* A longer level is never kept shorter than a finer one: a reader could not tell what is missing.
 */
static void test_retention_in_the_wrong_order(void **state)
{
    struct state *s = *state;
    fixture_close(&s->fixture);
    s->fixture.options.retention_minutes_s = 2 * DAY;
    s->fixture.options.retention_hours_s = HOUR;
    s->fixture.options.retention_days_s = 0;
    fixture_open(&s->fixture);
    run(s, START, START + 30 * HOUR);
    fixture_check(&s->fixture);
}

static void test_events_are_limited(void **state)
{
    struct state *s = *state;
    struct store_event *events = calloc(60000, sizeof(*events));
    assert_non_null(events);
    for (int i = 0; i < 60000; i++)
        events[i] = (struct store_event){.time_s = START + i, .kind = STORE_EVENT_RESET};
    s->batch->store.events = events;
    s->batch->store.n_events = 60000;
    for (int i = 0; i < 2; i++)
        assert_int_equal(fixture_commit(&s->fixture, s->batch, START + i * HOUR), 0);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM event"), 100000);
    assert_int_equal(fixture_query(&s->fixture, "SELECT min(id) FROM event"), 20001);
    free(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_level_has_its_time, begin, end),
        cmocka_unit_test_setup_teardown(test_not_more_than_once_an_hour, begin, end),
        cmocka_unit_test_setup_teardown(test_clock_far_ahead, begin, end),
        cmocka_unit_test_setup_teardown(test_long_absence, begin, end),
        cmocka_unit_test_setup_teardown(test_retention_in_the_wrong_order, begin, end),
        cmocka_unit_test_setup_teardown(test_events_are_limited, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
