/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/estimator/load_switch.h"
#include "random.h"

/* A load that jumps every few seconds, and 5 W that come above `high` and go below `low`. */
struct machine {
    struct random random;
    double low, high, noise_w, load;
    bool on;
};

static struct machine machine_of(double low, double high, uint64_t seed)
{
    return (struct machine){
        .random = random_begin("load switch", seed), .low = low, .high = high, .noise_w = 1};
}

static double rest_of(struct machine *machine)
{
    if (machine->load > machine->high)
        machine->on = true;
    if (machine->load < machine->low)
        machine->on = false;
    double noise_w = machine->noise_w * (random_unit(&machine->random) - 0.5);
    return (machine->on ? 5 : 0) + noise_w;
}

static void step(struct machine *machine, struct load_switch *own)
{
    if (random_below(&machine->random, 5) == 0)
        machine->load = random_unit(&machine->random) * 0.8;
    double rest_w = rest_of(machine);
    (void)load_switch_turn(own, machine->load);
    (void)load_switch_learn(own, rest_w, 1);
}

static void run(struct machine *machine, struct load_switch *own, int seconds)
{
    for (int t = 0; t < seconds; t++)
        step(machine, own);
}

static bool is_at(const struct load_switch *own, double low, double high)
{
    double step = 1.0 / LOAD_SWITCH_STEPS;
    return own->high > 0 && fabs(own->low * step - low) < 1.01 * step &&
           fabs(own->high * step - high) < 1.01 * step;
}

static void test_it_is_found(void **state)
{
    (void)state;
    static const double lows[] = {0.25, 0.13, 0.31, 0.503}, highs[] = {0.4, 0.43, 0.49, 0.719};
    for (size_t i = 0; i < ARRAY_SIZE(lows); i++) {
        struct load_switch own = {0};
        struct machine machine = machine_of(lows[i], highs[i], i);
        run(&machine, &own, 1800);
        assert_true(is_at(&own, lows[i], highs[i]));
    }
}

/* What comes and goes at the same load is the curve's. */
static void test_a_step_is_none(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct load_switch own = {0};
        double load = 0.1 + 0.08 * (double)seed;
        struct machine machine = machine_of(load, load, seed);
        for (int t = 0; t < 3600; t++) {
            step(&machine, &own);
            assert_true(own.high == 0);
        }
    }
}

/* A workload that comes and goes, and takes more than is known, turns many pairs, always by the
 * same: single loads as well. */
static void test_a_workload_is_none(void **state)
{
    (void)state;
    struct load_switch own = {0};
    for (int t = 0; t < 3600; t++) {
        bool works = t / 20 % 2;
        (void)load_switch_turn(&own, works ? 0.6 : 0.2);
        (void)load_switch_learn(&own, works ? 5 : 0, 1);
        assert_true(own.high == 0);
    }
}

static void test_noise_is_none(void **state)
{
    (void)state;
    for (uint64_t seed = 20; seed < 30; seed++) {
        struct load_switch own = {0};
        struct machine machine = machine_of(2, 3, seed);
        for (int t = 0; t < 3600; t++) {
            step(&machine, &own);
            assert_true(own.high == 0);
        }
    }
}

static void test_it_turns(void **state)
{
    (void)state;
    static const struct {
        double load;
        bool on;
    } steps[] = {
        {0.3,  false},
        {0.39, false},
        {0.41, true },
        {0.3,  true },
        {0.25, true },
        {0.23, false},
        {0.39, false},
        {1e9,  true },
        {-1,   false},
        {0.3,  false},
    };
    struct load_switch own = {.low = 12, .high = 20};
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
        assert_true(load_switch_turn(&own, steps[i].load) == steps[i].on);
    struct load_switch none = {0};
    assert_false(load_switch_turn(&none, 0.9));
}

/* It goes when power jumps no more, and stays while the load does not cross it. */
static void test_it_ends(void **state)
{
    (void)state;
    struct load_switch own = {0};
    struct machine machine = machine_of(0.25, 0.4, 7);
    run(&machine, &own, 3600);
    assert_true(own.high > 0);
    for (int t = 0; t < 36000; t++) {
        (void)load_switch_turn(&own, 0.05);
        assert_false(load_switch_learn(&own, machine.noise_w * random_unit(&machine.random), 1));
    }
    assert_true(own.high > 0);
    machine.low = 2;
    machine.high = 3;
    run(&machine, &own, 7200);
    assert_true(own.high == 0);
}

/* Where an interval cannot be told, nothing is known of the jump over it. */
static void test_untold_intervals(void **state)
{
    (void)state;
    struct load_switch own = {0};
    struct machine machine = machine_of(0.25, 0.4, 9);
    for (int t = 0; t < 7200; t++) {
        if (t % 3 == 2)
            machine.load = random_unit(&machine.random) * 0.8;
        double rest_w = rest_of(&machine);
        (void)load_switch_turn(&own, machine.load);
        if (t % 3 != 1)
            (void)load_switch_learn(&own, rest_w, 1);
        assert_true(own.high == 0);
    }
    for (size_t i = 0; i < LOAD_SWITCH_PAIRS; i++)
        assert_true(own.pairs[i].turns == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_found),        cmocka_unit_test(test_a_step_is_none),
        cmocka_unit_test(test_a_workload_is_none), cmocka_unit_test(test_noise_is_none),
        cmocka_unit_test(test_it_turns),           cmocka_unit_test(test_it_ends),
        cmocka_unit_test(test_untold_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
