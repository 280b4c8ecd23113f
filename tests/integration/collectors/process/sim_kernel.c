/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim_world.h"

#include <time.h>

/* ---- What the sweep is answered ---- */

static int sim_cpu(void *userdata, int32_t pid, uint64_t *ret_cpu_ns)
{
    struct world *world = userdata;
    go_on(world);
    const struct being *being = &world->beings[pid];
    if (being->life == FREE)
        return -ESRCH;
    *ret_cpu_ns = being->used_ns;
    return 0;
}

static int sim_exists(void *userdata, int32_t pid)
{
    struct world *world = userdata;
    go_on(world);
    return world->beings[pid].life == FREE ? -ESRCH : 0;
}

static int sim_stat(void *userdata, int32_t pid, struct proc_stat *ret_stat)
{
    struct world *world = userdata;
    go_on(world);
    const struct being *being = &world->beings[pid];
    if (being->life == FREE)
        return -ESRCH;
    *ret_stat = (struct proc_stat){
        .comm = "being",
        .ppid = pid == INIT ? 0 : being->parent,
        .flags = being->life == ZOMBIE ? PROC_EXITING : 0,
        .child_faults = being->child_faults,
        .user_ticks = being->used_ns / TICK_NS,
        .child_user_ticks = being->child_user_ns / TICK_NS,
        .child_system_ticks = being->child_system_ns / TICK_NS,
        .threads = being->life == ZOMBIE ? 1 : being->threads,
        .start_ticks = being->start_ns / TICK_NS,
    };
    return 0;
}

static int sim_cgroup(void *userdata, int32_t pid, struct cgroup_identity *ret_cgroup,
                      char path[GROUP_PATH_MAX])
{
    struct world *world = userdata;
    go_on(world);
    const struct being *being = &world->beings[pid];
    if (being->life == FREE)
        return -ESRCH;
    *ret_cgroup = (struct cgroup_identity){
        .kind = CGROUP_SERVICE, .owner = being->life == ZOMBIE ? GROUP_ROOT : being->group};
    if (!world->kind.groups)
        return 0;
    const char *found = places[being->life == ZOMBIE ? PLACE_ROOT : being->group].path;
    cgroup_parse_path(found, ret_cgroup);
    (void)str_copy(path, GROUP_PATH_MAX, found);
    return 0;
}

static int sim_uid(void *userdata, int32_t pid, uint32_t *ret_uid)
{
    *ret_uid = 0;
    return sim_exists(userdata, pid);
}

static bool sim_exits(void *userdata, struct process_sweep *sweep)
{
    struct world *world = userdata;
    go_on(world);
    bool lost = world->lost;
    for (size_t i = 0; i < world->queued; i++)
        process_sweep_exit(sweep, &world->queue[i]);
    world->queued = 0;
    world->lost = false;
    go_on(world);
    return lost;
}

/* The place whose group, not what is made below it, has that path. */
static uint32_t place_at(const char *path)
{
    uint32_t place = 0;
    size_t length = strlen(path);
    while (strncmp(places[place].path, path, length) != 0 ||
           (places[place].path[length] != '\0' && places[place].slice == (int)place))
        assert_true(++place < PLACES);
    for (uint32_t i = place; i < PLACES; i++) {
        if (str_equal(places[i].path, path))
            return i;
    }
    return place;
}

static int sim_group_open(void *userdata, const char *path)
{
    struct world *world = userdata;
    go_on(world);
    if (path[0] == '\0' && !world->kind.counted)
        return -ENOENT;
    uint32_t place = path[0] == '\0' ? PLACE_ROOT : place_at(path);
    if (!world->places[place].made)
        return -ENOENT;
    world->open_groups++;
    return (int)(world->places[place].number * PLACES + place);
}

/* In whole microseconds, as the kernel does. */
static int sim_group_usage(void *userdata, int group, uint64_t *ret_ns)
{
    struct world *world = userdata;
    go_on(world);
    const struct place *place = &world->places[group % PLACES];
    if (!place->made || place->number != (uint32_t)group / PLACES)
        return -ENODEV;
    *ret_ns = (place->used_ns - place->begin_ns) / NS_PER_US * NS_PER_US;
    return 0;
}

static void sim_group_close(void *userdata, int group)
{
    (void)group;
    struct world *world = userdata;
    world->open_groups--;
}

static const struct process_kernel sim_kernel_of_records = {
    .cpu = sim_cpu,
    .exists = sim_exists,
    .stat = sim_stat,
    .cgroup = sim_cgroup,
    .uid = sim_uid,
    .exits = sim_exits,
    .group_open = sim_group_open,
    .group_usage = sim_group_usage,
    .group_close = sim_group_close,
};

static const struct process_kernel sim_kernel = {
    .cpu = sim_cpu,
    .exists = sim_exists,
    .stat = sim_stat,
    .cgroup = sim_cgroup,
    .uid = sim_uid,
    .group_open = sim_group_open,
    .group_usage = sim_group_usage,
    .group_close = sim_group_close,
};

static const struct process_kernel sim_kernel_of_ticks = {
    .exists = sim_exists, .stat = sim_stat, .cgroup = sim_cgroup, .uid = sim_uid};

static uint32_t place_of(const struct cgroup_identity *cgroup)
{
    uint32_t place = 0;
    struct cgroup_identity other;
    do
        cgroup_parse_path(places[place].path, &other);
    while (!str_equal(other.unit, cgroup->unit) && ++place < PLACES);
    return place;
}

static uint32_t sim_identify(void *userdata, const struct process_identity *identity)
{
    struct world *world = userdata;
    if (!world->kind.groups || identity->pid != 0)
        assert_string_equal(identity->comm, "being");
    assert_int_not_equal(identity->cgroup.owner, GROUP_ROOT);
    assert_true(world->names < NAMES_MAX);
    if (world->kind.groups)
        world->place_of[world->names] = (uint8_t)place_of(&identity->cgroup);
    world->identified++;
    return 1000 + world->names++;
}

static void sim_release(void *userdata, uint32_t workload)
{
    struct world *world = userdata;
    assert_true(workload >= 1000);
    assert_true(world->identified > 0);
    world->identified--;
}

/* ---- One run ---- */

/* The slices are told with what their units were told. */
static void account_place(struct world *world, const struct activity *activity)
{
    uint32_t place = world->place_of[activity->workload - 1000];
    uint64_t time_ns = activity->cpu_ns + activity->child_ns;
    world->places[place].told_ns += time_ns;
    if (places[place].slice != (int)place)
        world->places[places[place].slice].told_ns += time_ns;
    if (place != PLACE_ROOT)
        world->places[PLACE_ROOT].told_ns += time_ns;
    if (activity->pid == 0)
        world->ended_ns += time_ns;
}

static void account(struct world *world, const struct process_sweep *sweep)
{
    for (uint32_t i = 0; i < sweep->n_activities; i++) {
        const struct activity *activity = &sweep->activities[i];
        struct being *being = &world->beings[activity->pid];
        world->told_ns += activity->cpu_ns + activity->child_ns;
        assert_true(activity->cpu_ns + activity->child_ns > 0);
        assert_true(activity->pid != INIT || activity->child_ns == 0);
        if (world->kind.groups)
            account_place(world, activity);
        if (activity->pid == 0 || being->life == FREE ||
            being->start_ns / TICK_NS != activity->start_ticks)
            continue;
        being->told_ns += activity->cpu_ns;
        assert_true(being->told_ns <= being->used_ns);
    }
    /* Who waits for children elsewhere, or moves, is told with where it is. */
    for (uint32_t i = 0; i < PLACES && !world->kind.strangers && !world->kind.movers; i++)
        assert_true(world->places[i].told_ns <= world->places[i].used_ns);
}

/* Not by a listing in each sweep: where nobody was born since the sweep before the last, all are
 * known. */
static void find_beings(struct world *world, struct process_sweep *sweep)
{
    bool calm = world->births == world->births_known && world->births == world->births_before;
    world->births_before = world->births_known;
    world->births_known = world->births;
    if (calm && draw(world, 4) > 0)
        return;
    for (int32_t pid = 1; pid <= PIDS; pid++) {
        world->listing = pid;
        go_on(world);
        if (world->beings[pid].life != FREE)
            process_sweep_see(sweep, pid, world->beings[pid].inode);
    }
    world->listing = 0;
    process_sweep_listed(sweep);
}

static void sweep_once(struct world *world, struct process_sweep *sweep)
{
    world->sweeping = ++world->sweeps;
    world->ahead = draw(world, 2);
    process_sweep_begin(sweep, world->now_ns);
    find_beings(world, sweep);
    process_sweep_ask(sweep);
    assert_int_equal(process_sweep_tell(sweep), 0);
    world->sweeping = 0;
    account(world, sweep);
    assert_true(world->told_ns <= world->used_ns);
}

/* A shell, and a subreaper with an orphan, which is how one is known. */
static void begin_world(struct world *world, struct process_sweep *sweep,
                        const struct collector_env *env)
{
    world->now_ns = 1000 * NS_PER_S;
    world->beings[INIT] = (struct being){.life = ALIVE,
                                         .parent = INIT,
                                         .threads = 1,
                                         .inode = 1,
                                         .group = world->kind.rooted ? PLACE_ROOT : UNITS - 1};
    for (uint32_t i = 0; i < PLACES; i++)
        if (i >= UNITS || i == world->beings[INIT].group)
            make_place(world, i);
    world->last_pid = INIT;
    world->inodes = INIT;
    world->now_ns += TICK_NS;
    int32_t shell = birth(world, INIT);
    assert_int_equal(shell, SHELL);
    world->beings[shell].ignores_children = false;
    world->beings[shell].threads = 1;
    int32_t reaper = birth(world, shell);
    int32_t parent = birth(world, reaper);
    int32_t orphan = birth(world, parent);
    world->beings[reaper].subreaper = world->kind.orphans;
    world->beings[reaper].ignores_children = world->beings[parent].ignores_children = false;
    world->frozen = true;
    const struct process_kernel *kernel = world->kind.ticks ? &sim_kernel_of_ticks : &sim_kernel;
    process_sweep_init(sweep, world->kind.records ? &sim_kernel_of_records : kernel, world, env,
                       TICK_NS);
    sweep->groups = world->kind.groups ? process_groups_new() : NULL;
    sweep_once(world, sweep);
    assert_int_equal(sweep->n_activities, 0);
    if (world->kind.orphans) {
        die(world, parent);
        reap(world, parent, true);
        assert_int_equal(world->beings[orphan].parent, reaper);
    }
    sweep_once(world, sweep);
    world->frozen = false;
}

/* What was used by beings that are here, or by their dead, and not told yet: what is below a tick,
 * and what a zombie leaves behind that was never seen alive. */
static uint64_t untold_ns(const struct world *world, const struct process_sweep *sweep)
{
    int64_t sum_ns = 0;
    for (uint32_t slot = 1; slot < sweep->table.end; slot++) {
        const struct process *process = process_at(&sweep->table, slot);
        if (process->pid == 0 || process->flags & PROCESS_DEAD || process->pid == INIT)
            continue;
        const struct being *being = &world->beings[process->pid];
        uint64_t used_ns = being->used_ns + being->child_user_ns + being->child_system_ns;
        bool known = !(process->flags & PROCESS_NEW);
        sum_ns += (int64_t)(used_ns - process->cpu_ns - (known ? process->child_ns : 0));
        sum_ns += process->balance_ns;
        sum_ns += (int64_t)process->claim_ns; /* of a zombie that has no workload */
    }
    assert_true(sum_ns >= 0);
    return (uint64_t)sum_ns;
}

/* Two sweeps in a world at rest see all that there is to see: nobody stays half way through an
 * exit. */
static void take_stock(struct world *world, struct process_sweep *sweep)
{
    for (int32_t pid = 1; pid <= PIDS; pid++) {
        if (world->beings[pid].life == ZOMBIE && !world->beings[pid].recorded)
            record(world, pid, true);
    }
    world->frozen = true;
    for (int i = 0; i < 2; i++) {
        world->now_ns += NS_PER_S; /* those of many threads are asked again */
        sweep_once(world, sweep);
    }
    world->frozen = false;
    bool tidy = !world->kind.orphans && !world->kind.ignoring && !world->kind.strangers &&
                !world->kind.lossy;
    if (tidy)
        assert_int_equal(world->used_ns - world->told_ns, untold_ns(world, sweep));
}

static void run_world(struct world *world)
{
    struct collector_env env = {
        .identify = sim_identify, .release = sim_release, .userdata = world};
    struct process_sweep sweep;
    begin_world(world, &sweep, &env);
    for (int i = 0; i < SWEEPS; i++) {
        if (draw(world, 6) == 0)
            world->barren = !world->barren;
        for (int n = 0; n < (world->barren ? 5 : 100); n++)
            go_on(world);
        world->now_ns += NS_PER_S / 10; /* the least interval */
        sweep_once(world, &sweep);
        if (i % 4 == 3)
            take_stock(world, &sweep);
    }
    assert_true(world->used_ns > NS_PER_S);
    assert_true(world->told_ns > world->used_ns / 8);
    print_message("told %.2f %%, %.2f %% as ended\n",
                  100.0 * (double)world->told_ns / (double)world->used_ns,
                  100.0 * (double)world->ended_ns / (double)world->used_ns);
    if (world->kind.records && !world->kind.orphans && !world->kind.lossy && !world->kind.strangers)
        assert_true(world->told_ns > world->used_ns / 100 * 90);
    if (world->kind.groups && world->kind.ignoring && !world->kind.strangers) {
        assert_true(world->ended_ns > world->used_ns / 100);
        assert_true(world->told_ns > world->used_ns / 100 * (world->kind.orphans ? 65 : 97));
    }
    process_sweep_done(&sweep);
    assert_int_equal(world->identified, 0);
    assert_int_equal(world->open_groups, 0);
}

void sim_kernel_run(struct sim_kind kind)
{
    struct random random =
        random_begin("simulated kernel", (uint64_t)time(NULL) ^ (uint64_t)getpid());
    for (int i = 0; i < 10; i++) {
        static struct world world;
        world = (struct world){.kind = kind, .random = {random_next(&random)}};
        run_world(&world);
    }
}
