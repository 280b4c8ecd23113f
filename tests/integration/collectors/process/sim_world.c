/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim_world.h"

const struct sim_place places[PLACES] = {
    {"/a.slice/0.service",        4},
    {"/a.slice/1.service/nested", 4},
    {"/b.slice/2.service",        5},
    {"/b.slice/3.service",        5},
    {"/a.slice",                  4},
    {"/b.slice",                  5},
    {"/",                         6},
};

uint64_t draw(struct world *world, uint64_t below)
{
    return random_below(&world->random, below);
}

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

void make_place(struct world *world, uint32_t group)
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

int32_t birth(struct world *world, int32_t parent)
{
    int32_t pid = world->last_pid;
    do {
        pid = pid % PIDS + 1;
        if (pid == world->last_pid)
            return 0;
    } while (!is_free(world, pid));
    world->last_pid = pid;
    world->births++;
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

void record(struct world *world, int32_t pid, bool last)
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

void reap(struct world *world, int32_t pid, bool waited)
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

void die(struct world *world, int32_t pid)
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
        if (!world->barren)
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

void go_on(struct world *world)
{
    for (uint64_t n = world->frozen ? 0 : draw(world, 4); n > 0; n--)
        happen(world);
}
