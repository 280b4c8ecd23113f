/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Finds the energy meters of the kernel's powercap tree (Intel and AMD RAPL) and says what each of
 * them measures.
 *
 * A zone is known by the `name` files of itself and its parent: "package-1", "package-0/dram". The
 * numbers in its folder's name follow the order in which drivers came up, so that intel-rapl:1 is
 * the second package on one machine and psys on another. */

#include "greend/sample.h"

struct powercap_zone {
    struct meter meter;
    int fd;    /* its energy_uj, or -1 */
    int error; /* why fd is -1: a negative errno; else 0 */
};

struct powercap_entry {
    char id[48];    /* "intel-rapl:0:2" */
    char path[176]; /* below the root */
    char name[32];  /* "dram" */
};

/* What a search works on: large, so the caller keeps one for all of them. */
struct powercap_search {
    int sysfs_fd;
    const char *path;   /* the folder at hand */
    const char *prefix; /* of the entries that are looked for there */
    bool overflow;
    size_t count;
    struct powercap_entry entries[METERS_MAX];
};

struct powercap_zones {
    size_t count;
    bool overflow; /* there are more zones than METERS_MAX */
    struct powercap_zone zones[METERS_MAX];
};

/* Finds the zones below a root and opens their energy_uj; `zones` must be empty. Zones that are no
 * energy meter, whose name says nothing, or that mirror another one (intel-rapl-mmio, two of the
 * same name) are left out. 0 also when there is none; a negative errno, and no zone, when the tree
 * cannot be read for now (-EMFILE, -ENOMEM...). */
int powercap_find(struct powercap_search *search, int sysfs_fd, struct powercap_zones *zones);

/* Closes what is open. */
void powercap_done(struct powercap_zones *zones);
