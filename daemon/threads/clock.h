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
