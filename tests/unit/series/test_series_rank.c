/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Which workloads have a series of their own, from when on and how long. */
#include "unit.h"

#include "series_bench.h"

static void test_newcomer_begins_at_zero(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    pass_beginning(&bench);
    uint32_t a = service(&bench, 10, "a");
    tick(&bench, 1, a, 5 * J);
    assert_true(series_is_shown(find(&bench, "a")));
    assert_int_equal(shown_mj(&bench, "a"), 0);
    assert_int_equal(bench.series->other[SOURCE_RAPL].energy.shown_mj, 5000);
    for (int second = 0; second < 65; second++) /* noticed, not yet counted */
        tick(&bench, 1, a, 5 * J);
    assert_int_equal(shown_mj(&bench, "a"), 0);
    tick(&bench, 1, a, 5 * J);
    assert_int_equal(shown_mj(&bench, "a"), 5000);
    assert_int_equal(bench.series->other[SOURCE_RAPL].energy.shown_mj, 66 * 5000);
    assert_int_equal(find(&bench, "a")->cpu_ns, NS_PER_S);
    bench_done(&bench);
}

static void test_beginning_has_no_past(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t a = service(&bench, 10, "a");
    tick(&bench, 1, a, 5 * J);
    tick(&bench, 1, a, 7 * J);
    assert_int_equal(shown_mj(&bench, "a"), 7000);
    bench_done(&bench);
}

static void test_users_are_one_series(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t root = machine_name(bench.machine, 10, 1, WORKLOAD_SERVICE, "a", "main", "root");
    uint32_t other = machine_name(bench.machine, 11, 1, WORKLOAD_SERVICE, "a", "main", "alice");
    tick(&bench, 1, root, 0);
    tick(&bench, 1, root, J);
    tick(&bench, 1, other, J);
    tick(&bench, 1, root, J);
    assert_int_equal(bench.series->n_keys, 1);
    assert_int_equal(shown_mj(&bench, "a"), 2000);
    bench_done(&bench);
}

/* An entry of the ring's table that names someone else by now. */
static void test_reused_entry(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t gone = service(&bench, 10, "a");
    (void)machine_name(bench.machine, 10, 2, WORKLOAD_SERVICE, "b", "main", "");
    tick(&bench, 1, gone, J);
    assert_int_equal(bench.series->n_keys, 0);
    assert_int_equal(bench.series->other[SOURCE_RAPL].energy.shown_mj, 1000);
    bench_done(&bench);
}

/* A year in minutes and hours: leaving after a day, coming back at the last value. */
static void test_leaving_and_return(void **state)
{
    (void)state;
    struct bench bench = bench_new(1);
    uint32_t a = service(&bench, 10, "a");
    uint32_t b = service(&bench, 11, "b");
    tick(&bench, 1, a, J);
    tick(&bench, 1, a, 9 * J);
    for (int minute = 0; minute < 24 * 60; minute++)
        tick(&bench, MINUTE_S, b, 100 * J);
    assert_true(series_is_shown(find(&bench, "a")));
    assert_true(series_is_shown(find(&bench, "b")));
    for (int minute = 0; minute < 24 * 60 && series_is_shown(find(&bench, "a")); minute++)
        tick(&bench, MINUTE_S, b, 100 * J);
    assert_false(series_is_shown(find(&bench, "a")));
    assert_int_equal(shown_mj(&bench, "a"), 9000);
    assert_int_equal(series_left_mj(bench.series, SOURCE_RAPL), 9000);
    uint64_t other_mj = bench.series->other[SOURCE_RAPL].energy.shown_mj;
    tick(&bench, MINUTE_S, a, 1000 * J);
    assert_int_equal(bench.series->other[SOURCE_RAPL].energy.shown_mj, other_mj + 1000000);
    for (int minute = 0; minute < 5; minute++)
        tick(&bench, MINUTE_S, a, 100000 * J);
    assert_true(series_is_shown(find(&bench, "a")));
    assert_in_range(shown_mj(&bench, "a"), 9000 + 100000000, 9000 + 500000000);
    assert_int_equal(series_left_mj(bench.series, SOURCE_RAPL), 0);
    bench_done(&bench);
}

/* A new best each two minutes: four times `top` are shown and no more. */
static void test_places_are_limited(void **state)
{
    (void)state;
    enum { TOP = 3, WORKLOADS = 200 };
    struct bench bench = bench_new(TOP);
    size_t most = 0;
    for (uint32_t i = 0; i < WORKLOADS; i++) {
        char unit[16];
        (void)snprintf(unit, sizeof(unit), "unit-%u", i);
        uint32_t id = service(&bench, 10 + i, unit);
        for (int j = 0; j < 4; j++) {
            tick(&bench, 30, id, (i + 1) * 100 * J);
            size_t shown = 0;
            for (size_t k = 0; k < bench.series->n_keys; k++)
                shown += series_is_shown(&bench.series->keys[bench.series->order[k]]);
            most = MAX(most, shown);
        }
    }
    assert_int_equal(most, 4 * TOP);
    bench_done(&bench);
}

/* More names than are remembered: the books stay exact, the great ones are kept. */
static void test_many_names(void **state)
{
    (void)state;
    struct bench bench = bench_new(5);
    uint32_t great = service(&bench, 2000, "great");
    for (uint32_t i = 0; i < 3 * SERIES_KEYS_MAX; i++) {
        char unit[16];
        (void)snprintf(unit, sizeof(unit), "unit-%u", i);
        uint32_t id = machine_name(bench.machine, 10 + i % 500, 1 + i / 500, WORKLOAD_SERVICE, unit,
                                   "main", "");
        machine_begin(bench.machine, NS_PER_S);
        machine_use(bench.machine, bench.package, id, 1, 1 + i % 5000, 1);
        machine_use(bench.machine, bench.package, great, 1, 2 * J, 1);
        machine_end(bench.machine, &bench.frame);
        assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
        if (i % 100 == 0)
            books_check(bench.series, bench.machine);
    }
    assert_true(bench.series->n_keys <= SERIES_KEYS_MAX);
    assert_true(bench.series->forgotten > 1);
    assert_true(shown_mj(&bench, "great") > 10000000);
    books_check(bench.series, bench.machine);
    bench_done(&bench);
}

/* Scores halve in an hour: what was used ten hours ago weighs a thousandth. */
static void test_decay(void **state)
{
    (void)state;
    struct bench bench = bench_new(1);
    uint32_t a = service(&bench, 10, "a");
    uint32_t b = service(&bench, 11, "b");
    tick(&bench, 1, a, 1000 * J);
    for (int minute = 0; minute < 600; minute++)
        tick(&bench, MINUTE_S, 0, 0);
    tick(&bench, 1, b, J);
    assert_in_range(find(&bench, "b")->score * 1000 / find(&bench, "a")->score, 1020, 1028);
    for (int hour = 0; hour < 100; hour++)
        tick(&bench, 3600, b, J);
    assert_int_equal(find(&bench, "a")->score, 0);
    assert_true(find(&bench, "b")->score > J);
    bench_done(&bench);
}

/* The series of a person goes with what they used, and what it showed is no longer whose it was;
 * the person that comes back begins at zero. Units of machines stay. */
static void test_persons_are_forgotten(void **state)
{
    (void)state;
    struct bench bench = bench_new(5);
    struct machine *machine = bench.machine;
    uint32_t alice = machine_name(machine, 10, 1, WORKLOAD_USER, "user-1000", "bash", "alice");
    uint32_t crowd = machine_name(machine, 11, 1, WORKLOAD_USER, "users", "bash", "users");
    uint32_t daemon = service(&bench, 12, "daemon");
    tick(&bench, 1, alice, J);
    tick(&bench, 1, alice, 1000 * J + 7);
    tick(&bench, 1, crowd, 1);
    tick(&bench, 1, daemon, 1);
    struct series *series = bench.series;
    for (int hour = 0; hour < 29; hour++) /* 2^30 uJ become 2 */
        tick(&bench, 3600, 0, 0);
    const struct series_workload *key = series_find(series, WORKLOAD_USER, "user-1000", "bash");
    assert_non_null(key);
    assert_int_equal(key->energy[SOURCE_RAPL].shown_mj, 1000000);
    uint64_t forgotten = series->forgotten;
    for (int hour = 0; hour < 2; hour++)
        tick(&bench, 3600, 0, 0);
    assert_null(series_find(series, WORKLOAD_USER, "user-1000", "bash"));
    assert_non_null(series_find(series, WORKLOAD_USER, "users", "bash"));
    assert_non_null(find(&bench, "daemon"));
    assert_int_equal(series_left_mj(series, SOURCE_RAPL), 1000000);
    assert_true(series->forgotten > forgotten); /* the stored rows as well */
    tick(&bench, 1, alice, J);
    assert_int_equal(
        series_find(series, WORKLOAD_USER, "user-1000", "bash")->energy[SOURCE_RAPL].shown_mj, 0);
    bench_done(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newcomer_begins_at_zero),
        cmocka_unit_test(test_beginning_has_no_past),
        cmocka_unit_test(test_users_are_one_series),
        cmocka_unit_test(test_reused_entry),
        cmocka_unit_test(test_leaving_and_return),
        cmocka_unit_test(test_places_are_limited),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_decay),
        cmocka_unit_test(test_persons_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
