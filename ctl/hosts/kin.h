/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the machines of several databases are to each other, by what these tell of them: one that
 * goes on under another identity, and one that runs on another one. Errors are said on standard
 * error; each call answers CTL_DONE or what the program exits with. docs/method.md, 18. */

#include "greend/contained.h"
#include "hosts/hosts.h"

struct kin_machine {
    char name[STORE_FACT_VALUE_MAX];  /* declared, else its own; "": neither is told */
    char host[SETTINGS_DECLARED_MAX]; /* the name of the machine that it is declared to run on */
    const char *path;                 /* its newest database */
    bool virtual;
    bool physical;
    bool told;       /* its databases tell what it is */
    bool recorded;   /* anything, in the period */
    double share;    /* declared part of its host; 0: none is */
    int64_t since_s; /* what was recorded in the period */
    int64_t until_s;
    uint64_t covered_ns;
    int64_t first_s; /* all that its databases hold */
    int64_t last_s;
    size_t databases;
    uint8_t id[STORE_HOST_ID_SIZE];
    uint64_t facts;    /* a hash of what is declared that figures are made with */
    uint64_t hardware; /* likewise of what it is */
    size_t on;         /* the machine among these that it runs on; CONTAINED_IN_NONE */
};

struct kin {
    struct kin_machine *list; /* of each host of struct hosts */
    size_t n;
};

enum kin_by {
    KIN_BY_MACHINE, /* all databases of one machine are one host, of which the newest declares */
    KIN_BY_FACTS,   /* those that declare alike are: each counts by what was declared in its time */
};

/* hosts_find(), and of databases of one host: a machine under two identities, one after the other,
 * is one. find_period: hosts_find_period() or hosts_find_year(). Release both in each case. */
int kin_find(const struct ctl_arguments *arguments, const char *const *paths, size_t n,
             enum kin_by by, int64_t now_s, hosts_period_finder *find_period,
             struct hosts *ret_hosts, struct kin *ret_kin);

/* Accepts zeroed kin. */
void kin_done(struct kin *kin);

/* Whether the figures of a machine lie in those of another one, which are added up too. */
static inline bool kin_is_contained(const struct kin *kin, size_t host)
{
    return host < kin->n && kin->list[host].on != CONTAINED_IN_NONE;
}

/* Whether the parts of each host that its virtual machines declare are at most all of it: CTL_DONE,
 * or CTL_FAILED with names and figures. */
int kin_check_shares(const struct kin *kin);

/* Whether another machine of that name and kind was recorded before or after one: it was replaced,
 * or its declarations changed with its identity. NULL: none was. */
const struct kin_machine *kin_find_other_time(const struct kin *kin, const struct hosts *hosts,
                                              size_t host);

/* The time that a machine of that name was measured in the period, by this one and those. */
uint64_t kin_covered_ns(const struct kin *kin, const struct hosts *hosts, size_t host);

/* How many virtual machines do not say which machine they run on, where any of the others could be
 * it: where one is, they count twice. ret_first: the first of them; may be NULL. */
size_t kin_count_unplaced(const struct kin *kin, const struct kin_machine **ret_first);
void kin_say_unplaced(const struct kin *kin);

/* Says these, and which machines are not added again; the first 20 are named. */
void kin_say(const struct kin *kin);
