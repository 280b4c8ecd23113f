/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A clock that a test can move: link with -Wl,--wrap=clock_gettime. */

#include <time.h>

#include "greend/units.h"

static uint64_t clock_offset_ns; /* whole seconds */

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    int r = __real_clock_gettime(clock, time);
    time->tv_sec += (time_t)(clock_offset_ns / NS_PER_S);
    return r;
}
