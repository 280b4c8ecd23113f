/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/workload/reservations.h"

#include "greend/units.h"

/* The item of a workload, made where there is none. */
static struct reservation *item_of(struct reservations *reservations, uint32_t workload,
                                   size_t *count)
{
    uint16_t *place = &reservations->place_of[ring_workload_slot(workload) % RING_WORKLOADS_MAX];
    if (*place == 0) {
        reservations->items[*count] = (struct reservation){.workload = workload};
        *place = (uint16_t)++ * count;
    }
    return &reservations->items[*place - 1];
}

static uint64_t interval_of(const struct reservations *reservations, uint64_t time_ns)
{
    uint64_t interval_ns = sub_saturated(time_ns, reservations->time_ns);
    return reservations->time_ns == 0 || interval_ns > RESERVATIONS_HOLD_NS ? 0 : interval_ns;
}

struct reservation_set reservations_take(struct reservations *reservations,
                                         struct workload_table *table,
                                         const struct reserved_set *set, uint64_t now_ns)
{
    uint32_t before[RESERVED_UNITS_MAX];
    size_t n_before = reservations->n_held;
    memcpy(before, reservations->held, n_before * sizeof(before[0]));
    memset(reservations->place_of, 0, sizeof(reservations->place_of));
    size_t count = 0;
    reservations->n_held = MIN(set->count, RESERVED_UNITS_MAX);
    for (size_t i = 0; i < reservations->n_held; i++) {
        const struct reserved_unit *unit = &set->units[i];
        uint32_t workload = workload_intern_unit(table, unit, now_ns);
        reservations->held[i] = workload;
        struct reservation *item = item_of(reservations, workload, &count);
        item->memory_kib = add_saturated(item->memory_kib, unit->memory_kib);
        item->weight_ppb += MIN(unit->weight_ppb, RESERVED_WEIGHT_ALL - item->weight_ppb);
    }
    /* After the new ones: what stays keeps its number. */
    for (size_t i = 0; i < n_before; i++)
        workload_release(table, before[i], now_ns);
    struct reservation_set answer = {.interval_ns = interval_of(reservations, set->time_ns),
                                     .memory_known = set->memory_known,
                                     .weight_known = set->weight_known,
                                     .count = count,
                                     .items = reservations->items};
    reservations->time_ns = set->time_ns;
    return answer;
}
