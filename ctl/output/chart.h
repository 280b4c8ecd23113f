/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Bar charts as SVG within HTML. They tell nothing that the table beside them does not, and nothing
 * by colour alone: parts are hatched, and each bar has its value beside it or on the axis. */

#include "output/html.h"

struct chart_bar {
    char label[64]; /* what it stands for */
    char value[64]; /* of the whole bar, as the table has it; "": not shown */
    double size;    /* of the whole bar, 0 or more */
    double part;    /* of it, hatched, at the end of the bar; 0: none */
    bool marked;    /* with the chart's mark */
};

struct chart {
    const char *title;       /* short: the name of the picture */
    const char *description; /* what it shows, in sentences */
    const char *solid;       /* what is not hatched; NULL: there is no legend */
    const char *hatched;
    const char *mark;        /* what the mark of bars means; NULL: none has it */
    double limit;            /* a line across all bars of a lying chart; 0: none */
    const char *limit_label; /* what it means, for the legend */
    const char *id;          /* prefix of ids, unique in the page */
    const struct chart_bar *bars;
    size_t n_bars;
};

/* Bars that lie, one below the other: label, bar, value. For up to some dozens. */
void chart_lying(struct html *html, const struct chart *chart);

/* Bars that stand on a line of time, with an axis that ends at `top` of which `top_label` tells;
 * labels are thinned out where there is no room. */
void chart_standing(struct html *html, const struct chart *chart, double top, const char *top_label,
                    const char *half_label);
