/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the estimators have learned, as a text that outlives the daemon: idle power, the mean watts
 * of a busy CPU, and what workloads take above or below that. Workloads are named by a hash, so
 * that no user's name stands in it. Pure.
 *
 * What is recalled is a prior, not a fact: the machine may have changed while nobody looked, so its
 * uncertainty is widened, and new samples overrule it. On other hardware it is worth nothing.
 *
 *     greend-learned 1
 *     hardware <hash>
 *     domain <name> <source> <idle W> <its variance> <slope W>
 *     switch <low> <high> <W>                       where one was found (load_switch.h)
 *     low <range> <seconds> <W> <load>              for each range of load that was seen
 *     workload <hash> <share above or below the mean>
 *     end <hash of all lines before> */

#include "core/estimator/estimator.h"
#include "core/text.h"
#include "greend/sample.h"

enum { LEARNED_DOMAINS_MAX = 16 };

struct learned_workload {
    uint64_t key;
    double usual;
};

struct learned_domain {
    char name[DOMAIN_NAME_MAX];
    uint32_t source; /* enum energy_source */
    double level_w, level_variance, slope_w;
    uint8_t switch_low, switch_high; /* as in struct load_switch */
    double switch_w;
    struct idle_prior idle_prior;
    size_t n_workloads;
    struct learned_workload workloads[FIT_WORKLOADS];
};

struct learned {
    uint64_t hardware; /* hash of what must be the same */
    size_t n_domains;
    struct learned_domain domains[LEARNED_DOMAINS_MAX];
};

/* The key of a workload: of its kind, unit, command and user. Never 0. */
uint64_t learned_key(const struct workload *workload);

void learned_write(const struct learned *learned, struct text *text);

/* -EBADMSG: damaged, or not such a text; ret is worth nothing then. */
int learned_read(const char *text, size_t length, struct learned *ret);

/* NULL: nothing is known of it. */
const struct learned_domain *learned_find(const struct learned *learned, const char *name,
                                          uint32_t source);
