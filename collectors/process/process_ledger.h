/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Who is charged for the CPU time of processes that are gone. Pure; works on the process table.
 *
 * When a process is waited for, the kernel adds all the CPU time that it ever used, and all that it
 * had so inherited itself, to the "child time" of the parent that waited (cutime and cstime in
 * stat). So the growth of a parent's child time tells of children that nobody saw, but it also
 * tells again what was already told of those that were seen.
 *
 * Each process has a balance:
 *   + what its child time grew by, whenever its stat is read;
 *   - the debts of the dead: what was known of a process when it died (its CPU time and its own
 *     child time, told or from before greend), debited to the nearest ancestor that is alive, for
 *     whoever waited in between has died too and passed everything on.
 * What is above zero at the end of a sweep is told as the ancestor's child_ns.
 *
 * Why this never tells a nanosecond twice:
 * - The kernel adds to the child time before the PID vanishes. So a child found dead before the
 *   parent's stat was read is contained in it. A child that was asked, then reaped, then contained
 *   in the stat that was read, would be told twice: that is why the sweep asks the descendants of
 *   each gainer again (process_sweep.c). A debt that comes after the read makes the balance
 *   negative, and is met by the next read, which it requests.
 * - Whose parent died too may have been orphaned first, and been reaped by a subreaper further up:
 *   then the nearest known subreaper owes as well. Who is one cannot be asked; it is known once an
 *   orphan is seen to have become its child. Until then what was told of an orphan that dies in the
 *   same interval as its parent can be told again by a subreaper, once.
 *
 * What the kernel's records told of the dead is debited in the same way (process_exits.h).
 *
 * What it may miss, and shows as unattributed:
 * - Debts that are never met: a parent that ignores SIGCHLD inherits nothing. All growth that a
 *   dead child can cause is there at the first read after its death, so what is still owed then is
 *   forgiven, but for two ticks: cutime and cstime are each cut to whole ticks of 10 ms, and a
 *   forgiven fraction of a tick would be told twice.
 * - The debt to a subreaper or grandparent that did not reap takes from what else it gained in that
 *   sweep. */

#include "collectors/process/process_table.h"

/* Times of children are rounded down twice, cutime and cstime. What is used in one interval and
 * told in the next by no more than that is no matter: CPU times of the machine are counted in ticks
 * as well. */
enum { PROCESS_TICKS_CUT = 2 };

/* How far up to look for whom a child's time belongs to: more generations only a hostile tree has.
 */
enum { PROCESS_GENERATIONS_MAX = 256 };

/* The stat of a process was read, with this child time. */
void process_ledger_read(struct process *process, uint64_t child_ns, uint64_t tick_ns);

/* Somebody's child is gone: their stat shall be read. Accepts nobody. */
void process_ledger_request(struct process_table *table, uint32_t slot);

/* The process is gone: its debts go to its ancestors, its children to its parent; all of them shall
 * have their stat read. */
void process_ledger_bury(struct process_table *table, uint32_t slot);

/* The process has exited, and waits to be waited for: its children, but for those that it reaped
 * before, have another parent, which their stat tells. */
void process_ledger_orphan(struct process_table *table, uint32_t slot);

/* Nothing more can be told of it: whoever waits for it inherits what was not. */
void process_ledger_silence(struct process *process);

/* Takes what can be told. */
uint64_t process_ledger_take(struct process *process);

/* What the ancestors of a process, alive or dead, could tell now. */
uint64_t process_ledger_gained_above(const struct process_table *table, uint32_t slot);

/* Finds the parent by its PID, where it was not there before. */
void process_ledger_adopt(struct process_table *table, uint32_t slot);

/* A stat was read that names this parent. */
void process_ledger_set_parent(struct process_table *table, uint32_t slot, int32_t ppid);
