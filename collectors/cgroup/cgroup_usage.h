/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The CPU time that the kernel counts for each cgroup with all below it: cpu.stat of version 2,
 * which needs no controller, or cpuacct.usage of version 1. */

#include "collectors/cgroup.h"

struct cgroup_usage {
    enum cgroup_hierarchy hierarchy; /* CGROUP_HIERARCHY_NONE: none is counted here */
    int root_fd;                     /* where it is mounted, -1: nowhere */
    int sysfs_fd;                    /* the caller's */
    const char *whole;               /* where version 1 counts all processes, NULL: nowhere */
};

/* Finds the hierarchy that tells groups apart: version 2 at its place, or beside version 1 (hybrid)
 * where it has groups, else cpuacct. sysfs_fd must stay open. */
struct cgroup_usage cgroup_usage_find(int sysfs_fd);

/* Accepts what found nothing. */
void cgroup_usage_done(struct cgroup_usage *usage);

/* Opens the counter of a group by its path as in /proc/PID/cgroup: a descriptor, or -errno. That of
 * the root is "": -ENOENT where there is version 2 alone, whose root counts in ticks. */
int cgroup_usage_open(const struct cgroup_usage *usage, const char *path);

/* Reads it. -ENODEV: the group is gone, also where there is one of the same path again. */
int cgroup_usage_read(int fd, uint64_t *ret_ns);

/* What the text of either file says. Pure; accepts any bytes. 0, -EBADMSG. */
int cgroup_usage_parse(const char *text, size_t length, uint64_t *ret_ns);
