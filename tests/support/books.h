/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What must be true of the exporter's counters at any time, computed apart from them. For cmocka
 * tests: include unit.h first. */

#include "core/series/series.h"
#include "machine.h"

/* Every microjoule of a source is in one place, and nothing shows a millijoule that it has not
 * begun. */
static inline void books_check_source(const struct series *series, uint32_t source)
{
    __int128 lack_uj = 0;
    __int128 lack_mj = 0;
    const struct series_other *other = &series->other[source];
    for (size_t i = 0; i < series->n_domains; i++) {
        const struct series_domain *domain = &series->domains[i];
        if (domain->source != source)
            continue;
        lack_uj += domain->total.energy_uj;
        lack_uj -= (__int128)domain->idle.energy_uj + domain->unattributed.energy_uj;
        lack_mj += domain->total.shown_mj;
        lack_mj -= (__int128)domain->idle.shown_mj + domain->unattributed.shown_mj;
    }
    lack_uj -= (__int128)other->energy.energy_uj - other->debt_uj;
    lack_mj -= other->energy.shown_mj;
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        const struct series_counter *counter = &key->energy[source];
        lack_uj -= counter->energy_uj;
        lack_mj -= counter->shown_mj;
        assert_true(counter->shown_mj * UJ_PER_MJ < counter->energy_uj + UJ_PER_MJ);
        if (!series_is_shown(key))
            assert_true(counter->energy_uj == counter->shown_mj * UJ_PER_MJ);
    }
    /* What is lacking was shown by series that are forgotten, in whole millijoules. */
    assert_true(lack_mj >= 0);
    assert_true(lack_uj == lack_mj * (__int128)UJ_PER_MJ);
}

/* Totals are what the machine's meters say, and show that rounded down. */
static inline void books_check_meters(const struct series *series, const struct machine *machine)
{
    for (size_t i = 0; i < machine->n_domains; i++) {
        const struct machine_domain *meter = &machine->domains[i];
        for (size_t j = 0; j < series->n_domains; j++) {
            const struct series_domain *domain = &series->domains[j];
            if (!str_equal(domain->name, meter->entry.name) ||
                domain->source != meter->entry.source)
                continue;
            assert_true(domain->total.energy_uj == meter->summed_total_uj);
            assert_true(domain->overlap.energy_uj == meter->total_uj - meter->summed_total_uj);
        }
    }
}

static inline void books_check(const struct series *series, const struct machine *machine)
{
    for (uint32_t source = 0; source < ENERGY_SOURCES; source++)
        books_check_source(series, source);
    books_check_meters(series, machine);
}
