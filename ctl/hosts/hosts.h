/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The databases that a report or an export is made of, and which host each is of. They are opened
 * one after the other, so their number is not bounded by file descriptors. Errors are said on
 * standard error; each call answers CTL_DONE or what the program exits with. */

#include "ctl.h"
#include "period.h"

struct hosts_database {
    const char *path;
    struct store_info info;
    size_t host; /* from 0, in the order of their first databases */
};

struct hosts {
    struct hosts_database *list; /* in the order of the command line */
    size_t n;
    size_t n_hosts;
};

/* What else is read of a database while it is open, `place` in hosts->list. CTL_*. */
typedef int hosts_look(void *userdata, const struct hosts_database *database, size_t place,
                       struct store_reader *reader);

/* Opens each database once. Of one host there may be several, of times that do not overlap. Of
 * several databases each must say which host it is of. paths stay the caller's. look: NULL:
 * nothing else is read. */
int hosts_find(struct hosts *ret_hosts, const char *const *paths, size_t n, hosts_look *look,
               void *userdata);

/* Accepts zeroed hosts. */
void hosts_done(struct hosts *hosts);

/* Opens a database and enters its time zone. Close the reader in each case. */
int hosts_open(struct store_reader **ret_reader, const char *path, struct store_info *ret_info);
void hosts_reader_close_p(struct store_reader **reader);

/* The period that the command line asks for, in the time zone of the process; of exports the last
 * 365 days where it names no begin. */
typedef int hosts_period_finder(const struct ctl_arguments *arguments, int64_t now_s,
                                struct period *ret_period);
hosts_period_finder hosts_find_period;
hosts_period_finder hosts_find_year;

/* That none has data in the period. */
void hosts_complain_no_data(const struct hosts *hosts, const struct period *period);

/* report_verb.c, for exports too: the group of --by and how many rows. */
int report_set_group(const struct ctl_arguments *arguments, struct report *report);

/* report_hosts.c: a report whose group, top and idle are set, of these databases. */
int report_of_hosts(const struct ctl_arguments *arguments, const char *const *paths, size_t n,
                    struct report *report);

/* The databases of the command line, or the configuration's own, and what else it says. */
struct report_paths {
    struct ctl_report choice;
    const char *only;
    const char *const *list;
    size_t n;
};

/* CTL_*; release in each case. */
int report_find_paths(const struct ctl_arguments *arguments, struct report_paths *ret);
void report_paths_done(struct report_paths *paths);

/* Prints a report with its footprint, as far as it can be had: wrong factors are a failure behind
 * the report. */
struct report_footprint;
int report_with_footprint(
    const struct ctl_arguments *arguments, struct report_paths *paths, const struct report *report,
    int (*print)(const struct ctl_arguments *arguments, const struct report_paths *paths,
                 const struct report *report, const struct report_footprint *footprint));
