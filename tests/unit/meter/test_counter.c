/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/meter/counter.h"
#include "core/meter/metering.h"
#include "greend/units.h"
#include "random.h"

#define STALE_NS (30 * NS_PER_S)

static struct counter_delta read_at(struct counter *counter, const struct meter *meter,
                                    uint64_t value, uint64_t time_ns)
{
    struct meter_reading reading = {.value = value, .time_ns = time_ns};
    return counter_update(counter, meter, &reading, 0);
}

/* The delta from one reading to the next. */
static struct counter_delta between(const struct meter *meter, uint64_t before, uint64_t now,
                                    uint64_t elapsed_ns)
{
    struct counter counter;
    counter_init(&counter, STALE_NS);
    (void)read_at(&counter, meter, before, NS_PER_S);
    return read_at(&counter, meter, now, NS_PER_S + elapsed_ns);
}

static void test_first_and_advanced(void **state)
{
    (void)state;
    const struct meter meter = {.range_uj = UINT64_C(262143328850), .max_power_uw = 0};
    struct counter counter;
    counter_init(&counter, STALE_NS);
    struct counter_delta delta = read_at(&counter, &meter, 5000, NS_PER_S);
    assert_int_equal(delta.event, COUNTER_FIRST);
    assert_int_equal(delta.energy_uj, 0);
    assert_int_equal(delta.gap_ns, 0);
    delta = read_at(&counter, &meter, 45000000, 2 * NS_PER_S);
    assert_int_equal(delta.event, COUNTER_ADVANCED);
    assert_int_equal(delta.energy_uj, 44995000);
    assert_int_equal(delta.elapsed_ns, NS_PER_S);
    assert_true(delta.idle_uj == COUNTER_IDLE_UNKNOWN);
    delta = read_at(&counter, &meter, 45000000, 2 * NS_PER_S);
    assert_int_equal(delta.event, COUNTER_NONE);
}

/* A failed reading loses nothing: the next one brings its energy too. */
static void test_error_loses_nothing(void **state)
{
    (void)state;
    const struct meter meter = {.range_uj = UINT64_C(262143328850)};
    struct counter counter;
    counter_init(&counter, STALE_NS);
    (void)read_at(&counter, &meter, 100, NS_PER_S);
    struct meter_reading failed = {.error = -EIO, .time_ns = 2 * NS_PER_S, .value = 7};
    assert_int_equal(counter_update(&counter, &meter, &failed, 0).event, COUNTER_NONE);
    struct counter_delta delta = read_at(&counter, &meter, 900, 3 * NS_PER_S);
    assert_int_equal(delta.event, COUNTER_ADVANCED);
    assert_int_equal(delta.energy_uj, 800);
    assert_int_equal(delta.elapsed_ns, 2 * NS_PER_S);
}

/* All pairs of readings of a counter of 64 uJ: 1 mW for 20 ms is 20 uJ, and 10 uJ of jitter, so a
 * wrap of up to 30 uJ can be true and a larger one cannot. */
static void test_wrap_at_every_offset(void **state)
{
    (void)state;
    const struct meter meter = {.range_uj = 64, .max_power_uw = 1000};
    for (uint64_t before = 0; before < 64; before++) {
        for (uint64_t now = 0; now < 64; now++) {
            struct counter_delta delta = between(&meter, before, now, 20 * NS_PER_MS);
            uint64_t truth = (now + 64 - before) % 64;
            bool backward = now < before;
            if (backward && truth > 30) {
                assert_int_equal(delta.event, COUNTER_RESET);
                assert_int_equal(delta.energy_uj, 0);
                assert_int_equal(delta.gap_ns, 20 * NS_PER_MS);
            } else {
                assert_int_equal(delta.event, backward ? COUNTER_WRAPPED : COUNTER_ADVANCED);
                assert_int_equal(delta.energy_uj, truth);
                assert_int_equal(delta.elapsed_ns, 20 * NS_PER_MS);
            }
        }
    }
}

/* Ranges as machines show them: 2^-14 J (in two roundings), 15.3 uJ, 2^-16 J, and 1 J units. */
static const uint64_t ranges_uj[] = {
    UINT64_C(262143328850), UINT64_C(262143999938),     UINT64_C(65712999613),
    UINT64_C(65532610987),  UINT64_C(4294967295000000),
};

/* Σ deltas = true energy, to the microjoule, over random walks with many wraps. */
static void test_walk_is_exact(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (size_t r = 0; r < ARRAY_SIZE(ranges_uj); r++) {
        const struct meter meter = {.range_uj = ranges_uj[r], .max_power_uw = 1000 * UW_PER_W};
        uint64_t period_uj = ranges_uj[r] + ranges_uj[r] / UINT32_MAX;
        uint64_t truth_uj = random_below(&random, period_uj), start_uj = truth_uj, sum_uj = 0;
        uint64_t time_ns = NS_PER_S, wraps = 0;
        struct counter counter;
        counter_init(&counter, STALE_NS);
        (void)read_at(&counter, &meter, truth_uj % period_uj, time_ns);
        for (int i = 0; i < 20000; i++) {
            uint64_t elapsed_ns = 1 + random_below(&random, counter_poll_interval(&meter));
            uint64_t most_uj = energy_of_power(meter.max_power_uw, elapsed_ns);
            truth_uj += random_below(&random, most_uj | 1);
            time_ns += elapsed_ns;
            struct counter_delta delta = read_at(&counter, &meter, truth_uj % period_uj, time_ns);
            assert_true(delta.event == COUNTER_ADVANCED || delta.event == COUNTER_WRAPPED);
            wraps += delta.event == COUNTER_WRAPPED;
            sum_uj += delta.energy_uj;
            assert_int_equal(sum_uj, truth_uj - start_uj);
        }
        assert_true(wraps > 1000);
    }
}

/* The kernel shows units x unit / 1000, rounded down, and the range likewise: a wrap is then less
 * than 2 uJ of 65 kJ and more off, and nothing adds up within a period. */
static void test_kernel_scaling(void **state)
{
    (void)state;
    static const uint64_t units_nj[] = {61035, 15300, 15258, 30517, 1000000000, 976562};
    struct random random = random_seeded();
    for (size_t u = 0; u < ARRAY_SIZE(units_nj); u++) {
        uint64_t unit = units_nj[u];
        const struct meter meter = {.range_uj = mul_div(UINT32_MAX, unit, 1000)};
        uint64_t count = random_next(&random) >> 32, start = count, sum_uj = 0, time_ns = 1;
        struct counter counter;
        counter_init(&counter, STALE_NS);
        (void)read_at(&counter, &meter, mul_div(count % (UINT64_C(1) << 32), unit, 1000), time_ns);
        uint64_t wraps = 0;
        for (int i = 0; i < 5000; i++) {
            uint64_t elapsed_ns = counter_poll_interval(&meter);
            count += random_below(&random, UINT64_C(1) << 30) / 2;
            time_ns += elapsed_ns;
            uint64_t shown_uj = mul_div(count % (UINT64_C(1) << 32), unit, 1000);
            struct counter_delta delta = read_at(&counter, &meter, shown_uj, time_ns);
            assert_int_equal(delta.gap_ns, 0);
            wraps += delta.event == COUNTER_WRAPPED;
            sum_uj += delta.energy_uj;
        }
        uint64_t truth_uj = mul_div(count - start, unit, 1000);
        uint64_t off_uj = MAX(sum_uj, truth_uj) - MIN(sum_uj, truth_uj);
        assert_true(wraps > 100);
        assert_true(off_uj <= 2 * wraps + 1);
    }
}

/* Whatever the interval: the delta is the truth or a declared gap, never one wrap for two. */
static void test_never_one_wrap_for_two(void **state)
{
    (void)state;
    struct random random = random_seeded();
    uint64_t gaps = 0, deltas = 0;
    for (int i = 0; i < 200000; i++) {
        uint64_t range_uj = ranges_uj[random_below(&random, ARRAY_SIZE(ranges_uj))];
        const struct meter meter = {.range_uj = range_uj, .max_power_uw = 410 * UW_PER_W};
        uint64_t period_uj = range_uj + range_uj / UINT32_MAX;
        uint64_t begin_uj = random_below(&random, period_uj);
        uint64_t elapsed_ns = random_below(&random, 8 * counter_poll_interval(&meter)) + 1;
        uint64_t most_uj = energy_of_power(meter.max_power_uw, elapsed_ns);
        uint64_t used_uj = random_below(&random, most_uj | 1);
        struct counter_delta delta =
            between(&meter, begin_uj, (begin_uj + used_uj) % period_uj, elapsed_ns);
        if (delta.event == COUNTER_GAP) {
            assert_int_equal(delta.energy_uj, 0);
            assert_int_equal(delta.gap_ns, elapsed_ns);
            gaps++;
        } else {
            assert_int_equal(delta.energy_uj, used_uj);
            deltas++;
        }
    }
    assert_true(gaps > 10000 && deltas > 10000);
}

static void test_range_unknown(void **state)
{
    (void)state;
    const struct meter meter = {.range_uj = 0};
    assert_int_equal(between(&meter, 100, 90, NS_PER_S).event, COUNTER_RESET);
    struct counter_delta delta = between(&meter, 100, 5000100, NS_PER_S);
    assert_int_equal(delta.event, COUNTER_ADVANCED);
    assert_int_equal(delta.energy_uj, 5000000);
    /* The shortest real period is 65.5 kJ: a minute at 1,000 W is more than half of it. */
    assert_int_equal(between(&meter, 100, 5000100, 60 * NS_PER_S).event, COUNTER_GAP);
    assert_int_equal(counter_poll_interval(&meter), 16384 * NS_PER_MS);
    /* A range that a reading disproves is no range. */
    const struct meter liar = {.range_uj = 1000};
    assert_int_equal(between(&liar, 5000, 10, NS_PER_S).event, COUNTER_RESET);
    assert_int_equal(between(&liar, 5000, 6000, NS_PER_S).energy_uj, 1000);
}

static void test_reset_and_leap(void **state)
{
    (void)state;
    const struct meter meter = {.range_uj = UINT64_C(262143328850), .max_power_uw = 100 * UW_PER_W};
    /* Back to zero from far below the range: a wrap would have taken 162 kJ in a second. */
    struct counter_delta delta = between(&meter, UINT64_C(100000000000), 50, NS_PER_S);
    assert_int_equal(delta.event, COUNTER_RESET);
    assert_int_equal(delta.energy_uj, 0);
    assert_int_equal(delta.gap_ns, NS_PER_S);
    /* Turbo above the declared maximum is energy; four times it and more is not. */
    assert_int_equal(between(&meter, 0, 250000000, NS_PER_S).event, COUNTER_ADVANCED);
    assert_int_equal(between(&meter, 0, 500000000, NS_PER_S).event, COUNTER_RESET);
    const struct meter broken = {.range_uj = 0};
    assert_int_equal(between(&broken, 0, UINT64_MAX, NS_PER_S).event, COUNTER_RESET);
    /* A time stamp of another boot. */
    struct counter counter;
    counter_init(&counter, STALE_NS);
    counter_resume(&counter, 10, 500 * NS_PER_S);
    delta = read_at(&counter, &meter, 20, NS_PER_S);
    assert_int_equal(delta.event, COUNTER_GAP);
    assert_int_equal(delta.gap_ns, 0); /* how long is not known */
    assert_int_equal(read_at(&counter, &meter, 25, 2 * NS_PER_S).energy_uj, 5);
}

static void test_resume_and_long_interval(void **state)
{
    (void)state;
    const struct meter meter = {.range_uj = UINT64_C(262143328850), .max_power_uw = 410 * UW_PER_W};
    struct counter counter;
    counter_init(&counter, STALE_NS);
    counter_resume(&counter, 1000, 10 * NS_PER_S);
    struct counter_delta delta = read_at(&counter, &meter, UINT64_C(60000001000), 310 * NS_PER_S);
    assert_int_equal(delta.event, COUNTER_ADVANCED); /* 300 s x 410 W = 123 kJ < 131 kJ */
    assert_int_equal(delta.energy_uj, UINT64_C(60000000000));
    counter_resume(&counter, 1000, 10 * NS_PER_S);
    delta = read_at(&counter, &meter, UINT64_C(60000001000), 340 * NS_PER_S);
    assert_int_equal(delta.event, COUNTER_GAP); /* 330 s: 135 kJ */
    assert_int_equal(delta.gap_ns, 330 * NS_PER_S);
}

static void test_sleep(void **state)
{
    (void)state;
    const struct meter meter = {.range_uj = UINT64_C(262143328850)};
    struct counter counter;
    counter_init(&counter, STALE_NS);
    (void)read_at(&counter, &meter, 100, NS_PER_S);
    struct meter_reading reading = {.value = 200, .time_ns = 2 * NS_PER_S};
    struct counter_delta delta = counter_update(&counter, &meter, &reading, 3600 * NS_PER_S);
    assert_int_equal(delta.event, COUNTER_GAP);
    assert_int_equal(delta.energy_uj, 0);
    assert_int_equal(delta.gap_ns, 3601 * NS_PER_S);
    assert_int_equal(read_at(&counter, &meter, 300, 3 * NS_PER_S).energy_uj, 100);
    reading = (struct meter_reading){.value = 400, .time_ns = 4 * NS_PER_S};
    delta = counter_update(&counter, &meter, &reading, COUNTER_SLEPT_UNKNOWN);
    assert_int_equal(delta.event, COUNTER_GAP);
    assert_int_equal(delta.gap_ns, NS_PER_S);

    assert_int_equal(counter_slept_ns(10, 10 + 8 * NS_PER_S), 8 * NS_PER_S);
    assert_int_equal(counter_slept_ns(10, 10 + NS_PER_MS), 0);
    assert_int_equal(counter_slept_ns(50, 20), 0);
    /* In a time namespace CLOCK_MONOTONIC may be ahead. */
    uint64_t shifted_ns = (uint64_t)0 - 86400 * NS_PER_S;
    assert_int_equal(counter_slept_ns(shifted_ns, shifted_ns + 60 * NS_PER_S), 60 * NS_PER_S);
    assert_int_equal(counter_slept_ns(shifted_ns, shifted_ns), 0);
    assert_int_equal(counter_slept_ns(shifted_ns, 60 * NS_PER_S), 86460 * NS_PER_S);
}

/* 10^9 / 3 uW read at odd moments for a year: no rounding is lost, and the idle part neither. */
static void test_gauge_carries_remainder(void **state)
{
    (void)state;
    struct random random = random_seeded();
    const struct meter meter = {.form = METER_GAUGE, .source = SOURCE_MODEL};
    struct counter counter;
    counter_init(&counter, STALE_NS);
    struct meter_reading reading = {.time_ns = 1};
    (void)counter_update(&counter, &meter, &reading, 0);
    struct wide truth = wide_of(0), idle_truth = wide_of(0);
    uint64_t sum_uj = 0, idle_uj = 0;
    for (int i = 0; i < 1000000; i++) {
        uint64_t elapsed_ns = random_bits(&random, 34) + 1;
        reading.value = random_bits(&random, 29);
        reading.idle_uw = reading.value - random_below(&random, reading.value / 1000 + 1);
        reading.time_ns += elapsed_ns;
        truth = wide_add(truth, wide_product(reading.value, elapsed_ns));
        idle_truth = wide_add(idle_truth, wide_product(reading.idle_uw, elapsed_ns));
        struct counter_delta delta = counter_update(&counter, &meter, &reading, 0);
        assert_int_equal(delta.event, COUNTER_ADVANCED);
        assert_true(delta.idle_uj <= delta.energy_uj);
        sum_uj += delta.energy_uj;
        idle_uj += delta.idle_uj;
    }
    assert_int_equal(sum_uj, wide_low(wide_div(truth, NS_PER_S)));
    uint64_t idle_whole_uj = wide_low(wide_div(idle_truth, NS_PER_S));
    assert_true(idle_uj <= idle_whole_uj && idle_whole_uj - idle_uj <= 1);
}

static void test_gauge_gaps(void **state)
{
    (void)state;
    const struct meter meter = {.form = METER_GAUGE, .source = SOURCE_ACPI};
    struct counter_delta delta = between(&meter, 1, 250 * UW_PER_W, NS_PER_S);
    assert_int_equal(delta.energy_uj, 250 * UJ_PER_J);
    assert_true(delta.idle_uj == COUNTER_IDLE_UNKNOWN);
    delta = between(&meter, 1, 250 * UW_PER_W, STALE_NS + 1);
    assert_int_equal(delta.event, COUNTER_GAP);
    assert_int_equal(delta.gap_ns, STALE_NS + 1);
    assert_int_equal(between(&meter, 1, UINT64_MAX, NS_PER_S).event, COUNTER_GAP);
    const struct meter small = {.form = METER_GAUGE, .max_power_uw = 500 * UW_PER_W};
    assert_int_equal(between(&small, 1, 501 * UW_PER_W, NS_PER_S).event, COUNTER_GAP);
    assert_true(counter_poll_interval(&meter) == UINT64_MAX);
}

static void test_poll_interval(void **state)
{
    (void)state;
    struct meter meter = {.range_uj = UINT64_C(262143328850), .max_power_uw = 410 * UW_PER_W};
    assert_int_equal(counter_poll_interval(&meter) / NS_PER_S, 159);
    meter.max_power_uw = 0;
    assert_int_equal(counter_poll_interval(&meter) / NS_PER_S, 65);
    meter.range_uj = UINT64_MAX;
    assert_true(counter_poll_interval(&meter) > 3600 * NS_PER_S);
}

/* ---- All meters of a host ---- */

static void put(struct meter_set *set, const char *key, uint64_t value, uint64_t time_ns)
{
    struct meter *meter = &set->meters[set->count];
    *meter = (struct meter){.range_uj = UINT64_C(262143328850)};
    (void)str_copy(meter->key, sizeof(meter->key), key);
    set->readings[set->count++] = (struct meter_reading){.value = value, .time_ns = time_ns};
}

static struct metering metering;
static struct meter_delta deltas[METERS_MAX];

static void test_metering_follows_keys(void **state)
{
    (void)state;
    struct meter_set *set = test_calloc(1, sizeof(*set));
    metering_init(&metering, STALE_NS);
    assert_int_equal(metering_resume(&metering, "b", 70, NS_PER_S, 3 * NS_PER_S), 0);
    put(set, "a", 1000, 2 * NS_PER_S);
    put(set, "b", 100, 2 * NS_PER_S);
    set->asleep_ns = 2 * NS_PER_S;
    metering_update(&metering, set, deltas);
    assert_int_equal(deltas[0].counter.event, COUNTER_FIRST);
    assert_int_equal(deltas[1].counter.energy_uj, 30);
    uint16_t a = deltas[0].meter, b = deltas[1].meter;

    set->count = 0; /* the other way round */
    put(set, "b", 150, 3 * NS_PER_S);
    put(set, "a", 1001, 3 * NS_PER_S);
    set->asleep_ns = 2 * NS_PER_S;
    metering_update(&metering, set, deltas);
    assert_int_equal(deltas[0].meter, b);
    assert_int_equal(deltas[0].counter.energy_uj, 50);
    assert_int_equal(deltas[1].meter, a);
    assert_int_equal(deltas[1].counter.energy_uj, 1);

    set->count = 0; /* one is missing, the other fails */
    put(set, "a", 1, 4 * NS_PER_S);
    set->readings[0].error = -EIO;
    set->asleep_ns = 7 * NS_PER_S;
    metering_update(&metering, set, deltas);
    assert_int_equal(deltas[0].error, -EIO);
    assert_int_equal(deltas[0].value, 1001);
    assert_int_equal(deltas[0].time_ns, 3 * NS_PER_S);
    assert_int_equal(deltas[0].boottime_ns, 5 * NS_PER_S);

    set->count = 0; /* both are back: both slept since they were read */
    put(set, "a", 1010, 5 * NS_PER_S);
    put(set, "b", 170, 5 * NS_PER_S);
    put(set, "b", 171, 5 * NS_PER_S);
    set->asleep_ns = 7 * NS_PER_S;
    metering_update(&metering, set, deltas);
    assert_int_equal(deltas[0].counter.event, COUNTER_GAP);
    assert_int_equal(deltas[1].counter.event, COUNTER_GAP);
    assert_int_equal(deltas[1].counter.gap_ns, 7 * NS_PER_S);
    assert_int_equal(deltas[1].boottime_ns, 12 * NS_PER_S);
    assert_int_equal(deltas[2].meter, METERING_NONE);
    assert_int_equal(deltas[2].error, -EEXIST);
    test_free(set);
}

static void test_metering_is_bounded(void **state)
{
    (void)state;
    struct meter_set *set = test_calloc(1, sizeof(*set));
    char key[32];
    metering_init(&metering, STALE_NS);
    for (int i = 0; i < METERS_MAX; i++) {
        (void)snprintf(key, sizeof(key), "stored-%d", i);
        assert_int_equal(metering_resume(&metering, key, 1, 1, 0), 0);
    }
    assert_int_equal(metering_resume(&metering, "one more", 1, 1, 0), -ENOSPC);
    for (int i = 0; i < METERS_MAX; i++) { /* real meters take the room of those of yesterday */
        (void)snprintf(key, sizeof(key), "real-%d", i);
        put(set, key, 1, NS_PER_S);
    }
    metering_update(&metering, set, deltas);
    for (int i = 0; i < METERS_MAX; i++)
        assert_int_equal(deltas[i].counter.event, COUNTER_FIRST);
    set->count = 0;
    put(set, "late", 1, 2 * NS_PER_S);
    metering_update(&metering, set, deltas);
    assert_int_equal(deltas[0].meter, 0); /* the place of the first of those that are away */
    assert_true(deltas[0].begun);
    assert_int_equal(deltas[0].counter.event, COUNTER_FIRST);
    assert_int_equal(metering_poll_interval(set) / NS_PER_S, 65);
    put(set, "real-0", 1, 3 * NS_PER_S); /* back: its place is gone, and nobody's here was lost */
    put(set, "real-2", 7, 3 * NS_PER_S);
    metering_update(&metering, set, deltas);
    assert_int_equal(deltas[0].counter.event, COUNTER_NONE);
    assert_int_equal(deltas[1].meter, 1);
    assert_int_equal(deltas[1].counter.event, COUNTER_FIRST);
    assert_int_equal(deltas[2].counter.energy_uj, 6);
    assert_false(deltas[2].begun);
    test_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_and_advanced),
        cmocka_unit_test(test_error_loses_nothing),
        cmocka_unit_test(test_wrap_at_every_offset),
        cmocka_unit_test(test_walk_is_exact),
        cmocka_unit_test(test_kernel_scaling),
        cmocka_unit_test(test_never_one_wrap_for_two),
        cmocka_unit_test(test_range_unknown),
        cmocka_unit_test(test_reset_and_leap),
        cmocka_unit_test(test_resume_and_long_interval),
        cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_gauge_carries_remainder),
        cmocka_unit_test(test_gauge_gaps),
        cmocka_unit_test(test_poll_interval),
        cmocka_unit_test(test_metering_follows_keys),
        cmocka_unit_test(test_metering_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
