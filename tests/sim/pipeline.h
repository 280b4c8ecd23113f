/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The way of a joule as greend goes it, from a sample into the ring and out again: the ledger is
 * the product's own, and the books are kept from nothing but the frames that its readers get. */

#include "core/attribution/ledger.h"
#include "sim/sim.h"

/* What the frames say since the books were opened. */
struct books {
    uint64_t measured_uj; /* of all domains */
    uint64_t idle_uj;
    uint64_t nobody_uj; /* unattributed */
    uint64_t workload_uj[SIM_WORKLOADS];
    /* Half-widths of 95 % intervals, added up, and the energy that none is stated for. */
    double half_uj[SIM_WORKLOADS];
    uint64_t unstated_uj[SIM_WORKLOADS];
};

struct pipeline {
    void *memory;
    struct ring ring;
    struct ledger *ledger;
    struct frame frame;
    bool begun;
    uint64_t last_uj[SIM_DOMAINS]; /* the meters' readings before */
    bool exact; /* so far measured = idle + workloads + unattributed = what the meters said */
    struct books books;
};

/* NULL: no memory. */
struct pipeline *pipeline_new(void);
void pipeline_free(struct pipeline *pipeline);

/* Takes the simulated machine's sample into the ledger, and the frame into the books. */
void pipeline_tick(struct pipeline *pipeline, const struct sim *sim);
