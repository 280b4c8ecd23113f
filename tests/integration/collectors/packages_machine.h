/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine of several packages, on copies of sysfs and /proc: CPUs 0 and 2 on package 0, CPUs 1
 * and 3 on package 1. */

#include "unit/unit.h"

#include "collectors/busy.h"
#include "collectors/cpu_packages.h"
#include "greend/collector.h"
#include "greend/units.h"
#include "support/fixtures.h"

enum { TICK_NS = 10000000, CPUS = 300 };

struct machine {
    struct fixture tree; /* both sysfs and /proc: their names do not meet */
    struct collector_env env;
    struct busy_reader reader;
    struct busy busy;
};

static inline void set_package(const struct machine *machine, int cpu, const char *text)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "devices/system/cpu/cpu%d/topology/physical_package_id",
                   cpu);
    fixture_write(&machine->tree, path, text);
}

static inline uint32_t identify(void *userdata, const struct process_identity *identity)
{
    (void)userdata;
    (void)identity;
    return 7;
}

static inline void release(void *userdata, uint32_t workload)
{
    (void)userdata;
    assert_int_equal(workload, 7);
}

static inline int machine_setup(void **state)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    fixture_make(&machine->tree);
    machine->env = (struct collector_env){.sysfs_fd = machine->tree.fd,
                                          .procfs_fd = machine->tree.fd,
                                          .identify = identify,
                                          .release = release};
    machine->reader.fd = -1;
    for (int cpu = 0; cpu < 4; cpu++)
        set_package(machine, cpu, cpu % 2 ? "1\n" : "0\n");
    fixture_write(&machine->tree, "devices/system/cpu/online", "0-3\n");
    fixture_write(&machine->tree, "devices/system/cpu/cpufreq/boost", "1\n");
    fixture_write(&machine->tree, "devices/system/cpu/cpu1x/topology/physical_package_id", "9\n");
    *state = machine;
    return 0;
}

static inline int machine_teardown(void **state)
{
    struct machine *machine = *state;
    busy_reader_done(&machine->reader);
    fixture_done(&machine->tree);
    free(machine);
    return 0;
}

static struct cpu_packages topology;

static inline uint32_t count_packages(const struct machine *machine)
{
    cpu_packages_read(&topology, machine->tree.fd);
    return topology.packages;
}

/* Ticks of each CPU; UINT64_MAX: offline. As user and irq time, beside what is not busy time. */
static inline void set_ticks(const struct machine *machine, const uint64_t *ticks, size_t n)
{
    static char text[CPUS * 96 + 128];
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ticks[i] == UINT64_MAX ? 0 : ticks[i];
    int length = snprintf(text, sizeof(text), "cpu  %lu 0 0 9 9 0 0 9 9 9\n", (unsigned long)sum);
    for (size_t i = 0; i < n; i++) {
        if (ticks[i] != UINT64_MAX)
            length +=
                snprintf(text + length, sizeof(text) - (size_t)length,
                         "cpu%zu %lu 0 0 50 60 %lu 0 70 80 90\n", i,
                         (unsigned long)(ticks[i] - ticks[i] / 2), (unsigned long)(ticks[i] / 2));
    }
    (void)snprintf(text + length, sizeof(text) - (size_t)length, "intr 1 2 3\n");
    fixture_rewrite(&machine->tree, "stat", text);
}

#define TICKS(machine, ...)                                                                        \
    set_ticks(machine, (const uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / 8)

#define MACHINE_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, machine_setup, machine_teardown)
