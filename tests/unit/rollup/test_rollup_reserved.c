/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What workloads reserved, from the ring's records to the store's rows. */

#include "unit.h"

#include "support/rollup_bench.h"

enum { BOTH = RING_RESERVED_MEMORY | RING_RESERVED_WEIGHT, RECORDS_MAX = 16 };

/* Pushes a frame without energy that holds these records of reservations. */
static void push_reserved(struct bench *bench, uint64_t interval_ns,
                          const struct ring_reserved *records, size_t n)
{
    union ring_record record = {
        .frame = {.type = RING_FRAME,
                  .records = (uint32_t)(2 + n),
                  .number = ++bench->number,
                  .mono_ns = bench->mono_ns += interval_ns,
                  .real_ns = bench->real_ns += (int64_t)interval_ns,
                  .interval_ns = interval_ns}
    };
    ring_push(&bench->ring, &record);
    record = (union ring_record){
        .host = {.type = RING_HOST, .cpus = 4}
    };
    ring_push(&bench->ring, &record);
    for (size_t i = 0; i < n; i++) {
        record = (union ring_record){.reserved = records[i]};
        ring_push(&bench->ring, &record);
    }
    ring_publish(&bench->ring);
}

static struct ring_reserved all(uint8_t flags, uint64_t interval_ns)
{
    return (struct ring_reserved){.type = RING_RESERVED,
                                  .flags = flags,
                                  .workload = ring_workload_id(RING_WORKLOAD_IDLE, 1),
                                  .interval_ns = interval_ns};
}

static struct ring_reserved one(uint8_t flags, uint64_t interval_ns, uint32_t slot, uint64_t kib,
                                uint64_t ppb)
{
    return (struct ring_reserved){.type = RING_RESERVED,
                                  .flags = flags,
                                  .workload = ring_workload_id(slot, 1),
                                  .interval_ns = interval_ns,
                                  .memory_kib = kib,
                                  .weight_ppb = ppb};
}

struct sums {
    uint64_t memory_kib_s, weight_ppb_s;
    size_t rows, unknown_memory, unknown_weight;
    uint64_t covered_ns, memory_ns, weight_ns;
};

/* What the batch says of one unit, and of the time of all. */
static struct sums sum_up(struct bench *bench, const char *unit)
{
    struct sums sums = {0};
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    for (size_t i = 0; i < batch.n_reservations; i++) {
        const struct store_reservation *row = &batch.reservations[i];
        assert_int_equal(row->begin_s % 60, 0);
        assert_true(i == 0 || row[-1].begin_s < row->begin_s ||
                    (row[-1].begin_s == row->begin_s && row[-1].workload < row->workload));
        if (!str_equal(batch.workloads[row->workload].unit, unit))
            continue;
        sums.rows++;
        sums.unknown_memory += row->memory_kib_s == UINT64_MAX;
        sums.unknown_weight += row->weight_ppb_s == UINT64_MAX;
        sums.memory_kib_s += row->memory_kib_s == UINT64_MAX ? 0 : row->memory_kib_s;
        sums.weight_ppb_s += row->weight_ppb_s == UINT64_MAX ? 0 : row->weight_ppb_s;
    }
    for (size_t i = 0; i < batch.n_spans; i++) {
        sums.covered_ns += batch.spans[i].covered_ns;
        sums.memory_ns += batch.spans[i].memory_ns;
        sums.weight_ns += batch.spans[i].weight_ns;
        assert_true(i == 0 || batch.spans[i - 1].begin_s < batch.spans[i].begin_s);
    }
    return sums;
}

static void test_a_minute(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t minute_ns = 60 * NS_PER_S;
    const struct ring_reserved records[] = {
        all(BOTH, minute_ns),
        one(BOTH, minute_ns, 10, 1000, 400000000),
        one(BOTH, minute_ns, 11, 0, 600000000),
        {.type = 200, .workload = 77}, /* of a later greend */
    };
    push_reserved(&bench, NS_PER_S, records, ARRAY_SIZE(records));
    (void)read_all(&bench);
    struct sums sums = sum_up(&bench, "unit-10.service");
    assert_int_equal(sums.rows, 1);
    assert_int_equal(sums.memory_kib_s, 60000);
    assert_int_equal(sums.weight_ppb_s, UINT64_C(60) * 400000000);
    sums = sum_up(&bench, "unit-11.service");
    assert_int_equal(sums.rows, 1);
    assert_int_equal(sums.unknown_memory, 1); /* it held none that was told */
    assert_int_equal(sums.weight_ppb_s, UINT64_C(60) * 600000000);
    assert_int_equal(sums.memory_ns, minute_ns);
    assert_int_equal(sums.weight_ns, minute_ns);
    assert_int_equal(sums.covered_ns, NS_PER_S);
    rollup_committed(bench.rollup);
    assert_int_equal(sum_up(&bench, "unit-10.service").rows, 0);
    bench_end(&bench);
}

/* A reading that came late is spread over its minutes, and nothing of it is lost. */
static void test_readings_over_several_minutes(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t interval_ns = 150 * NS_PER_S;
    uint64_t total_ns = 0;
    for (int i = 0; i < 100; i++) {
        const struct ring_reserved records[] = {
            all(BOTH, interval_ns), one(BOTH, interval_ns, 10, 1000, RESERVED_WEIGHT_ALL)};
        push_reserved(&bench, interval_ns + NS_PER_S / 3, records, ARRAY_SIZE(records));
        total_ns += interval_ns;
    }
    (void)read_all(&bench);
    struct sums sums = sum_up(&bench, "unit-10.service");
    assert_in_range(sums.rows, 250, 252);
    assert_int_equal(sums.memory_kib_s, total_ns / NS_PER_S * 1000);
    assert_int_equal(sums.weight_ppb_s, total_ns);
    assert_int_equal(sums.memory_ns, total_ns);
    assert_int_equal(sums.weight_ns, total_ns);
    bench_end(&bench);
}

/* One frame of many units whose reading touches four minutes. */
static void test_many_units(void **state)
{
    (void)state;
    enum { UNITS = 1200 };
    struct bench bench;
    bench_begin(&bench);
    const uint64_t interval_ns = 180 * NS_PER_S;
    struct ring_reserved *records = calloc(UNITS + 1, sizeof(*records));
    assert_non_null(records);
    records[0] = all(BOTH, interval_ns);
    for (uint32_t i = 0; i < UNITS; i++)
        records[i + 1] = one(BOTH, interval_ns, 10 + i, 1000, 1000);
    bench.real_ns += 30 * (int64_t)NS_PER_S;
    push_reserved(&bench, NS_PER_S, records, UNITS + 1);
    (void)read_all(&bench);
    assert_int_equal(rollup_cells(bench.rollup), UNITS * 2 * 4);
    struct sums sums = sum_up(&bench, "unit-1000.service");
    assert_int_equal(sums.rows, 4);
    assert_int_equal(sums.memory_kib_s, 180000);
    free(records);
    bench_end(&bench);
}

/* What is not known is absent, not zero. */
static void test_what_is_not_known(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t minute_ns = 60 * NS_PER_S;
    const struct ring_reserved memory[] = {all(RING_RESERVED_MEMORY, minute_ns),
                                           one(RING_RESERVED_MEMORY, minute_ns, 10, 500, 77)};
    push_reserved(&bench, NS_PER_S, memory, ARRAY_SIZE(memory));
    (void)read_all(&bench);
    struct sums sums = sum_up(&bench, "unit-10.service");
    assert_int_equal(sums.rows, 1);
    assert_int_equal(sums.unknown_weight, 1);
    assert_int_equal(sums.memory_kib_s, 30000);
    assert_int_equal(sums.memory_ns, minute_ns);
    assert_int_equal(sums.weight_ns, 0);
    const struct ring_reserved weight[] = {all(RING_RESERVED_WEIGHT, minute_ns),
                                           one(RING_RESERVED_WEIGHT, minute_ns, 12, 500, 77)};
    push_reserved(&bench, NS_PER_S, weight, ARRAY_SIZE(weight));
    (void)read_all(&bench);
    sums = sum_up(&bench, "unit-12.service");
    assert_int_equal(sums.unknown_memory, 1);
    assert_int_equal(sums.weight_ppb_s, 60 * 77);
    assert_int_equal(sums.weight_ns, minute_ns);
    /* A frame that a reader missed took what it said with it. */
    assert_int_equal(sums.memory_ns, minute_ns);
    bench_end(&bench);
}

/* A ring may say anything. */
static void test_hostile_records(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const struct ring_reserved records[] = {
        all(0xff, UINT64_MAX),
        all(BOTH, 181 * NS_PER_S),
        one(BOTH, UINT64_MAX, 10, UINT64_MAX, UINT64_MAX),
        one(BOTH, 60 * NS_PER_S, 11, UINT64_MAX, UINT64_MAX),
        one(BOTH, 0, 12, UINT64_MAX, UINT64_MAX),
        {.type = RING_RESERVED,
                                               .flags = BOTH,
                                               .workload = UINT32_MAX,
                                               .interval_ns = 60 * NS_PER_S,
                                               .memory_kib = 5},
    };
    static const int64_t times_ns[] = {INT64_MIN, -1, 0, INT64_MAX, INT64_C(1800000000000000000)};
    for (size_t i = 0; i < ARRAY_SIZE(times_ns); i++) {
        bench.real_ns = times_ns[i] - (i == 0 ? 0 : (int64_t)NS_PER_S);
        push_reserved(&bench, NS_PER_S, records, ARRAY_SIZE(records));
        (void)read_all(&bench);
    }
    struct sums sums = sum_up(&bench, "unit-10.service");
    assert_int_equal(sums.rows, 0);
    assert_int_equal(sums.memory_ns + sums.weight_ns, 0);
    sums = sum_up(&bench, "unit-11.service");
    assert_true(sums.rows >= 4);
    assert_int_equal(sums.weight_ppb_s, UINT64_C(60) * ARRAY_SIZE(times_ns) * RESERVED_WEIGHT_ALL);
    assert_int_equal(sum_up(&bench, "unit-12.service").rows, 0);
    bench_end(&bench);
}

/* A store that takes nothing for days: what was reserved is folded, and the sums stay. */
static void test_memory_is_bounded(void **state)
{
    (void)state;
    enum { MINUTES = 9000, UNITS = 12 };
    struct bench bench;
    bench_begin(&bench);
    const uint64_t minute_ns = 60 * NS_PER_S;
    struct ring_reserved records[UNITS + 1];
    records[0] = all(BOTH, minute_ns);
    for (uint32_t i = 0; i < UNITS; i++)
        records[i + 1] = one(BOTH, minute_ns, 10 + i, 1000, RESERVED_WEIGHT_ALL / UNITS);
    for (int i = 0; i < MINUTES; i++) {
        push_reserved(&bench, minute_ns, records, ARRAY_SIZE(records));
        (void)read_all(&bench);
        assert_true(rollup_cells(bench.rollup) <= ROLLUP_CELLS_MAX);
    }
    struct store_batch batch;
    uint64_t kib_s = 0;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (size_t i = 0; i < batch.n_reservations; i++)
        kib_s += batch.reservations[i].memory_kib_s;
    assert_int_equal(kib_s, UINT64_C(60) * MINUTES * UNITS * 1000);
    struct sums sums = sum_up(&bench, "unit-10.service");
    assert_int_equal(sums.memory_ns, MINUTES * minute_ns);
    assert_int_equal(sums.weight_ns, MINUTES * minute_ns);
    assert_int_equal(sums.covered_ns, MINUTES * minute_ns);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_minute),
        cmocka_unit_test(test_readings_over_several_minutes),
        cmocka_unit_test(test_many_units),
        cmocka_unit_test(test_what_is_not_known),
        cmocka_unit_test(test_hostile_records),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
