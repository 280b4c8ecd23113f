/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine made of files, meters and a clock for the model to look at. */

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "greend/collector.h"
#include "greend/units.h"
#include "machines.h"
#include "moving_clock.h"

extern const struct collector collector_model;

/* ---- The collector, on a machine made of files ---- */

struct world {
    char path[32];
    struct collector_env env;
    void *model;
    struct sample sample;
    uint64_t time_ns;
};

static void world_write(const struct world *world, const char *name, const char *text,
                        size_t length)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", world->path, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void world_put(const struct world *world, const char *name, const char *text)
{
    world_write(world, name, text, strlen(text));
}

static struct world *world_new(const char *cpuinfo)
{
    static const char *const folders[] = {"proc", "sys", "sys/class", "sys/class/dmi",
                                          "sys/class/dmi/id"};
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    assert_true(str_copy(world->path, sizeof(world->path), "/tmp/greend-model-XXXXXX"));
    assert_non_null(mkdtemp(world->path));
    char path[128];
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", world->path, folders[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    if (cpuinfo)
        world_put(world, "proc/cpuinfo", cpuinfo);
    world_put(world, "proc/meminfo", "MemTotal:       201326592 kB\nMemFree: 1 kB\n");
    (void)snprintf(path, sizeof(path), "%s/proc", world->path);
    world->env.procfs_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    (void)snprintf(path, sizeof(path), "%s/sys", world->path);
    world->env.sysfs_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    world->env.model_rest = true;
    world->time_ns = NS_PER_S;
    clock_offset_ns = 0;
    return world;
}

static struct world *world_of(const struct shape *shape)
{
    char *text = cpuinfo_text(shape);
    struct world *world = world_new(text);
    free(text);
    return world;
}

static void world_start(struct world *world)
{
    assert_int_equal(collector_model.open(&world->env, &world->model), 0);
}

static void world_free(struct world *world)
{
    static const char *const names[] = {"proc/cpuinfo",
                                        "proc/meminfo",
                                        "proc",
                                        "sys/class/dmi/id/chassis_type",
                                        "sys/class/dmi/id/sys_vendor",
                                        "sys/class/dmi/id/product_name",
                                        "sys/class/dmi/id",
                                        "sys/class/dmi",
                                        "sys/class",
                                        "sys",
                                        ""};
    char path[128];
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", world->path, names[i]);
        (void)remove(path);
    }
    assert_int_equal(access(world->path, F_OK), -1);
    collector_model.close(world->model);
    (void)close(world->env.procfs_fd);
    (void)close(world->env.sysfs_fd);
    free(world);
}

/* Begins a tick of one second in which `busy_percent` of all CPUs worked. */
static void tick(struct world *world, uint32_t cpus, uint64_t busy_percent)
{
    world->time_ns += NS_PER_S;
    world->sample.meters.count = 0;
    world->sample.busy = (struct busy){
        .busy_ns = cpus * NS_PER_S / 100 * busy_percent, .elapsed_ns = NS_PER_S, .cpus = cpus};
}

static struct meter_reading *put_meter(struct world *world, const char *domain,
                                       enum domain_kind kind, uint64_t value)
{
    struct meter_set *meters = &world->sample.meters;
    struct meter *meter = &meters->meters[meters->count];
    *meter = (struct meter){.kind = kind,
                            .source = SOURCE_RAPL,
                            .form = METER_COUNTER,
                            .package = 0,
                            .die = -1,
                            .range_uj = 262143328850};
    (void)str_copy(meter->domain, sizeof(meter->domain), domain);
    (void)snprintf(meter->key, sizeof(meter->key), "rapl/%s", domain);
    struct meter_reading *reading = &meters->readings[meters->count++];
    *reading = (struct meter_reading){.time_ns = world->time_ns, .value = value};
    return reading;
}

static int collect(struct world *world)
{
    return collector_model.collect(world->model, &world->sample);
}

/* The meter that the model added last. */
static const struct meter *added(const struct world *world)
{
    const struct meter *meter = &world->sample.meters.meters[world->sample.meters.count - 1];
    assert_int_equal(meter->source, SOURCE_MODEL);
    assert_int_equal(meter->form, METER_GAUGE);
    return meter;
}

static const struct meter_reading *added_reading(const struct world *world)
{
    (void)added(world);
    return &world->sample.meters.readings[world->sample.meters.count - 1];
}

struct statuses {
    struct collector_status platform, rest;
};

static void take_status(void *userdata, const struct collector_status *status)
{
    struct statuses *statuses = userdata;
    if (status->item[0] == '\0')
        statuses->platform = *status;
    else if (str_equal(status->item, "rest"))
        statuses->rest = *status;
    else
        fail_msg("unknown item %s", status->item);
}

static struct statuses status_of(struct world *world)
{
    struct statuses statuses = {.platform.health = HEALTHS, .rest.health = HEALTHS};
    collector_model.status(world->model, take_status, &statuses);
    assert_int_not_equal(statuses.platform.health, HEALTHS);
    assert_int_not_equal(statuses.rest.health, HEALTHS);
    return statuses;
}
