/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Reports of several hosts as one, and the spans that their rows are of. */

#include <time.h>

#include "greend/units.h"
#include "render/render.h"
#include "report/report_internal.h"

void report_calendar(enum report_group group, int64_t time_s, int64_t *ret_begin_s,
                     int64_t *ret_end_s)
{
    time_t time = (time_t)time_s;
    struct tm wall;
    *ret_begin_s = *ret_end_s = time_s;
    if (!localtime_r(&time, &wall))
        return;
    if (group == REPORT_BY_HOUR) { /* one that happens twice is two */
        *ret_begin_s = time_s - (int64_t)wall.tm_min * 60 - wall.tm_sec;
        *ret_end_s = *ret_begin_s + 3600;
        return;
    }
    wall.tm_hour = wall.tm_min = wall.tm_sec = 0;
    wall.tm_mday = group == REPORT_BY_MONTH ? 1 : wall.tm_mday;
    struct tm next = wall;
    next.tm_mon += group == REPORT_BY_MONTH;
    next.tm_mday += group != REPORT_BY_MONTH;
    wall.tm_isdst = next.tm_isdst = -1;
    *ret_begin_s = mktime(&wall);
    *ret_end_s = mktime(&next);
}

/* ---- Parts of rows ---- */

static int add_part(struct report_row *row, const struct report_part *part)
{
    if (row->n_parts == row->parts_capacity) {
        size_t more = row->parts_capacity ? 2 * row->parts_capacity : 4;
        struct report_part *grown = reallocarray(row->parts, more, sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        row->parts = grown;
        row->parts_capacity = more;
    }
    row->parts[row->n_parts++] = *part;
    return 0;
}

int report_parts_fold(struct report_row *const *rows, size_t n_rows, size_t hosts,
                      struct report_row *ret)
{
    CLEANUP(free_p) struct report_part *sums = calloc(hosts + 1, sizeof(*sums));
    CLEANUP(free_p) bool *has = calloc(hosts + 1, sizeof(*has));
    if (!sums || !has)
        return -ENOMEM;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t k = 0; k < rows[i]->n_parts; k++) {
            const struct report_part *part = &rows[i]->parts[k];
            struct report_part *sum = &sums[part->host];
            has[part->host] = true;
            sum->host = part->host;
            sum->energy_uj = add_saturated(sum->energy_uj, part->energy_uj);
            sum->uncertainty_uj = add_saturated(sum->uncertainty_uj, part->uncertainty_uj);
            sum->unstated_uj = add_saturated(sum->unstated_uj, part->unstated_uj);
            sum->embodied_share += part->embodied_share;
        }
    for (size_t host = 0; host < hosts; host++)
        if (has[host] && add_part(ret, &sums[host]) < 0)
            return -ENOMEM;
    return 0;
}

/* ---- Rows ---- */

/* What the rows of all hosts that belong together have in common. */
static struct report_row key_of(const struct report *report, const struct report_row *row)
{
    struct report_row key = *row;
    int64_t end_s = 0;
    key.begin_s = 0;
    if (report_group_is_span(report->group) && row->type == REPORT_ROW_ITEM)
        report_calendar(report->group, row->begin_s, &key.begin_s, &end_s);
    key.length_s = 0;
    key.covered_ns = key.gap_ns = key.share_ppm = 0;
    key.sum = (struct report_sum){0};
    key.parts = NULL;
    key.n_parts = key.parts_capacity = 0;
    return key;
}

static int merge_row(struct report *report, const struct report_row *from,
                     void (*share)(void *userdata, const struct report_row *row,
                                   struct report_part *part),
                     void *userdata)
{
    struct report_row *row = NULL;
    const struct report_row key = key_of(report, from);
    struct report_part part = {.energy_uj = from->sum.energy_uj,
                               .uncertainty_uj = from->sum.uncertainty_uj,
                               .unstated_uj = from->sum.unstated_uj};
    int r = report_row_find(report, &key, &row);
    if (r < 0)
        return r;
    report_sum_add(&row->sum, &from->sum);
    row->covered_ns = add_saturated(row->covered_ns, from->covered_ns);
    row->gap_ns = add_saturated(row->gap_ns, from->gap_ns);
    row->length_s = MAX(row->length_s, from->length_s);
    row->added_length_s = MAX(row->added_length_s, from->begin_s + from->length_s - key.begin_s);
    share(userdata, from, &part);
    return add_part(row, &part);
}

static void merge_totals(struct report *report, const struct report *host)
{
    report_add_period(report, &host->period);
    report_sum_add(&report->total.sum, &host->total.sum);
    for (size_t i = 0; i < ENERGY_SOURCES; i++)
        report->by_source_uj[i] = add_saturated(report->by_source_uj[i], host->by_source_uj[i]);
    for (size_t i = 0; i < STORE_EVENT_KINDS; i++)
        report->events[i] += host->events[i];
    report->lost_uj = add_saturated(report->lost_uj, host->lost_uj);
}

int report_merge(struct report *report, const struct report *host,
                 void (*share)(void *userdata, const struct report_row *row,
                               struct report_part *part),
                 void *userdata)
{
    int r = 0;
    report->since_s = host->since_s;
    report->until_s = host->until_s;
    merge_totals(report, host);
    for (size_t i = 0; r == 0 && i < host->n_rows; i++)
        r = merge_row(report, host->rows[i], share, userdata);
    for (size_t i = 0; r == 0 && i < host->n_apart; i++)
        r = merge_row(report, host->apart[i], share, userdata);
    return r;
}

void report_set_spans(struct report *report)
{
    if (report->group != REPORT_BY_HOUR && report->group != REPORT_BY_DAY)
        return;
    for (size_t i = 0; i < report->n_rows; i++) {
        struct report_row *row = report->rows[i];
        int64_t end_s = row->begin_s + row->added_length_s;
        row->begin_s = MAX(row->begin_s, report->period.since_s);
        row->length_s = end_s - row->begin_s;
        row->added_length_s = 0;
    }
}

/* ---- Coverage ---- */

int64_t report_asked_s(const struct report *report)
{
    int64_t since_s = MIN(report->since_s, report->period.since_s);
    int64_t until_s = MAX(report->until_s, report->period.until_s);
    return MAX(until_s - since_s, INT64_C(1));
}

int64_t report_unrecorded_s(int64_t since_s, int64_t until_s, int64_t first_s)
{
    return MAX(MIN(first_s, until_s) - since_s, INT64_C(0));
}

uint64_t report_coverage_ppm(const struct report *report)
{
    return render_coverage_ppm(report->period.covered_ns, report_asked_s(report));
}

uint64_t report_row_coverage_ppm(const struct report *report, const struct report_row *row)
{
    int64_t begin_s = 0;
    int64_t end_s = 0;
    if (row->type == REPORT_ROW_TOTAL)
        return report_coverage_ppm(report);
    if (report->group != REPORT_BY_MONTH)
        return render_coverage_ppm(row->covered_ns, row->length_s);
    report_calendar(report->group, row->begin_s, &begin_s, &end_s);
    begin_s = MAX(begin_s, MIN(report->since_s, report->period.since_s));
    end_s = MIN(end_s, MAX(report->until_s, report->period.until_s));
    return render_coverage_ppm(row->covered_ns, MAX(end_s - begin_s, row->length_s));
}
