/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What cgroups used beyond what is known of their processes: by those that ended between two sweeps
 * and that nobody waited for, or whoever reaps strangers. Pure; works on the sweep.
 *
 * The kernel counts the CPU time of each cgroup with all below it, by the clock of the processes,
 * and an exit takes nothing away. Each group has a balance:
 *   + what it used, less what groups below it used that have a balance of their own;
 *   - what was told of its processes, by clock, by record, by inheritance.
 * What is above zero at the end of a sweep is told as an activity of the group's unit. A group that
 * is gone leaves its balance to the one above it: what a unit used in the interval in which it
 * ended, or all of a unit that came and went within one, is told with its slice.
 *
 * Why this never tells a nanosecond twice:
 * - The counters are read before any process is asked, so all that they contain is in the clocks
 *   that are asked afterwards, or was inherited by somebody whose stat is read afterwards, or is
 *   lost. What is used in between makes a balance negative until the next sweep: it is carried on,
 *   not cut off, else each sweep would make something out of nothing.
 * - What a balance contains that can be told otherwise later is left in it ("pending"): the time of
 *   zombies that nobody saw alive, or that have no workload; up to two ticks of each process that
 *   ever waited for children, as child times are cut to ticks; what somebody gained who owes for a
 *   child that died after their stat was read.
 * - Where somebody died in the midst of a sweep of whom it is not known what others inherit, or a
 *   process was not asked, that sweep tells nothing, and the next one does.
 * - Who has moved, or waits for children in another group, is told with one group and counted in
 *   another. So there is one more balance, of all groups together, and never more than that is
 * told. Whoever lives in the root cgroup, which is not counted, and inherits, may have inherited
 * from anywhere: that much is held back for two sweeps.
 *
 * What it may miss, and shows as unattributed: what is held back; what could not be told for two
 * sweeps; and what a group used whose processes another hierarchy names, as where the kernel counts
 * containers with their shim. */

#include "collectors/process/process_sweep.h"

/* Without memory: NULL. */
struct process_groups *process_groups_new(void);

/* Accepts NULL in sweep->groups; so do all below, which then do nothing. */
void process_groups_done(struct process_sweep *sweep);

/* A sweep begins: reads all counters. */
void process_groups_begin(struct process_sweep *sweep);

/* The group that a path belongs to: its own, or the nearest above it; GROUP_NONE: the root. recent:
 * whoever lives there has started since the sweep before. */
uint16_t process_groups_find(struct process_sweep *sweep, const char *path, bool recent);

/* The process was found in that group, and is a workload of the cgroup identity `identity` (a hash)
 * and the user uid, UINT32_MAX where that is not known. */
void process_groups_move(struct process_sweep *sweep, struct process *process, uint16_t group,
                         uint32_t identity);
void process_groups_note_user(struct process_sweep *sweep, const struct process *process);

/* Whether it was in no group, where nothing counts what it uses: if it has moved into one since,
 * that would tell it again. */
bool process_groups_is_outside(const struct process_sweep *sweep, const struct process *process);

/* So much was told of a process and of what it inherited. */
void process_groups_told(struct process_sweep *sweep, const struct process *process,
                         uint64_t cpu_ns, uint64_t child_ns);

/* The process is gone, and who waited for it will tell of what it left in the next sweep. */
void process_groups_expect(struct process_sweep *sweep, const struct process *process);

/* So much that those above a process gained before it was buried cannot be told of them in this
 * sweep, but in the next. */
void process_groups_hold_back(struct process_sweep *sweep, uint32_t slot, uint64_t amount_ns);

/* All was told of processes: tells the rest. */
void process_groups_settle(struct process_sweep *sweep);

/* How many activities that can be. */
uint32_t process_groups_most(const struct process_sweep *sweep);
