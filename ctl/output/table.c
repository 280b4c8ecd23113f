/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "output/table.h"

enum {
    GAP = 2,
    LAST_RESORT = 4, /* columns, below what a column asks for, when nothing else helps */
};

struct table_line {
    enum style_colour colour;
    bool apart;
    size_t n_cells;
    size_t cells[TABLE_COLUMNS_MAX]; /* offsets in table.cells */
};

void table_done(struct table *table)
{
    free(table->lines);
    text_done(&table->cells);
    *table = (struct table){0};
}

void table_line(struct table *table, enum style_colour colour, bool apart)
{
    if (table->n_lines == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 32;
        struct table_line *lines = reallocarray(table->lines, capacity, sizeof(*lines));
        if (!lines) {
            text_note_lack(); /* a page shows what there is of a table, and asks */
            table->cells.error = -ENOMEM;
            return;
        }
        table->lines = lines;
        table->capacity = capacity;
    }
    table->lines[table->n_lines++] = (struct table_line){.colour = colour, .apart = apart};
}

void table_cell(struct table *table, const char *shown)
{
    if (table->cells.error)
        return;
    struct table_line *line = &table->lines[table->n_lines - 1];
    line->cells[line->n_cells++] = table->cells.length;
    text_append(&table->cells, shown, strlen(shown) + 1);
}

static const char *cell_at(const struct table *table, const struct table_line *line, size_t column)
{
    return column < line->n_cells ? table->cells.data + line->cells[column] : "";
}

const char *table_cell_at(const struct table *table, size_t line, size_t column)
{
    return table->cells.error ? "" : cell_at(table, &table->lines[line], column);
}

enum style_colour table_line_colour(const struct table *table, size_t line)
{
    return table->lines[line].colour;
}

bool table_column_used(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->n_lines; i++)
        if (*table_cell_at(table, i, column) != '\0')
            return true;
    return false;
}

/* How wide each column is; 0 for one that is left out. */
struct layout {
    size_t widths[TABLE_COLUMNS_MAX];
};

static size_t natural_width(const struct table *table, size_t column)
{
    size_t width = 0;
    for (size_t i = 0; i < table->n_lines; i++)
        width = MAX(width, style_width(cell_at(table, &table->lines[i], column)));
    /* A column without any content is not shown at all. */
    return width ? MAX(width, style_width(table->columns[column].title)) : 0;
}

static size_t total_width(const struct layout *layout)
{
    size_t total = 0;
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        if (layout->widths[i] > 0)
            total += layout->widths[i] + GAP;
    return total > 0 ? total - GAP : 0;
}

/* Takes a column off the widest that may be narrowed; false where none may. */
static bool narrow(const struct table *table, struct layout *layout)
{
    size_t widest = TABLE_COLUMNS_MAX;
    for (size_t i = 0; i < table->n_columns; i++) {
        size_t least = table->columns[i].least;
        if (least > 0 && layout->widths[i] > least &&
            (widest == TABLE_COLUMNS_MAX || layout->widths[i] > layout->widths[widest]))
            widest = i;
    }
    if (widest == TABLE_COLUMNS_MAX)
        return false;
    layout->widths[widest]--;
    return true;
}

/* Leaves out the column that can best be done without; false where all are needed. */
static bool leave_out(struct table_column *columns, size_t count)
{
    size_t chosen = count;
    for (size_t i = 0; i < count; i++)
        if (columns[i].drop > 0 && (chosen == count || columns[i].drop > columns[chosen].drop))
            chosen = i;
    if (chosen == count)
        return false;
    columns[chosen].drop = 0;
    columns[chosen].title = NULL;
    return true;
}

static struct layout squeeze(struct table table, struct layout layout, size_t width)
{
    for (size_t i = 0; i < table.n_columns; i++)
        table.columns[i].least = MIN(table.columns[i].least, (size_t)LAST_RESORT);
    while (total_width(&layout) > width && narrow(&table, &layout))
        ;
    return layout;
}

static struct layout lay_out(const struct table *table, size_t width)
{
    struct table trial = *table;
    for (;;) {
        struct layout layout = {0};
        for (size_t i = 0; i < trial.n_columns; i++)
            layout.widths[i] = trial.columns[i].title ? natural_width(&trial, i) : 0;
        while (total_width(&layout) > width && narrow(&trial, &layout))
            ;
        if (total_width(&layout) <= width)
            return layout;
        if (!leave_out(trial.columns, trial.n_columns))
            return squeeze(trial, layout, width);
    }
}

static void pad(struct text *text, size_t columns)
{
    text_format(text, "%*s", (int)columns, "");
}

/* One line; cell(i) is what stands in column i. Padding is owed until something follows it. */
static void render_line(const struct table *table, const struct layout *layout,
                        const struct style *style, const char *const cells[TABLE_COLUMNS_MAX],
                        struct text *text)
{
    size_t owed = 0;
    for (size_t i = 0; i < table->n_columns; i++) {
        if (layout->widths[i] == 0)
            continue;
        size_t width = MIN(style_width(cells[i]), layout->widths[i]);
        size_t left = layout->widths[i] - width;
        if (width > 0) {
            pad(text, owed + (table->columns[i].right ? left : 0));
            style_add_cut(style, text, cells[i], layout->widths[i]);
            owed = table->columns[i].right ? 0 : left;
        } else {
            owed += left;
        }
        owed += GAP;
    }
}

void table_take_cell(struct table *table, struct text *cell)
{
    text_add(cell, "");
    table_cell(table, cell->data ? cell->data : "");
    text_clear(cell);
}

void table_render(const struct table *table, const struct style *style, struct text *text)
{
    const char *cells[TABLE_COLUMNS_MAX] = {0};
    if (table->cells.error) {
        text->error = table->cells.error;
        return;
    }
    struct layout layout = lay_out(table, style->width);
    for (size_t i = 0; i < table->n_columns; i++)
        cells[i] = table->columns[i].title;
    style_add_colour(style, text, COLOUR_BOLD);
    render_line(table, &layout, style, cells, text);
    style_add_colour(style, text, COLOUR_PLAIN);
    text_add(text, "\n");
    for (size_t line = 0; line < table->n_lines; line++) {
        const struct table_line *shown = &table->lines[line];
        for (size_t i = 0; i < table->n_columns; i++)
            cells[i] = cell_at(table, shown, i);
        if (shown->apart)
            text_add(text, "\n");
        if (shown->colour != COLOUR_PLAIN)
            style_add_colour(style, text, shown->colour);
        render_line(table, &layout, style, cells, text);
        if (shown->colour != COLOUR_PLAIN)
            style_add_colour(style, text, COLOUR_PLAIN);
        text_add(text, "\n");
    }
}
