/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What greend does over and over, for tests/bench/instructions.sh to count: the same work each
 * time, on machines that are made up.
 *
 *     instructions sweep         asks 1,000 processes, a tenth of them active
 *     instructions ledger        divides the energy of a package among 300 processes of 100
 * workloads instructions scrape        renders 10,000 processes of 500 workloads, 50 of them shown
 *     instructions commit FILE   writes two minutes of 20 workloads in three domains
 *     instructions history FILE  makes the database that reports are counted on
 *
 * Each calls count_this() ROUNDS times; what is in it is counted. */

#include <stdio.h>

#include "busy_machine.h"
#include "core/exposition/exposition.h"
#include "history.h"
#include "made_machine.h"
#include "sim/pipeline.h"

enum { ROUNDS = 100, WARM_UP = 30, PROCESSES = 1000 };

#define DAY_S UINT64_C(86400)
#define END_S INT64_C(1795392000) /* 2026-11-23 00:00 UTC */

void count_this(void (*work)(void *argument), void *argument);

__attribute__((noinline)) void count_this(void (*work)(void *argument), void *argument)
{
    work(argument);
    __asm__ volatile("" : : : "memory"); /* no tail call: the count would end before the work */
}

/* ---- The sweep ---- */

static void sweep_once(void *argument)
{
    made_machine_sweep(argument);
}

static int count_sweep(void)
{
    struct made_machine *machine = made_machine_new(PROCESSES, false);
    if (!machine)
        return 1;
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
        made_machine_work(machine, 20 * NS_PER_MS);
        if (round < WARM_UP)
            sweep_once(machine);
        else
            count_this(sweep_once, machine);
        if (machine->sweep.n_activities != PROCESSES / MADE_ACTIVE)
            return 1;
    }
    made_machine_free(machine);
    return 0;
}

/* ---- The ledger ---- */

struct machine_and_way {
    struct sim *sim;
    struct pipeline *pipeline;
};

static void tick_once(void *argument)
{
    struct machine_and_way *both = argument;
    struct ledger_clock clock = {both->sim->mono_ns, both->sim->mono_ns,
                                 END_S * (int64_t)NS_PER_S + (int64_t)both->sim->mono_ns};
    ledger_tick(both->pipeline->ledger, &both->sim->sample, &clock);
}

static int count_ledger(void)
{
    struct machine_and_way both = {.sim = sim_new(scenario_find("hundred-tiny"), 1),
                                   .pipeline = pipeline_new()};
    if (!both.sim || !both.pipeline)
        return 1;
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
        sim_step(both.sim);
        if (round < WARM_UP)
            tick_once(&both);
        else
            count_this(tick_once, &both);
    }
    pipeline_free(both.pipeline);
    sim_free(both.sim);
    return 0;
}

/* ---- The scrape ---- */

struct shown {
    struct series *series;
    struct text text;
};

static void render_once(void *argument)
{
    struct shown *shown = argument;
    text_clear(&shown->text);
    exposition_render(&shown->text, &(struct exposition){.series = shown->series, .version = "0"},
                      EXPOSITION_OPENMETRICS);
}

static int count_scrape(void)
{
    struct machine *machine = busy_machine_new();
    struct frame frame = {0};
    struct shown shown = {.series = series_new(BUSY_TOP)};
    for (uint32_t turn = 0; turn < 10; turn++) {
        busy_machine_step(machine, turn, &frame);
        (void)series_consume(shown.series, &machine->ring, &frame);
    }
    render_once(&shown);
    size_t length = shown.text.length;
    for (int round = 0; round < ROUNDS; round++)
        count_this(render_once, &shown);
    bool same = length > 10000 && shown.text.length == length;
    text_done(&shown.text);
    frame_done(&frame);
    series_free(shown.series);
    machine_free(machine);
    return same ? 0 : 1;
}

/* ---- The commit ---- */

enum { WORKLOADS = 20, DOMAINS = 3, MINUTES = 2 };

struct written {
    struct store *store;
    int r;
    struct store_batch batch;
    struct workload workloads[WORKLOADS];
    struct ring_domain_entry domains[DOMAINS];
    struct store_energy energies[MINUTES * WORKLOADS * DOMAINS];
    struct store_activity activities[MINUTES * WORKLOADS];
    struct store_span spans[MINUTES];
};

static struct store *open_store(const char *path)
{
    const struct store_options options = {.path = path,
                                          .retention_minutes_s = 2 * DAY_S,
                                          .retention_hours_s = 10 * DAY_S,
                                          .retention_days_s = 3650 * DAY_S,
                                          .retention_names_s = 2 * DAY_S,
                                          .timezone = "UTC"};
    struct store *store = NULL;
    char *aside = NULL;
    return store_open(&store, &options, &aside) < 0 ? NULL : store;
}

/* From one round to the next the older minute stays: a commit a minute ends within one. */
static void fill(struct written *written, int round)
{
    struct store_energy *energy = written->energies;
    struct store_activity *activity = written->activities;
    for (uint32_t minute = 0; minute < MINUTES; minute++) {
        int64_t begin_s = END_S + 60 * (round + (int64_t)minute);
        written->spans[minute] = (struct store_span){.begin_s = begin_s, .covered_ns = NS_PER_S};
        for (uint32_t i = 0; i < WORKLOADS; i++) {
            *activity++ = (struct store_activity){begin_s, i, NS_PER_MS};
            for (uint32_t domain = 0; domain < DOMAINS; domain++)
                *energy++ = (struct store_energy){begin_s, i, domain, UJ_PER_J, UJ_PER_J / 10};
        }
    }
    written->batch.position.real_ns = (END_S + 60 * (round + 2)) * (int64_t)NS_PER_S;
    written->batch.position.mono_ns = (uint64_t)round * 60 * NS_PER_S;
}

static void commit_once(void *argument)
{
    struct written *written = argument;
    written->r = store_commit(written->store, &written->batch);
}

static int count_commit(const char *path)
{
    static struct written written;
    written.store = open_store(path);
    if (!written.store)
        return 1;
    written.batch = (struct store_batch){
        .workloads = written.workloads,
        .n_workloads = WORKLOADS,
        .domains = written.domains,
        .n_domains = DOMAINS,
        .energies = written.energies,
        .n_energies = ARRAY_SIZE(written.energies),
        .activities = written.activities,
        .n_activities = ARRAY_SIZE(written.activities),
        .spans = written.spans,
        .n_spans = MINUTES,
    };
    for (int i = 0; i < WORKLOADS; i++) {
        written.workloads[i].kind = WORKLOAD_SERVICE;
        (void)snprintf(written.workloads[i].unit, sizeof(written.workloads[i].unit), "unit-%d", i);
    }
    for (int i = 0; i < DOMAINS; i++) {
        written.domains[i] =
            (struct ring_domain_entry){.kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL};
        (void)snprintf(written.domains[i].name, sizeof(written.domains[i].name), "package-%d", i);
    }
    for (int round = 0; round < WARM_UP + ROUNDS && written.r == 0; round++) {
        fill(&written, round);
        if (round < WARM_UP)
            commit_once(&written);
        else
            count_this(commit_once, &written);
    }
    (void)store_close(written.store);
    return written.r == 0 ? 0 : 1;
}

/* ---- The history that is reported on ---- */

static int make_history(const char *path)
{
    const struct history history = {path, END_S, 30, 10, 1};
    uint64_t rows = 0;
    struct store *store = open_store(path);
    if (!store)
        return 1;
    (void)store_close(store);
    return history_make(&history, &rows) < 0 || rows == 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (str_equal(what, "sweep"))
        return count_sweep();
    if (str_equal(what, "ledger"))
        return count_ledger();
    if (str_equal(what, "scrape"))
        return count_scrape();
    if (str_equal(what, "commit") && argc > 2)
        return count_commit(argv[2]);
    if (str_equal(what, "history") && argc > 2)
        return make_history(argv[2]);
    (void)fprintf(stderr, "usage: instructions sweep|ledger|scrape|commit FILE|history FILE\n");
    return 2;
}
