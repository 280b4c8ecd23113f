/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/process/process_identity.h"

#include "collectors/process/process_groups.h"
#include "greend/units.h"

/* The cgroup and user of a process that stays active are read again: systemd moves processes right
 * after their fork, servers drop their rights. First after a second, then ever less often. */
enum { CHECK_FIRST_S = 1, CHECK_MOST_S = 30 };

void process_identity_forget(struct process_sweep *sweep, struct process *process)
{
    if (!(process->flags & PROCESS_IDENTIFIED))
        return;
    process->flags &= (uint16_t)~PROCESS_IDENTIFIED;
    sweep->env->release(sweep->env->userdata, process->workload);
}

uint32_t process_identity_hash(const struct cgroup_identity *cgroup)
{
    uint32_t kind = cgroup->kind;
    uint64_t hash = hash_bytes(HASH_BEGIN, &kind, sizeof(kind));
    hash = hash_bytes(hash, &cgroup->owner, sizeof(cgroup->owner));
    return MAX((uint32_t)hash_bytes(hash, cgroup->unit, strlen(cgroup->unit)), 1);
}

static void schedule_check(const struct process_sweep *sweep, struct process *process)
{
    uint32_t now_s = (uint32_t)(sweep->boot_ns / NS_PER_S);
    uint32_t after_s = MIN(MAX(process->check_after_s * 2U, CHECK_FIRST_S), CHECK_MOST_S);
    process->check_after_s = (uint8_t)after_s;
    process->check_at_s = now_s + after_s;
}

static bool is_check_due(const struct process_sweep *sweep, const struct process *process)
{
    uint32_t now_s = (uint32_t)(sweep->boot_ns / NS_PER_S);
    return (int32_t)(now_s - process->check_at_s) >= 0 || process_groups_is_outside(sweep, process);
}

static void identify(struct process_sweep *sweep, struct process *process,
                     const struct process_identity *identity)
{
    process_identity_forget(sweep, process);
    process->workload = sweep->env->identify(sweep->env->userdata, identity);
    process->flags |= PROCESS_IDENTIFIED;
}

/* Kernel threads have no unit, but their time is counted where they are: those that serve a virtual
 * machine are in its cgroup. */
static int read_cgroup(const struct process_sweep *sweep, const struct process *process,
                       struct process_identity *identity, char path[GROUP_PATH_MAX])
{
    struct cgroup_identity unused;
    path[0] = '\0';
    if (identity->kernel_thread && !sweep->groups)
        return 0;
    return sweep->kernel->cgroup(sweep->kernel_data, process->pid,
                                 identity->kernel_thread ? &unused : &identity->cgroup, path);
}

/* What cannot be read stays unknown. -ESRCH: the process is gone. */
static int read_identity(const struct process_sweep *sweep, const struct process *process,
                         bool with_uid, struct process_identity *identity,
                         char path[GROUP_PATH_MAX])
{
    identity->pid = process->pid;
    identity->start_ticks = process->start_ticks;
    identity->uid = identity->kernel_thread ? 0 : UINT32_MAX;
    identity->cgroup.owner = UINT32_MAX;
    int r = read_cgroup(sweep, process, identity, path);
    if (r != -ESRCH && with_uid && !identity->kernel_thread)
        r = sweep->kernel->uid(sweep->kernel_data, process->pid, &identity->uid);
    return r == -ESRCH ? r : 0;
}

/* Whoever exits is shown in the root of a v1 hierarchy, from before its PID vanishes: what was read
 * of its cgroup counts only if it was alive after that. 1: it was not; -ESRCH: it is gone. */
static int was_leaving(const struct process_sweep *sweep, const struct process *process)
{
    struct proc_stat after;
    int r = sweep->kernel->stat(sweep->kernel_data, process->pid, &after);
    if (r < 0)
        return r == -ESRCH ? r : 0;
    return parse_proc_is_leaving(&after);
}

static void assume_group(const struct process_sweep *sweep, struct process *process)
{
    const struct process *parent = process_at(&sweep->table, process->parent);
    process->group = parent->group;
    process->node = parent->node;
}

/* Cached until the next check: a process that is bound anew, or a package whose CPUs come back, is
 * told rightly half a minute later at the latest. */
static void read_packages(const struct process_sweep *sweep, struct process *process)
{
    const struct cpu_packages *topology = sweep->topology;
    process->packages = 0;
    if (topology && topology->packages >= 2 && sweep->kernel->packages)
        process->packages =
            sweep->kernel->packages(sweep->kernel_data, process->pid, process->threads, topology);
}

/* Only who was active needs a workload. Everyone needs a group, for who reaps whom. The name of a
 * kernel worker tells what it works on at the moment: that makes it no other process. */
int process_identity_refresh(struct process_sweep *sweep, struct process *process,
                             const struct proc_stat *stat, bool fresh)
{
    if (fresh)
        assume_group(sweep, process);
    if (parse_proc_is_leaving(stat))
        return 0;
    bool kernel = stat->flags & PROC_KTHREAD;
    bool was_kernel = process->flags & PROCESS_KERNEL;
    bool active = process->delta_ns > 0 || process->balance_ns > 0 || process->claim_ns > 0;
    bool named = active || process->flags & PROCESS_IDENTIFIED;
    uint32_t comm_hash = (uint32_t)hash_bytes(HASH_BEGIN, stat->comm, strlen(stat->comm));
    bool changed = fresh || kernel != was_kernel || (!kernel && comm_hash != process->comm_hash);
    bool first = active && !(process->flags & PROCESS_IDENTIFIED);
    if (!changed && !first && !(active && is_check_due(sweep, process)))
        return 0;
    struct process_identity identity = {.kernel_thread = kernel};
    memcpy(identity.comm, stat->comm, sizeof(identity.comm));
    char path[GROUP_PATH_MAX];
    int r = read_identity(sweep, process, named, &identity, path);
    if (r < 0)
        return r;
    uint32_t group = process_identity_hash(&identity.cgroup);
    uint16_t node = process_groups_find(sweep, path, stat->start_ticks >= sweep->since_ticks);
    if ((group != process->group || node != process->node) && !kernel)
        r = was_leaving(sweep, process);
    if (r != 0)
        return MIN(r, 0);
    if (named && (changed || first || group != process->group || identity.uid != process->uid))
        identify(sweep, process, &identity);
    process->comm_hash = comm_hash;
    process->group = group;
    process->uid = identity.uid;
    process->flags = (uint16_t)((process->flags & ~PROCESS_KERNEL) | (kernel ? PROCESS_KERNEL : 0));
    process_groups_move(sweep, process, node, group);
    if (named)
        process_groups_note_user(sweep, process);
    if (active)
        read_packages(sweep, process);
    if (changed)
        process->check_after_s = 0;
    schedule_check(sweep, process);
    return 0;
}

void process_identity_assume_unknown(struct process_sweep *sweep, struct process *process)
{
    if (process->flags & PROCESS_IDENTIFIED)
        return;
    struct process_identity identity = {
        .pid = process->pid, .uid = UINT32_MAX, .cgroup.owner = UINT32_MAX};
    identify(sweep, process, &identity);
}
