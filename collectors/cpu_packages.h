/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which physical package (socket) each CPU is on, from sysfs. Packages have the kernel's own
 * numbers, physical_package_id, by which RAPL names its zones too. */

#include <sched.h>

#include "greend/sample.h"

enum { CPUS_MAX = 8192 /* no kernel is built for more */ };

struct cpu_packages {
    uint32_t packages;   /* highest number + 1; 1: there is one, whatever its number; 0: unknown */
    uint32_t end;        /* all CPUs that are there are below */
    uint16_t present;    /* bit N: package N has CPUs */
    int8_t of[CPUS_MAX]; /* -1: offline, or not told */
};

/* What cannot be read is unknown: one number that is garbage, or too high, makes all so. */
void cpu_packages_read(struct cpu_packages *topology, int sysfs_fd);

/* The package of a CPU, -1: unknown. Any number is accepted. */
int16_t cpu_packages_of(const struct cpu_packages *topology, int32_t cpu);

/* The packages that have a CPU in the set, as bits. size: of the set, in bytes. */
uint16_t cpu_packages_mask(const struct cpu_packages *topology, const cpu_set_t *set, size_t size);

/* As struct activity wants it: 0 where the packages are all there are, or nothing is known. */
uint16_t cpu_packages_limit(const struct cpu_packages *topology, uint16_t mask);
