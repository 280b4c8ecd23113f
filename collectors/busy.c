/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/busy.h"

#include <time.h>

#include "collectors/source.h"
#include "greend/units.h"

/* A line of ten numbers, and what follows the lines of the CPUs, which need not fit. */
enum { LINE_MAX_SIZE = 256 };

int busy_reader_init(struct busy_reader *reader, const struct collector_env *env, uint64_t tick_ns)
{
    *reader = (struct busy_reader){
        .env = env,
        .fd = source_open(env->procfs_fd, "stat"),
        .tick_ns = tick_ns,
    };
    cpu_packages_read(&reader->topology, env->sysfs_fd);
    long cpus = sysconf(_SC_NPROCESSORS_CONF);
    size_t lines = cpus > 0 && cpus < CPUS_MAX ? (size_t)cpus : CPUS_MAX;
    lines = MAX(lines, (size_t)reader->topology.end) + 2; /* the trees may be another machine's */
    reader->buffer_size = lines * LINE_MAX_SIZE;
    reader->buffer = malloc(reader->buffer_size);
    return reader->buffer ? 0 : -ENOMEM;
}

void busy_reader_done(struct busy_reader *reader)
{
    close_fd_p(&reader->fd);
    free(reader->buffer);
    free(reader->cpu_ticks);
    *reader = (struct busy_reader){.fd = -1};
}

static uint64_t monotonic_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* One read: the kernel makes the whole file at once, however little of it is taken. */
static int read_text(struct busy_reader *reader, size_t *ret_length)
{
    if (reader->fd < 0)
        reader->fd = source_open(reader->env->procfs_fd, "stat");
    if (reader->fd < 0)
        return reader->fd;
    ssize_t length = pread(reader->fd, reader->buffer, reader->buffer_size, 0);
    if (length < 0)
        return -errno;
    *ret_length = (size_t)length;
    return 0;
}

/* ---- By package ---- */

struct tally {
    struct busy_reader *reader;
    uint32_t cpus[PACKAGES_MAX];
    uint64_t ticks[PACKAGES_MAX];
};

/* What a CPU used before it was first seen is of no interval of ours. While one is offline its
 * count stands still in the kernel, and here. */
static int take_cpu(void *userdata, uint32_t cpu, uint64_t busy_ticks)
{
    struct tally *tally = userdata;
    struct busy_reader *reader = tally->reader;
    int16_t package = cpu_packages_of(&reader->topology, (int32_t)MIN(cpu, CPUS_MAX));
    if (package < 0) {
        reader->topology.packages = 0; /* until other CPUs are online */
        return -ENODATA;
    }
    uint64_t *before = &reader->cpu_ticks[cpu];
    tally->cpus[package]++;
    tally->ticks[package] =
        add_saturated(tally->ticks[package], sub_saturated(busy_ticks, *before));
    *before = busy_ticks;
    return 0;
}

static int reserve_cpus(struct busy_reader *reader)
{
    uint32_t end = reader->topology.end;
    if (end > reader->cpu_ticks_capacity) {
        uint64_t *grown = realloc(reader->cpu_ticks, end * sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        reader->cpu_ticks = grown;
        reader->cpu_ticks_capacity = end;
    }
    for (; reader->cpu_ticks_n < end; reader->cpu_ticks_n++)
        reader->cpu_ticks[reader->cpu_ticks_n] = UINT64_MAX;
    return 0;
}

/* After a reading that fails, as after none, all CPUs are seen for the first time. */
static void read_packages(struct busy_reader *reader, size_t length, struct busy *busy)
{
    struct tally tally = {.reader = reader};
    if (reader->topology.packages < 2 || reserve_cpus(reader) < 0 ||
        parse_proc_cpus(reader->buffer, length, take_cpu, &tally) < 0) {
        busy->packages = reader->topology.packages == 1 ? 1 : 0;
        reader->cpu_ticks_n = 0;
        return;
    }
    busy->packages = reader->topology.packages;
    for (uint32_t i = 0; i < busy->packages; i++) {
        busy->package_cpus[i] = tally.cpus[i];
        busy->package_busy_ns[i] = mul_div(tally.ticks[i], reader->tick_ns, 1);
    }
}

int busy_reader_read(struct busy_reader *reader, struct busy *ret_busy)
{
    *ret_busy = (struct busy){.cpus = reader->cpus};
    struct proc_busy now = {0};
    size_t length = 0;
    int r = read_text(reader, &length);
    if (r == 0)
        r = parse_proc_busy(reader->buffer, length, &now);
    if (r < 0)
        return r;
    uint64_t time_ns = monotonic_ns();
    if (reader->known) {
        ret_busy->busy_ns =
            mul_div(sub_saturated(now.busy_ticks, reader->ticks), reader->tick_ns, 1);
        ret_busy->elapsed_ns = time_ns - reader->time_ns;
    }
    ret_busy->cpus = now.cpus;
    if (reader->known && now.online != reader->online)
        cpu_packages_read(&reader->topology, reader->env->sysfs_fd);
    reader->online = now.online;
    read_packages(reader, length, ret_busy);
    reader->known = true;
    reader->cpus = now.cpus;
    reader->ticks = now.busy_ticks;
    reader->time_ns = time_ns;
    return 0;
}
