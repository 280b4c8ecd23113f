/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* One sweep over all processes: who used how much CPU time since the sweep before.
 *
 *     process_sweep_begin();  process_sweep_see() for each PID, if /proc was listed;
 *     process_sweep_ask();    process_sweep_tell();
 *
 * What is known of the dead is in process_exits.h (the kernel's records) and process_ledger.h (what
 * their parents inherit).
 *
 * It touches no file and no clock itself: it asks the machine through struct process_kernel, whose
 * answers may be old as soon as they are given. Not thread-safe. */

#include "collectors/cpu_packages.h"
#include "collectors/exits/exit_record.h"
#include "collectors/parse_proc.h"
#include "collectors/process/process_table.h"
#include "greend/collector.h"

struct process_sweep;
struct process_groups;

enum { GROUP_NONE = 0, GROUP_PATH_MAX = 256 };

/* How the machine is asked. All return 0 or a negative errno; -ESRCH: no such process, and nothing
 * else means that. */
struct process_kernel {
    /* CPU time of all its threads, those that ended included. NULL: only stat tells, in ticks. */
    int (*cpu)(void *userdata, int32_t pid, uint64_t *ret_cpu_ns);
    /* Whether it is there, without the cost of cpu(). */
    int (*exists)(void *userdata, int32_t pid);
    int (*stat)(void *userdata, int32_t pid, struct proc_stat *ret_stat);
    /* Its path in the hierarchy whose usage is counted: "" where none is, or it is in none, or the
     * path is longer. */
    int (*cgroup)(void *userdata, int32_t pid, struct cgroup_identity *ret_cgroup,
                  char path[GROUP_PATH_MAX]);
    int (*uid)(void *userdata, int32_t pid, uint32_t *ret_uid); /* the real one */
    /* On which packages its threads may run, 0: any, or unknown. NULL: that is not told. */
    uint16_t (*packages)(void *userdata, int32_t pid, uint32_t threads,
                         const struct cpu_packages *topology);
    /* Hands each record that came since to process_sweep_exit(), and says whether some were lost.
     * The record of a PID that was found gone must be among them. NULL: there are none. */
    bool (*exits)(void *userdata, struct process_sweep *sweep);
    /* The CPU time of a cgroup and all below it: opened by path ("": the root, where that is
     * counted alike), read by a number. -ENODEV: it is gone. NULL: that is not told, and
     * sweep->groups is NULL. */
    int (*group_open)(void *userdata, const char *path);
    int (*group_usage)(void *userdata, int group, uint64_t *ret_ns);
    void (*group_close)(void *userdata, int group);
};

enum { KIN_MAX = 1 << 10, HEIRS_REMEMBERED = 64 };

/* Whose children those are that never called exec(), by what they have in common with the one who
 * forked them. */
struct process_kin {
    uint32_t key; /* of command and program, 0: the place is empty */
    uint32_t uid;
    uint32_t heir; /* slot; PROCESS_NONE: could be one of several */
};

struct process_heir {
    uint32_t slot; /* PROCESS_NONE: the place is empty */
    bool may;
};

struct process_sweep {
    struct process_table table;
    const struct process_kernel *kernel;
    void *kernel_data;
    const struct collector_env *env;
    const struct cpu_packages *topology; /* NULL: packages are not told apart */
    uint64_t tick_ns;                    /* of the times in stat */
    uint64_t boot_ns;                    /* when this sweep began, CLOCK_BOOTTIME */
    /* Processes that started before this tick were there at the sweep before. */
    uint64_t since_ticks;
    struct activity *activities;
    uint32_t activities_capacity;
    uint32_t n_activities;
    uint32_t unseen;     /* processes that found no place in the table in the last listing */
    bool parents_hidden; /* there were processes whose parent nobody knows */
    bool recorded;       /* there were records of exits */
    bool missed;         /* somebody was gone when their stat was to be read */
    bool strayed;        /* and nobody knows who waited for them */
    bool doubtful;       /* what others inherit of the dead is known in the next sweep only */
    uint8_t lost_lately; /* records were lost: for how many sweeps that matters */
    bool settled;        /* the unseen of this sweep were */
    bool listed;         /* all PIDs were seen after `exits_before` ends were recorded */
    uint32_t exits_taken;
    uint32_t exits_before;
    uint64_t known_since_ns; /* boot_ns two sweeps ago: who started before would be in the table */
    uint64_t before_ns;      /* boot_ns one sweep ago */
    struct process_kin kin[KIN_MAX];
    uint32_t n_kin;
    struct process_heir heirs[HEIRS_REMEMBERED];
    struct process_groups *groups; /* NULL: usage of cgroups is not counted */
};

void process_sweep_init(struct process_sweep *sweep, const struct process_kernel *kernel,
                        void *kernel_data, const struct collector_env *env, uint64_t tick_ns);

/* Releases all workloads. Accepts zeroes. */
void process_sweep_done(struct process_sweep *sweep);

/* boot_ns: CLOCK_BOOTTIME before /proc is listed, as the kernel counts start times. */
void process_sweep_begin(struct process_sweep *sweep, uint64_t boot_ns);

/* This PID is there; with the inode number of its directory in /proc, or 0 if it was given out
 * since the sweep before the last and that is all that is known. */
void process_sweep_see(struct process_sweep *sweep, int32_t pid, uint64_t inode);

/* All PIDs were seen. */
static inline void process_sweep_listed(struct process_sweep *sweep)
{
    sweep->listed = true;
}

/* The kernel's record of a thread or process that ended. Called from within kernel->exits(). */
void process_sweep_exit(struct process_sweep *sweep, const struct exit_record *record);

/* Whether someone is known at each step up to the first process, who would owe for this one. */
bool process_sweep_has_ancestors(const struct process_table *table, const struct process *process);

/* Asks every process for its CPU time. */
void process_sweep_ask(struct process_sweep *sweep);

/* Reads the stat of those that moved and fills activities, valid until the next sweep begins.
 * -ENOMEM: not all are told; the next sweep tells the others. */
int process_sweep_tell(struct process_sweep *sweep);
