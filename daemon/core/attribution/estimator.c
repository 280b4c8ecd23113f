/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/estimator.h"

#include <math.h>

/* Coefficients of the shape, in watts. */
enum { IDLE, WAKE_FAST, WAKE_SLOW, SLOPE, HINGES };

static const double wake_cpus[] = {[WAKE_FAST] = 0.1, [WAKE_SLOW] = 0.6};
static const double hinge_shares[FIT_SHAPE - HINGES] = {0.125, 0.25, 0.5, 0.75};

static const double row_s = 2;            /* a row gathers what is at least this long */
static const double memory_s = 1800;      /* of the fits */
static const double share_memory_s = 600; /* of the workloads' shares */
static const double solve_every_s = 60, solve_often_s = 30, learning_s = 600;
static const double lowest_memory_s = 20000;
static const double absurd_w = 1e6;

/* Multiplications of one tick: what is left to do waits for the next one. */
enum { BUDGET = 60000 };

/* With more workloads one fit is enough, and half the cost. */
enum { TWO_FITS_MOST = 64 };

enum { INVERT_EVERY = 5, EVICT_AFTER_TICKS = 600 };

/* Noise of the meter and of what the model knows nothing of, as shares of power. */
static const double meter_noise = 0.004, level_noise = 0.01;
static const double model_noise = 0.1;

/* The spread of watts per CPU between workloads, and the least that one can take, relative to the
 * mean slope. */
static const double intensity_sd = 0.35, intensity_least = 0.14;

static double square(double x)
{
    return x * x;
}

int estimator_init(struct estimator *e, const struct estimator_prior *prior)
{
    memset(e, 0, sizeof(*e));
    e->prior = *prior;
    e->slope_variance = square(prior->slope_sd_w / prior->slope_w);
    for (size_t i = 0; i < ESTIMATOR_FITS; i++) {
        e->phi[i] = 1;
        if (fit_init(&e->fits[i]) < 0) {
            estimator_done(e);
            return -ENOMEM;
        }
        e->fits[i].theta[SLOPE] = prior->slope_w;
    }
    return 0;
}

void estimator_done(struct estimator *e)
{
    for (size_t i = 0; i < ESTIMATOR_FITS; i++)
        fit_done(&e->fits[i]);
}

static double clamp(double x, double least, double most)
{
    return fmin(fmax(x, least), most);
}

static size_t size_of(const struct estimator *e)
{
    return FIT_SHAPE + e->n_columns;
}

static size_t fits_of(const struct estimator *e)
{
    return e->n_columns <= TWO_FITS_MOST ? ESTIMATOR_FITS : 1;
}

/* ---- Priors ---- */

static struct fit_prior column_prior(const struct estimator *e, const struct fit *fit,
                                     size_t column)
{
    double slope_w = fit->theta[SLOPE];
    return (struct fit_prior){.mean = e->columns[column].usual_w,
                              .sd = intensity_sd * slope_w,
                              .least = (intensity_least - 1) * slope_w};
}

static void fill_priors(struct estimator *e, const struct fit *fit)
{
    double idle_w = e->guess_w;
    double slope_w = e->prior.slope_w;
    double slope_sd_w = e->prior.slope_sd_w;
    e->priors[IDLE] = (struct fit_prior){idle_w, e->guess_sd_w, 0};
    for (size_t i = WAKE_FAST; i <= WAKE_SLOW; i++)
        e->priors[i] = (struct fit_prior){0.06 * idle_w, 0.15 * idle_w, 0};
    e->priors[SLOPE] = (struct fit_prior){slope_w, slope_sd_w, 0.15 * slope_w};
    for (size_t i = HINGES; i < FIT_SHAPE; i++)
        e->priors[i] = (struct fit_prior){-0.15 * slope_w, 0.3 * slope_w, -HUGE_VAL};
    for (size_t i = 0; i < e->n_columns; i++)
        e->priors[FIT_SHAPE + i] = column_prior(e, fit, i);
}

/* ---- Workloads and their columns ---- */

static void forget_column(struct estimator *e, size_t column)
{
    struct estimator_column *old = &e->columns[column];
    for (size_t i = 0; i < ESTIMATOR_FITS; i++) {
        struct fit_prior prior = column_prior(e, &e->fits[i], column);
        if (prior.sd > 0)
            fit_forget(&e->fits[i], FIT_SHAPE + column, &prior);
        e->fits[i].theta[FIT_SHAPE + column] = 0;
        e->row[i][FIT_SHAPE + column] = 0;
    }
    e->column_of[ring_workload_slot(old->workload) % RING_WORKLOADS_MAX] = 0;
    *old = (struct estimator_column){.error = intensity_sd};
}

/* A free column, or that of who was away longest; FIT_WORKLOADS: all are in use. */
static size_t find_place(struct estimator *e)
{
    if (e->n_columns < FIT_WORKLOADS) {
        e->columns[e->n_columns] = (struct estimator_column){.error = intensity_sd};
        return e->n_columns++;
    }
    size_t oldest = 0;
    for (size_t i = 1; i < FIT_WORKLOADS; i++) {
        if (e->columns[i].seen < e->columns[oldest].seen)
            oldest = i;
    }
    if (e->columns[oldest].seen + EVICT_AFTER_TICKS > e->ticks)
        return FIT_WORKLOADS;
    forget_column(e, oldest);
    return oldest;
}

/* The column of a workload, FIT_WORKLOADS: it has none and takes the mean. */
static size_t column_of(struct estimator *e, uint32_t workload)
{
    uint16_t *place = &e->column_of[ring_workload_slot(workload) % RING_WORKLOADS_MAX];
    if (*place != 0 && e->columns[*place - 1].workload != workload)
        forget_column(e, *place - 1U); /* the slot is another workload's now */
    if (*place == 0) {
        size_t column = find_place(e);
        if (column == FIT_WORKLOADS)
            return FIT_WORKLOADS;
        e->columns[column].workload = workload;
        *place = (uint16_t)(column + 1);
    }
    return *place - 1U;
}

/* ---- The curve ---- */

static void features(double busy_cpus, uint32_t cpus, double shape[FIT_SHAPE])
{
    shape[IDLE] = 1;
    shape[WAKE_FAST] = 1 - exp(-busy_cpus / wake_cpus[WAKE_FAST]);
    shape[WAKE_SLOW] = 1 - exp(-busy_cpus / wake_cpus[WAKE_SLOW]);
    shape[SLOPE] = busy_cpus;
    for (size_t i = 0; i < ARRAY_SIZE(hinge_shares); i++)
        shape[HINGES + i] = fmax(0, busy_cpus - hinge_shares[i] * cpus);
}

/* How steep the curve is at this load, relative to the slope of a little load: on average up to
 * there (fit 0), or just there (fit 1). */
static double phi_of(const struct estimator *e, size_t number, double busy_cpus)
{
    const double *theta = e->fits[number].theta;
    if (e->solutions == 0 || busy_cpus <= 0)
        return 1;
    double slope_w = theta[SLOPE];
    for (size_t i = 0; i < ARRAY_SIZE(hinge_shares); i++) {
        double above = busy_cpus - hinge_shares[i] * e->cpus;
        double part =
            number == 0 ? fmax(0, above) / busy_cpus : 1 / (1 + exp(-above / (0.04 * e->cpus)));
        slope_w += theta[HINGES + i] * part;
    }
    return clamp(slope_w / theta[SLOPE], 0.3, 2);
}

/* ---- Rows ---- */

static void start_row(struct estimator *e)
{
    e->row_s = e->row_j = e->row_elapsed_s = 0;
    for (size_t i = 0; i < ESTIMATOR_FITS; i++)
        memset(e->row[i], 0, size_of(e) * sizeof(double));
}

static void gather(struct estimator *e, const struct estimator_tick *tick,
                   const double shape[FIT_SHAPE])
{
    e->row_j += tick->energy_j;
    e->row_s += tick->dt_s;
    e->row_elapsed_s += tick->elapsed_s;
    for (size_t k = 0; k < fits_of(e); k++) {
        double *row = e->row[k];
        e->phi[k] = phi_of(e, k, tick->busy_cpus);
        for (size_t i = 0; i < FIT_SHAPE; i++)
            row[i] += shape[i] * tick->elapsed_s;
        double scale = e->phi[k] * tick->elapsed_s;
        for (size_t i = 0; i < tick->n_loads; i++) {
            size_t column = column_of(e, tick->loads[i].workload);
            if (column < FIT_WORKLOADS)
                row[FIT_SHAPE + column] += scale * tick->loads[i].cpus;
        }
    }
}

/* Idle power as far as it can be told from times in which the machine did little. */
static void learn_level(struct estimator *e, double power_w, double dynamic_w, const double *row)
{
    double most = square(e->guess_sd_w);
    e->level_variance = fmin(e->level_variance + 2 * square(2e-4 * e->level_w), most);
    const struct fit *fit = &e->fits[e->chosen];
    if (dynamic_w > 0.15 * e->level_w)
        return;
    double model = square(0.3 * dynamic_w) + square(meter_noise * power_w);
    if (fit->solved && fit->stage != FIT_FACTORING) {
        double v[FIT_SIZE];
        memcpy(v, row, fit->stage_n * sizeof(double));
        v[IDLE] = 0;
        double w[FIT_SIZE];
        memcpy(w, v, fit->stage_n * sizeof(double));
        fit_covariance_times(fit, w);
        model += triangle_dot(v, w, fit->stage_n);
    }
    if (model >= e->level_variance)
        return;
    double noise = 3 * square(level_noise * power_w);
    double rest = e->level_variance - model;
    double gain = rest / (rest + noise);
    e->level_w += gain * (power_w - dynamic_w - e->level_w);
    e->level_variance = model + rest * noise / (rest + noise);
}

/* Begins with what the lowest load says, and comes back to it when a lower one says it better. */
static void guess_level(struct estimator *e)
{
    struct idle_guess guess = idle_prior_guess(&e->idle_prior);
    if (e->prior.idle_w > 0 && (guess.sd_w == 0 || e->prior.idle_sd_w < guess.sd_w))
        guess = (struct idle_guess){e->prior.idle_w, e->prior.idle_sd_w};
    if (guess.sd_w == 0)
        return;
    e->guess_w = guess.idle_w;
    e->guess_sd_w = guess.sd_w;
    if (e->level_w == 0 || square(guess.sd_w) < e->level_variance) {
        e->level_w = guess.idle_w;
        e->level_variance = square(guess.sd_w);
    }
}

/* Power above idle as the model sees it. */
static double dynamic_of(const struct fit *fit, const double *row, size_t n)
{
    return fmax(0, triangle_dot(fit->theta + 1, row + 1, n - 1));
}

static void finish_row(struct estimator *e)
{
    double power_w = e->row_j / e->row_s;
    double seconds = e->row_elapsed_s;
    bool matches = fabs(e->row_s - e->row_elapsed_s) <= 0.1 * e->row_s;
    if (!matches || !(power_w > 0) || power_w > absurd_w) {
        start_row(e);
        return;
    }
    for (size_t k = 0; k < fits_of(e); k++) {
        for (size_t i = 0; i < size_of(e); i++)
            e->row[k][i] /= seconds;
    }
    double busy_cpus = e->row[0][SLOPE];
    double weight = e->power_w > 0 ? fmin(e->row_s / memory_s, 1) : 1;
    e->power_w += (power_w - e->power_w) * weight;
    e->lowest_cpus = e->age_s == 0 ? busy_cpus
                                   : fmin(e->lowest_cpus + (busy_cpus - e->lowest_cpus) *
                                                               fmin(e->row_s / lowest_memory_s, 1),
                                          fmax(busy_cpus, 0));
    e->age_s += e->row_s;
    idle_prior_learn(&e->idle_prior, power_w, busy_cpus / e->cpus, e->row_s);
    guess_level(e);
    if (e->level_w > 0) {
        const double *row = e->row[e->chosen];
        learn_level(e, power_w, dynamic_of(&e->fits[e->chosen], row, size_of(e)), row);
        e->level_w = clamp(e->level_w, 0.02 * e->guess_w, 1.005 * e->power_w);
    }
    double keep = exp(-e->row_s / memory_s);
    for (size_t k = 0; k < fits_of(e); k++) {
        for (size_t i = 0; i < size_of(e); i++)
            e->row[k][i] /= power_w;
        fit_add(&e->fits[k], e->row[k], size_of(e), keep);
    }
    start_row(e);
}

/* ---- Solutions ---- */

/* Relative standard error of each workload's watts per CPU against the mean of all, which is what
 * the split goes by. */
static void find_errors(struct estimator *e, const struct fit *fit)
{
    double mean[FIT_SIZE] = {0}, slope[FIT_SIZE] = {0};
    double total = 0;
    size_t n = fit->stage_n;
    for (size_t i = 0; i + FIT_SHAPE < n; i++)
        total += e->columns[i].share;
    for (size_t i = 0; i + FIT_SHAPE < n; i++) {
        double w = fmax(fit->theta[SLOPE] + fit->theta[FIT_SHAPE + i], 0.1 * fit->theta[SLOPE]);
        double part = total > 0 ? e->columns[i].share / total / w : 0;
        mean[FIT_SHAPE + i] = part;
        mean[SLOPE] += part;
    }
    slope[SLOPE] = 1;
    double about[FIT_SIZE];
    memcpy(about, mean, n * sizeof(double));
    fit_covariance_times(fit, about);
    fit_covariance_times(fit, slope);
    double of_mean = triangle_dot(mean, about, n);
    for (size_t i = FIT_SHAPE; i < n; i++) {
        double w = fmax(fit->theta[SLOPE] + fit->theta[i], 0.1 * fit->theta[SLOPE]);
        double own = slope[SLOPE] + 2 * slope[i] + fit->inverse[i] * fit->noise_correlated;
        double variance = own / square(w) - 2 * (about[SLOPE] + about[i]) / w + of_mean;
        e->columns[i - FIT_SHAPE].error = sqrt(fmax(variance, 0));
    }
}

/* Forgetting would lead a workload that runs rarely back to the mean: it is led back to what it
 * was known for. */
static void remember(struct estimator *e, const struct fit *fit)
{
    for (size_t i = FIT_SHAPE; i < fit->stage_n; i++) {
        struct estimator_column *column = &e->columns[i - FIT_SHAPE];
        double variance = fit->inverse[i] * fit->noise_correlated;
        double known = 1 - variance / square(fit->priors[i].sd);
        if (known > 0.3)
            column->usual_w += 0.05 * known * (fit->theta[i] - column->usual_w);
    }
}

static void take_solution(struct estimator *e, size_t number)
{
    struct fit *fit = &e->fits[number];
    e->solutions++;
    if (fits_of(e) == ESTIMATOR_FITS) {
        unsigned other = 1 - e->chosen;
        if (e->fits[other].solved && e->fits[other].noise < 0.94 * e->fits[e->chosen].noise)
            e->chosen = other;
    } else {
        e->chosen = 0;
    }
    if (number != e->chosen || !fit->invert)
        return;
    e->slope_variance = fit->inverse[SLOPE] * fit->noise_correlated / square(fit->theta[SLOPE]);
    find_errors(e, fit);
    remember(e, fit);
    double variance = fit->inverse[IDLE] * fit->noise_correlated;
    if (!fit->bound[IDLE] && variance < e->level_variance) {
        e->level_w = clamp(fit->theta[IDLE], 0.02 * e->guess_w, 1.005 * e->power_w);
        e->level_variance = variance;
    }
}

static void solve(struct estimator *e)
{
    bool due = e->age_s >= e->solve_at_s && e->guess_sd_w > 0;
    for (size_t k = 0; k < fits_of(e); k++) {
        if (e->fits[k].stage != FIT_RESTING)
            due = false;
    }
    if (due) {
        bool early = e->age_s < learning_s;
        e->solve_at_s = e->age_s + (early ? solve_often_s : solve_every_s);
        bool invert = early || e->solutions % (INVERT_EVERY * fits_of(e)) < fits_of(e);
        for (size_t k = 0; k < fits_of(e); k++) {
            fill_priors(e, &e->fits[k]);
            fit_solve_begin(&e->fits[k], e->priors, size_of(e), invert);
        }
    }
    for (size_t k = 0; k < fits_of(e); k++) {
        if (fit_solve_step(&e->fits[k], BUDGET / fits_of(e)))
            take_solution(e, k);
    }
}

/* ---- The split ---- */

static double watts_of(const struct estimator *e, const struct fit *fit, size_t column)
{
    (void)e;
    double slope_w = fit->theta[SLOPE];
    double own = column < FIT_WORKLOADS ? fit->theta[FIT_SHAPE + column] : 0;
    return fmax(slope_w + own, 0.1 * slope_w);
}

static double predict(struct estimator *e, const struct estimator_tick *tick,
                      const double shape[FIT_SHAPE])
{
    const struct fit *fit = &e->fits[e->chosen];
    double sum = triangle_dot(fit->theta + 1, shape + 1, FIT_SHAPE - 1);
    double phi = phi_of(e, e->chosen, tick->busy_cpus);
    for (size_t i = 0; i < tick->n_loads; i++) {
        size_t column = column_of(e, tick->loads[i].workload);
        if (column < FIT_WORKLOADS)
            sum += phi * fit->theta[FIT_SHAPE + column] * tick->loads[i].cpus;
    }
    return fmax(0, sum);
}

/* Measured power less idle power is all that is dynamic; but on a machine that does next to nothing
 * it is noise, and its positive half would be booked: there the model's word counts more. */
static double dynamic_now(const struct estimator *e, double power_w, double predicted_w)
{
    double model = (square(model_noise) + e->slope_variance) * square(predicted_w);
    double gain = model / (model + square(meter_noise * power_w) + 1e-12);
    return clamp(predicted_w + gain * (power_w - predicted_w - e->level_w), 0, power_w);
}

static void divide(struct estimator *e, const struct estimator_tick *tick, double dynamic_w,
                   double idle_sd_w)
{
    const struct fit *fit = &e->fits[e->chosen];
    double total = 0, known = 0;
    for (size_t i = 0; i < tick->n_loads; i++) {
        struct estimator_load *load = &tick->loads[i];
        size_t column = column_of(e, load->workload);
        load->weight = watts_of(e, fit, column);
        total += load->weight * load->cpus;
        known += load->cpus;
    }
    total += fit->theta[SLOPE] * fmax(0, tick->busy_cpus - known);
    double fade = fmin(tick->elapsed_s / share_memory_s, 1);
    for (size_t i = 0; i < tick->n_loads; i++) {
        struct estimator_load *load = &tick->loads[i];
        size_t column = column_of(e, load->workload);
        double part = total > 0 ? load->weight * load->cpus / total : 0;
        double error = intensity_sd;
        if (column < FIT_WORKLOADS) {
            error = e->columns[column].error;
            e->columns[column].share += fade * part * dynamic_w;
        }
        double of_idle = dynamic_w > 0 ? idle_sd_w / dynamic_w : 1;
        load->uncertainty = 1.96 * sqrt(square(1.5 * error) + square(of_idle) + square(0.025));
    }
    for (size_t i = 0; i < e->n_columns; i++)
        e->columns[i].share *= 1 - fade;
}

static double idle_sd(const struct estimator *e)
{
    const double *theta = e->fits[e->chosen].theta;
    double wake = 0.5 * (theta[WAKE_FAST] + theta[WAKE_SLOW]) * fmin(1, e->lowest_cpus / 0.1);
    return sqrt(e->level_variance + square(wake) + square(0.007 * e->level_w));
}

static void see_loads(struct estimator *e, const struct estimator_tick *tick)
{
    e->ticks++;
    for (size_t i = 0; i < tick->n_loads; i++) {
        size_t column = column_of(e, tick->loads[i].workload);
        if (column < FIT_WORKLOADS)
            e->columns[column].seen = e->ticks;
    }
}

void estimator_tick(struct estimator *e, const struct estimator_tick *tick,
                    struct estimator_answer *ret_answer)
{
    double shape[FIT_SHAPE];
    e->cpus = MAX(tick->cpus, 1);
    see_loads(e, tick);
    features(tick->busy_cpus, e->cpus, shape);
    if (tick->elapsed_s > 0)
        gather(e, tick, shape);
    if (e->row_s >= row_s)
        finish_row(e);
    solve(e);

    double power_w = tick->dt_s > 0 ? tick->energy_j / tick->dt_s : 0;
    double dynamic_w = 0;
    double idle_sd_w = idle_sd(e);
    if (e->level_w > 0)
        dynamic_w = dynamic_now(e, power_w, predict(e, tick, shape));
    else
        dynamic_w = 0.5 * power_w; /* the first seconds */
    if (!(tick->busy_cpus > 0))
        dynamic_w = 0;
    divide(e, tick, dynamic_w, idle_sd_w);
    *ret_answer = (struct estimator_answer){
        .idle_j = fmax(0, (power_w - dynamic_w) * tick->dt_s),
        .idle_uncertainty = power_w > dynamic_w ? 1.96 * idle_sd_w / (power_w - dynamic_w) : 0,
    };
}
