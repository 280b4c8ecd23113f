/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/process/process_kernel.h"

#include <fcntl.h>
#include <sched.h>
#include <time.h>

#include "collectors/cgroup.h"
#include "collectors/process/process_path.h"
#include "collectors/source.h"
#include "greend/units.h"

enum {
    STAT_SIZE = 2048,  /* 52 numbers of 20 digits and a name of 64 */
    STATUS_SIZE = 2048 /* Uid: stands in the first few hundred bytes */
};

/* The kernel's own encoding (posix-timers_types.h): CPUCLOCK_SCHED of the whole process. Unlike
 * clock_getcpuclockid(3), which asks the kernel first, this costs nothing. */
static clockid_t cpu_clock(int32_t pid)
{
    enum { CPUCLOCK_SCHED = 2 };
    return (clockid_t)(~(uint32_t)pid << 3 | CPUCLOCK_SCHED);
}

static int clock_cpu(void *userdata, int32_t pid, uint64_t *ret_cpu_ns)
{
    (void)userdata;
    struct timespec time;
    if (clock_gettime(cpu_clock(pid), &time) < 0)
        return errno == EINVAL ? -ESRCH : -errno;
    *ret_cpu_ns = (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
    return 0;
}

/* The resolution of a clock exists as long as the process does, and nobody walks its threads for
 * it. kill(pid, 0) would leave a trace in the audit log where SELinux forbids it. */
static int clock_exists(void *userdata, int32_t pid)
{
    (void)userdata;
    struct timespec resolution;
    if (clock_getres(cpu_clock(pid), &resolution) < 0)
        return errno == EINVAL ? -ESRCH : -errno;
    return 0;
}

bool process_kernel_has_clocks(void)
{
    uint64_t cpu_ns = 0;
    return clock_cpu(NULL, getpid(), &cpu_ns) == 0 && clock_exists(NULL, getpid()) == 0;
}

static int read_file(const struct process_proc *proc, int32_t pid, const char *name, char *buffer,
                     size_t size, size_t *ret_length)
{
    char path[PROCESS_PATH_SIZE];
    process_path(path, pid, name);
    int r = source_read_begin(proc->procfs_fd, path, buffer, size, ret_length);
    return r == -ENOENT ? -ESRCH : r;
}

static int stat_stat(void *userdata, int32_t pid, struct proc_stat *ret_stat)
{
    char buffer[STAT_SIZE];
    size_t length = 0;
    int r = read_file(userdata, pid, "stat", buffer, sizeof(buffer), &length);
    return r < 0 ? r : parse_proc_pid_stat(buffer, length, ret_stat);
}

static int stat_exists(void *userdata, int32_t pid)
{
    const struct process_proc *proc = userdata;
    char path[PROCESS_PATH_SIZE];
    process_path(path, pid, "stat");
    if (faccessat(proc->procfs_fd, path, F_OK, 0) < 0)
        return errno == ENOENT ? -ESRCH : -errno;
    return 0;
}

/* With hidepid=2 the files of a living process are as absent as a dead one's. */
static int clock_stat(void *userdata, int32_t pid, struct proc_stat *ret_stat)
{
    const struct process_proc *proc = userdata;
    char buffer[STAT_SIZE];
    size_t length = 0;
    int r = stat_files_read(proc->stats, proc->procfs_fd, pid, buffer, sizeof(buffer), &length);
    if (r == 0)
        r = parse_proc_pid_stat(buffer, length, ret_stat);
    return r == -ESRCH && clock_exists(userdata, pid) == 0 ? -EACCES : r;
}

static int read_cgroup(void *userdata, int32_t pid, struct cgroup_identity *ret_cgroup,
                       char path[GROUP_PATH_MAX])
{
    const struct process_proc *proc = userdata;
    int r = cgroup_read_both(proc->procfs_fd, pid, proc->usage.hierarchy, ret_cgroup, path,
                             GROUP_PATH_MAX);
    return r == -ENOENT && stat_exists(userdata, pid) == -ESRCH ? -ESRCH : r;
}

/* From status, since the owner of the directory is root where a process is not dumpable. */
static int read_uid(void *userdata, int32_t pid, uint32_t *ret_uid)
{
    char buffer[STATUS_SIZE];
    size_t length = 0;
    int r = read_file(userdata, pid, "status", buffer, sizeof(buffer), &length);
    if (r == -ESRCH && stat_exists(userdata, pid) == 0)
        return -ENOENT; /* a copy of /proc without it */
    return r < 0 ? r : parse_proc_uid(buffer, length, ret_uid);
}

/* ---- Packages ---- */

/* Beyond it, asking each would cost more than it tells. */
enum { BOUND_THREADS_MAX = 256 };

struct bound {
    const struct cpu_packages *topology;
    uint32_t threads;
    uint16_t mask;
};

/* The kernel answers with what is left of the thread's affinity within its cpuset, online: a cpuset
 * needs no question of its own. */
static int add_thread(struct bound *bound, int32_t tid)
{
    uint64_t words[CPUS_MAX / 64];
    cpu_set_t *set = (cpu_set_t *)words;
    if (sched_getaffinity(tid, sizeof(words), set) < 0)
        return errno == ESRCH ? 0 : -errno;
    bound->mask |= cpu_packages_mask(bound->topology, set, sizeof(words));
    return 0;
}

static bool may_run_anywhere(const struct bound *bound)
{
    return cpu_packages_limit(bound->topology, bound->mask) == 0;
}

static int take_thread(void *userdata, const char *name)
{
    struct bound *bound = userdata;
    int32_t tid = 0;
    if (parse_proc_pid(name, strlen(name), &tid) < 0)
        return 0;
    if (++bound->threads > BOUND_THREADS_MAX)
        return -E2BIG;
    int r = add_thread(bound, tid);
    return r == 0 && may_run_anywhere(bound) ? 1 : r;
}

/* Threads can be bound one by one, as those of a virtual machine are: what holds for the first says
 * nothing of the others, unless it may run anywhere, which is nearly always so. */
static uint16_t affinity_packages(void *userdata, int32_t pid, uint32_t threads,
                                  const struct cpu_packages *topology)
{
    const struct process_proc *proc = userdata;
    struct bound bound = {.topology = topology};
    if (add_thread(&bound, pid) < 0 || may_run_anywhere(&bound) || threads > BOUND_THREADS_MAX)
        return 0;
    char path[PROCESS_PATH_SIZE];
    process_path(path, pid, "task");
    if (threads > 1 && source_list(proc->procfs_fd, path, take_thread, &bound) != 0)
        return 0;
    return cpu_packages_limit(topology, bound.mask);
}

/* ---- Groups ---- */

static int open_group(void *userdata, const char *path)
{
    const struct process_proc *proc = userdata;
    return cgroup_usage_open(&proc->usage, path);
}

static int read_group(void *userdata, int group, uint64_t *ret_ns)
{
    (void)userdata;
    return cgroup_usage_read(group, ret_ns);
}

static void close_group(void *userdata, int group)
{
    (void)userdata;
    (void)close(group);
}

/* ---- The kernels ---- */

static void take_exit(void *userdata, const struct exit_record *record)
{
    process_sweep_exit(userdata, record);
}

static bool drain_exits(void *userdata, struct process_sweep *sweep)
{
    const struct process_proc *proc = userdata;
    return proc->exits && exits_drain(proc->exits, take_exit, sweep) > 0;
}

const struct process_kernel process_kernel_clock = {
    .cpu = clock_cpu,
    .exists = clock_exists,
    .stat = clock_stat,
    .cgroup = read_cgroup,
    .uid = read_uid,
    .packages = affinity_packages,
    .exits = drain_exits,
    .group_open = open_group,
    .group_usage = read_group,
    .group_close = close_group,
};

const struct process_kernel process_kernel_stat = {
    .exists = stat_exists,
    .stat = stat_stat,
    .cgroup = read_cgroup,
    .uid = read_uid,
};
