/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Machines of any number of processes and control groups, made up: the sweep's own work without the
 * kernel's, and the reading of what units reserve from a tree of files in memory. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "greend/collector.h"
#include "made_machine.h"
#include "scale.h"
#include "scratch.h"

/* ---- The sweep ---- */

static void sweep_once(void *made)
{
    made_machine_work(made, 3 * NS_PER_MS);
    made_machine_sweep(made);
}

static void *make_machine(int processes, bool groups)
{
    struct made_machine *machine = made_machine_new(processes, groups);
    if (!machine)
        scale_die("no memory");
    return machine;
}

static void machine_done(void *made)
{
    made_machine_free(made);
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
