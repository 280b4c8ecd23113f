/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the tests of the store share: a database in a directory of its own, batches, and a model in
 * memory of what was committed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "greend/store.h"
#include "greend/units.h"

#define MINUTE INT64_C(60)
#define HOUR   INT64_C(3600)
#define DAY    INT64_C(86400)
#define NOON   INT64_C(1795435200) /* 2026-11-23 12:00 UTC */

enum { SKIPPED = 77, FIXTURE_WORKLOADS = 12, FIXTURE_DOMAINS = 3, BATCH_MAX = 4096 };

struct fixture {
    char directory[64];
    char path[96];
    struct store_options options;
    struct store *store;
    uint64_t total_uj; /* of all that was committed: the position's total_uj */
    uint64_t frames;
};

/* Two days of minutes, ninety of hours, a year of days; names are kept. */
void fixture_begin(struct fixture *fixture);
void fixture_keep_all(struct fixture *fixture); /* before it is opened: no pruning */
void fixture_end(struct fixture *fixture);      /* closes and removes everything */
void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);

/* A history of an older version: a minute, its hour and its day, with what the meters stated in the
 * parts. Domain 1 states 5 %, domain 2 not always, domain 3 is unsplit half of the time. */
void fixture_make_version(const char *path, int64_t version);

/* As cmocka calls them: a fixture of its own, in UTC, not open yet. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Runs in a time zone; ends the test program as skipped where the zone is not installed. */
void fixture_zone(const char *name);

/* The integer that a query answers, read by a connection of its own. */
int64_t fixture_query(const struct fixture *fixture, const char *sql);

/* Asserts that days, hours and minutes each hold total_uj, that spans neither overlap nor cross the
 * ones above, that nothing refers to what is not there, and that the position says the same. */
void fixture_check(const struct fixture *fixture);

/* A batch under construction, with workloads 0 to 11 and domains 0 to 2. */
struct batch {
    struct workload workloads[FIXTURE_WORKLOADS];
    struct ring_domain_entry domains[FIXTURE_DOMAINS];
    struct store_energy energies[BATCH_MAX];
    struct store_activity activities[BATCH_MAX];
    struct store_reservation reservations[BATCH_MAX];
    struct store_span spans[BATCH_MAX];
    struct store_batch store;
    uint64_t total_uj;
};

struct batch *batch_new(void);
void batch_clear(struct batch *batch);
void batch_energy(struct batch *batch, int64_t begin_s, uint32_t workload, uint32_t domain,
                  uint64_t energy_uj);
void batch_activity(struct batch *batch, int64_t begin_s, uint32_t workload, uint64_t cpu_ns);
void batch_reserved(struct batch *batch, int64_t begin_s, uint32_t workload, uint64_t memory_kib_s,
                    uint64_t weight_ppb_s);
void batch_span(struct batch *batch, int64_t begin_s, uint64_t covered_ns);

/* Some energy, CPU time and memory in each of the minutes since_s, since_s + 60 ... before until_s.
 */
void batch_minutes(struct batch *batch, int64_t since_s, int64_t until_s, uint64_t energy_uj);

/* Commits with the next position at that time, and counts what was committed. */
int fixture_commit(struct fixture *fixture, struct batch *batch, int64_t now_s);

/* Opens the database, which has an hour from NOON in it then. */
void fixture_open_hour(struct fixture *fixture);

/* xorshift64*. The seed is GREEND_TEST_SEED where it is set; it is printed. */
uint64_t random_seed(void);
uint64_t random_next(uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t bound);

/* Seconds of a UTC time "2026-03-29 01:00". */
int64_t utc(const char *text);
