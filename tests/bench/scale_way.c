/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The way of a joule behind the sweep, on machines of any number of workloads and domains: the
 * ledger, what the recorder and the exporter make of a frame, and a scrape. */
#include <stdio.h>

#include "core/attribution/ledger.h"
#include "core/exposition/exposition.h"
#include "core/rollup/rollup.h"
#include "machine.h"
#include "scale.h"

enum {
    SLOTS = 1 << 16,
    WORKLOADS_MAX = 2000,
    WARM_UP = 70, /* until the estimators have learned something */
    TICKS = 64,   /* they solve in turns */
    TOP = 50
};

/* ---- The ledger ---- */

struct ticking {
    void *memory;
    struct ring ring;
    struct ledger ledger;
    struct sample sample;
    struct ledger_clock clock;
    struct activity activities[WORKLOADS_MAX];
    int workloads, domains;
    uint64_t random;
    uint64_t counters_uj[PACKAGES_MAX];
};

static uint64_t some(struct ticking *ticking, uint64_t below)
{
    ticking->random ^= ticking->random << 13;
    ticking->random ^= ticking->random >> 7;
    ticking->random ^= ticking->random << 17;
    return ticking->random % below;
}

static void use_cpu(struct ticking *ticking)
{
    struct busy *busy = &ticking->sample.busy;
    *busy =
        (struct busy){.elapsed_ns = NS_PER_S, .cpus = 64, .packages = (uint32_t)ticking->domains};
    for (int d = 0; d < ticking->domains; d++)
        busy->package_cpus[d] = 64 / (uint32_t)ticking->domains;
    for (int i = 0; i < ticking->workloads; i++) {
        struct activity *activity = &ticking->activities[i];
        activity->package = (int16_t)(i % ticking->domains);
        activity->cpu_ns = (1 + some(ticking, 20)) * NS_PER_MS;
        busy->busy_ns += activity->cpu_ns;
        busy->package_busy_ns[i % ticking->domains] += activity->cpu_ns;
    }
}

static void use_energy(struct ticking *ticking)
{
    for (int d = 0; d < ticking->domains; d++) {
        double cores = (double)ticking->sample.busy.package_busy_ns[d] / 1e9;
        ticking->counters_uj[d] += (uint64_t)((40 + 4 * cores) * 1e6) + some(ticking, 100000);
        ticking->sample.meters.readings[d] = (struct meter_reading){
            .time_ns = ticking->clock.mono_ns, .value = ticking->counters_uj[d] % 262143328850};
    }
}

static void tick(struct ticking *ticking)
{
    ticking->clock.mono_ns += NS_PER_S;
    ticking->clock.boottime_ns += NS_PER_S;
    ticking->clock.real_ns += (int64_t)NS_PER_S;
    use_cpu(ticking);
    use_energy(ticking);
    ledger_tick(&ticking->ledger, &ticking->sample, &ticking->clock);
}

static void *make_ticking(int workloads, int domains)
{
    static const uint8_t id[16] = "a ring that is m";
    struct ticking *ticking = calloc(1, sizeof(*ticking));
    size_t size = ring_memory_size(SLOTS);
    void *memory = aligned_alloc(64, size);
    if (!ticking || !memory)
        scale_die("no memory");
    memset(memory, 0, size);
    ticking->memory = memory;
    ticking->workloads = workloads;
    ticking->domains = domains;
    ticking->random = 88172645463325252;
    ticking->clock = (struct ledger_clock){NS_PER_S, NS_PER_S, INT64_C(1800000000000000000)};
    if (ring_format(&ticking->ring, memory, size, SLOTS, id) != 0)
        scale_die("ring");
    ledger_init(&ticking->ledger, &ticking->ring, id, 30 * NS_PER_S);
    ticking->sample.meters.count = (size_t)domains;
    for (int d = 0; d < domains; d++) {
        struct meter *meter = &ticking->sample.meters.meters[d];
        *meter = (struct meter){.kind = DOMAIN_PACKAGE,
                                .source = SOURCE_RAPL,
                                .form = METER_COUNTER,
                                .package = d,
                                .die = -1,
                                .range_uj = 262143328850,
                                .max_power_uw = 400 * UW_PER_W,
                                .uncertainty_ppm = 50000};
        (void)snprintf(meter->key, sizeof(meter->key), "intel-rapl/package-%d", d);
        (void)snprintf(meter->domain, sizeof(meter->domain), "package-%d", d);
    }
    for (int i = 0; i < workloads; i++) {
        struct workload workload = {.generation = 1, .kind = WORKLOAD_SERVICE};
        uint32_t slot = RING_WORKLOAD_FIRST + (uint32_t)i;
        (void)snprintf(workload.unit, sizeof(workload.unit), "worker-%d.service", i);
        ledger_name(&ticking->ledger, slot, &workload);
        ticking->activities[i] = (struct activity){
            .pid = i + 1, .start_ticks = 1, .threads = 1, .workload = ring_workload_id(slot, 1)};
    }
    ticking->sample.activities = ticking->activities;
    ticking->sample.n_activities = (size_t)workloads;
    for (int i = 0; i < WARM_UP; i++)
        tick(ticking);
    return ticking;
}

static void *make_workloads(int workloads)
{
    return make_ticking(workloads, 1);
}

static void *make_domains(int domains)
{
    return make_ticking(200, domains);
}

static void tick_often(void *made)
{
    for (int i = 0; i < TICKS; i++)
        tick(made);
}

static void ticking_done(void *made)
{
    struct ticking *ticking = made;
    ledger_done(&ticking->ledger);
    free(ticking->memory);
    free(ticking);
}

const struct curve scale_ledger_workloads = {
    .name = "ledger-workloads",
    .what = "the ledger's tick, one package, all workloads active",
    .of = "workloads",
    .sizes = {62, 125, 250, 500, 1000, 2000},
    .runs = 7,
    .times = TICKS,
    .make = make_workloads,
    .run = tick_often,
    .done = ticking_done,
};

const struct curve scale_ledger_domains = {
    .name = "ledger-domains",
    .what = "the ledger's tick, 200 workloads over all packages",
    .of = "packages, a domain each",
    .sizes = {1, 2, 4, 8, 16},
    .runs = 7,
    .times = TICKS,
    .make = make_domains,
    .run = tick_often,
    .done = ticking_done,
};

/* ---- Behind the ring ---- */

struct reading {
    struct machine *machine;
    struct frame frame;
    struct series *series;
    struct rollup *rollup;
    struct text text;
    uint32_t workloads;
};

static void make_frame(struct reading *reading)
{
    machine_begin(reading->machine, NS_PER_S);
    machine_idle(reading->machine, 0, 40 * UJ_PER_J);
    for (uint32_t i = 0; i < reading->workloads; i++)
        machine_use(reading->machine, 0, ring_workload_id(RING_WORKLOAD_FIRST + i, 1),
                    (int32_t)i + 1, UJ_PER_J / (i + 1) + 1000, NS_PER_MS);
    machine_end(reading->machine, &reading->frame);
}

static void *make_reading(int workloads)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    if (!reading)
        scale_die("no memory");
    reading->workloads = (uint32_t)workloads;
    reading->machine = machine_new(SLOTS, 1);
    reading->series = series_new(TOP);
    reading->rollup = rollup_new();
    if (!reading->machine || !reading->series || !reading->rollup)
        scale_die("no memory");
    (void)machine_add_domain(reading->machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    for (uint32_t i = 0; i < reading->workloads; i++) {
        char unit[64];
        (void)snprintf(unit, sizeof(unit), "worker-%u.service", i);
        (void)machine_name(reading->machine, RING_WORKLOAD_FIRST + i, 1, WORKLOAD_SERVICE, unit,
                           "worker", "");
    }
    for (int i = 0; i < WARM_UP; i++) {
        make_frame(reading);
        (void)series_consume(reading->series, &reading->machine->ring, &reading->frame);
    }
    return reading;
}

static void scrape(void *made)
{
    struct reading *reading = made;
    make_frame(reading);
    (void)series_consume(reading->series, &reading->machine->ring, &reading->frame);
    text_clear(&reading->text);
    exposition_render(&reading->text,
                      &(struct exposition){.series = reading->series, .version = "0"},
                      EXPOSITION_OPENMETRICS);
}

static void sum_minute(void *made)
{
    struct reading *reading = made;
    struct store_batch batch;
    for (int i = 0; i < 60; i++) {
        make_frame(reading);
        if (rollup_add(reading->rollup, &reading->machine->ring, &reading->frame) < 0)
            scale_die("rollup");
    }
    if (rollup_batch(reading->rollup, &batch) < 0)
        scale_die("batch");
    rollup_committed(reading->rollup);
}

static void reading_done(void *made)
{
    struct reading *reading = made;
    text_done(&reading->text);
    frame_done(&reading->frame);
    series_free(reading->series);
    rollup_free(reading->rollup);
    machine_free(reading->machine);
    free(reading);
}

const struct curve scale_scrape = {
    .name = "scrape",
    .what = "a frame taken in and a scrape rendered, 50 workloads shown",
    .of = "workloads",
    .sizes = {62, 125, 250, 500, 1000, 2000},
    .runs = 25,
    .times = 1,
    .make = make_reading,
    .run = scrape,
    .done = reading_done,
};

const struct curve scale_rollup = {
    .name = "rollup",
    .what = "a minute of frames made and summed for the history, all workloads active",
    .of = "workloads",
    .sizes = {62, 125, 250, 500, 1000, 2000},
    .runs = 7,
    .times = 1,
    .make = make_reading,
    .run = sum_minute,
    .done = reading_done,
};
