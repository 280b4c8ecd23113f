/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Meters and clocks that are not quite true: what the estimator makes of them. */

#include "unit.h"

#include <math.h>

#include "core/estimator/estimator_internal.h"
#include "random.h"

enum { LOADS = 6 };

static const struct estimator_prior prior = {.slope_w = 5, .slope_sd_w = 3};
static const double idle_power_w = 25;

struct bench {
    struct random random;
    struct estimator *estimator;
    struct estimator_load loads[LOADS + 1]; /* the last: what no process is known for */
    struct estimator_answer answer;
    uint32_t n_cpus;
    double cpus[LOADS], watts[LOADS];
    double most_cpus;
    double truth_j[LOADS], booked_j[LOADS], true_idle_j, idle_j;
    int seconds;
};

static void bench_begin(struct bench *bench, uint64_t seed, uint32_t n_cpus, double most_cpus)
{
    *bench = (struct bench){
        .random = random_begin("estimator meter", seed), .n_cpus = n_cpus, .most_cpus = most_cpus};
    bench->estimator = malloc(sizeof(*bench->estimator));
    assert_non_null(bench->estimator);
    assert_int_equal(estimator_init(bench->estimator, &prior), 0);
    for (size_t i = 0; i < LOADS; i++)
        bench->watts[i] = 3 + 1.4 * (double)i;
}

static void bench_end(struct bench *bench)
{
    estimator_done(bench->estimator);
    free(bench->estimator);
}

/* Bursts of some seconds; a rest of 40 s every 600. Returns what it draws, in W. */
static double next_second(struct bench *bench)
{
    double drawn_w = 0;
    for (size_t i = 0; i < LOADS; i++) {
        if (random_below(&bench->random, 6) == 0)
            bench->cpus[i] = random_below(&bench->random, 2)
                                 ? bench->most_cpus * random_unit(&bench->random)
                                 : 0;
        if (bench->seconds % 600 < 40)
            bench->cpus[i] = 0.001 * bench->most_cpus;
        drawn_w += bench->watts[i] * bench->cpus[i];
    }
    bench->seconds++;
    return drawn_w;
}

/* The loads as they were told, and nobody's; what the meter showed. Books from the 20th minute on.
 */
static void tick(struct bench *bench, const double told_cpus[LOADS], double nobody_cpus,
                 double shown_w)
{
    struct estimator_tick tick = {.energy_j = shown_w,
                                  .dt_s = 1,
                                  .elapsed_s = 1,
                                  .cpus = bench->n_cpus,
                                  .loads = bench->loads};
    for (size_t i = 0; i <= LOADS; i++) {
        double cpus = i < LOADS ? told_cpus[i] : nobody_cpus;
        uint32_t slot = i < LOADS ? RING_WORKLOAD_FIRST + (uint32_t)i : RING_WORKLOAD_UNATTRIBUTED;
        if (cpus == 0)
            continue;
        bench->loads[tick.n_loads++] =
            (struct estimator_load){.workload = ring_workload_id(slot, 1), .cpus = cpus};
        tick.busy_cpus += cpus;
    }
    estimator_tick(bench->estimator, &tick, &bench->answer);
    if (bench->seconds <= 1200)
        return;
    double total = 0;
    for (size_t i = 0; i < tick.n_loads; i++)
        total += bench->loads[i].weight * bench->loads[i].cpus;
    for (size_t i = 0; i < tick.n_loads; i++) {
        uint32_t slot = ring_workload_slot(bench->loads[i].workload);
        if (slot != RING_WORKLOAD_UNATTRIBUTED)
            bench->booked_j[slot - RING_WORKLOAD_FIRST] += (shown_w - bench->answer.idle_j) *
                                                           bench->loads[i].weight *
                                                           bench->loads[i].cpus / total;
    }
    for (size_t i = 0; i < LOADS; i++)
        bench->truth_j[i] += bench->watts[i] * bench->cpus[i];
    bench->true_idle_j += idle_power_w;
    bench->idle_j += bench->answer.idle_j;
}

/* The weighted error of the workloads' energies. */
static double error_of(const struct bench *bench)
{
    double off = 0, sum = 0;
    for (size_t i = 0; i < LOADS; i++) {
        off += fabs(bench->booked_j[i] - bench->truth_j[i]);
        sum += bench->truth_j[i];
    }
    return off / sum;
}

static void test_a_meter_that_smooths(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench, 1, 16, 2);
    double shown_w = 0;
    for (int t = 0; t < 4800; t++)
        tick(&bench, bench.cpus, 0,
             idle_power_w + meter_lag_mean(2, next_second(&bench), 1, &shown_w));
    assert_true(fabs(bench.estimator->lag.tau_s - 2) < 0.5);
    assert_true(error_of(&bench) < 0.03);
    assert_true(fabs(bench.idle_j / bench.true_idle_j - 1) < 0.03);
    bench_end(&bench);
}

/* Up to nine tenths of the CPU time is told a second too late: in short rows all would look alike.
 */
static void test_clocks_that_are_late(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench, 2, 16, 2);
    double late[LOADS] = {0};
    for (int t = 0; t < 4800; t++) {
        double told[LOADS];
        double power_w = idle_power_w + next_second(&bench);
        for (size_t i = 0; i < LOADS; i++) {
            double now = bench.cpus[i] * (1 - 0.9 * random_unit(&bench.random));
            told[i] = late[i] + now;
            late[i] = bench.cpus[i] - now;
        }
        tick(&bench, told, 0, power_w);
    }
    assert_true(row_pace_s(&bench.estimator->pace) > 2);
    assert_true(error_of(&bench) < 0.05);
    bench_end(&bench);
}

/* Something that no clock tells comes and goes, in minutes: neither workloads nor idle power. */
static void test_a_power_that_wanders(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench, 3, 16, 2);
    double wander_w = 0;
    for (int t = 0; t < 4800; t++) {
        wander_w += 0.01 * (0 - wander_w) + 0.5 * (random_unit(&bench.random) - 0.5);
        tick(&bench, bench.cpus, 0, idle_power_w + wander_w + next_second(&bench));
    }
    assert_true(row_noise_shared(&bench.estimator->views[0].noise) > 0.5);
    assert_true(error_of(&bench) < 0.03);
    bench_end(&bench);
}

/* Two CPUs that do little: a step of /proc/stat is much of it. Two workloads of
 * usual watts never change: it is the mean of the others that says what they take. */
static void test_the_steps_of_a_clock(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench, 4, 2, 0.15);
    double true_cs = 0;
    uint64_t told_cs = 0;
    for (int t = 0; t < 4800; t++) {
        (void)next_second(&bench);
        double power_w = idle_power_w, sum = 0;
        for (size_t i = 0; i < LOADS; i++) {
            if (i == 2 || i == 3)
                bench.cpus[i] = 0.05;
            power_w += bench.watts[i] * bench.cpus[i];
            sum += bench.cpus[i];
        }
        true_cs += 102 * sum; /* 2 % are interrupts */
        double nobody = ((double)((uint64_t)true_cs - told_cs) - 100 * sum) / 100;
        told_cs = (uint64_t)true_cs;
        tick(&bench, bench.cpus, fmax(nobody, 0), power_w + 5 * 0.02 * sum);
    }
    assert_true(bench.estimator->views[0].fit.theta[CURVE_SLOPE] > 5);
    assert_true(error_of(&bench) < 0.10);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_meter_that_smooths),
        cmocka_unit_test(test_clocks_that_are_late),
        cmocka_unit_test(test_a_power_that_wanders),
        cmocka_unit_test(test_the_steps_of_a_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
