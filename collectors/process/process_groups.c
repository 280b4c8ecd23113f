/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/cgroup.h"
#include "collectors/process/process_groups_internal.h"
#include "collectors/process/process_ledger.h"

static const char command[] = "ended processes";

/* ---- Telling of processes ---- */

/* What is about to be told of it was used in part in the group where it was. */
void process_groups_move(struct process_sweep *sweep, struct process *process, uint16_t group,
                         uint32_t identity)
{
    struct process_groups *groups = sweep->groups;
    if (!groups)
        return;
    if (process->node != group && process->node != GROUP_NONE) {
        struct account *account = &groups->groups[process->node].account;
        account_debit(account, process->delta_ns);
        account_debit(account, (uint64_t)MAX(process->balance_ns, 0));
    }
    process->node = group;
    if (group != GROUP_NONE && !(process->flags & PROCESS_KERNEL) &&
        groups->groups[group].identity != identity)
        groups->groups[group].mixed = true;
}

bool process_groups_is_outside(const struct process_sweep *sweep, const struct process *process)
{
    return sweep->groups && sweep->groups->root < 0 && process->node == GROUP_NONE &&
           !(process->flags & PROCESS_KERNEL);
}

void process_groups_note_user(struct process_sweep *sweep, const struct process *process)
{
    if (!sweep->groups || process->node == GROUP_NONE || process->flags & PROCESS_KERNEL)
        return;
    struct group *group = &sweep->groups->groups[process->node];
    group->uid = !group->user_known || group->uid == process->uid ? process->uid : UINT32_MAX;
    group->user_known = true;
}

void process_groups_told(struct process_sweep *sweep, const struct process *process,
                         uint64_t cpu_ns, uint64_t child_ns)
{
    struct process_groups *groups = sweep->groups;
    if (!groups)
        return;
    uint64_t told_ns = add_saturated(cpu_ns, child_ns);
    if (process->node != GROUP_NONE)
        account_debit(&groups->groups[process->node].account, told_ns);
    if (process->node != GROUP_NONE || groups->root >= 0)
        account_debit(&groups->total, told_ns);
    else
        groups->stray_ns = add_saturated(groups->stray_ns, child_ns);
}

/* ---- What can be told later ---- */

static void touch(struct process_groups *groups, uint16_t number)
{
    for (; number != GROUP_NONE && groups->groups[number].seen != groups->sweeps;
         number = groups->groups[number].parent)
        groups->groups[number].seen = groups->sweeps;
}

static void leave_pending(struct process_groups *groups, uint16_t number, uint64_t amount_ns)
{
    struct account *account = &groups->groups[number].account;
    groups->total.pending_ns = add_saturated(groups->total.pending_ns, amount_ns);
    if (number != GROUP_NONE)
        account->pending_ns = add_saturated(account->pending_ns, amount_ns);
}

/* It came and went: who waits for it inherits what was not told by its record. A record is made
 * early in an exit: the clock knows the rest. */
static uint64_t pending_of_zombie(const struct process_sweep *sweep, const struct process *process)
{
    uint64_t cpu_ns = 0;
    if (process->flags & PROCESS_EXITED && sweep->kernel->cpu &&
        sweep->kernel->cpu(sweep->kernel_data, process->pid, &cpu_ns) < 0)
        cpu_ns = 0;
    uint64_t used_ns = MAX(MAX(cpu_ns, process->exit_ns), process->delta_ns);
    return add_saturated(sub_saturated(used_ns, process->cpu_ns),
                         PROCESS_TICKS_CUT * sweep->tick_ns);
}

/* What it has and was not told; what it may have inherited that its child time does not show yet:
 * of who owes for a child that died after its stat was read, not even a part of that is known. */
static uint64_t pending_of_seen(const struct process_sweep *sweep, const struct process *process)
{
    bool may_inherit = process->pid != PID_INIT && !(process->flags & PROCESS_KERNEL);
    int64_t cut_ns = as_signed(PROCESS_TICKS_CUT * sweep->tick_ns);
    int64_t child_ns = process->balance_ns < -cut_ns ? 0 : process->balance_ns;
    if (process->marks & PROCESS_WAITED && may_inherit)
        account_add(&child_ns, cut_ns);
    return add_saturated(process->delta_ns, (uint64_t)MAX(child_ns, 0));
}

static void weigh(struct process_sweep *sweep, const struct process *process)
{
    const struct process *parent = process_at(&sweep->table, process->parent);
    uint64_t claim_ns = process->claim_ns;
    if (!(process->flags & PROCESS_NEW))
        leave_pending(sweep->groups, process->node,
                      add_saturated(pending_of_seen(sweep, process), claim_ns));
    else if (parent->pid == PID_INIT) /* of what that inherits nothing is told */
        leave_pending(sweep->groups, parent->node, claim_ns);
    else
        leave_pending(sweep->groups, parent->node,
                      add_saturated(pending_of_zombie(sweep, process), claim_ns));
}

void process_groups_expect(struct process_sweep *sweep, const struct process *process)
{
    if (sweep->groups)
        weigh(sweep, process);
}

void process_groups_hold_back(struct process_sweep *sweep, uint32_t slot, uint64_t amount_ns)
{
    const struct process_table *table = &sweep->table;
    const struct process *parent = process_at(table, process_at(table, slot)->parent);
    if (sweep->groups)
        leave_pending(sweep->groups, parent->node, amount_ns);
}

static void weigh_all(struct process_sweep *sweep)
{
    const struct process_table *table = &sweep->table;
    for (uint32_t slot = 1; slot < table->end; slot++) {
        const struct process *process = process_at(table, slot);
        if (process->pid == 0 || process->flags & PROCESS_DEAD)
            continue;
        touch(sweep->groups, process->node);
        sweep->doubtful |= process->flags & PROCESS_HIDDEN || process->marks & PROCESS_UNASKED;
        weigh(sweep, process);
    }
}

/* ---- Telling the rest ---- */

/* What cannot be told otherwise any more. */
static uint64_t certain(const struct account *account)
{
    int64_t certain_ns = account->balance_ns;
    account_add(&certain_ns, -as_signed(account->pending_ns));
    return (uint64_t)MAX(certain_ns, 0);
}

/* Of that only what was used in this interval is told in it, but for ticks; and in the one before,
 * if that could tell nothing. */
static uint64_t available(const struct process_sweep *sweep, const struct account *account)
{
    uint64_t used_ns = add_saturated(account->grown_ns, account->late_ns);
    used_ns = add_saturated(used_ns, PROCESS_TICKS_CUT * sweep->tick_ns);
    return MIN(certain(account), sub_saturated(used_ns, account->told_ns));
}

static void tell_group(struct process_sweep *sweep, struct group *group, uint64_t amount_ns)
{
    struct process_identity identity = {.uid = group->uid};
    (void)str_copy(identity.comm, sizeof(identity.comm), command);
    cgroup_parse_path(group->path, &identity.cgroup);
    group->workload = sweep->env->identify(sweep->env->userdata, &identity);
    group->identified = true;
    sweep->activities[sweep->n_activities++] = (struct activity){
        .last_cpu = -1,
        .package = -1,
        .workload = group->workload,
        .child_ns = amount_ns,
    };
}

/* What could not be told for two sweeps is somebody else's, who is told of it with another group.
 */
static void leave(struct account *account)
{
    uint64_t left_ns = certain(account);
    uint64_t stale_ns = MIN(account->left_ns, left_ns);
    account_add(&account->balance_ns, -as_signed(stale_ns));
    account->left_ns = left_ns - stale_ns;
}

static bool may_tell(const struct process_sweep *sweep, const struct group *group)
{
    return group->used && !group->mixed && !group->adrift &&
           sweep->n_activities < sweep->activities_capacity;
}

static uint64_t tell_groups(struct process_sweep *sweep, uint64_t total_ns, uint64_t sum_ns)
{
    struct process_groups *groups = sweep->groups;
    uint64_t left_ns = 0;
    for (uint16_t i = GROUP_NONE + 1; i < groups->end; i++) {
        struct group *group = &groups->groups[i];
        if (!group->used)
            continue;
        uint64_t share_ns = may_tell(sweep, group) ? available(sweep, &group->account) : 0;
        if (sum_ns > total_ns)
            share_ns = mul_div(share_ns, total_ns, sum_ns);
        if (share_ns > 0)
            tell_group(sweep, group, share_ns);
        account_add(&group->account.balance_ns, -as_signed(share_ns));
        account_add(&groups->total.balance_ns, -as_signed(share_ns));
        leave(&group->account);
        left_ns = add_saturated(left_ns, group->account.left_ns);
    }
    return left_ns;
}

static void tell_rest(struct process_sweep *sweep)
{
    struct process_groups *groups = sweep->groups;
    struct account *total = &groups->total;
    uint64_t stray_ns = add_saturated(groups->stray_ns, groups->stray_before_ns);
    total->pending_ns = add_saturated(total->pending_ns, stray_ns);
    uint64_t total_ns = certain(total);
    uint64_t sum_ns = 0;
    for (uint16_t i = GROUP_NONE + 1; i < groups->end; i++) {
        if (may_tell(sweep, &groups->groups[i]))
            sum_ns = add_saturated(sum_ns, available(sweep, &groups->groups[i].account));
    }
    uint64_t left_ns = tell_groups(sweep, total_ns, sum_ns);
    /* What no group can be told of any more is nobody's. */
    uint64_t most_ns = add_saturated(total->pending_ns, left_ns);
    total->balance_ns = MIN(total->balance_ns, as_signed(most_ns));
}

/* A balance is below zero by what was used after the counters were read, which was told now, and by
 * what these cut off, as they count whole microseconds: what is below that was told with the wrong
 * group, and is not to be paid for by others. */
static void forgive(struct account *account)
{
    int64_t least_ns = -as_signed(add_saturated(account->told_ns, NS_PER_US));
    account->balance_ns = MAX(account->balance_ns, least_ns);
}

/* What was told of a group whose counter did not tell it is in the counter above. */
static void hand_up_debts(struct process_groups *groups)
{
    for (uint16_t i = (uint16_t)(groups->end - 1); i > GROUP_NONE; i--) {
        struct group *group = &groups->groups[i];
        if (group->used && (group->gone || group->adrift) && group->account.balance_ns < 0)
            process_group_hand_up(groups, group);
    }
}

void process_groups_settle(struct process_sweep *sweep)
{
    struct process_groups *groups = sweep->groups;
    if (!groups)
        return;
    weigh_all(sweep);
    hand_up_debts(groups);
    bool sure = !sweep->doubtful && !sweep->parents_hidden && sweep->unseen == 0;
    if (sure)
        tell_rest(sweep);
    forgive(&groups->total);
    for (uint16_t i = GROUP_NONE + 1; i < groups->end; i++) {
        struct account *account = &groups->groups[i].account;
        forgive(account);
        account->late_ns = sure ? 0 : sub_saturated(account->grown_ns, account->told_ns);
    }
}

uint32_t process_groups_most(const struct process_sweep *sweep)
{
    return sweep->groups ? GROUPS_MAX : 0;
}
