/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Splits a whole number by weights into whole numbers whose sum is exact. Pure.
 *
 * Each part is floor(amount x C_i / W) - floor(amount x C_(i-1) / W), where C_i is the sum of the
 * first i weights and W that of all. The parts add up to the amount whatever the weights are, and
 * each is less than 1 unit away from its true share, as with largest remainders, but in one pass,
 * without memory and without sorting. */

#include "greend/base.h"
#include "greend/units.h"

struct split {
    uint64_t amount;
    uint64_t weight; /* W */
    uint64_t seen;   /* C_i */
    uint64_t given;
};

static inline struct split split_begin(uint64_t amount, uint64_t weight)
{
    return (struct split){.amount = amount, .weight = weight};
}

/* The next part. Weights beyond W get nothing; with W = 0 nobody gets anything. */
static inline uint64_t split_next(struct split *split, uint64_t weight)
{
    uint64_t left = split->weight - split->seen;
    split->seen += weight < left ? weight : left;
    if (weight == 0 || split->weight == 0)
        return 0;
    uint64_t due = mul_div(split->amount, split->seen, split->weight);
    uint64_t part = due - split->given;
    split->given = due;
    return part;
}

/* What was not given: 0 after all weights were seen. */
static inline uint64_t split_rest(const struct split *split)
{
    return split->amount - split->given;
}
