/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <assert.h>

#include "footprint/tables/factor_text.h"
#include "footprint/words/vocabulary.h"

enum { SLOTS = FACTORS * (CRITERIA + 1) * GEOGRAPHIES };

struct factor_table {
    struct factor_text *texts[FACTOR_SETS_MAX]; /* own the rows */
    size_t n_texts;
    const struct factor *slots[SLOTS]; /* the row in force of each id, criterion and geography */
};

size_t factor_slot(enum factor_id id, enum criterion criterion, int geography)
{
    assert(id < FACTORS && criterion <= CRITERION_PARAMETER);
    assert(0 <= geography && geography < GEOGRAPHIES);
    return ((size_t)id * (CRITERIA + 1) + (size_t)criterion) * GEOGRAPHIES + (size_t)geography;
}

struct factor_table *factor_table_new(void)
{
    return calloc(1, sizeof(struct factor_table));
}

struct factor_table *factor_table_free(struct factor_table *table)
{
    for (size_t i = 0; table && i < table->n_texts; i++)
        (void)factor_text_free(table->texts[i]);
    free(table);
    return NULL;
}

int factor_table_add(struct factor_table *table, const char *name, const char *bytes, size_t length,
                     struct factor_errors *ret_errors)
{
    struct factor_text *text = NULL;
    int r = factor_text_parse(&text, name, bytes, length, table->n_texts == FACTOR_SETS_MAX,
                              ret_errors);
    if (r != 0)
        return r;
    for (size_t i = 0; i < text->n_rows; i++) {
        const struct factor *row = &text->rows[i];
        table->slots[factor_slot(row->id, row->criterion, row->geography)] = row;
    }
    table->texts[table->n_texts++] = text;
    return 0;
}

const struct factor *factor_find(const struct factor_table *table, enum factor_id id,
                                 enum criterion criterion, int geography)
{
    if (!table || geography == GEOGRAPHY_UNKNOWN)
        return NULL;
    return table->slots[factor_slot(id, criterion, geography)];
}

struct figure factor_value(const struct factor *factor)
{
    return factor ? factor->value : (struct figure){0};
}

const struct factor *factor_next(const struct factor_table *table, size_t *cursor)
{
    while (*cursor < SLOTS) {
        const struct factor *factor = table->slots[(*cursor)++];
        if (factor)
            return factor;
    }
    return NULL;
}

const struct factor_set *factor_table_set(const struct factor_table *table, size_t index)
{
    return index < table->n_texts ? &table->texts[index]->set : NULL;
}
