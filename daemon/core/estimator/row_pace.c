/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/row_pace.h"

#include <math.h>

static const double lengths_s[ROW_PACES] = {2, 6, 18};
static const double memory_s = 500;
static const double blocks_least = 20;

/* Rows get longer where long ones say at least so much, per second, of what short ones say; shorter
 * again below the second. */
static const double longer = 0.25, shorter = 0.2;

/* Squares count up to so many times their mean. */
static const double square_most = 9;

/* Until there were some blocks, the middle one is not far wrong for anyone. */
static bool is_known(const struct row_pace *pace)
{
    return pace->blocks[1].weight >= blocks_least;
}

double row_pace_s(const struct row_pace *pace)
{
    return lengths_s[is_known(pace) ? pace->at : 1];
}

static void end_block(struct row_pace_block *block)
{
    double residual = block->residual / block->seconds;
    double explained = block->explained / block->seconds;
    double square = (residual - block->last) * (residual - block->last);
    block->last = residual;
    block->weight = block->weight * exp(-block->seconds / memory_s) + 1;
    double rate = 1 / block->weight;
    if (block->residual_square > 0)
        square = fmin(square, square_most * block->residual_square);
    double off = explained - block->mean;
    block->residual_square += rate * (square - block->residual_square);
    block->mean += rate * off;
    block->variance += rate * (off * off - block->variance);
    block->seconds = block->residual = block->explained = 0;
}

/* Whether rows of the next length say enough, as a share of what those of this length say. */
static bool says(const struct row_pace *pace, size_t at, double share)
{
    const struct row_pace_block *quick = &pace->blocks[at], *slow = &pace->blocks[at + 1];
    if (slow->weight < blocks_least)
        return false;
    /* Said per second: variance / (length x square). Compared without dividing by what may be 0. */
    double of_slow = slow->variance * lengths_s[at] * quick->residual_square;
    double of_quick = quick->variance * lengths_s[at + 1] * slow->residual_square;
    return of_slow > share * of_quick;
}

static void choose(struct row_pace *pace)
{
    size_t at = 0;
    while (at + 1 < ROW_PACES && says(pace, at, at < pace->at ? shorter : longer))
        at++;
    pace->at = at;
}

void row_pace_add(struct row_pace *pace, double residual, double explained, double dt_s)
{
    if (!(dt_s > 0))
        return;
    for (size_t i = 0; i < ROW_PACES; i++) {
        struct row_pace_block *block = &pace->blocks[i];
        block->seconds += dt_s;
        block->residual += residual * dt_s;
        block->explained += explained * dt_s;
        if (block->seconds < lengths_s[i] - 0.5)
            continue;
        end_block(block);
        if (i > 0 && is_known(pace))
            choose(pace);
    }
}
