/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The proving ground must be right before anything is judged on it. */

#include "unit/unit.h"

#include <math.h>

#include "greend/ring.h"
#include "sim/bars.h"
#include "sim/limits.h"
#include "sim/peers.h"
#include "sim/pipeline.h"
#include "support/scratch.h"

enum { STEPS = 1500 };

static uint64_t hash(uint64_t sum, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ byte[i]) * UINT64_C(0x100000001b3);
    return sum;
}

/* Of all that a sample tells, and of the truth. */
static uint64_t hash_run(const struct scenario *scenario, uint64_t seed)
{
    struct sim *sim = sim_new(scenario, seed);
    assert_non_null(sim);
    uint64_t sum = 0;
    for (int i = 0; i < 200; i++) {
        sim_step(sim);
        sum = hash(sum, sim->sample.meters.readings,
                   sim->n_domains * sizeof(sim->sample.meters.readings[0]));
        sum = hash(sum, &sim->sample.busy, sizeof(sim->sample.busy));
        sum = hash(sum, sim->activities, sim->sample.n_activities * sizeof(sim->activities[0]));
        sum = hash(sum, &sim->truth, sizeof(sim->truth));
    }
    sim_free(sim);
    return sum;
}

static void test_same_seed_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_scenarios; i++) {
        assert_true(hash_run(&scenarios[i], 7) == hash_run(&scenarios[i], 7));
        assert_true(hash_run(&scenarios[i], 7) != hash_run(&scenarios[i], 8));
    }
    assert_true(SUITE_REPORTED_SEED + SUITE_SEEDS_MAX <= SUITE_TUNING_SEED);
}

static void test_scenarios_have_names_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_scenarios; i++) {
        assert_ptr_equal(scenario_find(scenarios[i].name), &scenarios[i]);
        assert_true(scenarios[i].workloads <= SIM_WORKLOADS);
        assert_true(scenarios[i].packages <= SIM_PACKAGES);
        assert_true((size_t)scenarios[i].curve <= n_curves);
    }
    assert_null(scenario_find("no such one"));
}

/* What the meters are turned by is idle + workloads + nobody's, in each domain and step. A meter
 * that smooths is behind by no more than its time constant times the change of power. */
static void check_truth(const struct sim *sim, const double before_j[SIM_DOMAINS])
{
    for (size_t d = 0; d < sim->n_domains; d++) {
        double sum_j = sim->truth.idle_j[d] + sim->truth.nobody_j[d];
        for (size_t i = 0; i < sim->n_workloads; i++) {
            assert_true(sim->truth.workload_j[d][i] >= 0);
            sum_j += sim->truth.workload_j[d][i];
        }
        const struct sim_domain *domain = &sim->domains[d];
        double shown_j = domain->energy_j - before_j[d];
        double behind_j =
            domain->filter_s * fabs(domain->shown_w * sim->step_s - sum_j) / sim->step_s;
        /* What was behind before comes too. */
        double most_j = domain->filter_s > 0 ? behind_j * exp(sim->step_s / domain->filter_s) : 0;
        assert_true(fabs(shown_j - sum_j) <= most_j + 1e-6);
        assert_true(sim->truth.nobody_j[d] >= -1e-9);
        assert_true(domain->dynamic_w >= 0);
    }
}

static void test_truth_adds_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_scenarios; i++) {
        struct sim *sim = sim_new(&scenarios[i], 3);
        assert_non_null(sim);
        for (int step = 0; step < STEPS; step++) {
            double before_j[SIM_DOMAINS];
            for (size_t d = 0; d < sim->n_domains; d++)
                before_j[d] = sim->domains[d].energy_j;
            sim_step(sim);
            check_truth(sim, before_j);
        }
        sim_free(sim);
    }
}

/* What is read of CPU time, of energy and of busy time over a run is what was used. */
static void check_readings(const struct scenario *scenario)
{
    struct sim *sim = sim_new(scenario, 5);
    assert_non_null(sim);
    double begin_j = sim->domains[0].energy_j, used_s = 0, read_s = 0, unknown_s = 0, busy_s = 0;
    double package_s = 0, metered_j = 0;
    uint64_t before = sim->sample.meters.readings[0].value;
    for (int step = 0; step < STEPS; step++) {
        sim_step(sim);
        for (size_t p = 0; p < scenario->packages; p++) {
            unknown_s += sim->unknown[p] * sim->step_s;
            package_s += (double)sim->sample.busy.package_busy_ns[p] / 1e9;
            for (size_t i = 0; i < sim->n_workloads; i++)
                used_s += sim->workloads[i].cores[p] * sim->step_s;
        }
        for (size_t i = 0; i < sim->sample.n_activities; i++)
            read_s += (double)(sim->activities[i].cpu_ns + sim->activities[i].child_ns) / 1e9;
        busy_s += (double)sim->sample.busy.busy_ns / 1e9;
        assert_true(sim->load <= 1.0001);
        uint64_t now = sim->sample.meters.readings[0].value;
        metered_j += (double)(now >= before ? now - before : now + 262143328911 - before) / 1e6;
        before = now;
    }
    double slack_s = 0.02 * (double)sim->n_workloads * SIM_PROCESSES;
    slack_s += scenario->forked * 3 * scenario->cpus; /* children that still run */
    assert_true(fabs(read_s - used_s) <= slack_s);
    assert_true(fabs(busy_s - used_s - unknown_s) <= 0.011);
    assert_true(fabs(package_s - used_s - unknown_s) <= 0.02 * scenario->cpus * scenario->packages);
    /* The kernel's 61.035 for 61.03515625 uJ, and a millisecond at each end. */
    double turned_j = sim->domains[0].energy_j - begin_j;
    assert_true(fabs(metered_j - turned_j) <= turned_j * 5e-6 + 1);
    sim_free(sim);
}

static void test_readings_are_what_was_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_scenarios; i++)
        check_readings(&scenarios[i]);
}

static void test_curves_go_through_what_was_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_curves; i++) {
        for (int point = 0; point < CURVE_POINTS; point++) {
            double watts = curve_dynamic_w(&curves[i], point / 10.0);
            assert_true(fabs(watts + curves[i].watts[0] - curves[i].watts[point]) < 1e-9);
        }
        assert_true(curve_dynamic_w(&curves[i], 1.05) > curve_dynamic_w(&curves[i], 1));
    }
}

/* 4 CPUs, half busy, two workloads at 1.5 and 0.3 of them, 100 J. */
static void test_the_formulas_of_others(void **state)
{
    (void)state;
    struct activity activities[] = {
        {.workload = ring_workload_id(RING_WORKLOAD_FIRST, 1), .cpu_ns = 1500 * NS_PER_MS},
        { .workload = ring_workload_id(RING_WORKLOAD_FIRST + 1,                                              1),
         .cpu_ns = 100 * NS_PER_MS,
         .child_ns = 200 * NS_PER_MS},
    };
    struct sample *sample = calloc(1, sizeof(*sample));
    assert_non_null(sample);
    sample->activities = activities;
    sample->n_activities = ARRAY_SIZE(activities);
    sample->busy = (struct busy){.busy_ns = 2 * NS_PER_S, .elapsed_ns = NS_PER_S, .cpus = 4};
    struct peers peers = {0};
    peers_tick(&peers, sample, 100 * UJ_PER_J);
    assert_true(fabs(peers.kepler_uj[0] / 1e6 - 50 * 1.5 / 1.8) < 1e-9);
    assert_true(fabs(peers.kepler_uj[1] / 1e6 - 50 * 0.3 / 1.8) < 1e-9);
    assert_true(fabs(peers.scaphandre_uj[0] / 1e6 - 37.5) < 1e-9);
    assert_true(fabs(peers.scaphandre_uj[1] / 1e6 - 7.5) < 1e-9);
    assert_true(fabs(peers.share_uj[0] / 1e6 - 100 * 1.5 / 1.8) < 1e-9);
    free(sample);
}

/* The floor knows more than equal watts do, and no split can be right that knows less. */
static void test_a_verdict(void **state)
{
    (void)state;
    struct verdict verdict;
    struct judged_workload workloads[SIM_WORKLOADS];
    assert_true(judge(scenario_find("eight-light"), 1, 0.5, &verdict, workloads));
    double off_j = 0, sum_j = 0;
    for (size_t i = 0; i < SIM_WORKLOADS; i++) {
        off_j += fabs(workloads[i].estimate_j - workloads[i].truth_j);
        sum_j += workloads[i].truth_j;
    }
    assert_true(fabs(off_j / sum_j - verdict.error[METHOD_GREEND]) < 1e-9);
    assert_true(verdict.done && verdict.exact);
    assert_true(verdict.error[METHOD_FLOOR] < 0.02);
    assert_true(verdict.error[METHOD_FLOOR] < verdict.error[METHOD_EQUAL]);
    assert_true(verdict.error[METHOD_EQUAL] < verdict.error[METHOD_SHARE]);
    assert_true(verdict.n > 5 && verdict.n <= 10);
}

static struct summary summary_of(const char *name, double error, double peer)
{
    return (struct summary){
        .scenario = scenario_find(name),
        .exact = true,
        .error = {error,       peer, peer * 1.1},
        .error_p90 = {error * 1.5},
        .idle_error = 0.02,
        .idle_seen = 1,
        .seen_error = 0.02,
        .stated = true,
        .coverage = 0.95,
        .half_width = 0.20,
        .relative_p90 = 0.10
    };
}

static void test_bars(void **state)
{
    (void)state;
    struct bar bars[BARS];
    struct summary summary = summary_of("sixteen-medium", 0.049, 0.30);
    bars_judge(&summary, bars);
    for (size_t i = 0; i < BARS; i++)
        assert_true(bars[i].asked && bars[i].met);
    summary = summary_of("sixteen-medium", 0.101, 0.30);
    bars_judge(&summary, bars);
    assert_true(!bars[BAR_ERROR].met && !bars[BAR_P90].met && !bars[BAR_GAIN].met);
    summary.stated = false;
    bars_judge(&summary, bars);
    assert_true(!bars[BAR_COVERAGE].met && !bars[BAR_WIDTH].asked);
    /* Never idle: no worse than the better peer, or 3 %. */
    summary = summary_of("steady-70", 0.10, 0.11);
    bars_judge(&summary, bars);
    assert_true(bars[BAR_ERROR].met && !bars[BAR_GAIN].asked && !bars[BAR_P90].asked);
    summary = summary_of("steady-70", 0.029, 0.01);
    bars_judge(&summary, bars);
    assert_true(bars[BAR_ERROR].met);
}

static void test_what_gets_worse_is_told(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    char path[sizeof(scratch.path) + 16];
    (void)snprintf(path, sizeof(path), "%s/limits", scratch.path);
    struct summary before[2] = {summary_of("sixteen-medium", 0.04, 0.3),
                                summary_of("steady", 0.2, 0.5)};
    before[1].stated = false;
    assert_int_equal(limits_write(path, before, 2), 0);
    assert_int_equal(limits_check(path, before, 2), 0);
    assert_int_equal(limits_check(path, before, 1), 1);
    struct summary worse[2] = {before[0], before[1]};
    worse[0].error[METHOD_GREEND] = 0.05;
    assert_int_equal(limits_check(path, worse, 2), 1);
    worse[0] = before[0];
    worse[0].coverage = 0.85;
    assert_int_equal(limits_check(path, worse, 2), 1);
    worse[0] = before[0];
    worse[0].half_width *= 2;
    assert_int_equal(limits_check(path, worse, 2), 1);
    worse[0] = before[0];
    worse[1].idle_error = 0.1;
    assert_int_equal(limits_check(path, worse, 2), 1);
    scratch_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_scenarios_have_names_of_their_own),
        cmocka_unit_test(test_truth_adds_up),
        cmocka_unit_test(test_readings_are_what_was_used),
        cmocka_unit_test(test_curves_go_through_what_was_published),
        cmocka_unit_test(test_the_formulas_of_others),
        cmocka_unit_test(test_a_verdict),
        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_what_gets_worse_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
