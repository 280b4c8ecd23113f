/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A tree of control groups that is made up, and what the collector says of it. */

#include "unit.h"

#include <inttypes.h>

#include "collectors/reserved/reserved_walk.h"
#include "fixtures.h"
#include "greend/collector.h"

extern const struct collector collector_reserved;

#define ID      "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970"
#define MANAGER "user.slice/user-1000.slice/user@1000.service"

enum { MIB = 1 << 20 };

struct machine {
    struct fixture sys;
    struct fixture proc;
    int32_t pid; /* the last that was given out */
    void *collector;
    struct sample *sample;
    const struct reserved_set *set; /* of the last reading, NULL: none */
};

int begin(void **state);
int end(void **state);
void put(const struct machine *machine, const char *hierarchy, const char *group, const char *file,
         const char *text);
void put_number(const struct machine *machine, const char *hierarchy, const char *group,
                const char *file, uint64_t number);

/* Processes of a group, one for each UID. */
void put_processes(struct machine *machine, const char *hierarchy, const char *group,
                   const uint32_t *uids, size_t n);

/* A group of v2 with a process of root where it is alive; weight -1: no file, as without the
 * controller. */
void put_v2(struct machine *machine, const char *group, int64_t mib, int weight, bool alive);
void put_v1(struct machine *machine, const char *group, int64_t mib, int shares, bool alive);
int collect(struct machine *machine);
const struct reserved_unit *find(const struct machine *machine, const char *name);
void expect(const struct machine *machine, const char *name, uint64_t mib, uint32_t ppb);
void expect_status(const struct machine *machine, const char *item, enum health health,
                   const char *why);
void put_root_v2(struct machine *machine, const char *controllers);

/* As systemd makes it: services below slices, most without a weight of their own. */
void put_host_v2(struct machine *machine);
void put_host_v1(struct machine *machine);
