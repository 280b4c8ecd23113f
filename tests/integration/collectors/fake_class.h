/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Sensor chips made of files. libsensors reads /sys and nothing else, so they stand in a tmpfs that
 * covers /sys/class in a mount namespace of the test's own. /sys itself stays sysfs: libsensors
 * checks that. */

#include "unit.h"

#include <ftw.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return false;
    bool written = fputs(text, file) != EOF;
    return fclose(file) == 0 && written;
}

/* NULL, or why there is none. */
static const char *enter_namespace(void)
{
    char uid_map[32];
    char gid_map[32];
    bool root = geteuid() == 0;
    (void)snprintf(uid_map, sizeof(uid_map), "0 %u 1", geteuid());
    (void)snprintf(gid_map, sizeof(gid_map), "0 %u 1", getegid());
    if (access("/sys/class", F_OK) < 0)
        return "there is no /sys/class";
    if (unshare(CLONE_NEWNS | (root ? 0 : CLONE_NEWUSER)) < 0)
        return "a mount namespace needs root or user namespaces";
    if (!root &&
        !(write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", uid_map) &&
          write_file("/proc/self/gid_map", gid_map)))
        return "the user namespace cannot be set up";
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "/sys/class", "tmpfs", 0, "mode=755") < 0)
        return "a tmpfs cannot be mounted on /sys/class";
    return NULL;
}

static void put_attribute(const char *chip, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "/sys/class/hwmon/%s/%s", chip, name);
    assert_true(write_file(path, text));
}

static void put_chip(const char *chip, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "/sys/class/hwmon/%s", chip);
    assert_int_equal(mkdir(path, 0755), 0);
    put_attribute(chip, "name", name);
}

/* As the kernel shows an ACPI power meter: everything in the device, the chip's folder but a link
 * to it. */
static void put_power_meter(const char *chip, const char *device, const char *average)
{
    char path[256];
    char target[128];
    (void)mkdir("/sys/class/devices", 0755);
    (void)snprintf(target, sizeof(target), "/sys/class/devices/%s", device);
    assert_int_equal(mkdir(target, 0755), 0);
    (void)snprintf(path, sizeof(path), "%s/subsystem", target);
    assert_int_equal(symlink("../../../bus/acpi", path), 0);
    (void)snprintf(path, sizeof(path), "/sys/class/hwmon/%s", chip);
    assert_int_equal(mkdir(path, 0755), 0);
    (void)snprintf(path, sizeof(path), "/sys/class/hwmon/%s/device", chip);
    assert_int_equal(symlink(target, path), 0);
    put_attribute(chip, "device/name", "power_meter\n");
    put_attribute(chip, "device/power1_average", average);
    put_attribute(chip, "device/power1_average_interval", "1000\n");
    put_attribute(chip, "device/power1_is_battery", "0\n");
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    return walk->level == 0 ? 0 : remove(path);
}

static void remove_below(const char *path)
{
    assert_int_equal(nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void remove_chip(const char *chip)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "/sys/class/hwmon/%s", chip);
    remove_below(path);
    assert_int_equal(rmdir(path), 0);
}
