/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/reserve.h"

size_t reserve_records(const struct reservation_set *set, size_t room)
{
    bool told = set->interval_ns > 0 && (set->memory_known || set->weight_known);
    return told && set->count + 1 <= room ? set->count + 1 : 0;
}

void reserve_push(struct ring *ring, const struct reservation_set *set, size_t records)
{
    if (records == 0)
        return;
    union ring_record record = {
        .reserved = {.type = RING_RESERVED,
                     .flags = (uint8_t)((set->memory_known ? RING_RESERVED_MEMORY : 0) |
                                        (set->weight_known ? RING_RESERVED_WEIGHT : 0)),
                     .workload = ring_workload_id(RING_WORKLOAD_IDLE, 1),
                     .interval_ns = set->interval_ns}
    };
    ring_push(ring, &record);
    for (size_t i = 0; i + 1 < records; i++) {
        record.reserved.workload = set->items[i].workload;
        record.reserved.memory_kib = set->memory_known ? set->items[i].memory_kib : 0;
        record.reserved.weight_ppb = set->weight_known ? set->items[i].weight_ppb : 0;
        ring_push(ring, &record);
    }
}
