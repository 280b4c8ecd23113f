/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Machines of any number of processes and control groups, made up: the sweep's own work without the
 * kernel's, and the reading of what units reserve from a tree of files in memory. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "collectors/cgroup.h"
#include "collectors/process/process_groups.h"
#include "collectors/process/process_sweep.h"
#include "scale.h"
#include "scratch.h"

enum { MADE_PROCESSES = 1 << 15, ACTIVE = 10 /* one in so many */ };

/* ---- The kernel ---- */

struct made_machine {
    struct process_sweep sweep;
    int processes;
    bool groups; /* one for each process */
    uint64_t boot_ns;
    uint64_t used_ns[MADE_PROCESSES + 1];
};

static int made_cpu(void *userdata, int32_t pid, uint64_t *ret_cpu_ns)
{
    const struct made_machine *machine = userdata;
    *ret_cpu_ns = machine->used_ns[pid];
    return 0;
}

static int made_exists(void *userdata, int32_t pid)
{
    (void)userdata;
    (void)pid;
    return 0;
}

static int made_stat(void *userdata, int32_t pid, struct proc_stat *ret_stat)
{
    const struct made_machine *machine = userdata;
    *ret_stat = (struct proc_stat){.comm = "worker",
                                   .ppid = pid > 1,
                                   .user_ticks = machine->used_ns[pid] / (10 * NS_PER_MS),
                                   .threads = 1,
                                   .start_ticks = (uint64_t)pid,
                                   .last_cpu = pid % 16};
    return 0;
}

static int made_cgroup(void *userdata, int32_t pid, struct cgroup_identity *ret_cgroup,
                       char path[GROUP_PATH_MAX])
{
    const struct made_machine *machine = userdata;
    char made[64];
    (void)snprintf(made, sizeof(made), "/system.slice/worker%dx.service",
                   machine->groups ? pid : 0);
    cgroup_parse_path(made, ret_cgroup);
    (void)str_copy(path, GROUP_PATH_MAX, machine->groups ? made : "");
    return 0;
}

static int made_uid(void *userdata, int32_t pid, uint32_t *ret_uid)
{
    (void)userdata;
    (void)pid;
    *ret_uid = 0;
    return 0;
}

static int made_group_open(void *userdata, const char *path)
{
    (void)userdata;
    return path[0] == '\0' ? -ENOENT : 1;
}

static int made_group_usage(void *userdata, int group, uint64_t *ret_ns)
{
    const struct made_machine *machine = userdata;
    (void)group;
    *ret_ns = machine->boot_ns;
    return 0;
}

static void made_group_close(void *userdata, int group)
{
    (void)userdata;
    (void)group;
}

static uint32_t made_workload(void *userdata, const struct process_identity *identity)
{
    (void)userdata;
    return (uint32_t)identity->pid;
}

static void release_workload(void *userdata, uint32_t workload)
{
    (void)userdata;
    (void)workload;
}

/* ---- The sweep ---- */

static void sweep_once(void *made)
{
    struct made_machine *machine = made;
    machine->boot_ns += NS_PER_S;
    for (int32_t pid = ACTIVE; pid <= machine->processes; pid += ACTIVE)
        machine->used_ns[pid] += 3 * NS_PER_MS;
    process_sweep_begin(&machine->sweep, machine->boot_ns);
    for (int32_t pid = 1; pid <= machine->processes; pid++)
        process_sweep_see(&machine->sweep, pid, (uint64_t)pid);
    process_sweep_listed(&machine->sweep);
    process_sweep_ask(&machine->sweep);
    (void)process_sweep_tell(&machine->sweep);
}

static void *make_machine(int processes, bool groups)
{
    static const struct process_kernel kernel = {.cpu = made_cpu,
                                                 .exists = made_exists,
                                                 .stat = made_stat,
                                                 .cgroup = made_cgroup,
                                                 .uid = made_uid,
                                                 .group_open = made_group_open,
                                                 .group_usage = made_group_usage,
                                                 .group_close = made_group_close};
    static const struct collector_env env = {.identify = made_workload,
                                             .release = release_workload};
    struct made_machine *machine = calloc(1, sizeof(*machine));
    if (!machine)
        scale_die("no memory");
    machine->processes = processes;
    machine->groups = groups;
    machine->boot_ns = 3600 * NS_PER_S;
    process_sweep_init(&machine->sweep, &kernel, machine, &env, 10 * NS_PER_MS);
    if (groups)
        machine->sweep.groups = process_groups_new();
    sweep_once(machine); /* all are new */
    return machine;
}

static void machine_done(void *made)
{
    struct made_machine *machine = made;
    process_sweep_done(&machine->sweep);
    free(machine);
}

static void *make_processes(int processes)
{
    return make_machine(processes, false);
}

const struct curve scale_sweep = {
    .name = "sweep",
    .what = "a sweep, a tenth of the processes active, without the kernel's part",
    .of = "processes",
    .sizes = {1024, 2048, 4096, 8192, 16384, 32768},
    .runs = 15,
    .times = 1,
    .make = make_processes,
    .run = sweep_once,
    .done = machine_done,
};

/* ---- Groups ---- */

static void start_anew(void *made)
{
    const struct made_machine *machine = made;
    machine_done(make_machine(machine->processes, true));
}

static void *make_groups(int groups)
{
    return make_machine(groups, true);
}

/* The first sweep, for then each group must be found; in the others 512 are read. */
const struct curve scale_groups = {
    .name = "groups",
    .what = "a first sweep, a process in each control group, without the kernel's part",
    .of = "control groups",
    .sizes = {156, 312, 625, 1250, 2500, 5000},
    .runs = 15,
    .times = 1,
    .make = make_groups,
    .run = start_anew,
    .done = machine_done,
};

/* ---- What units reserve ---- */

extern const struct collector collector_reserved;

struct made_tree {
    struct scratch scratch;
    int procfs_fd;
    void *collector;
    struct sample *sample;
};

static void put(const struct made_tree *tree, const char *group, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "fs/cgroup%s/%s", group, name);
    int fd = openat(tree->scratch.fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        scale_die(path);
    (void)close(fd);
}

static void make_group(const struct made_tree *tree, const char *group)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "fs/cgroup%s", group);
    if (mkdirat(tree->scratch.fd, path, 0755) < 0)
        scale_die(path);
    put(tree, group, "cgroup.controllers", "cpu memory\n");
    put(tree, group, "cgroup.procs", *group == '\0' ? "" : "1\n");
    put(tree, group, "memory.current", "4194304\n");
    put(tree, group, "cpu.weight", "100\n");
}

static void *make_tree(int groups)
{
    struct made_tree *tree = calloc(1, sizeof(*tree));
    if (!tree || setenv("TMPDIR", "/dev/shm", 0) < 0)
        scale_die("no memory");
    tree->scratch = scratch_new();
    tree->sample = calloc(1, sizeof(*tree->sample));
    tree->procfs_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!tree->sample || mkdirat(tree->scratch.fd, "fs", 0755) < 0)
        scale_die("no folder");
    make_group(tree, "");
    make_group(tree, "/system.slice");
    for (int i = 0; i < groups; i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "/system.slice/worker%dx.service", i);
        make_group(tree, path);
    }
    const struct collector_env env = {.sysfs_fd = tree->scratch.fd, .procfs_fd = tree->procfs_fd};
    if (collector_reserved.open(&env, &tree->collector) < 0)
        scale_die("reserved");
    return tree;
}

static void walk_tree(void *made)
{
    const struct made_tree *tree = made;
    if (collector_reserved.collect(tree->collector, tree->sample) < 0)
        scale_die("reserved");
}

static void tree_done(void *made)
{
    struct made_tree *tree = made;
    collector_reserved.close(tree->collector);
    (void)close(tree->procfs_fd);
    scratch_done(&tree->scratch);
    free(tree->sample);
    free(tree);
}

const struct curve scale_reserved = {
    .name = "reserved",
    .what = "what units reserve, once a minute, from files in memory",
    .of = "control groups",
    .sizes = {156, 312, 625, 1250, 2500, 5000},
    .runs = 5,
    .times = 1,
    .make = make_tree,
    .run = walk_tree,
    .done = tree_done,
};
