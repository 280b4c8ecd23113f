/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Random numbers for property tests: the same everywhere for the same seed (splitmix64). */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline uint64_t random_next(struct random *random)
{
    return random_mix(random->state++);
}

static inline uint64_t random_below(struct random *random, uint64_t limit)
{
    return random_next(random) % limit;
}

/* The same for what is counted in memory. */
static inline size_t random_index(struct random *random, size_t limit)
{
    return (size_t)random_below(random, limit);
}

/* Starts from $GREEND_TEST_SEED, else from the given seed, and names it in the test's output, which
 * is shown when the test fails. */
static inline struct random random_begin(const char *test, uint64_t seed)
{
    const char *chosen = getenv("GREEND_TEST_SEED");
    if (chosen)
        seed = strtoull(chosen, NULL, 10);
    printf("%s: GREEND_TEST_SEED=%llu\n", test, (unsigned long long)seed);
    return (struct random){.state = random_mix(seed)};
}

/* A number of at most that many bits (1 to 64), all lengths about equally likely. */
static inline uint64_t random_bits(struct random *random, int bits)
{
    return random_next(random) >> (63 - random_below(random, (uint64_t)bits));
}

/* 0 <= number < 1. */
static inline double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}
