/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/rollup/spread.h"

#include "core/attribution/split.h"
#include "greend/units.h"

enum { STEPS_MAX = 1440 };

static const int64_t minute_ns = 60 * (int64_t)NS_PER_S;

int64_t time_floor(int64_t value, int64_t step)
{
    int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

struct spread spread_frame(int64_t end_ns, uint64_t length_ns, size_t most_steps)
{
    /* Far from the ends of int64_t, so that no sum below can overflow. */
    int64_t length = (int64_t)MIN(length_ns, (uint64_t)INT64_MAX / 4);
    int64_t end = MAX(MIN(end_ns, INT64_MAX / 2), INT64_MIN / 4);
    if (length <= minute_ns) {
        int64_t minute = time_floor(end - length / 2, minute_ns);
        return (struct spread){minute, minute + minute_ns, minute, minute_ns, 1};
    }
    int64_t most = (int64_t)MIN(MAX(most_steps, 1), (size_t)STEPS_MAX);
    int64_t step = (length / minute_ns / most + 1) * minute_ns;
    int64_t first = time_floor(end - length, step);
    return (struct spread){end - length, end, first, step, (size_t)((end - 1 - first) / step + 1)};
}

/* The part of the interval that lies in one step. */
static uint64_t spread_weight(const struct spread *spread, size_t i)
{
    int64_t begin = spread->first_ns + (int64_t)i * spread->step_ns;
    return (uint64_t)(MIN(begin + spread->step_ns, spread->end_ns) - MAX(begin, spread->begin_ns));
}

int64_t spread_begin_s(const struct spread *spread, size_t step)
{
    return time_floor(spread->first_ns + (int64_t)step * spread->step_ns, (int64_t)NS_PER_S) /
           (int64_t)NS_PER_S;
}

static void book(const struct spread *spread, struct cells *cells, uint32_t workload,
                 uint32_t domain, uint64_t amount, uint64_t uncertainty)
{
    uint64_t length = (uint64_t)(spread->end_ns - spread->begin_ns);
    struct split amounts = split_begin(amount, length);
    struct split uncertainties = split_begin(uncertainty, length);
    for (size_t i = 0; i < spread->count; i++) {
        uint64_t weight = spread_weight(spread, i);
        struct cell cell = {spread_begin_s(spread, i), workload, domain,
                            split_next(&amounts, weight), UINT64_MAX};
        uint64_t part = split_next(&uncertainties, weight);
        if (uncertainty != UINT64_MAX)
            cell.uncertainty = part;
        cells_add(cells, &cell);
    }
}

void spread_book(const struct spread *spread, struct cells *cells, uint32_t workload,
                 uint32_t domain, uint64_t amount, uint64_t uncertainty)
{
    if (amount > 0)
        book(spread, cells, workload, domain, amount, uncertainty);
}

void spread_band(const struct spread *spread, struct cells *cells, uint32_t workload,
                 uint32_t domain, uint64_t uncertainty)
{
    book(spread, cells, workload, domain, 0, uncertainty);
}
