/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine of a few processes in control groups, that does just what a test says, and what the
 * sweep over it tells. */

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

static const char web[] = "/a.slice/web.service", mail[] = "/a.slice/mail.service";

struct counter *find_counter(struct machine *machine, const char *path);
void make_group(struct machine *machine, const char *path);
void remove_group(struct machine *machine, const char *path);

/* In that group and all above it. */
void use(struct machine *machine, const char *path, uint64_t ns);
struct one *start(struct machine *machine, int32_t pid, int32_t ppid, const char *path);
void run(struct machine *machine, int32_t pid, uint64_t ns);
uint64_t told_ns(const struct machine *machine);

/* Its parent inherits it. */
void reap(struct machine *machine, int32_t pid);
void sweep_once(struct machine *machine);

/* What was told in this sweep as ended of a unit. */
uint64_t ended_ns(const struct machine *machine, const char *unit);
uint64_t all_ended_ns(const struct machine *machine);
const struct process_identity *name_of_ended(const struct machine *machine);

/* Nobody runs on it. */
struct machine *machine_new(void);

/* PID 1 in its scope, a server in each of two services. */
int setup(void **state);
int teardown(void **state);
void record(struct machine *machine, int32_t pid, int32_t parent, uint64_t used_ns);

/* A test on such a machine. */
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
