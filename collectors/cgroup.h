/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which unit, container, virtual machine or user a process belongs to, from its cgroup path. */

#include "greend/sample.h"

/* What a path in the cgroup tree says: "/system.slice/nginx.service". Pure; accepts any bytes. */
void cgroup_parse_path(const char *path, struct cgroup_identity *ret_identity);

/* What the text of /proc/PID/cgroup says: picks the hierarchy that names the process best (v2, else
 * name=systemd, else another controller). Pure; accepts any bytes. */
void cgroup_parse(const char *text, size_t length, struct cgroup_identity *ret_identity);

/* Reads and parses /proc/PID/cgroup. -ENOENT, -ESRCH: the process is gone; -EACCES ... as open(2).
 * -EFBIG: longer than any kernel writes. */
int cgroup_read(int procfs_fd, int32_t pid, struct cgroup_identity *ret_identity);
