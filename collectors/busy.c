/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/busy.h"

#include <time.h>

#include "collectors/source.h"
#include "greend/units.h"

/* A line of ten numbers, and what follows the lines of the CPUs, which need not fit. */
enum { LINE_MAX_SIZE = 256, CPUS_LIMIT = 8192 };

int busy_reader_init(struct busy_reader *reader, int procfs_fd, uint64_t tick_ns)
{
    long cpus = sysconf(_SC_NPROCESSORS_CONF);
    size_t lines = cpus > 0 && cpus < CPUS_LIMIT ? (size_t)cpus + 2 : CPUS_LIMIT;
    *reader = (struct busy_reader){
        .fd = source_open(procfs_fd, "stat"),
        .tick_ns = tick_ns,
        .buffer_size = lines * LINE_MAX_SIZE,
    };
    reader->buffer = malloc(reader->buffer_size);
    return reader->buffer ? 0 : -ENOMEM;
}

void busy_reader_done(struct busy_reader *reader)
{
    close_fd_p(&reader->fd);
    free(reader->buffer);
    *reader = (struct busy_reader){.fd = -1};
}

static uint64_t monotonic_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* One read: the kernel makes the whole file at once, however little of it is taken. */
static int read_ticks(struct busy_reader *reader, int procfs_fd, struct proc_busy *ret_busy)
{
    if (reader->fd < 0)
        reader->fd = source_open(procfs_fd, "stat");
    if (reader->fd < 0)
        return reader->fd;
    ssize_t length = pread(reader->fd, reader->buffer, reader->buffer_size, 0);
    if (length < 0)
        return -errno;
    return parse_proc_busy(reader->buffer, (size_t)length, ret_busy);
}

int busy_reader_read(struct busy_reader *reader, int procfs_fd, struct busy *ret_busy)
{
    *ret_busy = (struct busy){.cpus = reader->cpus};
    struct proc_busy now = {0};
    int r = read_ticks(reader, procfs_fd, &now);
    if (r < 0)
        return r;
    uint64_t time_ns = monotonic_ns();
    if (reader->known) {
        ret_busy->busy_ns =
            mul_div(sub_saturated(now.busy_ticks, reader->ticks), reader->tick_ns, 1);
        ret_busy->elapsed_ns = time_ns - reader->time_ns;
    }
    ret_busy->cpus = now.cpus;
    reader->known = true;
    reader->cpus = now.cpus;
    reader->ticks = now.busy_ticks;
    reader->time_ns = time_ns;
    return 0;
}
