/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <inttypes.h>

#include "core/rollup/rollup_state.h"
#include "core/rollup/spread.h"

static const int64_t hour_s = 3600, day_s = 86400;

/* Longer than all time that nanoseconds can tell. */
static const int64_t longest_step_s = INT64_C(1) << 40;

const char *rollup_domain_key(const struct ring_domain_entry *entry, char key[METER_KEY_MAX])
{
    /* A modelled and a measured `platform` are two domains. */
    (void)snprintf(key, METER_KEY_MAX, "domain/%" PRIu32 "/%s", entry->source, entry->name);
    return key;
}

/* Which workload all others become; NONE: each stays itself. */
static const uint32_t none = UINT32_MAX;

/* Rewrites cells with longer steps. -ENOMEM: they stay as they are. */
static int refill(const struct rollup *rollup, struct cells *cells, int64_t step_s, uint32_t other)
{
    struct cells folded = {0};
    for (size_t i = 0; i < cells->capacity; i++) {
        struct cell cell = cells->slots[i];
        if (cell.begin_s == INT64_MIN)
            continue;
        cell.begin_s = time_floor(cell.begin_s, step_s);
        if (other != none && rollup->workloads[cell.workload].kind <= WORKLOAD_OTHER)
            cell.workload = other;
        int r = cells_reserve(&folded, 1);
        if (r < 0) {
            cells_done(&folded);
            return r;
        }
        cells_add(&folded, &cell);
    }
    cells_done(cells);
    *cells = folded;
    return 0;
}

/* Folds into days and longer steps until half of the room is free: a clock that is set again and
 * again makes many days. Ends at the latest when all time is one step. */
static void fold_days(const struct rollup *rollup, struct cells *cells, size_t most, uint32_t other)
{
    for (int64_t step_s = day_s; cells->count > most / 2 && step_s < longest_step_s; step_s *= 24)
        if (refill(rollup, cells, step_s, other) < 0)
            return;
}

void rollup_fold(struct rollup *rollup, const struct ring *ring)
{
    if (rollup->spans.count > ROLLUP_SPANS_MAX && refill(rollup, &rollup->spans, hour_s, none) == 0)
        fold_days(rollup, &rollup->spans, ROLLUP_SPANS_MAX, none);
    if (rollup->cells.count <= ROLLUP_CELLS_MAX ||
        refill(rollup, &rollup->cells, hour_s, none) < 0 ||
        rollup->cells.count <= ROLLUP_CELLS_MAX / 2)
        return;
    uint32_t other = rollup_workload(rollup, ring, ROLLUP_ID_OTHER);
    fold_days(rollup, &rollup->cells, ROLLUP_CELLS_MAX, other);
}

static int reserve_rows(struct rollup *rollup, size_t needed)
{
    if (needed <= rollup->rows_capacity)
        return 0;
    size_t capacity = MAX(needed, rollup->rows_capacity * 2);
    struct cell *sorted = realloc(rollup->sorted, capacity * sizeof(*sorted));
    if (sorted)
        rollup->sorted = sorted;
    struct store_energy *energies = realloc(rollup->energies, capacity * sizeof(*energies));
    if (energies)
        rollup->energies = energies;
    struct store_activity *activities = realloc(rollup->activities, capacity * sizeof(*activities));
    if (activities)
        rollup->activities = activities;
    struct store_reservation *reservations =
        realloc(rollup->reservations, capacity * sizeof(*reservations));
    if (reservations)
        rollup->reservations = reservations;
    struct store_span *spans = realloc(rollup->span_rows, capacity * sizeof(*spans));
    if (spans)
        rollup->span_rows = spans;
    if (!sorted || !energies || !activities || !reservations || !spans)
        return -ENOMEM;
    rollup->rows_capacity = capacity;
    return 0;
}

/* Both amounts of a workload and minute are neighbours in the order of the cells. */
static void fill_reservation(struct store_batch *batch, struct store_reservation *rows,
                             const struct cell *cell)
{
    struct store_reservation *last =
        batch->n_reservations > 0 ? &rows[batch->n_reservations - 1] : NULL;
    if (!last || last->begin_s != cell->begin_s || last->workload != cell->workload) {
        last = &rows[batch->n_reservations++];
        *last = (struct store_reservation){cell->begin_s, cell->workload, UINT64_MAX, UINT64_MAX};
    }
    if (cell->domain == DOMAIN_MEMORY)
        last->memory_kib_s = cell->amount;
    else
        last->weight_ppb_s = cell->amount;
}

static void fill_cells(struct rollup *rollup, struct store_batch *batch)
{
    cells_sorted(&rollup->cells, rollup->sorted);
    for (size_t i = 0; i < rollup->cells.count; i++) {
        const struct cell *cell = &rollup->sorted[i];
        if (cell->domain == DOMAIN_CPU)
            rollup->activities[batch->n_activities++] =
                (struct store_activity){cell->begin_s, cell->workload, cell->amount};
        else if (cell->domain == DOMAIN_MEMORY || cell->domain == DOMAIN_WEIGHT)
            fill_reservation(batch, rollup->reservations, cell);
        else
            rollup->energies[batch->n_energies++] = (struct store_energy){
                cell->begin_s, cell->workload, cell->domain, cell->amount, cell->uncertainty};
    }
    batch->energies = rollup->energies;
    batch->activities = rollup->activities;
    batch->reservations = rollup->reservations;
}

static void fill_spans(struct rollup *rollup, struct store_batch *batch)
{
    cells_sorted(&rollup->spans, rollup->sorted);
    struct store_span *span = NULL;
    for (size_t i = 0; i < rollup->spans.count; i++) {
        const struct cell *cell = &rollup->sorted[i];
        if (!span || span->begin_s != cell->begin_s) {
            span = &rollup->span_rows[batch->n_spans++];
            *span = (struct store_span){.begin_s = cell->begin_s};
        }
        if (cell->domain == SPAN_MEMORY) {
            span->memory_ns = cell->amount;
        } else if (cell->domain == SPAN_WEIGHT) {
            span->weight_ns = cell->amount;
        } else {
            span->covered_ns = cell->amount;
            span->gap_ns = cell->uncertainty;
        }
    }
    batch->spans = rollup->span_rows;
}

static void fill_meters(struct rollup *rollup, struct store_batch *batch)
{
    for (size_t i = 0; i < METERS_MAX; i++) {
        if (rollup->meters[i].key[0] != '\0')
            rollup->meter_rows[batch->n_meters++] = rollup->meters[i];
    }
    for (size_t i = 0; i < ROLLUP_DOMAINS_MAX; i++) {
        rollup->domain_rows[i] = rollup->domains[i].entry;
        if (!rollup->domains[i].seen)
            continue;
        struct store_meter *row = &rollup->meter_rows[batch->n_meters++];
        (void)rollup_domain_key(&rollup->domains[i].entry, row->key);
        row->raw_uj = rollup->domains[i].total_uj;
        row->mono_ns = rollup->position.mono_ns;
    }
    batch->meters = rollup->meter_rows;
    batch->domains = rollup->domain_rows;
    batch->n_domains = ROLLUP_DOMAINS_MAX;
}

int rollup_batch(struct rollup *rollup, struct store_batch *ret_batch)
{
    int r = reserve_rows(rollup, MAX(rollup->cells.count, rollup->spans.count));
    if (r < 0)
        return r;
    struct store_batch batch = {.workloads = rollup->workloads,
                                .n_workloads = rollup->n_workloads,
                                .events = rollup->events,
                                .n_events = rollup->n_events,
                                .position = rollup->position};
    fill_cells(rollup, &batch);
    fill_spans(rollup, &batch);
    fill_meters(rollup, &batch);
    *ret_batch = batch;
    return 0;
}

void rollup_committed(struct rollup *rollup)
{
    cells_clear(&rollup->cells);
    cells_clear(&rollup->spans);
    rollup->n_events = 0;
    rollup->n_workloads = 0;
    memset(rollup->index_of_slot, 0, sizeof(rollup->index_of_slot));
}
