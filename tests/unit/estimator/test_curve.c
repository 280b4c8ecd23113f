/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/estimator/curve.h"
#include "random.h"

static void test_features_of_no_load(void **state)
{
    (void)state;
    struct curve_memory memory = {{0}};
    double x[CURVE_SIZE];
    curve_features(&memory, 0, 16, 1, x);
    for (size_t i = 0; i < CURVE_SIZE; i++)
        assert_true(x[i] == (i == CURVE_IDLE ? 1 : 0));
}

/* Each hat is 1 at its own knot and 0 at all others. */
static void test_hats_at_their_knots(void **state)
{
    (void)state;
    static const double knots[CURVE_HATS] = {0.02, 0.05, 0.1, 0.2, 0.3, 0.4,
                                             0.5,  0.6,  0.7, 0.8, 0.9, 1};
    for (size_t k = 0; k < CURVE_HATS; k++) {
        struct curve_memory memory = {{0}};
        double x[CURVE_SIZE];
        curve_features(&memory, knots[k] * 100, 100, 1, x);
        for (size_t i = 0; i < CURVE_HATS; i++)
            assert_true(fabs(x[CURVE_HAT + i] - (i == k ? 1 : 0)) < 1e-9);
    }
}

static void test_features_everywhere(void **state)
{
    (void)state;
    struct random random = random_begin("curve", 3);
    for (int round = 0; round < 5000; round++) {
        struct curve_memory memory = {{0}};
        double x[CURVE_SIZE];
        uint32_t cpus = 1 + (uint32_t)random_bits(&random, 16);
        double load =
            round % 8 == 0 ? 1.1 + 1e6 * random_unit(&random) : 1.1 * random_unit(&random);
        curve_features(&memory, load * cpus, cpus, 1, x);
        double hats = 0;
        for (size_t i = 0; i < CURVE_HATS; i++) {
            assert_true(x[CURVE_HAT + i] >= 0 && x[CURVE_HAT + i] <= 1);
            hats += x[CURVE_HAT + i];
        }
        /* They add up to 1 between the first and the last knot, and fade beyond. */
        double sum = load < 0.02 ? load / 0.02 : load <= 1 ? 1 : fmax(0, (1.1 - load) / 0.1);
        assert_true(fabs(hats - sum) < 1e-9);
        assert_true(x[CURVE_SLOPE] == load * cpus);
        static const double knees[] = {0.125, 0.25, 0.5, 0.75};
        for (size_t i = 0; i < CURVE_KNEES; i++)
            assert_true(fabs(x[CURVE_KNEE + i] - fmax(0, load - knees[i]) * cpus) < 1e-6 * cpus);
        assert_true(x[CURVE_WAKE_FAST] >= x[CURVE_WAKE_SLOW] && x[CURVE_WAKE_FAST] <= 1);
        for (size_t i = 0; i < CURVE_SIZE; i++)
            assert_true(isfinite(x[i]));
    }
}

/* A form is, at each load that is published, what it says there, times half of all CPUs; straight
 * between, and on beyond the last. By hand: 0.479 at full load, 0.372 at 90 %. */
static void test_forms_at_their_points(void **state)
{
    (void)state;
    static const struct {
        double load, first, second, third;
    } points[] = {
        {0.05, -0.0195, 0.0345, -0.018},
        {0.1,  -0.039,  0.069,  -0.036},
        {0.5,  0,       0,      0     },
        {0.75, 0.184,   -0.04,  -0.037},
        {1,    0.479,   0.062,  0.048 },
        {1.1,  0.586,   0.141,  0.126 },
    };
    for (size_t k = 0; k < ARRAY_SIZE(points); k++) {
        struct curve_memory memory = {{0}};
        double x[CURVE_SIZE];
        curve_features(&memory, points[k].load * 64, 64, 1, x);
        assert_true(fabs(x[CURVE_FORM] - 32 * points[k].first) < 1e-9);
        assert_true(fabs(x[CURVE_FORM + 1] - 32 * points[k].second) < 1e-9);
        assert_true(fabs(x[CURVE_FORM + 2] - 32 * points[k].third) < 1e-9);
    }
}

/* The slow loads follow with 3, 60 and 300 s, in whatever steps. */
static void test_memory(void **state)
{
    (void)state;
    static const double lags_s[] = {3, 60, 300};
    struct curve_memory fine = {{0}}, coarse = {{0}};
    double x[CURVE_SIZE];
    for (int i = 0; i < 60; i++)
        curve_features(&fine, 8, 16, 1, x);
    curve_features(&coarse, 8, 16, 60, x);
    for (size_t i = 0; i < CURVE_LAGGED; i++) {
        assert_true(x[CURVE_LAG + i] == -8);
        assert_true(fabs(fine.slow[i] - 8 * (1 - exp(-60 / lags_s[i]))) < 1e-9);
        assert_true(fabs(fine.slow[i] - coarse.slow[i]) < 1e-9);
    }
    curve_features(&coarse, 2, 16, 3e7, x); /* a year */
    for (size_t i = 0; i < CURVE_LAGGED; i++)
        assert_true(coarse.slow[i] == 2);
}

static void test_slopes_are_bounded(void **state)
{
    (void)state;
    struct random random = random_begin("curve slopes", 4);
    for (int round = 0; round < 5000; round++) {
        double theta[CURVE_SIZE];
        for (size_t i = 0; i < CURVE_SIZE; i++)
            theta[i] = ldexp(random_unit(&random) - 0.5, (int)random_below(&random, 40) - 20);
        uint32_t cpus = 1 + (uint32_t)random_below(&random, 65535);
        double load = 2 * random_unit(&random);
        double mean = curve_mean_slope(theta, load * cpus, cpus);
        double local = curve_local_slope(theta, load * cpus, cpus);
        assert_true(mean >= fmax(0.3, 1 - 0.4 * load) - 1e-9 || mean == 1);
        assert_true(mean <= 1);
        assert_true(local >= 0.2 && local <= 4);
    }
    /* Straight: 1 everywhere. Half as steep from the middle on: three quarters at full load. */
    double theta[CURVE_SIZE] = {[CURVE_SLOPE] = 4};
    assert_true(curve_mean_slope(theta, 16, 16) == 1);
    assert_true(curve_local_slope(theta, 16, 16) == 1);
    assert_true(curve_mean_slope(theta, 0, 16) == 1);
    theta[CURVE_KNEE + 2] = -2;
    assert_true(fabs(curve_mean_slope(theta, 16, 16) - 0.75) < 1e-9);
    assert_true(fabs(curve_local_slope(theta, 16, 16) - 0.5) < 1e-3);
    assert_true(fabs(curve_local_slope(theta, 2, 16) - 1) < 1e-3);
    /* Of 4 W more each, the first form takes 0.479 of 8 CPUs off at full load: 1 - 0.479 / 2. */
    theta[CURVE_KNEE + 2] = 0;
    theta[CURVE_FORM] = -4;
    assert_true(fabs(curve_mean_slope(theta, 16, 16) - (1 - 0.479 / 2)) < 1e-9);
    assert_true(fabs(curve_local_slope(theta, 15.5, 16) - (1 - 1.07 / 2)) < 1e-9);
}

/* It is the derivative of the curve, where that is within its bounds. */
static void test_the_local_slope(void **state)
{
    (void)state;
    struct random random = random_begin("curve local slope", 5);
    int within = 0;
    for (int round = 0; round < 2000; round++) {
        double theta[CURVE_SIZE] = {30, 4 * random_unit(&random), 4 * random_unit(&random), 5};
        for (size_t i = 0; i < CURVE_HATS; i++)
            theta[CURVE_HAT + i] = 4 * random_unit(&random) - 2;
        for (size_t i = 0; i < CURVE_KNEES; i++)
            theta[CURVE_KNEE + i] = 1 - 2 * random_unit(&random);
        for (size_t i = 0; i < CURVE_FORMS; i++)
            theta[CURVE_FORM + i] = 10 - 20 * random_unit(&random);
        /* In the middle between two knots, and away from all knees. */
        double load = (double)random_below(&random, 7) / 10 + 0.35;
        double x[CURVE_SIZE], y[CURVE_SIZE];
        struct curve_memory memory = {{0}}, other = {{0}};
        curve_features(&memory, load * 64 - 0.01, 64, 1, x);
        curve_features(&other, load * 64 + 0.01, 64, 1, y);
        double rise_w = 0;
        for (size_t i = 0; i < CURVE_LAG; i++)
            rise_w += theta[i] * (y[i] - x[i]);
        double slope = rise_w / 0.02 / theta[CURVE_SLOPE];
        if (slope < 0.25 || slope > 3.95)
            continue;
        within++;
        assert_true(fabs(curve_local_slope(theta, load * 64, 64) - slope) < 0.1);
    }
    assert_true(within > 500);
    double theta[CURVE_SIZE] = {[CURVE_WAKE_FAST] = 3, [CURVE_WAKE_SLOW] = 2, [CURVE_SLOPE] = 4};
    assert_true(curve_wake(theta, 0) == 0 && fabs(curve_wake(theta, 20) - 5) < 1e-9);
    assert_true(fabs(curve_wake(theta, 0.06) - 3 * (1 - exp(-0.6)) - 2 * (1 - exp(-0.1))) < 1e-9);
    /* The first CPU wakes the package: steep. */
    assert_true(curve_local_slope(theta, 0.01, 16) == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features_of_no_load),
        cmocka_unit_test(test_hats_at_their_knots),
        cmocka_unit_test(test_features_everywhere),
        cmocka_unit_test(test_forms_at_their_points),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_slopes_are_bounded),
        cmocka_unit_test(test_the_local_slope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
