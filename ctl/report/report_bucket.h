/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the store says of one bucket (the period, an hour or a day), held until all of it is there:
 * only then can a domain's idle energy be divided among the workloads, and can it be said how sure
 * the domain is as a whole. Pure. */

#include "report/report.h"

/* One row of the store. */
struct bucket_part {
    struct report_row *row; /* where it goes */
    size_t domain;          /* index of bucket->domains */
    uint32_t kind;          /* enum workload_kind */
    struct report_sum sum;
};

/* A domain, and how sure its meter is. */
struct bucket_domain {
    char name[DOMAIN_NAME_MAX];
    uint32_t source;
    uint32_t kind;
    bool banded;             /* the store has it as a whole */
    uint64_t uncertainty_uj; /* of that; UINT64_MAX: not stated */
};

/* A workload that reserved something. */
struct bucket_holder {
    struct report_row *row; /* NULL: where the report knows no workloads */
    uint32_t kind;
    uint64_t memory_kib_s;
    uint64_t weight_ppb_s;
};

struct report_bucket {
    int64_t begin_s;
    uint64_t covered_ns; /* its time, and for how much of it reservations are known */
    uint64_t memory_ns;
    uint64_t weight_ns;
    struct bucket_holder *holders;
    size_t n_holders;
    size_t holders_capacity;
    struct bucket_part *parts;
    size_t n_parts;
    size_t parts_capacity;
    struct bucket_domain *domains;
    size_t n_domains;
    size_t domains_capacity;
};

/* Accepts NULL. */
void bucket_free(struct report_bucket *bucket);

/* Begins with the next bucket, empty. */
void bucket_clear(struct report_bucket *bucket, int64_t begin_s);

/* -ENOMEM. */
int bucket_add(struct report_bucket *bucket, const struct store_usage *usage,
               struct report_row *row, const struct report_sum *sum);
int bucket_add_whole(struct report_bucket *bucket, const struct store_usage *usage);

int bucket_add_holder(struct report_bucket *bucket, const struct store_usage *usage,
                      struct report_row *row);

/* Adds a holder's share of a domain's idle energy. -ENOMEM. */
int bucket_add_share(struct report_bucket *bucket, const struct bucket_holder *holder,
                     size_t domain, const struct report_sum *share);

/* Divides each domain's idle energy among the holders, by what they reserved and exactly: that of
 * packages by CPU weight, of DRAM by memory, of others by half each. What is not known for a part
 * of the time stays idle. -ENOMEM. */
int bucket_reserve_idle(struct report_bucket *bucket);

/* Divides each domain's idle energy among all else that used it, in proportion to their energy and
 * exactly; where nothing else used any it stays idle. */
void bucket_share_idle(struct report_bucket *bucket);

/* What a domain's energy is made of, and how sure the meter is of it. */
struct report_sum bucket_whole(const struct report_bucket *bucket, size_t domain);
