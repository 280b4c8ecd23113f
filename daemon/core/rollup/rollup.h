/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Sums frames into minutes, ready for the store. Pure.
 *
 * Every microjoule of a frame is booked in exactly one (minute, workload, domain). A frame shorter
 * than a minute belongs to the minute of its middle; a longer one (a restart, an upgrade) is spread
 * evenly over the minutes that it lasted. Frames that the reader missed are known by the running
 * totals of their domains: their energy is booked as unattributed, with an event.
 *
 * The history of a new store begins with the oldest frame of the ring. Energy from before is in the
 * running totals and not in that history: it is not booked, its time is not covered, and no gap or
 * lost energy is declared, for there is no saying since when.
 *
 * A ring file is not trusted: a frame whose parts do not add up to its domain is booked as
 * unattributed as a whole.
 *
 * Memory is bounded: when the store takes nothing for hours or months, minutes are folded into
 * hours, then hours into days and workloads into `other`, each for itself: energy and CPU time, and
 * the spans that tell what was covered. No energy and no time is dropped. What was folded stands in
 * the first minute of its hour or day. */

#include "greend/ring.h"
#include "greend/store.h"

struct rollup;

enum {
    ROLLUP_CELLS_MAX = 1 << 16, /* (minute, workload, domain) combinations kept before folding */
    ROLLUP_SPANS_MAX = 3 << 13, /* likewise of what a minute was made of, three for each: five days
                                 */
    ROLLUP_DOMAINS_MAX = FRAME_DOMAINS_MAX,
    ROLLUP_EVENTS_MAX = 256,
};

/* NULL: out of memory. */
struct rollup *rollup_new(void);
struct rollup *rollup_free(struct rollup *rollup);

/* Where the frames go on from: what the store committed last. Without it, the first frame is taken
 * as it comes; with it, energy that was missed in between is found. May be called after frames were
 * added (the store could not be opened before). boot_id: of this boot. -ENOMEM.
 *
 * In the ring that the store followed last, its position tells what the store lacks. In another
 * one, frames of the boot of the store's last commit are new where CLOCK_MONOTONIC says so. For
 * others the order of the frames decides, and that no boot is newer than this one. The wall clock
 * is not asked: it may be anywhere until the network sets it. Where all that does not decide,
 * nothing is booked and a gap is declared: energy may be missing from a history, and is never in it
 * twice. */
int rollup_resume(struct rollup *rollup, const struct store_resume *resume, const struct ring *ring,
                  const uint8_t boot_id[16]);

/* The position of the first frame that the store lacks, as rollup_resume() found it, also in a ring
 * that the store did not follow last. */
uint64_t rollup_begin(const struct rollup *rollup);

/* Adds a frame; the ring is asked for the names it has not seen yet. -ENOMEM: nothing was added,
 * the same frame may be given again. */
int rollup_add(struct rollup *rollup, const struct ring *ring, const struct frame *frame);

/* Adds an event of the shell's own; the oldest goes when there are too many. */
void rollup_event(struct rollup *rollup, const struct store_event *event);

/* All that was added since the last rollup_commit(), as the store wants it, without series. The
 * arrays are the rollup's and valid until its next call. -ENOMEM. */
int rollup_batch(struct rollup *rollup, struct store_batch *ret_batch);

/* Forgets what rollup_batch() gave: the store has it. Names and meters stay. */
void rollup_committed(struct rollup *rollup);

/* Combinations kept now. */
size_t rollup_cells(const struct rollup *rollup);

/* Behind the last frame that was added. */
const struct store_position *rollup_position(const struct rollup *rollup);
