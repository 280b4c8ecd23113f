/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <ctype.h>
#include <limits.h>

#include "collectors/inventory/reading.h"
#include "collectors/source.h"

enum { DISKS_MAX = 512, SECTOR = 512 /* of .../size, whatever the disk's own are */ };

struct disks {
    size_t n;
    bool more;
    char names[DISKS_MAX][NAME_MAX + 1];
};

/* What is made of other devices, of memory or of another machine, or is a medium that goes. */
static bool is_made_up(const char *name)
{
    static const char *const prefixes[] = {"loop", "dm-", "md",  "ram", "zram", "sr",
                                           "fd",   "nbd", "rbd", "zd",  "drbd"};
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
        if (str_starts(name, prefixes[i]))
            return true;
    /* parts of one memory card beside the one of its name */
    return str_starts(name, "mmcblk") && (strstr(name, "boot") || strstr(name, "rpmb"));
}

static int take_name(void *userdata, const char *name)
{
    struct disks *disks = userdata;
    if (is_made_up(name))
        return 0;
    if (disks->n < DISKS_MAX)
        (void)str_copy(disks->names[disks->n++], sizeof(disks->names[0]), name);
    else
        disks->more = true;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static uint64_t read_number(int sysfs_fd, const char *name, const char *file)
{
    char path[NAME_MAX + 64];
    uint64_t number = 0;
    (void)snprintf(path, sizeof(path), "block/%s/%s", name, file);
    return source_read_u64(sysfs_fd, path, &number) < 0 ? 0 : number;
}

/* The model, without the blanks that fill its field. */
static void read_model(int sysfs_fd, const char *name, char *model, size_t size)
{
    char path[NAME_MAX + 64];
    (void)snprintf(path, sizeof(path), "block/%s/device/model", name);
    model[0] = '\0';
    (void)source_read_line(sysfs_fd, path, model, size);
    size_t length = strlen(model);
    while (length > 0 && isblank((unsigned char)model[length - 1]))
        model[--length] = '\0';
}

static bool is_local(int sysfs_fd, const char *name, bool *ret_network)
{
    char path[NAME_MAX + 64];
    char place[PATH_MAX];
    (void)snprintf(path, sizeof(path), "block/%s/device", name);
    if (faccessat(sysfs_fd, path, F_OK, 0) < 0)
        return false;
    (void)snprintf(path, sizeof(path), "block/%s", name);
    ssize_t length = readlinkat(sysfs_fd, path, place, sizeof(place) - 1);
    place[MAX(length, 0)] = '\0';
    if (strstr(place, "/rport-") || strstr(place, "/session") || strstr(place, "/nvme-fabrics/")) {
        *ret_network = true;
        return false;
    }
    /* An NVMe disk that could have two ports stands among the virtual devices. */
    return !strstr(place, "/virtual/") || strstr(place, "/virtual/nvme-subsystem/");
}

/* A volume that a controller makes of disks which the kernel does not see. */
static bool is_volume(const char *model)
{
    static const char *const models[] = {"PERC",    "LOGICAL VOLUME", "MR9",
                                         "LOGICAL", "ServeRAID",      "MegaRAID"};
    for (size_t i = 0; i < ARRAY_SIZE(models); i++)
        if (str_starts(model, models[i]))
            return true;
    return false;
}

void reading_disks(int sysfs_fd, struct reading *reading)
{
    CLEANUP(free_p) struct disks *disks = calloc(1, sizeof(*disks));
    bool any = false;
    bool network = false;
    bool volume = false;
    int r = disks ? source_list(sysfs_fd, "block", take_name, disks) : -ENOMEM;
    if (r < 0) {
        reading_gap(reading, "disk", N_("/sys/block cannot be read"), "", r);
        return;
    }
    qsort(disks->names, disks->n, sizeof(disks->names[0]), by_name);
    for (size_t i = 0; i < disks->n; i++) {
        const char *name = disks->names[i];
        char model[256];
        uint64_t sectors = read_number(sysfs_fd, name, "size");
        if (sectors == 0 || sectors > UINT64_MAX / SECTOR || !is_local(sysfs_fd, name, &network) ||
            read_number(sysfs_fd, name, "hidden") || read_number(sysfs_fd, name, "removable"))
            continue;
        read_model(sysfs_fd, name, model, sizeof(model));
        bool turns = read_number(sysfs_fd, name, "queue/rotational") != 0;
        reading_add(reading, turns ? PART_HDD : PART_SSD, 1, (double)(sectors * SECTOR) / 1e9,
                    model);
        volume = volume || is_volume(model);
        any = true;
    }
    if (disks->more)
        reading_gap(reading, "disk", N_("there are more than greend looks at"), "", 0);
    if (network)
        reading_gap(reading, "disk", N_("disks of the network are not this machine's: not counted"),
                    "", 0);
    if (volume)
        reading_gap(reading, "disk",
                    N_("a RAID controller shows a volume, counted as one disk: those behind it are "
                       "not told"),
                    "", 0);
    if (!any)
        reading_gap(reading, "disk", N_("none is told"), "", 0);
}
