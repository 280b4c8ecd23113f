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

/* Reads and parses /proc/PID/cgroup. -ENOENT, -ESRCH: the process is gone; -EACCES ... as open(2).
 * -EFBIG: longer than any kernel writes. */
int cgroup_read(int procfs_fd, int32_t pid, struct cgroup_identity *ret_identity);
