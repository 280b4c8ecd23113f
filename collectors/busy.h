/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The CPU time of the whole machine, and of each package where there are several, from /proc/stat.
 */

#include "collectors/cpu_packages.h"
#include "collectors/parse_proc.h"
#include "greend/collector.h"

struct busy_reader {
    const struct collector_env *env;
    int fd;
    uint64_t tick_ns;
    char *buffer;
    size_t buffer_size;
    bool known; /* there was a reading before */
    uint64_t ticks;
    uint64_t time_ns;
    uint32_t cpus;
    uint64_t online; /* for which CPUs the topology was read */
    struct cpu_packages topology;
    uint64_t *cpu_ticks; /* of each CPU when it was seen last; UINT64_MAX: never */
    uint32_t cpu_ticks_n;
    uint32_t cpu_ticks_capacity;
};

/* 0 also where the file cannot be opened: busy_reader_read() tries again. -ENOMEM. */
int busy_reader_init(struct busy_reader *reader, const struct collector_env *env, uint64_t tick_ns);

/* Accepts what init filled by half, and { .fd = -1 }. */
void busy_reader_done(struct busy_reader *reader);

/* What was used since the read before; zero the first time. On failure ret_busy is all zero but for
 * the last number of CPUs, and the next success speaks for the whole time between. */
int busy_reader_read(struct busy_reader *reader, struct busy *ret_busy);
