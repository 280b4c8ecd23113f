/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Four months of a machine, and the targets of a configuration in the middle of the last of them.
 */

#include "fake_store.h"
#include "targets/targets.h"

enum { MONTHS_NGINX, MONTHS_TEST, MONTHS_IDLE, MONTHS_UNSPLIT, MONTHS_WORKLOADS };

/* From 2026-08-01 to 2026-11-22 14:00 in Paris. */
enum { MONTHS_DAYS = 31 + 30 + 31 + 22, MONTHS_LAST_HOURS = 14 };

/* What the store holds, to be changed by a test: MONTHS_WORKLOADS usages a day. */
extern struct fake_usage months_usages[MONTHS_DAYS * MONTHS_WORKLOADS];
extern struct fake_span months_spans[MONTHS_DAYS];
extern const struct ring_domain_entry months_domains[1];
extern const struct ring_domain_entry months_modelled[1]; /* the same where no meter is */
extern bool months_stated;                                /* the meter states 2 % */

/* Fills the store, and enters its time zone. */
void months_put(void);

int64_t months_midnight(int day);

/* kWh of a whole day; its length in 24 h; the part of it that is over. */
double months_kwh(int workload, int day);
double months_length(int day);
double months_part(int day);

/* kWh of November so far; of all workloads where host. */
double months_november(bool host, int workload);

/* Evaluates the targets, with a country or without. months_clean() before the next time, which is
 * also a teardown. */
extern struct settings months_settings;
extern struct target_list months_list;
extern struct target_baselines *months_baselines; /* NULL: none are kept */
void months_evaluate(bool country);
int months_clean(void **state);

const struct target_state *months_state(const char *name);

/* Within a millionth. */
void assert_near(double value, double expected);
