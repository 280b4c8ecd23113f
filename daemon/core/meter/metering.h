/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* All meters of the host, from one sample to the next: keeps a counter per meter, whatever order
 * the collectors bring them in and however often one is missing. Pure; one thread.
 *
 * Each meter keeps the same number as long as there is room. When there is none, a new meter gets
 * the number of the one that has been away for longest. */

#include "core/meter/counter.h"

/* A meter that has no number: there are METERS_MAX others at this time, or another one has the same
 * key. */
#define METERING_NONE UINT16_MAX

struct metering_meter {
    char key[METER_KEY_MAX];
    bool seen;            /* in a sample, not only in what was resumed */
    bool taken;           /* in the sample at hand */
    uint64_t last;        /* metering.updates when it was in a sample */
    uint64_t boottime_ns; /* CLOCK_BOOTTIME of its last reading; 0: not known */
    struct counter counter;
};

struct metering {
    size_t count;
    uint64_t stale_ns;
    uint64_t updates;
    struct metering_meter meters[METERS_MAX];
};

/* What one meter of the sample brought. value and time_ns are where its next interval begins (the
 * last good reading, perhaps an older one); time_ns is 0 where there was none yet. */
struct meter_delta {
    uint16_t meter; /* its number, or METERING_NONE */
    bool begun;     /* the number is new, or was another meter's until now */
    int error;      /* of the reading; -ENOSPC or -EEXIST for METERING_NONE */
    uint64_t value;
    uint64_t time_ns;
    uint64_t boottime_ns; /* CLOCK_BOOTTIME then; 0: not known */
    struct counter_delta counter;
};

/* stale_ns: a gauge that was not read for longer than this leaves a gap. */
void metering_init(struct metering *metering, uint64_t stale_ns);

/* Where a meter's next interval begins, as an earlier process of the same boot left it. Call before
 * the first update. -ENOSPC: too many meters. */
int metering_resume(struct metering *metering, const char *key, uint64_t value, uint64_t time_ns,
                    uint64_t boottime_ns);

/* Fills deltas[i] for each meter i of the set. Where it is not known when a meter was read by
 * CLOCK_BOOTTIME, the machine did not sleep since if it never slept; else it may have. */
void metering_update(struct metering *metering, const struct meter_set *set,
                     struct meter_delta deltas[METERS_MAX]);

/* The shortest counter_poll_interval() of the set: meters must be read at least that often. */
uint64_t metering_poll_interval(const struct meter_set *set);
