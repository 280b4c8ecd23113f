/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/estimator/idle_prior.h"
#include "random.h"

/* Medians and relative standard deviations of 373 SPECpower_ssj2008 results. */
static const double ratios[] = {0.650, 0.565, 0.504, 0.449, 0.408,
                                0.365, 0.325, 0.286, 0.248, 0.221};
static const double sds[] = {0.23, 0.25, 0.26, 0.27, 0.28, 0.29, 0.30, 0.31, 0.33, 0.36};

static struct idle_guess guess_on(uint32_t cpus, double power_w, double load, double seconds)
{
    struct idle_prior prior = {0};
    for (double s = 0; s < seconds; s += 2)
        idle_prior_learn(&prior, power_w, load, 2);
    return idle_prior_guess(&prior, cpus);
}

static struct idle_guess guess_after(double power_w, double load, double seconds)
{
    return guess_on(16, power_w, load, seconds);
}

static void test_published_medians(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(ratios); i++) {
        struct idle_guess guess = guess_after(200, (double)(i + 1) / 10, 60);
        assert_true(fabs(guess.idle_w - 200 * ratios[i]) < 0.01);
        assert_true(fabs(guess.sd_w - guess.idle_w * hypot(sds[i], 0.01)) < 0.01);
    }
    struct idle_guess beyond = guess_after(200, 1e6, 60);
    assert_true(fabs(beyond.idle_w - 200 * 0.221) < 0.01);
}

static void test_no_load_is_idle(void **state)
{
    (void)state;
    struct idle_guess guess = guess_after(80, 0, 20);
    assert_true(fabs(guess.idle_w - 80) < 1e-9);
    assert_true(fabs(guess.sd_w - 0.8) < 1e-9);
    guess = guess_after(80, 0.001, 20);
    assert_true(guess.idle_w > 0.95 * 80 && guess.idle_w < 80);
}

/* Below a load of 10 % what counts is how often the first CPU is busy: the same load is more of a
 * CPU where there are more of them. By hand, for 16 CPUs at 0.1 %: 0.016 of them are busy, which
 * wake 0.148 and 0.026; at 10 % it is 1 and 0.931, and power 1 / 0.65 of idle power. */
static void test_below_the_first_point(void **state)
{
    (void)state;
    double fast = 1 - exp(-0.16), slow = 1 - exp(-0.016 / 0.6);
    double line = 1 / 0.65 - 1 - 0.06 * (2 - exp(-16) - exp(-1.6 / 0.6));
    double above = 0.06 * (fast + slow) + line * 0.01;
    struct idle_guess guess = guess_on(16, 100, 0.001, 20);
    assert_true(fabs(guess.idle_w - 100 / (1 + above)) < 1e-9);
    assert_true(guess.idle_w > 98.4 && guess.idle_w < 98.6);
    assert_true(guess.sd_w > 2.3 && guess.sd_w < 2.6);
    double before_w = 100;
    for (uint32_t cpus = 1; cpus <= 1024; cpus *= 2) {
        double idle_w = guess_on(cpus, 100, 0.001, 20).idle_w;
        assert_true(idle_w < before_w && idle_w > 88);
        before_w = idle_w;
        /* No leap where the published points begin. */
        struct idle_guess below = guess_on(cpus, 100, 0.09999999, 20);
        struct idle_guess at = guess_on(cpus, 100, 0.1, 20);
        assert_true(fabs(below.idle_w - at.idle_w) < 1e-4 && fabs(below.sd_w - at.sd_w) < 1e-4);
    }
}

static void test_a_glance_says_nothing(void **state)
{
    (void)state;
    assert_true(guess_after(80, 0.5, 8).sd_w == 0);
    assert_true(guess_after(80, 0.5, 12).sd_w > 0);
}

/* The same power at a higher load: less of it is idle, and that is less sure. */
static void test_monotone(void **state)
{
    (void)state;
    struct random random = random_begin("idle prior", 5);
    for (int round = 0; round < 2000; round++) {
        double low = random_unit(&random), high = low + random_unit(&random) * (1 - low);
        struct idle_guess a = guess_after(100, low, 20), b = guess_after(100, high, 20);
        assert_true(a.idle_w >= b.idle_w - 1e-9);
        assert_true(a.sd_w / a.idle_w <= b.sd_w / b.idle_w + 1e-9);
        assert_true(b.idle_w > 0 && isfinite(b.sd_w));
    }
}

static void test_the_lowest_load_wins(void **state)
{
    (void)state;
    static const double loads[] = {0.7, 0.35, 0.05, 0.005};
    for (int order = 0; order < 2; order++) {
        struct idle_prior prior = {0};
        for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
            double load = loads[order ? ARRAY_SIZE(loads) - 1 - i : i];
            for (int s = 0; s < 60; s += 2)
                idle_prior_learn(&prior, 50 + 100 * load, load, 2);
        }
        struct idle_guess guess = idle_prior_guess(&prior, 16);
        struct idle_guess lowest = guess_after(50.5, 0.005, 60);
        assert_true(fabs(guess.idle_w - lowest.idle_w) < 1e-6);
    }
}

/* What was seen long ago fades before what is seen now. */
static void test_it_forgets(void **state)
{
    (void)state;
    struct idle_prior prior = {0};
    for (int s = 0; s < 60; s += 2)
        idle_prior_learn(&prior, 40, 0, 2);
    for (int s = 0; s < 100000; s += 2)
        idle_prior_learn(&prior, 200, 1, 2);
    assert_true(fabs(idle_prior_guess(&prior, 16).idle_w - 44.2) < 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_medians),
        cmocka_unit_test(test_no_load_is_idle),
        cmocka_unit_test(test_below_the_first_point),
        cmocka_unit_test(test_a_glance_says_nothing),
        cmocka_unit_test(test_monotone),
        cmocka_unit_test(test_the_lowest_load_wins),
        cmocka_unit_test(test_it_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
