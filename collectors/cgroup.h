/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which unit, container, virtual machine or user a process belongs to, from its cgroup path.
 *
 * The deepest container or virtual machine in a path wins, and what lies below it is its own
 * business. Else the systemd unit: slices are passed over as long as there is something better, and
 * what a service makes below itself is the service. A monitor (conmon, lxc.monitor, nspawn's
 * supervisor) is not its container. In front of a name stands what it is a name of:
 *
 *     docker: libpod: containerd: crio: container:   64 hex digits (container: runtime unknown)
 *     pod:                                           UID, with dashes
 *     lxc: machine: vm:                              name, with systemd's \xNN undone
 *     cgroup:                                        first part of a path that no rule knows
 *
 * A container that a service keeps in its own cgroup (a Podman quadlet) goes by the service's name.
 * Names longer than UNIT_MAX - 1 bytes are cut. */

#include "greend/sample.h"

/* What a path in the cgroup tree says: "/system.slice/nginx.service". Pure; accepts any bytes. */
void cgroup_parse_path(const char *path, struct cgroup_identity *ret_identity);

/* What the text of /proc/PID/cgroup says: picks the hierarchy that names the process best (a
 * container before a unit before a slice; among equals v2, name=systemd, any other). Pure; accepts
 * any bytes. */
void cgroup_parse(const char *text, size_t length, struct cgroup_identity *ret_identity);

/* Whose groups the kernel counts the CPU time of (collectors/cgroup/cgroup_usage.h). */
enum cgroup_hierarchy { CGROUP_HIERARCHY_NONE, CGROUP_HIERARCHY_V2, CGROUP_HIERARCHY_CPUACCT };

/* The path in one hierarchy by the text of /proc/PID/cgroup: "" where there is none, where it leads
 * out of the reader's namespace, or is longer than size - 1. Pure; accepts any bytes. */
void cgroup_parse_hierarchy(const char *text, size_t length, enum cgroup_hierarchy hierarchy,
                            char *path, size_t size);

/* Reads and parses /proc/PID/cgroup. -ENOENT, -ESRCH: the process is gone; -EACCES ... as open(2).
 * -EFBIG: longer than any kernel writes. */
int cgroup_read(int procfs_fd, int32_t pid, struct cgroup_identity *ret_identity);

/* The same, and the path in one hierarchy. */
int cgroup_read_both(int procfs_fd, int32_t pid, enum cgroup_hierarchy hierarchy,
                     struct cgroup_identity *ret_identity, char *path, size_t size);
