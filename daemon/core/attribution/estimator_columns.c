/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/estimator_internal.h"

#include "core/attribution/learned.h"

/* Who was active within this many ticks keeps the column. */
enum { EVICT_AFTER_TICKS = 600 };

static void forget_column(struct estimator *e, size_t column)
{
    struct estimator_column *old = &e->columns[column];
    for (size_t i = 0; i < ESTIMATOR_FITS; i++) {
        struct estimator_view *view = &e->views[i];
        struct fit_prior prior = estimator_column_prior(e, &view->fit, column);
        fit_forget(&view->fit, FIT_SHAPE + column, &prior);
        view->fit.theta[FIT_SHAPE + column] = 0;
        view->row[FIT_SHAPE + column] = 0;
    }
    e->column_of[ring_workload_slot(old->workload) % RING_WORKLOADS_MAX] = 0;
    *old = (struct estimator_column){.error = ESTIMATOR_INTENSITY_SD};
}

/* A free column, or that of who was away longest; FIT_WORKLOADS: there is none. */
static size_t find_place(struct estimator *e)
{
    if (e->n_columns < FIT_WORKLOADS) {
        e->columns[e->n_columns] = (struct estimator_column){.error = ESTIMATOR_INTENSITY_SD};
        return e->n_columns++;
    }
    if (e->ticks < e->full_until)
        return FIT_WORKLOADS;
    size_t oldest = 0;
    for (size_t i = 1; i < FIT_WORKLOADS; i++) {
        if (e->columns[i].seen < e->columns[oldest].seen)
            oldest = i;
    }
    e->full_until = e->columns[oldest].seen + EVICT_AFTER_TICKS;
    if (e->full_until > e->ticks)
        return FIT_WORKLOADS;
    forget_column(e, oldest);
    return oldest;
}

static double recall(const struct estimator *e, uint64_t key)
{
    for (size_t i = 0; key != 0 && e->recalled && i < e->recalled->n_workloads; i++) {
        if (e->recalled->workloads[i].key == key)
            return e->recalled->workloads[i].usual;
    }
    return 0;
}

static size_t column_of(struct estimator *e, uint32_t workload, uint64_t key)
{
    uint16_t *place = &e->column_of[ring_workload_slot(workload) % RING_WORKLOADS_MAX];
    if (*place != 0 && e->columns[*place - 1].workload != workload)
        forget_column(e, *place - 1U); /* the slot is another workload's now */
    if (*place == 0) {
        size_t column = find_place(e);
        if (column == FIT_WORKLOADS)
            return FIT_WORKLOADS;
        e->columns[column].workload = workload;
        e->columns[column].key = key;
        e->columns[column].usual = e->columns[column].bent = recall(e, key);
        for (size_t i = 0; i < ESTIMATOR_FITS; i++) {
            double *theta = e->views[i].fit.theta;
            theta[FIT_SHAPE + column] = e->columns[column].usual * theta[CURVE_SLOPE];
        }
        *place = (uint16_t)(column + 1);
    }
    return *place - 1U;
}

void estimator_find_columns(struct estimator *e, const struct estimator_tick *tick)
{
    e->ticks++;
    for (size_t i = 0; i < tick->n_loads; i++) {
        struct estimator_load *load = &tick->loads[i];
        load->column = (uint32_t)column_of(e, load->workload, load->key);
        if (load->column < FIT_WORKLOADS)
            e->columns[load->column].seen = e->ticks;
    }
    if (estimator_views(e) <= e->chosen)
        e->chosen = ESTIMATOR_BY_CPUS;
}
