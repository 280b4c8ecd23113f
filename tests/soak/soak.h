/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* One life of greend: the machine, the daemon that runs on it, the books, and what the test has
 * seen so far. */

#include "greend/units.h"
#include "soak/soak_books.h"
#include "soak/soak_daemon.h"
#include "support/scratch.h"

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS   (60 * MINUTE_NS)
#define DAY_NS    (24 * HOUR_NS)

enum { SLOTS = 1 << 15, SOAK_HAPPENINGS = 16 };

struct soak {
    struct scratch scratch;
    char path[300];
    struct store_options options;
    unsigned days;
    struct soak_machine machine;
    struct soak_run run;
    struct soak_daemon daemon;
    struct soak_books books, committed;
    uint64_t ticks, commits, refused, starts, checks;
    uint64_t lapped;
    uint64_t disk_full_until_ns, fail_until_ns;
    /* Bytes. */
    size_t heap_most_early, heap_most_late; /* while a daemon runs: first and second half */
    size_t heap_without;                    /* between the first two daemons */
    int64_t file_early, file_most;
};

/* What happens to a server, each so many times a year: soak_happenings.c. */
struct happening {
    const char *name;
    void (*happen)(struct soak *soak);
    unsigned a_year;
    uint64_t next_ns;
    unsigned count;
};

extern struct happening soak_happenings[SOAK_HAPPENINGS];

void soak_plan(struct soak *soak);
void soak_let_happen(struct soak *soak);

/* ---- For what happens: test_soak.c ---- */

double soak_day(const struct soak *soak);

/* The number that a query of the database gives. */
int64_t soak_ask(const struct soak *soak, const char *sql);
void soak_check_books(struct soak *soak);

void soak_start(struct soak *soak);
void soak_stop(struct soak *soak);

/* After an end of any kind; then the books must balance. */
void soak_start_again(struct soak *soak);

/* A sample after so long. */
void soak_tick(struct soak *soak, uint64_t time_ns);
void soak_commit(struct soak *soak);
