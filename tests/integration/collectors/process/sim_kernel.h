/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A simulated kernel that goes on forking, running, dying and reaping between any two questions of
 * the sweep, and knows exactly who used what.
 *
 * In some worlds it sends records of exits as well: somewhere between the beginning of an exit and
 * the end of the zombie, for single threads too, and some are lost.
 *
 * In some it counts what cgroups use: units in slices, that end with their last process and begin
 * again. Then nearly all is told, and with its own unit or slice. */

#include "unit/unit.h"

/* What may happen in a world. */
struct sim_kind {
    bool orphans, ignoring, strangers, threads;
    bool ticks; /* CPU times are those of stat */
    bool records, lossy;
    bool groups, movers;  /* groups: their usage is counted */
    bool rooted, counted; /* some live in the root; its usage is counted */
};

/* Sweeps ten such worlds, other ones each time (GREEND_TEST_SEED= repeats them). A sweep never
 * tells more than was used; where every child is waited for by its parent, every nanosecond is told
 * exactly once. */
void sim_kernel_run(struct sim_kind kind);
