/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/series/series.h"

/* Showing whole millijoules so that the parts are always exactly the whole.
 *
 * A domain's total is shown rounded down, which never falls. The parts cannot all be rounded down:
 * their sum would lag; and giving one part "the rest" would make it fall when another is rounded
 * up. So each publication's new millijoules of the totals are dealt out among the parts by what
 * each is owed: its exact energy less what it already shows. Whole millijoules first, then one each
 * to those that are owed most of the next. What a part shows is less than 1 mJ above its exact
 * energy; how far it can lag grows with the logarithm of the number of parts (the "cup game": each
 * step empties the fullest cups), a few millijoules for hundreds of them. */

enum { OWED_LEVELS = 1000 }; /* less than a millijoule, in uJ */

static bool can_gain(const struct series_part *part)
{
    return part->owed_uj > 0 && part->owed_uj < OWED_LEVELS;
}

static bool can_yield(const struct series_part *part)
{
    return part->given_mj > 0;
}

/* Moves one millijoule for each of up to `units` parts: +1 to those that are owed most, or -1 from
 * those that are owed least. Among equals the order of the parts decides. Counting instead of
 * sorting needs no memory. Returns how many moved. */
static uint64_t move_units(struct series_part *parts, size_t n, uint64_t units, int step)
{
    bool (*eligible)(const struct series_part *) = step > 0 ? can_gain : can_yield;
    uint32_t counts[OWED_LEVELS] = {0};
    for (size_t i = 0; i < n; i++)
        if (eligible(&parts[i]))
            counts[(uint64_t)parts[i].owed_uj % OWED_LEVELS]++;
    size_t level = step > 0 ? OWED_LEVELS - 1 : 0;
    uint64_t left = units;
    for (size_t i = 0; i < OWED_LEVELS - 1 && counts[level] < left; i++) {
        left -= counts[level];
        level = step > 0 ? level - 1 : level + 1;
    }
    uint64_t moved = 0;
    for (size_t i = 0; i < n; i++) {
        struct series_part *part = &parts[i];
        if (!eligible(part))
            continue;
        size_t owed = (size_t)((uint64_t)part->owed_uj % OWED_LEVELS);
        bool beyond = step > 0 ? owed > level : owed < level;
        if (!beyond && (owed != level || left == 0))
            continue;
        if (!beyond)
            left--;
        part->given_mj = step > 0 ? part->given_mj + 1 : part->given_mj - 1;
        part->owed_uj -= (int64_t)step * OWED_LEVELS;
        moved++;
    }
    return moved;
}

static void deal(struct series_part *parts, size_t n, uint64_t units)
{
    uint64_t given = 0;
    for (size_t i = 0; i < n; i++) {
        struct series_part *part = &parts[i];
        part->given_mj = part->owed_uj > 0 ? (uint64_t)part->owed_uj / UJ_PER_MJ : 0;
        part->owed_uj -= (int64_t)(part->given_mj * UJ_PER_MJ);
        given += part->given_mj;
    }
    uint64_t moved = 1;
    while (given < units && moved != 0)
        given += moved = move_units(parts, n, units - given, 1);
    /* More is owed in whole millijoules than the totals have gained: others show too much. */
    while (given > units && moved != 0)
        given -= moved = move_units(parts, n, given - units, -1);
}

static struct series_part part_of(struct series_counter *counter, uint64_t debt_uj,
                                  uint64_t *changed)
{
    /* Differences of large numbers, small themselves: modular arithmetic gives the signed one. */
    uint64_t owed = counter->energy_uj - debt_uj - counter->shown_mj * UJ_PER_MJ;
    return (struct series_part){.counter = counter, .changed = changed, .owed_uj = (int64_t)owed};
}

/* Shows what a total has; returns the millijoules that it gained. */
static uint64_t show_total(struct series_counter *counter)
{
    uint64_t before_mj = counter->shown_mj;
    counter->shown_mj = counter->energy_uj / UJ_PER_MJ;
    return counter->shown_mj - before_mj;
}

static void publish_source(struct series *series, enum energy_source source)
{
    struct series_part *parts = series->parts;
    uint64_t units = 0;
    size_t n = 0;
    for (size_t i = 0; i < series->n_domains; i++) {
        struct series_domain *domain = &series->domains[i];
        if (domain->source != source)
            continue;
        (void)show_total(&domain->overlap);
        units += show_total(&domain->total);
        parts[n++] = part_of(&domain->idle, 0, NULL);
        parts[n++] = part_of(&domain->unattributed, 0, NULL);
    }
    if (units == 0)
        return;
    parts[n++] = part_of(&series->other[source].energy, series->other[source].debt_uj, NULL);
    for (size_t i = 0; i < series->n_keys; i++) {
        struct series_workload *key = &series->keys[series->order[i]];
        if (series_is_shown(key))
            parts[n++] = part_of(&key->energy[source], 0, &key->changed);
    }
    deal(parts, n, units);
    for (size_t i = 0; i < n; i++) {
        parts[i].counter->shown_mj += parts[i].given_mj;
        if (parts[i].changed && parts[i].given_mj != 0)
            *parts[i].changed = series->frames;
    }
}

/* Someone is waiting for a place that is free. */
static bool has_room(const struct series *series)
{
    size_t shown = 0;
    bool waiting = false;
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        shown += series_is_shown(key);
        waiting |= !series_is_shown(key) && key->score != 0;
    }
    return waiting && shown < series->top;
}

void series_publish(struct series *series)
{
    for (size_t source = 0; source < ENERGY_SOURCES; source++)
        publish_source(series, (enum energy_source)source);
    for (size_t i = 0; i < series->n_domains; i++) {
        struct series_domain *domain = &series->domains[i];
        domain->present = domain->recent_ns != 0;
        domain->power_uw = power_of_energy(domain->recent_uj, domain->recent_ns);
        domain->recent_uj = 0;
        domain->recent_ns = 0;
    }
    series->published_ns = series->clock_ns;
    series->publications++;
    if (series->clock_ns - series->ranked_ns >= SERIES_RANK_NS || has_room(series))
        series_rank(series);
}

uint64_t series_left_mj(const struct series *series, enum energy_source source)
{
    uint64_t left_mj = 0;
    for (size_t i = 0; i < series->n_domains; i++) {
        const struct series_domain *domain = &series->domains[i];
        if (domain->source == source)
            left_mj +=
                domain->total.shown_mj - domain->idle.shown_mj - domain->unattributed.shown_mj;
    }
    left_mj -= series->other[source].energy.shown_mj;
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        if (series_is_shown(key))
            left_mj -= key->energy[source].shown_mj;
    }
    return left_mj;
}
