/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A simulated machine with one measured domain, and the series that follow it. For cmocka tests:
 * include unit.h first. */

#include "books.h"
#include "core/series/series.h"

#define J UJ_PER_J

enum { MINUTE_S = 60, DAY_S = 86400 };

struct bench {
    struct machine *machine;
    struct series *series;
    struct frame frame;
    uint16_t package;
};

static inline struct bench bench_new(unsigned top)
{
    struct bench bench = {.machine = machine_new(RING_SLOTS_DEFAULT, 1), .series = series_new(top)};
    bench.package = machine_add_domain(bench.machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, 1);
    return bench;
}

static inline void bench_done(struct bench *bench)
{
    frame_done(&bench->frame);
    bench->series = series_free(bench->series);
    machine_free(bench->machine);
}

/* One frame in which a workload (0: none) uses some energy. */
static inline void tick(struct bench *bench, uint64_t seconds, uint32_t workload,
                        uint64_t energy_uj)
{
    machine_begin(bench->machine, seconds * NS_PER_S);
    if (workload != 0)
        machine_use(bench->machine, bench->package, workload, 100, energy_uj, NS_PER_S);
    machine_end(bench->machine, &bench->frame);
    assert_int_equal(series_consume(bench->series, &bench->machine->ring, &bench->frame), 0);
    books_check(bench->series, bench->machine);
}

static inline uint32_t service(struct bench *bench, uint32_t slot, const char *unit)
{
    return machine_name(bench->machine, slot, 1, WORKLOAD_SERVICE, unit, "main", "root");
}

static inline const struct series_workload *find(const struct bench *bench, const char *unit)
{
    return series_find(bench->series, WORKLOAD_SERVICE, unit, "main");
}

static inline uint64_t shown_mj(const struct bench *bench, const char *unit)
{
    return find(bench, unit)->energy[SOURCE_RAPL].shown_mj;
}

/* Past the first minute, in which nothing has a past. */
static inline void pass_beginning(struct bench *bench)
{
    for (int i = 0; i < 2; i++)
        tick(bench, MINUTE_S, 0, 0);
}
