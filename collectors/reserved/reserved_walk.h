/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reads the tree of control groups. Whatever persons and containers do below their own groups, the
 * number of groups that are looked at is bounded, there and in all: what is beyond is part of the
 * group above it. */

#include "collectors/reserved/reserved_tally.h"

/* Where the files stand, below sysfs. NULL: nowhere. */
struct reserved_place {
    const char *tree;   /* the hierarchy whose groups are walked */
    const char *memory; /* that of the memory controller */
    const char *weight; /* that of the CPU controller */
    bool memory_v2;
    bool weight_v2;
    bool memory_flat; /* v1 without use_hierarchy: a group does not count those below it */
};

void reserved_find(int sysfs_fd, struct reserved_place *ret_place);

/* How many groups may still be looked at. */
struct reserved_allowance {
    size_t left;
};

struct reserved_walk {
    int sysfs_fd;
    int procfs_fd;
    struct reserved_place place;
    struct reserved_node *nodes; /* RESERVED_NODES_MAX of them */
    size_t n_nodes;
    struct reserved_set *set;
    uint8_t asked[RESERVED_UNITS_MAX]; /* processes of each unit whose UID was asked for */
    struct reserved_allowance all;     /* in the whole tree */
    bool lost;                         /* there are more units than that */
    int memory_error;                  /* of a file that is there and says nothing sensible */
    int weight_error;
    char path[CGROUP_PATH_MAX];
};

/* Fills set and what the walk met; sysfs_fd, procfs_fd, nodes and set are given. 0; -ENOENT: there
 * are no control groups. */
int reserved_read(struct reserved_walk *walk);

/* cpu.shares, or cpu.weight (1 to 10000; 0: SCHED_IDLE) in units of cpu.shares. Pure. -ERANGE: no
 * kernel says that. */
int reserved_parse_shares(uint64_t value, bool v2, uint32_t *ret_shares);
