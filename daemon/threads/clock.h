/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reading clocks. */

#include <time.h>

#include "greend/units.h"

static inline int64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * (int64_t)NS_PER_S + now.tv_nsec;
}

static inline uint64_t clock_mono_ns(void)
{
    return (uint64_t)clock_ns(CLOCK_MONOTONIC);
}

/* CLOCK_BOOTTIME, and how long the machine has slept since it started, modulo 2^64. Whoever is
 * interrupted between the two clocks looks again. */
static inline uint64_t clock_boottime_ns(uint64_t *ret_asleep_ns)
{
    uint64_t boottime_ns = (uint64_t)clock_ns(CLOCK_BOOTTIME), mono_ns = 0;
    for (int tries = 0; tries < 3; tries++) {
        uint64_t before_ns = boottime_ns;
        mono_ns = clock_mono_ns();
        boottime_ns = (uint64_t)clock_ns(CLOCK_BOOTTIME);
        if (boottime_ns - before_ns < NS_PER_MS)
            break;
    }
    *ret_asleep_ns = boottime_ns - mono_ns;
    return boottime_ns;
}
