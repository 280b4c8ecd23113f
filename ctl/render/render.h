/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A report as text. The process is in the time zone of the report's store. -ENOMEM is in
 * text->error, also where a call returns nothing. */

#include "core/text.h"
#include "output/style.h"
#include "report/report_footprint.h"

/* For a person. Energies, shares and emissions are rounded so that the rows shown add up to the
 * total shown. footprint: of that report; NULL: nothing is said of one, likewise below. */
void render_report_table(const struct report *report, const struct report_footprint *footprint,
                         const struct style *style, struct text *text);

/* For a program; docs/report.md lists the keys. */
void render_report_json(const struct report *report, const struct report_footprint *footprint,
                        struct text *text);

/* For a spreadsheet: RFC 4180, one header line, no cell that a spreadsheet takes for a formula. */
void render_report_csv(const struct report *report, const struct report_footprint *footprint,
                       struct text *text);

/* Stable words for JSON and CSV. */
const char *render_row_type(enum report_row_type type);
const char *render_kind(int kind);                       /* NULL for -1 */
const char *render_energy_source(int source);            /* NULL for -1 */
const char *render_origin(const struct report_sum *sum); /* measured, modelled, mixed, none */

/* A time in the time zone of the process; all forms but the first are those of the language. */
enum render_form {
    FORM_ISO,    /* 2026-11-01T00:00:00+0100 */
    FORM_MOMENT, /* 2026-11-01 00:00 */
    FORM_HOUR,   /* 2026-11-01 00:00 +0100 */
    FORM_DAY,    /* Sun 2026-11-01 */
    FORM_MONTH,  /* 2026-11 */
};
enum { RENDER_TIME_MAX = 40 };

/* Returns target, of RENDER_TIME_MAX bytes. */
const char *render_time(char *target, enum render_form form, int64_t time_s);

/* A day since 1970-01-01 in the language: 2024-03-31. Likewise. */
const char *render_date(char *target, int32_t day);

/* Covered part of a length of time, in parts per million, at most all of it. */
uint64_t render_coverage_ppm(uint64_t covered_ns, int64_t length_s);

/* Appends a comma and a number, or nothing behind the comma where it is not known. */
void render_csv_number(struct text *text, bool known, double value);

/* Appends one CSV cell, and a comma before it unless it is the first of its line. */
void render_csv_cell(struct text *text, const char *raw, bool first);
