/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Asking this kernel, or a copy of its /proc, about one process. */

#include "collectors/cgroup/cgroup_usage.h"
#include "collectors/exits/exits.h"
#include "collectors/process/process_sweep.h"
#include "collectors/process/stat_files.h"

/* The userdata of both. */
struct process_proc {
    int procfs_fd;
    struct stat_files *stats; /* for process_kernel_clock alone */
    struct exits *exits;      /* NULL: not listened to */
    struct cgroup_usage usage;
};

/* For the /proc of this kernel in this PID namespace: CPU time from the process's CPU clock. */
extern const struct process_kernel process_kernel_clock;

/* For any other /proc: CPU time from stat, in ticks. */
extern const struct process_kernel process_kernel_stat;

/* Whether the CPU clocks of processes can be read here: not under every seccomp filter. */
bool process_kernel_has_clocks(void);
