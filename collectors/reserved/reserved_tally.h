/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* From a tree of control groups to what each unit reserves. Pure.
 *
 * Memory: the kernel counts a page to one group, and to all groups above it. So a unit holds what
 * its topmost group says, less what the units inside of it hold, and no page counts twice. What
 * slices hold beyond their units was left by units that ended: nobody's.
 *
 * CPU weight: weights say something among brothers alone. A group's part of the machine is that of
 * the group above, divided among the groups there that have processes, in proportion to their
 * weights; what is left for processes beside groups counts as a group of the default weight. The
 * machine's own processes, in no group, reserve nothing. */

#include "greend/sample.h"

enum {
    RESERVED_NODES_MAX = 8192,
    RESERVED_SHARES_DEFAULT = 1024, /* cpu.shares of a group that nobody gave any; cpu.weight 100 */
};

struct reserved_node {
    uint16_t parent; /* stands before it in the tree; the root's is itself */
    uint16_t unit;   /* 1 + its place in the set; 0: a slice's or the root */
    bool processes;  /* of its own */
    bool populated;  /* filled in: it, or a group below it, has processes */
    uint32_t shares; /* cpu.shares; 0: it has none of its own */
    uint64_t memory; /* bytes, with all groups below; UINT64_MAX: not told */
    uint32_t ppb;    /* filled in: its part of the machine */
    uint64_t among;  /* filled in: shares of those that its part is divided among */
    uint64_t seen;   /* filled in: of these, who has been given */
    uint32_t given;
};

/* Adds the tree up into the set, whose units are named already, and drops the units without
 * processes: they are no more. memory_known and weight_known stay true only where they are true of
 * every unit. */
void reserved_tally(struct reserved_node *nodes, size_t n_nodes, struct reserved_set *set);
