/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/estimator/estimator_internal.h"
#include "random.h"

enum { CPUS = 16, MOST = RING_WORKLOADS_MAX - RING_WORKLOAD_FIRST };

static const struct estimator_prior prior = {.slope_w = 5, .slope_sd_w = 3};

/* A machine of 40 W idle power, whose workloads take 3 to 7 W per busy CPU. */
struct machine {
    struct random random;
    struct estimator *estimator;
    struct estimator_load loads[MOST];
    struct estimator_tick tick;
    struct estimator_answer answer;
};

static const double idle_power_w = 40;

static double watts_of(size_t i)
{
    return 3 + (double)(i % 5);
}

static struct machine *machine_new(uint64_t seed)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    machine->random = random_begin("estimator", seed);
    machine->estimator = malloc(sizeof(*machine->estimator));
    assert_non_null(machine->estimator);
    assert_int_equal(estimator_init(machine->estimator, &prior), 0);
    return machine;
}

static void machine_free(struct machine *machine)
{
    estimator_done(machine->estimator);
    free(machine->estimator);
    free(machine);
}

static uint32_t id_of(size_t i)
{
    return ring_workload_id((uint32_t)(RING_WORKLOAD_FIRST + i), 1);
}

/* A second in which n workloads use about `load` of the CPUs. */
static void make_tick(struct machine *machine, size_t n, double load)
{
    double power_w = idle_power_w;
    machine->tick = (struct estimator_tick){
        .dt_s = 1, .elapsed_s = 1, .cpus = CPUS, .loads = machine->loads, .n_loads = n};
    for (size_t i = 0; i < n; i++) {
        double cpus = 2 * random_unit(&machine->random) * load * CPUS / (double)n;
        machine->loads[i] = (struct estimator_load){.workload = id_of(i), .cpus = cpus};
        machine->tick.busy_cpus += cpus;
        power_w += cpus * watts_of(i);
    }
    machine->tick.energy_j = power_w;
}

/* No answer is anything but a number, and all energy is idle or dynamic. */
static void run_tick(struct machine *machine)
{
    estimator_tick(machine->estimator, &machine->tick, &machine->answer);
    const struct estimator_answer *answer = &machine->answer;
    assert_true(isfinite(answer->idle_j) && isfinite(answer->idle_uncertainty));
    assert_true(answer->idle_j >= 0);
    assert_true(answer->idle_j <= machine->tick.energy_j * (1 + 1e-9));
    assert_true(answer->idle_uncertainty >= 0);
    for (size_t i = 0; i < machine->tick.n_loads; i++) {
        const struct estimator_load *load = &machine->loads[i];
        assert_true(isfinite(load->weight) && load->weight > 0);
        assert_true(isfinite(load->uncertainty) && load->uncertainty > 0);
        assert_true(load->column <= FIT_WORKLOADS);
    }
}

static void run(struct machine *machine, int ticks, size_t n, double load)
{
    for (int t = 0; t < ticks; t++) {
        make_tick(machine, n, load);
        run_tick(machine);
    }
}

/* Weight of a workload relative to that of the first. */
static double relative(const struct machine *machine, size_t i)
{
    return machine->loads[i].weight / machine->loads[0].weight;
}

static void test_it_learns_who_takes_what(void **state)
{
    (void)state;
    struct machine *machine = machine_new(18);
    run(machine, 60, 8, 0.002);
    run(machine, 3000, 8, 0.3);
    assert_true(fabs(machine->answer.idle_j - idle_power_w) < 0.05 * idle_power_w);
    for (size_t i = 0; i < 8; i++) {
        double truth = watts_of(i) / watts_of(0);
        assert_true(fabs(relative(machine, i) / truth - 1) < 0.12);
        assert_true(machine->loads[i].uncertainty < 0.35);
    }
    machine_free(machine);
}

static void test_an_idle_machine(void **state)
{
    (void)state;
    struct machine *machine = machine_new(19);
    run(machine, 60, 3, 0.0005);
    assert_true(fabs(machine->estimator->level_w - idle_power_w) < 0.02 * idle_power_w);
    assert_true(fabs(machine->answer.idle_j - idle_power_w) < 0.02 * idle_power_w);
    assert_true(machine->answer.idle_uncertainty < 0.1);
    /* Nothing runs at all: all is idle power. */
    make_tick(machine, 0, 0);
    run_tick(machine);
    assert_true(machine->answer.idle_j == machine->tick.energy_j);
    machine_free(machine);
}

static void test_little_load_tells_idle_power(void **state)
{
    (void)state;
    struct machine *machine = machine_new(20);
    run(machine, 120, 5, 0.008);
    run(machine, 600, 5, 0.4);
    assert_true(fabs(machine->answer.idle_j - idle_power_w) < 0.05 * idle_power_w);
    machine_free(machine);
}

static void test_a_machine_that_is_never_idle(void **state)
{
    (void)state;
    struct machine *machine = machine_new(21);
    /* Always the same: nothing tells idle power from what the load takes. */
    for (int t = 0; t < 1200; t++) {
        machine->random = (struct random){.state = 1};
        make_tick(machine, 4, 0.6);
        run_tick(machine);
    }
    double half_j = machine->answer.idle_j * machine->answer.idle_uncertainty;
    assert_true(machine->answer.idle_uncertainty > 0.2);
    assert_true(fabs(machine->answer.idle_j - idle_power_w) < half_j);
    machine_free(machine);
}

/* What a meter that was mad for a while did is gone some time after. */
static void assert_recovers(struct machine *machine, const char *what, double off)
{
    run(machine, 120, 5, 0.002);
    run(machine, 1800, 5, 0.3);
    if (!(fabs(machine->answer.idle_j - idle_power_w) < 0.06 * idle_power_w))
        fail_msg("%s: idle power is said to be %.2f W", what, machine->answer.idle_j);
    for (size_t i = 0; i < 5; i++) {
        if (!(fabs(relative(machine, i) / (watts_of(i) / watts_of(0)) - 1) < off))
            fail_msg("%s: workload %zu has %.3f times the watts", what, i, relative(machine, i));
    }
    machine_free(machine);
}

static void test_bad_meters(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        double factor, energy_j;
        int ticks;
        double off; /* of workloads, half an hour later */
    } cases[] = {
        {"zero",             0, 0,    300, 0.1 },
        {"stuck",            0, 70,   200, 0.3 },
        {"doubled",          2, 0,    100, 0.25},
        {"next to none",     0, 1e-6, 2,   0.2 },
        {"none for a while", 0, 1e-6, 40,  0.4 },
        {"high",             0, 1e5,  2,   0.03},
        {"huge",             0, 1e9,  300, 0.1 },
        {"2^63 uJ",          0, 9e12, 20,  0.1 },
    };
    for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
        struct machine *machine = machine_new(22 + c);
        run(machine, 120, 5, 0.002);
        run(machine, 600, 5, 0.3);
        for (int t = 0; t < cases[c].ticks; t++) {
            make_tick(machine, 5, c % 2 ? 0.3 : 0.002);
            machine->tick.energy_j = machine->tick.energy_j * cases[c].factor + cases[c].energy_j;
            run_tick(machine);
        }
        assert_recovers(machine, cases[c].what, cases[c].off);
    }
}

/* A single reading of almost nothing while the machine rests. */
static void test_one_low_reading_is_not_idle_power(void **state)
{
    (void)state;
    struct machine *machine = machine_new(30);
    run(machine, 12, 5, 0.001);
    for (int t = 0; t < 2; t++) {
        make_tick(machine, 5, 0.001);
        machine->tick.energy_j *= 0.3;
        run_tick(machine);
    }
    run(machine, 60, 5, 0.001);
    assert_true(fabs(machine->estimator->level_w - idle_power_w) < 0.03 * idle_power_w);
    machine_free(machine);
}

/* Rows that are far off are not learned from, unless that is how it is from now on. */
static void test_what_is_far_off_for_long_is_believed(void **state)
{
    (void)state;
    struct machine *machine = machine_new(33);
    run(machine, 600, 5, 0.3);
    double age_s = machine->estimator->age_s;
    for (int t = 0; t < 100; t++) {
        make_tick(machine, 5, 0.3);
        machine->tick.energy_j *= 10;
        run_tick(machine);
        if (t < 60)
            assert_true(machine->estimator->age_s == age_s);
    }
    assert_true(machine->estimator->age_s > age_s + 30);
    machine_free(machine);
}

/* A meter that counts on every seven seconds: its power is that of seven seconds. */
static void test_a_meter_that_steps_rarely(void **state)
{
    (void)state;
    struct machine *machine = machine_new(31);
    double kept_j = 0;
    for (int t = 0; t < 1500; t++) {
        make_tick(machine, 5, 0.002);
        kept_j += machine->tick.energy_j;
        machine->tick.energy_j = t % 7 == 6 ? kept_j : 0;
        kept_j = t % 7 == 6 ? 0 : kept_j;
        run_tick(machine);
    }
    assert_true(fabs(machine->estimator->level_w - idle_power_w) < 0.05 * idle_power_w);
    machine_free(machine);
}

/* More CPU time than there can be, for a second: it teaches nothing. */
static void test_more_time_than_cpus(void **state)
{
    (void)state;
    struct machine *machine = machine_new(32);
    run(machine, 11, 5, 0.002);
    make_tick(machine, 5, 1e15); /* before there is anything to compare it with */
    machine->tick.energy_j = 100;
    run_tick(machine);
    assert_true(machine->estimator->age_s == 6); /* a row of six seconds was left out */
    run(machine, 120, 5, 0.002);
    run(machine, 900, 5, 0.3);
    make_tick(machine, 5, 1e15);
    machine->tick.energy_j = 100;
    run_tick(machine);
    run(machine, 300, 5, 0.3);
    assert_true(fabs(machine->answer.idle_j - idle_power_w) < 0.05 * idle_power_w);
    for (size_t i = 0; i < CURVE_LAGGED; i++)
        assert_true(machine->estimator->views[0].memory.slow[i] < CPUS);
    assert_true(fabs(relative(machine, 4) / (watts_of(4) / watts_of(0)) - 1) < 0.2);
    machine_free(machine);
}

static double wild(struct random *random, double most)
{
    switch (random_below(random, 6)) {
    case 0:
        return 0;
    case 1:
        return 1e-9;
    case 2:
        return most;
    default:
        return most * pow(random_unit(random), 40);
    }
}

static void test_any_input_gives_numbers(void **state)
{
    (void)state;
    for (uint64_t seed = 40; seed < 46; seed++) {
        struct machine *machine = machine_new(seed);
        struct random *random = &machine->random;
        for (int t = 0; t < 1500; t++) {
            size_t n = random_below(random, 40);
            make_tick(machine, n, 0.3);
            machine->tick.busy_cpus = 0;
            for (size_t i = 0; i < n; i++) {
                if (random_below(random, 20) == 0)
                    machine->loads[i].cpus = wild(random, 1e22);
                machine->loads[i].workload = ring_workload_id(
                    (uint32_t)random_below(random, RING_WORKLOADS_MAX), (uint32_t)(t / 50 + 1));
                machine->tick.busy_cpus += machine->loads[i].cpus;
            }
            if (random_below(random, 4) == 0)
                machine->tick.energy_j = wild(random, 9.3e12);
            if (random_below(random, 10) == 0)
                machine->tick.dt_s = wild(random, 3.2e7);
            if (random_below(random, 10) == 0)
                machine->tick.elapsed_s =
                    random_below(random, 2) ? machine->tick.dt_s : wild(random, 3.2e7);
            if (random_below(random, 10) == 0)
                machine->tick.cpus = random_below(random, 2) ? 0 : 65535;
            run_tick(machine);
            for (size_t k = 0; k < ESTIMATOR_FITS; k++)
                for (size_t i = 0; i < FIT_SIZE; i++)
                    assert_true(isfinite(machine->estimator->views[k].fit.theta[i]));
        }
        machine_free(machine);
    }
}

/* A small machine in microwatts and a large one in megawatts, each with as many CPUs as can be. */
static void test_any_size_of_power(void **state)
{
    (void)state;
    static const double scales[] = {1e-12, 1e-6, 1e-3, 1e4};
    for (size_t s = 0; s < ARRAY_SIZE(scales); s++) {
        struct machine *machine = machine_new(50 + s);
        for (int t = 0; t < 400; t++) {
            make_tick(machine, 10, t % 100 < 20 ? 0.001 : 0.5);
            machine->tick.energy_j *= scales[s];
            if (t >= 200) {
                machine->tick.cpus = 65535;
                machine->tick.busy_cpus = 0;
                for (size_t i = 0; i < 10; i++) {
                    machine->loads[i].cpus *= 4000;
                    machine->tick.busy_cpus += machine->loads[i].cpus;
                }
            }
            run_tick(machine);
        }
        machine_free(machine);
    }
}

static void test_the_same_samples_give_the_same(void **state)
{
    (void)state;
    struct machine *one = machine_new(60), *two = machine_new(60);
    /* What a heap was used for before is no input either. */
    memset(two->loads, 0xa5, sizeof(two->loads));
    for (int t = 0; t < 1500; t++) {
        size_t n = 1 + (size_t)t % 80;
        double load = t % 300 < 30 ? 0.001 : 0.4;
        make_tick(one, n, load);
        make_tick(two, n, load);
        for (size_t i = 0; i < n; i++)
            one->loads[i].workload = two->loads[i].workload =
                ring_workload_id((uint32_t)(RING_WORKLOAD_FIRST + i), 1 + (uint32_t)t / 100);
        run_tick(one);
        run_tick(two);
        assert_memory_equal(one->loads, two->loads, n * sizeof(one->loads[0]));
        assert_memory_equal(&one->answer, &two->answer, sizeof(one->answer));
    }
    machine_free(one);
    machine_free(two);
}

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
    assert_true(machine->loads[4].uncertainty > 0.6);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_learns_who_takes_what),
        cmocka_unit_test(test_an_idle_machine),
        cmocka_unit_test(test_little_load_tells_idle_power),
        cmocka_unit_test(test_a_machine_that_is_never_idle),
        cmocka_unit_test(test_bad_meters),
        cmocka_unit_test(test_one_low_reading_is_not_idle_power),
        cmocka_unit_test(test_what_is_far_off_for_long_is_believed),
        cmocka_unit_test(test_a_meter_that_steps_rarely),
        cmocka_unit_test(test_more_time_than_cpus),
        cmocka_unit_test(test_any_input_gives_numbers),
        cmocka_unit_test(test_any_size_of_power),
        cmocka_unit_test(test_the_same_samples_give_the_same),
        cmocka_unit_test(test_more_workloads_than_columns),
        cmocka_unit_test(test_a_slot_of_another_workload_is_forgotten),
        cmocka_unit_test(test_jobs_that_come_and_go),
        cmocka_unit_test(test_all_slots_change_each_tick),
        cmocka_unit_test(test_the_second_view_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
