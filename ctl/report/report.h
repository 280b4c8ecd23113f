/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a report says, before it is a table, JSON or CSV: rows that add up to the total. */

#include "greend/store.h"
#include "quality.h"

enum report_group {
    REPORT_BY_WORKLOAD,
    REPORT_BY_UNIT,
    REPORT_BY_COMMAND,
    REPORT_BY_USER,
    REPORT_BY_CONTAINER,
    REPORT_BY_VM,
    REPORT_BY_DOMAIN,
    REPORT_BY_HOUR,
    REPORT_BY_DAY,
    REPORT_BY_MONTH,
    REPORT_GROUPS
};

enum {
    REPORT_TOP_DEFAULT = 20, /* rows of workloads and the like; spans and domains are all shown */
    REPORT_TOP_MAX = 100000,
    REPORT_ROWS_MAX = 1 << 20,
};

/* The word of --by; NULL for what is none. */
const char *report_group_name(enum report_group group);

/* The group of a word of --by. -EINVAL. */
int report_group_find(const char *name);

static inline bool report_group_is_span(enum report_group group)
{
    return group >= REPORT_BY_HOUR;
}

/* Whose the energy is that the machine uses without work. */
enum report_idle {
    REPORT_IDLE_SEPARATE,     /* nobody's: it stands apart */
    REPORT_IDLE_PROPORTIONAL, /* the workloads', in proportion to their own in that domain and span
                               */
    REPORT_IDLE_RESERVED,     /* those who reserved memory and CPUs for themselves */
    REPORT_IDLE_POLICIES
};

/* The word of --idle, and its policy or -EINVAL. */
const char *report_idle_name(enum report_idle idle);
int report_idle_find(const char *name);

enum report_row_type {
    REPORT_ROW_ITEM,    /* what the report is grouped by */
    REPORT_ROW_REST,    /* all items that are not among the top */
    REPORT_ROW_OUTSIDE, /* work outside of containers or virtual machines, where these are asked */
    REPORT_ROW_UNATTRIBUTED, /* of no process that is known */
    REPORT_ROW_IDLE,         /* of the machine without work */
    REPORT_ROW_TOTAL,
    REPORT_ROW_NOT_SUMMED, /* a domain that lies inside or around others */
};

struct report_sum {
    uint64_t energy_uj;
    uint64_t modelled_uj;    /* of it, what a model says and no meter */
    uint64_t uncertainty_uj; /* half-widths of the 95 % intervals, added up: an upper bound, since
                                errors of one model go together */
    uint64_t unstated_uj;    /* of energy_uj, what no uncertainty is stated for */
    uint64_t idle_uj;        /* of energy_uj, also what of it workloads were given */
    uint64_t unowned_uj;     /* of idle_uj, what nobody was given */
    uint64_t unattributed_uj;
    uint64_t cpu_ns;
};

/* Adds, up to the top. */
void report_sum_add(struct report_sum *sum, const struct report_sum *more);

/* What one of several hosts has of a row. */
struct report_part {
    size_t host; /* its place in the fleet */
    uint64_t energy_uj;
    uint64_t uncertainty_uj; /* as in struct report_sum, likewise below */
    uint64_t unstated_uj;
    double embodied_share; /* of its host's hardware in the period, 0 to 1 */
    int64_t since_s;       /* of a span: by the host's civil clock, cut to its period */
    int64_t until_s;
};

/* Texts that the group does not speak of are "". All are escaped UTF-8. */
struct report_row {
    enum report_row_type type;
    int kind; /* enum workload_kind, or -1 */
    char unit[WORKLOAD_UNIT_MAX];
    char command[WORKLOAD_COMMAND_MAX];
    char user[WORKLOAD_USER_MAX];
    char domain[DOMAIN_NAME_MAX];
    int source;      /* enum energy_source of a domain, or -1 */
    int domain_kind; /* enum domain_kind, where rows are of domains */
    size_t items;    /* REPORT_ROW_REST: how many */
    int64_t begin_s; /* the span's, else the period's */
    int64_t length_s;
    int64_t added_length_s; /* of a span, by the host that is being added */
    uint64_t covered_ns;    /* of a span; of several hosts, their mean */
    uint64_t gap_ns;
    uint64_t share_ppm; /* of the total; all rows together have exactly 1,000,000 (or 0) */
    struct report_sum sum;
    struct report_part *parts; /* of several hosts: in the order of hosts, owned */
    size_t n_parts;
    size_t parts_capacity;
};

struct target_list;
struct fleet;
struct facts;

struct report {
    enum report_group group;
    enum report_idle idle;
    size_t top;             /* at most so many items */
    struct store_info info; /* of several hosts: no host_id */
    size_t hosts;           /* that have data in the period */
    bool one_timezone;      /* all databases are of one */
    bool repeated;          /* of hosts whose lacks were said before */
    int64_t since_s;        /* as asked */
    int64_t until_s;
    struct store_period period; /* as it was summed; of several hosts from the first to the last
                                   moment of any, and the mean of their times */
    struct report_row **rows;   /* in the order of display, adding up to total */
    size_t n_rows;
    struct report_row **apart; /* domains that are not summed */
    size_t n_apart;
    struct report_row total;
    struct fleet *fleet;  /* of several hosts: each by itself, owned; NULL: of one */
    struct facts *stored; /* of one host: what its newest database with data tells, owned; NULL:
                             nothing, or it was not asked */
    uint64_t by_source_uj[ENERGY_SOURCES];
    uint64_t events[STORE_EVENT_KINDS];
    uint64_t lost_uj;                  /* of STORE_EVENT_LOST */
    const struct target_list *targets; /* of the machine; NULL: none are configured */
    void *index; /* of rows by what they are grouped by, while they are collected */
    struct report_bucket
        *bucket; /* likewise: what belongs together in the division of idle energy */
    size_t capacity;
    size_t apart_capacity;
};

/* Whether the items are domains, or spans that hold domains. */
static inline bool report_items_are_whole(const struct report *report)
{
    return report->group >= REPORT_BY_DOMAIN;
}

/* Whether a row holds domains as wholes, not divided among workloads: its uncertainty is that of
 * the meters, and it has a quality only where they state one. */
bool report_row_is_whole(const struct report *report, const struct report_row *row);

enum quality report_row_quality(const struct report *report, const struct report_row *row);

/* Fills a zeroed report whose group, idle, top, info, since_s and until_s are set. The process is
 * in the store's time zone. 0; STORE_NO_DATA; -E2BIG: more rows than a report can hold; else as the
 * reader's calls. Release with report_done() in each case. */
int report_collect(struct report *report, struct store_reader *reader);

/* The same in steps, for more than one database: report_add() for each, in the time zone and with
 * since_s and until_s of each, and report_end_host() behind the last of each host; then
 * report_finish() with the number of hosts that had data, 1 or more. STORE_NO_DATA: nothing was
 * added. */
int report_add(struct report *report, struct store_reader *reader);
void report_end_host(struct report *report);
int report_finish(struct report *report, size_t hosts);

/* Adds a finished report of the same group, of all items, to that of several hosts: share(row) says
 * what a row of it has beside its energy. Behind the last, report_finish(). -ENOMEM, -E2BIG. */
int report_merge(struct report *report, const struct report *host,
                 void (*share)(void *userdata, const struct report_row *row,
                               struct report_part *part),
                 void *userdata);

/* The time that coverage is of: all that was asked for, and what was summed beyond that. */
int64_t report_asked_s(const struct report *report);

/* Seconds of a period before the first record. */
int64_t report_unrecorded_s(int64_t since_s, int64_t until_s, int64_t first_s);

/* Measured part of that time, in parts per million. */
uint64_t report_coverage_ppm(const struct report *report);

/* Of the total likewise; of a row of an hour or day, of its length; of a month, of all of it that
 * was asked for, recorded or not. */
uint64_t report_row_coverage_ppm(const struct report *report, const struct report_row *row);

void report_done(struct report *report);
