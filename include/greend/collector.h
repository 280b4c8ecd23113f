/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A collector reads one source of the machine. To add one: write collectors/foo.c, end it in
 *
 *     const struct collector collector_foo = { .name = "foo", ... };
 *
 * and add 'foo' to the list in collectors/meson.build. Collectors never log: they report health.
 *
 * Thread: open() and close() are called on the main thread. A collector with slow = true is
 * collected by the helper thread, all others by the sampler; never by two at once. */

#include "greend/base.h"
#include "greend/language.h"
#include "greend/sample.h"

/* Health of one item (a zone, a chip, a whole collector), as `greend-ctl status` shows it. */
enum health {
    HEALTH_WORKING,
    HEALTH_DEGRADED, /* gives less than it could */
    HEALTH_FAILED,   /* gives nothing, and should */
    HEALTH_ABSENT,   /* this machine does not have it; nothing is wrong */
    HEALTH_OFF,      /* switched off by configuration */
    HEALTHS
};

enum { STATUS_ITEM_MAX = 64 };

/* `why` and `mend` are constant English texts, marked by N_(), so that they can be translated where
 * they are shown; NULL where there is nothing to say. */
struct collector_status {
    char item[STATUS_ITEM_MAX]; /* "package-0/dram"; "" for the collector as a whole */
    enum health health;
    int error; /* 0 or a negative errno */
    const char *why;
    const char *mend;
};

/* Everything a collector may depend on. Outlives the collector. */
struct collector_env {
    int sysfs_fd;         /* directory, O_PATH or readable; -1 where missing */
    int procfs_fd;        /* directory */
    bool live_sysfs;      /* sysfs_fd is this kernel's /sys */
    bool live_procfs;     /* procfs_fd is this kernel's /proc, in this PID namespace */
    bool model_rest;      /* [model] rest=auto: model what the meters do not cover */
    bool exits;           /* [sampling] exits=auto: ask the kernel for records of exits */
    uint64_t interval_ns; /* [sampling] interval= */
    /* Maps a process to a workload number that comes back in struct activity. Called only within
     * collect(), only for processes that are new or changed. Must not be NULL for `process`. */
    uint32_t (*identify)(void *userdata, const struct process_identity *identity);
    /* The process with that workload number is gone, or was identified anew: one call for each
     * identify(), so that workloads without processes can be forgotten. */
    void (*release)(void *userdata, uint32_t workload);
    void *userdata;
};

/* What collect() answers besides 0 and a negative errno. */
enum { COLLECT_NO_DATA = 1 /* nothing to read on this machine: not a failure */ };

struct collector {
    const char *name;
    bool slow; /* may block for long: runs in the helper thread */
    /* slow: what is read changes little in such a time, and is read no more often. 0: as often as
     * the helper reads at all, as whoever has meters or sensors must be. */
    uint64_t period_ns;

    /* Finds its sources. 0 also when there are none: collect() then says COLLECT_NO_DATA. */
    int (*open)(const struct collector_env *env, void **ret_state);

    /* Appends to the sample. One source that fails must not hide the others. */
    int (*collect)(void *state, struct sample *sample);

    /* Reports the health of each item through emit(), as the last collect() found it. Called on the
     * collecting thread, at most once in a few seconds; may be NULL. */
    void (*status)(void *state, void (*emit)(void *userdata, const struct collector_status *status),
                   void *userdata);

    /* Accepts NULL. */
    void (*close)(void *state);
};

/* All collectors of this build in the order in which they are collected, ended by NULL. */
extern const struct collector *const collectors[];
