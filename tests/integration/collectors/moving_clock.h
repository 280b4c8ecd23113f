/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A clock that a test can move: link with wrap_clock. */

#include <time.h>

#include "greend/units.h"

static uint64_t clock_offset_ns; /* whole seconds */

#if defined(__TIMESIZE) && __TIMESIZE == 32
/* What clock_gettime() is called in glibc where times have 64 bits and long has 32. */
#define __real_clock_gettime __real___clock_gettime64
#define __wrap_clock_gettime __wrap___clock_gettime64
#endif
int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    int r = __real_clock_gettime(clock, time);
    time->tv_sec += (time_t)(clock_offset_ns / NS_PER_S);
    return r;
}
