/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* greend-ctl top: what is shown, and how it is chosen. */

#include "output/style.h"
#include "top/window.h"

enum top_order { TOP_ORDER_POWER, TOP_ORDER_CPU, TOP_ORDER_NAME, TOP_ORDERS };

enum { TOP_FILTER_MAX = 64 };

struct top_view {
    enum top_group group;
    enum top_order order;
    char filter[TOP_FILTER_MAX]; /* part of a name, letters of both cases alike; "": all */
    size_t skip;                 /* rows that were scrolled past */
    size_t lines;                /* rows that are shown at most; 0: all */
    bool paused;
    bool live;          /* greend works: its last frame is fresh */
    uint64_t age_ns;    /* of its last frame */
    uint64_t missed_uj; /* since top began */
    uint64_t window_ns; /* that is asked for */
};

/* The group of a word of --by; -1: none. */
int top_group_find(const char *word);
const char *top_group_word(enum top_group group);

/* Sorts the rows. */
void top_sort(struct top_sums *sums, enum top_order order);

/* Whether a row has the filter's text in one of its names. */
bool top_matches(const struct top_row *row, const char *filter);

/* A block of lines, the sums first. The rows must be sorted. */
void top_render(const struct top_sums *sums, const struct top_view *view, const struct style *style,
                struct text *text);

/* What the keys are. */
void top_render_help(const struct style *style, struct text *text);
