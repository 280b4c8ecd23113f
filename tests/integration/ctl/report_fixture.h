/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine of a day with workloads of every kind, and reports of it. */

#include "fake_store.h"
#include "greend/units.h"
#include "render/render.h"

/* Sunday 2026-10-25 00:00 in Paris; the day has 25 hours. */
#define DAY_S INT64_C(1792879200)

enum { PACKAGE, DRAM, REST, CORE, PSYS };
enum {
    POSTGRES,
    PHP,
    BACKUP,
    KERNEL,
    USERS,
    CONTAINER,
    VM,
    OTHER,
    IDLE,
    UNKNOWN,
    UNSPLIT,
    WORKLOADS
};

#define H(n) (DAY_S + (n)*INT64_C(3600)), 3600
#define METERED(workload, domain, joules)                                                          \
    {                                                                                              \
        H(0), workload, domain, (joules)*UJ_PER_J, UINT64_MAX, 0                                   \
    }
#define MODELLED(workload, joules, band)                                                           \
    {                                                                                              \
        H(0), workload, REST, (joules)*UJ_PER_J, (band)*UJ_PER_J, 0                                \
    }
#define STATED(workload, domain, joules, band)                                                     \
    {                                                                                              \
        H(0), workload, domain, (joules)*UJ_PER_J, (band)*UJ_PER_J, 0                              \
    }
#define CPU(workload, seconds)                                                                     \
    {                                                                                              \
        H(0), workload, -1, 0, UINT64_MAX, (seconds)*NS_PER_S                                      \
    }

extern enum report_idle fixture_idle;    /* policy of the next reports; separate at first */
extern const struct style fixture_wide;  /* 100 columns */
extern const struct style fixture_usual; /* 80 */

/* Puts usages into the store, with the workloads and domains above and some events. */
void fixture_put(const struct fake_usage *usages, size_t count);

/* top: 0 for all. */
void fixture_collect(struct report *report, enum report_group group, size_t top);

/* Every row counts once, in energy, in parts and in shares. */
void fixture_check_sums(const struct report *report);

/* Against golden files. */
void fixture_check_table(enum report_group group, size_t top, const struct style *style,
                         const char *golden);
void fixture_check_programs(enum report_group group, const char *json, const char *csv);

/* Paris and the language; whether the tests can run, and if not, that is said. */
bool fixture_begin(void);
