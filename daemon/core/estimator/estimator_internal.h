/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The parts of the estimator, in the order in which a tick goes through them. */

#include <math.h>

#include "core/estimator/estimator.h"

/* The spread of watts per CPU between workloads, relative to the mean: 3 to 10 W per core are met.
 */
#define ESTIMATOR_INTENSITY_SD 0.35

/* Least watts of a workload, relative to the mean slope. */
#define ESTIMATOR_INTENSITY_LEAST 0.14

/* More CPUs busy than so many times all of them: not to be believed. */
#define ESTIMATOR_ABSURD_LOAD 1.5

static inline double square(double x)
{
    return x * x;
}

static inline double clamp(double x, double least, double most)
{
    return fmin(fmax(x, least), most);
}

static inline size_t estimator_size(const struct estimator *e)
{
    return FIT_SHAPE + e->n_columns;
}

/* With more columns a second fit is too dear. */
enum { ESTIMATOR_TWO_FITS_MOST = 64 };

static inline size_t estimator_views(const struct estimator *e)
{
    return e->n_columns <= ESTIMATOR_TWO_FITS_MOST ? ESTIMATOR_FITS : 1;
}

static inline const struct fit *estimator_chosen(const struct estimator *e)
{
    return &e->views[e->chosen].fit;
}

/* Watts per busy CPU of who stands in a column (FIT_WORKLOADS: in none), in the measure of c. */
static inline double estimator_watts(const struct fit *fit, size_t column)
{
    double mean_w = fit->theta[CURVE_SLOPE];
    double own_w = column < FIT_WORKLOADS ? fit->theta[FIT_SHAPE + column] : 0;
    return fmax(mean_w + own_w, 0.1 * mean_w);
}

/* estimator_columns.c: gives each load its column; FIT_WORKLOADS: all are in use, it takes the
 * mean.
 */
void estimator_find_columns(struct estimator *e, const struct estimator_tick *tick);

/* What is known of a workload without a column; 0: nothing. */
double estimator_recall_away(const struct estimator *e, uint64_t key);
void estimator_note_away(struct estimator *e, uint64_t key, double usual);

/* estimator_learn.c: adds the tick to the row, and the row to what is known. */
void estimator_learn(struct estimator *e, const struct estimator_tick *tick);

/* estimator_rows.c: a row is some seconds' features and power. */
void estimator_start_row(struct estimator *e);
void estimator_smooth_unknown(struct estimator *e, const struct estimator_tick *tick);
void estimator_gather(struct estimator *e, enum estimator_fit number,
                      const struct estimator_tick *tick);
/* Gives the row to the fits; its features are means by then. */
void estimator_add_rows(struct estimator *e, double power_w);

/* estimator_solve.c: goes on with solving. */
void estimator_solve(struct estimator *e);
struct fit_prior estimator_column_prior(const struct estimator *e, const struct fit *fit,
                                        size_t column);
