/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/triangle.h"

#include <math.h>

/* Rows begin at any element. */
typedef double pair __attribute__((vector_size(16), aligned(8)));

/* What is left of a diagonal element below this share of it is rounding. */
static const double pivot_least = 1e-14;

/* Pairs of one stride stand at 0 and here. */
static const size_t second = 2, third = 4, fourth = 6, stride = 8;

enum { PAIRS = 4 };

static pair load(const double *at)
{
    return *(const pair *)at;
}

double triangle_dot(const double *a, const double *b, size_t n)
{
    pair sums[PAIRS] = {
        {0, 0}
    };
    size_t k = 0;
    for (; k + stride <= n; k += stride) {
        sums[0] += load(a + k) * load(b + k);
        sums[1] += load(a + k + second) * load(b + k + second);
        sums[2] += load(a + k + third) * load(b + k + third);
        sums[3] += load(a + k + fourth) * load(b + k + fourth);
    }
    pair all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    double sum = all[0] + all[1];
    for (; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

static void add_pair(double *y, const double *x, pair factor)
{
    *(pair *)y += factor * load(x);
}

/* y += factor x */
static void add_scaled(double *y, const double *x, double factor, size_t n)
{
    pair both = {factor, factor};
    size_t k = 0;
    for (; k + stride <= n; k += stride) {
        add_pair(y + k, x + k, both);
        add_pair(y + k + second, x + k + second, both);
        add_pair(y + k + third, x + k + third, both);
        add_pair(y + k + fourth, x + k + fourth, both);
    }
    for (; k < n; k++)
        y[k] += factor * x[k];
}

void triangle_add_square(double *matrix, const double *x, double factor, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (x[i] != 0)
            add_scaled(matrix + triangle_row(i), x, factor * x[i], i + 1);
    }
}

bool triangle_factor_row(double *matrix, size_t i)
{
    double *row = matrix + triangle_row(i);
    for (size_t j = 0; j < i; j++) {
        const double *above = matrix + triangle_row(j);
        row[j] = (row[j] - triangle_dot(row, above, j)) / above[j];
    }
    double rest = row[i] - triangle_dot(row, row, i);
    if (!(rest > row[i] * pivot_least && rest > 0)) /* nor for infinities */
        return false;
    row[i] = sqrt(rest);
    return true;
}

void triangle_solve_lower(const double *factor, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double *row = factor + triangle_row(i);
        x[i] = (x[i] - triangle_dot(row, x, i)) / row[i];
    }
}

void triangle_solve_upper(const double *factor, double *x, size_t n)
{
    for (size_t i = n; i-- > 0;) {
        const double *row = factor + triangle_row(i);
        x[i] /= row[i];
        add_scaled(x, row, -x[i], i);
    }
}

/* A^-1 = L^-t L^-1, so its diagonal is the square of the columns of L^-1. */
double triangle_inverse_diagonal(const double *factor, double *work, size_t i, size_t n)
{
    double sum = 0;
    for (size_t k = i; k < n; k++) {
        const double *row = factor + triangle_row(k);
        double known = k == i ? 1 : -triangle_dot(row + i, work + i, k - i);
        work[k] = known / row[k];
        sum += work[k] * work[k];
    }
    return sum;
}
