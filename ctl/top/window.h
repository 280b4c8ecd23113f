/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The last seconds of the ring, and who used what in them. Frames go in, sums come out: no file, no
 * clock. Every microjoule of a summed domain is in exactly one of idle, unattributed and the rows.
 *
 * A ring file is not trusted: a domain whose parts do not add up is unattributed as a whole. */

#include "greend/ring.h"
#include "greend/units.h"

enum top_group {
    TOP_BY_WORKLOAD,
    TOP_BY_UNIT,
    TOP_BY_USER,
    TOP_BY_CONTAINER, /* and virtual machines; all others are one row without a unit */
    TOP_BY_PROCESS,
    TOP_GROUPS
};

/* An energy with half of its 95 % interval, which is UINT64_MAX where a part states none. */
struct top_energy {
    uint64_t uj;
    uint64_t half_uj;
    uint64_t modelled_uj; /* of it, what a model says and no meter */
};

/* Texts that a group does not tell apart are "". */
struct top_row {
    uint32_t kind; /* enum workload_kind; WORKLOAD_KINDS where a group mixes them */
    int32_t pid;   /* TOP_BY_PROCESS; 0: processes that ended */
    uint64_t start_ticks;
    char unit[WORKLOAD_UNIT_MAX];
    char command[WORKLOAD_COMMAND_MAX];
    char user[WORKLOAD_USER_MAX];
    struct top_energy energy;
    uint64_t cpu_ns;
};

struct top_sums {
    size_t frames;
    uint64_t covered_ns; /* time that the sums speak for */
    uint64_t gap_ns;     /* time between that nothing was measured in */
    uint32_t cpus;
    struct top_energy total;
    struct top_energy idle;
    struct top_energy unattributed;
    uint64_t source_uj[ENERGY_SOURCES];
    uint64_t missed_uj; /* between these frames: overwritten before they were read; not in total */
    struct top_row *rows;
    size_t n;
    size_t capacity;
    uint32_t *buckets; /* places in rows + 1, by hash */
    size_t n_buckets;
};

struct top_window;

/* NULL: out of memory. */
struct top_window *top_window_new(uint64_t length_ns);
struct top_window *top_window_free(struct top_window *window);

/* A shorter one forgets at once, a longer one fills with time. */
void top_window_set_length(struct top_window *window, uint64_t length_ns);
uint64_t top_window_length(const struct top_window *window);

/* Adds a frame behind those before; the ring is asked for its names. Forgets the oldest as long as
 * the others speak for the window's length. -ENOMEM: nothing was added. */
int top_window_add(struct top_window *window, const struct ring *ring, const struct frame *frame);

/* The next frame is of another ring: its running totals say nothing of what was missed. */
void top_window_break(struct top_window *window);

/* Of all frames since the window was made: energy that was overwritten before it was read. */
uint64_t top_window_missed(const struct top_window *window);

/* Sums by group, in no order; keeps the memory of sums that were filled before. -ENOMEM. */
int top_window_sum(const struct top_window *window, enum top_group group, struct top_sums *sums);
void top_sums_done(struct top_sums *sums);
