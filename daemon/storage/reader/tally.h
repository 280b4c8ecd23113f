/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Sums by workload and domain. Pure. */

#include "greend/base.h"

struct tally_entry {
    int64_t workload;
    int64_t domain; /* 0: the CPU time of the workload, and what it reserved */
    uint64_t energy_uj;
    uint64_t uncertainty_uj; /* UINT64_MAX: not stated for some part */
    uint64_t cpu_ns;
    uint64_t memory_kib_s;
    uint64_t weight_ppb_s;
};

/* A hash table of entries; zeroed it is empty. */
struct tally {
    struct tally_entry *entries;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* 1 + index of the entry, 0: free; a power of two, at least twice capacity */
    size_t n_slots;
};

/* The entry of a workload and domain, made with zeros where there is none. NULL: no memory. Valid
 * until the next call. */
struct tally_entry *tally_at(struct tally *tally, int64_t workload, int64_t domain);

/* Sorts the entries by workload and domain. Only tally_clear() may follow. */
void tally_sort(struct tally *tally);

void tally_clear(struct tally *tally); /* keeps the memory */
void tally_done(struct tally *tally);
