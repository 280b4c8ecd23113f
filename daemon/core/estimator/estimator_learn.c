/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/estimator_internal.h"

static const double mean_memory_s = 900, lowest_memory_s = 20000;
static const double absurd_w = 1e6; /* no host uses a megawatt: a broken meter */

/* A meter that smooths shows the load of before for some time constants. */
static const double recent_least_s = 0.5, recent_lags = 3;

/* A row without any energy goes on for as long: a meter may step more rarely than rows end. */
static const double still_most_s = 60;

/* A row that is so many times off what is known is the meter's fault, unless all rows are so. */
static const double odd_factor = 4;
enum { ODD_ROWS_MOST = 30 };

/* What the first solutions do not explain is their fault. */
enum { SWITCH_AFTER_SOLUTIONS = 4 };

/* Noise of the meter and of a row's idle power, as shares of power. */
static const double meter_noise = 0.004, level_noise = 0.01;

/* Idle power drifts by so much a row, as a share of it. */
static const double level_drift = 2e-4;

/* ---- Idle power ---- */

/* Variance of what the fit says of the dynamic power of a row. */
static double variance_of(const struct fit *fit, const double *row)
{
    if (!fit->solved || fit->stage == FIT_FACTORING)
        return 0;
    double v[FIT_SIZE];
    double w[FIT_SIZE];
    memcpy(v, row, fit->stage_n * sizeof(double));
    v[CURVE_IDLE] = 0;
    memcpy(w, v, fit->stage_n * sizeof(double));
    fit_covariance_times(fit, w);
    return fmax(0, triangle_dot(v, w, fit->stage_n));
}

/* Idle power as far as it can be told from times in which the machine did little: a Kalman filter.
 */
static void learn_level(struct estimator *e, double power_w)
{
    const struct estimator_view *view = &e->views[e->chosen];
    double dynamic_w =
        fmax(0, triangle_dot(view->fit.theta + 1, view->row + 1, estimator_size(e) - 1) -
                    view->row_offset);
    e->level_variance =
        fmin(e->level_variance + 2 * square(level_drift * e->level_w), square(e->guess.sd_w));
    if (dynamic_w > 0.15 * e->level_w)
        return;
    double seen_w = fmax(power_w, e->level_w); /* a reading near zero is not a sure one */
    double model =
        square(0.3 * dynamic_w) + square(meter_noise * seen_w) + variance_of(&view->fit, view->row);
    if (model >= e->level_variance)
        return;
    double noise = 3 * square(level_noise * seen_w);
    double rest = e->level_variance - model;
    double gain = rest / (rest + noise);
    e->level_w += gain * (power_w - dynamic_w - e->level_w);
    e->level_variance = model + rest * noise / (rest + noise);
}

/* Begins with what the lowest load says, and comes back to it when a lower one says it better. */
static void guess_level(struct estimator *e)
{
    struct idle_guess guess = idle_prior_guess(&e->idle_prior, e->cpus);
    if (e->prior.idle_w > 0 && (guess.sd_w == 0 || e->prior.idle_sd_w < guess.sd_w))
        guess = (struct idle_guess){e->prior.idle_w, e->prior.idle_sd_w};
    if (guess.sd_w == 0)
        return;
    e->guess = guess;
    if (e->level_w == 0 || square(guess.sd_w) < e->level_variance) {
        e->level_w = guess.idle_w;
        e->level_variance = square(guess.sd_w);
    }
}

/* A meter that smooths shows the load of before for a while: what counts is how long it has been
 * low. */
static void learn_idle(struct estimator *e, double power_w, double busy_cpus)
{
    double load = busy_cpus / e->cpus;
    double recent_s = recent_least_s + recent_lags * e->lag.tau_s;
    e->recent_load = fmax(load, e->recent_load * exp(-e->row_s / recent_s));
    idle_prior_learn(&e->idle_prior, power_w, e->recent_load, e->row_s);
    guess_level(e);
    bool settled = e->recent_load <= 1.5 * load + 0.002;
    if (e->level_w > 0 && settled) {
        learn_level(e, power_w);
        e->level_w = clamp(e->level_w, 0.02 * e->guess.idle_w, 1.005 * e->power_w);
    }
}

/* ---- Learning ---- */

static void take_means(struct estimator *e, double power_w, double busy_cpus)
{
    double fade = e->power_w > 0 ? fmin(e->row_s / mean_memory_s, 1) : 1;
    e->power_w += (power_w - e->power_w) * fade;
    e->mean_cpus += (busy_cpus - e->mean_cpus) * fade;
    e->crowded_cpus += (fmax(0, 2 * busy_cpus - e->cpus) - e->crowded_cpus) * fade;
    double leak = fmin(e->row_s / lowest_memory_s, 1);
    double lowest = e->lowest_cpus + (busy_cpus - e->lowest_cpus) * leak;
    e->lowest_cpus = e->age_s == 0 ? busy_cpus : fmin(lowest, busy_cpus);
    e->age_s += e->row_s;
}

/* Squares of gross errors would pass for noise, and outweigh an hour of rows. */
static bool is_odd(struct estimator *e, double power_w)
{
    const struct estimator_view *view = &e->views[e->chosen];
    double model_w = triangle_dot(view->fit.theta, view->row, estimator_size(e)) - view->row_offset;
    bool odd =
        e->solutions > 0 && (power_w * odd_factor < model_w || power_w > model_w * odd_factor);
    e->odd_rows = odd ? e->odd_rows + 1 : 0;
    return odd && e->odd_rows <= ODD_ROWS_MOST;
}

static void finish_row(struct estimator *e)
{
    double power_w = e->row_j / e->row_s;
    for (size_t k = 0; k < estimator_views(e); k++) {
        struct estimator_view *view = &e->views[k];
        for (size_t i = 0; i < estimator_size(e); i++)
            view->row[i] /= e->row_elapsed_s;
        view->row_offset /= e->row_elapsed_s;
    }
    if (is_odd(e, power_w))
        return;
    double busy_cpus = e->views[ESTIMATOR_BY_CPUS].row[CURVE_SLOPE];
    take_means(e, power_w, busy_cpus);
    learn_idle(e, power_w, busy_cpus);
    estimator_add_rows(e, power_w);
}

static bool is_of_one_time(double energy_s, double activity_s)
{
    return fabs(energy_s - activity_s) <= 0.1 * energy_s;
}

/* A meter that is stuck, dead or mad, energy of another time than the activity's (a restart, a slow
 * sensor), and CPU time that cannot be, teach nothing. */
static bool can_learn(const struct estimator *e)
{
    double power_w = e->row_j / e->row_s;
    return is_of_one_time(e->row_s, e->row_elapsed_s) && power_w > 0 && power_w <= absurd_w &&
           !e->row_absurd;
}

/* What the meter has to do with the activity, from one tick to the next. */
static void learn_meter(struct estimator *e, const struct estimator_tick *tick)
{
    const struct fit *fit = estimator_chosen(e);
    double drawn_w = 0;
    for (size_t i = 0; i < tick->n_loads; i++)
        drawn_w += estimator_watts(fit, tick->loads[i].column) * tick->loads[i].cpus;
    meter_lag_learn(&e->lag, tick->energy_j / tick->dt_s, drawn_w, tick->dt_s);
}

static void learn_pace(struct estimator *e, const struct estimator_tick *tick)
{
    const struct estimator_view *view = &e->views[e->chosen];
    double power_w = tick->energy_j / tick->dt_s;
    if (e->solutions == 0 || !(power_w > 0))
        return;
    double shown_w = view->dynamic_w - view->behind_w;
    row_pace_add(&e->pace, (power_w - e->level_w - shown_w) / power_w, view->dynamic_w / power_w,
                 tick->dt_s);
}

/* What was learned of a switch that turned at other loads is worth nothing for another one. */
static void forget_switch(struct estimator *e)
{
    for (size_t k = 0; k < estimator_views(e); k++) {
        struct estimator_view *view = &e->views[k];
        fit_forget(&view->fit, CURVE_SWITCH, &e->priors[CURVE_SWITCH]);
        view->row[CURVE_SWITCH] = view->before[CURVE_SWITCH] = view->shown[CURVE_SWITCH] = 0;
    }
    e->switch_w = 0;
}

static void learn_switch(struct estimator *e, const struct estimator_tick *tick)
{
    const struct estimator_view *view = &e->views[e->chosen];
    double power_w = tick->energy_j / tick->dt_s;
    if (e->solutions < SWITCH_AFTER_SOLUTIONS || !(power_w > 0 && power_w <= absurd_w) ||
        !is_of_one_time(tick->dt_s, tick->elapsed_s))
        return;
    double switch_w = e->switched ? view->fit.theta[CURVE_SWITCH] : 0;
    double shown_w = view->dynamic_w - view->behind_w - switch_w;
    if (load_switch_learn(&e->load_switch, power_w - e->level_w - shown_w, tick->dt_s))
        forget_switch(e);
}

void estimator_learn(struct estimator *e, const struct estimator_tick *tick)
{
    if (!(tick->elapsed_s > 0))
        return;
    if (tick->dt_s > 0)
        learn_meter(e, tick);
    e->row_j += tick->energy_j;
    e->row_s += tick->dt_s;
    e->row_elapsed_s += tick->elapsed_s;
    e->row_absurd |= tick->busy_cpus > ESTIMATOR_ABSURD_LOAD * e->cpus;
    estimator_smooth_unknown(e, tick);
    e->switched = load_switch_turn(&e->load_switch, tick->busy_cpus / e->cpus);
    for (size_t k = 0; k < estimator_views(e); k++)
        estimator_gather(e, (enum estimator_fit)k, tick);
    if (tick->dt_s > 0) {
        learn_pace(e, tick);
        learn_switch(e, tick);
    }
    if (e->row_s < row_pace_s(&e->pace))
        return;
    if (e->row_j == 0 && e->row_s < still_most_s)
        return;
    if (can_learn(e))
        finish_row(e);
    estimator_start_row(e);
}
