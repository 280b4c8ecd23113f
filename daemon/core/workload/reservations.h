/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* From units to workloads: gives what units reserve the numbers of the workload table. Several
 * units may be one workload: sessions, all that persons have. Pure; one thread. */

#include "core/workload/workload.h"

struct reservations {
    uint64_t time_ns; /* of the last reading; 0: none yet */
    size_t n_held;
    uint32_t held[RESERVED_UNITS_MAX]; /* numbers of the last reading, one for each unit */
    struct reservation items[RESERVED_UNITS_MAX];
    uint16_t place_of[RING_WORKLOADS_MAX]; /* by slot: index + 1 */
};

/* The longest time that one reading speaks for; longer ago, nobody knows what was kept since. */
#define RESERVATIONS_HOLD_NS (UINT64_C(150) * 1000000000)

/* Takes a reading, which speaks for the time since the one before, and holds the numbers that it
 * gives until the next. The answer is valid until then. Costs a few hash look-ups for each unit. */
struct reservation_set reservations_take(struct reservations *reservations,
                                         struct workload_table *table,
                                         const struct reserved_set *set, uint64_t now_ns);
