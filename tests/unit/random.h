/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Random numbers for property tests. The seed is printed and can be given as GREEND_SEED, so that a
 * failure can be had again. */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct random {
    uint64_t state;
};

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline struct random random_seeded(void)
{
    const char *seed = getenv("GREEND_SEED");
    struct random random = {seed ? strtoull(seed, NULL, 0) : 20261123};
    printf("seed: GREEND_SEED=%" PRIu64 "\n", random.state);
    return random;
}

/* 0 to limit - 1. */
static inline uint64_t random_below(struct random *random, uint64_t limit)
{
    return random_next(random) % limit;
}

/* A number of at most that many bits (1 to 64), all lengths about equally likely. */
static inline uint64_t random_bits(struct random *random, int bits)
{
    int length = (int)random_below(random, (uint64_t)bits) + 1;
    return random_next(random) >> (64 - length);
}

static inline double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}
