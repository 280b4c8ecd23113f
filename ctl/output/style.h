/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the place can show that a table is written to: its width, its characters, its colours. */

#include "core/text.h"

enum { STYLE_WIDTH_PIPED = 80, STYLE_WIDTH_LEAST = 40, STYLE_WIDTH_MOST = 200 };

struct style {
    size_t width; /* columns */
    bool utf8;    /* else ASCII */
    bool colour;
};

/* For standard output, from the terminal, COLUMNS, NO_COLOR, TERM and the locale (set before). */
void style_detect(struct style *ret_style);

/* A text as it may be shown: escaped, and all that is not ASCII too where it cannot be shown. */
void style_add_text(const struct style *style, struct text *text, const char *raw);

/* Columns that shown text takes. Colours must not be in it. */
size_t style_width(const char *shown);

/* Appends shown text cut to a number of columns, with a sign of it where it had to be cut. */
void style_add_cut(const struct style *style, struct text *text, const char *shown, size_t columns);

/* A bar of part/whole of a number of columns, in eighths of a column where the characters allow. */
void style_add_bar(const struct style *style, struct text *text, uint64_t part, uint64_t whole,
                   size_t columns);

/* Words broken into lines of the style's width, each but the first indented. */
void style_add_paragraph(const struct style *style, struct text *text, size_t indent,
                         const char *words);

enum style_colour {
    COLOUR_PLAIN,
    COLOUR_BOLD,
    COLOUR_DIM,
    COLOUR_GREEN,
    COLOUR_YELLOW,
    COLOUR_RED
};

/* Begins a colour, or ends it (COLOUR_PLAIN). Nothing without colours. */
void style_add_colour(const struct style *style, struct text *text, enum style_colour colour);

/* The first for UTF-8, the second for ASCII. */
const char *style_sign(const struct style *style, const char *utf8, const char *ascii);
