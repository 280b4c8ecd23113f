/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A store that holds what a test puts into it: greend/store.h's readers and what forgets a user,
 * linked instead of the real ones. */

#include "greend/store.h"

struct fake_usage {
    int64_t begin_s;
    int64_t length_s;
    size_t workload;
    int domain; /* -1: the row with the CPU time */
    uint64_t energy_uj;
    uint64_t uncertainty_uj;
    uint64_t cpu_ns;
};

/* Told behind the usages of the same span. */
struct fake_reserved {
    int64_t begin_s;
    int64_t length_s;
    size_t workload;
    uint64_t memory_kib_s;
    uint64_t weight_ppb_s;
};

struct fake_span {
    int64_t begin_s;
    int64_t length_s;
    uint64_t covered_ns;
    uint64_t gap_ns;
};

struct fake_store {
    int open_result;
    int usage_result;
    int check_result;
    const char *error;
    struct store_info info;
    struct store_period period; /* what is kept; none where it ends before it begins */
    const struct workload *workloads;
    const struct ring_domain_entry *domains;
    const struct fake_usage *usages;
    size_t n_usages;
    const struct fake_reserved *reserved;
    size_t n_reserved;
    const struct fake_span *spans;
    size_t n_spans;
    const struct store_event *events;
    size_t n_events;
    const struct store_facts *facts; /* NULL: none are kept */
    unsigned usage_calls;            /* of store_reader_usage() so far */
    char opened[256];                /* the path that was opened */
    uint64_t renamed;                /* by store_forget_user() */
    int forget_result;
    char forgotten[128]; /* its users, each followed by a semicolon */
    bool locked;         /* a daemon runs */
};

extern struct fake_store fake_store;
