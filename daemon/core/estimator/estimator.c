/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/estimator_internal.h"

#include "core/estimator/learned.h"

static const double share_memory_s = 600; /* of the workloads' shares */

/* Noise of the meter, and of what the model says of dynamic power once it has learned. */
static const double meter_noise = 0.004, model_noise = 0.1;

/* How intervals are made of the fit's own errors, tuned on simulated machines of which none is
 * reported: the fit does not count what workloads were known for before its memory; it knows
 * nothing of how unlike they are where two threads share a core, and of short-lived changes. */
static const double error_factor = 0.85, error_least = 0.01, level_least = 0.0003;
static const double crowd_error = 0.05; /* where all CPUs share their cores, two to a core */
static const double wake_doubt = 0.3;   /* of the first busy CPU's step */

static const double unsure_most = 1e3; /* of almost nothing */

/* Of a normal distribution, 95 % lie within so many standard deviations. */
static const double deviations = 1.96;

int estimator_init(struct estimator *e, const struct estimator_prior *prior)
{
    memset(e, 0, sizeof(*e));
    e->prior = *prior;
    e->unknown.column = FIT_WORKLOADS;
    e->slope_variance = square(prior->slope_sd_w / prior->slope_w);
    for (size_t i = 0; i < ESTIMATOR_FITS; i++) {
        if (fit_init(&e->views[i].fit) < 0) {
            estimator_done(e);
            return -ENOMEM;
        }
        e->views[i].fit.theta[CURVE_SLOPE] = prior->slope_w;
    }
    return 0;
}

void estimator_done(struct estimator *e)
{
    for (size_t i = 0; i < ESTIMATOR_FITS; i++)
        fit_done(&e->views[i].fit);
}

/* ---- From one daemon to the next ---- */

/* What changed while nobody looked: a hundredth of idle power, and a third of the slope. */
static const double recalled_level_sd = 0.01, recalled_slope_sd = 0.33;

void estimator_recall(struct estimator *e, const struct learned_domain *learned)
{
    for (size_t i = 0; i < learned->n_workloads; i++)
        estimator_note_away(e, learned->workloads[i].key, learned->workloads[i].usual);
    e->idle_prior = learned->idle_prior;
    for (size_t i = 0; i < IDLE_PRIOR_BINS; i++)
        e->idle_prior.bins[i].weight_s /= 2; /* what is seen from now on counts more */
    if (learned->level_w > 0) {
        e->level_w = learned->level_w;
        e->level_variance =
            2 * learned->level_variance + square(recalled_level_sd * learned->level_w);
    }
    e->load_switch.low = learned->switch_low;
    e->load_switch.high = learned->switch_high;
    e->switch_w = learned->switch_w;
    if (learned->slope_w > 0) {
        double slope_w = clamp(learned->slope_w, 0.15 * e->prior.slope_w, 10 * e->prior.slope_w);
        e->prior.slope_w = slope_w;
        e->prior.slope_sd_w = recalled_slope_sd * slope_w;
        e->slope_variance = square(recalled_slope_sd);
        for (size_t i = 0; i < ESTIMATOR_FITS; i++)
            e->views[i].fit.theta[CURVE_SLOPE] = slope_w;
    }
}

/* Those who are here, and as many of those who are away as there is room for. */
static void keep_workloads(const struct estimator *e, struct learned_domain *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n_columns; i++) {
        if (e->columns[i].key != 0 && e->columns[i].usual != 0)
            ret->workloads[n++] = (struct learned_workload){e->columns[i].key, e->columns[i].usual};
    }
    size_t here = n;
    for (size_t i = 0; i < FIT_WORKLOADS && n < FIT_WORKLOADS; i++) {
        size_t newest = (e->next_away + FIT_WORKLOADS - 1 - i) % FIT_WORKLOADS;
        const struct estimator_away *away = &e->away[newest];
        bool known = away->key == 0;
        for (size_t j = 0; j < here && !known; j++)
            known = ret->workloads[j].key == away->key;
        if (!known)
            ret->workloads[n++] = (struct learned_workload){away->key, away->usual};
    }
    ret->n_workloads = n;
}

bool estimator_keep(const struct estimator *e, struct learned_domain *ret)
{
    if (e->level_w == 0 || e->solutions == 0)
        return false;
    ret->level_w = e->level_w;
    ret->level_variance = e->level_variance;
    ret->slope_w = estimator_chosen(e)->theta[CURVE_SLOPE];
    ret->idle_prior = e->idle_prior;
    ret->switch_low = e->load_switch.low;
    ret->switch_high = e->load_switch.high;
    ret->switch_w = e->load_switch.high > 0 ? estimator_chosen(e)->theta[CURVE_SWITCH] : 0;
    keep_workloads(e, ret);
    return true;
}

/* ---- The split ---- */

/* Measured power less idle power is all that is dynamic; but on a machine that does next to nothing
 * it is noise, and its positive half would be booked: there the model's word counts more. Of a
 * meter that smooths, what it does not show yet is booked now, and not when it shows it. */
static double dynamic_of(const struct estimator *e, const struct estimator_tick *tick,
                         double power_w)
{
    if (!(tick->busy_cpus > 0))
        return 0;
    if (e->level_w == 0)
        return 0.5 * power_w; /* the first seconds: half is nearer than all or nothing */
    const struct estimator_view *view = &e->views[e->chosen];
    double predicted_w = view->dynamic_w;
    double shown_w = predicted_w - view->behind_w;
    double model = (square(model_noise) + e->slope_variance) * square(predicted_w);
    double meter = square(meter_noise * power_w);
    double gain = model + meter > 0 ? model / (model + meter) : 0;
    return clamp(predicted_w + gain * (power_w - shown_w - e->level_w), 0, power_w);
}

/* Beside the level's own error: the first busy CPU's step cannot be told from idle power by who
 * never saw the machine do less. */
static double idle_sd(const struct estimator *e)
{
    const double *theta = estimator_chosen(e)->theta;
    double wake_w = wake_doubt * curve_wake(theta, e->lowest_cpus);
    return sqrt(e->level_variance + square(wake_w) + square(level_least * e->level_w));
}

static void divide(struct estimator *e, const struct estimator_tick *tick, double dynamic_w,
                   double idle_sd_w)
{
    const struct fit *fit = estimator_chosen(e);
    double total_w = 0;
    for (size_t i = 0; i < tick->n_loads; i++) {
        struct estimator_load *load = &tick->loads[i];
        load->weight = estimator_watts(fit, load->column);
        total_w += load->weight * load->cpus;
    }
    double fade = fmin(tick->elapsed_s / share_memory_s, 1);
    for (size_t i = 0; i < e->n_columns; i++)
        e->columns[i].share -= fade * e->columns[i].share;
    double crowd = e->mean_cpus > 0 ? crowd_error * e->crowded_cpus / e->mean_cpus : 0;
    double of_all = square(error_least) + square(crowd);
    double of_idle = dynamic_w > 0 ? fmin(idle_sd_w / dynamic_w, unsure_most) : 1;
    for (size_t i = 0; i < tick->n_loads; i++) {
        struct estimator_load *load = &tick->loads[i];
        double error = ESTIMATOR_INTENSITY_SD;
        if (load->column < FIT_WORKLOADS) {
            double part = total_w > 0 ? load->weight * load->cpus / total_w : 0;
            error = e->columns[load->column].error;
            e->columns[load->column].share += fade * part * dynamic_w;
        }
        load->uncertainty =
            deviations * sqrt(square(error_factor * error) + square(of_idle) + of_all);
    }
}

void estimator_tick(struct estimator *e, const struct estimator_tick *tick,
                    struct estimator_answer *ret_answer)
{
    e->cpus = MAX(tick->cpus, 1);
    estimator_find_columns(e, tick);
    estimator_learn(e, tick);
    estimator_solve(e);

    double power_w = tick->dt_s > 0 ? tick->energy_j / tick->dt_s : 0;
    double dynamic_w = dynamic_of(e, tick, power_w);
    double idle_w = power_w - dynamic_w;
    double idle_sd_w = idle_sd(e);
    divide(e, tick, dynamic_w, idle_sd_w);
    *ret_answer = (struct estimator_answer){
        .idle_j = idle_w * tick->dt_s,
        .idle_uncertainty = idle_w > 0 ? deviations * fmin(idle_sd_w / idle_w, unsure_most) : 0,
    };
}
