/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/fit.h"

#include <math.h>

static const double scale_most = 1e6;
static const double residual_keep = 0.995;
static const double noise_least = 1e-8; /* a hundredth of a percent */

/* Prior precision is relative to the noise; before there is a fit, one percent. */
static const double noise_first = 1e-4;

enum { ROUNDS_MOST = 6 };

int fit_init(struct fit *fit)
{
    *fit = (struct fit){.n = FIT_SHAPE, .now = 1, .noise = noise_first};
    fit->noise_correlated = noise_first;
    fit->gram = calloc(triangle_size(FIT_SIZE), sizeof(double));
    fit->factor = calloc(triangle_size(FIT_SIZE), sizeof(double));
    if (fit->gram && fit->factor)
        return 0;
    fit_done(fit);
    return -ENOMEM;
}

void fit_done(struct fit *fit)
{
    free(fit->gram);
    free(fit->factor);
    fit->gram = fit->factor = NULL;
}

/* ---- Rows ---- */

static void rescale(struct fit *fit)
{
    double by = 1 / fit->now;
    for (size_t i = 0; i < triangle_size(fit->n); i++)
        fit->gram[i] *= by;
    for (size_t i = 0; i < fit->n; i++)
        fit->moment[i] *= by;
    fit->yy *= by;
    fit->weight *= by;
    fit->now = 1;
}

static void learn_residual(struct fit *fit, const double *x, double y, size_t n)
{
    double residual = y - triangle_dot(fit->theta, x, n);
    fit->residual_square = fit->residual_square * residual_keep + residual * residual;
    fit->residual_lag = fit->residual_lag * residual_keep + residual * fit->residual;
    fit->residual = residual;
}

void fit_add(struct fit *fit, const double *x, double y, size_t n, double keep)
{
    fit->n = MAX(fit->n, n);
    if (fit->solved)
        learn_residual(fit, x, y, n);
    fit->now /= keep;
    if (fit->now > scale_most)
        rescale(fit);
    triangle_add_square(fit->gram, x, fit->now, n);
    for (size_t i = 0; i < n; i++)
        fit->moment[i] += fit->now * x[i] * y;
    fit->yy += fit->now * y * y;
    fit->weight += fit->now;
}

/* The row that the prior is, and then the Schur complement: what is left is still a sum of squares,
 * however often that is done. */
static void take_out(struct fit *fit, size_t index, const struct fit_prior *prior)
{
    double column[FIT_SIZE];
    for (size_t i = 0; i < fit->n; i++)
        column[i] =
            i <= index ? fit->gram[triangle_row(index) + i] : fit->gram[triangle_row(i) + index];
    double precision = fit->noise_correlated * fit->now / (prior->sd * prior->sd);
    double pivot = column[index] + precision;
    double moment = fit->moment[index] + precision * prior->mean;
    column[index] = 0;
    triangle_add_square(fit->gram, column, -1 / pivot, fit->n);
    for (size_t i = 0; i < fit->n; i++)
        fit->moment[i] -= column[i] * moment / pivot;
    fit->yy += precision * prior->mean * prior->mean - moment * moment / pivot;
    memset(fit->gram + triangle_row(index), 0, (index + 1) * sizeof(double));
    for (size_t i = index + 1; i < fit->n; i++)
        fit->gram[triangle_row(i) + index] = 0;
    fit->moment[index] = 0;
}

void fit_forget(struct fit *fit, size_t index, const struct fit_prior *prior)
{
    if (index < fit->n)
        take_out(fit, index, prior);
    fit->theta[index] = 0;
    fit->inverse[index] = prior->sd * prior->sd / fit->noise_correlated;
    fit->bound[index] = false;
    fit->priors[index] = *prior;
    fit->gone[index] = true;
}

static double *gram_at(struct fit *fit, size_t i, size_t j)
{
    return &fit->gram[i >= j ? triangle_row(i) + j : triangle_row(j) + i];
}

void fit_move(struct fit *fit, size_t from, size_t to)
{
    for (size_t i = 0; i < fit->n; i++) {
        if (i == from || i == to)
            continue;
        *gram_at(fit, to, i) = *gram_at(fit, from, i);
        *gram_at(fit, from, i) = 0;
    }
    *gram_at(fit, to, to) = *gram_at(fit, from, from);
    *gram_at(fit, from, from) = 0;
    fit->moment[to] = fit->moment[from];
    fit->theta[to] = fit->theta[from];
    fit->inverse[to] = fit->inverse[from];
    fit->bound[to] = fit->bound[from];
    fit->moment[from] = fit->theta[from] = 0;
    fit->bound[from] = false;
    fit->solved = false;
}

void fit_shrink(struct fit *fit, size_t n)
{
    for (size_t i = n; i < fit->n; i++)
        fit->theta[i] = 0;
    fit->n = MIN(fit->n, n);
}

void fit_restart(struct fit *fit)
{
    memset(fit->gram, 0, triangle_size(fit->n) * sizeof(double));
    memset(fit->moment, 0, sizeof(fit->moment));
    memset(fit->bound, 0, sizeof(fit->bound));
    fit->n = FIT_SHAPE;
    fit->yy = fit->weight = 0;
    fit->now = 1;
    fit->residual = fit->residual_square = fit->residual_lag = 0;
    fit->noise = fit->noise_correlated = noise_first;
    fit->solved = false;
    fit->stage = FIT_RESTING;
}

/* ---- Solving ---- */

/* Residual sum of squares of the present coefficients / weight, and what of it neighbours share. */
static void find_noise(struct fit *fit)
{
    double squares = fit->yy - 2 * triangle_dot(fit->theta, fit->moment, fit->n);
    for (size_t i = 0; i < fit->n; i++) {
        const double *row = fit->gram + triangle_row(i);
        squares += fit->theta[i] * (2 * triangle_dot(row, fit->theta, i) + row[i] * fit->theta[i]);
    }
    fit->noise = fmax(squares / fit->weight, noise_least);
    double correlation = fit->residual_square > 0 ? fit->residual_lag / fit->residual_square : 0;
    correlation = fmin(fmax(correlation, 0), 0.95);
    fit->noise_correlated = fit->noise * (1 + 0.1 * ((1 + correlation) / (1 - correlation) - 1));
}

/* Copies gram + prior; coefficients that are held leave their rows and columns. */
static void begin_round(struct fit *fit)
{
    size_t n = fit->stage_n;
    double noise = fit->noise_correlated;
    for (size_t i = 0; i < n; i++) {
        const struct fit_prior *prior = &fit->priors[i];
        const double *from = fit->gram + triangle_row(i);
        double *row = fit->factor + triangle_row(i);
        double precision = noise / (prior->sd * prior->sd);
        for (size_t j = 0; j <= i; j++)
            row[j] = from[j] / fit->now;
        row[i] += precision;
        fit->right[i] = fit->moment[i] / fit->now + precision * prior->mean;
    }
    for (size_t i = 0; i < n; i++) {
        if (!fit->bound[i])
            continue;
        double *row = fit->factor + triangle_row(i);
        double least = fit->priors[i].least;
        for (size_t j = 0; j < n; j++) {
            double *at = j <= i ? &row[j] : &fit->factor[triangle_row(j) + i];
            fit->right[j] -= *at * least;
            *at = 0;
        }
        row[i] = 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (fit->bound[i])
            fit->right[i] = fit->priors[i].least;
    }
    fit->stage = FIT_FACTORING;
    fit->at = 0;
    fit->solved = false;
}

void fit_solve_begin(struct fit *fit, const struct fit_prior *priors, size_t n, bool invert)
{
    fit->stage_n = n;
    fit->n = MAX(fit->n, n);
    fit->invert = invert;
    fit->rounds = 0;
    memcpy(fit->priors, priors, n * sizeof(*priors));
    memset(fit->gone, 0, sizeof(fit->gone));
    find_noise(fit);
    begin_round(fit);
}

/* Slope of the cost at the solution, along a coefficient that is held: below zero it wants up. */
static double slope_of(const struct fit *fit, size_t index, const double *theta)
{
    const struct fit_prior *prior = &fit->priors[index];
    double sum = triangle_dot(fit->gram + triangle_row(index), theta, index + 1);
    for (size_t i = index + 1; i < fit->stage_n; i++)
        sum += fit->gram[triangle_row(i) + index] * theta[i];
    double precision = fit->noise_correlated / (prior->sd * prior->sd);
    return (sum - fit->moment[index]) / fit->now + precision * (theta[index] - prior->mean);
}

/* Holds what fell below its least, frees what wants up again. True: the solution stands. */
static bool settle_bounds(struct fit *fit, const double *theta)
{
    bool settled = true;
    for (size_t i = 0; i < fit->stage_n; i++) {
        bool hold = fit->bound[i] ? slope_of(fit, i, theta) > 0 : theta[i] < fit->priors[i].least;
        settled = settled && hold == fit->bound[i];
        fit->bound[i] = hold;
    }
    return settled;
}

static void finish_round(struct fit *fit)
{
    size_t n = fit->stage_n;
    memcpy(fit->work, fit->right, n * sizeof(double));
    triangle_solve_lower(fit->factor, fit->work, n);
    triangle_solve_upper(fit->factor, fit->work, n);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(fit->work[i])) {
            fit->stage = FIT_RESTING; /* as with a matrix that is not positive definite */
            return;
        }
    }
    if (!settle_bounds(fit, fit->work) && ++fit->rounds < ROUNDS_MOST) {
        begin_round(fit);
        return;
    }
    for (size_t i = 0; i < n; i++)
        fit->theta[i] = fit->gone[i] ? 0 : fmax(fit->work[i], fit->priors[i].least);
    fit->solved = true;
    fit->stage = fit->invert ? FIT_INVERTING : FIT_RESTING;
    fit->at = 0;
}

/* A matrix that is not positive definite is left alone: the next solution has other numbers. */
static size_t factor_some(struct fit *fit, size_t budget)
{
    size_t spent = 0;
    while (fit->at < fit->stage_n && spent < budget) {
        if (!triangle_factor_row(fit->factor, fit->at)) {
            fit->stage = FIT_RESTING;
            return spent;
        }
        spent += fit->at * fit->at / 2 + fit->at;
        fit->at++;
    }
    if (fit->at == fit->stage_n) {
        finish_round(fit);
        spent += 2 * fit->stage_n * fit->stage_n;
    }
    return spent;
}

static size_t invert_some(struct fit *fit, size_t budget)
{
    size_t spent = 0;
    while (fit->at < fit->stage_n && spent < budget) {
        size_t i = fit->at++;
        size_t rest = fit->stage_n - i;
        if (!fit->gone[i])
            fit->inverse[i] =
                fit->bound[i] ? 0
                              : triangle_inverse_diagonal(fit->factor, fit->work, i, fit->stage_n);
        spent += rest * rest / 2 + rest;
    }
    if (fit->at == fit->stage_n)
        fit->stage = FIT_RESTING;
    return spent;
}

bool fit_solve_step(struct fit *fit, size_t budget)
{
    if (fit->stage == FIT_RESTING)
        return false;
    size_t spent = 0;
    while (fit->stage == FIT_FACTORING && spent < budget)
        spent += factor_some(fit, budget - spent);
    if (fit->stage == FIT_INVERTING && spent < budget)
        (void)invert_some(fit, budget - spent);
    return fit->stage == FIT_RESTING && fit->solved;
}

void fit_covariance_times(const struct fit *fit, double *v)
{
    double alone[FIT_SIZE];
    for (size_t i = 0; i < fit->stage_n; i++) {
        alone[i] = fit->gone[i] ? v[i] * fit->priors[i].sd * fit->priors[i].sd : 0;
        if (fit->bound[i] || fit->gone[i])
            v[i] = 0;
    }
    triangle_solve_lower(fit->factor, v, fit->stage_n);
    triangle_solve_upper(fit->factor, v, fit->stage_n);
    for (size_t i = 0; i < fit->stage_n; i++)
        v[i] = fit->gone[i] ? alone[i] : v[i] * fit->noise_correlated;
}
