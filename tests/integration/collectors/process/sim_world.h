/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The processes of a simulated kernel, which go on whenever it is asked: sim_kernel.h. */

#include "sim_kernel.h"

#include "collectors/cgroup.h"
#include "collectors/process/process_groups.h"
#include "greend/units.h"
#include "support/random.h"

enum { PIDS = 200, INIT = 1, SHELL = 2, TICK_NS = 10000000, SWEEPS = 60, RECORDS_MAX = 4096 };

/* The root cgroup, in which a v1 hierarchy shows whoever has exited. */
enum { GROUP_ROOT = 1000 };

/* Units and slices. What is in the root is in the last. */
enum { UNITS = 4, PLACES = 7, PLACE_ROOT = 6, NAMES_MAX = 1 << 16 };

struct sim_place {
    const char *path;
    int slice;
};

extern const struct sim_place places[PLACES];

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
    bool frozen;                                  /* nothing happens */
    bool barren;                                  /* nobody is born */
    uint32_t births, births_known, births_before; /* now, at the last sweep, at the one before */
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

uint64_t draw(struct world *world, uint64_t below);

/* A unit is there as long as it has processes. */
void make_place(struct world *world, uint32_t group);
int32_t birth(struct world *world, int32_t parent);

/* Of one of its threads, or of all that is left: with that, it has ended. */
void record(struct world *world, int32_t pid, bool last);
void reap(struct world *world, int32_t pid, bool waited);
void die(struct world *world, int32_t pid);
void go_on(struct world *world);
