/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "doctor/doctor_checks.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "collectors/model/host.h"
#include "collectors/parse_proc.h"
#include "collectors/source.h"
#include "greend/units.h"

enum { FILES_MAX = 4096 /* of one process that are looked at */ };

/* ---- Whether there is a meter ---- */

static bool is_virtual(const struct doctor_scene *scene)
{
    return scene->reading.inventory.machine == MACHINE_VIRTUAL;
}

const char *doctor_sensor_module(const struct doctor_scene *scene)
{
    struct cpuinfo info;
    if (host_cpuinfo(scene->procfs_fd, &info) < 0)
        return NULL;
    return info.vendor == CPU_VENDOR_INTEL ? "coretemp"
           : info.vendor == CPU_VENDOR_AMD ? "k10temp"
                                           : NULL;
}

/* The whole machine's, of ACPI: where it gives readings nothing is estimated, whatever the
 * processors show. */
static bool has_platform_meter(const struct doctor_scene *scene)
{
    const struct ring_status *platform = doctor_item(scene, "hwmon", "platform");
    return doctor_daemon_runs(scene) && platform && platform->health == HEALTH_WORKING;
}

DOCTOR_JUDGE(doctor_virtual)
{
    (void)detail;
    return is_virtual(scene) && scene->zones.count == 0 && !has_platform_meter(scene) ? DOCTOR_NOTE
                                                                                      : DOCTOR_OK;
}

/* Modules that are built into the kernel stand in /sys/module as well. */
static bool add_missing_modules(const struct doctor_scene *scene, struct text *detail)
{
    static const char *const modules[] = {"intel_rapl_common", "intel_rapl_msr"};
    bool missing = false;
    for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "module/%s", modules[i]);
        if (doctor_exists(scene->sysfs_fd, path))
            continue;
        doctor_add_name(detail, modules[i]);
        missing = true;
    }
    return missing;
}

DOCTOR_JUDGE(doctor_module)
{
    if (is_virtual(scene) || scene->zones.count > 0 || !doctor_sensor_module(scene))
        return DOCTOR_OK;
    return add_missing_modules(scene, detail) ? DOCTOR_FAULT : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_no_meter)
{
    (void)detail;
    CLEANUP(text_done) struct text missing = {0};
    if (is_virtual(scene) || scene->zones.count > 0 || has_platform_meter(scene))
        return DOCTOR_OK;
    if (!doctor_sensor_module(scene))
        return DOCTOR_NOTE;
    return add_missing_modules(scene, &missing) ? DOCTOR_OK : DOCTOR_WARNING;
}

DOCTOR_JUDGE(doctor_rest)
{
    (void)detail;
    return scene->settings.model_rest ? DOCTOR_OK : DOCTOR_NOTE;
}

/* ---- Whether it may be read ---- */

DOCTOR_JUDGE(doctor_meter_group)
{
    (void)detail;
    return scene->meters_exist || scene->zones.count == 0 ? DOCTOR_OK : DOCTOR_WARNING;
}

struct unreadable {
    const struct doctor_scene *scene;
    struct text *detail;
    bool any;
};

static bool may_be_read(const struct doctor_scene *scene, const struct stat *status)
{
    bool group = scene->meters_exist && status->st_gid == scene->meters_gid;
    return (status->st_mode & S_IROTH) || (group && status->st_mode & S_IRGRP);
}

static int on_zone(void *userdata, const char *name)
{
    struct unreadable *unreadable = userdata;
    char path[300];
    char zone[64];
    struct stat status;
    (void)snprintf(path, sizeof(path), "class/powercap/%s/energy_uj", name);
    if (fstatat(unreadable->scene->sysfs_fd, path, &status, 0) < 0 ||
        may_be_read(unreadable->scene, &status))
        return 0;
    (void)snprintf(path, sizeof(path), "class/powercap/%s/name", name);
    if (source_read_line(unreadable->scene->sysfs_fd, path, zone, sizeof(zone)) < 0)
        (void)str_copy(zone, sizeof(zone), name);
    doctor_add_name(unreadable->detail, zone);
    unreadable->any = true;
    return 0;
}

/* By the mode of the files: who asks is another one than the daemon. */
DOCTOR_JUDGE(doctor_meter_readable)
{
    struct unreadable unreadable = {.scene = scene, .detail = detail};
    (void)source_list(scene->sysfs_fd, "class/powercap", on_zone, &unreadable);
    return unreadable.any ? DOCTOR_FAULT : DOCTOR_OK;
}

DOCTOR_JUDGE(doctor_udev_rule)
{
    (void)detail;
    return scene->udev_rule[0] != '\0' || is_virtual(scene) ? DOCTOR_OK : DOCTOR_NOTE;
}

/* ---- Whether its counters are whole ---- */

DOCTOR_JUDGE(doctor_range)
{
    enum doctor_verdict verdict = DOCTOR_OK;
    for (size_t i = 0; i < scene->zones.count; i++) {
        const struct meter *meter = &scene->zones.zones[i].meter;
        if (meter->range_uj > 0)
            continue;
        doctor_add_name(detail, strchr(meter->key, '/') + 1);
        verdict = DOCTOR_WARNING;
    }
    return verdict;
}

DOCTOR_JUDGE(doctor_wrap)
{
    enum doctor_verdict verdict = DOCTOR_OK;
    for (size_t i = 0; i < scene->zones.count; i++) {
        const struct meter *meter = &scene->zones.zones[i].meter;
        /* A wrap is told from a reset where less than half the range can have gone by. */
        uint64_t half_ns = mul_div(meter->range_uj / 2, NS_PER_S, MAX(meter->max_power_uw, 1));
        if (meter->range_uj == 0 || scene->settings.interval_ns <= half_ns)
            continue;
        doctor_add_name(detail, strchr(meter->key, '/') + 1);
        text_format(detail, " (%" PRIu64 " s)", 2 * half_ns / NS_PER_S);
        verdict = DOCTOR_NOTE;
    }
    return verdict;
}

/* ---- Who else reads it ---- */

struct readers {
    const struct doctor_scene *scene;
    struct text *detail;
    bool any;
    int32_t pid;
    size_t files;
    bool holds;
};

static int on_file(void *userdata, const char *name)
{
    struct readers *readers = userdata;
    char path[64];
    char target[256];
    if (++readers->files > FILES_MAX)
        return 1;
    (void)snprintf(path, sizeof(path), "%" PRId32 "/fd/%.20s", readers->pid, name);
    ssize_t length = readlinkat(readers->scene->procfs_fd, path, target, sizeof(target) - 1);
    if (length < 0)
        return 0;
    target[length] = '\0';
    const char *last = strrchr(target, '/');
    readers->holds = last && (str_equal(last, "/energy_uj") ||
                              (str_starts(target, "/dev/cpu/") && str_equal(last, "/msr")));
    return readers->holds ? 1 : 0;
}

static bool is_known_reader(const char *comm)
{
    static const char *const names[] = {"scaphandre", "kepler",   "alumet",     "powertop",
                                        "turbostat",  "powerapi", "smartwatts", "perf-power"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (str_starts(comm, names[i]))
            return true;
    return false;
}

/* Files of other users' processes are root's to see; names are everybody's. */
static int on_process(void *userdata, const char *name)
{
    struct readers *readers = userdata;
    char path[64];
    char comm[COMM_MAX];
    if (parse_proc_pid(name, strlen(name), &readers->pid) < 0)
        return 0;
    (void)snprintf(path, sizeof(path), "%s/comm", name);
    if (source_read_line(readers->scene->procfs_fd, path, comm, sizeof(comm)) < 0 ||
        str_equal(comm, "greend") || str_equal(comm, "greend-ctl"))
        return 0;
    readers->files = 0;
    readers->holds = false;
    (void)snprintf(path, sizeof(path), "%s/fd", name);
    (void)source_list(readers->scene->procfs_fd, path, on_file, readers);
    if (!readers->holds && !is_known_reader(comm))
        return 0;
    doctor_add_name(readers->detail, comm);
    text_format(readers->detail, " (%" PRId32 ")", readers->pid);
    readers->any = true;
    return 0;
}

DOCTOR_JUDGE(doctor_readers)
{
    struct readers readers = {.scene = scene, .detail = detail};
    (void)source_list(scene->procfs_fd, ".", on_process, &readers);
    return readers.any ? DOCTOR_NOTE : DOCTOR_OK;
}

/* ---- Sensors ---- */

static int on_chip(void *userdata, const char *name)
{
    (void)userdata;
    return str_starts(name, "hwmon") ? 1 : 0;
}

DOCTOR_JUDGE(doctor_sensors)
{
    (void)detail;
    if (is_virtual(scene) || source_list(scene->sysfs_fd, "class/hwmon", on_chip, NULL) == 1)
        return DOCTOR_OK;
    return DOCTOR_NOTE;
}
