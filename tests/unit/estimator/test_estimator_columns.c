/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/learned.h"
#include "support/estimator_machine.h"

/* ---- Columns ---- */

/* Those for whom there is no column are taken as the mean, and change nothing for the others. */
static void test_more_workloads_than_columns(void **state)
{
    (void)state;
    struct machine *machine = machine_new(61);
    run(machine, 400, MOST, 0.4);
    const struct estimator *e = machine->estimator;
    assert_int_equal(e->n_columns, FIT_WORKLOADS);
    double mean_w = e->views[e->chosen].fit.theta[CURVE_SLOPE];
    for (size_t i = 0; i < MOST; i++) {
        assert_int_equal(machine->loads[i].column, MIN(i, FIT_WORKLOADS));
        if (i >= FIT_WORKLOADS)
            assert_true(machine->loads[i].weight == mean_w);
    }
    assert_true(e->views[ESTIMATOR_BY_CPUS].shown[CURVE_SLOPE] == machine->tick.busy_cpus);
    /* 2,000 others, each second: those who were here before keep their columns. */
    for (int t = 0; t < 50; t++) {
        make_tick(machine, MOST, 0.4);
        for (size_t i = FIT_WORKLOADS; i < MOST; i++)
            machine->loads[i].workload = ring_workload_id(ring_workload_slot(id_of(i)), 2 + t);
        run_tick(machine);
        assert_int_equal(machine->loads[0].column, 0);
    }
    machine_free(machine);
}

static void test_a_slot_of_another_workload_is_forgotten(void **state)
{
    (void)state;
    struct machine *machine = machine_new(62);
    run(machine, 60, 8, 0.002);
    run(machine, 1500, 8, 0.3);
    struct estimator *e = machine->estimator;
    assert_true(relative(machine, 4) > 1.5);
    double mean_w = e->views[e->chosen].fit.theta[CURVE_SLOPE];
    make_tick(machine, 8, 0.3);
    machine->loads[4].workload = ring_workload_id(ring_workload_slot(id_of(4)), 2);
    run_tick(machine);
    assert_int_equal(machine->loads[4].column, 4); /* it takes the same column, and no other */
    assert_int_equal(e->n_columns, 8);
    assert_true(machine->loads[4].weight == mean_w);
    assert_true(machine->loads[4].uncertainty > 0.55); /* 3 to 10 W: 6.5 W, 54 % more or less */
    assert_true(machine->loads[3].uncertainty < 0.35);
    machine_free(machine);
}

/* Each second another job in a unit of its own, as build machines have: columns that no one uses
 * are given away, the cost of a second is bounded, and all the while it learns. */
static void test_jobs_that_come_and_go(void **state)
{
    (void)state;
    struct machine *machine = machine_new(63);
    struct estimator *e = machine->estimator;
    unsigned solutions = 0, placed = 0;
    for (int t = 0; t < 4000; t++) {
        make_tick(machine, 5, t < 120 ? 0.002 : 0.3);
        if (t >= 120) {
            machine->loads[4].workload =
                ring_workload_id(100 + (uint32_t)t % 1900, 1 + (uint32_t)t / 1900);
        }
        run_tick(machine);
        assert_true(e->forgotten <= 2);
        placed += machine->loads[4].column < FIT_WORKLOADS;
        if (t == 2000)
            solutions = e->solutions;
    }
    assert_int_equal(e->n_columns, FIT_WORKLOADS);
    assert_true(placed > 700);
    assert_true(e->solutions >= solutions + 10);
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(relative(machine, i) / (watts_of(i) / watts_of(0)) - 1) < 0.2);
    machine_free(machine);
}

/* All slots are other workloads' each second: no more is forgotten than a second has room for, and
 * none is taken for who was there before. */
static void test_all_slots_change_each_tick(void **state)
{
    (void)state;
    struct machine *machine = machine_new(64);
    struct estimator *e = machine->estimator;
    for (int t = 0; t < 900; t++) {
        make_tick(machine, 300, 0.3);
        for (size_t i = 0; i < 300; i++)
            machine->loads[i].workload =
                ring_workload_id(ring_workload_slot(id_of(i)), 1 + (uint32_t)t);
        run_tick(machine);
        assert_true(e->forgotten <= 2);
        for (size_t i = 0; i < 300; i++) {
            if (machine->loads[i].column < FIT_WORKLOADS)
                assert_int_equal(e->columns[machine->loads[i].column].workload,
                                 machine->loads[i].workload);
        }
    }
    assert_true(e->solutions > 3);
    assert_int_equal(e->n_columns, FIT_WORKLOADS);
    machine_free(machine);
}

/* More than 64 columns end the second view; what it had is not looked at any more. */
static void test_the_second_view_ends(void **state)
{
    (void)state;
    struct machine *machine = machine_new(65);
    run(machine, 300, 20, 0.3);
    machine->estimator->chosen = ESTIMATOR_BY_WATTS;
    run(machine, 30, 20, 0.3);
    run(machine, 3, 100, 0.3);
    assert_int_equal(machine->estimator->chosen, ESTIMATOR_BY_CPUS);
    run(machine, 900, 20, 0.3);
    assert_int_equal(machine->estimator->chosen, ESTIMATOR_BY_CPUS);
    assert_true(machine->estimator->solutions > 10);
    machine_free(machine);
}

/* Nothing of the columns that are not in use any more is left to whom they are given next. */
static void assert_nothing_beyond(const struct estimator *e)
{
    assert_int_equal(e->views[ESTIMATOR_BY_CPUS].fit.n, estimator_size(e));
    for (size_t i = estimator_size(e); i < FIT_SIZE; i++) {
        const struct estimator_view *view = &e->views[ESTIMATOR_BY_CPUS];
        assert_true(view->row[i] == 0 && view->before[i] == 0 && view->shown[i] == 0);
    }
}

enum { STAYING = 20, CROWD = 120 };

/* Of those who stay: which they are, and what they take relative to the first. */
static size_t stays(size_t i)
{
    return CROWD - 1 - 5 * i;
}

static double off_by(size_t i, double relative_w)
{
    return fabs(relative_w / (watts_of(stays(i) - i % 3) / watts_of(stays(0))) - 1);
}

/* Columns of those who are away are given up where that makes room for the second view; nobody who
 * is here loses his watts, wherever his column goes. */
static void test_the_second_view_comes_back(void **state)
{
    (void)state;
    struct machine *machine = machine_new(66);
    struct estimator *e = machine->estimator;
    run(machine, 120, STAYING, 0.002);
    run(machine, 1500, CROWD, 0.4);
    assert_int_equal(e->n_columns, CROWD);
    /* Every fifth of them stays, most of them in columns that will go. */
    double before[STAYING] = {0};
    size_t columns = CROWD;
    for (int t = 0; t < 3000; t++) {
        make_tick(machine, STAYING, 0.3);
        machine->tick.energy_j = idle_power_w;
        for (size_t i = 0; i < STAYING; i++) {
            machine->loads[i].workload = id_of(stays(i));
            machine->tick.energy_j += machine->loads[i].cpus * watts_of(stays(i) - i % 3);
        }
        run_tick(machine);
        assert_true(e->forgotten <= 2);
        for (size_t i = 0; i < STAYING; i++) {
            const struct estimator_load *load = &machine->loads[i];
            assert_int_equal(e->columns[load->column].workload, load->workload);
            if (e->n_columns == CROWD)
                before[i] = relative(machine, i);
            else if (t < 900)
                assert_true(off_by(i, relative(machine, i)) < off_by(i, before[i]) + 0.1);
        }
        if (e->n_columns != columns) {
            assert_nothing_beyond(e);
            assert_true(e->views[ESTIMATOR_BY_WATTS].fit.weight == 0);
        }
        columns = e->n_columns;
    }
    assert_int_equal(e->n_columns, STAYING);
    assert_true(e->views[ESTIMATOR_BY_WATTS].fit.weight > 0);
    assert_true(fabs(e->views[ESTIMATOR_BY_WATTS].fit.theta[CURVE_IDLE] - idle_power_w) < 4);
    for (size_t i = 0; i < STAYING; i++)
        assert_true(off_by(i, relative(machine, i)) < 0.1);
    machine_free(machine);
}

/* What a job takes is known when it comes back the next night. */
static void test_a_nightly_job(void **state)
{
    (void)state;
    enum { MANY = 100, JOB = 4 /* 7 W */ };
    const uint64_t key = 77;
    struct machine *machine = machine_new(67);
    struct estimator *e = machine->estimator;
    for (int t = 0; t < 6000; t++) {
        bool night = t < 3000, others = t >= 3000 && t < 3100;
        make_tick(machine, night ? 5 : others ? MANY : 4, t % 100 < 10 ? 0.002 : 0.3);
        if (night)
            machine->loads[JOB].key = key;
        else if (others)
            machine->loads[JOB].workload = id_of(MANY);
        run_tick(machine);
    }
    assert_int_equal(e->n_columns, 4);
    assert_true(estimator_recall_away(e, key) > 0.2);
    struct learned_domain *learned = calloc(1, sizeof(*learned));
    assert_true(estimator_keep(e, learned));
    size_t at = 0;
    while (at < learned->n_workloads && learned->workloads[at].key != key)
        at++;
    assert_true(at < learned->n_workloads);
    assert_true(learned->workloads[at].usual == estimator_recall_away(e, key));
    make_tick(machine, 5, 0.3);
    machine->loads[JOB].key = key;
    run_tick(machine);
    assert_true(relative(machine, JOB) > 1.7); /* 7 W to 3 W; a stranger has the mean, 5 W */
    assert_true(estimator_keep(e, learned));   /* once, though it is here and was away */
    size_t times = 0;
    for (size_t i = 0; i < learned->n_workloads; i++)
        times += learned->workloads[i].key == key;
    assert_int_equal(times, 1);
    free(learned);
    machine_free(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_workloads_than_columns),
        cmocka_unit_test(test_a_slot_of_another_workload_is_forgotten),
        cmocka_unit_test(test_jobs_that_come_and_go),
        cmocka_unit_test(test_all_slots_change_each_tick),
        cmocka_unit_test(test_the_second_view_ends),
        cmocka_unit_test(test_the_second_view_comes_back),
        cmocka_unit_test(test_a_nightly_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
