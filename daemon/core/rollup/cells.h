/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Sums by (minute, workload, domain): a hash table that grows and never shrinks. Pure. */

#include "greend/base.h"

struct cell {
    int64_t begin_s;
    uint32_t workload;
    uint32_t domain;
    uint64_t amount;      /* uJ, or ns for a cell of CPU time */
    uint64_t uncertainty; /* uJ; UINT64_MAX: not stated */
};

struct cells {
    struct cell *slots; /* begin_s == INT64_MIN: free */
    size_t capacity;    /* a power of two, or 0 */
    size_t count;
};

void cells_done(struct cells *cells);

/* Forgets all cells, keeps the memory. */
void cells_clear(struct cells *cells);

/* Makes room for `more` further cells, so that cells_add() cannot fail. -ENOMEM. */
int cells_reserve(struct cells *cells, size_t more);

/* Adds to a cell; room must have been reserved. Sums saturate. */
void cells_add(struct cells *cells, const struct cell *add);

/* Copies all cells in order of (begin_s, workload, domain) to an array of count cells. */
void cells_sorted(const struct cells *cells, struct cell *ret_cells);
