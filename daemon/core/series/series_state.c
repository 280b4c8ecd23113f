/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/series/series.h"

#include "core/text.h"

/* The state as rows of struct store_series, each (kind, unit, command, domain, source) once:
 *
 *     kind                    domain  what it holds
 *     SERVICE .. KERNEL       ""      one workload in one source; CPU time, score and admission
 *                                     (negative: since when it leaves) stand in each of its rows
 *     OTHER                   ""      `other` in one source; score: its debt; admission: from when
 *                                     on workloads count in that source
 *     OTHER                   name    total of a domain
 *     IDLE, UNATTRIBUTED      name    these parts of a domain
 *     UNSPLIT                 name    its energy while it was not summed
 *     UNSPLIT, unit "clock"   ""      clock, last publication, last ranking, landmark of the scores
 *     UNSPLIT, unit "losses"  ""      gap time, missed energy, how many domains and workloads */

#define UNIT_CLOCK  "clock"
#define UNIT_LOSSES "losses"

/* ---- Export ---- */

struct rows {
    struct store_series *rows;
    size_t capacity;
    size_t n;
};

static void add_row(struct rows *rows, const struct store_series *row)
{
    if (rows->n < rows->capacity)
        rows->rows[rows->n] = *row;
    rows->n++;
}

static void export_counter(struct rows *rows, const struct series_domain *domain,
                           enum workload_kind kind, const struct series_counter *counter)
{
    struct store_series row = {
        .kind = kind,
        .source = domain->source,
        .energy_uj = counter->energy_uj,
        .shown_mj = counter->shown_mj,
    };
    (void)str_copy(row.domain, sizeof(row.domain), domain->name);
    add_row(rows, &row);
}

static void export_domain(struct rows *rows, const struct series_domain *domain)
{
    export_counter(rows, domain, WORKLOAD_OTHER, &domain->total);
    export_counter(rows, domain, WORKLOAD_IDLE, &domain->idle);
    export_counter(rows, domain, WORKLOAD_UNATTRIBUTED, &domain->unattributed);
    export_counter(rows, domain, WORKLOAD_UNSPLIT, &domain->overlap);
}

static void export_other(struct rows *rows, const struct series *series)
{
    for (uint32_t source = 0; source < ENERGY_SOURCES; source++) {
        const struct series_other *other = &series->other[source];
        add_row(rows, &(struct store_series){
                          .kind = WORKLOAD_OTHER,
                          .source = source,
                          .energy_uj = other->energy.energy_uj,
                          .shown_mj = other->energy.shown_mj,
                          .cpu_ns = series->other_cpu_ns,
                          .score = other->debt_uj,
                          .admitted_mono_ns = (int64_t)other->count_ns,
                      });
    }
}

/* A row in each source that has ever been summed, with or without energy: a row that comes and
 * goes would have to be deleted from the store. */
static void export_workload(struct rows *rows, const struct series *series,
                            const struct series_workload *key)
{
    bool any = false;
    for (uint32_t source = ENERGY_SOURCES; source-- > 0;) {
        if (series->other[source].count_ns == 0 && (any || source != 0))
            continue;
        any = true;
        const struct series_counter *counter = &key->energy[source];
        struct store_series row = {
            .kind = key->kind,
            .source = source,
            .energy_uj = counter->energy_uj,
            .shown_mj = counter->shown_mj,
            .cpu_ns = key->cpu_ns,
            .score = key->score,
            .admitted_mono_ns = key->leave_ns != 0 ? -(int64_t)key->leave_ns : (int64_t)key->top_ns,
        };
        (void)str_copy(row.unit, sizeof(row.unit), key->unit);
        (void)str_copy(row.command, sizeof(row.command), key->command);
        add_row(rows, &row);
    }
}

static void export_clock(struct rows *rows, const struct series *series)
{
    add_row(rows, &(struct store_series){
                      .kind = WORKLOAD_UNSPLIT,
                      .unit = UNIT_CLOCK,
                      .energy_uj = series->clock_ns,
                      .shown_mj = series->published_ns,
                      .cpu_ns = series->ranked_ns,
                      .score = series->landmark_ns,
                  });
    add_row(rows, &(struct store_series){
                      .kind = WORKLOAD_UNSPLIT,
                      .unit = UNIT_LOSSES,
                      .energy_uj = series->dropped_uj,
                      .shown_mj = series->n_domains,
                      .cpu_ns = series->gap_ns,
                      .admitted_mono_ns = (int64_t)series->n_keys,
                  });
}

size_t series_export(const struct series *series, uint64_t since, struct store_series *rows,
                     size_t capacity, bool *ret_reset)
{
    struct rows target = {.rows = rows, .capacity = capacity};
    bool reset = series->forgotten > since;
    export_clock(&target, series);
    for (size_t i = 0; i < series->n_domains; i++)
        export_domain(&target, &series->domains[i]);
    export_other(&target, series);
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        if (reset || since == 0 || key->changed > since)
            export_workload(&target, series, key);
    }
    *ret_reset = reset;
    return target.n;
}

/* ---- Import ---- */

/* Which rows were there. */
struct import {
    bool clock;
    bool losses;
    uint32_t others; /* a bit for each source */
    uint64_t n_domains;
    uint64_t n_keys;
};

static bool import_counter(struct series_counter *counter, const struct store_series *row)
{
    bool first = counter->energy_uj == 0 && counter->shown_mj == 0;
    *counter = (struct series_counter){row->energy_uj, row->shown_mj};
    return first;
}

static bool import_meta(struct series *series, const struct store_series *row, struct import *done)
{
    if (str_equal(row->unit, UNIT_LOSSES) && !done->losses) {
        done->losses = true;
        series->dropped_uj = row->energy_uj;
        series->gap_ns = row->cpu_ns;
        done->n_domains = row->shown_mj;
        done->n_keys = (uint64_t)row->admitted_mono_ns;
        return true;
    }
    if (!str_equal(row->unit, UNIT_CLOCK) || done->clock)
        return false;
    done->clock = true;
    series->clock_ns = row->energy_uj;
    series->published_ns = row->shown_mj;
    series->ranked_ns = row->cpu_ns;
    series->landmark_ns = row->score;
    return series->landmark_ns >= SERIES_BEGIN_NS && series->landmark_ns <= series->clock_ns &&
           series->published_ns <= series->clock_ns && series->ranked_ns <= series->clock_ns;
}

static bool import_other(struct series *series, const struct store_series *row, struct import *done)
{
    struct series_other *other = &series->other[row->source];
    bool first = !(done->others & 1U << row->source);
    done->others |= 1U << row->source;
    other->energy = (struct series_counter){row->energy_uj, row->shown_mj};
    other->debt_uj = row->score;
    other->count_ns = (uint64_t)row->admitted_mono_ns;
    series->other_cpu_ns = row->cpu_ns;
    return first;
}

static bool import_domain(struct series *series, const struct store_series *row)
{
    struct series_domain *domain = series_domain(series, row->domain, row->source);
    if (!domain)
        return false;
    switch (row->kind) {
    case WORKLOAD_OTHER:
        return import_counter(&domain->total, row);
    case WORKLOAD_IDLE:
        return import_counter(&domain->idle, row);
    case WORKLOAD_UNATTRIBUTED:
        return import_counter(&domain->unattributed, row);
    case WORKLOAD_UNSPLIT:
        return import_counter(&domain->overlap, row);
    default:
        return false;
    }
}

static bool import_workload(struct series *series, const struct store_series *row)
{
    struct series_workload *key = series_find(series, row->kind, row->unit, row->command);
    if (!key && series->n_keys < SERIES_KEYS_MAX)
        key = series_key(series, row->kind, row->unit, row->command);
    if (!key)
        return false;
    key->cpu_ns = row->cpu_ns;
    key->score = row->score;
    bool leaves = row->admitted_mono_ns < 0;
    key->top_ns = leaves ? 0 - (uint64_t)row->admitted_mono_ns : (uint64_t)row->admitted_mono_ns;
    key->leave_ns = leaves ? key->top_ns : 0;
    key->changed = 0;
    return import_counter(&key->energy[row->source], row);
}

/* Names come from a file: as harmless as they were when they were stored. */
static struct store_series clean_row(const struct store_series *row)
{
    struct store_series clean = *row;
    text_escape(clean.unit, sizeof(clean.unit), row->unit, strnlen(row->unit, sizeof(row->unit)));
    text_escape(clean.command, sizeof(clean.command), row->command,
                strnlen(row->command, sizeof(row->command)));
    text_escape(clean.domain, sizeof(clean.domain), row->domain,
                strnlen(row->domain, sizeof(row->domain)));
    return clean;
}

static bool import_row(struct series *series, const struct store_series *row, struct import *done)
{
    if (row->source >= ENERGY_SOURCES || row->energy_uj > SERIES_ENERGY_LIMIT_UJ ||
        row->shown_mj > SERIES_ENERGY_LIMIT_UJ)
        return false;
    if (row->domain[0] != '\0')
        return import_domain(series, row);
    if (row->kind == WORKLOAD_UNSPLIT)
        return import_meta(series, row, done);
    if (row->kind == WORKLOAD_OTHER)
        return import_other(series, row, done);
    return row->kind < WORKLOAD_OTHER && import_workload(series, row);
}

static void add_part(struct wide *sum_uj, struct wide *sum_mj, const struct series_counter *part)
{
    *sum_uj = wide_add(*sum_uj, wide_of(part->energy_uj));
    *sum_mj = wide_add(*sum_mj, wide_of(part->shown_mj));
}

/* The one equation that the books must fulfil: what the parts lack of the totals was shown by
 * series that are forgotten, in whole millijoules. Each sum is below 2^64 * 2^13. */
static bool is_balanced(const struct series *series, enum energy_source source)
{
    const struct series_other *other = &series->other[source];
    struct wide totals_uj = wide_of(other->debt_uj);
    struct wide totals_mj = wide_of(0);
    struct wide parts_uj = wide_of(other->energy.energy_uj);
    struct wide parts_mj = wide_of(other->energy.shown_mj);
    for (size_t i = 0; i < series->n_domains; i++) {
        const struct series_domain *domain = &series->domains[i];
        if (domain->source != source)
            continue;
        totals_uj = wide_add(totals_uj, wide_of(domain->total.energy_uj));
        totals_mj = wide_add(totals_mj, wide_of(domain->total.shown_mj));
        add_part(&parts_uj, &parts_mj, &domain->idle);
        add_part(&parts_uj, &parts_mj, &domain->unattributed);
        if (domain->total.shown_mj > domain->total.energy_uj / UJ_PER_MJ ||
            domain->overlap.shown_mj > domain->overlap.energy_uj / UJ_PER_MJ)
            return false;
    }
    for (size_t i = 0; i < series->n_keys; i++) {
        add_part(&parts_uj, &parts_mj, &series->keys[series->order[i]].energy[source]);
    }
    struct wide lack_uj = wide_sub(totals_uj, parts_uj);
    struct wide lack_mj = wide_sub(totals_mj, parts_mj);
    return wide_compare(totals_mj, parts_mj) >= 0 &&
           wide_compare(lack_uj, wide_mul(lack_mj, UJ_PER_MJ)) == 0;
}

static bool is_sound(const struct series *series, const struct import *done)
{
    if (!done->clock || !done->losses || done->others != (1U << ENERGY_SOURCES) - 1 ||
        done->n_domains != series->n_domains || done->n_keys != series->n_keys)
        return false;
    uint64_t latest_ns = series->clock_ns + SERIES_NOTICE_NS;
    size_t shown = 0;
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        shown += series_is_shown(key);
        if (key->top_ns > latest_ns || key->leave_ns > series->clock_ns)
            return false;
    }
    for (size_t source = 0; source < ENERGY_SOURCES; source++)
        if (series->other[source].count_ns > latest_ns ||
            !is_balanced(series, (enum energy_source)source))
            return false;
    return shown <= SERIES_SHOWN_MAX;
}

int series_import(struct series *series, const struct store_series *rows, size_t n_rows)
{
    series_restart(series);
    if (n_rows == 0)
        return 0;
    struct import done = {0};
    bool sound = true;
    for (size_t i = 0; i < n_rows && sound; i++) {
        struct store_series row = clean_row(&rows[i]);
        sound = import_row(series, &row, &done);
    }
    if (!sound || !is_sound(series, &done)) {
        series_restart(series);
        return -EBADMSG;
    }
    series->forgotten = 0;
    return 0;
}
