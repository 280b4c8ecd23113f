/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* One line of an intensity file. Pure. For intensity.c. */

#include "footprint/tables/factor_complaint.h"
#include "greend/intensity.h"

enum { INTENSITY_FIELDS_MAX = 64, COLUMN_NONE = INTENSITY_FIELDS_MAX };

/* What the header says: where each thing stands. */
struct intensity_columns {
    enum intensity_form form;
    char separator;
    size_t n;    /* fields of a row */
    size_t time; /* with an offset, or UTC; COLUMN_NONE: day and clock instead */
    size_t day;
    size_t clock;
    size_t value;
    size_t zone;      /* or COLUMN_NONE */
    size_t estimated; /* or COLUMN_NONE */
};

/* A value and its time, before hours are made. */
struct intensity_value {
    int64_t time_s;
    double grams;
    unsigned line;
    bool twice; /* the first of two equal wall times */
};

enum intensity_answer {
    ROW_VALUE,
    ROW_EMPTY, /* no value */
    ROW_LEFT,  /* of a time that never was: noted */
    ROW_WRONG, /* complained */
};

struct intensity_reader {
    struct complaint errors;
    struct complaint notes;
    struct intensity_columns columns;
    struct intensity *intensity; /* zone and counts are kept here */
};

/* false: complained. */
bool intensity_header(struct intensity_reader *reader, struct field line);

enum intensity_answer intensity_row(struct intensity_reader *reader, struct field line,
                                    struct intensity_value *ret);
