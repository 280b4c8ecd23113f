/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the parts of a table for a person share: render_table.c makes the table, render_notes.c what
 * stands below it. */

#include "amount.h"
#include "render.h"

/* What all parts of one table share. */
struct view {
    const struct report *report;
    const struct style *style;
    struct amount_scale scale; /* one for all rows, so that a person can add them up */
    uint64_t *steps;           /* energy of each row in steps of the scale */
    uint64_t *tenths;          /* share of each row in tenths of a percent */
    uint64_t total_steps;
    const struct report_footprint *footprint; /* or NULL */
    uint64_t *emitted;                        /* of the use of each row, in steps */
    uint64_t total_emitted;                   /* 0: not known, or too little to be shown */
    bool grams;                               /* a step is of a gram, else of a kilogram */
    unsigned emitted_decimals;                /* of a step */
    uint64_t bar_uj;                          /* what a whole bar stands for */
    size_t bar_columns;
};

/* Whole steps of the scale in an energy, rounded down. */
uint64_t view_steps_in(const struct view *view, uint64_t energy_uj);

/* "~31.20 Wh": the sign says that a model and not a meter says so. */
void view_add_energy(const struct view *view, struct text *text, uint64_t steps, bool modelled);

void view_add_percent(struct text *text, uint64_t tenths);

/* What stands below the table. */
void view_add_notes(const struct view *view, struct text *text);
