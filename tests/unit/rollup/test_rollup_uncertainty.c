/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/attribution/uncertainty.h"
#include "random.h"
#include "support/rollup_bench.h"

/* The half-widths of one kind in one domain, added up; UINT64_MAX where one is not stated. */
static uint64_t band_uj(struct bench *bench, uint32_t domain, uint32_t kind)
{
    struct store_batch batch;
    uint64_t sum = 0;
    size_t found = 0;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    for (size_t i = 0; i < batch.n_energies; i++) {
        const struct store_energy *energy = &batch.energies[i];
        if (energy->domain != domain || batch.workloads[energy->workload].kind != kind)
            continue;
        found++;
        sum = add_saturated(sum, energy->uncertainty_uj);
    }
    assert_true(found > 0);
    return sum;
}

static uint64_t ppm_of(uint32_t codes, uint32_t lane)
{
    return uncertainty_ppm(codes, lane);
}

/* The split's half-width and the meter's, for each lane its own. */
static void test_split_and_meter_add_up(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    bench.codes = uncertainty_set(uncertainty_set(0, 0, 100000), 1, 250000);
    bench.meter_ppm[1] = 0;
    const uint64_t energies[DOMAINS] = {1000000, 1000000, 1000000, 1000000};
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    assert_int_equal(band_uj(&bench, 0, WORKLOAD_SERVICE), 50000 + ppm_of(bench.codes, 0));
    /* A meter that states nothing: relative to the meter. */
    assert_int_equal(band_uj(&bench, 1, WORKLOAD_SERVICE), ppm_of(bench.codes, 1));
    /* A split that states nothing, as in a ring of an older greend: the meter's alone. */
    assert_int_equal(band_uj(&bench, 2, WORKLOAD_SERVICE), 50000);
    /* The fourth domain is in the first lane of the next record. */
    assert_int_equal(band_uj(&bench, 3, WORKLOAD_SERVICE), 50000 + ppm_of(bench.codes, 0));
    bench_end(&bench);
}

static void test_neither_stated(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    bench.meter_ppm[0] = 0;
    const uint64_t energies[DOMAINS] = {1000};
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    assert_true(band_uj(&bench, 0, WORKLOAD_SERVICE) == UINT64_MAX);
    /* Once not stated, not stated for the minute. */
    bench.codes = uncertainty_set(0, 0, 100000);
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    assert_true(band_uj(&bench, 0, WORKLOAD_SERVICE) == UINT64_MAX);
    bench_end(&bench);
}

static void test_idle_and_unattributed(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    bench.codes = uncertainty_set(0, 0, 300000);
    const uint64_t energies[DOMAINS] = {1000000};
    push_frame(&bench, NS_PER_S, RING_WORKLOAD_IDLE, 2, energies, 0);
    (void)read_all(&bench);
    uint64_t expected = 50000 + ppm_of(bench.codes, 0);
    assert_int_equal(band_uj(&bench, 0, WORKLOAD_IDLE), expected);
    assert_int_equal(band_uj(&bench, 0, WORKLOAD_UNATTRIBUTED), expected);
    bench_end(&bench);
}

/* A microjoule in each of many frames: a half-width that is rounded down would be none. */
static void test_small_energies_are_not_surer(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    bench.codes = uncertainty_set(0, 0, 100000);
    const uint64_t energies[DOMAINS] = {1};
    for (int i = 0; i < 40; i++)
        push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    assert_true(band_uj(&bench, 0, WORKLOAD_SERVICE) >= 6);
    bench_end(&bench);
}

/* The largest that can be stated is still stated, and sums of it too. */
static void test_saturates_as_stated(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    bench.codes = uncertainty_set(0, 0, UINT64_MAX);
    bench.meter_ppm[0] = UINT32_MAX;
    const uint64_t energies[DOMAINS] = {UINT64_MAX / 4};
    for (int i = 0; i < 3; i++)
        push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    (void)read_all(&bench);
    assert_true(band_uj(&bench, 0, WORKLOAD_SERVICE) == UINT64_MAX - 1);
    bench_end(&bench);
}

/* Divided over minutes, folded into hours and days: the half-widths are all there. */
static void test_spread_and_folded(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct bench bench;
    bench_begin(&bench);
    uint64_t expected[DOMAINS] = {0};
    for (int i = 0; i < 1500; i++) {
        bench.codes = 0;
        for (uint32_t lane = 0; lane < RING_LANES; lane++)
            bench.codes = uncertainty_set(bench.codes, lane, random_below(&random, 2 * PPM));
        uint64_t energies[DOMAINS];
        for (uint32_t d = 0; d < DOMAINS; d++) {
            energies[d] = PPM * random_below(&random, 1000); /* nothing to round */
            expected[d] +=
                200 * (energies[d] / PPM) * (50000 + ppm_of(bench.codes, d % RING_LANES));
        }
        push_frame(&bench, 150 * NS_PER_S, 10 + (uint32_t)i, 200, energies, 0);
        (void)read_all(&bench);
    }
    assert_true(rollup_cells(bench.rollup) <= ROLLUP_CELLS_MAX);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    for (size_t i = 0; i < batch.n_energies; i++) {
        const struct store_energy *energy = &batch.energies[i];
        if (batch.workloads[energy->workload].kind != WORKLOAD_UNSPLIT)
            expected[energy->domain] -= energy->uncertainty_uj;
    }
    for (int d = 0; d < DOMAINS; d++)
        assert_int_equal(expected[d], 0);
    bench_end(&bench);
}

/* A domain as a whole is not split: its meter's half-width stands beside its parts, without any
 * energy, whether the parts were given to workloads, missed or do not add up. */
static void test_wholes_have_the_band_of_their_meter(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    bench.codes = uncertainty_set(uncertainty_set(0, 0, 700000), 1, 700000);
    bench.meter_ppm[1] = 0;
    const uint64_t energies[DOMAINS] = {1000000, 1000000};
    push_frame(&bench, NS_PER_S, 10, 2, energies, 0);
    assert_int_equal(read_all(&bench), 0);
    for (int i = 0; i < 1000; i++)
        push_frame(&bench, NS_PER_S, 10, 3, energies, 0);
    assert_int_equal(read_all(&bench), 1);
    push_frame(&bench, NS_PER_S, 10, 2, energies, 20);
    assert_int_equal(read_all(&bench), 0);
    assert_exact(&bench);
    uint64_t whole = band_uj(&bench, 0, WORKLOAD_UNSPLIT);
    assert_in_range(whole, bench.totals_uj[0] / 20, bench.totals_uj[0] / 20 + 1);
    assert_true(band_uj(&bench, 1, WORKLOAD_UNSPLIT) == UINT64_MAX);
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch_uj(&batch, 0, WORKLOAD_UNSPLIT), 0);
    bench_end(&bench);
}

static void test_a_resumed_whole(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const uint64_t energies[DOMAINS] = {1000000};
    struct store_batch batch;
    push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    assert_int_equal(read_all(&bench), 0);
    bench_commit(&bench);
    for (int i = 0; i < 2000; i++)
        push_frame(&bench, NS_PER_S, 10, 1, energies, 0);
    next_daemon(&bench);
    (void)read_all(&bench);
    assert_int_equal(rollup_batch(bench.rollup, &batch), 0);
    assert_int_equal(batch_uj(&batch, 0, -1), 2000 * energies[0]);
    assert_int_equal(band_uj(&bench, 0, WORKLOAD_UNSPLIT), 2000 * energies[0] / 20);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_and_meter_add_up),
        cmocka_unit_test(test_neither_stated),
        cmocka_unit_test(test_idle_and_unattributed),
        cmocka_unit_test(test_small_energies_are_not_surer),
        cmocka_unit_test(test_saturates_as_stated),
        cmocka_unit_test(test_spread_and_folded),
        cmocka_unit_test(test_wholes_have_the_band_of_their_meter),
        cmocka_unit_test(test_a_resumed_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
