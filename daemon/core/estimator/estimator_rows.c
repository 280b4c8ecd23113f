/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/estimator_internal.h"

/* How long rows count in the fits; less at first, when the fits' own watts, with which rows are
 * made, are still wrong; and less where residuals are large and last: then what was learned has
 * changed. */
static const double memory_s = 900, memory_first_s = 60, memory_of_age = 0.5;
static const double memory_least_s = 150;
static const double lasting = 0.8, lasting_most = 0.9;
static const double large = 0.005, large_most = 0.01;

/* Rows are relative to their power: one of next to none would outweigh all others. */
static const double least_of_mean = 0.1, least_of_level = 0.5;

/* /proc/stat counts so many seconds at a time. */
static const double stat_step_s = 0.01, unknown_memory_s = 100;

/* The first solutions are too far off to say what an odd row is. */
enum { TRUSTED_SOLUTIONS = 2 };

void estimator_start_row(struct estimator *e)
{
    e->row_s = e->row_j = e->row_elapsed_s = 0;
    e->row_absurd = false;
    for (size_t i = 0; i < ESTIMATOR_FITS; i++) {
        e->views[i].row_offset = 0;
        memset(e->views[i].row, 0, estimator_size(e) * sizeof(double));
    }
}

/* ---- A tick ---- */

static bool is_unknown(const struct estimator_load *load)
{
    return ring_workload_slot(load->workload) == RING_WORKLOAD_UNATTRIBUTED;
}

/* Where next to nothing runs, a step of /proc/stat is a tenth of it; a fit would make up for that
 * by taking a busy CPU for cheap. What differs from the mean by less than a step is the mean. */
void estimator_smooth_unknown(struct estimator *e, const struct estimator_tick *tick)
{
    struct estimator_unknown *unknown = &e->unknown;
    double cpus = 0;
    for (size_t i = 0; i < tick->n_loads; i++) {
        if (!is_unknown(&tick->loads[i]))
            continue;
        cpus = tick->loads[i].cpus;
        unknown->column = tick->loads[i].column;
    }
    unknown->slow_cpus +=
        (1 - exp(-tick->elapsed_s / unknown_memory_s)) * (cpus - unknown->slow_cpus);
    double step_cpus = stat_step_s / tick->elapsed_s;
    double off_cpus = cpus - unknown->slow_cpus;
    double beyond_cpus = copysign(fmax(fabs(off_cpus) - step_cpus, 0), off_cpus);
    unknown->cpus = unknown->slow_cpus + beyond_cpus;
    unknown->off_cpus = unknown->cpus - cpus;
}

/* Two threads to a core: those beyond half of all share theirs with another. */
static double crowd_cpus(const struct estimator *e, const struct estimator_tick *tick)
{
    double busy_cpus = fmin(tick->busy_cpus, ESTIMATOR_ABSURD_LOAD * e->cpus);
    return fmax(0, busy_cpus - 0.5 * e->cpus);
}

/* The load as a view counts it, with what it has counted so of single workloads. */
static double load_of(struct estimator *e, enum estimator_fit number,
                      const struct estimator_tick *tick)
{
    struct estimator_view *view = &e->views[number];
    double busy_cpus = fmin(tick->busy_cpus + e->unknown.off_cpus, ESTIMATOR_ABSURD_LOAD * e->cpus);
    double bent = e->crowd * crowd_cpus(e, tick);
    for (size_t i = 0; i < tick->n_loads; i++) {
        const struct estimator_load *load = &tick->loads[i];
        if (load->column < FIT_WORKLOADS)
            bent += e->columns[load->column].bent * load->cpus;
    }
    view->offset_w = 0;
    if (number == ESTIMATOR_BY_CPUS)
        return busy_cpus;
    view->offset_w = bent * view->fit.theta[CURVE_SLOPE];
    return clamp(busy_cpus + bent, 0.3 * busy_cpus, 3 * busy_cpus);
}

static void find_features(struct estimator *e, enum estimator_fit number,
                          const struct estimator_tick *tick, double now[FIT_SIZE])
{
    struct estimator_view *view = &e->views[number];
    double load_cpus = load_of(e, number, tick);
    const double *theta = view->fit.theta;
    memset(now, 0, estimator_size(e) * sizeof(double));
    curve_features(&view->memory, load_cpus, e->cpus, tick->elapsed_s, now);
    now[CURVE_SWITCH] = e->switched;
    view->phi = 1;
    if (e->solutions > 0)
        view->phi = number == ESTIMATOR_BY_CPUS ? curve_mean_slope(theta, load_cpus, e->cpus)
                                                : curve_local_slope(theta, load_cpus, e->cpus);
    view->offset_w *= view->phi;
    if (number == ESTIMATOR_BY_WATTS)
        now[CURVE_CROWD] = view->phi * crowd_cpus(e, tick);
    for (size_t i = 0; i < tick->n_loads; i++) {
        const struct estimator_load *load = &tick->loads[i];
        if (load->column < FIT_WORKLOADS && !is_unknown(load))
            now[FIT_SHAPE + load->column] += view->phi * load->cpus;
    }
    if (e->unknown.column < FIT_WORKLOADS)
        now[FIT_SHAPE + e->unknown.column] += view->phi * e->unknown.cpus;
}

/* Power above idle power as the fit sees it. */
static double above_idle(const struct estimator *e, const struct estimator_view *view,
                         const double now[FIT_SIZE], double offset_w)
{
    return fmax(0, triangle_dot(view->fit.theta + 1, now + 1, estimator_size(e) - 1) - offset_w);
}

/* Features as a meter that smooths shows them: power is a sum of them, so it smooths each. */
static void smooth(const struct estimator *e, struct estimator_view *view, double elapsed_s,
                   double now[FIT_SIZE], double *offset_w)
{
    size_t n = estimator_size(e);
    if (e->lag.tau_s == 0) {
        memcpy(view->shown, now, n * sizeof(double));
        view->shown_offset = *offset_w;
        return;
    }
    for (size_t i = 0; i < n; i++)
        now[i] = meter_lag_mean(e->lag.tau_s, now[i], elapsed_s, &view->shown[i]);
    *offset_w = meter_lag_mean(e->lag.tau_s, *offset_w, elapsed_s, &view->shown_offset);
}

void estimator_gather(struct estimator *e, enum estimator_fit number,
                      const struct estimator_tick *tick)
{
    struct estimator_view *view = &e->views[number];
    double now[FIT_SIZE];
    find_features(e, number, tick, now);
    double offset_w = view->offset_w;
    view->dynamic_w = above_idle(e, view, now, offset_w);
    smooth(e, view, tick->elapsed_s, now, &offset_w);
    view->behind_w = 0;
    if (e->lag.tau_s > 0)
        view->behind_w = view->dynamic_w - above_idle(e, view, now, offset_w);
    view->row_offset += offset_w * tick->elapsed_s;
    for (size_t i = 0; i < estimator_size(e); i++)
        view->row[i] += now[i] * tick->elapsed_s;
}

/* ---- A row ---- */

static double memory_of(const struct estimator *e)
{
    const struct row_noise *noise = &e->views[e->chosen].noise;
    double size = sqrt(row_noise_variance(noise));
    double part = clamp((row_noise_shared(noise) - lasting) / (lasting_most - lasting), 0, 1) *
                  clamp((size - large) / (large_most - large), 0, 1);
    double most_s = memory_s + part * (memory_least_s - memory_s);
    return fmin(most_s, memory_first_s + memory_of_age * e->age_s);
}

/* The row less what it shares with the one before it, and with its weight. */
static void add_row(struct estimator *e, struct estimator_view *view, double power_w, double unit_w,
                    double keep)
{
    size_t n = estimator_size(e);
    double whole_w = power_w + view->row_offset;
    double fresh[FIT_SIZE];
    if (e->solutions > 0)
        row_noise_add(&view->noise,
                      (whole_w - triangle_dot(view->fit.theta, view->row, n)) / unit_w);
    double shared = view->before_w > 0 ? row_noise_shared(&view->noise) : 0;
    for (size_t i = 0; i < n; i++)
        fresh[i] = (view->row[i] - shared * view->before[i]) / unit_w;
    double y = (whole_w - shared * view->before_w) / unit_w;
    double weight = 1;
    if (e->solutions > TRUSTED_SOLUTIONS) {
        double rest = y - triangle_dot(view->fit.theta, fresh, n);
        weight = row_noise_weight(&view->noise, rest);
        double load = view->row[CURVE_SLOPE] / e->cpus;
        weight *= row_noise_load_weight(&view->noise, load, rest * sqrt(weight));
    }
    double root = sqrt(weight);
    for (size_t i = 0; i < n; i++)
        fresh[i] *= root;
    fit_add(&view->fit, fresh, y * root, n, keep);
    memcpy(view->before, view->row, n * sizeof(double));
    view->before_w = whole_w;
}

void estimator_add_rows(struct estimator *e, double power_w)
{
    double keep = exp(-e->row_s / memory_of(e));
    double unit_w = fmax(power_w, fmax(least_of_mean * e->power_w, least_of_level * e->level_w));
    for (size_t k = 0; k < estimator_views(e); k++)
        add_row(e, &e->views[k], power_w, unit_w, keep);
}
