/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "groups_machine.h"

/* ---- The machine ---- */

struct counter *find_counter(struct machine *machine, const char *path)
{
    for (int i = 0; i < machine->n_counters; i++) {
        if (str_equal(machine->counters[i].path, path))
            return &machine->counters[i];
    }
    assert_true(machine->n_counters < GROUPS);
    struct counter *counter = &machine->counters[machine->n_counters++];
    (void)str_copy(counter->path, sizeof(counter->path), path);
    return counter;
}

void make_group(struct machine *machine, const char *path)
{
    struct counter *counter = find_counter(machine, path);
    counter->number = ++counter->made;
    counter->usage_ns = 0;
}

void remove_group(struct machine *machine, const char *path)
{
    find_counter(machine, path)->number = 0;
}

void use(struct machine *machine, const char *path, uint64_t ns)
{
    char part[GROUP_PATH_MAX];
    (void)str_copy(part, sizeof(part), path);
    machine->whole_ns += ns;
    while (part[1] != '\0' && strchr(part, '/')) {
        find_counter(machine, part)->usage_ns += ns;
        *strrchr(part, '/') = '\0';
    }
}

struct one *start(struct machine *machine, int32_t pid, int32_t ppid, const char *path)
{
    struct one *one = &machine->ones[pid];
    *one = (struct one){
        .there = true, .ppid = ppid, .threads = 1, .path = path, .start_ns = machine->now_ns};
    return one;
}

void run(struct machine *machine, int32_t pid, uint64_t ns)
{
    machine->ones[pid].cpu_ns += ns;
    use(machine, machine->ones[pid].path, ns);
}

uint64_t told_ns(const struct machine *machine)
{
    uint64_t sum_ns = 0;
    for (uint32_t i = 0; i < machine->sweep.n_activities; i++)
        sum_ns += machine->sweep.activities[i].cpu_ns + machine->sweep.activities[i].child_ns;
    return sum_ns;
}

void reap(struct machine *machine, int32_t pid)
{
    struct one *one = &machine->ones[pid];
    struct one *parent = &machine->ones[one->ppid];
    one->there = false;
    parent->child_ns += one->cpu_ns + one->child_ns;
    parent->child_faults++;
    run(machine, one->ppid, NS_PER_US);
    machine->victim = 0;
}

/* ---- What the sweep is answered ---- */

static int ask_cpu(void *userdata, int32_t pid, uint64_t *ret_ns)
{
    const struct machine *machine = userdata;
    *ret_ns = machine->ones[pid].cpu_ns;
    return machine->ones[pid].there ? 0 : -ESRCH;
}

static int ask_exists(void *userdata, int32_t pid)
{
    struct machine *machine = userdata;
    if (pid == machine->victim && machine->when_exists)
        reap(machine, pid);
    return machine->ones[pid].there ? 0 : -ESRCH;
}

static int ask_stat(void *userdata, int32_t pid, struct proc_stat *ret_stat)
{
    struct machine *machine = userdata;
    const struct one *one = &machine->ones[pid];
    if (pid == machine->victim && machine->when_stat)
        reap(machine, pid);
    *ret_stat = (struct proc_stat){
        .comm = "one",
        .ppid = one->ppid,
        .flags = (one->zombie ? PROC_EXITING : 0) | (one->kernel ? PROC_KTHREAD : 0),
        .child_faults = one->child_faults,
        .child_user_ticks = one->child_ns / TICK_NS,
        .threads = one->threads,
        .start_ticks = one->start_ns / TICK_NS,
    };
    return one->there ? 0 : -ESRCH;
}

static int ask_cgroup(void *userdata, int32_t pid, struct cgroup_identity *ret_cgroup,
                      char path[GROUP_PATH_MAX])
{
    const struct machine *machine = userdata;
    const struct one *one = &machine->ones[pid];
    cgroup_parse_path(one->named ? one->named : one->path, ret_cgroup);
    (void)str_copy(path, GROUP_PATH_MAX, one->path);
    return one->there ? 0 : -ESRCH;
}

static int ask_uid(void *userdata, int32_t pid, uint32_t *ret_uid)
{
    const struct machine *machine = userdata;
    *ret_uid = machine->ones[pid].uid;
    return machine->ones[pid].there ? 0 : -ESRCH;
}

static int group_open(void *userdata, const char *path)
{
    struct machine *machine = userdata;
    if (path[0] == '\0' && !machine->whole)
        return -ENOENT;
    const struct counter *counter = find_counter(machine, path);
    if (path[0] != '\0' && counter->number == 0)
        return -ENOENT;
    machine->opened++;
    return (int)(counter - machine->counters) + (int)counter->number * GROUPS;
}

static int group_usage(void *userdata, int group, uint64_t *ret_ns)
{
    struct machine *machine = userdata;
    const struct counter *counter = &machine->counters[group % GROUPS];
    if (counter->path[0] == '\0')
        *ret_ns = machine->whole_ns;
    else if (counter->number == 0 || counter->number != (uint32_t)(group / GROUPS))
        return -ENODEV;
    else
        *ret_ns = counter->usage_ns;
    return 0;
}

static void group_close(void *userdata, int group)
{
    (void)group;
    ((struct machine *)userdata)->opened--;
}

static bool take_records(void *userdata, struct process_sweep *sweep)
{
    struct machine *machine = userdata;
    for (int i = 0; i < machine->n_records; i++)
        process_sweep_exit(sweep, &machine->records[i]);
    machine->n_records = 0;
    return false;
}

static const struct process_kernel kernel = {
    .cpu = ask_cpu,
    .exists = ask_exists,
    .stat = ask_stat,
    .cgroup = ask_cgroup,
    .uid = ask_uid,
    .exits = take_records,
    .group_open = group_open,
    .group_usage = group_usage,
    .group_close = group_close,
};

static uint32_t identify(void *userdata, const struct process_identity *identity)
{
    struct machine *machine = userdata;
    assert_true(machine->n_names < NAMES_MAX);
    machine->names[machine->n_names] = *identity;
    machine->held++;
    return machine->n_names++;
}

static void release(void *userdata, uint32_t workload)
{
    struct machine *machine = userdata;
    assert_true(workload < machine->n_names);
    assert_true(machine->held-- > 0);
}

/* ---- Sweeping ---- */

void sweep_once(struct machine *machine)
{
    struct process_sweep *sweep = &machine->sweep;
    machine->now_ns += NS_PER_S;
    process_sweep_begin(sweep, machine->now_ns);
    for (int32_t pid = 1; pid < PIDS; pid++) {
        if (machine->ones[pid].there)
            process_sweep_see(sweep, pid, (uint64_t)pid + machine->ones[pid].start_ns / TICK_NS);
    }
    process_sweep_listed(sweep);
    process_sweep_ask(sweep);
    assert_int_equal(process_sweep_tell(sweep), 0);
}

uint64_t ended_ns(const struct machine *machine, const char *unit)
{
    uint64_t sum_ns = 0;
    for (uint32_t i = 0; i < machine->sweep.n_activities; i++) {
        const struct activity *activity = &machine->sweep.activities[i];
        const struct process_identity *name = &machine->names[activity->workload];
        if (activity->pid != 0 || !str_equal(name->cgroup.unit, unit))
            continue;
        assert_string_equal(name->comm, "ended processes");
        assert_false(name->kernel_thread);
        assert_int_equal(activity->cpu_ns, 0);
        assert_int_equal(activity->package, -1);
        sum_ns += activity->child_ns;
    }
    return sum_ns;
}

uint64_t all_ended_ns(const struct machine *machine)
{
    uint64_t sum_ns = 0;
    for (uint32_t i = 0; i < machine->sweep.n_activities; i++)
        sum_ns += machine->sweep.activities[i].pid ? 0 : machine->sweep.activities[i].child_ns;
    return sum_ns;
}

const struct process_identity *name_of_ended(const struct machine *machine)
{
    for (uint32_t i = 0; i < machine->sweep.n_activities; i++) {
        if (machine->sweep.activities[i].pid == 0)
            return &machine->names[machine->sweep.activities[i].workload];
    }
    return NULL;
}

struct machine *machine_new(void)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    machine->env =
        (struct collector_env){.identify = identify, .release = release, .userdata = machine};
    machine->now_ns = 1000 * NS_PER_S;
    process_sweep_init(&machine->sweep, &kernel, machine, &machine->env, TICK_NS);
    machine->sweep.groups = process_groups_new();
    assert_non_null(machine->sweep.groups);
    return machine;
}

int setup(void **state)
{
    struct machine *machine = machine_new();
    static const char *const paths[] = {"/init.scope", "/a.slice", web, mail};
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
        make_group(machine, paths[i]);
    (void)start(machine, 1, 0, "/init.scope");
    (void)start(machine, 10, 1, web);
    (void)start(machine, 20, 1, mail);
    use(machine, web, 5 * NS_PER_S); /* before anybody looked */
    sweep_once(machine);
    sweep_once(machine);
    assert_int_equal(machine->sweep.n_activities, 0);
    *state = machine;
    return 0;
}

int teardown(void **state)
{
    struct machine *machine = *state;
    process_sweep_done(&machine->sweep);
    assert_int_equal(machine->held, 0);
    assert_int_equal(machine->opened, 0);
    free(machine);
    return 0;
}

void record(struct machine *machine, int32_t pid, int32_t parent, uint64_t used_ns)
{
    machine->records[machine->n_records++] = (struct exit_record){.thread = pid,
                                                                  .process = pid,
                                                                  .parent = parent,
                                                                  .last = true,
                                                                  .forked = true,
                                                                  .used_ns = used_ns,
                                                                  .elapsed_ns = 30 * MS,
                                                                  .comm = "one"};
}
