/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the files of the report share. */

#include "report/report.h"

/* The order of rows by what they are grouped by, for the index and for rows of equal energy. */
int report_compare_keys(const void *a, const void *b);

/* Releases the index; the rows stay. */
void report_index_drop(struct report *report);

/* The row with this key, which is made where there is none. -ENOMEM, -E2BIG. */
int report_row_find(struct report *report, const struct report_row *key, struct report_row **ret);

/* Accepts NULL. */
void report_row_free(struct report_row *row);

/* The hour, day or month that a time lies in, by the clock of the process. */
void report_calendar(enum report_group group, int64_t time_s, int64_t *ret_begin_s,
                     int64_t *ret_end_s);

/* Adds the parts of rows, host by host, to those of a row. hosts: their number. -ENOMEM. */
int report_parts_fold(struct report_row *const *rows, size_t n_rows, size_t hosts,
                      struct report_row *ret);

/* Of rows that were merged from several hosts: where hours and days begin and how long they are. */
void report_set_spans(struct report *report);

/* Adds the times of one database to those of all. */
void report_add_period(struct report *report, const struct store_period *more);
