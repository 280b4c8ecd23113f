/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/rollup/cells.h"

#include "greend/units.h"

static const size_t capacity_least = 1024;

void cells_done(struct cells *cells)
{
    free(cells->slots);
    *cells = (struct cells){0};
}

void cells_clear(struct cells *cells)
{
    for (size_t i = 0; i < cells->capacity; i++)
        cells->slots[i].begin_s = INT64_MIN;
    cells->count = 0;
}

/* Finalizer of MurmurHash3 (public domain): spreads every bit of the key. */
static uint64_t mix(uint64_t key)
{
    key = (key ^ (key >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    key = (key ^ (key >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return key ^ (key >> 33);
}

static struct cell *cells_find(const struct cells *cells, const struct cell *key)
{
    uint64_t hash =
        mix((uint64_t)key->begin_s ^ mix(((uint64_t)key->workload << 32) | key->domain));
    for (size_t i = (size_t)hash & (cells->capacity - 1);; i = (i + 1) & (cells->capacity - 1)) {
        struct cell *slot = &cells->slots[i];
        if (slot->begin_s == INT64_MIN ||
            (slot->begin_s == key->begin_s && slot->workload == key->workload &&
             slot->domain == key->domain))
            return slot;
    }
}

int cells_reserve(struct cells *cells, size_t more)
{
    size_t needed = cells->count + more;
    size_t capacity = cells->capacity ? cells->capacity : capacity_least;
    while (capacity / 4 * 3 < needed)
        capacity *= 2;
    if (capacity == cells->capacity)
        return 0;

    struct cells grown = {.slots = calloc(capacity, sizeof(struct cell)), .capacity = capacity};
    if (!grown.slots)
        return -ENOMEM;
    cells_clear(&grown);
    for (size_t i = 0; i < cells->capacity; i++) {
        if (cells->slots[i].begin_s != INT64_MIN)
            cells_add(&grown, &cells->slots[i]);
    }
    cells_done(cells);
    *cells = grown;
    return 0;
}

/* What is not stated for one part is not stated for the sum; a sum that is stated stays so. */
static uint64_t add_stated(uint64_t a, uint64_t b)
{
    if (a == UINT64_MAX || b == UINT64_MAX)
        return UINT64_MAX;
    return MIN(add_saturated(a, b), UINT64_MAX - 1);
}

void cells_add(struct cells *cells, const struct cell *add)
{
    struct cell *slot = cells_find(cells, add);
    if (slot->begin_s == INT64_MIN) {
        *slot = *add;
        cells->count++;
        return;
    }
    slot->amount = add_saturated(slot->amount, add->amount);
    slot->uncertainty = add_stated(slot->uncertainty, add->uncertainty);
}

static int cell_compare(const void *left, const void *right)
{
    const struct cell *a = left, *b = right;
    if (a->begin_s != b->begin_s)
        return a->begin_s < b->begin_s ? -1 : 1;
    if (a->workload != b->workload)
        return a->workload < b->workload ? -1 : 1;
    return a->domain < b->domain ? -1 : a->domain > b->domain;
}

void cells_sorted(const struct cells *cells, struct cell *ret_cells)
{
    size_t n = 0;
    for (size_t i = 0; i < cells->capacity; i++) {
        if (cells->slots[i].begin_s != INT64_MIN)
            ret_cells[n++] = cells->slots[i];
    }
    if (n > 0) /* where there are none there may be no memory either */
        qsort(ret_cells, n, sizeof(*ret_cells), cell_compare);
}
