/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which minutes an interval belongs to, and how its amounts are divided among them. Pure. */

#include "core/rollup/cells.h"

/* Steps of whole minutes that cover an interval. */
struct spread {
    int64_t begin_ns, end_ns; /* the interval, UNIX time */
    int64_t first_ns;         /* begin of the first step */
    int64_t step_ns;
    size_t count;
};

/* The greatest multiple of step that is not above value. */
int64_t time_floor(int64_t value, int64_t step);

/* An interval of at most a minute belongs to the minute of its middle. A longer one covers all its
 * minutes, or longer steps where it would need more than most_steps (at least 1) or than a day has
 * minutes. */
struct spread spread_frame(int64_t end_ns, uint64_t length_ns, size_t most_steps);

int64_t spread_begin_s(const struct spread *spread, size_t step);

/* Adds an amount, divided exactly by time, to the cells (workload, domain) of all steps. Room must
 * have been reserved. uncertainty UINT64_MAX: not stated. */
void spread_book(const struct spread *spread, struct cells *cells, uint32_t workload,
                 uint32_t domain, uint64_t amount, uint64_t uncertainty);

/* Adds the uncertainty alone, to cells whose amount stays as it is. */
void spread_band(const struct spread *spread, struct cells *cells, uint32_t workload,
                 uint32_t domain, uint64_t uncertainty);
