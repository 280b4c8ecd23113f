/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The ledger: turns one sample into one frame of the ring. Pure: the caller brings the sample and
 * the clocks; nothing is allocated per tick.
 *
 * For every summed domain and every frame, in whole microjoules:
 *
 *     measured = idle + sum over workloads + unattributed
 *
 * idle is what a model says or what the domain's estimator has learned; the rest is divided by CPU
 * time, weighted with the watts that the estimator has learned for each workload. CPU time that no
 * process is known for is unattributed, never spread over those that are. */

#include "core/attribution/division.h"
#include "core/meter/topology.h"
#include "greend/ring.h"
#include "greend/store.h"

/* When a sample was taken. */
struct ledger_clock {
    uint64_t mono_ns;     /* CLOCK_MONOTONIC */
    uint64_t boottime_ns; /* CLOCK_BOOTTIME */
    int64_t real_ns;      /* CLOCK_REALTIME */
};

/* What one domain says and divides in one frame. */
struct ledger_domain {
    unsigned members; /* domains of the topology: more than one in `other` */
    bool present;
    bool summed;
    uint64_t energy_uj;
    uint64_t idle_uj;
    uint64_t late_uj; /* known to be of an earlier interval: nobody's now */
    size_t number;    /* in the topology: the first of its members */
    uint64_t interval_ns;
    uint64_t gap_ns;
    uint32_t uncertainty_ppm;
};

/* CPU time that was told before /proc/stat counted it, from one interval to the next: it steps by
 * 10 ms, and ended children are told when they are reaped. */
struct attribute_balance {
    uint64_t early_ns; /* told, and not counted yet */
    uint64_t most_ns;  /* how much of it may be so */
};

struct ledger {
    struct ring *ring;
    uint8_t boot_id[16];
    uint64_t stale_ns;

    struct metering metering;
    struct topology topology;
    struct meter_delta deltas[METERS_MAX];
    struct topology_result result;
    struct attribute_balance balance;
    struct division division;

    /* By entry of the ring's tables, which outlive this process. */
    struct ring_domain_entry domain_entries[TOPOLOGY_DOMAINS_MAX];
    uint64_t domain_totals_uj[TOPOLOGY_DOMAINS_MAX];
    struct ring_meter_entry meter_entries[METERS_MAX];
    uint64_t meter_told[METERS_MAX]; /* position behind the last record that refers to it */

    uint16_t entry_of_domain[TOPOLOGY_DOMAINS_MAX]; /* plus 1; 0: none yet */
    uint16_t entry_of_meter[METERS_MAX];            /* likewise */

    struct ledger_domain domains[TOPOLOGY_DOMAINS_MAX]; /* by entry, in this frame */

    uint64_t frame_number;
    uint64_t total_uj;
    bool known_before; /* last is that of a frame, perhaps of an earlier process */
    struct ledger_clock last;
    bool same_boot; /* as last */
    bool ticked;    /* this process has made a frame */

    /* Activities that do not fit in a frame are summed by workload here. */
    struct activity summed[RING_WORKLOADS_MAX];
};

/* Binds a ledger, which is all zeroes, to the ring that it produces. stale_ns: how long the reading
 * of a gauge holds. Most of it is never written to where there are few meters and workloads, and
 * then takes no memory. */
void ledger_init(struct ledger *ledger, struct ring *ring, const uint8_t boot_id[16],
                 uint64_t stale_ns);

/* Accepts what was initialised and zeroes. */
void ledger_done(struct ledger *ledger);

/* Before the first tick: what estimators begin with, which outlives the ledger. */
void ledger_recall(struct ledger *ledger, const struct learned *learned);

/* What a slot of the workload table stands for from now on. */
void ledger_name(struct ledger *ledger, uint32_t slot, const struct workload *workload);

/* Fills in what estimators would begin with in the next daemon, but for the hardware. */
void ledger_keep(const struct ledger *ledger, struct learned *ret);

/* Goes on from the last frame of the ring, and from what the store has kept: for each meter from
 * the newer reading of the two, and only within the same boot. `frame` is a buffer. */
void ledger_resume(struct ledger *ledger, const struct store_resume *resume, struct frame *frame);

/* Pushes and publishes the frame of one sample. Allocates where a domain appears. */
void ledger_tick(struct ledger *ledger, const struct sample *sample,
                 const struct ledger_clock *clock);

/* The longest time until the next tick that leaves no doubt about counters that wrap. */
uint64_t ledger_poll_interval(const struct sample *sample);
