/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/process/process_sweep.h"

#include "collectors/process/process_exits.h"
#include "collectors/process/process_gains.h"
#include "collectors/process/process_groups.h"
#include "collectors/process/process_identity.h"
#include "collectors/process/process_ledger.h"
#include "greend/units.h"

/* The clock of a process walks its threads: 8 us for 1,000, 150 us for 5,000. A process of many is
 * asked once in a quarter of a millisecond per thread, or up to twice that, which bounds the cost
 * of any one process to about a ten-thousandth of a CPU. The periods are powers of two, and end
 * together: so there are sweeps in which all are asked. */
enum { THREADS_PER_MS = 4, THREADS_MANY = 256 };

enum { GENERATIONS_MAX = 256 };

enum { ROUNDS_MAX = 3, ASKED_AGAIN_MAX = 1 << 12 }; /* after those who died meanwhile */

void process_sweep_init(struct process_sweep *sweep, const struct process_kernel *kernel,
                        void *kernel_data, const struct collector_env *env, uint64_t tick_ns)
{
    *sweep = (struct process_sweep){
        .kernel = kernel,
        .kernel_data = kernel_data,
        .env = env,
        .tick_ns = tick_ns,
        .since_ticks = UINT64_MAX, /* the first sweep: all were there before */
    };
    process_table_init(&sweep->table);
}

void process_sweep_done(struct process_sweep *sweep)
{
    for (uint32_t slot = 1; slot < sweep->table.end; slot++)
        process_identity_forget(sweep, process_at(&sweep->table, slot));
    process_groups_done(sweep);
    process_table_done(&sweep->table);
    free(sweep->activities);
    *sweep = (struct process_sweep){0};
}

/* The sample that told of these dead names their workloads. */
void process_sweep_begin(struct process_sweep *sweep, uint64_t boot_ns)
{
    struct process_table *table = &sweep->table;
    for (uint32_t i = 0; i < table->died; i++)
        process_identity_forget(sweep, process_at(table, table->dead[i]));
    process_table_remove_dead(table, 0);
    sweep->known_since_ns = sweep->before_ns;
    sweep->before_ns = sweep->boot_ns;
    sweep->boot_ns = boot_ns;
    sweep->n_activities = 0;
    sweep->parents_hidden = table->hidden > 0;
    sweep->missed = sweep->strayed = sweep->doubtful = false;
    process_groups_begin(sweep);
    process_exits_begin(sweep);
    sweep->exits_before = sweep->exits_taken;
    sweep->listed = false;
}

void process_sweep_see(struct process_sweep *sweep, int32_t pid, uint64_t inode)
{
    struct process_table *table = &sweep->table;
    uint32_t slot = process_table_find(table, pid);
    if (slot != PROCESS_NONE && process_at(table, slot)->inode == 0)
        process_at(table, slot)->inode = (uint32_t)inode;
    if (slot != PROCESS_NONE && process_at(table, slot)->flags & PROCESS_EXITED)
        process_at(table, slot)->flags |= PROCESS_READ; /* a zombie, or the next owner of the PID */
    bool probed = inode == 0; /* and PIDs come in order: it is the one that is known */
    if (slot != PROCESS_NONE && (probed || process_at(table, slot)->inode == (uint32_t)inode))
        return;
    /* Reused, or the kernel dropped its caches: the start time will tell, where it is known. */
    if (slot != PROCESS_NONE && process_at(table, slot)->flags & PROCESS_NEW) {
        process_exits_replace(sweep, slot);
        slot = PROCESS_NONE;
    }
    if (slot == PROCESS_NONE && process_table_add(table, pid, &slot) < 0) {
        sweep->unseen++;
        return;
    }
    process_at(table, slot)->flags |= PROCESS_READ | PROCESS_SUSPECT;
    process_at(table, slot)->inode = (uint32_t)inode;
}

/* ---- Asking ---- */

static bool is_asked_later(const struct process_sweep *sweep, const struct process *process)
{
    if (process->threads < THREADS_MANY)
        return false;
    uint64_t period_ns = NS_PER_MS;
    while (period_ns < process->threads / THREADS_PER_MS * NS_PER_MS)
        period_ns *= 2;
    return sweep->boot_ns / period_ns == sweep->before_ns / period_ns;
}

static void ask_process(struct process_sweep *sweep, uint32_t slot)
{
    struct process *process = process_at(&sweep->table, slot);
    process->flags &= (uint16_t)~PROCESS_CONFIRMED;
    if (process_exits_is_unseen(process)) {
        slot = process_exits_ask(sweep, slot);
        if (slot == PROCESS_NONE)
            return;
        process = process_at(&sweep->table, slot);
    }
    uint64_t cpu_ns = process->cpu_ns;
    int r = 0;
    bool later = is_asked_later(sweep, process);
    process->marks &= (uint8_t)~PROCESS_UNASKED;
    if (later)
        process->marks |= PROCESS_UNASKED;
    if (later || process->flags & PROCESS_LEAVING)
        r = sweep->kernel->exists(sweep->kernel_data, process->pid);
    else if (sweep->kernel->cpu)
        r = sweep->kernel->cpu(sweep->kernel_data, process->pid, &cpu_ns);
    else
        process_table_enqueue(&sweep->table, slot);
    if (r == -ESRCH) {
        /* Who waited for it may have been asked already. */
        sweep->strayed |= process->parent == PROCESS_NONE;
        process_ledger_silence(process); /* what the sweep before could not tell is inherited */
        process_exits_bury(sweep, slot);
        return;
    }
    if (r < 0)
        process_table_set_hidden(&sweep->table, slot, true);
    if (!(process->flags & PROCESS_LEAVING))
        process->delta_ns = sub_saturated(cpu_ns, process->cpu_ns);
    /* A clock that went back is another process's. */
    if (cpu_ns != process->cpu_ns || process->flags & PROCESS_READ)
        process_table_enqueue(&sweep->table, slot);
}

void process_sweep_ask(struct process_sweep *sweep)
{
    const struct process_table *table = &sweep->table;
    for (uint32_t slot = 1; slot < table->end; slot++) {
        const struct process *process = process_at(table, slot);
        if (process->pid != 0 && !(process->flags & PROCESS_DEAD))
            ask_process(sweep, slot);
    }
}

/* ---- Reading stat ---- */

/* The PID has another owner than the one in the slot. */
static uint32_t replace_process(struct process_sweep *sweep, uint32_t old)
{
    struct process_table *table = &sweep->table;
    sweep->doubtful = true;
    int32_t pid = process_at(table, old)->pid;
    uint32_t inode = process_at(table, old)->inode;
    process_at(table, old)->delta_ns = 0;
    process_exits_bury(sweep, old);
    uint32_t slot = process_table_find(table, pid);
    if (slot != PROCESS_NONE)
        return slot; /* it has ended as well, its record was there */
    if (process_table_add(table, pid, &slot) < 0) {
        sweep->unseen++;
        return PROCESS_NONE;
    }
    struct process *process = process_at(table, slot);
    process->inode = inode;
    uint64_t cpu_ns = 0;
    if (sweep->kernel->cpu && sweep->kernel->cpu(sweep->kernel_data, pid, &cpu_ns) == 0)
        process->delta_ns = cpu_ns;
    process_table_enqueue(table, slot);
    return slot;
}

/* Who started since the sweep before has used all its time since. Of the others, what they used
 * before they were seen belongs to no interval of ours. */
static void admit(const struct process_sweep *sweep, struct process *process,
                  const struct proc_stat *stat, uint64_t child_ns)
{
    process->start_ticks = stat->start_ticks;
    process->flags = (uint16_t)((process->flags & ~PROCESS_NEW) | PROCESS_FRESH);
    process->child_faults = 0;
    if (process->flags & PROCESS_MET && stat->start_ticks >= sweep->known_since_ns / sweep->tick_ns)
        return; /* met by the record of a thread, when the sweep before had gone past its PID */
    if (stat->start_ticks >= sweep->since_ticks)
        return;
    process->child_ns = child_ns;
    process->child_faults = (uint16_t)stat->child_faults;
    if (process->flags & PROCESS_HIDDEN && sweep->kernel->cpu)
        return; /* its clock was asked before, only its stat was not readable */
    process->cpu_ns += process->delta_ns;
    process->delta_ns = 0;
}

static uint64_t ticks_ns(const struct process_sweep *sweep, uint64_t user, uint64_t system)
{
    return mul_div(add_saturated(user, system), sweep->tick_ns, 1);
}

static int accept_stat(struct process_sweep *sweep, uint32_t slot, const struct proc_stat *stat)
{
    struct process *process = process_at(&sweep->table, slot);
    uint64_t child_ns = ticks_ns(sweep, stat->child_user_ticks, stat->child_system_ticks);
    bool fresh = process->flags & PROCESS_NEW;
    bool recent = stat->start_ticks >= sweep->since_ticks || process->flags & PROCESS_LEAVING;
    if (fresh && recent && parse_proc_is_leaving(stat)) {
        /* It came and went: who waits for it inherits all that it used. */
        process->flags = (uint16_t)((process->flags & ~PROCESS_READ) | PROCESS_LEAVING);
        process->start_ticks = stat->start_ticks;
        process->delta_ns = add_saturated(process->delta_ns, child_ns); /* never told itself */
        process_ledger_set_parent(&sweep->table, slot, stat->ppid);
        return 0;
    }
    if (!sweep->kernel->cpu)
        process->delta_ns =
            sub_saturated(ticks_ns(sweep, stat->user_ticks, stat->system_ticks), process->cpu_ns);
    if (fresh)
        admit(sweep, process, stat, child_ns);
    process_table_set_hidden(&sweep->table, slot, false);
    process->flags &= (uint16_t) ~(PROCESS_READ | PROCESS_SUSPECT);
    process->threads = stat->threads;
    if (child_ns > process->child_ns || (uint16_t)stat->child_faults != process->child_faults)
        process->marks |= PROCESS_WAITED;
    process->child_faults = (uint16_t)stat->child_faults;
    process->last_cpu = (int16_t)(stat->last_cpu < CPUS_MAX ? stat->last_cpu : -1);
    process_ledger_set_parent(&sweep->table, slot, stat->ppid);
    process_ledger_read(process, child_ns, sweep->tick_ns);
    if (parse_proc_is_leaving(stat))
        process_ledger_orphan(&sweep->table, slot);
    return process_identity_refresh(sweep, process, stat, fresh);
}

/* Nothing is known of it but its clock, which is enough to measure it from now on. */
static void hide(struct process_sweep *sweep, uint32_t slot)
{
    struct process *process = process_at(&sweep->table, slot);
    bool first = !(process->flags & PROCESS_HIDDEN);
    process_table_set_hidden(&sweep->table, slot, true);
    process->flags &= (uint16_t)~PROCESS_READ;
    if (first && process->flags & PROCESS_NEW) {
        process->cpu_ns += process->delta_ns;
        process->delta_ns = 0;
    }
    if (process->delta_ns > 0)
        process_identity_assume_unknown(sweep, process);
}

static void read_process(struct process_sweep *sweep, uint32_t slot)
{
    struct process_table *table = &sweep->table;
    const struct process *process = process_at(table, slot);
    if (process->flags & PROCESS_DEAD || process_exits_is_unseen(process))
        return;
    struct proc_stat stat;
    int r = sweep->kernel->stat(sweep->kernel_data, process->pid, &stat);
    if (r == 0 && !(process->flags & PROCESS_NEW) && process->start_ticks != stat.start_ticks)
        slot = replace_process(sweep, slot);
    if (slot == PROCESS_NONE || process_exits_is_unseen(process_at(table, slot)))
        return;
    if (r == 0)
        r = accept_stat(sweep, slot, &stat);
    if (r == -ESRCH) {
        /* Between the clock and now the PID may have had two owners. Who waits inherits it all. */
        sweep->missed = true;
        sweep->strayed |= (process_at(table, slot)->flags & (PROCESS_ADOPTED | PROCESS_NEW)) != 0;
        process_ledger_silence(process_at(table, slot));
        process_exits_bury(sweep, slot);
    } else if (r < 0) {
        hide(sweep, slot);
    }
}

/* A parent that stands later in the queue is found now. If it died before its stat was read, nobody
 * knows where it belonged, but the orphan has another parent by now. If it was not listed yet, it
 * is there at the next sweep. */
static void find_parents(struct process_sweep *sweep)
{
    struct process_table *table = &sweep->table;
    for (uint32_t i = 0; i < table->queued; i++) {
        uint32_t slot = table->queue[i];
        const struct process *process = process_at(table, slot);
        if (process->flags & (PROCESS_DEAD | PROCESS_NEW) || process->ppid == 0 || process->parent)
            continue;
        process_ledger_adopt(table, slot);
        if (process->parent == PROCESS_NONE)
            read_process(sweep, slot);
        if (process_at(table, slot)->parent == PROCESS_NONE)
            process_at(table, slot)->flags |= PROCESS_READ;
    }
}

/* Nobody knows who waited for somebody: it is one of those who ran since they were asked. */
static void ask_again(struct process_sweep *sweep)
{
    struct process_table *table = &sweep->table;
    for (uint32_t slot = 1; slot < table->end; slot++) {
        struct process *process = process_at(table, slot);
        uint64_t cpu_ns = 0;
        if (process->pid == 0 || process->flags & (PROCESS_DEAD | PROCESS_NEW) ||
            process->marks & PROCESS_UNASKED ||
            (sweep->kernel->cpu(sweep->kernel_data, process->pid, &cpu_ns) == 0 &&
             cpu_ns == process->cpu_ns + process->delta_ns))
            continue;
        process->delta_ns = MAX(process->delta_ns, sub_saturated(cpu_ns, process->cpu_ns));
        process->flags |= PROCESS_READ;
        process_table_enqueue(table, slot);
    }
}

/* Whose child was found dead after their own stat was read have inherited by now. */
static void read_again(struct process_sweep *sweep)
{
    const struct process_table *table = &sweep->table;
    for (int round = 0; (sweep->missed || sweep->strayed) && round < ROUNDS_MAX; round++) {
        if (sweep->strayed && (!sweep->groups || table->alive > ASKED_AGAIN_MAX))
            break;
        if (sweep->strayed)
            ask_again(sweep);
        sweep->missed = sweep->strayed = false;
        for (uint32_t i = 0; i < table->queued; i++) {
            if (process_at(table, table->queue[i])->flags & PROCESS_READ)
                read_process(sweep, table->queue[i]);
        }
    }
}

/* ---- Child time ---- */

/* Again where somebody died meanwhile. Not where records come: gains may contain no others. */
static void weigh_gains(struct process_sweep *sweep)
{
    struct process_table *table = &sweep->table;
    process_gains_refuse(sweep);
    process_gains_confirm(sweep);
    for (int round = 0; sweep->missed && !sweep->recorded && round < ROUNDS_MAX; round++) {
        for (uint32_t slot = 1; slot < table->end; slot++)
            process_at(table, slot)->flags &= (uint16_t)~PROCESS_CONFIRMED;
        read_again(sweep);
        process_gains_refuse(sweep);
        process_gains_confirm(sweep);
    }
    sweep->doubtful |= sweep->missed || sweep->strayed;
}

/* ---- Telling ---- */

static int reserve_activities(struct process_sweep *sweep)
{
    uint32_t most = sweep->table.capacity + process_groups_most(sweep);
    if (sweep->activities_capacity >= most)
        return 0;
    struct activity *grown = realloc(sweep->activities, most * sizeof(*sweep->activities));
    if (!grown)
        return -ENOMEM;
    sweep->activities = grown;
    sweep->activities_capacity = most;
    return 0;
}

bool process_sweep_has_ancestors(const struct process_table *table, const struct process *process)
{
    for (int i = 0; process->parent != PROCESS_NONE && i < GENERATIONS_MAX; i++)
        process = process_at(table, process->parent);
    return process->ppid == 0 || process->parent != PROCESS_NONE;
}

/* What is not told here, the next sweep finds untold. */
static bool can_tell(const struct process_sweep *sweep, struct process *process)
{
    bool fresh = process->flags & PROCESS_FRESH;
    process->flags &= (uint16_t) ~(PROCESS_QUEUED | PROCESS_FRESH);
    if (sweep->n_activities == sweep->activities_capacity)
        return false; /* no memory */
    if (!(process->flags & PROCESS_IDENTIFIED))
        return false; /* on its way out: what it used is the reaper's */
    /* Whole families can come and go around the reading of their stats: then nobody knows who
     * inherits. In the next sweep it is settled. */
    return !fresh || process_sweep_has_ancestors(&sweep->table, process);
}

static void tell_process(struct process_sweep *sweep, struct process *process)
{
    const struct cpu_packages *topology = sweep->topology;
    if (!can_tell(sweep, process))
        return;
    uint64_t child_ns = process_ledger_take(process);
    if (!process_gains_may_inherit(&sweep->table, process))
        child_ns = 0;
    child_ns = add_saturated(child_ns, process->claim_ns);
    process->claim_ns = 0;
    uint64_t cpu_ns = process->delta_ns;
    process->cpu_ns += cpu_ns;
    process->delta_ns = 0;
    if (cpu_ns == 0 && child_ns == 0)
        return;
    process_groups_told(sweep, process, cpu_ns, child_ns);
    sweep->activities[sweep->n_activities++] = (struct activity){
        .pid = process->pid,
        .last_cpu = process->last_cpu,
        .package = (int16_t)(topology ? cpu_packages_of(topology, process->last_cpu) : -1),
        .packages = process->packages,
        .start_ticks = process->start_ticks,
        .workload = process->workload,
        .threads = process->threads,
        .cpu_ns = cpu_ns,
        .child_ns = child_ns,
    };
}

int process_sweep_tell(struct process_sweep *sweep)
{
    struct process_table *table = &sweep->table;
    /* The queue grows while it is read: by parents of the dead, and by orphans. */
    for (uint32_t i = 0; i < table->queued; i++)
        read_process(sweep, table->queue[i]);
    find_parents(sweep);
    read_again(sweep);
    process_exits_settle(sweep);
    weigh_gains(sweep);
    int r = reserve_activities(sweep);
    for (uint32_t i = 0; i < table->queued; i++)
        tell_process(sweep, process_at(table, table->queue[i]));
    table->queued = 0;
    process_groups_settle(sweep);
    process_table_remove_dead(table, PROCESS_IDENTIFIED);
    sweep->since_ticks = sweep->boot_ns / sweep->tick_ns;
    return r;
}
