/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A linear model of a domain's power, learned from its samples: a recursive least-squares fit with
 * forgetting, a prior for each coefficient and a lower bound for each. Pure.
 *
 *     power = sum over j of theta[j] x[j]
 *
 * Coefficients 0 to FIT_SHAPE - 1 are those of the machine (core/estimator/curve.h), the others
 * those of workloads. Rows are relative: features and power divided by the power, so that
 * the fit is as good in percent on a machine that idles as on one that is loaded.
 *
 * Solving takes some p^3 / 6 multiplications. It is done in steps, so that no tick is long. */

#include "core/estimator/curve.h"
#include "core/estimator/triangle.h"

enum {
    FIT_SHAPE = CURVE_SIZE,
    FIT_WORKLOADS = 192,
    FIT_SIZE = FIT_SHAPE + FIT_WORKLOADS,
};

/* What is believed of a coefficient before there are samples, and the least that it can be. */
struct fit_prior {
    double mean, sd, least;
};

enum fit_stage { FIT_RESTING, FIT_FACTORING, FIT_INVERTING };

struct fit {
    size_t n; /* coefficients in use */
    double *gram;
    double *factor; /* of gram + prior, where `solved` */
    double moment[FIT_SIZE];
    double theta[FIT_SIZE];
    double inverse[FIT_SIZE]; /* diagonal of the covariance, relative to the noise */
    double yy, weight;        /* of all rows, decayed */
    double now;               /* weight of the next row: grows instead of all else decaying */
    double residual, residual_square, residual_lag; /* of rows one after the other */
    double noise;                                   /* variance of a row's relative residual */
    double noise_correlated; /* the same, with what neighbours have in common */
    bool solved;

    enum fit_stage stage;
    size_t at;      /* row of the stage */
    size_t stage_n; /* coefficients that the stage knows */
    unsigned rounds;
    bool invert;
    bool bound[FIT_SIZE]; /* held at its least */
    bool gone[FIT_SIZE];  /* forgotten since the solution was begun: 0, as sure as its prior */
    double right[FIT_SIZE];
    double work[FIT_SIZE];
    struct fit_prior priors[FIT_SIZE]; /* as they were when the solution was begun */
};

/* -ENOMEM. */
int fit_init(struct fit *fit);
void fit_done(struct fit *fit);

/* One row: features x and what they should add up to, y, both divided by the power of the row;
 * keep: how much of what was learned before counts still (just below 1). */
void fit_add(struct fit *fit, const double *x, double y, size_t n, double keep);

/* Begins to solve with these priors; invert: also find how sure each coefficient is. */
void fit_solve_begin(struct fit *fit, const struct fit_prior *priors, size_t n, bool invert);

/* Goes on with that for about `budget` multiplications. True when a solution became complete. */
bool fit_solve_step(struct fit *fit, size_t budget);

/* Covariance of the coefficients times v, into v (fit->stage_n numbers). Only while `solved`. */
void fit_covariance_times(const struct fit *fit, double *v);

/* Takes a coefficient of a workload out, keeping what it explained (a marginal, not a deletion); it
 * is 0 until the next solution. One under way stays good for all others. */
void fit_forget(struct fit *fit, size_t index, const struct fit_prior *prior);

/* A coefficient of a workload takes the place of a forgotten one, and leaves its own empty. What is
 * solved is not moved: the next solution must begin before anything is asked of this one. */
void fit_move(struct fit *fit, size_t from, size_t to);

/* Coefficients from n on, all forgotten, are not in use any more. */
void fit_shrink(struct fit *fit, size_t n);

/* Back to no rows and no solution; the coefficients stay as first guesses. */
void fit_restart(struct fit *fit);
