/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Symmetric and lower-triangular matrices, packed by rows: element (i, j), j <= i, stands at
 * i (i + 1) / 2 + j. Pure; works on memory of the caller, whose untouched rows cost nothing.
 *
 * The arithmetic is done in a fixed order on pairs of doubles, so that the same numbers give the
 * same result on every machine with IEEE 754 doubles, with or without vector registers. */

#include "greend/base.h"

static inline size_t triangle_row(size_t i)
{
    return i * (i + 1) / 2;
}

static inline size_t triangle_size(size_t n)
{
    return triangle_row(n);
}

/* Sum of a[k] b[k]. */
double triangle_dot(const double *a, const double *b, size_t n);

/* row (i, 0..i) += x[i] factor x[0..i], for all i below n. Rows whose x is 0 cost nothing. */
void triangle_add_square(double *matrix, const double *x, double factor, size_t n);

/* Row i of the Cholesky factor L (A = L Lt), in place, the rows above it being done. False where A
 * is not positive definite, or too close to that; the row is worth nothing then. */
bool triangle_factor_row(double *matrix, size_t i);

/* x := L^-1 x, and x := L^-t x: one after the other they solve A x = b. */
void triangle_solve_lower(const double *factor, double *x, size_t n);
void triangle_solve_upper(const double *factor, double *x, size_t n);

/* Diagonal element i of A^-1. work: n doubles. */
double triangle_inverse_diagonal(const double *factor, double *work, size_t i, size_t n);
