/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Telling what is wrong with a file, and where: factor files and tables that become one. */

#include "greend/factors.h"

/* A part of a line. */
struct field {
    const char *begin;
    const char *end;
};

/* Without blanks around it. */
struct field field_trim(struct field field);

/* A field as it may be shown: escaped and not too long. */
struct field_text {
    char text[72];
};

struct field_text field_shown(struct field field);

static inline size_t field_length(struct field field)
{
    return (size_t)(field.end - field.begin);
}

/* Whether it is this word, letters of both cases alike. */
bool field_is(struct field field, const char *word);

/* Where the reading is, and where errors go. */
struct complaint {
    const char *file;
    struct factor_errors *errors;
    unsigned line;
    const char *line_begin;
};

/* One error more, at a place in the line: says what was expected. */
void complain(struct complaint *complaint, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
