/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Several hosts in one report: each with what its own database tells of it, so that its energy and
 * its hardware are counted by its own facts. */

#include "report/report_footprint.h"

struct fleet_host {
    struct facts facts;
    struct report report; /* of its own, without rows once they are merged */
    struct report_footprint footprint;
};

/* A virtual machine that is not added again. */
struct fleet_guest {
    char name[STORE_FACT_VALUE_MAX];
    char host[SETTINGS_DECLARED_MAX];
};

struct fleet {
    struct fleet_host **hosts; /* those that have data in the period */
    size_t n;
    size_t capacity;
    size_t silent;                 /* hosts that have none, of which nothing is counted */
    struct fleet_guest *contained; /* owned */
    size_t n_contained;
    size_t unplaced; /* virtual machines that do not say their host, beside physical ones */
    struct factor_table *factors; /* owned; NULL: not needed, or they cannot be had */
    bool factors_read;
};

/* NULL: out of memory. Free accepts NULL and returns NULL. */
struct fleet *fleet_new(void);
struct fleet *fleet_free(struct fleet *fleet);

/* Takes over a host whose report is finished and whose facts are loaded, also where it fails; the
 * process is in its time zone. Its factors are the fleet's. Its rows go into the report of all.
 * -ENOMEM, -E2BIG. */
int fleet_add(struct fleet *fleet, struct fleet_host *host, struct report *all, int64_t now_s);
struct fleet_host *fleet_host_free(struct fleet_host *host);
void fleet_host_free_p(struct fleet_host **host);

/* What all hosts together come to; report_footprint_init() calls it. */
void fleet_footprint(const struct fleet *fleet, struct report_footprint *ret);

/* Of a row of the report of all. */
void fleet_row(const struct fleet *fleet, const struct report_row *row, struct impacts *ret);

/* Hosts that have any of these gaps (FOOTPRINT_*). */
size_t fleet_count(const struct fleet *fleet, unsigned gaps);

/* Its declared or own name, else the begin of its id. Returns target. */
enum { FLEET_NAME_MAX = STORE_FACT_VALUE_MAX };
const char *fleet_host_name(const struct fleet_host *host, char target[FLEET_NAME_MAX]);
