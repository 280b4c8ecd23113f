/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Units. Inside greend energy is a whole number of microjoules (uj), power of microwatts (uw) and
 * time of nanoseconds (ns). Doubles appear only where a person or a protocol reads the number. */

#include <stdbool.h>
#include <stdint.h>

#include "greend/wide.h"

#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_S   UINT64_C(1000000000)
#define UJ_PER_MJ  UINT64_C(1000) /* millijoule */
#define UJ_PER_J   UINT64_C(1000000)
#define UJ_PER_WH  (UINT64_C(3600) * UJ_PER_J)
#define UJ_PER_KWH (UINT64_C(1000) * UJ_PER_WH)
#define UW_PER_W   UINT64_C(1000000)
#define PPM        UINT64_C(1000000) /* ratios are parts per million */

/* a * b / c without overflow in between, rounded down; UINT64_MAX where the result does not fit or
 * c is 0. */
static inline uint64_t mul_div(uint64_t a, uint64_t b, uint64_t c)
{
    return c == 0 ? UINT64_MAX : wide_saturated(wide_div(wide_product(a, b), c));
}

/* Sums that stop at the top instead of wrapping. */
static inline uint64_t add_saturated(uint64_t a, uint64_t b)
{
    uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t sub_saturated(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* Whether a time of CLOCK_REALTIME can be true. Without a battery the clock stands at 1970, or at
 * the kernel's release, until the network sets it. */
static inline bool clock_is_set(int64_t real_ns)
{
    return real_ns >= INT64_C(1767225600) * (int64_t)NS_PER_S; /* 2026: greend is not older */
}

/* Energy (uJ) of a power (uW) held for a time (ns). */
static inline uint64_t energy_of_power(uint64_t power_uw, uint64_t time_ns)
{
    return mul_div(power_uw, time_ns, NS_PER_S);
}

/* Mean power (uW) of an energy (uJ) used in a time (ns); 0 for no time. */
static inline uint64_t power_of_energy(uint64_t energy_uj, uint64_t time_ns)
{
    return time_ns ? mul_div(energy_uj, NS_PER_S, time_ns) : 0;
}
