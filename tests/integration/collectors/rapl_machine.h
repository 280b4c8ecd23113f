/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A fixture root with powercap zones, and the collector running on it. */

#include "unit.h"

#include "collectors/rapl/powercap.h"
#include "fixtures.h"
#include "greend/collector.h"
#include "greend/units.h"

extern const struct collector collector_rapl;

#define POWERCAP "class/powercap/"

struct rapl_machine {
    struct fixture fixture;
    struct collector_env env;
    void *state;
    struct sample sample;
    size_t n_statuses;
    struct collector_status statuses[METERS_MAX + 1];
};

static inline void zone_file(struct rapl_machine *machine, const char *zone, const char *file,
                             const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof(path), POWERCAP "%s/%s", zone, file);
    fixture_write(&machine->fixture, path, text);
}

/* A zone as the kernel shows it. range and power may be NULL: no such file. */
static inline void zone_make(struct rapl_machine *machine, const char *zone, const char *name,
                             const char *energy, const char *range, const char *power)
{
    char line[64];
    (void)snprintf(line, sizeof(line), "%s\n", name);
    zone_file(machine, zone, "name", line);
    zone_file(machine, zone, "enabled", "0\n");
    if (energy)
        zone_file(machine, zone, "energy_uj", energy);
    if (range)
        zone_file(machine, zone, "max_energy_range_uj", range);
    if (power)
        zone_file(machine, zone, "constraint_0_max_power_uw", power);
}

/* A new value in the open file, as a counter that moves. */
static inline void zone_count(struct rapl_machine *machine, const char *zone, const char *energy)
{
    char path[256];
    (void)snprintf(path, sizeof(path), POWERCAP "%s/energy_uj", zone);
    fixture_rewrite(&machine->fixture, path, energy);
}

/* With this interval the tree is searched anew at every fifth collect. */
static inline void machine_make(struct rapl_machine *machine)
{
    memset(machine, 0, sizeof(*machine));
    fixture_make(&machine->fixture);
    machine->env = (struct collector_env){
        .sysfs_fd = machine->fixture.fd, .procfs_fd = -1, .interval_ns = 60 * NS_PER_S};
}

static inline void machine_open(struct rapl_machine *machine)
{
    assert_int_equal(collector_rapl.open(&machine->env, &machine->state), 0);
}

static inline void machine_done(struct rapl_machine *machine)
{
    collector_rapl.close(machine->state);
    fixture_done(&machine->fixture);
}

static inline int machine_collect(struct rapl_machine *machine)
{
    machine->sample.meters.count = 0;
    return collector_rapl.collect(machine->state, &machine->sample);
}

static inline void machine_search_again(struct rapl_machine *machine)
{
    for (int i = 0; i < 5; i++)
        (void)machine_collect(machine);
}

static inline const struct meter_reading *reading_of(const struct rapl_machine *machine,
                                                     const char *key, const struct meter **ret)
{
    for (size_t i = 0; i < machine->sample.meters.count; i++) {
        if (str_equal(machine->sample.meters.meters[i].key, key)) {
            if (ret)
                *ret = &machine->sample.meters.meters[i];
            return &machine->sample.meters.readings[i];
        }
    }
    fail_msg("no meter %s", key);
    return NULL;
}

static inline void keep_status(void *userdata, const struct collector_status *status)
{
    struct rapl_machine *machine = userdata;
    machine->statuses[machine->n_statuses++] = *status;
}

static inline const struct collector_status *status_of(struct rapl_machine *machine,
                                                       const char *item)
{
    machine->n_statuses = 0;
    collector_rapl.status(machine->state, keep_status, machine);
    for (size_t i = 0; i < machine->n_statuses; i++)
        if (str_equal(machine->statuses[i].item, item))
            return &machine->statuses[i];
    fail_msg("no status of '%s'", item);
    return NULL;
}

static inline void expect_health(struct rapl_machine *machine, const char *item, enum health health)
{
    const struct collector_status *status = status_of(machine, item);
    assert_int_equal(status->health, health);
    if (health == HEALTH_FAILED && *item) {
        assert_non_null(status->why);
        assert_non_null(status->mend);
        assert_true(status->error < 0);
    }
}
