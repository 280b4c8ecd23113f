/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* When all is added: the order of rows, the top, their shares, times of more than one host. */

#include <search.h>

#include "greend/units.h"
#include "output/amount.h"
#include "report/report_internal.h"

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_texts(const struct report_row *a, const struct report_row *b)
{
    int r = strcmp(a->unit, b->unit);
    r = r ? r : strcmp(a->command, b->command);
    r = r ? r : strcmp(a->user, b->user);
    r = r ? r : strcmp(a->domain, b->domain);
    r = r ? r : a->kind - b->kind;
    return r ? r : a->source - b->source;
}

int report_compare_keys(const void *a, const void *b)
{
    const struct report_row *x = a;
    const struct report_row *y = b;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->begin_s != y->begin_s)
        return x->begin_s < y->begin_s ? -1 : 1;
    return compare_texts(x, y);
}

static void keep_node(void *row)
{
    (void)row; /* belongs to report->rows */
}

void report_index_drop(struct report *report)
{
    tdestroy(report->index, keep_node);
    report->index = NULL;
}

static int by_energy(const void *a, const void *b)
{
    const struct report_row *x = *(struct report_row *const *)a;
    const struct report_row *y = *(struct report_row *const *)b;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->sum.energy_uj != y->sum.energy_uj)
        return compare_u64(y->sum.energy_uj, x->sum.energy_uj);
    return report_compare_keys(x, y);
}

static int by_begin(const void *a, const void *b)
{
    return report_compare_keys(*(struct report_row *const *)a, *(struct report_row *const *)b);
}

/* Folds the items behind the first `top` into one row, which takes the place of the first of them.
 * Rows are in the order of their energy, items before all others. */
static int cut_to_top(struct report *report)
{
    size_t items = 0;
    while (items < report->n_rows && report->rows[items]->type == REPORT_ROW_ITEM)
        items++;
    if (items <= report->top)
        return 0;
    struct report_row folded_parts = {0};
    int r = report->fleet ? report_parts_fold(report->rows + report->top, items - report->top,
                                              report->hosts, &folded_parts)
                          : 0;
    if (r < 0) {
        free(folded_parts.parts);
        return r;
    }
    struct report_row *rest = report->rows[report->top];
    free(rest->parts);
    for (size_t i = report->top + 1; i < items; i++) {
        report_sum_add(&rest->sum, &report->rows[i]->sum);
        report_row_free(report->rows[i]);
    }
    *rest = (struct report_row){
        .type = REPORT_ROW_REST,
        .kind = -1,
        .source = -1,
        .items = items - report->top,
        .begin_s = report->period.since_s,
        .sum = rest->sum,
        .parts = folded_parts.parts,
        .n_parts = folded_parts.n_parts,
    };
    size_t folded = items - report->top - 1;
    memmove(&report->rows[report->top + 1], &report->rows[items],
            (report->n_rows - items) * sizeof(void *));
    report->n_rows -= folded;
    return 0;
}

static int share_out(struct report *report)
{
    CLEANUP(free_p) uint64_t *parts = calloc(2 * report->n_rows + 1, sizeof(*parts));
    if (!parts)
        return -ENOMEM;
    uint64_t *shares = parts + report->n_rows;
    for (size_t i = 0; i < report->n_rows; i++)
        parts[i] = report->rows[i]->sum.energy_uj;
    int64_t all = amount_share_out(parts, report->n_rows, PPM, report->total.sum.energy_uj, shares);
    if (all < 0)
        return (int)all;
    for (size_t i = 0; i < report->n_rows; i++)
        report->rows[i]->share_ppm = shares[i];
    report->total.share_ppm = (uint64_t)all;
    return 0;
}

/* The row of idle energy where all of it was given to others, and those who got nothing of it. */
static void drop_empty(struct report *report)
{
    size_t kept = 0;
    for (size_t i = 0; i < report->n_rows; i++) {
        struct report_row *row = report->rows[i];
        bool empty = row->sum.energy_uj == 0 && row->sum.cpu_ns == 0;
        bool holder = row->type == REPORT_ROW_ITEM && report->idle == REPORT_IDLE_RESERVED &&
                      !report_items_are_whole(report);
        if (empty &&
            (holder || (row->type == REPORT_ROW_IDLE && report->idle != REPORT_IDLE_SEPARATE)))
            report_row_free(row);
        else
            report->rows[kept++] = row;
    }
    report->n_rows = kept;
}

static void set_period(struct report *report, struct report_row *row)
{
    row->begin_s = report->period.since_s;
    row->length_s = report->period.until_s - report->period.since_s;
}

/* Of several hosts, times are those of the mean host: so coverage stays a part of the period. */
static void take_mean(struct report *report, size_t hosts)
{
    struct store_period *period = &report->period;
    period->covered_ns /= hosts;
    period->gap_ns /= hosts;
    period->memory_ns /= hosts;
    period->weight_ns /= hosts;
    for (size_t i = 0; i < report->n_rows; i++) {
        report->rows[i]->covered_ns /= hosts;
        report->rows[i]->gap_ns /= hosts;
    }
}

int report_finish(struct report *report, size_t hosts)
{
    bool spans = report_group_is_span(report->group);
    report_index_drop(report);
    drop_empty(report);
    take_mean(report, hosts);
    report->hosts = hosts;
    if (report->fleet)
        report_set_spans(report);
    if (report->n_rows > 0)
        qsort(report->rows, report->n_rows, sizeof(void *), by_energy);
    if (report->n_apart > 0)
        qsort(report->apart, report->n_apart, sizeof(void *), by_energy);
    int r = cut_to_top(report);
    if (r < 0)
        return r;
    if (spans && report->n_rows > 0)
        qsort(report->rows, report->n_rows, sizeof(void *), by_begin);
    for (size_t i = 0; i < report->n_rows; i++)
        if (!spans || report->rows[i]->type == REPORT_ROW_REST)
            set_period(report, report->rows[i]);
    for (size_t i = 0; i < report->n_apart; i++)
        set_period(report, report->apart[i]);
    report->total.type = REPORT_ROW_TOTAL;
    report->total.kind = report->total.source = -1;
    set_period(report, &report->total);
    report->total.covered_ns = report->period.covered_ns;
    report->total.gap_ns = report->period.gap_ns;
    return share_out(report);
}
