/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/process/process_gains.h"

#include "collectors/process/process_exits.h"
#include "collectors/process/process_groups.h"
#include "collectors/process/process_ledger.h"
#include "greend/units.h"

/* The reaper of strangers (a container shim, `systemd --user`, sshd with its sessions) inherits
 * time that is not its workload's. Of a child that lived between two sweeps nobody knows where it
 * lived, so while it has children elsewhere its child time is nobody's. Kernel threads inherit from
 * the helpers that they start. PID 1 inherits from every orphan. */
bool process_gains_may_inherit(const struct process_table *table, const struct process *process)
{
    if (process->pid == PID_INIT || process->flags & PROCESS_KERNEL)
        return false;
    if (process->group == 0)
        return true; /* it exited before it was known: its own reaper inherits */
    uint32_t child = process->first_child;
    for (; child != PROCESS_NONE; child = process_at(table, child)->next_sibling) {
        const struct process *other = process_at(table, child);
        if (other->group != 0 && other->group != process->group)
            return false;
    }
    return true;
}

static uint32_t deepest_below(const struct process_table *table, uint32_t slot)
{
    for (;;) {
        const struct process *process = process_at(table, slot);
        if (process->first_child == PROCESS_NONE || process->flags & PROCESS_CONFIRMED)
            return slot;
        slot = process->first_child;
    }
}

/* Who waited for it has gained of it in the next sweep only, and owes for it now: what they gained
 * of others before has to wait as well. */
static void bury_late(struct process_sweep *sweep, uint32_t slot)
{
    const struct process_table *table = &sweep->table;
    process_groups_expect(sweep, process_at(table, slot));
    uint64_t gained_ns = process_ledger_gained_above(table, slot);
    process_exits_bury(sweep, slot);
    uint64_t left_ns = process_ledger_gained_above(table, slot);
    process_groups_hold_back(sweep, slot, sub_saturated(gained_ns, left_ns));
}

/* Buries the descendants that died since they were asked. Children before parents: burying moves
 * the children to the parent's list, where the walk has gone past. */
static void confirm_below(struct process_sweep *sweep, uint32_t root)
{
    struct process_table *table = &sweep->table;
    for (uint32_t slot = deepest_below(table, root); slot != root;) {
        struct process *process = process_at(table, slot);
        uint32_t next =
            process->next_sibling ? deepest_below(table, process->next_sibling) : process->parent;
        process->flags |= PROCESS_CONFIRMED;
        if (!(process->flags & PROCESS_DEAD) &&
            sweep->kernel->exists(sweep->kernel_data, process->pid) == -ESRCH) {
            sweep->missed |= !sweep->recorded && !(process->flags & PROCESS_IDENTIFIED);
            bury_late(sweep, slot);
        }
        slot = next;
    }
    process_at(table, root)->flags |= PROCESS_CONFIRMED;
}

void process_gains_refuse(struct process_sweep *sweep)
{
    const struct process_table *table = &sweep->table;
    bool hidden = sweep->parents_hidden || table->hidden > 0;
    for (uint32_t i = 0; i < table->queued; i++) {
        struct process *process = process_at(table, table->queue[i]);
        if (process->balance_ns > 0 && (hidden || !process_gains_may_inherit(table, process)))
            (void)process_ledger_take(process);
    }
}

void process_gains_confirm(struct process_sweep *sweep)
{
    const struct process_table *table = &sweep->table;
    uint32_t queued = table->queued; /* burying adds to the queue what the next sweep reads */
    for (uint32_t i = 0; i < queued; i++) {
        const struct process *process = process_at(table, table->queue[i]);
        if (process->balance_ns > 0 && !(process->flags & PROCESS_DEAD))
            confirm_below(sweep, table->queue[i]);
    }
}
