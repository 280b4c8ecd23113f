/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/estimator/meter_lag.h"
#include "random.h"

/* A load of 0 to 10 W that comes and goes, as a meter with this lag shows it beside 20 W. */
static void learn(struct meter_lag *lag, double tau_s, int seconds, double noise_w, uint64_t seed)
{
    struct random random = random_begin("meter_lag", seed);
    double drawn_w = 0, shown_w = 0;
    for (int t = 0; t < seconds; t++) {
        if (random_below(&random, 7) == 0)
            drawn_w = 10 * random_unit(&random);
        double mean_w = meter_lag_mean(tau_s, drawn_w, 1, &shown_w);
        double off_w = noise_w * (random_unit(&random) - 0.5);
        meter_lag_learn(lag, 20 + mean_w + off_w, drawn_w / 5, 1); /* in any unit */
    }
}

static void test_it_is_found(void **state)
{
    (void)state;
    for (double tau_s = 0.8; tau_s < 12; tau_s *= 1.23) {
        struct meter_lag lag = {0};
        learn(&lag, tau_s, 600, 0.2, 1);
        assert_true(fabs(lag.tau_s / tau_s - 1) < 0.12);
    }
}

static void test_a_meter_that_shows_what_is(void **state)
{
    (void)state;
    for (uint64_t seed = 2; seed < 12; seed++) {
        struct meter_lag lag = {0};
        learn(&lag, 0, 600, 1, seed);
        assert_true(lag.tau_s == 0);
    }
}

/* CPU times that are read some milliseconds early or late are noise that smoothing takes away: no
 * lag for that. */
static void test_clocks_that_jitter(void **state)
{
    (void)state;
    for (uint64_t seed = 12; seed < 20; seed++) {
        struct random random = random_begin("meter_lag jitter", seed);
        struct meter_lag lag = {0};
        double drawn_w = 0, kept_w = 0;
        for (int t = 0; t < 1200; t++) {
            if (random_below(&random, 7) == 0)
                drawn_w = 10 * random_unit(&random);
            double late_w = 0.3 * drawn_w * random_unit(&random);
            meter_lag_learn(&lag, 20 + drawn_w, drawn_w - late_w + kept_w, 1);
            kept_w = late_w;
            assert_true(lag.tau_s == 0);
        }
    }
}

/* Nothing that changes says nothing; nor does a meter that has nothing to do with the load. */
static void test_nothing_to_learn_from(void **state)
{
    (void)state;
    struct meter_lag lag = {0};
    for (int t = 0; t < 600; t++) {
        meter_lag_learn(&lag, 50, 3, 1);
        meter_lag_learn(&lag, 50, 3, 0);
    }
    assert_true(lag.tau_s == 0);
    struct random random = random_begin("meter_lag noise", 20);
    for (int t = 0; t < 3000; t++) {
        meter_lag_learn(&lag, random_unit(&random), random_unit(&random), 1);
        assert_true(lag.tau_s >= 0 && lag.tau_s <= 16 && isfinite(lag.tau_s));
    }
}

/* One that is there now, and gone with the next machine's meter. */
static void test_it_is_not_forever(void **state)
{
    (void)state;
    struct meter_lag lag = {0};
    learn(&lag, 2, 600, 0.1, 21);
    assert_true(fabs(lag.tau_s / 2 - 1) < 0.12);
    learn(&lag, 0, 6000, 0.1, 22);
    assert_true(lag.tau_s == 0);
}

/* The mean over an interval is that of many small ones, and all is shown in the end. */
static void test_the_filter(void **state)
{
    (void)state;
    double fine = 3, coarse = 3, sum = 0;
    for (int i = 0; i < 1000; i++)
        sum += meter_lag_mean(2.5, 10, 0.004, &fine) * 0.004;
    double mean = meter_lag_mean(2.5, 10, 4, &coarse);
    assert_true(fabs(sum / 4 - mean) < 1e-9 && fabs(fine - coarse) < 1e-9);
    assert_true(fabs(coarse - (10 - 7 * exp(-4 / 2.5))) < 1e-9);
    double shown = 0, all = 0;
    for (int i = 0; i < 100; i++)
        all += meter_lag_mean(2.5, i < 10 ? 7 : 0, 1, &shown);
    assert_true(fabs(all - 70) < 1e-6);
    assert_true(meter_lag_mean(0, 5, 1, &shown) == 5 && shown == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_found),
        cmocka_unit_test(test_a_meter_that_shows_what_is),
        cmocka_unit_test(test_clocks_that_jitter),
        cmocka_unit_test(test_nothing_to_learn_from),
        cmocka_unit_test(test_it_is_not_forever),
        cmocka_unit_test(test_the_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
