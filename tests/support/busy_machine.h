/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The machine that scrapes are judged by: 10,000 processes of 500 workloads, of which 50 are
 * shown besides those that were in the top within a day. */

#include "core/series/series.h"
#include "machine.h"

enum { BUSY_WORKLOADS = 500, BUSY_PROCESSES = 10000, BUSY_TOP = 50 };

static inline struct machine *busy_machine_new(void)
{
    struct machine *machine = machine_new(RING_SLOTS_DEFAULT, 1);
    (void)machine_add_domain(machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    (void)machine_add_domain(machine, "dram-0", DOMAIN_DRAM, SOURCE_RAPL, true);
    (void)machine_add_domain(machine, "rest", DOMAIN_REST, SOURCE_MODEL, true);
    for (uint32_t i = 0; i < BUSY_WORKLOADS; i++) {
        char unit[64];
        (void)snprintf(unit, sizeof(unit), "application-server-%u@instance.service", i);
        (void)machine_name(machine, RING_WORKLOAD_FIRST + i, 1, WORKLOAD_SERVICE, unit,
                           "java-worker", "service");
    }
    return machine;
}

/* A frame in which all processes used energy in all domains; whose most changes by `turn`. */
static inline void busy_machine_step(struct machine *machine, uint32_t turn, struct frame *frame)
{
    machine_begin(machine, 60 * NS_PER_S);
    for (uint16_t domain = 0; domain < 3; domain++)
        machine_idle(machine, domain, 600 * UJ_PER_J);
    for (uint32_t i = 0; i < BUSY_PROCESSES; i++) {
        uint32_t workload = i % BUSY_WORKLOADS;
        uint64_t rank = (workload + turn * BUSY_TOP) % BUSY_WORKLOADS;
        machine_use(machine, (uint16_t)(i / BUSY_WORKLOADS % 3),
                    ring_workload_id(RING_WORKLOAD_FIRST + workload, 1), (int32_t)i,
                    UJ_PER_J * 1000 / (rank + 1), NS_PER_MS);
    }
    machine_end(machine, frame);
}
