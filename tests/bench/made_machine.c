/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "made_machine.h"

#include <stdio.h>

#include "collectors/cgroup.h"
#include "collectors/process/process_groups.h"
#include "greend/units.h"

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

void made_machine_work(struct made_machine *machine, uint64_t ns)
{
    for (int32_t pid = MADE_ACTIVE; pid <= machine->processes; pid += MADE_ACTIVE)
        machine->used_ns[pid] += ns;
}

void made_machine_sweep(struct made_machine *machine)
{
    machine->boot_ns += NS_PER_S;
    process_sweep_begin(&machine->sweep, machine->boot_ns);
    for (int32_t pid = 1; pid <= machine->processes; pid++)
        process_sweep_see(&machine->sweep, pid, (uint64_t)pid);
    process_sweep_listed(&machine->sweep);
    process_sweep_ask(&machine->sweep);
    (void)process_sweep_tell(&machine->sweep);
}

struct made_machine *made_machine_new(int processes, bool groups)
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
        return NULL;
    machine->processes = processes;
    machine->groups = groups;
    machine->boot_ns = 3600 * NS_PER_S;
    process_sweep_init(&machine->sweep, &kernel, machine, &env, 10 * NS_PER_MS);
    if (groups)
        machine->sweep.groups = process_groups_new();
    made_machine_sweep(machine);
    return machine;
}

void made_machine_free(struct made_machine *machine)
{
    process_sweep_done(&machine->sweep);
    free(machine);
}
