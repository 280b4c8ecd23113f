/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/estimator/triangle.h"
#include "random.h"

/* Odd and even sizes, and those around the strides of the arithmetic. */
static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 23, 40};
enum { MOST = 40 };

struct square {
    size_t n;
    double at[MOST][MOST];
};

/* A = B Bt + 1/10 */
static void make_positive(struct random *random, size_t n, struct square *a)
{
    struct square b;
    a->n = n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            b.at[i][j] = random_unit(random) - 0.5;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            a->at[i][j] = i == j ? 0.1 : 0;
            for (size_t k = 0; k < n; k++)
                a->at[i][j] += b.at[i][k] * b.at[j][k];
        }
    }
}

static void pack(const struct square *a, double *packed)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j <= i; j++)
            packed[i * (i + 1) / 2 + j] = a->at[i][j];
}

/* Gauss and Jordan, as in a schoolbook. */
static void invert(struct square a, struct square *ret)
{
    size_t n = ret->n = a.n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            ret->at[i][j] = i == j;
    for (size_t k = 0; k < n; k++) {
        double pivot = a.at[k][k];
        for (size_t j = 0; j < n; j++) {
            a.at[k][j] /= pivot;
            ret->at[k][j] /= pivot;
        }
        for (size_t i = 0; i < n; i++) {
            double factor = a.at[i][k];
            for (size_t j = 0; j < n && i != k; j++) {
                a.at[i][j] -= factor * a.at[k][j];
                ret->at[i][j] -= factor * ret->at[k][j];
            }
        }
    }
}

static void test_it_solves_as_a_schoolbook_does(void **state)
{
    (void)state;
    struct random random = random_begin("triangle", 1);
    for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
        size_t n = sizes[s];
        struct square a, inverse;
        double packed[MOST * (MOST + 1) / 2], b[MOST], x[MOST], work[MOST];
        make_positive(&random, n, &a);
        invert(a, &inverse);
        pack(&a, packed);
        assert_int_equal(triangle_size(n), n * (n + 1) / 2);
        for (size_t i = 0; i < n; i++)
            assert_true(triangle_factor_row(packed, i));
        for (size_t i = 0; i < n; i++)
            b[i] = x[i] = random_unit(&random) - 0.5;
        triangle_solve_lower(packed, x, n);
        triangle_solve_upper(packed, x, n);
        for (size_t i = 0; i < n; i++) {
            double naive = 0;
            for (size_t j = 0; j < n; j++)
                naive += inverse.at[i][j] * b[j];
            assert_true(fabs(x[i] - naive) < 1e-8 * (1 + fabs(naive)));
            double diagonal = triangle_inverse_diagonal(packed, work, i, n);
            assert_true(fabs(diagonal - inverse.at[i][i]) < 1e-8 * inverse.at[i][i]);
        }
    }
}

static void test_rows_add_up(void **state)
{
    (void)state;
    struct random random = random_begin("triangle rows", 2);
    for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
        size_t n = sizes[s];
        double packed[MOST * (MOST + 1) / 2] = {0}, naive[MOST][MOST] = {{0}};
        for (int row = 0; row < 9; row++) {
            double x[MOST], factor = random_unit(&random) - 0.3;
            for (size_t i = 0; i < n; i++)
                x[i] = random_below(&random, 3) ? random_unit(&random) : 0;
            triangle_add_square(packed, x, factor, n);
            double dot = 0;
            for (size_t i = 0; i < n; i++) {
                dot += x[i] * x[i];
                for (size_t j = 0; j < n; j++)
                    naive[i][j] += factor * x[i] * x[j];
            }
            assert_true(fabs(triangle_dot(x, x, n) - dot) < 1e-12 * (1 + dot));
        }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                assert_true(fabs(packed[triangle_row(i) + j] - naive[i][j]) < 1e-12);
        for (size_t i = triangle_size(n); i < ARRAY_SIZE(packed); i++)
            assert_true(packed[i] == 0); /* nothing beyond its rows */
    }
}

static bool factors(double *packed, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!triangle_factor_row(packed, i))
            return false;
    }
    return true;
}

static void test_not_positive_definite(void **state)
{
    (void)state;
    double good[] = {4, 2, 5, 2, 3, 6};
    assert_true(factors(good, 3));
    double zero[] = {0, 0, 1};
    assert_false(factors(zero, 2));
    double indefinite[] = {1, 2, 1};
    assert_false(factors(indefinite, 2));
    /* The third is the sum of the others but for rounding. */
    double dependent[] = {0.1, 0.03, 0.7, 0.13, 0.73, 0.1 + 0.7 + 2 * 0.03};
    dependent[5] += 1e-16;
    assert_false(factors(dependent, 3));
    double not_a_number[] = {1, NAN, 1};
    assert_false(factors(not_a_number, 2));
    double infinite[] = {HUGE_VAL, 0, 1};
    assert_false(factors(infinite, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_solves_as_a_schoolbook_does),
        cmocka_unit_test(test_rows_add_up),
        cmocka_unit_test(test_not_positive_definite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
