/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/estimator/row_noise.h"
#include "core/estimator/row_pace.h"
#include "random.h"

static double noise_of(struct random *random)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += random_unit(random);
    return sum - 6;
}

/* ---- What rows share ---- */

static void test_what_rows_share(void **state)
{
    (void)state;
    static const double shares[] = {0, 0.5, 0.8};
    for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
        struct random random = random_begin("row_noise", 1 + i);
        struct row_noise noise = {0};
        double residual = 0, mean = 0, variance = 0;
        assert_true(row_noise_shared(&noise) == 0 && row_noise_variance(&noise) == 0);
        for (int t = 0; t < 6000; t++) {
            residual = shares[i] * residual + 0.001 * noise_of(&random);
            row_noise_add(&noise, residual);
            if (t >= 1000) {
                mean += row_noise_shared(&noise) / 5000;
                variance += row_noise_variance(&noise) / 5000;
            }
        }
        assert_true(fabs(mean - shares[i]) < 0.06);
        assert_true(fabs(variance / (1e-6 / (1 - shares[i] * shares[i])) - 1) < 0.1);
    }
    struct row_noise same = {0};
    for (int t = 0; t < 1000; t++)
        row_noise_add(&same, 0.02);
    assert_true(row_noise_shared(&same) == 0.95);
}

/* One gross error does not pass for what is usual. */
static void test_a_gross_error(void **state)
{
    (void)state;
    struct random random = random_begin("row_noise gross", 5);
    struct row_noise noise = {0};
    for (int t = 0; t < 1000; t++)
        row_noise_add(&noise, 0.001 * noise_of(&random));
    double before = row_noise_variance(&noise);
    row_noise_add(&noise, 50);
    assert_true(row_noise_variance(&noise) < 1.2 * before);
}

static void test_weights(void **state)
{
    (void)state;
    struct random random = random_begin("row_noise weights", 6);
    struct row_noise noise = {0};
    double least = 1;
    for (int t = 0; t < 2000; t++) {
        double weight = row_noise_weight(&noise, 0.004 * noise_of(&random));
        assert_true(weight > 0 && weight <= 1);
        least = fmin(least, weight);
    }
    assert_true(least > 0.2);
    double weight = row_noise_weight(&noise, 0.2);
    /* However far off, it counts as much as one of 1.8 times the usual size, some 0.0032. */
    assert_true(fabs(sqrt(weight) * 0.2 - 0.00576) < 0.0012);
    /* What is far off all the time becomes usual. */
    for (int t = 0; t < 2000; t++)
        weight = row_noise_weight(&noise, 0.2);
    assert_true(weight == 1);
    struct row_noise none = {0};
    assert_true(row_noise_weight(&none, 0) == 1 && row_noise_weight(&none, 0) == 1);
}

/* After so many rows of which next to nothing is new, as by chance in the first one or all night on
 * a machine that rests: the mean weight of as many usual ones. */
static double weight_after(size_t still, size_t n)
{
    struct random random = random_begin("row_noise still", 8);
    struct row_noise noise = {0};
    double weights = 0;
    for (size_t t = 0; t < still; t++)
        (void)row_noise_weight(&noise, 1e-7);
    for (size_t t = 0; t < n; t++)
        weights += row_noise_weight(&noise, 0.01 * noise_of(&random));
    return weights / (double)n;
}

static void test_weights_after_stillness(void **state)
{
    (void)state;
    assert_true(weight_after(0, 20) > 0.8);
    assert_true(weight_after(1, 20) > 0.7);
    assert_true(weight_after(5, 20) > 0.5);
    assert_true(weight_after(10000, 200) > 0.2);
}

/* Rows of a load that is told ten times as badly, and those of one that was never met. */
static void test_weights_of_loads(void **state)
{
    (void)state;
    struct random random = random_begin("row_noise loads", 7);
    struct row_noise noise = {0};
    assert_true(row_noise_load_weight(&noise, 0.3, 0) == 1);
    noise = (struct row_noise){0};
    double quiet = 0, loud = 0;
    for (int t = 0; t < 4000; t++) {
        bool is_loud = random_below(&random, 2);
        double size = is_loud ? 0.01 : 0.001;
        double load = is_loud ? 0.75 : 0.3;
        double weight = row_noise_load_weight(&noise, load, size * noise_of(&random));
        assert_true(weight >= 0.02 && weight <= 4);
        if (t >= 3000)
            *(is_loud ? &loud : &quiet) = weight;
    }
    assert_true(quiet == 4);
    assert_true(fabs(loud / 0.1 - 1) < 0.35);
    /* What is never met has no say, however long ago that is. */
    assert_true(fabs(row_noise_load_weight(&noise, 0.5, 0.003) - 1) < 1e-9);
    /* What is not a number is as bad as it gets. */
    (void)row_noise_load_weight(&noise, NAN, INFINITY);
    (void)row_noise_load_weight(&noise, INFINITY, NAN);
    (void)row_noise_load_weight(&noise, -1, 0);
    for (size_t i = 0; i < ROW_NOISE_RANGES; i++)
        assert_true(isfinite(noise.ranges[i].square) && isfinite(noise.ranges[i].weight));
}

/* ---- How long rows are ---- */

/* A load that changes now and then, of which `late` is told a second too late; what else is not
 * explained wanders. */
static double pace_of(double late, uint64_t seed)
{
    struct random random = random_begin("row_pace", seed);
    struct row_pace pace = {0};
    assert_true(row_pace_s(&pace) == 6);
    double load = 0.5, kept = 0, wander = 0;
    for (int t = 0; t < 4000; t++) {
        if (random_below(&random, 10) == 0)
            load = random_unit(&random);
        double told = load * (1 - late * random_unit(&random)) + kept;
        kept += load - told;
        wander = 0.95 * wander + 0.002 * noise_of(&random);
        row_pace_add(&pace, load - told + wander, told, 1);
    }
    return row_pace_s(&pace);
}

static void test_paces(void **state)
{
    (void)state;
    for (uint64_t seed = 10; seed < 14; seed++) {
        assert_true(pace_of(0, seed) == 2);
        assert_true(pace_of(0.7, seed) == 18);
    }
}

static void test_a_pace_of_nothing(void **state)
{
    (void)state;
    struct row_pace pace = {0};
    for (int t = 0; t < 1000; t++) {
        row_pace_add(&pace, 0, 0, 1);
        row_pace_add(&pace, 1, 1, 0);
    }
    assert_true(row_pace_s(&pace) == 2);
    row_pace_add(&pace, 1e9, -1e9, 1e9);
    assert_true(isfinite(pace.blocks[2].residual_square));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_rows_share),   cmocka_unit_test(test_a_gross_error),
        cmocka_unit_test(test_weights),           cmocka_unit_test(test_weights_after_stillness),
        cmocka_unit_test(test_weights_of_loads),  cmocka_unit_test(test_paces),
        cmocka_unit_test(test_a_pace_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
