/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the files of the report share. */

#include "report.h"

/* The order of rows by what they are grouped by, for the index and for rows of equal energy. */
int report_compare_keys(const void *a, const void *b);

/* Releases the index; the rows stay. */
void report_index_drop(struct report *report);
