/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/estimator_internal.h"

/* A fit of many workloads is dear, and they do not change faster for that. */
static const double solve_every_s = 30, solve_many_s = 180;
static const double early_s = 600; /* it is solved twice as often until then */

/* With how many solutions it is found how sure each coefficient is. */
enum { EARLY_INVERT_EVERY = 2, INVERT_EVERY = 5 };

/* Multiplications of one tick: what is left to do waits for the next one. */
enum { BUDGET = 60000 };

/* Priors of the curve, relative to the slope or to mean power. */
static const double wake_mean = 0.03, wake_sd = 0.06; /* of idle power; own choice */
static const double knee_sd = 0.1;
static const double form_sd[CURVE_FORMS] = {1, 0.4, 0.4};
static const double hat_sd = 0.02;
static const double lag_sd[CURVE_LAGGED] = {0.5, 0.1, 0.1};
static const double switch_sd = 0.1;
static const double crowd_mean = -0.1, crowd_sd = 0.02; /* own choice */
static const double least_slope = 0.15;

/* How fast the usual watts follow what a solution says, and how fast those do by which
 * ESTIMATOR_BY_WATTS counts: at once, they would swing. */
static const double usual_rate = 0.05, bent_rate = 0.1;
static const double bent_least = -0.8, bent_most = 2, crowd_most = 0.6;

/* The other fit must explain the samples so much better to be chosen. */
static const double better = 0.94;

struct fit_prior estimator_column_prior(const struct estimator *e, const struct fit *fit,
                                        size_t column)
{
    double slope_w = fit->theta[CURVE_SLOPE];
    return (struct fit_prior){.mean = e->columns[column].usual * slope_w,
                              .sd = ESTIMATOR_INTENSITY_SD * slope_w,
                              .least = (ESTIMATOR_INTENSITY_LEAST - 1) * slope_w};
}

static void fill_priors(struct estimator *e, const struct fit *fit)
{
    const double none = -HUGE_VAL;
    double idle_w = e->guess.idle_w;
    double slope_w = e->prior.slope_w;
    struct fit_prior *priors = e->priors;
    priors[CURVE_IDLE] = (struct fit_prior){idle_w, e->guess.sd_w, 0};
    priors[CURVE_WAKE_FAST] = (struct fit_prior){wake_mean * idle_w, wake_sd * idle_w, 0};
    priors[CURVE_WAKE_SLOW] = priors[CURVE_WAKE_FAST];
    priors[CURVE_SLOPE] = (struct fit_prior){slope_w, e->prior.slope_sd_w, least_slope * slope_w};
    for (size_t i = 0; i < CURVE_KNEES; i++)
        priors[CURVE_KNEE + i] = (struct fit_prior){0, knee_sd * slope_w, none};
    for (size_t i = 0; i < CURVE_HATS; i++)
        priors[CURVE_HAT + i] = (struct fit_prior){0, hat_sd * e->power_w, none};
    for (size_t i = 0; i < CURVE_LAGGED; i++)
        priors[CURVE_LAG + i] = (struct fit_prior){0, lag_sd[i] * slope_w, none};
    priors[CURVE_SWITCH] = (struct fit_prior){e->switch_w, switch_sd * e->power_w, none};
    double own_w = fit->theta[CURVE_SLOPE];
    for (size_t i = 0; i < CURVE_FORMS; i++)
        priors[CURVE_FORM + i] = (struct fit_prior){0, form_sd[i] * own_w, none};
    priors[CURVE_CROWD] = (struct fit_prior){crowd_mean * own_w, crowd_sd * own_w, none};
    for (size_t i = 0; i < e->n_columns; i++)
        priors[FIT_SHAPE + i] = estimator_column_prior(e, fit, i);
}

/* What a CPU of mean watts takes on average at the mean load, by coefficient, in the measure of c.
 * It is better known than c itself, of which knees and forms can take the place. */
static void find_mean_watts(const struct estimator *e, const struct fit *fit,
                            double ret[CURVE_SIZE])
{
    double slope_w = fit->theta[CURVE_SLOPE];
    curve_mean_terms(e->mean_cpus, e->cpus, ret);
    double mean_w = fmax(triangle_dot(ret, fit->theta, CURVE_SIZE), 0.1 * slope_w);
    for (size_t i = 0; i < CURVE_SIZE; i++)
        ret[i] *= slope_w / mean_w;
}

/* Relative standard error of each workload's watts per CPU against the mean of all, weighted by
 * what they use: that is what the split goes by. */
static void find_errors(struct estimator *e, const struct fit *fit)
{
    double usual[CURVE_SIZE], mean[FIT_SIZE] = {0}, slope[FIT_SIZE] = {0}, about[FIT_SIZE];
    double total_w = 0, parts = 0;
    size_t n = fit->stage_n;
    find_mean_watts(e, fit, usual);
    for (size_t i = 0; i + FIT_SHAPE < n; i++)
        total_w += e->columns[i].share;
    for (size_t i = 0; i + FIT_SHAPE < n && total_w > 0; i++) {
        mean[FIT_SHAPE + i] = e->columns[i].share / total_w / estimator_watts(fit, i);
        parts += mean[FIT_SHAPE + i];
    }
    for (size_t i = 0; i < CURVE_SIZE; i++) {
        slope[i] = usual[i];
        mean[i] = usual[i] * parts;
    }
    memcpy(about, mean, n * sizeof(double));
    fit_covariance_times(fit, about);
    fit_covariance_times(fit, slope);
    double of_slope = triangle_dot(usual, slope, CURVE_SIZE);
    double of_both = triangle_dot(usual, about, CURVE_SIZE);
    double of_mean = triangle_dot(mean, about, n);
    e->slope_variance = fmax(of_slope, 0) / square(fit->theta[CURVE_SLOPE]);
    for (size_t i = 0; i + FIT_SHAPE < n; i++) {
        size_t at = FIT_SHAPE + i;
        double watts = estimator_watts(fit, i);
        double own = of_slope + 2 * slope[at] + fit->inverse[at] * fit->noise_correlated;
        double variance = own / square(watts) - 2 * (of_both + about[at]) / watts + of_mean;
        e->columns[i].error = sqrt(fmax(variance, 0));
    }
}

/* Forgetting would lead a workload that runs rarely back to the mean: it is led back to what it
 * was known for. */
static void remember(struct estimator *e, const struct fit *fit)
{
    for (size_t i = 0; i + FIT_SHAPE < fit->stage_n; i++) {
        struct estimator_column *column = &e->columns[i];
        double variance = fit->inverse[FIT_SHAPE + i] * fit->noise_correlated;
        double known = 1 - variance / square(fit->priors[FIT_SHAPE + i].sd);
        double relative = fit->theta[FIT_SHAPE + i] / fit->theta[CURVE_SLOPE];
        if (known > 0.3)
            column->usual += usual_rate * known * (relative - column->usual);
    }
}

/* Watts per CPU relative to the slope, as far as they are believed. */
static double relative_watts(const struct fit *fit, size_t column)
{
    return 1 +
           clamp(fit->theta[FIT_SHAPE + column] / fit->theta[CURVE_SLOPE], bent_least, bent_most);
}

/* On average over what is used, a CPU is counted as one: the knots of the curve stay where they
 * are. */
static void bend(struct estimator *e, const struct fit *fit)
{
    double cpus = 0, counted = 0;
    for (size_t i = 0; i + FIT_SHAPE < fit->stage_n; i++) {
        double own_cpus = e->columns[i].share / estimator_watts(fit, i);
        cpus += own_cpus;
        counted += own_cpus * relative_watts(fit, i);
    }
    double crowd =
        clamp(fit->theta[CURVE_CROWD] / fit->theta[CURVE_SLOPE], -crowd_most, crowd_most);
    e->crowd += bent_rate * (crowd - e->crowd);
    double scale = counted > 0 ? cpus / counted : 1;
    for (size_t i = 0; i + FIT_SHAPE < fit->stage_n; i++)
        e->columns[i].bent += bent_rate * (relative_watts(fit, i) * scale - 1 - e->columns[i].bent);
}

static void choose(struct estimator *e)
{
    if (estimator_views(e) < ESTIMATOR_FITS || e->age_s < e->choose_at_s)
        return;
    enum estimator_fit other =
        e->chosen == ESTIMATOR_BY_CPUS ? ESTIMATOR_BY_WATTS : ESTIMATOR_BY_CPUS;
    const struct fit *fit = &e->views[other].fit;
    if (fit->solved && fit->noise < better * estimator_chosen(e)->noise)
        e->chosen = other;
}

static void take_solution(struct estimator *e, enum estimator_fit number)
{
    const struct fit *fit = &e->views[number].fit;
    e->solutions++;
    if (number == ESTIMATOR_BY_WATTS)
        bend(e, fit);
    choose(e);
    if (number != e->chosen || !fit->invert)
        return;
    find_errors(e, fit);
    remember(e, fit);
    /* What rows share with their neighbours could be idle power as well. */
    const struct row_noise *noise = &e->views[number].noise;
    double lasting = row_noise_shared(noise) * row_noise_variance(noise);
    double variance =
        fit->inverse[CURVE_IDLE] * fit->noise_correlated + lasting * square(e->power_w);
    if (!fit->bound[CURVE_IDLE] && variance < e->level_variance) {
        e->level_w = clamp(fit->theta[CURVE_IDLE], 0.02 * e->guess.idle_w, 1.005 * e->power_w);
        e->level_variance = variance;
    }
}

static bool is_due(const struct estimator *e)
{
    for (size_t k = 0; k < estimator_views(e); k++) {
        if (e->views[k].fit.stage != FIT_RESTING)
            return false;
    }
    return e->age_s > 0 && e->age_s >= e->solve_at_s && e->guess.sd_w > 0;
}

void estimator_solve(struct estimator *e)
{
    size_t views = estimator_views(e);
    if (is_due(e)) {
        bool early = e->age_s < early_s;
        double every_s = views == ESTIMATOR_FITS ? solve_every_s : solve_many_s;
        e->solve_at_s = e->age_s + (early ? every_s / 2 : every_s);
        size_t invert_every = early ? EARLY_INVERT_EVERY : INVERT_EVERY;
        bool invert = e->solutions % (invert_every * views) < views;
        for (size_t k = 0; k < views; k++) {
            fill_priors(e, &e->views[k].fit);
            fit_solve_begin(&e->views[k].fit, e->priors, estimator_size(e), invert);
        }
    }
    for (size_t k = 0; k < views; k++) {
        if (fit_solve_step(&e->views[k].fit, BUDGET / views))
            take_solution(e, (enum estimator_fit)k);
    }
}
