/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Processes as the collectors describe them, and a host with a few accounts. */

#include "unit.h"

#include "core/workload/workload.h"
#include "greend/units.h"

static const uint64_t keep_ns = WORKLOAD_KEEP_S * NS_PER_S;
static const uint32_t other_id = RING_WORKLOAD_OTHER | 1U << 12;
static const struct workload_user accounts[] = {
    {0,    "root"                                          },
    {33,   "www-data"                                      },
    {998,  "a-service-account-with-a-name-that-is-too-long"},
    {999,  "postgres"                                      },
    {1000, "alice"                                         },
    {1001, "b\xf6rn"                                       }, /* Latin-1 */
    {1002, "a-name-that-is-longer-than-any-field-for-users"},
};
static const struct workload_rules hidden = {
    .users = accounts,
    .n_users = ARRAY_SIZE(accounts),
};
static const struct workload_rules shown = {
    .show_users = true,
    .users = accounts,
    .n_users = ARRAY_SIZE(accounts),
};

static inline struct process_identity a_process(enum cgroup_kind kind, const char *unit,
                                                const char *comm, uint32_t uid)
{
    struct process_identity process = {.pid = 1, .uid = uid};
    process.cgroup.kind = kind;
    process.cgroup.owner = UINT32_MAX;
    (void)snprintf(process.cgroup.unit, sizeof(process.cgroup.unit), "%s", unit);
    (void)snprintf(process.comm, sizeof(process.comm), "%s", comm);
    return process;
}

static inline struct process_identity a_service(const char *unit, const char *comm)
{
    return a_process(CGROUP_SERVICE, unit, comm, 0);
}

static inline struct workload_table *new_table(const struct workload_rules *rules)
{
    static const struct siphash_key key = {
        {1, 2}
    };
    struct workload_table *table = workload_table_new(rules, &key);
    assert_non_null(table);
    return table;
}

static inline uint32_t intern(struct workload_table *table, const char *unit, const char *comm,
                              uint64_t now_ns)
{
    struct process_identity process = a_service(unit, comm);
    return workload_intern(table, &process, now_ns);
}

/* Service number i, one of very many. */
static inline uint32_t intern_nth(struct workload_table *table, unsigned i, uint64_t now_ns)
{
    char unit[32];
    (void)snprintf(unit, sizeof(unit), "s%u.service", i);
    return intern(table, unit, "sh", now_ns);
}

static inline void forget_changes(struct workload_table *table)
{
    uint32_t slot = 0;
    while (workload_next_changed(table, &slot))
        ;
}
