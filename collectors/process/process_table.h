/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The processes of this machine: found by PID, joined in a tree. Pure.
 *
 * A process is named by its slot, which it keeps as long as it is here; slot 0 is nobody. Pointers
 * are valid until the next process_table_add(). Memory grows by doubling and is never given back.
 */

#include "greend/base.h"

enum {
    PROCESS_NONE = 0,
    PID_INIT = 1,
    PPID_UNKNOWN = -1,
    PROCESSES_MAX = 1 << 17, /* beyond it, processes are not seen */
};

enum process_flag {
    PROCESS_NEW = 1 << 0,        /* its stat was never read: its start and parent are unknown */
    PROCESS_READ = 1 << 1,       /* its stat must be read, active or not */
    PROCESS_QUEUED = 1 << 2,     /* stands in the queue of this sweep */
    PROCESS_DEAD = 1 << 3,       /* gone since this sweep: kept until the next one begins */
    PROCESS_KERNEL = 1 << 4,     /* a kernel thread */
    PROCESS_HIDDEN = 1 << 5,     /* its stat cannot be read */
    PROCESS_IDENTIFIED = 1 << 6, /* has a workload */
    PROCESS_ADOPTED = 1 << 7,    /* its parent died: the one noted is a guess until stat is read */
    PROCESS_REAPER = 1 << 8,     /* orphans became its children: a subreaper */
    PROCESS_SUSPECT = 1 << 11,   /* its directory is another: its PID may be another process's */
    PROCESS_LEAVING = 1 << 10,  /* was first seen as a zombie: stays PROCESS_NEW, its start known */
    PROCESS_FRESH = 1 << 12,    /* its stat was read in this sweep for the first time */
    PROCESS_CONFIRMED = 1 << 9, /* it and its descendants were asked twice in this sweep */
    PROCESS_EXITED = 1 << 13,   /* the record of its end is here: exit_ns is all there will be */
    PROCESS_MET = 1 << 15,      /* alive, with PROCESS_NEW: the record of a thread told of it */
    PROCESS_FORKED = 1 << 15,   /* ended: never called exec(), as its record says */
    PROCESS_SETTLED = 1 << 14,  /* never seen alive: its record was told as far as it can be */
};

enum process_mark {
    PROCESS_WAITED = 1 << 0,  /* waited for children since it was seen first */
    PROCESS_UNASKED = 1 << 1, /* has so many threads that this sweep did not ask it */
    PROCESS_ABSENT = 1 << 2,  /* came and went: was gone before anybody's stat was read */
};

struct process {
    uint64_t start_ticks;
    uint64_t cpu_ns;    /* CPU time when it was asked last */
    uint64_t delta_ns;  /* used since, told at the end of this sweep */
    uint64_t child_ns;  /* CPU time of its reaped descendants when its stat was read last */
    int64_t balance_ns; /* child time not told yet; negative: debts. See process_ledger.h */
    uint64_t exit_ns;   /* CPU time of its threads that ended, as their records say */
    uint64_t claim_ns;  /* from records of others, to be told with it. See process_exits.h */
    uint32_t inode;     /* of its directory in /proc, low bits */
    int32_t pid;        /* 0: the slot is free */
    int32_t ppid;       /* 0: of the first processes; PPID_UNKNOWN: its parent died */
    int16_t last_cpu;
    uint16_t packages; /* as in struct activity, when its identity was read last */
    union {
        uint32_t threads;
        uint32_t exit_number; /* of the unseen (process_exits.h): the order of their records */
    };
    union {
        uint32_t workload;
        uint32_t heir; /* of the unseen: slot of a parent that died in this sweep */
    };
    uint32_t uid;
    uint32_t group; /* hash of its cgroup identity, 0: unknown */
    uint32_t comm_hash;
    uint32_t check_at_s;   /* CLOCK_BOOTTIME: its identity is read again then */
    uint8_t check_after_s; /* how long it was from the check before until that one */
    uint8_t marks;         /* enum process_mark */
    uint16_t flags;        /* enum process_flag */
    uint16_t node;         /* its group in process_groups.h */
    uint16_t child_faults; /* of children that it waited for, low bits */
    /* The tree, as slots. The parent of a live process is alive, or none. */
    uint32_t parent;
    uint32_t first_child;
    uint32_t next_sibling; /* in a free slot: the next free one */
    uint32_t previous_sibling;
};

_Static_assert(sizeof(struct process) <= 120, "10,000 processes must stay below 2 MiB");

struct process_table {
    struct process *slots;
    uint32_t capacity; /* slots allocated */
    uint32_t end;      /* all slots in use are below */
    uint32_t free;     /* first of the free slots below end */
    uint32_t alive;    /* processes that are not dead */
    uint32_t hidden;   /* of them with PROCESS_HIDDEN */
    uint32_t *index;   /* hash of live PIDs: slots, 0 where empty */
    uint32_t index_size;
    uint32_t *queue; /* processes to look at in this sweep, each at most once */
    uint32_t queued;
    uint32_t *dead; /* processes to remove when the next sweep begins */
    uint32_t died;
};

void process_table_init(struct process_table *table);
void process_table_done(struct process_table *table);

static inline struct process *process_at(const struct process_table *table, uint32_t slot)
{
    return &table->slots[slot];
}

/* The slot of a live process, or PROCESS_NONE. */
uint32_t process_table_find(const struct process_table *table, int32_t pid);

/* Adds a process (flags PROCESS_NEW). Its PID must not be that of a live one.
 * -ENOMEM; -ENOSPC: PROCESSES_MAX are there. */
int process_table_add(struct process_table *table, int32_t pid, uint32_t *ret_slot);

/* Makes a process somebody's child; PROCESS_NONE: nobody's. Refused (it becomes nobody's) where the
 * start of the parent is unknown or after its own: a reused PID or a hostile text, with which the
 * tree could become a circle. */
void process_table_link(struct process_table *table, uint32_t slot, uint32_t parent);

/* Puts it into the queue, once. */
void process_table_enqueue(struct process_table *table, uint32_t slot);

void process_table_set_hidden(struct process_table *table, uint32_t slot, bool hidden);

/* Declares it dead: its PID is free for another. It stays in its slot and in the tree. */
void process_table_kill(struct process_table *table, uint32_t slot);

/* Forgets the dead, who must have no children, but for those with one of these flags. */
void process_table_remove_dead(struct process_table *table, uint16_t kept);
