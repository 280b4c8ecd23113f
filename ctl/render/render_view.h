/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What is shown to a person, in a terminal (render_table.c) or in a page (render_html.c):
 * render_view.c has what all of it shares, render_table.c makes the table, render_notes.c what
 * stands below it. */

#include "output/amount.h"
#include "output/table.h"
#include "render/render.h"

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

static inline bool view_has_bar(const struct report_row *row)
{
    return row->type == REPORT_ROW_ITEM;
}

/* Release with view_done() in each case; -ENOMEM. */
int view_init(struct view *view, const struct report *report,
              const struct report_footprint *footprint, const struct style *style);
void view_done(struct view *view);

/* Whole steps of the scale in an energy, rounded down. */
uint64_t view_steps_in(const struct view *view, uint64_t energy_uj);

/* "~31.20 Wh": the sign says that a model and not a meter says so. */
void view_add_energy(const struct view *view, struct text *text, uint64_t steps, bool modelled);

void view_add_percent(struct text *text, uint64_t tenths);

/* A part of a whole in percent, rounded down, so that only all of it is 100.0 %. */
void view_add_part(struct text *text, uint64_t part, uint64_t whole);

/* "± 0.9", rounded up: a band is never shown narrower than it is. Nothing where there is none. */
void view_add_band(const struct view *view, struct text *text, const struct report_sum *sum);

/* "srv-paie-03 (3f2a91c0)"; false: it is not known which host it is, or there are several. */
bool view_add_host(const struct view *view, struct text *line);

/* Words above the table: period and host; what was asked for, where that is not it; the sums. */
void view_add_title(const struct view *view, struct text *line);
void view_add_asked(const struct view *view, struct text *line);
void view_add_headline(const struct view *view, struct text *line);

/* "8.3 %", and of what, where that is not the period that the title names. */
void view_add_coverage(const struct view *view, struct text *line);

/* The table's columns and all of its lines. */
void view_fill_table(const struct view *view, struct table *table);

/* A sentence for each target, likewise. */
void view_tell_targets(const struct view *view, void (*note)(void *userdata, const char *words),
                       void *userdata);

/* What stands below the table: told to note() paragraph by paragraph. */
void view_tell_notes(const struct view *view, void (*note)(void *userdata, const char *words),
                     void *userdata);
