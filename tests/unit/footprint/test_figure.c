/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "greend/figure.h"
#include "random.h"

static const struct figure unknown;

static void assert_unknown(struct figure figure)
{
    assert_false(figure.known || figure.banded || figure.unbanded);
    assert_true(figure.value == 0 && figure.min == 0 && figure.max == 0);
}

static void assert_numbers(struct figure figure, double value, double min, double max)
{
    assert_true(figure.known);
    assert_true(figure.value == value);
    assert_true(figure.min == min);
    assert_true(figure.max == max);
}

static void test_arithmetic(void **state)
{
    (void)state;
    struct figure a = figure_banded(4, 2, 8);
    struct figure b = figure_banded(10, 5, 20);
    assert_numbers(figure_add(a, b), 14, 7, 28);
    assert_numbers(figure_multiply(a, b), 40, 10, 160);
    assert_numbers(figure_divide(b, a), 2.5, 0.625, 10);
    assert_numbers(figure_scale(a, 3), 12, 6, 24);
    assert_numbers(figure_unbanded(7), 7, 7, 7);
    assert_numbers(figure_exact(0), 0, 0, 0);
}

/* What nobody published is in no result; and nothing is divided by what may be 0. */
static void test_unknown_stays_unknown(void **state)
{
    (void)state;
    struct figure a = figure_exact(2);
    assert_unknown(figure_add(a, unknown));
    assert_unknown(figure_add(unknown, a));
    assert_unknown(figure_multiply(unknown, figure_exact(0)));
    assert_unknown(figure_divide(a, unknown));
    assert_unknown(figure_divide(unknown, a));
    assert_unknown(figure_scale(unknown, 0));
    assert_unknown(figure_divide(a, figure_exact(0)));
    assert_unknown(figure_divide(a, figure_banded(1, 0, 2)));
}

static enum figure_band band_of(struct figure figure)
{
    return figure_band(&figure);
}

static void test_band_tells_what_is_in_it(void **state)
{
    (void)state;
    struct figure exact = figure_exact(2);
    struct figure none = figure_unbanded(2);
    struct figure full = figure_banded(2, 1, 3);
    assert_int_equal(band_of(exact), BAND_FULL);
    assert_int_equal(band_of(none), BAND_NONE);
    assert_int_equal(band_of(full), BAND_FULL);
    assert_int_equal(band_of(figure_multiply(exact, none)), BAND_NONE);
    assert_int_equal(band_of(figure_multiply(exact, full)), BAND_FULL);
    assert_int_equal(band_of(figure_add(none, full)), BAND_PARTIAL);
    assert_int_equal(band_of(figure_divide(full, none)), BAND_PARTIAL);
    assert_int_equal(band_of(figure_add(figure_add(none, full), exact)), BAND_PARTIAL);
    assert_int_equal(band_of(figure_multiply(none, figure_add(full, full))), BAND_PARTIAL);
}

static struct figure random_figure(struct random *random)
{
    double value = random_unit(random) * 1000;
    double min = value * random_unit(random);
    double max = value * (1 + random_unit(random));
    return random_below(random, 2) ? figure_banded(value, min, max) : figure_unbanded(value);
}

/* min <= value <= max through every operation, and more of an operand is never less of a result. */
static void test_order_holds(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int i = 0; i < 20000; i++) {
        struct figure a = random_figure(&random);
        struct figure b = random_figure(&random);
        struct figure more = figure_scale(a, 1 + random_unit(&random));
        struct figure (*const operations[])(struct figure, struct figure) = {
            figure_add, figure_multiply, figure_divide};
        for (size_t o = 0; o < ARRAY_SIZE(operations); o++) {
            struct figure r = operations[o](a, b);
            struct figure s = operations[o](more, b);
            if (!r.known)
                continue;
            assert_true(0 <= r.min && r.min <= r.value && r.value <= r.max);
            assert_true(s.value >= r.value && s.min >= r.min && s.max >= r.max);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_unknown_stays_unknown),
        cmocka_unit_test(test_band_tells_what_is_in_it),
        cmocka_unit_test(test_order_holds),
    };
    return cmocka_run_group_tests_name("figure", tests, NULL, NULL);
}
