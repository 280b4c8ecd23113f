/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What greend does over and over, for tests/bench/instructions.sh to count: the same work each
 * time, on machines that are made up.
 *
 *     instructions sweep         asks 1,000 processes, a tenth of them active
 *     instructions ledger        divides the energy of a package among 300 processes of 100
 * workloads instructions scrape        renders 10,000 processes of 500 workloads, 50 of them shown
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

/* ---- The history that is reported on ---- */

static int make_history(const char *path)
{
    const struct store_options options = {.path = path,
                                          .retention_minutes_s = 2 * DAY_S,
                                          .retention_hours_s = 10 * DAY_S,
                                          .retention_days_s = 3650 * DAY_S,
                                          .retention_names_s = 2 * DAY_S,
                                          .timezone = "UTC"};
    const struct history history = {path, END_S, 30, 10, 1};
    struct store *store = NULL;
    char *aside = NULL;
    uint64_t rows = 0;
    if (store_open(&store, &options, &aside) < 0)
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
    if (str_equal(what, "history") && argc > 2)
        return make_history(argv[2]);
    (void)fprintf(stderr, "usage: instructions sweep|ledger|scrape|history FILE\n");
    return 2;
}
