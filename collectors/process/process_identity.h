/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which workload a process belongs to: when that is asked, and when again. */

#include "collectors/process/process_sweep.h"

/* Reads what identifies a process, where its stat says that it is new or changed, and now and then
 * while it stays active. `fresh`: its stat was never read before. -ESRCH: it is gone. */
int process_identity_refresh(struct process_sweep *sweep, struct process *process,
                             const struct proc_stat *stat, bool fresh);

/* Gives it a workload although nothing but its PID is known, if it has none. */
void process_identity_assume_unknown(struct process_sweep *sweep, struct process *process);

/* What distinguishes one cgroup identity from another; never 0. */
uint32_t process_identity_hash(const struct cgroup_identity *cgroup);

/* Releases its workload, if it has one. */
void process_identity_forget(struct process_sweep *sweep, struct process *process);
