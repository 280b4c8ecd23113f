/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Lines of cells that are aligned in columns and fit a width. */

#include "output/style.h"

enum { TABLE_COLUMNS_MAX = 10 };

struct table_column {
    const char *title;
    const char *spoken; /* where the title is "": the title in a page, which needs one */
    size_t least;       /* may be narrowed to this; 0: never narrowed */
    unsigned drop;      /* left out where space is short, the highest first; 0: never left out */
    bool right;         /* aligned to the right */
};

/* Zeroed but for its columns: an empty table. */
struct table {
    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t n_columns;
    struct table_line *lines;
    size_t n_lines;
    size_t capacity;
    struct text cells; /* all cells, each ended by NUL */
};

/* Begins a line. `apart`: with an empty line before it. */
void table_line(struct table *table, enum style_colour colour, bool apart);

/* Appends the next cell of the line: text that may be shown as it is. */
void table_cell(struct table *table, const char *shown);

/* The same, and clears the text for the next cell. */
void table_take_cell(struct table *table, struct text *cell);

/* Appends all lines below their titles, no line with blanks at its end. */
void table_render(const struct table *table, const struct style *style, struct text *text);

/* The cells as they were given; "" behind the last. */
const char *table_cell_at(const struct table *table, size_t line, size_t column);
enum style_colour table_line_colour(const struct table *table, size_t line);

/* Whether any line has something in this column: one that has not is not shown. */
bool table_column_used(const struct table *table, size_t column);

void table_done(struct table *table);
