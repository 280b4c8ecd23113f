/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What sampler and recorder do, by the product's own parts (names, ledger, ring, rollup, series,
 * store), at moments that a test chooses. The ring outlives the daemon, as a file in /run does. */

#include "core/attribution/ledger.h"
#include "core/rollup/rollup.h"
#include "core/series/series.h"
#include "core/workload/workload.h"
#include "greend/store.h"
#include "soak/soak_machine.h"

struct soak_run {
    void *memory;
    uint64_t slots;
    struct ring ring;
    uint64_t rings; /* made so far */
};

struct soak_daemon {
    struct soak_machine *machine;
    struct ring *ring;
    struct store *store;
    struct store_resume resume;
    struct workload_table *names;
    struct ledger *ledger;
    struct rollup *rollup;
    struct series *series;
    struct store_series *series_rows;
    size_t series_capacity;
    uint64_t series_exported;
    bool series_continuous, series_forgotten;
    struct frame frame;
    uint64_t position;
    uint64_t ticked_ns; /* of the machine's clock, 0: not yet */
    uint64_t lapped;    /* times that the recorder was overtaken */
};

/* An empty ring under /run, as after a boot. */
void soak_ring_new(struct soak_run *run, uint64_t slots);
/* As a greend of before would have written it: it does not tell CLOCK_BOOTTIME of each meter. */
void soak_ring_of_before(struct soak_run *run);

void soak_ring_done(struct soak_run *run);

void soak_daemon_start(struct soak_daemon *daemon, struct soak_machine *machine,
                       struct soak_run *run, const struct store_options *options);

/* One sample into the ring. */
void soak_daemon_tick(struct soak_daemon *daemon);

/* The recorder reads what there is. */
void soak_daemon_drain(struct soak_daemon *daemon);

/* What store_commit() answers; an event more where `clean`. */
int soak_daemon_commit(struct soak_daemon *daemon, bool clean);

/* Gone without a word, as by kill -9: what was not committed is in the ring alone. */
void soak_daemon_kill(struct soak_daemon *daemon);

/* A last sample and a commit before. */
void soak_daemon_stop(struct soak_daemon *daemon);
