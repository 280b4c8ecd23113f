/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Drives the process collector in a test and remembers all that it told. */

#include "unit/unit.h"

#include "greend/collector.h"
#include "greend/units.h"

extern const struct collector collector_process;

enum { WATCH_TOLD_MAX = 40000, WATCH_IDENTITIES_MAX = 40000 };

/* What was told of one process, over all sweeps. */
struct watch_told {
    int32_t pid;
    uint64_t start_ticks;
    uint32_t workload;
    uint64_t cpu_ns, child_ns;
};

struct watch_identity {
    struct process_identity identity;
    pid_t session; /* its session when it was identified, -1: gone already */
    bool released;
};

struct watch {
    struct collector_env env;
    void *state;
    struct sample sample;
    size_t n_told;
    struct watch_told told[WATCH_TOLD_MAX];
    size_t n_identities; /* the workload number is the index */
    struct watch_identity identities[WATCH_IDENTITIES_MAX];
};

/* Takes the descriptor of /proc or of a copy. */
struct watch *watch_open(int procfs_fd, bool live);

/* With the kernel's records of exits, where it gives them. */
struct watch *watch_open_exits(int procfs_fd, bool live, bool exits);

/* And what cgroups used: takes the descriptor of /sys, too; -1: without. */
struct watch *watch_open_groups(int procfs_fd, bool live, bool exits, int sysfs_fd);

/* Asserts that every workload was released once. */
void watch_close(struct watch *watch);

/* One sweep: what collect() answered. */
int watch_collect(struct watch *watch);

/* In the last sweep; NULL: not active. */
const struct activity *watch_activity(const struct watch *watch, int32_t pid);

/* Over all sweeps and all processes that had the PID. */
uint64_t watch_cpu_ns(const struct watch *watch, int32_t pid);
uint64_t watch_child_ns(const struct watch *watch, int32_t pid);

/* All that was told of processes of a session. */
uint64_t watch_session_ns(const struct watch *watch, pid_t session);

/* All that was told with a unit; of one command, or of all where it is NULL. */
uint64_t watch_unit_ns(const struct watch *watch, const char *unit, const char *command);

/* The last identity that was given for the PID; NULL: none. */
const struct watch_identity *watch_identity(const struct watch *watch, int32_t pid);

/* The health of an item of the collector, HEALTHS where it is not told. */
enum health watch_health(const struct watch *watch, const char *item);
