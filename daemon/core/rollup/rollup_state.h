/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the files of the rollup share: rollup.c takes frames in, rollup_batch.c gives batches out,
 * rollup_resume.c finds where the store ended.
 */

#include "core/rollup/cells.h"
#include "core/rollup/rollup.h"
#include "core/rollup/spread.h"
#include "greend/units.h"

enum {
    /* The "domains" of cells that hold CPU time, KiB x s of memory, and CPU weight x s. */
    DOMAIN_CPU = UINT16_MAX,
    DOMAIN_MEMORY = UINT16_MAX - 1,
    DOMAIN_WEIGHT = UINT16_MAX - 2,
    /* Those of spans: time covered (and gaps, as the uncertainty), and time for which what was
     * reserved is known. */
    SPAN_COVERED = 0,
    SPAN_MEMORY = 1,
    SPAN_WEIGHT = 2,
    ROLLUP_ID_OTHER = (1 << 12) | RING_WORKLOAD_OTHER,
};

/* A domain as the ring numbers it. */
struct rollup_domain {
    struct ring_domain_entry entry;
    bool known;
    bool seen;                /* in a frame */
    uint64_t total_uj;        /* running total after the last frame seen */
    uint64_t base_uj;         /* running total before the first frame seen */
    uint32_t uncertainty_ppm; /* of the last frame seen */
    bool settled;             /* what the store lacked before base_uj has been booked */
};

struct rollup {
    struct cells cells;
    struct cells spans;
    struct cell *sorted;
    struct store_energy *energies;
    struct store_activity *activities;
    struct store_reservation *reservations;
    struct store_span *span_rows;
    size_t rows_capacity; /* of the five arrays */

    struct workload workloads[RING_WORKLOADS_MAX];
    uint32_t ids[RING_WORKLOADS_MAX]; /* the ring's number of workloads[] */
    size_t n_workloads;
    uint32_t index_of_slot[RING_WORKLOADS_MAX]; /* newest index plus 1 for a slot of the ring */

    struct rollup_domain domains[ROLLUP_DOMAINS_MAX];
    struct ring_domain_entry domain_rows[ROLLUP_DOMAINS_MAX];

    struct store_event events[ROLLUP_EVENTS_MAX];
    size_t n_events;

    struct store_meter meters[METERS_MAX];
    struct store_meter meter_rows[METERS_MAX + ROLLUP_DOMAINS_MAX];

    bool resumed;
    bool doubt;        /* frames are left out that the store may lack: a gap is to be declared */
    uint64_t doubt_ns; /* how long, where `begin` is a frame; 0: the next frame tells */
    struct store_meter *resume_meters;
    size_t n_resume_meters;

    struct store_position position; /* behind the last frame that was added */
    struct store_position before;   /* the store's, for what shows between two frames */
    uint64_t begin;                 /* in the ring: where the store's knowledge ends */
};

/* The index of a workload in this batch. */
uint32_t rollup_workload(struct rollup *rollup, const struct ring *ring, uint32_t id);

/* The key under which a domain's running total is stored. */
const char *rollup_domain_key(const struct ring_domain_entry *entry, char key[METER_KEY_MAX]);

/* The time from the store's last commit to a frame, as far as it is known. */
uint64_t rollup_unknown_ns(const struct rollup *rollup, const struct frame *frame);

/* Declares the gap of rollup->doubt, once. Room for a span must have been reserved. */
void rollup_declare(struct rollup *rollup, int64_t minute_s, int64_t time_s);

/* Books energy of a domain that belongs to nobody: it was missed, or its parts do not add up. */
void rollup_book_unattributed(struct rollup *rollup, const struct ring *ring,
                              const struct spread *spread, uint32_t domain, uint64_t energy_uj);

/* Books how sure a domain's meter is of energy that is booked in parts, as that of WORKLOAD_UNSPLIT
 * without energy: what the parts say of their split says nothing of their sum. */
void rollup_book_whole(struct rollup *rollup, const struct ring *ring, const struct spread *spread,
                       uint32_t domain, uint64_t energy_uj);

/* Makes room for, and books, what a frame says of reservations. -ENOMEM. */
int rollup_reserve_reserved(struct rollup *rollup, const struct frame *frame);
void rollup_book_reserved(struct rollup *rollup, const struct ring *ring,
                          const struct frame *frame);

/* A domain's energy before the first frame that was seen of it which the store lacks. */
uint64_t rollup_missing_before(const struct rollup *rollup, const struct rollup_domain *domain);

/* Keeps the number of cells and spans bounded while the store takes nothing: minutes become hours,
 * then days, and all workloads one. */
void rollup_fold(struct rollup *rollup, const struct ring *ring);
