/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim_kernel.h"

#include <time.h>

#include "collectors/cgroup.h"
#include "collectors/process/process_groups.h"
#include "greend/units.h"
#include "support/random.h"

enum { PIDS = 200, INIT = 1, SHELL = 2, TICK_NS = 10000000, SWEEPS = 60, RECORDS_MAX = 4096 };

/* The root cgroup, in which a v1 hierarchy shows whoever has exited. */
enum { GROUP_ROOT = 1000 };

/* Units and slices. What is in the root is in the last. */
enum { UNITS = 4, PLACES = 7, PLACE_ROOT = 6, NAMES_MAX = 1 << 16 };

static const struct {
    const char *path;
    int slice;
} places[PLACES] = {
    {"/a.slice/0.service",        4},
    {"/a.slice/1.service/nested", 4},
    {"/b.slice/2.service",        5},
    {"/b.slice/3.service",        5},
    {"/a.slice",                  4},
    {"/b.slice",                  5},
    {"/",                         6},
};

enum life { FREE, ALIVE, ZOMBIE };

struct being {
    enum life life;
    int32_t parent;
    uint64_t start_ns;
    uint64_t inode;
    uint64_t used_ns;
    uint64_t child_user_ns, child_system_ns, child_faults;
    uint64_t told_ns; /* its own CPU time that the sweep told of */
    uint32_t group;
    uint32_t threads;
    bool subreaper, ignores_children;
    uint32_t died_in_sweep; /* or after it */
    uint64_t recorded_ns;   /* of its time, in records */
    bool recorded;          /* the record of its end is sent */
};

struct place {
    uint64_t used_ns; /* since it was made, and by all before of that name */
    uint64_t begin_ns;
    uint64_t told_ns;
    uint32_t number; /* how often it was made */
    bool made;
};

struct world {
    struct being beings[PIDS + 1];
    int32_t last_pid;
    uint64_t now_ns, inodes, used_ns, told_ns;
    struct random random;
    struct sim_kind kind;
    uint32_t identified;
    bool frozen; /* nothing happens */
    bool ahead;
    uint32_t sweeps, sweeping;
    int32_t listing; /* PID that the listing has come to */
    bool lost;       /* some record was, since the sweep asked */
    struct exit_record queue[RECORDS_MAX];
    size_t queued;
    struct place places[PLACES];
    uint64_t ended_ns; /* told of those that ended */
    uint32_t names, open_groups;
    uint8_t place_of[NAMES_MAX]; /* by workload */
};

static uint64_t draw(struct world *world, uint64_t below)
{
    return random_below(&world->random, below);
}

/* ---- What happens in the world ---- */

/* A kernel gives out all its other PIDs before it reuses one. That takes longer than the tick in
 * which its first owner started, and than the milliseconds of a sweep: those that died since the
 * sweep before are reused between two sweeps, not within one. And while /proc is listed, all PIDs
 * are given out ahead of where the listing is, or all behind. In worlds of records, it takes longer
 * than from one sweep to the next: two ends of one PID that nobody saw could not be told apart. */
static bool is_free(const struct world *world, int32_t pid)
{
    const struct being *being = &world->beings[pid];
    if (being->inode == 0 && being->life == FREE && !world->listing)
        return true;
    if (world->kind.records && being->died_in_sweep >= world->sweeps)
        return false;
    return being->life == FREE && being->start_ns / TICK_NS != world->now_ns / TICK_NS &&
           !(world->sweeping && being->died_in_sweep + 1 >= world->sweeping) &&
           !(world->listing && (pid >= world->listing) != world->ahead);
}

/* A unit is there as long as it has processes. */
static void make_place(struct world *world, uint32_t group)
{
    struct place *place = &world->places[group];
    if (place->made)
        return;
    place->made = true;
    place->number++;
    place->begin_ns = place->used_ns;
}

static void leave_place(struct world *world, uint32_t group)
{
    for (int32_t pid = 1; pid <= PIDS; pid++) {
        if (world->beings[pid].life != FREE && world->beings[pid].group == group)
            return;
    }
    world->places[group].made = group >= UNITS;
}

static void use_time(struct world *world, int32_t pid, uint64_t time_ns)
{
    uint32_t group = world->beings[pid].group;
    world->beings[pid].used_ns += time_ns;
    world->used_ns += time_ns;
    world->places[group].used_ns += time_ns;
    if (places[group].slice != (int)group)
        world->places[places[group].slice].used_ns += time_ns;
    if (group != PLACE_ROOT)
        world->places[PLACE_ROOT].used_ns += time_ns;
}

static uint32_t choose_group(struct world *world, int32_t parent)
{
    bool strange = world->kind.strangers && draw(world, 8) == 0;
    return strange ? (uint32_t)draw(world, UNITS - 1) : world->beings[parent].group;
}

static void move(struct world *world, int32_t pid)
{
    uint32_t from = world->beings[pid].group;
    world->beings[pid].group = (uint32_t)draw(world, UNITS);
    make_place(world, world->beings[pid].group);
    leave_place(world, from);
}

static int32_t birth(struct world *world, int32_t parent)
{
    int32_t pid = world->last_pid;
    do {
        pid = pid % PIDS + 1;
        if (pid == world->last_pid)
            return 0;
    } while (!is_free(world, pid));
    world->last_pid = pid;
    world->beings[pid] = (struct being){
        .life = ALIVE,
        .parent = parent,
        .start_ns = world->now_ns,
        .inode = ++world->inodes,
        .group = choose_group(world, parent),
        .threads = world->kind.threads && draw(world, 4) == 0 ? 300 : 1,
        .ignores_children = world->kind.ignoring && draw(world, 5) == 0,
    };
    make_place(world, world->beings[pid].group);
    return pid;
}

/* Of one of its threads, or of all that is left: with that, it has ended. */
static void record(struct world *world, int32_t pid, bool last)
{
    struct being *being = &world->beings[pid];
    uint64_t used_ns = being->used_ns - being->recorded_ns;
    used_ns -= last ? 0 : draw(world, used_ns + 1);
    being->recorded_ns += used_ns;
    being->recorded = last;
    if (!world->kind.records)
        return;
    if (world->kind.lossy && draw(world, 6) == 0) {
        world->lost = true;
        return;
    }
    assert_true(world->queued < RECORDS_MAX);
    world->queue[world->queued++] = (struct exit_record){
        .thread = pid,
        .process = pid,
        .parent = being->parent,
        .last = last,
        .forked = draw(world, 2),
        .used_ns = used_ns,
        .elapsed_ns = world->now_ns - being->start_ns,
        .comm = "being",
    };
}

/* What an exit costs after the record of it was made. */
static void give_back_memory(struct world *world, int32_t pid)
{
    use_time(world, pid, world->kind.records ? draw(world, NS_PER_MS) : 0);
}

static void reap(struct world *world, int32_t pid, bool waited)
{
    struct being *being = &world->beings[pid];
    if (!being->recorded)
        record(world, pid, true);
    give_back_memory(world, pid);
    struct being *parent = &world->beings[being->parent];
    if (waited) {
        use_time(world, being->parent, 1 + draw(world, NS_PER_US)); /* it must run to wait */
        parent->child_user_ns += being->used_ns / 3 + being->child_user_ns;
        parent->child_system_ns += being->used_ns - being->used_ns / 3 + being->child_system_ns;
        parent->child_faults += 1 + being->child_faults;
    }
    being->life = FREE;
    being->died_in_sweep = world->sweeps;
    leave_place(world, being->group);
}

static bool has_children(const struct world *world, int32_t pid)
{
    for (int32_t child = 1; child <= PIDS; child++) {
        if (world->beings[child].life != FREE && world->beings[child].parent == pid && child != pid)
            return true;
    }
    return false;
}

static int32_t heir(const struct world *world, int32_t pid)
{
    do
        pid = world->beings[pid].parent;
    while (pid != INIT && !(world->beings[pid].subreaper && world->beings[pid].life == ALIVE));
    return pid;
}

static void die(struct world *world, int32_t pid)
{
    if (!world->kind.orphans && has_children(world, pid))
        return;
    int32_t adopter = heir(world, pid);
    for (int32_t child = 1; child <= PIDS; child++) {
        if (world->beings[child].life == FREE || world->beings[child].parent != pid)
            continue;
        world->beings[child].parent = adopter;
        if (world->beings[child].life == ZOMBIE && adopter == INIT)
            reap(world, child, true);
    }
    world->beings[pid].life = ZOMBIE;
    int32_t parent = world->beings[pid].parent;
    if (world->beings[parent].ignores_children)
        reap(world, pid, false);
    else if (parent == INIT)
        reap(world, pid, true);
}

static void happen(struct world *world)
{
    int32_t pid = (int32_t)(1 + draw(world, PIDS));
    while (world->beings[pid].life == FREE || pid == INIT)
        pid = pid % PIDS + 1;
    struct being *being = &world->beings[pid];
    uint64_t time_ns = draw(world, UINT64_C(3) * TICK_NS);
    world->now_ns += time_ns / (world->sweeping ? 1024 : 8); /* a sweep takes milliseconds */
    if (being->life == ZOMBIE && !being->recorded && draw(world, 2))
        record(world, pid, true);
    else if (being->life == ZOMBIE)
        reap(world, pid, true);
    if (being->life != ALIVE)
        return;
    if (world->kind.threads && draw(world, 16) == 0)
        record(world, pid, false);
    if (world->kind.movers && pid > SHELL && draw(world, 16) == 0)
        move(world, pid);
    switch (draw(world, 4)) {
    case 0:
        (void)birth(world, pid);
        break;
    case 1:
        if (pid > SHELL && !being->subreaper)
            die(world, pid);
        break;
    default:
        use_time(world, pid, time_ns);
    }
}

static void go_on(struct world *world)
{
    for (uint64_t n = world->frozen ? 0 : draw(world, 4); n > 0; n--)
        happen(world);
}

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

static void sweep_once(struct world *world, struct process_sweep *sweep)
{
    world->sweeping = ++world->sweeps;
    world->ahead = draw(world, 2);
    process_sweep_begin(sweep, world->now_ns);
    for (int32_t pid = 1; pid <= PIDS; pid++) {
        world->listing = pid;
        go_on(world);
        if (world->beings[pid].life != FREE)
            process_sweep_see(sweep, pid, world->beings[pid].inode);
    }
    world->listing = 0;
    process_sweep_listed(sweep);
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
        for (int n = 0; n < 100; n++)
            go_on(world);
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
