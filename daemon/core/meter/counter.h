/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* One meter's readings turned into exact energies. Pure: no clock, no file; the caller brings every
 * time stamp.
 *
 * A counter (RAPL) counts microjoules in 32 bits of a hardware unit and starts again at zero, many
 * times a day. The kernel scales both the counter and its range to microjoules and rounds down, so
 * the period after which it repeats is range + range / (2^32 - 1): range + 1 loses 60 uJ a wrap.
 *
 * A gauge (ACPI power meter, a model) shows a power. It is taken to have held since the reading
 * before; what is less than a microjoule is carried on, so that years lose nothing to rounding.
 *
 * What cannot be known is a gap with no energy, never a guess. */

#include "greend/sample.h"

enum counter_event {
    COUNTER_NONE,     /* no new reading: an error, or the same reading again */
    COUNTER_FIRST,    /* nothing to compare with: energy 0 */
    COUNTER_ADVANCED, /* energy_uj was used in elapsed_ns */
    COUNTER_WRAPPED,  /* the same, across the end of the counter's range */
    COUNTER_RESET,    /* the counter began anew, or leapt: energy 0, its time is a gap */
    COUNTER_GAP,      /* too long, asleep, or stale: energy 0, its time is a gap */
    COUNTER_EVENTS
};

#define COUNTER_IDLE_UNKNOWN UINT64_MAX

/* The machine may have slept, nobody knows how long. */
#define COUNTER_SLEPT_UNKNOWN UINT64_MAX

struct counter {
    bool known;          /* value and time_ns are those of a reading */
    uint64_t value;      /* last reading: uJ of a counter, uW of a gauge */
    uint64_t time_ns;    /* CLOCK_MONOTONIC of it */
    uint64_t stale_ns;   /* a gauge's reading says nothing about more time than this */
    uint64_t carry;      /* gauge: energy below one uJ, in uW x ns */
    uint64_t idle_carry; /* gauge: the same of its idle part, less than two uJ */
};

struct counter_delta {
    enum counter_event event;
    uint64_t energy_uj;
    uint64_t idle_uj;    /* idle part of energy_uj where the meter says so (a model), else
                            COUNTER_IDLE_UNKNOWN */
    uint64_t elapsed_ns; /* time that energy_uj was used in, without sleep */
    uint64_t gap_ns;     /* time whose energy is not known, sleep included where it is known */
};

void counter_init(struct counter *counter, uint64_t stale_ns);

/* Goes on from a reading of an earlier process in the same boot: nothing is lost while no one
 * looked, as long as the counter cannot have wrapped unseen. */
void counter_resume(struct counter *counter, uint64_t value, uint64_t time_ns);

/* Takes the next reading of `meter`. slept_ns: how long the machine was suspended since the reading
 * before (counter_slept_ns()), 0 if it was not, COUNTER_SLEPT_UNKNOWN if it may have been. */
struct counter_delta counter_update(struct counter *counter, const struct meter *meter,
                                    const struct meter_reading *reading, uint64_t slept_ns);

/* How long the machine was suspended between two moments of one boot. Each is told by how long it
 * had slept till then: meter_set.asleep_ns. Less than half a second is 0: the two clocks are not
 * read at the same time. */
uint64_t counter_slept_ns(uint64_t asleep_before_ns, uint64_t asleep_now_ns);

/* The longest time between two readings of this meter that leaves no doubt about wraps: a quarter
 * of its period at its maximum power. UINT64_MAX for a gauge. */
uint64_t counter_poll_interval(const struct meter *meter);
