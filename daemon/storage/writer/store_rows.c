/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Rows of a batch on their way into the tables. A batch spans two minutes, and many after a disk
 * was full: what falls into the same hour or day is summed before it is written. */

#include "storage/store_internal.h"

static int compare_at(enum level level, const struct store_row *a, const struct store_row *b)
{
    if (a->begin_s[level] != b->begin_s[level])
        return a->begin_s[level] < b->begin_s[level] ? -1 : 1;
    if (a->workload != b->workload)
        return a->workload < b->workload ? -1 : 1;
    return a->domain < b->domain ? -1 : a->domain > b->domain;
}

static int compare_hours(const void *a, const void *b)
{
    return compare_at(LEVEL_HOUR, a, b);
}

static int compare_days(const void *a, const void *b)
{
    return compare_at(LEVEL_DAY, a, b);
}

/* As the statements sum: store_internal.h. */
static uint64_t sum(uint64_t a, uint64_t b, bool of_what_is_known)
{
    if (a == UINT64_MAX || b == UINT64_MAX)
        return of_what_is_known ? MIN(a, b) : UINT64_MAX;
    return (uint64_t)store_sum((uint64_t)store_sum(a) + (uint64_t)store_sum(b));
}

/* Sorts and sums; returns how many rows are left. */
static size_t merge(enum level level, bool of_what_is_known, struct store_row *rows, size_t count)
{
    size_t n = 0;
    qsort(rows, count, sizeof(*rows), level == LEVEL_HOUR ? compare_hours : compare_days);
    for (size_t i = 1; i < count; i++) {
        struct store_row *last = &rows[n];
        if (compare_at(level, last, &rows[i]) != 0) {
            rows[++n] = rows[i];
            continue;
        }
        for (size_t k = 0; k < STORE_ROW_VALUES; k++)
            last->values[k] = sum(last->values[k], rows[i].values[k], of_what_is_known);
    }
    return n + 1;
}

static void bind_known(sqlite3_stmt *statement, int index, uint64_t value)
{
    if (value == UINT64_MAX)
        (void)sqlite3_bind_null(statement, index);
    else
        (void)sqlite3_bind_int64(statement, index, store_sum(value));
}

int store_add_rows(struct store *store, enum store_statement first, size_t count)
{
    int r = 0;
    for (enum level level = LEVEL_MINUTE; level < LEVELS && count > 0; level++) {
        sqlite3_stmt *add = store->statements[(int)first + (int)level];
        if (level > LEVEL_MINUTE)
            count = merge(level, first == STORE_RESERVED_ADD, store->rows, count);
        for (size_t i = 0; i < count; i++) {
            const struct store_row *row = &store->rows[i];
            database_bind(add, "iii", row->begin_s[level], row->workload, row->domain);
            for (int k = 0; k < STORE_ROW_VALUES; k++)
                bind_known(add, 4 + k, row->values[k]);
            r = database_run(add);
            if (r < 0)
                return r;
        }
    }
    return 0;
}
