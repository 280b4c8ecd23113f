/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the kernel's records of exits add to the sweep, and to whom. Pure; works on the sweep.
 *
 * A process that was seen before and is gone now used as much as its record says: what was not told
 * yet is told with its own workload. One that came and went between two sweeps ("unseen") is put
 * into the table by its record and is told with its nearest known ancestor, as inherited time would
 * be (never with PID 1, a kernel thread, or the parent of processes in other cgroups). Only an
 * ancestor can be known: of the dead, the kernel tells no cgroup.
 *
 * An orphan's record names who adopted it. Who never called exec() has command, program and user of
 * whoever forked it, and that one has ended in the same interval: where all candidates lead to one
 * ancestor, it is told with that, else with nobody.
 *
 * Why a nanosecond is not told twice, by record and by inheritance: what was told of a record is a
 * debt of whoever inherits, as all that is known of the dead (process_ledger.h). It is debited when
 * the PID is gone, never before: a zombie's parent has not gained yet. For that the records must be
 * there that belong to what parents gained: they are drained before the sweep, whenever a process
 * is found gone whose record is not here, and once more after all stats were read.
 *
 * What was lost is not told, and shows as unattributed, unless a parent inherits it. */

#include "collectors/process/process_sweep.h"

/* Came and went between two sweeps, as far as is known. */
static inline bool process_exits_is_unseen(const struct process *process)
{
    unsigned wanted = PROCESS_NEW | PROCESS_EXITED;
    unsigned not_wanted = PROCESS_IDENTIFIED | PROCESS_HIDDEN;
    return (process->flags & (wanted | not_wanted)) == wanted;
}

/* A sweep begins: drains what came before. */
void process_exits_begin(struct process_sweep *sweep);

/* Whether an unseen one is there still, as a zombie. Answers who has its PID now, if somebody has.
 */
uint32_t process_exits_ask(struct process_sweep *sweep, uint32_t slot);

/* All stats were read: who gets the time of the unseen. */
void process_exits_settle(struct process_sweep *sweep);

/* The PID is gone: what its record says is told, and the rest is the ledger's. One that turns out
 * to be unseen stays until it is settled. */
void process_exits_bury(struct process_sweep *sweep, uint32_t slot);

/* One that was never read has lost its PID to another. It is dead afterwards. */
void process_exits_replace(struct process_sweep *sweep, uint32_t slot);
