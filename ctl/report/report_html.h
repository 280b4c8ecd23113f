/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a page needs beside the report that was asked for. */

#include "ctl.h"
#include "report/report_footprint.h"

/* Reads the operator's stylesheet: *ret_css is NULL where none was asked for, else to be freed.
 * CTL_DONE, or CTL_FAILED: the error was said. */
int report_html_stylesheet(const struct ctl_arguments *arguments, char **ret_css);

/* Appends the page of a report; by_time: of the same period and hosts, by hour, day or month; NULL:
 * there is none, or the report is one. */
void report_html_with(const struct report *report, const struct report_footprint *footprint,
                      const struct report *by_time, const char *css, struct text *text);

/* Appends the page of a report from its reader. 0 or what report_collect() answers. */
int report_html(const struct report *report, const struct report_footprint *footprint,
                struct store_reader *reader, const char *css, struct text *text);
