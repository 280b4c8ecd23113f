/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The rules by which a cgroup path names a unit, a container or a virtual machine. */

#include "collectors/part.h"
#include "greend/sample.h"

/* How much a path says. Among the hierarchies of one process the highest wins. */
enum cgroup_rank {
    CGROUP_RANK_NOTHING,
    CGROUP_RANK_GROUP, /* a group that no rule knows */
    CGROUP_RANK_SLICE,
    CGROUP_RANK_UNIT,
    CGROUP_RANK_CONTAINER, /* or a virtual machine */
    CGROUP_RANKS
};

/* Pure; accepts any bytes. */
enum cgroup_rank cgroup_path_parse(struct part path, struct cgroup_identity *ret_identity);
