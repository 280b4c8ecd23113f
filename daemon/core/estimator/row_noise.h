/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a fit does not explain of its rows, and what follows for the next ones. Pure.
 *
 * Meters are precise to a few tenths of a percent, but the form of a curve is not: what is left
 * over is much the same from one row to the next. Least squares take neighbours for independent;
 * so a row is compared with the one before it, of which the share that they have in common is taken
 * off (Cochrane and Orcutt, Application of least squares regression to relationships containing
 * auto-correlated error terms, 1949). A row that is far off what is usual (a step in the
 * hardware, a job that changes) gets less weight: its square would outweigh an hour of others
 * (Huber, Robust estimation of a location parameter, 1964).
 *
 * Nor is every load explained as well: where many CPUs are busy, workloads hinder each other, each
 * its own way. A row counts as much as rows of its load are usually explained, so that what is
 * told well is not spoiled by what is not. */

#include "greend/base.h"

/* Ranges of the load, a fifth of all CPUs each; a thread more than there are CPUs is in the last.
 */
enum { ROW_NOISE_RANGES = 6 };

struct row_noise_range {
    double square, weight; /* mean square of what is new in a row, and of how many rows */
};

struct row_noise {
    double last, square, lagged, weight; /* of whole residuals */
    double usual, sizes;                 /* size of what is new in a row, and of how many rows */
    struct row_noise_range ranges[ROW_NOISE_RANGES];
};

/* Adds the residual of a whole row, relative to its power. */
void row_noise_add(struct row_noise *noise, double residual);

/* The share of a residual that the next one still has, 0 to 0.95. */
double row_noise_shared(const struct row_noise *noise);

/* Variance of whole residuals; 0: not known yet. */
double row_noise_variance(const struct row_noise *noise);

/* How much of its weight a row keeps of which so much is new (0 to 1), and remembers that size. */
double row_noise_weight(struct row_noise *noise, double fresh);

/* How much more or less a row counts (0.02 to 4) for its load, of which so much is new; and
 * remembers that size. */
double row_noise_load_weight(struct row_noise *noise, double load, double fresh);
