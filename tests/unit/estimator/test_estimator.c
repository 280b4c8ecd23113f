/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "support/estimator_machine.h"

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

/* Where CPUs share their cores, what each saves by that is not known: of 16 CPUs 14.4 are
 * busy, 12.8 of them on shared cores. */
static void test_a_crowd_is_told_less_surely(void **state)
{
    (void)state;
    struct machine *machine = machine_new(22);
    run(machine, 60, 8, 0.002);
    run(machine, 3000, 8, 0.9);
    double cpus = machine->tick.busy_cpus, crowd = (2 * cpus - machine->tick.cpus) / cpus;
    assert_true(crowd > 0.8);
    for (size_t i = 0; i < 8; i++)
        assert_true(machine->loads[i].uncertainty > 1.96 * 0.05 * 0.9 * crowd);
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
    assert_true(fabs(machine->estimator->level_w - idle_power_w) < 0.04 * idle_power_w);
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
            size_t n = random_index(random, 40);
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

/* Power is a curve of the work done, and beyond 8 of 16 CPUs two threads of a core do it for less:
 * one CPU more then takes less off all, which is not what its workload takes. */
static void test_shared_cores(void **state)
{
    (void)state;
    struct machine *machine = machine_new(61);
    run(machine, 120, 5, 0.001);
    for (int t = 0; t < 5400; t++) {
        make_tick(machine, 5, 0.6);
        double work_w = machine->tick.energy_j - idle_power_w;
        double busy_cpus = machine->tick.busy_cpus;
        work_w *= 1 - 0.15 * fmax(0, 2 * (busy_cpus - 8) / busy_cpus);
        machine->tick.energy_j = idle_power_w + work_w * work_w / 50;
        run_tick(machine);
    }
    assert_true(machine->estimator->chosen == ESTIMATOR_BY_WATTS);
    for (size_t i = 0; i < 5; i++) {
        double truth = watts_of(i) / watts_of(0);
        assert_true(fabs(relative(machine, i) / truth - 1) < 0.12);
    }
    machine_free(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_learns_who_takes_what),
        cmocka_unit_test(test_an_idle_machine),
        cmocka_unit_test(test_little_load_tells_idle_power),
        cmocka_unit_test(test_a_machine_that_is_never_idle),
        cmocka_unit_test(test_a_crowd_is_told_less_surely),
        cmocka_unit_test(test_bad_meters),
        cmocka_unit_test(test_one_low_reading_is_not_idle_power),
        cmocka_unit_test(test_what_is_far_off_for_long_is_believed),
        cmocka_unit_test(test_a_meter_that_steps_rarely),
        cmocka_unit_test(test_more_time_than_cpus),
        cmocka_unit_test(test_any_input_gives_numbers),
        cmocka_unit_test(test_any_size_of_power),
        cmocka_unit_test(test_the_same_samples_give_the_same),
        cmocka_unit_test(test_shared_cores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
