/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/process/process_ledger.h"

#include "greend/units.h"

/* Within +-INT64_MAX, so that every balance can be negated. */
static int64_t add_clamped(int64_t a, int64_t b)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? -INT64_MAX : INT64_MAX;
    return MAX(sum, -INT64_MAX);
}

static int64_t as_signed(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

void process_ledger_read(struct process *process, uint64_t child_ns, uint64_t tick_ns)
{
    int64_t growth = as_signed(sub_saturated(child_ns, process->child_ns));
    process->child_ns = MAX(child_ns, process->child_ns);
    int64_t least = -(int64_t)(PROCESS_TICKS_CUT * tick_ns);
    process->balance_ns = MAX(add_clamped(process->balance_ns, growth), least);
}

uint64_t process_ledger_take(struct process *process)
{
    int64_t balance_ns = process->balance_ns;
    if (balance_ns <= 0)
        return 0;
    process->balance_ns = 0;
    return (uint64_t)balance_ns;
}

uint64_t process_ledger_gained_above(const struct process_table *table, uint32_t slot)
{
    uint64_t gained_ns = 0;
    slot = process_at(table, slot)->parent;
    for (int i = 0; slot != PROCESS_NONE && i < PROCESS_GENERATIONS_MAX; i++) {
        int64_t balance_ns = process_at(table, slot)->balance_ns;
        gained_ns = add_saturated(gained_ns, (uint64_t)MAX(balance_ns, 0));
        slot = process_at(table, slot)->parent;
    }
    return gained_ns;
}

void process_ledger_silence(struct process *process)
{
    process->delta_ns = 0;
    process->child_ns = sub_saturated(process->child_ns, process_ledger_take(process));
}

void process_ledger_request(struct process_table *table, uint32_t slot)
{
    if (slot == PROCESS_NONE)
        return;
    process_at(table, slot)->flags |= PROCESS_READ;
    process_table_enqueue(table, slot);
}

static void debit(struct process_table *table, uint32_t slot, uint64_t amount_ns)
{
    struct process *process = process_at(table, slot);
    process->balance_ns = add_clamped(process->balance_ns, -as_signed(amount_ns));
    process_ledger_request(table, slot);
}

/* Debits the parent; for an orphan also the nearest subreaper, be it the parent or above. */
static void pass_up(struct process_table *table, uint32_t parent, uint64_t amount_ns, bool orphan)
{
    if (parent == PROCESS_NONE || amount_ns == 0)
        return;
    debit(table, parent, amount_ns);
    uint32_t slot = parent;
    for (int i = 0; orphan && slot != PROCESS_NONE && i < PROCESS_GENERATIONS_MAX; i++) {
        if (process_at(table, slot)->flags & PROCESS_REAPER) {
            if (slot != parent)
                debit(table, slot, amount_ns);
            return;
        }
        slot = process_at(table, slot)->parent;
    }
}

/* The living are asked for their new parent; until they answer, it is taken for the dead one's. The
 * dead go along, so that no dead process has children. */
static void pass_children(struct process_table *table, uint32_t from, uint32_t to)
{
    uint32_t child = process_at(table, from)->first_child;
    while (child != PROCESS_NONE) {
        struct process *process = process_at(table, child);
        uint32_t next = process->next_sibling;
        process_table_link(table, child, to);
        if (process->parent == PROCESS_NONE) /* the PID of the dead may be given out again */
            process->ppid = to == PROCESS_NONE ? PPID_UNKNOWN : process_at(table, to)->pid;
        if (!(process->flags & PROCESS_DEAD)) {
            process->flags |= PROCESS_ADOPTED;
            process_ledger_request(table, child);
        }
        child = next;
    }
}

/* What was told of the process, is about to be, or was before it could be. What has no workload is
 * not told any more, so it is not owed. */
static uint64_t known_time_ns(struct process *process)
{
    if (!(process->flags & PROCESS_IDENTIFIED))
        process_ledger_silence(process);
    return add_saturated(add_saturated(process->cpu_ns, process->delta_ns), process->child_ns);
}

/* The parent; also one that was listed after its child died, and is not in the tree yet. */
static uint32_t find_parent(const struct process_table *table, const struct process *process)
{
    if (process->parent != PROCESS_NONE || process->ppid <= 0)
        return process->parent;
    return process_table_find(table, process->ppid);
}

void process_ledger_bury(struct process_table *table, uint32_t slot)
{
    struct process *process = process_at(table, slot);
    uint32_t parent = find_parent(table, process);
    /* Also where nothing is owed: it may inherit what was not told. */
    process_ledger_request(table, parent);
    if (!(process->flags & PROCESS_NEW) || process->flags & PROCESS_SETTLED)
        pass_up(table, parent, known_time_ns(process), process->flags & PROCESS_ADOPTED);
    if (process->balance_ns < 0) {
        pass_up(table, parent, (uint64_t)-process->balance_ns, true);
        process->balance_ns = 0;
    }
    pass_children(table, slot, parent);
    process_table_kill(table, slot);
}

/* Who is in doubt may have lost the PID to the one who is meant. */
static uint32_t find_certain(const struct process_table *table, int32_t pid)
{
    uint32_t slot = process_table_find(table, pid);
    return process_at(table, slot)->flags & PROCESS_SUSPECT ? PROCESS_NONE : slot;
}

void process_ledger_orphan(struct process_table *table, uint32_t slot)
{
    uint32_t child = process_at(table, slot)->first_child;
    for (; child != PROCESS_NONE; child = process_at(table, child)->next_sibling) {
        if (!(process_at(table, child)->flags & PROCESS_DEAD))
            process_ledger_request(table, child);
    }
}

void process_ledger_adopt(struct process_table *table, uint32_t slot)
{
    struct process *process = process_at(table, slot);
    if (process->parent == PROCESS_NONE && process->ppid > 0)
        process_table_link(table, slot, find_certain(table, process->ppid));
}

void process_ledger_set_parent(struct process_table *table, uint32_t slot, int32_t ppid)
{
    struct process *process = process_at(table, slot);
    bool orphaned = process->ppid != 0 && process->ppid != ppid;
    bool settled = process->ppid == ppid && process->parent != PROCESS_NONE;
    process->ppid = ppid;
    if (settled && !(process->flags & PROCESS_ADOPTED))
        return;
    process->flags &= (uint16_t)~PROCESS_ADOPTED;
    process_table_link(table, slot, find_certain(table, ppid));
    if (orphaned && process->parent != PROCESS_NONE)
        process_at(table, process->parent)->flags |= PROCESS_REAPER;
}
