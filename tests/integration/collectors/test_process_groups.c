/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What is told of cgroups beyond their processes, case by case, on a machine of a few processes
 * that does just what is written here. What it does at random is in test_process_sweep.c. */
#include "unit/unit.h"

#include "collectors/cgroup.h"
#include "collectors/process/process_groups.h"
#include "greend/units.h"

enum { PIDS = 64, GROUPS = 1024, NAMES_MAX = 4096 };

#define TICK_NS (10 * NS_PER_MS)
#define MS      NS_PER_MS

struct one {
    bool there, zombie, kernel;
    int32_t ppid;
    uint32_t uid, threads;
    uint64_t cpu_ns, child_ns, child_faults, start_ns;
    const char *path;
    const char *named; /* the path in another hierarchy, which names it; NULL: the same */
};

struct counter {
    char path[GROUP_PATH_MAX];
    uint64_t usage_ns;
    uint32_t number; /* how often it was made, 0: it is not there */
    uint32_t made;
};

struct machine {
    struct one ones[PIDS];
    struct counter counters[GROUPS];
    int n_counters;
    bool whole; /* the root has a counter */
    uint64_t whole_ns;
    uint64_t now_ns;
    int opened;
    int32_t victim; /* is waited for when it is asked for its stat, or whether it exists */
    bool when_stat, when_exists;
    struct exit_record records[4];
    int n_records;
    struct process_identity names[NAMES_MAX];
    uint32_t n_names, held;
    struct collector_env env;
    struct process_sweep sweep;
};

/* ---- The machine ---- */

static struct counter *find_counter(struct machine *machine, const char *path)
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

static void make_group(struct machine *machine, const char *path)
{
    struct counter *counter = find_counter(machine, path);
    counter->number = ++counter->made;
    counter->usage_ns = 0;
}

static void remove_group(struct machine *machine, const char *path)
{
    find_counter(machine, path)->number = 0;
}

/* In that group and all above it. */
static void use(struct machine *machine, const char *path, uint64_t ns)
{
    char part[GROUP_PATH_MAX];
    (void)str_copy(part, sizeof(part), path);
    machine->whole_ns += ns;
    while (part[1] != '\0' && strchr(part, '/')) {
        find_counter(machine, part)->usage_ns += ns;
        *strrchr(part, '/') = '\0';
    }
}

static struct one *start(struct machine *machine, int32_t pid, int32_t ppid, const char *path)
{
    struct one *one = &machine->ones[pid];
    *one = (struct one){
        .there = true, .ppid = ppid, .threads = 1, .path = path, .start_ns = machine->now_ns};
    return one;
}

static void run(struct machine *machine, int32_t pid, uint64_t ns)
{
    machine->ones[pid].cpu_ns += ns;
    use(machine, machine->ones[pid].path, ns);
}

static uint64_t told_ns(const struct machine *machine)
{
    uint64_t sum_ns = 0;
    for (uint32_t i = 0; i < machine->sweep.n_activities; i++)
        sum_ns += machine->sweep.activities[i].cpu_ns + machine->sweep.activities[i].child_ns;
    return sum_ns;
}

/* Its parent inherits it. */
static void reap(struct machine *machine, int32_t pid)
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

static void sweep_once(struct machine *machine)
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

/* What was told in this sweep as ended of a unit. */
static uint64_t ended_ns(const struct machine *machine, const char *unit)
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

static uint64_t all_ended_ns(const struct machine *machine)
{
    uint64_t sum_ns = 0;
    for (uint32_t i = 0; i < machine->sweep.n_activities; i++)
        sum_ns += machine->sweep.activities[i].pid ? 0 : machine->sweep.activities[i].child_ns;
    return sum_ns;
}

static const struct process_identity *name_of_ended(const struct machine *machine)
{
    for (uint32_t i = 0; i < machine->sweep.n_activities; i++) {
        if (machine->sweep.activities[i].pid == 0)
            return &machine->names[machine->sweep.activities[i].workload];
    }
    return NULL;
}

static const char web[] = "/a.slice/web.service", mail[] = "/a.slice/mail.service";

/* PID 1 in its scope, a server in each of two services. */
static int setup(void **state)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    machine->env =
        (struct collector_env){.identify = identify, .release = release, .userdata = machine};
    machine->now_ns = 1000 * NS_PER_S;
    process_sweep_init(&machine->sweep, &kernel, machine, &machine->env, TICK_NS);
    machine->sweep.groups = process_groups_new();
    assert_non_null(machine->sweep.groups);
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

static int teardown(void **state)
{
    struct machine *machine = *state;
    process_sweep_done(&machine->sweep);
    assert_int_equal(machine->held, 0);
    assert_int_equal(machine->opened, 0);
    free(machine);
    return 0;
}

/* ---- The cases ---- */

static void test_told_with_the_unit(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, 30 * MS);
    use(machine, web, 70 * MS);
    use(machine, "/a.slice/mail.service", 5 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 70 * MS);
    assert_int_equal(ended_ns(machine, "mail.service"), 5 * MS);
    assert_int_equal(all_ended_ns(machine), 75 * MS);
    sweep_once(machine);
    assert_int_equal(machine->sweep.n_activities, 0);
}

/* What a service makes below itself is the service. */
static void test_groups_below_a_unit(void **state)
{
    struct machine *machine = *state;
    int before = machine->opened;
    make_group(machine, "/a.slice/web.service/worker");
    (void)start(machine, 11, 10, "/a.slice/web.service/worker");
    run(machine, 11, 10 * MS);
    use(machine, "/a.slice/web.service/worker", 40 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 40 * MS);
    assert_int_equal(all_ended_ns(machine), 40 * MS);
    assert_int_equal(machine->opened, before);
}

/* Clocks are asked after the counters were read: the process is ahead of its group, then not. */
static void test_carried_on(void **state)
{
    struct machine *machine = *state;
    for (int i = 0; i < 20; i++) {
        machine->ones[10].cpu_ns += 30 * MS;
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
        use(machine, web, 30 * MS);
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
    machine->ones[10].cpu_ns += 30 * MS;
    sweep_once(machine);
    use(machine, web, 30 * MS + 7 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 7 * MS);
}

static void test_ended_unit(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, 30 * MS);
    sweep_once(machine);
    run(machine, 10, 20 * MS); /* and its rest, which nobody sees */
    use(machine, web, 40 * MS);
    machine->ones[10].there = false;
    remove_group(machine, web);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "a.slice"), 60 * MS);
    assert_int_equal(all_ended_ns(machine), 60 * MS);
}

/* What its zombie is told of in the interval in which it ended is in the slice's counter. */
static void test_zombie_of_an_ended_unit(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, 30 * MS);
    sweep_once(machine);
    run(machine, 10, 20 * MS);
    use(machine, web, 40 * MS);
    use(machine, mail, 30 * MS);
    machine->ones[10].zombie = true;
    remove_group(machine, web);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "a.slice"), 40 * MS);
    assert_int_equal(ended_ns(machine, "mail.service"), 30 * MS);
}

static void test_unit_that_came_and_went(void **state)
{
    struct machine *machine = *state;
    use(machine, "/a.slice/timer.service", 80 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "a.slice"), 80 * MS);
    assert_int_equal(all_ended_ns(machine), 80 * MS);
}

/* All that the new group used is of this interval; what the old one did at its end is the slice's.
 */
static void test_restarted_unit(void **state)
{
    struct machine *machine = *state;
    use(machine, "/a.slice", 15 * MS);
    make_group(machine, web);
    machine->ones[10].there = false;
    (void)start(machine, 11, 1, web);
    run(machine, 11, 10 * MS);
    use(machine, web, 25 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 25 * MS);
    assert_int_equal(ended_ns(machine, "a.slice"), 15 * MS);
    assert_int_equal(all_ended_ns(machine), 40 * MS);
}

/* A new unit's past is in its slice's counter. */
static void test_new_unit(void **state)
{
    struct machine *machine = *state;
    make_group(machine, "/a.slice/new.service");
    (void)start(machine, 30, 1, "/a.slice/new.service");
    run(machine, 30, 10 * MS);
    use(machine, "/a.slice/new.service", 50 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "new.service"), 50 * MS);
    assert_int_equal(all_ended_ns(machine), 50 * MS);
}

/* An old group that a process comes to: how much of its time is of this interval is unknown. */
static void test_old_unit(void **state)
{
    struct machine *machine = *state;
    make_group(machine, "/a.slice/old.service");
    use(machine, "/a.slice/old.service", 0);
    find_counter(machine, "/a.slice/old.service")->usage_ns = 9 * NS_PER_S;
    struct one *one = start(machine, 30, 1, "/a.slice/old.service");
    one->start_ns = 0;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
    run(machine, 30, 10 * MS);
    use(machine, "/a.slice/old.service", 50 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "old.service"), 50 * MS);
    assert_int_equal(all_ended_ns(machine), 50 * MS);
}

/* What it used there is in the slice's counter, as nobody had looked at that group. */
static void test_moved_to_an_old_unit(void **state)
{
    struct machine *machine = *state;
    make_group(machine, "/a.slice/old.service");
    (void)start(machine, 30, 1, web);
    run(machine, 30, MS);
    sweep_once(machine); /* its group is read again at the next */
    machine->ones[30].path = "/a.slice/old.service";
    for (int i = 0; i < 5; i++) {
        run(machine, 30, 10 * MS);
        use(machine, mail, 40 * MS);
        sweep_once(machine);
        assert_int_equal(ended_ns(machine, "mail.service"), 40 * MS);
        assert_int_equal(all_ended_ns(machine), 40 * MS);
    }
}

/* Up to two ticks may be in its child time already, and be told later. */
static void test_who_waited(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, MS);
    use(machine, web, 9 * MS);
    machine->ones[10].child_faults = 5;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
    run(machine, 10, MS);
    use(machine, web, 41 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 30 * MS);
    run(machine, 10, MS);
    machine->ones[10].child_ns = 20 * MS;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0); /* it was told as inherited */
    assert_int_equal(told_ns(machine), 21 * MS);
}

/* Its parent inherits it later. */
static void test_unseen_zombie(void **state)
{
    struct machine *machine = *state;
    struct one *zombie = start(machine, 30, 10, web);
    zombie->zombie = true;
    run(machine, 30, 100 * MS);
    use(machine, web, 25 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 5 * MS); /* and two ticks of its children */
    zombie->there = false;
    run(machine, 10, MS);
    machine->ones[10].child_ns = 100 * MS;
    machine->ones[10].child_faults = 1;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
}

/* Whoever dies after the counters were read is inherited, in this sweep or the next: all that is
 * told in the end is what was used, and nothing of it as ended. */
static void check_death(struct machine *machine, int32_t pid, bool when_stat, uint64_t untold_ns)
{
    uint64_t used_ns = machine->whole_ns - untold_ns;
    uint64_t sum_ns = 0;
    if (when_stat) {
        run(machine, pid, 100 * MS);
        run(machine, 10, MS);
    }
    machine->victim = pid;
    machine->when_stat = when_stat;
    machine->when_exists = !when_stat;
    for (int i = 0; i < 3; i++) {
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
        sum_ns += told_ns(machine);
    }
    assert_int_equal(machine->victim, 0);
    used_ns = machine->whole_ns - used_ns;
    assert_true(sum_ns <= used_ns);
    assert_true(sum_ns + 3 * TICK_NS >= used_ns);
}

static void test_death_of_one_that_is_known(void **state)
{
    (void)start(*state, 30, 10, web);
    run(*state, 30, MS);
    sweep_once(*state);
    check_death(*state, 30, true, 0);
}

/* And nobody knows yet whose child it is. */
static void test_death_of_one_that_is_new(void **state)
{
    (void)start(*state, 30, 10, web);
    check_death(*state, 30, true, 0);
}

static void test_end_of_an_unseen_zombie(void **state)
{
    struct machine *machine = *state;
    struct one *zombie = start(machine, 30, 10, web);
    zombie->zombie = true;
    zombie->child_ns = 60 * MS;
    run(machine, 30, 10 * MS);
    use(machine, web, 60 * MS);
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
    check_death(machine, 30, false, 70 * MS);
}

/* Of what PID 1 inherits nothing is told. */
static void test_zombie_of_pid_1(void **state)
{
    struct machine *machine = *state;
    struct one *zombie = start(machine, 30, 1, web);
    zombie->zombie = true;
    run(machine, 30, 100 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 100 * MS);
    zombie->there = false;
    run(machine, 1, MS);
    machine->ones[1].child_ns = 100 * MS;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
}

/* systemd forks in its own group and moves the child: part of its time is counted there. */
static void test_moved_process(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 30, 1, mail);
    machine->ones[30].cpu_ns = 60 * MS;
    use(machine, "/init.scope", 40 * MS);
    use(machine, mail, 20 * MS);
    use(machine, web, 11 * MS); /* of somebody else, who is not to pay for it */
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 11 * MS);
    assert_int_equal(all_ended_ns(machine), 11 * MS);
}

/* A child that was in another group when it used its time: told once, with whoever inherits. */
static void test_stranger(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, MS);
    machine->ones[10].child_ns = 50 * MS;
    machine->ones[10].child_faults = 1;
    use(machine, mail, 50 * MS);
    sweep_once(machine);
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
}

/* Where the root has no counter, whoever lives there may have inherited from any group. */
static void test_stranger_of_the_root(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 40, 1, "/");
    sweep_once(machine);
    machine->ones[40].cpu_ns += MS;
    machine->ones[40].child_ns = 50 * MS;
    use(machine, mail, 50 * MS);
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
    for (int i = 0; i < 3; i++) {
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
    use(machine, mail, 60 * MS);
    sweep_once(machine);
    assert_true(ended_ns(machine, "mail.service") > 0);
}

/* Containers that the kernel counts with their shim. */
static void test_named_elsewhere(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 30, 10, web);
    machine->ones[30].named = "/lxc/box";
    run(machine, 30, MS);
    use(machine, web, 90 * MS);
    for (int i = 0; i < 3; i++) {
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
}

/* What no group can be told of is nobody's, and no room for what is told elsewhere already. */
static void test_not_saved_up(void **state)
{
    struct machine *machine = *state;
    make_group(machine, "/a.slice/shim.service");
    (void)start(machine, 30, 1, "/a.slice/shim.service");
    machine->ones[30].named = "/lxc/box";
    for (int i = 0; i < 5; i++) {
        run(machine, 30, MS);
        use(machine, "/a.slice/shim.service", 90 * MS);
        sweep_once(machine);
    }
    sweep_once(machine);
    sweep_once(machine);
    run(machine, 10, MS);
    machine->ones[10].child_ns = 50 * MS;
    machine->ones[10].child_faults = 1;
    use(machine, mail, 50 * MS);
    for (int i = 0; i < 3; i++) {
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
}

/* What was told of a group that used less is not paid for by who ends there later. */
static void test_forgiven(void **state)
{
    struct machine *machine = *state;
    machine->ones[10].cpu_ns += 500 * MS; /* used elsewhere, as it seems */
    sweep_once(machine);
    sweep_once(machine);
    use(machine, web, 70 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 70 * MS);
}

/* It is a workload of the kernel, and counted with the virtual machine that it serves. */
static void test_kernel_thread(void **state)
{
    struct machine *machine = *state;
    struct one *vhost = start(machine, 30, 1, mail);
    vhost->kernel = true;
    run(machine, 30, 80 * MS);
    use(machine, mail, 15 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "mail.service"), 15 * MS);
    assert_int_equal(all_ended_ns(machine), 15 * MS);
}

static void record(struct machine *machine, int32_t pid, int32_t parent, uint64_t used_ns)
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

/* An orphan of the same kind that a sweep met before it had run says nothing of whose they are. */
static void test_orphans_with_records(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 43, 1, web);
    run(machine, 10, MS);
    sweep_once(machine);
    machine->ones[43].there = false;
    record(machine, 43, 1, MS);
    machine->records[0].elapsed_ns = 2 * NS_PER_S;
    record(machine, 41, 10, 2 * MS);
    record(machine, 42, 1, 20 * MS);
    use(machine, web, 23 * MS);
    sweep_once(machine);
    assert_int_equal(told_ns(machine) - all_ended_ns(machine), 22 * MS);
    assert_int_equal(ended_ns(machine, "web.service"), MS);
}

static void test_users(void **state)
{
    struct machine *machine = *state;
    machine->ones[10].uid = 33;
    run(machine, 10, MS);
    use(machine, web, 25 * MS);
    sweep_once(machine);
    assert_int_equal(name_of_ended(machine)->uid, 33);
    assert_int_equal(name_of_ended(machine)->cgroup.kind, CGROUP_SERVICE);
    struct one *other = start(machine, 30, 10, web);
    other->uid = 1000;
    run(machine, 30, MS);
    use(machine, web, 25 * MS);
    sweep_once(machine);
    assert_int_equal(name_of_ended(machine)->uid, UINT32_MAX);
}

/* A process of very many threads is asked now and then: what it used meanwhile is not ended. */
static uint64_t ended_beside_threads(struct machine *machine, uint32_t threads)
{
    machine->ones[10].threads = threads;
    uint64_t ended = 0;
    for (int i = 0; i < 16; i++) {
        run(machine, 10, 50 * MS);
        use(machine, mail, 100 * MS);
        sweep_once(machine);
        assert_int_equal(ended_ns(machine, "web.service"), 0);
        /* Not more than was used in two intervals, but for two ticks. */
        assert_true(ended_ns(machine, "mail.service") <= 220 * MS);
        ended += ended_ns(machine, "mail.service");
    }
    return ended;
}

static void test_many_threads(void **state)
{
    /* Asked every other sweep: nothing of the others is lost, but for the last. */
    uint64_t ended = ended_beside_threads(*state, 8000);
    assert_true(ended >= 1300 * MS);
    assert_true(ended <= 1600 * MS);
}

static void test_very_many_threads(void **state)
{
    uint64_t ended = ended_beside_threads(*state, 16000);
    assert_true(ended >= 500 * MS);
    assert_true(ended <= 1600 * MS);
}

static void test_too_many_groups(void **state)
{
    struct machine *machine = *state;
    static char paths[600][GROUP_PATH_MAX];
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "/a.slice/unit%c%zu.service", 'a', i);
        make_group(machine, paths[i]);
        *find_counter(machine, paths[i]) = *find_counter(machine, paths[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        (void)start(machine, 30, 1, paths[i]);
        run(machine, 30, 30 * MS);
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
        machine->ones[30].there = false;
    }
    assert_true(machine->opened <= 512);
}

static void test_idle_groups_are_closed(void **state)
{
    struct machine *machine = *state;
    int before = machine->opened;
    make_group(machine, "/a.slice/brief.service");
    (void)start(machine, 30, 1, "/a.slice/brief.service");
    sweep_once(machine);
    assert_int_equal(machine->opened, before + 1);
    machine->ones[30].there = false;
    for (int i = 0; i < 100; i++)
        sweep_once(machine);
    assert_int_equal(machine->opened, before);
    use(machine, "/a.slice/brief.service", 30 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "a.slice"), 30 * MS);
}

/* The root's counter, where there is one, tells what whoever lives there has inherited from where.
 */
static void test_counted_root(void **state)
{
    (void)state;
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    machine->whole = true;
    machine->env =
        (struct collector_env){.identify = identify, .release = release, .userdata = machine};
    machine->now_ns = 1000 * NS_PER_S;
    process_sweep_init(&machine->sweep, &kernel, machine, &machine->env, TICK_NS);
    machine->sweep.groups = process_groups_new();
    make_group(machine, "/a.slice");
    make_group(machine, mail);
    (void)start(machine, 1, 0, "/");
    (void)start(machine, 20, 1, mail);
    (void)start(machine, 40, 1, "/");
    sweep_once(machine);
    for (int i = 0; i < 5; i++) {
        machine->ones[40].cpu_ns += MS;
        machine->ones[40].child_ns += 50 * MS;
        machine->whole_ns += 51 * MS;
        use(machine, mail, 30 * MS);
        sweep_once(machine);
        /* Two ticks are held back, once, as 40 has waited. */
        assert_int_equal(ended_ns(machine, "mail.service"), (i == 0 ? 10 : 30) * MS);
    }
    void *data = machine;
    (void)teardown(&data);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_told_with_the_unit),
        TEST(test_groups_below_a_unit),
        TEST(test_carried_on),
        TEST(test_ended_unit),
        TEST(test_zombie_of_an_ended_unit),
        TEST(test_unit_that_came_and_went),
        TEST(test_restarted_unit),
        TEST(test_new_unit),
        TEST(test_old_unit),
        TEST(test_moved_to_an_old_unit),
        TEST(test_who_waited),
        TEST(test_unseen_zombie),
        TEST(test_death_of_one_that_is_known),
        TEST(test_death_of_one_that_is_new),
        TEST(test_end_of_an_unseen_zombie),
        TEST(test_zombie_of_pid_1),
        TEST(test_moved_process),
        TEST(test_stranger),
        TEST(test_stranger_of_the_root),
        TEST(test_named_elsewhere),
        TEST(test_not_saved_up),
        TEST(test_forgiven),
        TEST(test_kernel_thread),
        TEST(test_orphans_with_records),
        TEST(test_users),
        TEST(test_many_threads),
        TEST(test_very_many_threads),
        TEST(test_too_many_groups),
        TEST(test_idle_groups_are_closed),
        cmocka_unit_test(test_counted_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
