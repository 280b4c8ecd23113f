/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/estimator_internal.h"

#include "core/estimator/learned.h"

/* Who was active within this many ticks keeps the column. */
enum { EVICT_AFTER_TICKS = 600 };

/* Forgetting costs some n^2 / 2 multiplications: so many columns are forgotten in one tick, however
 * many workloads come and go. */
enum { FORGET_MOST = 2 };

/* False: not in this tick. */
static bool forget_column(struct estimator *e, size_t column)
{
    if (e->forgotten == FORGET_MOST)
        return false;
    e->forgotten++;
    for (size_t i = 0; i < estimator_views(e); i++) {
        struct estimator_view *view = &e->views[i];
        struct fit_prior prior = estimator_column_prior(e, &view->fit, column);
        fit_forget(&view->fit, FIT_SHAPE + column, &prior);
        view->row[FIT_SHAPE + column] = 0;
        view->before[FIT_SHAPE + column] = 0;
        view->shown[FIT_SHAPE + column] = 0;
    }
    e->columns[column] = (struct estimator_column){.error = ESTIMATOR_INTENSITY_SD};
    return true;
}

/* A free column, or that of who was away longest; FIT_WORKLOADS: there is none. */
static size_t find_place(struct estimator *e)
{
    if (e->n_columns < FIT_WORKLOADS) {
        e->columns[e->n_columns] = (struct estimator_column){.error = ESTIMATOR_INTENSITY_SD};
        return e->n_columns++;
    }
    if (e->ticks < e->full_until || e->forgotten == FORGET_MOST)
        return FIT_WORKLOADS;
    size_t oldest = 0;
    for (size_t i = 1; i < FIT_WORKLOADS; i++) {
        if (e->columns[i].seen < e->columns[oldest].seen)
            oldest = i;
    }
    e->full_until = e->columns[oldest].seen + EVICT_AFTER_TICKS;
    if (e->full_until > e->ticks)
        return FIT_WORKLOADS;
    e->column_of[ring_workload_slot(e->columns[oldest].workload) % RING_WORKLOADS_MAX] = 0;
    (void)forget_column(e, oldest);
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

/* A workload that was known before begins with what it took then. */
static void take_over(struct estimator *e, size_t column, uint32_t workload, uint64_t key)
{
    struct estimator_column *own = &e->columns[column];
    own->workload = workload;
    own->key = key;
    own->usual = own->bent = recall(e, key);
    for (size_t i = 0; i < ESTIMATOR_FITS; i++) {
        double *theta = e->views[i].fit.theta;
        theta[FIT_SHAPE + column] = own->usual * theta[CURVE_SLOPE];
    }
}

static size_t column_of(struct estimator *e, uint32_t workload, uint64_t key)
{
    uint16_t *place = &e->column_of[ring_workload_slot(workload) % RING_WORKLOADS_MAX];
    if (*place == 0) {
        size_t column = find_place(e);
        if (column == FIT_WORKLOADS)
            return FIT_WORKLOADS;
        *place = (uint16_t)(column + 1);
    } else if (e->columns[*place - 1].workload != workload && !forget_column(e, *place - 1U)) {
        return FIT_WORKLOADS; /* the slot is another workload's now, its column not yet */
    }
    size_t column = *place - 1U;
    if (e->columns[column].workload != workload)
        take_over(e, column, workload, key);
    return column;
}

void estimator_find_columns(struct estimator *e, const struct estimator_tick *tick)
{
    e->ticks++;
    e->forgotten = 0;
    for (size_t i = 0; i < tick->n_loads; i++) {
        struct estimator_load *load = &tick->loads[i];
        load->column = (uint32_t)column_of(e, load->workload, load->key);
        if (load->column < FIT_WORKLOADS)
            e->columns[load->column].seen = e->ticks;
    }
    if (estimator_views(e) <= e->chosen)
        e->chosen = ESTIMATOR_BY_CPUS;
}
