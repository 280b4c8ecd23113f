/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which workload and which cgroup each process of the sweep belongs to, and when to look again. */

#include "collectors/process_sweep.h"

/* Gives the workload of a process back, if it has one. */
void process_forget_workload(struct process_sweep *sweep, struct process *process);

/* Reads what has to be read anew after this stat; fresh: it was never read. Only who was active
 * gets a workload. -ESRCH: the process is gone. */
int process_refresh_identity(struct process_sweep *sweep, struct process *process,
                             const struct proc_stat *stat, bool fresh);

/* Gives a process the workload of this identity, in place of the one it had. */
void process_identify(struct process_sweep *sweep, struct process *process,
                      const struct process_identity *identity);

/* Whether a process is about to be gone: what is read of it then may no longer be its own. */
bool process_is_leaving(const struct proc_stat *stat);
