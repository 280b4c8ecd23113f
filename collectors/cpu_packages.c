/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/cpu_packages.h"

#include <stdio.h>

#include "collectors/parse.h"
#include "collectors/source.h"

static const char cpus_path[] = "devices/system/cpu";

enum { PATH_SIZE = 96, CPU_DIGITS_MAX = 8 };

struct walk {
    struct cpu_packages *topology;
    int sysfs_fd;
};

/* The folder of an offline CPU stays, without its topology: whether an online one is not told is
 * seen when its time is read. */
static int read_cpu(void *userdata, const char *name)
{
    const struct walk *walk = userdata;
    struct cpu_packages *topology = walk->topology;
    uint64_t cpu = 0;
    size_t length = strlen(name);
    if (length <= 3 || length > 3 + CPU_DIGITS_MAX || memcmp(name, "cpu", 3) != 0 ||
        parse_u64(name + 3, length - 3, &cpu) < 0)
        return 0; /* "cpufreq", "online" */
    if (cpu >= CPUS_MAX)
        return -ERANGE;
    topology->end = MAX(topology->end, (uint32_t)cpu + 1);
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/%s/topology/physical_package_id", cpus_path, name);
    uint64_t package = 0;
    int r = source_read_u64(walk->sysfs_fd, path, &package);
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return r;
    if (package >= PACKAGES_MAX)
        return -ERANGE;
    topology->of[cpu] = (int8_t)package;
    topology->present |= (uint16_t)(1U << package);
    return 0;
}

void cpu_packages_read(struct cpu_packages *topology, int sysfs_fd)
{
    *topology = (struct cpu_packages){0};
    memset(topology->of, -1, sizeof(topology->of));
    struct walk walk = {topology, sysfs_fd};
    if (source_list(sysfs_fd, cpus_path, read_cpu, &walk) < 0 || topology->present == 0)
        return;
    uint32_t present = topology->present;
    bool one = (present & (present - 1)) == 0;
    topology->packages = one ? 1 : 32 - (uint32_t)__builtin_clz(present);
}

int16_t cpu_packages_of(const struct cpu_packages *topology, int32_t cpu)
{
    if (topology->packages == 0 || cpu < 0 || cpu >= CPUS_MAX)
        return -1;
    return topology->of[cpu];
}

uint16_t cpu_packages_mask(const struct cpu_packages *topology, const cpu_set_t *set, size_t size)
{
    uint32_t mask = 0;
    uint32_t end = (uint32_t)MIN((size_t)topology->end, size * 8);
    for (uint32_t cpu = 0; cpu < end; cpu++) {
        if (topology->of[cpu] >= 0 && CPU_ISSET_S(cpu, size, set))
            mask |= 1U << topology->of[cpu];
    }
    return (uint16_t)mask;
}

uint16_t cpu_packages_limit(const struct cpu_packages *topology, uint16_t mask)
{
    uint16_t known = mask & topology->present;
    return topology->packages < 2 || known == topology->present ? 0 : known;
}
