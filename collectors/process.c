/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Who used the CPU: a sweep over all processes, made cheap.
 *
 * Three questions, each only where the one before calls for it:
 * 1. The last PID in /proc/loadavg tells what PIDs, of processes and threads, were given out since
 *    the sweep before: the kernel counts them up. Where they are few, each is asked whether it is a
 *    process; else /proc is listed. It can have moved before a fork is complete, so the PIDs of
 *    the sweep before are asked again. Every ten seconds /proc is listed anyway: a PID that was
 *    asked for by number (clone3 with set_tid) moves nothing, and many forks lead back to where one
 *    was.
 * 2. Every process is asked for its CPU clock: one system call, exact to the nanosecond, free for
 *    any user. It fails with EINVAL when the process is gone.
 * 3. stat is read where the clock moved, and where the ledger of child time needs it.
 *
 * Where the kernel tells of exits, its records are drained before the sweep (exits/exits.h).
 *
 * The rest is in process_sweep.h (what a sweep does), process_exits.h (what those records add) and
 * process_ledger.h (who is charged for the dead). */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "collectors/busy.h"
#include "collectors/process/process_groups.h"
#include "collectors/process/process_kernel.h"
#include "collectors/source.h"
#include "greend/units.h"

enum { LIST_SIZE = 1 << 15, LOADAVG_SIZE = 128, UPTIME_SIZE = 64 };

#define LIST_EVERY_NS (10 * NS_PER_S)

/* No kernel gives out all of its 32,768 PIDs, or more, in that time. */
#define PIDS_IN_ORDER_NS (3 * NS_PER_S / 2)

struct process_state {
    const struct collector_env *env;
    struct process_proc proc;
    struct process_sweep sweep;
    struct busy_reader busy;
    bool clocks; /* CPU clocks instead of stat */
    int list_fd;
    int loadavg_fd; /* -1: /proc is listed each time */
    int32_t last_pid;
    int32_t last_pid_before; /* one sweep earlier */
    uint64_t swept_ns;       /* when the sweep before began */
    uint64_t listed_ns;
    int list_error;
    int busy_error;
    char *buffer;
};

static void process_close(void *data)
{
    struct process_state *state = data;
    if (!state)
        return;
    if (state->env)
        process_sweep_done(&state->sweep);
    busy_reader_done(&state->busy);
    close_fd_p(&state->list_fd);
    close_fd_p(&state->loadavg_fd);
    exits_close(state->proc.exits);
    stat_files_free(state->proc.stats);
    cgroup_usage_done(&state->proc.usage);
    free(state->buffer);
    free(state);
}

static void process_close_p(struct process_state **state)
{
    process_close(*state);
}

/* By clocks alone: fields of stat are cut to ticks, and would seem to leave something. */
static int count_groups(struct process_state *state)
{
    if (!state->clocks || !state->env->live_sysfs)
        return 0;
    state->proc.usage = cgroup_usage_find(state->env->sysfs_fd);
    if (state->proc.usage.hierarchy == CGROUP_HIERARCHY_NONE)
        return 0;
    state->sweep.groups = process_groups_new();
    return state->sweep.groups ? 0 : -ENOMEM;
}

static int process_open(const struct collector_env *env, void **ret_state)
{
    CLEANUP(process_close_p) struct process_state *state = calloc(1, sizeof(*state));
    if (!state)
        return -ENOMEM;
    state->list_fd = state->loadavg_fd = state->busy.fd = state->proc.usage.root_fd = -1;
    long ticks_per_s = sysconf(_SC_CLK_TCK);
    uint64_t tick_ns = NS_PER_S / (ticks_per_s > 0 ? (uint64_t)ticks_per_s : 100);
    state->env = env;
    state->clocks = env->live_procfs && process_kernel_has_clocks();
    state->proc.procfs_fd = env->procfs_fd;
    process_sweep_init(&state->sweep, state->clocks ? &process_kernel_clock : &process_kernel_stat,
                       &state->proc, env, tick_ns);
    state->sweep.topology = &state->busy.topology;
    state->buffer = malloc(LIST_SIZE);
    if (!state->buffer)
        return -ENOMEM;
    /* In a copy of /proc a file does not change with its process. */
    if (state->clocks && !(state->proc.stats = stat_files_new()))
        return -ENOMEM;
    int r = 0;
    if (env->exits && state->clocks)
        r = exits_open(env->sysfs_fd, &state->proc.exits);
    if (r == 0)
        r = count_groups(state);
    if (r == 0)
        r = busy_reader_init(&state->busy, env, tick_ns);
    if (r < 0)
        return r;
    state->list_fd = source_open(env->procfs_fd, ".");
    /* Its last PID is that of the reader's PID namespace, so it says nothing about another. */
    if (env->live_procfs)
        state->loadavg_fd = source_open(env->procfs_fd, "loadavg");
    *ret_state = TAKE_PTR(state);
    return 0;
}

/* CLOCK_BOOTTIME, in which start times are counted; in a copy of /proc, its own time. */
static uint64_t boot_time_ns(const struct process_state *state)
{
    char text[UPTIME_SIZE];
    size_t length = 0;
    uint64_t boot_ns = 0;
    if (!state->env->live_procfs &&
        source_read(state->env->procfs_fd, "uptime", text, sizeof(text), &length) == 0 &&
        parse_proc_uptime(text, length, &boot_ns) == 0)
        return boot_ns;
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- Listing ---- */

/* 0: it cannot be told. */
static int32_t read_last_pid(const struct process_state *state)
{
    char text[LOADAVG_SIZE];
    size_t length = 0;
    int32_t last_pid = 0;
    if (state->loadavg_fd < 0 ||
        source_read_fd(state->loadavg_fd, text, sizeof(text), &length) < 0 ||
        parse_proc_last_pid(text, length, &last_pid) < 0)
        return 0;
    return last_pid;
}

static void see_entries(struct process_state *state, size_t length)
{
    for (size_t at = 0; at < length;) {
        const struct dirent64 *entry = (const struct dirent64 *)(state->buffer + at);
        int32_t pid = 0;
        if (parse_proc_pid(entry->d_name, strlen(entry->d_name), &pid) == 0)
            process_sweep_see(&state->sweep, pid, entry->d_ino);
        at += entry->d_reclen;
    }
}

/* getdents64 without readdir(3): its buffer would be a tenth of the size. */
static int list_processes(struct process_state *state)
{
    if (state->list_fd < 0)
        state->list_fd = source_open(state->env->procfs_fd, ".");
    if (state->list_fd < 0)
        return state->list_fd;
    if (lseek(state->list_fd, 0, SEEK_SET) < 0)
        return -errno;
    state->sweep.unseen = 0;
    for (;;) {
        ssize_t length = getdents64(state->list_fd, state->buffer, LIST_SIZE);
        if (length < 0)
            return -errno;
        if (length == 0)
            break;
        see_entries(state, (size_t)length);
    }
    state->listed_ns = state->sweep.boot_ns;
    process_sweep_listed(&state->sweep);
    return 0;
}

/* hidepid=2 hides the directories of others: that of PID 1 is there for whoever sees all. */
static bool are_processes_invisible(const struct process_state *state)
{
    struct stat init;
    return state->env->live_procfs && fstatat(state->env->procfs_fd, "1", &init, 0) < 0;
}

/* Asks each PID in question whether it is a process. A thread has no clock of a process. */
static void probe_processes(struct process_state *state, int32_t after, int32_t last)
{
    for (int32_t pid = after + 1; pid <= last; pid++) {
        if (state->sweep.kernel->exists(&state->proc, pid) == 0)
            process_sweep_see(&state->sweep, pid, 0);
    }
}

/* Whether the PIDs above `after` up to `last` are all that were given out, and few. */
static bool can_probe(const struct process_state *state, int32_t after, int32_t last)
{
    uint64_t elapsed_ns = state->sweep.boot_ns - state->swept_ns;
    return state->clocks && after > 0 && after <= state->last_pid && state->last_pid <= last &&
           elapsed_ns < PIDS_IN_ORDER_NS &&
           last - after <= (int32_t)(state->sweep.table.alive / 2) &&
           !are_processes_invisible(state);
}

/* Makes new processes known. */
static int find_processes(struct process_state *state)
{
    int32_t last = read_last_pid(state);
    int32_t after = state->last_pid_before;
    bool listed = state->list_error == 0 && state->listed_ns != 0 &&
                  state->sweep.boot_ns - state->listed_ns < LIST_EVERY_NS;
    bool moved = last != state->last_pid || last != after;
    int r = 0;
    if (!listed || last == 0 || (moved && !can_probe(state, after, last)))
        r = list_processes(state);
    else if (moved)
        probe_processes(state, after, last);
    state->last_pid_before = state->last_pid;
    state->last_pid = last;
    state->swept_ns = state->sweep.boot_ns;
    return r;
}

/* ---- The collector ---- */

static int process_collect(void *data, struct sample *sample)
{
    struct process_state *state = data;
    struct process_sweep *sweep = &state->sweep;
    process_sweep_begin(sweep, boot_time_ns(state));
    state->list_error = find_processes(state);
    process_sweep_ask(sweep);
    state->busy_error = busy_reader_read(&state->busy, &sample->busy);
    int r = process_sweep_tell(sweep);
    sample->activities = sweep->activities;
    sample->n_activities = sweep->n_activities;
    sample->n_processes = sweep->table.alive;
    if (r < 0 || state->list_error < 0)
        return r < 0 ? r : state->list_error;
    return sweep->table.alive ? 0 : COLLECT_NO_DATA;
}

static const char mend_hidden[] =
    N_("mount /proc with gid= of greend's group, or give greend.service AmbientCapabilities="
       "CAP_SYS_PTRACE");

static struct collector_status describe_processes(const struct process_state *state)
{
    struct collector_status status = {.health = HEALTH_WORKING};
    if (state->list_error < 0) {
        status.health = HEALTH_FAILED;
        status.error = state->list_error;
        status.why = N_("/proc cannot be listed: processes that started since are not seen");
        status.mend = N_("mount procfs there, readable for greend, or correct --procfs");
    } else if (are_processes_invisible(state)) {
        status.health = HEALTH_DEGRADED;
        status.why =
            N_("processes of other users are invisible (hidepid): what they use is shown as "
               "unattributed");
        status.mend = mend_hidden;
    } else if (state->sweep.table.hidden > 0) {
        status.health = HEALTH_DEGRADED;
        status.error = -EACCES;
        status.why = N_("the stat of some processes cannot be read (hidepid): their names and what "
                        "their children used are not known");
        status.mend = mend_hidden;
    } else if (state->sweep.unseen > 0) {
        status.health = HEALTH_DEGRADED;
        status.error = -ENOSPC;
        status.why =
            N_("there are more processes than greend follows: what the others use is shown "
               "as unattributed");
    } else if (state->sweep.table.alive == 0) {
        status.health = HEALTH_ABSENT;
        status.why = N_("/proc holds no processes");
    }
    return status;
}

static struct collector_status describe_exits(const struct process_state *state)
{
    if (state->proc.exits)
        return exits_status(state->proc.exits);
    struct collector_status status = {.item = "exits", .health = HEALTH_OFF};
    if (state->env->exits) {
        status.health = HEALTH_ABSENT;
        status.why = N_("the kernel tells of exits on the host's own /proc alone");
    } else {
        status.why = N_("switched off by [sampling] exits=off");
    }
    return status;
}

static struct collector_status describe_groups(const struct process_state *state)
{
    struct collector_status status = {.item = "cgroup-usage", .health = HEALTH_WORKING};
    if (!state->sweep.groups) {
        status.health = HEALTH_ABSENT;
        status.why =
            N_("no cgroups whose CPU time is counted: what processes used that ended between "
               "two sweeps, and that nobody waited for, is shown as unattributed");
    } else if (state->proc.usage.hierarchy == CGROUP_HIERARCHY_V2) {
        status.why = N_("cgroup v2, cpu.stat");
    } else {
        status.why = N_("cgroup v1, cpuacct.usage");
    }
    return status;
}

static void process_status(void *data,
                           void (*emit)(void *userdata, const struct collector_status *status),
                           void *userdata)
{
    const struct process_state *state = data;
    struct collector_status status = describe_processes(state);
    emit(userdata, &status);
    struct collector_status clocks = {.item = "cpu-clock", .health = HEALTH_WORKING};
    if (!state->clocks) {
        clocks.health = HEALTH_DEGRADED;
        clocks.why =
            N_("CPU times come from stat, in ticks of 10 ms, at a higher cost: the CPU clocks "
               "of these processes cannot be read");
        clocks.mend = N_("run greend outside of containers, on the host's own /proc");
    }
    emit(userdata, &clocks);
    struct collector_status exits = describe_exits(state);
    emit(userdata, &exits);
    struct collector_status groups = describe_groups(state);
    emit(userdata, &groups);
    struct collector_status busy = {.item = "busy", .health = HEALTH_WORKING};
    if (state->busy_error < 0) {
        busy.health = HEALTH_FAILED;
        busy.error = state->busy_error;
        busy.why = N_("/proc/stat cannot be read: what no process is known for cannot be told");
        busy.mend = N_("remove ProcSubset=pid from the unit, or correct --procfs");
    }
    emit(userdata, &busy);
}

const struct collector collector_process = {
    .name = "process",
    .open = process_open,
    .collect = process_collect,
    .status = process_status,
    .close = process_close,
};
