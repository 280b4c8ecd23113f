/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Divides the energy of a frame's domains among processes and pushes the records. Pure. */

#include "core/attribution/ledger.h"

/* CPU time of one interval. */
struct attribute_time {
    uint64_t busy_ns;         /* processes + unattributed */
    uint64_t unattributed_ns; /* what no process is known for */
    uint64_t skew_ns;         /* what processes used above what /proc/stat can be behind */
};

struct attribute_time attribute_time(const struct activity *activities, size_t n, uint64_t busy_ns,
                                     struct attribute_balance *balance);

/* How many records attribute_push() pushes. */
size_t attribute_records(size_t n_activities, size_t n_entries);

/* Pushes the records of idle, unattributed and unsplit energy and those of the activities, for the
 * domains (by entry, n_entries of them). For each domain they add up to its energy_uj exactly. */
void attribute_push(struct ring *ring, const struct ledger_domain *domains, size_t n_entries,
                    const struct division *division, const struct division_frame *frame);
