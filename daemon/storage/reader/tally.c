/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/reader/tally.h"

enum { FIRST_CAPACITY = 512 };

/* Where the search for a key begins: the multiplier is 2^64 divided by the golden ratio. */
static size_t slot_of(const struct tally *tally, int64_t workload, int64_t domain)
{
    uint64_t key = (uint64_t)workload * 61 + (uint64_t)domain;
    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (tally->n_slots - 1);
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t *find_slot(const struct tally *tally, int64_t workload, int64_t domain)
{
    size_t slot = slot_of(tally, workload, domain);
    for (;; slot = (slot + 1) & (tally->n_slots - 1)) {
        if (tally->slots[slot] == 0)
            return &tally->slots[slot];
        const struct tally_entry *entry = &tally->entries[tally->slots[slot] - 1];
        if (entry->workload == workload && entry->domain == domain)
            return &tally->slots[slot];
    }
}

static bool tally_grow(struct tally *tally)
{
    size_t capacity = tally->capacity ? tally->capacity * 2 : FIRST_CAPACITY;
    if (capacity > UINT32_MAX / 2)
        return false;
    struct tally_entry *entries = reallocarray(tally->entries, capacity, sizeof(*entries));
    if (!entries)
        return false;
    tally->entries = entries;
    uint32_t *slots = calloc(capacity * 2, sizeof(*slots));
    if (!slots)
        return false;
    free(tally->slots);
    tally->slots = slots;
    tally->n_slots = capacity * 2;
    tally->capacity = capacity;
    for (uint32_t i = 0; i < tally->count; i++)
        *find_slot(tally, entries[i].workload, entries[i].domain) = i + 1;
    return true;
}

struct tally_entry *tally_at(struct tally *tally, int64_t workload, int64_t domain)
{
    if (tally->count == tally->capacity && !tally_grow(tally))
        return NULL;
    uint32_t *slot = find_slot(tally, workload, domain);
    if (*slot == 0) {
        tally->entries[tally->count++] =
            (struct tally_entry){.workload = workload, .domain = domain};
        *slot = (uint32_t)tally->count;
    }
    return &tally->entries[*slot - 1];
}

static int compare(const void *left, const void *right)
{
    const struct tally_entry *a = left, *b = right;
    if (a->workload != b->workload)
        return a->workload < b->workload ? -1 : 1;
    return (a->domain > b->domain) - (a->domain < b->domain);
}

void tally_sort(struct tally *tally)
{
    if (tally->count > 0)
        qsort(tally->entries, tally->count, sizeof(*tally->entries), compare);
}

void tally_clear(struct tally *tally)
{
    tally->count = 0;
    if (tally->slots)
        memset(tally->slots, 0, tally->n_slots * sizeof(*tally->slots));
}

void tally_done(struct tally *tally)
{
    free(tally->entries);
    free(tally->slots);
    *tally = (struct tally){0};
}
