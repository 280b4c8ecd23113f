/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The energy that targets speak of, by civil day of the process's time zone. For targets.c. */

#include <time.h>

#include "core/settings/settings.h"
#include "greend/store.h"
#include "greend/target.h"

struct target_energy {
    double uj;
    double modelled_uj; /* of it, what a model says and no meter */
    double half_uj;     /* half-width of its 95 % interval */
    bool unstated;      /* for some part none is */
    bool unmetered;     /* for some part it is that of the split alone: the meter states none */
};

struct target_days {
    size_t n;                       /* days, from the first on, without holes */
    int64_t first_day;              /* since 1970-01-01, of the civil calendar */
    double *length_s;               /* of each day: 23 to 25 h */
    double *covered_s;              /* of it, what was measured or modelled */
    struct target_energy *energies; /* of each target, of each day */
};

/* Fills a zeroed struct. Where nothing was recorded, all is 0. -ENOMEM; else as the reader's
 * calls. Release in each case. */
int target_days_read(struct target_days *days, struct store_reader *reader,
                     const struct settings *settings, const struct target *targets,
                     size_t n_targets, int64_t since_s, int64_t until_s);

void target_days_done(struct target_days *days);

/* The place of the day of a time, at most the last. */
size_t target_days_index(const struct target_days *days, int64_t time_s);

/* 0: Sunday. */
unsigned target_days_weekday(const struct target_days *days, size_t index);
