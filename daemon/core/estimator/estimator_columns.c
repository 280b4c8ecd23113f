/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/estimator_internal.h"

/* Who was active within this many ticks keeps the column. */
enum { EVICT_AFTER_TICKS = 600 };

/* A second fit begins anew where so many are left, and is not believed for as long. */
enum { TIDY_BELOW = 3 * ESTIMATOR_TWO_FITS_MOST / 4 };
static const double restart_s = 600;

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
    struct estimator_column *own = &e->columns[column];
    if (own->usual != 0)
        estimator_note_away(e, own->key, own->usual);
    if (e->unknown.column == column)
        e->unknown.column = FIT_WORKLOADS;
    *own = (struct estimator_column){.error = ESTIMATOR_INTENSITY_SD};
    return true;
}

/* ---- Who is away ---- */

double estimator_recall_away(const struct estimator *e, uint64_t key)
{
    for (size_t i = 0; key != 0 && i < FIT_WORKLOADS; i++) {
        if (e->away[i].key == key)
            return e->away[i].usual;
    }
    return 0;
}

void estimator_note_away(struct estimator *e, uint64_t key, double usual)
{
    if (key == 0)
        return;
    for (size_t i = 0; i < FIT_WORKLOADS; i++) {
        if (e->away[i].key == key) {
            e->away[i].usual = usual;
            return;
        }
    }
    e->away[e->next_away] = (struct estimator_away){key, usual};
    e->next_away = (e->next_away + 1) % FIT_WORKLOADS;
}

/* ---- Columns ---- */

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

/* A workload that was known before begins with what it took then. */
static void take_over(struct estimator *e, size_t column, uint32_t workload, uint64_t key)
{
    struct estimator_column *own = &e->columns[column];
    own->workload = workload;
    own->key = key;
    own->usual = own->bent = estimator_recall_away(e, key);
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

/* ---- Fewer columns ---- */

static bool is_here(const struct estimator *e, size_t column)
{
    return e->columns[column].seen + EVICT_AFTER_TICKS > e->ticks;
}

/* The last column takes the place of a free one. */
static void move_last(struct estimator *e, size_t to)
{
    size_t from = e->n_columns - 1;
    struct estimator_view *view = &e->views[ESTIMATOR_BY_CPUS];
    fit_move(&view->fit, FIT_SHAPE + from, FIT_SHAPE + to);
    double *of_columns[] = {view->row, view->before, view->shown};
    for (size_t i = 0; i < ARRAY_SIZE(of_columns); i++) {
        of_columns[i][FIT_SHAPE + to] = of_columns[i][FIT_SHAPE + from];
        of_columns[i][FIT_SHAPE + from] = 0;
    }
    e->columns[to] = e->columns[from];
    e->columns[from] = (struct estimator_column){0};
    e->column_of[ring_workload_slot(e->columns[to].workload) % RING_WORKLOADS_MAX] =
        (uint16_t)(to + 1);
    if (e->unknown.column == from)
        e->unknown.column = (uint32_t)to;
}

static void close_gaps(struct estimator *e)
{
    for (size_t i = 0; i < e->n_columns; i++) {
        while (e->n_columns > i && e->columns[e->n_columns - 1].workload == 0)
            e->n_columns--;
        if (i < e->n_columns && e->columns[i].workload == 0)
            move_last(e, i);
    }
    fit_shrink(&e->views[ESTIMATOR_BY_CPUS].fit, estimator_size(e));
}

/* The second fit knows nothing of the time in which there were too many: it begins with what the
 * first one says. */
static void restart_second(struct estimator *e)
{
    struct estimator_view *first = &e->views[ESTIMATOR_BY_CPUS];
    struct estimator_view *second = &e->views[ESTIMATOR_BY_WATTS];
    fit_restart(&second->fit);
    memcpy(second->fit.theta, first->fit.theta, sizeof(first->fit.theta));
    second->memory = first->memory;
    second->noise = (struct row_noise){0};
    second->before_w = 0;
    memset(second->before, 0, sizeof(second->before));
    memcpy(second->shown, first->shown, sizeof(first->shown));
    second->shown_offset = 0;
    e->crowd = 0;
    for (size_t i = 0; i < e->n_columns; i++)
        e->columns[i].bent = 0;
    e->choose_at_s = e->age_s + restart_s;
    e->solve_at_s = e->age_s + restart_s / 10; /* there must be rows to solve */
    estimator_start_row(e);
}

/* Takes the columns of those who are away out, where a second fit becomes possible so. */
static void tidy(struct estimator *e)
{
    if (e->n_columns <= ESTIMATOR_TWO_FITS_MOST ||
        e->views[ESTIMATOR_BY_CPUS].fit.stage != FIT_RESTING)
        return;
    size_t here = 0;
    for (size_t i = 0; i < e->n_columns; i++)
        here += is_here(e, i);
    if (here > TIDY_BELOW)
        return;
    for (size_t i = 0; i < e->n_columns; i++) {
        uint32_t workload = e->columns[i].workload;
        if (workload == 0 || is_here(e, i))
            continue;
        if (!forget_column(e, i))
            return;
        e->column_of[ring_workload_slot(workload) % RING_WORKLOADS_MAX] = 0;
    }
    close_gaps(e);
    restart_second(e);
}

void estimator_find_columns(struct estimator *e, const struct estimator_tick *tick)
{
    e->ticks++;
    e->forgotten = 0;
    tidy(e);
    for (size_t i = 0; i < tick->n_loads; i++) {
        struct estimator_load *load = &tick->loads[i];
        load->column = (uint32_t)column_of(e, load->workload, load->key);
        if (load->column < FIT_WORKLOADS)
            e->columns[load->column].seen = e->ticks;
    }
    if (estimator_views(e) <= e->chosen)
        e->chosen = ESTIMATOR_BY_CPUS;
}
