/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/attribution/baseline.h"
#include "greend/units.h"
#include "random.h"

/* Feeds seconds of a machine with P = idle + slope x load (W, busy cores) and a little noise. */
static void feed(struct baseline *baseline, struct random *random, int seconds, double idle_w,
                 double slope_w, double low, double high, uint32_t cpus)
{
    for (int i = 0; i < seconds; i++) {
        double load = low + (high - low) * random_unit(random);
        double power = (idle_w + slope_w * load) * (0.98 + 0.04 * random_unit(random));
        baseline_learn(baseline, (uint64_t)(power * 1e6), NS_PER_S, (uint64_t)(load * 1e9), cpus);
    }
}

static double idle_w(const struct baseline *baseline)
{
    return (double)baseline_idle_uw(baseline) / 1e6;
}

static void test_idle_machine_shows_its_level(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct baseline baseline = {0};
    feed(&baseline, &random, 60, 40, 6, 0, 0.05, 8);
    feed(&baseline, &random, 3600, 40, 6, 4, 8, 8);
    assert_true(idle_w(&baseline) > 39 && idle_w(&baseline) < 41.5);
    /* A curve that is flat at high load: its line would cross zero load at 80 W. */
    feed(&baseline, &random, 3600, 80, 1, 4, 8, 8);
    assert_true(idle_w(&baseline) > 39 && idle_w(&baseline) < 41.5);
}

static void test_changing_load_shows_the_line(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct baseline baseline = {0};
    feed(&baseline, &random, 1800, 60, 9, 2, 14, 16);
    assert_true(idle_w(&baseline) > 55 && idle_w(&baseline) < 66);
}

static void test_never_above_mean_nor_negative(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int round = 0; round < 200; round++) {
        struct baseline baseline = {0};
        for (int i = 0; i < 50; i++) {
            uint64_t e = random_bits(&random, 40), t = random_bits(&random, 36);
            baseline_learn(&baseline, e, t, random_bits(&random, 40),
                           (uint32_t)random_below(&random, 64));
            assert_true(baseline_idle_uw(&baseline) <= UINT64_C(1000000) * UW_PER_W);
        }
        double mean_w = baseline.weight_s > 0 ? baseline.power / baseline.weight_s : 0;
        assert_true(idle_w(&baseline) <= mean_w + 1e-6);
    }
}

static void test_dead_meter_teaches_nothing(void **state)
{
    (void)state;
    struct baseline baseline = {0};
    baseline_learn(&baseline, 0, NS_PER_S, 0, 4);
    baseline_learn(&baseline, 1000, 0, 0, 4);
    assert_int_equal(baseline_idle_uw(&baseline), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_machine_shows_its_level),
        cmocka_unit_test(test_changing_load_shows_the_line),
        cmocka_unit_test(test_never_above_mean_nor_negative),
        cmocka_unit_test(test_dead_meter_teaches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
