/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/process/process_exits.h"

#include "collectors/process/process_gains.h"
#include "collectors/process/process_groups.h"
#include "collectors/process/process_ledger.h"
#include "greend/units.h"

/* A zombie is settled a sweep after its record came, and that may come a sweep after the end. */
enum { SWEEPS_OF_DOUBT = 4 };

enum { KIN_MOST = KIN_MAX / 4 * 3 };

/* Records come in order, and whoever is named as parent was alive then: one whose record came
 * before is an earlier owner of the PID. */
static bool was_alive(const struct process *parent, const struct process *child)
{
    if (!(parent->flags & PROCESS_EXITED))
        return true;
    return process_exits_is_unseen(parent) &&
           (int32_t)(parent->exit_number - child->exit_number) > 0;
}

/* The parent is the older one, though ticks and the time of the record may be too coarse to show
 * it. */
static void find_parent(struct process_table *table, uint32_t slot)
{
    struct process *process = process_at(table, slot);
    if (!process_exits_is_unseen(process) || process->parent != PROCESS_NONE || process->ppid <= 0)
        return;
    uint32_t parent = process_table_find(table, process->ppid);
    if (parent == PROCESS_NONE || parent == slot || !was_alive(process_at(table, parent), process))
        return;
    process->start_ticks = MAX(process->start_ticks, process_at(table, parent)->start_ticks);
    process_table_link(table, slot, parent);
}

/* Soon, before the parent's PID can have another owner. A parent that came and went as well has its
 * record further on, one that is new is listed later. */
static void drain(struct process_sweep *sweep)
{
    const struct process_table *table = &sweep->table;
    uint32_t queued = table->queued;
    if (!sweep->kernel->exits)
        return;
    if (sweep->kernel->exits(sweep->kernel_data, sweep))
        sweep->lost_lately = SWEEPS_OF_DOUBT;
    for (uint32_t i = queued; i < table->queued; i++)
        find_parent(&sweep->table, table->queue[i]);
}

void process_exits_begin(struct process_sweep *sweep)
{
    if (sweep->n_kin > 0)
        memset(sweep->kin, 0, sizeof(sweep->kin));
    sweep->n_kin = 0;
    sweep->settled = false;
    memset(sweep->heirs, 0, sizeof(sweep->heirs));
    if (sweep->lost_lately > 0)
        sweep->lost_lately--;
    drain(sweep);
}

/* ---- Kin ---- */

/* Users cannot find a name that collides with another user's: those are compared. */
static uint32_t kin_key(const struct exit_record *record)
{
    uint64_t hash = hash_bytes(HASH_BEGIN, &record->program, sizeof(record->program));
    hash = hash_bytes(hash, record->comm, strnlen(record->comm, sizeof(record->comm)));
    return MAX((uint32_t)hash, 1);
}

static struct process_kin *find_kin(struct process_sweep *sweep, uint32_t key, uint32_t uid)
{
    uint32_t at = key % KIN_MAX;
    while (sweep->kin[at].key != 0 && (sweep->kin[at].key != key || sweep->kin[at].uid != uid))
        at = (at + 1) % KIN_MAX;
    return &sweep->kin[at];
}

/* Workloads are made of these three. */
static bool is_same_workload(const struct process_table *table, uint32_t a, uint32_t b)
{
    const struct process *first = process_at(table, a);
    const struct process *second = process_at(table, b);
    return a == b ||
           (first->flags & second->flags & PROCESS_IDENTIFIED && first->group == second->group &&
            first->uid == second->uid && first->comm_hash == second->comm_hash);
}

/* heir: PROCESS_NONE where it is not known. Where there is no room, an orphan of theirs is told
 * with nobody. */
static void add_kin(struct process_sweep *sweep, uint32_t key, uint32_t uid, uint32_t heir)
{
    struct process_kin *kin = find_kin(sweep, key, uid);
    if (kin->key == 0) {
        if (sweep->n_kin >= KIN_MOST)
            return;
        sweep->n_kin++;
        *kin = (struct process_kin){.key = key, .uid = uid, .heir = heir};
    } else if (kin->heir != PROCESS_NONE && !is_same_workload(&sweep->table, kin->heir, heir)) {
        kin->heir = PROCESS_NONE;
    }
}

/* ---- Taking a record ---- */

/* A process that nobody saw. Of one that was there two sweeps ago, and should have been seen, it is
 * not known how much of its time is of this interval. */
static uint32_t meet(struct process_sweep *sweep, const struct exit_record *record, int32_t pid)
{
    uint64_t started_ns = sub_saturated(sweep->boot_ns, record->elapsed_ns);
    uint32_t slot = PROCESS_NONE;
    if (started_ns < sweep->known_since_ns)
        return PROCESS_NONE;
    if (process_table_add(&sweep->table, pid, &slot) < 0) {
        sweep->unseen++;
        return PROCESS_NONE;
    }
    process_at(&sweep->table, slot)->ppid = record->parent;
    process_at(&sweep->table, slot)->flags |= PROCESS_READ | PROCESS_MET;
    return slot;
}

/* Whether its record names an adopter instead of who forked it. */
static bool may_be_orphan(const struct process_table *table, const struct process *process)
{
    return process->ppid == PID_INIT || process->parent == PROCESS_NONE ||
           process_at(table, process->parent)->flags & PROCESS_REAPER;
}

/* Itself, or its parent in the same group: who never used much has no workload. */
static uint32_t nearest_identified(const struct process_sweep *sweep, uint32_t slot)
{
    const struct process *process = process_at(&sweep->table, slot);
    const struct process *parent = process_at(&sweep->table, process->parent);
    if (process->flags & PROCESS_IDENTIFIED)
        return slot;
    bool near = parent->flags & PROCESS_IDENTIFIED && parent->group == process->group;
    return near && parent->pid != PID_INIT ? process->parent : PROCESS_NONE;
}

static void end_process(struct process_sweep *sweep, uint32_t slot,
                        const struct exit_record *record)
{
    struct process *process = process_at(&sweep->table, slot);
    process->flags |= PROCESS_EXITED;
    if (!process_exits_is_unseen(process)) {
        if (record->parent > 0 && !(process->flags & PROCESS_NEW))
            process_ledger_set_parent(&sweep->table, slot, record->parent);
        uint32_t nearest = nearest_identified(sweep, slot);
        /* Seen before it ran: it is one of those that are asked for (meet_kin). */
        if (nearest != PROCESS_NONE || !record->forked || !may_be_orphan(&sweep->table, process))
            add_kin(sweep, kin_key(record), record->uid, nearest);
        return;
    }
    if (!(process->flags & PROCESS_LEAVING))
        process->start_ticks =
            sub_saturated(sweep->boot_ns, record->elapsed_ns) / MAX(sweep->tick_ns, 1);
    process->flags &= (uint16_t) ~(PROCESS_READ | PROCESS_SUSPECT | PROCESS_MET);
    process->flags =
        (uint16_t)(process->flags | PROCESS_LEAVING | (record->forked ? PROCESS_FORKED : 0));
    process->ppid = record->parent;
    process->uid = record->uid;
    process->comm_hash = kin_key(record);
    process->exit_number = ++sweep->exits_taken;
    find_parent(&sweep->table, slot);
    process_table_enqueue(&sweep->table, slot);
}

static void tell_heir(struct process_sweep *sweep, uint32_t slot);
static void tell_rest(struct process_sweep *sweep, uint32_t slot);
static void pass_claim(struct process_sweep *sweep, uint32_t slot);

void process_exits_replace(struct process_sweep *sweep, uint32_t slot)
{
    struct process *process = process_at(&sweep->table, slot);
    sweep->doubtful = true;
    if (process_exits_is_unseen(process) && !(process->flags & PROCESS_SUSPECT))
        tell_heir(sweep, slot);
    process_at(&sweep->table, slot)->delta_ns = 0; /* maybe by the clock of the PID's next owner */
    tell_rest(sweep, slot);
    pass_claim(sweep, slot);
    process_ledger_bury(&sweep->table, slot);
}

/* Whether the record cannot be of the process that was seen, but is of the PID's next owner: its
 * own was lost. It was alive when the sweep before began; and only the death of its parent, whose
 * record came before, gives it another. (A suspended machine has less time in the record: then
 * nothing but a record is lost.) */
static bool is_of_another(const struct process_sweep *sweep, const struct process *process,
                          const struct exit_record *record)
{
    if (process->flags & PROCESS_NEW)
        return false;
    uint64_t started_ns = mul_div(process->start_ticks, sweep->tick_ns, 1);
    uint64_t elapsed_ns = add_saturated(record->elapsed_ns, 2 * sweep->tick_ns);
    if (record->thread == process->pid && elapsed_ns < sub_saturated(sweep->before_ns, started_ns))
        return true;
    uint32_t parent = process->parent;
    return parent != PROCESS_NONE && record->parent != process_at(&sweep->table, parent)->pid &&
           !(process_at(&sweep->table, parent)->flags & (PROCESS_EXITED | PROCESS_DEAD)) &&
           !(process->flags & PROCESS_ADOPTED);
}

void process_sweep_exit(struct process_sweep *sweep, const struct exit_record *record)
{
    struct process_table *table = &sweep->table;
    int32_t pid = record->process > 0 ? record->process : record->thread;
    sweep->recorded = true;
    if (pid <= 0 || sweep->since_ticks == UINT64_MAX)
        return; /* before the first sweep: of no interval of ours */
    uint32_t slot = process_table_find(table, pid);
    if (slot != PROCESS_NONE && process_at(table, slot)->flags & PROCESS_EXITED) {
        process_exits_replace(sweep,
                              slot); /* records come in order: this is the PID's next owner */
        slot = PROCESS_NONE;
    }
    if (slot != PROCESS_NONE && is_of_another(sweep, process_at(table, slot), record))
        return;
    if (slot == PROCESS_NONE && record->process > 0)
        slot = meet(sweep, record, pid);
    if (slot == PROCESS_NONE)
        return;
    struct process *process = process_at(table, slot);
    process->exit_ns = add_saturated(process->exit_ns, record->used_ns);
    if (record->last)
        end_process(sweep, slot, record);
}

/* ---- The unseen ---- */

/* Remembered, as it walks the children, of which thousands may have ended here. */
static bool may_be_heir(struct process_sweep *sweep, uint32_t slot)
{
    const struct process *process = process_at(&sweep->table, slot);
    struct process_heir *heir = &sweep->heirs[slot % HEIRS_REMEMBERED];
    if (heir->slot != slot) {
        heir->slot = slot;
        heir->may = process_gains_may_inherit(&sweep->table, process);
    }
    return heir->may;
}

/* The nearest ancestor that is known: alive, or dead in this sweep and told of. */
static uint32_t find_heir(struct process_sweep *sweep, uint32_t slot)
{
    const struct process_table *table = &sweep->table;
    uint32_t group = 0;
    uint32_t at = slot;
    for (int i = 0; i < PROCESS_GENERATIONS_MAX; i++) {
        if (process_exits_is_unseen(process_at(table, at)) && process_at(table, at)->heir)
            return process_at(table, at)->heir;
        at = process_at(table, at)->parent;
        if (at == PROCESS_NONE)
            break;
        const struct process *process = process_at(table, at);
        bool identified = process->flags & PROCESS_IDENTIFIED;
        if (process->flags & PROCESS_NEW && !identified) {
            if (!(process->flags & PROCESS_LEAVING))
                break;
            continue; /* came and went as well */
        }
        if (!may_be_heir(sweep, at) || (group != 0 && process->group != group))
            break;
        if (identified || !(process->flags & PROCESS_DEAD))
            return at;
        group = process->group;
    }
    return PROCESS_NONE;
}

/* Notes whom it would lead to as someone who forked. One that leads nowhere may have as well: then
 * nobody knows whose the orphans are. But orphans that never called exec() are what is asked for.
 */
static void meet_kin(struct process_sweep *sweep, uint32_t slot)
{
    const struct process *process = process_at(&sweep->table, slot);
    if (!process_exits_is_unseen(process) || process->flags & PROCESS_SETTLED)
        return;
    bool orphan = may_be_orphan(&sweep->table, process);
    if (orphan && process->flags & PROCESS_FORKED)
        return;
    uint32_t heir = orphan ? PROCESS_NONE : find_heir(sweep, slot);
    add_kin(sweep, process->comm_hash, process->uid, heir);
}

static uint32_t find_heir_of_orphan(struct process_sweep *sweep, uint32_t slot, uint32_t heir)
{
    const struct process *process = process_at(&sweep->table, slot);
    if (sweep->lost_lately > 0 || !(process->flags & PROCESS_FORKED) ||
        !may_be_orphan(&sweep->table, process))
        return heir;
    const struct process_kin *kin = find_kin(sweep, process->comm_hash, process->uid);
    return kin->key != 0 && kin->heir != PROCESS_NONE ? kin->heir : heir;
}

static void give_claim(struct process_sweep *sweep, uint32_t heir, uint64_t amount_ns)
{
    struct process *process = process_at(&sweep->table, heir);
    process->claim_ns = add_saturated(process->claim_ns, amount_ns);
    if (!(process->flags & PROCESS_IDENTIFIED))
        process->flags |= PROCESS_READ;
    process_table_enqueue(&sweep->table, heir);
}

/* Where records were lost, a parent that is gone may have been the PID's earlier owner. */
static bool is_parent_doubtful(const struct process_sweep *sweep, const struct process *process)
{
    return sweep->lost_lately > 0 &&
           process_at(&sweep->table, process->parent)->pid != process->ppid;
}

/* Not where it is unknown who would owe for it: then it is told by inheritance alone. */
static void tell_heir(struct process_sweep *sweep, uint32_t slot)
{
    struct process_table *table = &sweep->table;
    struct process *process = process_at(table, slot);
    if (process->flags & PROCESS_SETTLED)
        return;
    if (!process_sweep_has_ancestors(table, process) || is_parent_doubtful(sweep, process))
        return;
    process->flags |= PROCESS_SETTLED;
    uint32_t heir = find_heir_of_orphan(sweep, slot, find_heir(sweep, slot));
    if (heir == PROCESS_NONE || process->exit_ns == 0)
        return;
    process->cpu_ns = process->exit_ns;
    give_claim(sweep, heir, process->exit_ns);
}

/* A PID that is there still is a zombie's. Or it is the next owner's, who was waited for as well
 * but has no record yet: the next sweep will know. Then it is too late to tell, as the parent of
 * the first has gained, and that was told. */
static void settle(struct process_sweep *sweep, uint32_t slot)
{
    struct process *process = process_at(&sweep->table, slot);
    bool suspect = process->flags & PROCESS_SUSPECT;
    bool gone = process->marks & PROCESS_ABSENT ||
                sweep->kernel->exists(sweep->kernel_data, process->pid) == -ESRCH;
    process->flags |= PROCESS_SUSPECT;
    uint32_t parent = process->parent;
    if (gone != suspect || parent == PROCESS_NONE || !may_be_heir(sweep, parent))
        tell_heir(sweep, slot);
    process_at(&sweep->table, slot)->heir =
        PROCESS_NONE; /* who may be forgotten after this sweep */
    if (!gone)
        return;
    process = process_at(&sweep->table, slot);
    if (!(process->flags & PROCESS_SETTLED) && !(process->marks & PROCESS_ABSENT))
        process_groups_expect(sweep, process);
    process_ledger_bury(&sweep->table, slot);
}

/* Its PID was seen: as a zombie's, or has it another owner? */
static bool is_reused(const struct process_sweep *sweep, const struct process *process)
{
    struct proc_stat stat;
    return sweep->kernel->stat(sweep->kernel_data, process->pid, &stat) == 0 &&
           !parse_proc_is_leaving(&stat);
}

uint32_t process_exits_ask(struct process_sweep *sweep, uint32_t slot)
{
    struct process_table *table = &sweep->table;
    struct process *process = process_at(table, slot);
    int32_t pid = process->pid;
    uint32_t inode = process->inode;
    bool listed = sweep->listed && (int32_t)(sweep->exits_before - process->exit_number) >= 0;
    if (listed && !(process->flags & PROCESS_READ))
        process->marks |= PROCESS_ABSENT;
    if (process->flags & PROCESS_READ && is_reused(sweep, process)) {
        process_exits_replace(sweep, slot);
        if (process_table_add(table, pid, &slot) < 0)
            return PROCESS_NONE;
        process_at(table, slot)->inode = inode;
        process_at(table, slot)->flags |= PROCESS_READ | PROCESS_SUSPECT;
        return slot;
    }
    process->flags &= (uint16_t)~PROCESS_READ;
    if (process->flags & PROCESS_QUEUED)
        return PROCESS_NONE; /* its record is new: it is looked at when it is settled */
    bool gone =
        process->marks & PROCESS_ABSENT || sweep->kernel->exists(sweep->kernel_data, pid) == -ESRCH;
    if (gone) {
        process->marks |= PROCESS_ABSENT;
        process_ledger_request(table, process->parent);
    }
    if (gone || !(process->flags & PROCESS_SETTLED))
        process_table_enqueue(table, slot);
    return PROCESS_NONE;
}

void process_exits_settle(struct process_sweep *sweep)
{
    struct process_table *table = &sweep->table;
    if (!sweep->kernel->exits)
        return;
    drain(sweep);
    memset(sweep->heirs, 0, sizeof(sweep->heirs));
    uint32_t queued = table->queued; /* heirs and debtors join it behind */
    for (uint32_t i = 0; i < queued; i++)
        find_parent(table, table->queue[i]);
    for (uint32_t i = 0; i < queued; i++)
        meet_kin(sweep, table->queue[i]);
    for (uint32_t i = 0; i < queued; i++) {
        const struct process *process = process_at(table, table->queue[i]);
        if (process_exits_is_unseen(process) && !(process->flags & PROCESS_DEAD))
            settle(sweep, table->queue[i]);
    }
    sweep->settled = true;
}

/* ---- Those that were seen ---- */

/* An heir that dies before it has a workload leaves it all to the next. */
static void pass_claim(struct process_sweep *sweep, uint32_t slot)
{
    struct process *process = process_at(&sweep->table, slot);
    uint64_t claim_ns = process->claim_ns;
    if (claim_ns == 0)
        return;
    if (process->flags & PROCESS_IDENTIFIED) {
        process_table_enqueue(&sweep->table, slot);
        return;
    }
    process->claim_ns = 0;
    uint32_t heir = find_heir(sweep, slot);
    if (heir != PROCESS_NONE)
        give_claim(sweep, heir, claim_ns);
}

/* Records of threads that ended before the process was seen are missing from the sum, so that is
 * at most what the process used. Without the last record, some may be of the PID's next owner. */
static void tell_rest(struct process_sweep *sweep, uint32_t slot)
{
    struct process *process = process_at(&sweep->table, slot);
    if (!(process->flags & PROCESS_IDENTIFIED) || !(process->flags & PROCESS_EXITED) ||
        process->exit_ns <= add_saturated(process->cpu_ns, process->delta_ns))
        return;
    if (!process_sweep_has_ancestors(&sweep->table, process))
        return; /* it will not be told, so it is not owed */
    process->delta_ns = process->exit_ns - process->cpu_ns;
    process_table_enqueue(&sweep->table, slot);
}

/* Its unseen children become its parent's: in this sweep they are told with it all the same. */
static void leave_children(struct process_sweep *sweep, uint32_t slot)
{
    struct process_table *table = &sweep->table;
    const struct process *dying = process_at(table, slot);
    if (sweep->settled || !(dying->flags & PROCESS_IDENTIFIED) || !may_be_heir(sweep, slot) ||
        !process_sweep_has_ancestors(table, dying))
        return;
    uint32_t child = process_at(table, slot)->first_child;
    for (; child != PROCESS_NONE; child = process_at(table, child)->next_sibling) {
        struct process *process = process_at(table, child);
        if (process_exits_is_unseen(process) && process->flags & PROCESS_QUEUED &&
            process->heir == PROCESS_NONE)
            process->heir = slot;
    }
}

void process_exits_bury(struct process_sweep *sweep, uint32_t slot)
{
    struct process_table *table = &sweep->table;
    if (!(process_at(table, slot)->flags & PROCESS_EXITED))
        drain(sweep);
    struct process *process = process_at(table, slot);
    if (process->flags & PROCESS_DEAD)
        return; /* the next owner of its PID has ended already */
    if (process_exits_is_unseen(process) && !(process->flags & PROCESS_SETTLED)) {
        process_table_enqueue(table, slot);
        return;
    }
    if (process->flags & PROCESS_FRESH && !process_sweep_has_ancestors(table, process))
        process_ledger_silence(process); /* it will not be told, so it is not owed */
    tell_rest(sweep, slot);
    pass_claim(sweep, slot);
    leave_children(sweep, slot);
    process_ledger_bury(table, slot);
}
