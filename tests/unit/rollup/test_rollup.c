/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "random.h"
#include "support/rollup_bench.h"

static void test_every_microjoule_once(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct bench bench;
    bench_begin(&bench);
    for (int i = 0; i < 300; i++) {
        uint64_t energies[DOMAINS];
        for (int d = 0; d < DOMAINS; d++)
            energies[d] = random_bits(&random, 30);
        push_frame(&bench, random_bits(&random, 38), (uint32_t)random_below(&random, 100),
                   1 + (uint32_t)random_below(&random, 50), energies, 0);
        assert_int_equal(read_all(&bench), 0);
    }
    assert_exact(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (size_t i = 1; i < batch.n_energies; i++)
        assert_true(batch.energies[i - 1].begin_s <= batch.energies[i].begin_s);
    assert_int_equal(batch.position.frame, 300);
    bench_end(&bench);
}

/* A reader that was overtaken finds the energy by the running totals and gives it to nobody. */
static void test_missed_frames_are_unattributed(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    assert_int_equal(read_all(&bench), 0);
    for (int i = 0; i < 1000; i++)
        push_frame(&bench, NS_PER_S, 10, 5, energies, 0);
    assert_int_equal(read_all(&bench), 1);
    assert_exact(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    uint64_t lost = 0;
    for (size_t i = 0; i < batch.n_events; i++)
        lost += batch.events[i].kind == STORE_EVENT_LOST ? batch.events[i].energy_uj : 0;
    uint64_t unattributed = 0;
    for (int d = 0; d < DOMAINS; d++)
        unattributed += batch_uj(&batch, d, WORKLOAD_UNATTRIBUTED);
    assert_true(lost > 0);
    assert_int_equal(lost, unattributed);
    bench_end(&bench);
}

static void test_parts_that_do_not_add_up(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    push_frame(&bench, NS_PER_S, 10, 5, energies, 1);
    (void)read_all(&bench);
    assert_exact(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_SERVICE), 0);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_UNATTRIBUTED), 5001);
    bench_end(&bench);
}

/* A store that takes nothing for days: memory has a limit, the sums stay exact. */
static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    for (int i = 0; i < 1500; i++) {
        push_frame(&bench, 60 * NS_PER_S, 10 + (uint32_t)i, 200, energies, 0);
        (void)read_all(&bench);
        assert_true(rollup_cells(bench.rollup) <= ROLLUP_CELLS_MAX);
    }
    assert_exact(&bench);
    bench_end(&bench);
}

/* Pushes an empty frame a minute; takes each in. */
static void idle_minutes(struct bench *bench, int minutes)
{
    const uint64_t energies[DOMAINS] = {0};
    for (int i = 0; i < minutes; i++) {
        bench->gap_ns = i % 7 == 0 ? 7 : 0;
        push_frame(bench, 60 * NS_PER_S, 10, 1, energies, 0);
        (void)read_all(bench);
    }
}

static void assert_spans(struct bench *bench, uint64_t covered_ns, uint64_t gap_ns)
{
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    assert_true(batch.n_spans <= ROLLUP_SPANS_MAX);
    for (size_t i = 0; i < batch.n_spans; i++) {
        covered_ns -= batch.spans[i].covered_ns;
        gap_ns -= batch.spans[i].gap_ns;
        assert_int_equal(batch.spans[i].begin_s % 60, 0);
    }
    assert_int_equal(covered_ns, 0);
    assert_int_equal(gap_ns, 0);
}

/* A disk that is full for months: the spans are bounded as well, and no time is lost. */
static void test_spans_are_bounded(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    uint64_t minutes = 0;
    for (uint64_t weeks = 1; weeks <= 35; weeks++) {
        idle_minutes(&bench, 7 * 1440);
        minutes += UINT64_C(7) * 1440;
        assert_spans(&bench, minutes * 60 * NS_PER_S, minutes);
    }
    bench_end(&bench);
}

/* A clock that is set all the time makes days without end. */
static void test_memory_is_bounded_whatever_the_clock_says(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    enum { FRAMES = 3 * ROLLUP_SPANS_MAX };
    for (int i = 0; i < FRAMES; i++) {
        bench.real_ns = (int64_t)random_below(&random, UINT64_C(1) << 62);
        push_frame(&bench, 60 * NS_PER_S, 10, 1, energies, 0);
        (void)read_all(&bench);
        assert_true(rollup_cells(bench.rollup) <= ROLLUP_CELLS_MAX);
    }
    assert_spans(&bench, FRAMES * 60 * NS_PER_S, 0);
    assert_exact(&bench);
    bench_end(&bench);
}

static void test_a_name_given_away_is_other(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    struct workload next = {.generation = 2, .kind = WORKLOAD_VM, .unit = "somebody else"};
    assert_int_equal(ring_table_put(&bench.ring, RING_TABLE_WORKLOAD, 10, &next), 0);
    const uint64_t energies[DOMAINS] = {1000, 200, 30, 4};
    push_frame(&bench, NS_PER_S, 10, 2, energies, 0);
    (void)read_all(&bench);
    assert_exact(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_OTHER), 1000);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_SERVICE), 1000);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_VM), 0);
    bench_end(&bench);
}

static void test_clock_and_reboot_events(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1, 1, 1, 1};
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    rollup_committed(bench.rollup);
    bench.real_ns -= 3600 * (int64_t)NS_PER_S;
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch.n_events, 1);
    assert_int_equal(batch.events[0].kind, STORE_EVENT_CLOCK);
    assert_int_equal(batch.events[0].duration_ns, 3600 * NS_PER_S);

    /* While no daemon ran. */
    rollup_committed(bench.rollup);
    bench_commit(&bench);
    next_daemon(&bench);
    bench.real_ns += 1800 * (int64_t)NS_PER_S;
    bench.asleep_ns += 600 * NS_PER_S;
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch.n_events, 1);
    assert_int_equal(batch.events[0].kind, STORE_EVENT_CLOCK);
    assert_int_equal(batch.events[0].duration_ns, 1200 * NS_PER_S);

    /* After a reboot the ring is a new one: only the store knows the boot before. */
    rollup_committed(bench.rollup);
    bench_commit(&bench);
    bench_forget_ring(&bench);
    bench.boot_id[0] = 2;
    bench.stored.position.real_ns = bench.real_ns += (int64_t)(7200 * NS_PER_S);
    next_daemon(&bench);
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch.n_events, 1);
    assert_int_equal(batch.events[0].kind, STORE_EVENT_REBOOT);
    bench_end(&bench);
}

/* Nobody measured for an hour, then the machine slept, with a meter to tell of it and without: no
 * clock was set. Nor is that known of a store that does not tell how long it had slept. */
static void test_a_gap_is_not_a_set_clock(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1, 1, 1, 1};
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    bench.mono_ns += 3600 * NS_PER_S;
    bench.real_ns += (int64_t)(3600 * NS_PER_S);
    bench.gap_ns = 3600 * NS_PER_S;
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    for (int told = 1; told >= 0; told--) {
        bench.real_ns += (int64_t)(3600 * NS_PER_S);
        bench.asleep_ns += 3600 * NS_PER_S;
        bench.gap_ns = told ? 3600 * NS_PER_S : 0;
        push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    }
    (void)read_all(&bench);
    bench_commit(&bench);
    bench.stored.position.boottime_ns = 0; /* of a store that does not tell */
    next_daemon(&bench);
    bench.real_ns += (int64_t)(3600 * NS_PER_S);
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (size_t i = 0; i < batch.n_events; i++)
        assert_int_equal(batch.events[i].kind, STORE_EVENT_GAP);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_microjoule_once),
        cmocka_unit_test(test_missed_frames_are_unattributed),
        cmocka_unit_test(test_parts_that_do_not_add_up),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_spans_are_bounded),
        cmocka_unit_test(test_memory_is_bounded_whatever_the_clock_says),
        cmocka_unit_test(test_a_name_given_away_is_other),
        cmocka_unit_test(test_clock_and_reboot_events),
        cmocka_unit_test(test_a_gap_is_not_a_set_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
