/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Whole numbers of 128 bits without a sign, for products and sums that must be exact. All wrap as
 * those of C do.
 *
 * Compilers have such integers for 64-bit machines alone; for others they are two words here, with
 * the same results. It is a struct on both, so that no operator of C is used by mistake. Tests try
 * the two words on every machine: GREEND_WIDE_WORDS. */

#include <stdint.h>

#if defined(__SIZEOF_INT128__) && !defined(GREEND_WIDE_WORDS)

struct wide {
    unsigned __int128 value;
};

static inline struct wide wide_of(uint64_t number)
{
    return (struct wide){number};
}

static inline uint64_t wide_low(struct wide a)
{
    return (uint64_t)a.value;
}

static inline uint64_t wide_high(struct wide a)
{
    return (uint64_t)(a.value >> 64);
}

static inline struct wide wide_add(struct wide a, struct wide b)
{
    return (struct wide){a.value + b.value};
}

static inline struct wide wide_sub(struct wide a, struct wide b)
{
    return (struct wide){a.value - b.value};
}

static inline struct wide wide_mul(struct wide a, uint64_t factor)
{
    return (struct wide){a.value * factor};
}

/* Rounded down; the divisor is not 0. */
static inline struct wide wide_div(struct wide a, uint64_t divisor)
{
    return (struct wide){a.value / divisor};
}

#else

struct wide {
    uint64_t low, high;
};

static inline struct wide wide_of(uint64_t number)
{
    return (struct wide){.low = number};
}

static inline uint64_t wide_low(struct wide a)
{
    return a.low;
}

static inline uint64_t wide_high(struct wide a)
{
    return a.high;
}

static inline struct wide wide_add(struct wide a, struct wide b)
{
    uint64_t low = a.low + b.low;
    return (struct wide){.low = low, .high = a.high + b.high + (low < a.low)};
}

static inline struct wide wide_sub(struct wide a, struct wide b)
{
    return (struct wide){.low = a.low - b.low, .high = a.high - b.high - (a.low < b.low)};
}

/* As on paper, with digits of 32 bits: no sum within reaches 2^64. */
static inline struct wide wide_mul(struct wide a, uint64_t factor)
{
    uint64_t a0 = (uint32_t)a.low, a1 = a.low >> 32;
    uint64_t b0 = (uint32_t)factor, b1 = factor >> 32;
    uint64_t lowest = a0 * b0;
    uint64_t left = a1 * b0 + (lowest >> 32);
    uint64_t right = a0 * b1 + (uint32_t)left;
    return (struct wide){
        .low = right << 32 | (uint32_t)lowest,
        .high = a1 * b1 + (left >> 32) + (right >> 32) + a.high * factor,
    };
}

/* Rounded down; the divisor is not 0. The lower word is divided bit by bit. */
static inline struct wide wide_div(struct wide a, uint64_t divisor)
{
    if (a.high == 0)
        return wide_of(a.low / divisor);
    struct wide quotient = {.high = a.high / divisor};
    uint64_t rest = a.high % divisor;
    for (int bit = 63; bit >= 0; bit--) {
        uint64_t above = rest >> 63; /* 2^64, when it is doubled */
        rest = rest << 1 | (a.low >> bit & 1);
        if (above || rest >= divisor) {
            rest -= divisor;
            quotient.low |= UINT64_C(1) << bit;
        }
    }
    return quotient;
}

#endif

static inline struct wide wide_product(uint64_t a, uint64_t b)
{
    return wide_mul(wide_of(a), b);
}

/* Below 0, 0 or above it, as a is below b, the same or above it. */
static inline int wide_compare(struct wide a, struct wide b)
{
    uint64_t high_a = wide_high(a), high_b = wide_high(b);
    if (high_a != high_b)
        return high_a < high_b ? -1 : 1;
    return (wide_low(a) > wide_low(b)) - (wide_low(a) < wide_low(b));
}

/* How many bits it takes; 0 has none. */
static inline unsigned wide_bits(struct wide a)
{
    if (wide_high(a) != 0)
        return 128 - (unsigned)__builtin_clzll(wide_high(a));
    return wide_low(a) ? 64 - (unsigned)__builtin_clzll(wide_low(a)) : 0;
}

/* UINT64_MAX where it does not fit. */
static inline uint64_t wide_saturated(struct wide a)
{
    return wide_high(a) ? UINT64_MAX : wide_low(a);
}
