/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Where each target of the configuration stands, from the history. For the daemon and for
 * greend-ctl. */

#include "core/settings/settings.h"
#include "greend/footprint.h"
#include "greend/store.h"
#include "greend/target.h"

#define BASELINE_COVERED_LEAST 0.9 /* a baseline with less is none */

/* Why a number of a target is not known. */
enum target_lack {
    TARGET_COMPLETE,
    TARGET_NO_FACTOR,        /* no country, no PUE or no factor: no kgCO2e */
    TARGET_BASELINE_AHEAD,   /* the baseline is not over */
    TARGET_BASELINE_MISSING, /* nothing was recorded in it */
    TARGET_BASELINE_PARTIAL, /* too little of it was measured */
    TARGET_UNCOVERED,        /* no projection: too little of the period's past was measured */
    TARGET_FEW_DAYS,         /* no projection: fewer days than it needs */
    TARGET_WEEKDAYS,         /* no projection: some day of the week was not seen twice */
};

enum target_verdict {
    TARGET_UNKNOWN,    /* no limit, or no projection */
    TARGET_EXCEEDED,   /* already */
    TARGET_OFF_COURSE, /* will be exceeded: the whole interval lies above */
    TARGET_UNCERTAIN,  /* the limit lies within the interval */
    TARGET_ON_COURSE,  /* the whole interval lies below */
};

/* All amounts are in the target's unit. */
struct target_state {
    struct target target;
    int64_t since_s; /* of the period that the newest record lies in */
    int64_t until_s;
    int64_t now_s;            /* end of the newest record */
    double covered;           /* measured or modelled part of the period up to now */
    double limit;             /* not to be exceeded */
    double baseline;          /* 0 where not relative, or not known */
    double baseline_covered;  /* measured or modelled part of it */
    double baseline_modelled; /* part of its energy that a model says and no meter */
    double so_far;
    double so_far_modelled; /* likewise, of so_far; 0 where that is */
    double so_far_half;     /* half-width of its 95 % interval */
    double value;           /* at the end of the period */
    double least;           /* 95 % interval of that */
    double most;
    struct projection projection; /* in kWh */
    struct trend trend;
    enum target_lack lack;            /* of the limit and so_far */
    enum target_lack projection_lack; /* of what is to come */
    enum target_verdict verdict;
    bool limited;   /* limit is known */
    bool valued;    /* so_far is known */
    bool stated;    /* so_far_half is, for all of it */
    bool metered;   /* and the meters' own interval is in it, not that of the split alone */
    bool projected; /* value, least and most are */
    bool estimate;  /* a model says some of so_far, of the baseline or of the days projected from */
};

struct target_list {
    struct target_state *states; /* owned */
    size_t n;
    struct use_impacts per_kwh; /* of the machine: PUE and factor for kgCO2e */
};

/* What was used in the baselines of the targets. They are over, so who evaluates again and again
 * need not read them each time; after a day they are read anew, for names may be forgotten and days
 * pruned. Zeroed: nothing is known. Of one configuration. */
struct target_baselines {
    struct target_baseline {
        bool known;
        int64_t read_s; /* end of the newest record then */
        double covered_s;
        double energy_uj;
        double modelled_uj;
    } of[SETTINGS_TARGETS_MAX]; /* as the targets of the list */
};

/* The process is in the store's time zone. site: of the measured machine; NULL: as the settings
 * declare it. factors: NULL where there are none. baselines: kept by
 * the caller from one call to the next; NULL: all are read. Each baseline is read once for all of
 * its targets. 0; STORE_NO_DATA: the store is empty; -ENOMEM; else as the reader's calls. ret_list
 * is to be released in each case. */
int targets_evaluate(struct store_reader *reader, const struct settings *settings,
                     const struct site *site, const struct factor_table *factors,
                     struct target_baselines *baselines, struct target_list *ret_list);

void target_list_done(struct target_list *list);

/* Stable words. */
const char *target_lack_name(enum target_lack lack); /* "" where complete */
const char *target_verdict_name(enum target_verdict verdict);

/* The environment of a unit by [environments]; NULL: none. */
const char *targets_environment(const struct settings *settings, const char *unit);
