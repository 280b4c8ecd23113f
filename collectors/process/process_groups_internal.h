/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What both halves of process_groups.h share: which groups there are (process_group_tree.c), and
 * what is told of them (process_groups.c). */

#include "collectors/process/process_groups.h"
#include "greend/units.h"

enum {
    GROUPS_MAX = 512, /* each holds a descriptor; what is beyond counts with the group above */
};

struct account {
    int64_t balance_ns;
    uint64_t grown_ns;   /* what was added in this sweep */
    uint64_t told_ns;    /* what was taken off in this sweep */
    uint64_t pending_ns; /* can be told of processes later */
    uint64_t left_ns;    /* could not be told in the sweep before */
    uint64_t late_ns;    /* what it grew by in the sweep before, if that told nothing */
};

struct group {
    bool used;
    bool gone;
    bool adrift; /* found in this sweep, its past unknown: this sweep's are with the one above */
    bool mixed;  /* also of processes that another hierarchy names otherwise */
    bool identified; /* has a workload, until the next sweep begins */
    bool user_known;
    uint16_t parent; /* GROUP_NONE: below the root. Smaller than its own number. */
    int handle;
    uint32_t seen;     /* the last sweep in which a process lived there or below */
    uint32_t identity; /* hash of what its path says */
    uint32_t uid;      /* of its processes, UINT32_MAX: of several, or not known */
    uint32_t workload;
    uint32_t hash; /* of its path */
    uint64_t usage_ns;
    struct account account;
    char path[GROUP_PATH_MAX];
};

struct process_groups {
    uint32_t sweeps;
    uint16_t end;                       /* all groups in use are below */
    int root;                           /* its counter, -1: none */
    uint64_t root_ns;                   /* as it was read last */
    uint64_t stray_ns, stray_before_ns; /* inherited by who lives in the root, without counter */
    struct account total;
    struct group groups[GROUPS_MAX];
};

/* ---- Accounts ---- */

static inline int64_t as_signed(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* Within +-INT64_MAX, so that every balance can be negated. */
static inline void account_add(int64_t *balance_ns, int64_t amount_ns)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(*balance_ns, amount_ns, &sum))
        sum = amount_ns < 0 ? -INT64_MAX : INT64_MAX;
    *balance_ns = MAX(sum, -INT64_MAX);
}

static inline void account_credit(struct account *account, uint64_t amount_ns)
{
    account_add(&account->balance_ns, as_signed(amount_ns));
    account->grown_ns = add_saturated(account->grown_ns, amount_ns);
}

/* A part of what it used is another's. */
static inline void account_cede(struct account *account, uint64_t amount_ns)
{
    account_add(&account->balance_ns, -as_signed(amount_ns));
    account->grown_ns = sub_saturated(account->grown_ns, amount_ns);
}

static inline void account_debit(struct account *account, uint64_t amount_ns)
{
    account_add(&account->balance_ns, -as_signed(amount_ns));
    account->told_ns = add_saturated(account->told_ns, amount_ns);
}

static inline void account_begin(struct account *account)
{
    account->grown_ns = account->told_ns = account->pending_ns = 0;
}

/* Of the group above; NULL: there is none. */
static inline struct account *process_group_above(struct process_groups *groups,
                                                  const struct group *group)
{
    return group->parent == GROUP_NONE ? NULL : &groups->groups[group->parent].account;
}

/* What it has, and what was told of it, is the group's above. */
static inline void process_group_hand_up(struct process_groups *groups, struct group *group)
{
    struct account *above = process_group_above(groups, group);
    if (above) {
        account_add(&above->balance_ns, group->account.balance_ns);
        above->told_ns = add_saturated(above->told_ns, group->account.told_ns);
    }
    group->account.balance_ns = 0;
    group->account.told_ns = group->account.left_ns = 0;
}
