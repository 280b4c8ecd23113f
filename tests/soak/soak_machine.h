/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine under a virtual clock: energy goes through its meters, processes come and go, it
 * sleeps, loses its power, and its clock is set. What went through the meters is kept here, apart
 * from greend. */

#include "greend/sample.h"
#include "greend/units.h"
#include "support/random.h"

enum { SOAK_ZONES = 3, SOAK_PROCESSES = 14, SOAK_CPUS = 8 };

struct soak_zone {
    struct meter meter;
    uint64_t true_uj;  /* all energy that went through it since the beginning */
    uint64_t count_uj; /* what the counter shows: wraps, and begins anew at a boot */
    uint64_t wraps;
    bool failing; /* it cannot be read */
};

struct soak_process {
    struct process_identity identity;
    uint32_t workload; /* in the table of the daemon that runs */
    bool interned;
    bool day; /* works in the day alone */
};

struct soak_machine {
    struct random random;
    uint64_t elapsed_ns; /* since the beginning: no clock of the machine's */
    uint64_t mono_ns;    /* since the boot, sleep not counted */
    uint64_t asleep_ns;  /* since the boot */
    int64_t real_ns;     /* the wall clock */
    uint64_t boots;
    uint64_t spawned;
    double load; /* 0 to 1 */
    struct soak_zone zones[SOAK_ZONES];
    struct soak_process processes[SOAK_PROCESSES];

    struct sample sample;
    struct activity activities[SOAK_PROCESSES];
};

void soak_machine_init(struct soak_machine *machine, uint64_t seed);

/* Time passes and energy is used, whether a daemon runs or not. */
void soak_machine_run(struct soak_machine *machine, uint64_t time_ns);

/* As the wall clock goes on and CLOCK_MONOTONIC does not. */
void soak_machine_sleep(struct soak_machine *machine, uint64_t time_ns, bool clears_counters);

/* Another boot after so long: other clocks, other counters. */
void soak_machine_boot(struct soak_machine *machine, uint64_t off_ns);

/* One of its processes ends and another begins. Returns its place. */
size_t soak_machine_churn(struct soak_machine *machine);

/* What collectors would read now, but for activities. */
void soak_machine_read(struct soak_machine *machine);

/* What processes did in that time, into the sample. */
void soak_machine_work(struct soak_machine *machine, uint64_t time_ns);

static inline void soak_boot_id(const struct soak_machine *machine, uint8_t id[16])
{
    memset(id, 0, 16);
    memcpy(id, &machine->boots, sizeof(machine->boots));
}

static inline uint64_t soak_period_uj(const struct meter *meter)
{
    return meter->range_uj + meter->range_uj / UINT32_MAX;
}
