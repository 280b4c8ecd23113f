/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Histories of one to ten years: a report over all of it, and the commit of a minute into it. */
#include <stdio.h>
#include <sys/stat.h>

#include "greend/store.h"
#include "history.h"
#include "scale.h"
#include "scratch.h"

enum { COMMITS = 60 };

#define DAY_S UINT64_C(86400)
#define END_S INT64_C(1795392000) /* 2026-11-23 00:00 UTC */

struct kept {
    struct scratch scratch;
    char path[300];
    struct store *store; /* for commits */
    int64_t minute;
};

static void *make_years(int years)
{
    struct kept *kept = calloc(1, sizeof(*kept));
    if (!kept)
        scale_die("no memory");
    kept->scratch = scratch_new();
    (void)snprintf(kept->path, sizeof(kept->path), "%s/greend.db", kept->scratch.path);
    const struct store_options options = {.path = kept->path,
                                          .retention_minutes_s = 2 * DAY_S,
                                          .retention_hours_s = 90 * DAY_S,
                                          .retention_days_s = 3660 * DAY_S,
                                          .retention_names_s = 2 * DAY_S,
                                          .timezone = "UTC"};
    const struct history history = {kept->path, END_S, 365 * (int64_t)years, 90, 2};
    char *aside = NULL;
    uint64_t rows = 0;
    if (store_open(&kept->store, &options, &aside) < 0)
        scale_die("store");
    kept->store = store_close(kept->store);
    if (history_make(&history, &rows) < 0 || store_open(&kept->store, &options, &aside) < 0)
        scale_die("history");
    return kept;
}

static int take_row(void *userdata, const struct store_usage *usage)
{
    uint64_t *sum_uj = userdata;
    *sum_uj += usage->energy_uj;
    return 0;
}

static void report(void *made)
{
    const struct kept *kept = made;
    struct store_reader *reader = NULL;
    struct store_period period;
    uint64_t sum_uj = 0;
    if (store_reader_open(&reader, kept->path) < 0 ||
        store_reader_period(reader, INT64_MIN, INT64_MAX, &period) < 0 ||
        store_reader_usage(reader, &period, STORE_BY_WORKLOAD, take_row, &sum_uj) < 0 ||
        sum_uj == 0)
        scale_die("report");
    (void)store_reader_close(reader);
}

static void commit(void *made)
{
    struct kept *kept = made;
    for (int i = 0; i < COMMITS; i++) {
        struct store_batch batch;
        history_minute(END_S + kept->minute * 60, &batch);
        kept->minute++;
        batch.position.real_ns = (END_S + kept->minute * 60) * (int64_t)NS_PER_S;
        batch.position.mono_ns = (uint64_t)kept->minute * 60 * NS_PER_S;
        if (store_commit(kept->store, &batch) < 0)
            scale_die("commit");
    }
}

static void years_done(void *made)
{
    struct kept *kept = made;
    kept->store = store_close(kept->store);
    scratch_done(&kept->scratch);
    free(kept);
}

const struct curve scale_report = {
    .name = "report",
    .what = "a report by workload over all of it, 100 workloads in 3 domains",
    .of = "years of history",
    .sizes = {1, 2, 5, 10},
    .runs = 3,
    .times = 1,
    .make = make_years,
    .run = report,
    .done = years_done,
};

const struct curve scale_commit = {
    .name = "commit",
    .what = "the commit of a minute, its share of pruning once an hour included",
    .of = "years of history",
    .sizes = {1, 2, 5, 10},
    .runs = 3,
    .times = COMMITS,
    .make = make_years,
    .run = commit,
    .done = years_done,
};
