/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "report/report.h"

#include <search.h>
#include <time.h>

#include "core/text.h"
#include "greend/units.h"
#include "report/fleet.h"
#include "report/report_bucket.h"
#include "report/report_internal.h"

static const char *const group_names[REPORT_GROUPS] = {
    [REPORT_BY_WORKLOAD] = "workload",
    [REPORT_BY_UNIT] = "unit",
    [REPORT_BY_COMMAND] = "command",
    [REPORT_BY_USER] = "user",
    [REPORT_BY_CONTAINER] = "container",
    [REPORT_BY_VM] = "vm",
    [REPORT_BY_DOMAIN] = "domain",
    [REPORT_BY_HOUR] = "hour",
    [REPORT_BY_DAY] = "day",
    [REPORT_BY_MONTH] = "month",
};

const char *report_group_name(enum report_group group)
{
    return group < REPORT_GROUPS ? group_names[group] : NULL;
}

int report_group_find(const char *name)
{
    for (int i = 0; i < REPORT_GROUPS; i++)
        if (str_equal(group_names[i], name))
            return i;
    return -EINVAL;
}

/* ---- Rows by what they are grouped by ---- */

static int append_row(struct report_row ***rows, size_t *count, size_t *capacity,
                      struct report_row *row)
{
    if (*count >= REPORT_ROWS_MAX)
        return -E2BIG;
    if (*count == *capacity) {
        size_t more = *capacity ? 2 * *capacity : 64;
        struct report_row **grown = reallocarray(*rows, more, sizeof(void *));
        if (!grown)
            return -ENOMEM;
        *rows = grown;
        *capacity = more;
    }
    (*rows)[(*count)++] = row;
    return 0;
}

void report_row_free(struct report_row *row)
{
    if (row)
        free(row->parts);
    free(row);
}

int report_row_find(struct report *report, const struct report_row *key, struct report_row **ret)
{
    struct report_row **found = tfind(key, &report->index, report_compare_keys);
    if (found) {
        *ret = *found;
        return 0;
    }
    CLEANUP(free_p) struct report_row *row = malloc(sizeof(*row));
    if (!row)
        return -ENOMEM;
    *row = *key;
    if (!tsearch(row, &report->index, report_compare_keys))
        return -ENOMEM;
    bool apart = row->type == REPORT_ROW_NOT_SUMMED;
    int r = apart ? append_row(&report->apart, &report->n_apart, &report->apart_capacity, row)
                  : append_row(&report->rows, &report->n_rows, &report->capacity, row);
    if (r < 0) {
        (void)tdelete(row, &report->index, report_compare_keys);
        return r;
    }
    *ret = TAKE_PTR(row);
    return 0;
}

/* ---- From the store's rows to the report's ---- */

/* The store's texts are escaped, but the file may have been written by anyone. */
static void copy_text(char *target, size_t size, const char *raw, size_t raw_size)
{
    (void)text_escape(target, size, raw, strnlen(raw, raw_size));
}

static void key_names(const struct report *report, const struct workload *w, struct report_row *key)
{
    enum report_group by = report->group;
    bool unit = by == REPORT_BY_WORKLOAD || by == REPORT_BY_UNIT || by == REPORT_BY_CONTAINER ||
                by == REPORT_BY_VM;
    if (unit) {
        copy_text(key->unit, sizeof(key->unit), w->unit, sizeof(w->unit));
        key->kind = w->kind < WORKLOAD_KINDS ? (int)w->kind : -1;
    }
    if (by == REPORT_BY_WORKLOAD || by == REPORT_BY_COMMAND)
        copy_text(key->command, sizeof(key->command), w->command, sizeof(w->command));
    if (by == REPORT_BY_WORKLOAD || by == REPORT_BY_USER)
        copy_text(key->user, sizeof(key->user), w->user, sizeof(w->user));
}

static enum report_row_type type_of(const struct report *report, const struct workload *w)
{
    enum report_group by = report->group;
    if (by >= REPORT_BY_DOMAIN)
        return REPORT_ROW_ITEM;
    if (w->kind == WORKLOAD_IDLE)
        return REPORT_ROW_IDLE;
    if (w->kind == WORKLOAD_UNATTRIBUTED)
        return REPORT_ROW_UNATTRIBUTED;
    if ((by == REPORT_BY_CONTAINER && w->kind != WORKLOAD_CONTAINER) ||
        (by == REPORT_BY_VM && w->kind != WORKLOAD_VM))
        return REPORT_ROW_OUTSIDE;
    return REPORT_ROW_ITEM;
}

static void key_domain(const struct ring_domain_entry *domain, struct report_row *key)
{
    copy_text(key->domain, sizeof(key->domain), domain->name, sizeof(domain->name));
    key->source = domain->source < ENERGY_SOURCES ? (int)domain->source : -1;
    key->domain_kind = domain->kind < DOMAIN_KINDS ? (int)domain->kind : -1;
}

/* The first day of the month that a day belongs to: days are gathered under it. */
static int64_t month_of(int64_t day_s)
{
    time_t time = (time_t)day_s;
    struct tm wall;
    if (!localtime_r(&time, &wall))
        return day_s;
    wall.tm_mday = 1;
    wall.tm_hour = wall.tm_min = wall.tm_sec = 0;
    wall.tm_isdst = -1;
    return mktime(&wall);
}

/* The begin that rows of one span have in common. */
static int64_t span_key(const struct report *report, int64_t begin_s)
{
    if (report->group == REPORT_BY_MONTH)
        return month_of(begin_s);
    return report_group_is_span(report->group) ? begin_s : 0; /* the period's, known at the end */
}

static struct report_sum sum_of(const struct store_usage *usage)
{
    bool stated = usage->uncertainty_uj != UINT64_MAX;
    bool modelled = store_usage_modelled(usage);
    uint64_t energy_uj = usage->domain ? usage->energy_uj : 0;
    return (struct report_sum){
        .energy_uj = energy_uj,
        .modelled_uj = modelled ? energy_uj : 0,
        .uncertainty_uj = usage->domain && stated ? usage->uncertainty_uj : 0,
        .unstated_uj = stated ? 0 : energy_uj,
        .idle_uj = usage->workload->kind == WORKLOAD_IDLE ? energy_uj : 0,
        .unowned_uj = usage->workload->kind == WORKLOAD_IDLE ? energy_uj : 0,
        .unattributed_uj = usage->workload->kind == WORKLOAD_UNATTRIBUTED ? energy_uj : 0,
        .cpu_ns = usage->domain ? 0 : usage->cpu_ns,
    };
}

/* A domain that is shown and not split lies inside or around others: it would count twice. */
static int add_apart(struct report *report, const struct store_usage *usage)
{
    struct report_row *row = NULL;
    struct report_row key = {.type = REPORT_ROW_NOT_SUMMED, .kind = -1, .source = -1};
    if (!usage->domain)
        return 0;
    if (usage->energy_uj == 0) /* of a domain whose energy stands in its parts */
        return bucket_add_whole(report->bucket, usage);
    key_domain(usage->domain, &key);
    int r = report_row_find(report, &key, &row);
    if (r < 0)
        return r;
    struct report_sum more = sum_of(usage);
    report_sum_add(&row->sum, &more);
    return bucket_add_whole(report->bucket, usage);
}

/* All of a bucket is there: books it. */
static int settle_bucket(struct report *report)
{
    struct report_bucket *bucket = report->bucket;
    bool whole = report_items_are_whole(report);
    if (report->idle == REPORT_IDLE_PROPORTIONAL)
        bucket_share_idle(bucket);
    int r = report->idle == REPORT_IDLE_RESERVED ? bucket_reserve_idle(bucket) : 0;
    if (r < 0)
        return r;
    for (size_t i = 0; i < bucket->n_parts && !whole; i++)
        report_sum_add(&bucket->parts[i].row->sum, &bucket->parts[i].sum);
    for (size_t domain = 0; domain < bucket->n_domains; domain++) {
        struct report_sum sum = bucket_whole(bucket, domain);
        report_sum_add(&report->total.sum, &sum);
        if (!whole)
            continue;
        /* All parts of a domain are in one row. */
        for (size_t i = 0; i < bucket->n_parts; i++) {
            if (bucket->parts[i].domain != domain)
                continue;
            report_sum_add(&bucket->parts[i].row->sum, &sum);
            break;
        }
    }
    return 0;
}

/* Whether idle energy is to be divided among this workload and others, by what they reserved. */
static bool is_holder(const struct report *report, const struct store_usage *usage)
{
    return report->idle == REPORT_IDLE_RESERVED && usage->workload->kind <= WORKLOAD_OTHER &&
           (usage->memory_kib_s > 0 || usage->weight_ppb_s > 0);
}

/* What belongs to no domain: CPU time, and what was reserved. */
static int add_rest(struct report *report, const struct store_usage *usage, struct report_row *row)
{
    struct report_sum more = sum_of(usage);
    if (row)
        report_sum_add(&row->sum, &more);
    return is_holder(report, usage) ? bucket_add_holder(report->bucket, usage, row) : 0;
}

static int next_bucket(struct report *report, const struct store_usage *usage)
{
    struct report_bucket *bucket = report->bucket;
    int r = 0;
    if (usage->begin_s != bucket->begin_s) {
        r = settle_bucket(report);
        bucket_clear(bucket, usage->begin_s);
    }
    bucket->covered_ns = usage->covered_ns;
    bucket->memory_ns = usage->memory_ns;
    bucket->weight_ns = usage->weight_ns;
    return r;
}

static int on_usage(void *userdata, const struct store_usage *usage)
{
    struct report *report = userdata;
    struct report_row *row = NULL;
    struct report_row key = {.kind = -1, .source = -1};
    int r = next_bucket(report, usage);
    if (r < 0)
        return r;
    if (usage->workload->kind == WORKLOAD_UNSPLIT)
        return add_apart(report, usage);
    struct report_sum more = sum_of(usage);
    if (!usage->domain)
        report_sum_add(&report->total.sum, &more);
    if (usage->domain && usage->domain->source < ENERGY_SOURCES)
        report->by_source_uj[usage->domain->source] =
            add_saturated(report->by_source_uj[usage->domain->source], more.energy_uj);
    if (report->group == REPORT_BY_DOMAIN && !usage->domain)
        return add_rest(report, usage, NULL);
    if (!usage->domain && usage->cpu_ns == 0 && !is_holder(report, usage))
        return 0;
    key.type = type_of(report, usage->workload);
    if (report->group == REPORT_BY_DOMAIN)
        key_domain(usage->domain, &key);
    else if (key.type == REPORT_ROW_ITEM && !report_group_is_span(report->group))
        key_names(report, usage->workload, &key);
    key.begin_s = span_key(report, usage->begin_s);
    r = report_row_find(report, &key, &row);
    if (r < 0)
        return r;
    return usage->domain ? bucket_add(report->bucket, usage, row, &more)
                         : add_rest(report, usage, row);
}

static int on_span(void *userdata, int64_t begin_s, int64_t length_s, uint64_t covered_ns,
                   uint64_t gap_ns)
{
    struct report *report = userdata;
    struct report_row *row = NULL;
    struct report_row key = {.type = REPORT_ROW_ITEM, .kind = -1, .source = -1};
    key.begin_s = span_key(report, begin_s);
    int r = report_row_find(report, &key, &row);
    if (r < 0)
        return r;
    row->added_length_s += length_s;
    row->covered_ns = add_saturated(row->covered_ns, covered_ns);
    row->gap_ns = add_saturated(row->gap_ns, gap_ns);
    return 0;
}

static int on_event(void *userdata, const struct store_event *event)
{
    struct report *report = userdata;
    if (event->kind < STORE_EVENT_KINDS)
        report->events[event->kind]++;
    if (event->kind == STORE_EVENT_LOST)
        report->lost_uj = add_saturated(report->lost_uj, event->energy_uj);
    return 0;
}

/* ---- One database after the other ---- */

static enum store_group store_group_of(enum report_group group)
{
    if (group == REPORT_BY_HOUR)
        return STORE_BY_HOUR;
    return report_group_is_span(group) ? STORE_BY_DAY : STORE_BY_WORKLOAD;
}

void report_add_period(struct report *report, const struct store_period *more)
{
    struct store_period *sum = &report->period;
    bool first = sum->until_s == sum->since_s;
    sum->since_s = first ? more->since_s : MIN(sum->since_s, more->since_s);
    sum->until_s = first ? more->until_s : MAX(sum->until_s, more->until_s);
    sum->covered_ns = add_saturated(sum->covered_ns, more->covered_ns);
    sum->gap_ns = add_saturated(sum->gap_ns, more->gap_ns);
    sum->memory_ns = add_saturated(sum->memory_ns, more->memory_ns);
    sum->weight_ns = add_saturated(sum->weight_ns, more->weight_ns);
}

/* A span is as long as it is on the host where it is longest recorded. */
void report_end_host(struct report *report)
{
    for (size_t i = 0; i < report->n_rows; i++) {
        struct report_row *row = report->rows[i];
        row->length_s = MAX(row->length_s, row->added_length_s);
        row->added_length_s = 0;
    }
}

int report_add(struct report *report, struct store_reader *reader)
{
    struct store_period period;
    enum store_group group = store_group_of(report->group);
    int r = store_reader_period(reader, report->since_s, report->until_s, &period);
    if (r != 0)
        return r;
    if (!report->bucket)
        report->bucket = calloc(1, sizeof(*report->bucket));
    if (!report->bucket)
        return -ENOMEM;
    report_add_period(report, &period);
    bucket_clear(report->bucket, 0);
    r = store_reader_usage(reader, &period, group, on_usage, report);
    if (r == 0)
        r = settle_bucket(report);
    if (r == 0 && report_group_is_span(report->group))
        r = store_reader_spans(reader, &period, group, on_span, report);
    if (r == 0)
        r = store_reader_events(reader, &period, on_event, report);
    return r;
}

int report_collect(struct report *report, struct store_reader *reader)
{
    int r = report_add(report, reader);
    if (r != 0)
        return r;
    report_end_host(report);
    return report_finish(report, 1);
}

void report_done(struct report *report)
{
    report_index_drop(report);
    bucket_free(report->bucket);
    report->bucket = NULL;
    for (size_t i = 0; i < report->n_rows; i++)
        report_row_free(report->rows[i]);
    for (size_t i = 0; i < report->n_apart; i++)
        report_row_free(report->apart[i]);
    report->fleet = fleet_free(report->fleet);
    report->stored = facts_free(report->stored);
    free(report->rows);
    free(report->apart);
    report->rows = report->apart = NULL;
    report->n_rows = report->n_apart = 0;
}
