/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What workloads reserved. A record speaks for longer than its frame: for the time since units were
 * read before. */

#include "core/rollup/rollup_state.h"

/* No sampler tells of a longer time at once; a ring may say anything. */
static const uint64_t longest_ns = 180 * NS_PER_S;

/* Minutes that such a time may touch. */
enum { STEPS_MOST = 4 };

int rollup_reserve_reserved(struct rollup *rollup, const struct frame *frame)
{
    size_t records = 0;
    for (size_t i = 0; i < frame->count; i++)
        records += frame->records[i].type == RING_RESERVED;
    if (records == 0)
        return 0;
    size_t more = records * 2 * STEPS_MOST;
    int r = cells_reserve(&rollup->cells, more);
    return r < 0 ? r : cells_reserve(&rollup->spans, more);
}

static void book(const struct spread *spread, struct cells *cells, uint32_t workload,
                 uint32_t domain, uint64_t amount, uint64_t interval_ns)
{
    spread_book(spread, cells, workload, domain, mul_div(amount, interval_ns, NS_PER_S), 0);
}

void rollup_book_reserved(struct rollup *rollup, const struct ring *ring, const struct frame *frame)
{
    int64_t end_ns = frame->records[0].frame.real_ns;
    for (size_t i = 0; i < frame->count; i++) {
        const struct ring_reserved *record = &frame->records[i].reserved;
        if (record->type != RING_RESERVED || record->interval_ns > longest_ns)
            continue;
        struct spread spread = spread_frame(end_ns, record->interval_ns, STEPS_MOST);
        bool memory = record->flags & RING_RESERVED_MEMORY;
        bool weight = record->flags & RING_RESERVED_WEIGHT;
        if (ring_workload_slot(record->workload) == RING_WORKLOAD_IDLE) {
            if (memory)
                spread_book(&spread, &rollup->spans, 0, SPAN_MEMORY, record->interval_ns, 0);
            if (weight)
                spread_book(&spread, &rollup->spans, 0, SPAN_WEIGHT, record->interval_ns, 0);
            continue;
        }
        uint32_t workload = rollup_workload(rollup, ring, record->workload);
        if (memory)
            book(&spread, &rollup->cells, workload, DOMAIN_MEMORY, record->memory_kib,
                 record->interval_ns);
        if (weight)
            book(&spread, &rollup->cells, workload, DOMAIN_WEIGHT,
                 MIN(record->weight_ppb, RESERVED_WEIGHT_ALL), record->interval_ns);
    }
}
