/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine whose meters have known powers and fail when told to, and what is made of them. */

#include "unit.h"

#include "core/meter/topology.h"
#include "greend/units.h"

#define RANGE_UJ UINT64_C(4294967295000000)
#define BUSY     UINT32_C(500000)

enum { SOURCES_MAX = 8 };

struct source {
    struct meter meter;
    uint64_t power_uw;
    uint64_t energy_uj; /* true energy since the start */
    uint64_t every;     /* a slow gauge brings a new reading every so many ticks; 0: each */
    int error;
    bool absent;
    struct meter_reading reading;
};

struct machine {
    struct metering metering;
    struct topology topology;
    struct meter_set set;
    struct meter_delta deltas[METERS_MAX];
    struct topology_result result;
    struct source sources[SOURCES_MAX];
    size_t n_sources;
    uint64_t now_ns;
    uint64_t ticks;
    uint64_t summed_uj;
    uint64_t gap_ns; /* declared: by what is summed, and by changes of it */
    uint64_t events[TOPOLOGY_DOMAINS_FULL + 1];
};

static inline int setup(void **state)
{
    /* Not of cmocka: it reads what it gave after test_free(). */
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    metering_init(&machine->metering, 30 * NS_PER_S);
    topology_init(&machine->topology);
    machine->now_ns = 1000 * NS_PER_S;
    *state = machine;
    return 0;
}

static inline int teardown(void **state)
{
    free(*state);
    return 0;
}

static inline struct source *add(struct machine *machine, const char *key, const char *domain,
                                 enum domain_kind kind, uint64_t power_w)
{
    struct source *source = &machine->sources[machine->n_sources++];
    source->meter = (struct meter){
        .kind = kind, .source = SOURCE_RAPL, .package = -1, .die = -1, .range_uj = RANGE_UJ};
    (void)str_copy(source->meter.key, sizeof(source->meter.key), key);
    (void)str_copy(source->meter.domain, sizeof(source->meter.domain), domain);
    source->power_uw = power_w * UW_PER_W;
    return source;
}

static inline struct source *add_gauge(struct machine *machine, const char *key, const char *domain,
                                       enum domain_kind kind, enum energy_source from,
                                       uint64_t power_w)
{
    struct source *source = add(machine, key, domain, kind, power_w);
    source->meter.form = METER_GAUGE;
    source->meter.source = from;
    return source;
}

static inline void read_source(struct machine *machine, struct source *source)
{
    if (source->every && machine->ticks % source->every != 0)
        return;
    bool gauge = source->meter.form == METER_GAUGE;
    source->reading = (struct meter_reading){
        .time_ns = machine->now_ns,
        .value = gauge ? source->power_uw : source->energy_uj,
        .idle_uw = source->meter.source == SOURCE_MODEL ? source->power_uw / 2 : 0,
    };
}

static inline void tick_of(struct machine *machine, uint64_t elapsed_ns)
{
    struct topology_result *result = &machine->result;
    machine->now_ns += elapsed_ns;
    machine->set.count = 0;
    for (size_t i = 0; i < machine->n_sources; i++) {
        struct source *source = &machine->sources[i];
        source->energy_uj += energy_of_power(source->power_uw, elapsed_ns);
        read_source(machine, source);
        if (source->absent)
            continue;
        struct meter_reading reading = source->reading;
        reading.error = source->error;
        machine->set.meters[machine->set.count] = source->meter;
        machine->set.readings[machine->set.count++] = reading;
    }
    metering_update(&machine->metering, &machine->set, machine->deltas);
    topology_update(&machine->topology, &machine->set, machine->deltas, BUSY, result);
    for (size_t i = 0; i < result->n_domains; i++)
        if (result->domains[i].summed) {
            machine->summed_uj += result->domains[i].energy_uj;
            machine->gap_ns += result->domains[i].gap_ns;
        }
    for (size_t i = 0; i < result->n_events; i++)
        machine->events[result->events[i].kind]++;
    machine->gap_ns += result->gap_ns;
    machine->ticks++;
}

static inline void ticks(struct machine *machine, int count)
{
    for (int i = 0; i < count; i++)
        tick_of(machine, NS_PER_S);
}

static inline const struct domain_energy *domain(const struct machine *machine, const char *name)
{
    for (size_t i = 0; i < machine->result.n_domains; i++)
        if (str_equal(machine->result.domains[i].name, name))
            return &machine->result.domains[i];
    fail_msg("no domain %s", name);
    return NULL;
}

static inline void expect(const struct machine *machine, const char *name, bool summed,
                          uint64_t energy_j)
{
    const struct domain_energy *energy = domain(machine, name);
    if (energy->summed != summed || energy->energy_uj != energy_j * UJ_PER_J)
        fail_msg("%s: summed %d, %llu uJ", name, energy->summed,
                 (unsigned long long)energy->energy_uj);
}
