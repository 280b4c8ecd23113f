/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A report as one page that needs nothing else: HTML by RGAA 4.1, its charts in it, no script. */

#include "output/style.h"
#include "report/report_footprint.h"

struct html_report {
    const struct report *report;
    const struct report_footprint *footprint; /* of that report; or NULL */
    const struct report *by_time; /* the same period by hour, day or month; NULL: there is none */
    const char *stylesheet;       /* the operator's, behind the page's own; or NULL */
};

/* What rows of time are good for a page: some dozens at most. */
enum report_group html_report_spans(const struct store_period *period);

void render_report_html(const struct html_report *page, struct text *text);

/* What a stylesheet must not have, as words for an error; NULL: nothing is wrong with it. */
const char *html_stylesheet_wrong(const char *css, size_t length);
