/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* How long the rows of a fit should be. Pure.
 *
 * Short rows see more of what changes. But CPU time is not always told when it was used (ended
 * children are told when they are reaped): in short rows that is noise in what the fit explains
 * power with, and makes all workloads look alike. A late second is missing in one row and too much
 * in the next, so longer rows lose that noise fast, and what really changes slowly. Rows of one
 * length and of the next are compared: by the squares of what changes in the part that was
 * explained, over the squares of what changes in the rest. */

#include "greend/base.h"

enum { ROW_PACES = 3 };

struct row_pace_block {
    double seconds, residual, explained; /* of the block under way, times seconds */
    double last;
    double residual_square, mean, variance, weight;
};

struct row_pace {
    size_t at; /* the length that says most */
    struct row_pace_block blocks[ROW_PACES];
};

/* One interval: what was not explained, and what was, as shares of the power. */
void row_pace_add(struct row_pace *pace, double residual, double explained, double dt_s);

/* Seconds of a row: 2, 6 or 18; 6 until it is known. */
double row_pace_s(const struct row_pace *pace);
