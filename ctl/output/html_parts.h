/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What pages are put together from. */

#include "output/html.h"
#include "output/table.h"
#include "report/report.h"

/* The page's own CSS. */
extern const char html_page_style[];

/* Opens a section with a heading; close it with html_close(). id: unique in the page. */
void html_section(struct html *html, const char *id, const char *heading);

/* A table as people read it in a terminal, with the same cells. The first `names` columns are what
 * a line is about; the first of them is its header. */
void html_table(struct html *html, const struct table *table, const char *caption, size_t names);

/* What a table of such rows is called. */
const char *html_caption(enum report_group group);
