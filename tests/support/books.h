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
    struct wide lack_uj = wide_of(0);
    struct wide lack_mj = wide_of(0);
    const struct series_other *other = &series->other[source];
    for (size_t i = 0; i < series->n_domains; i++) {
        const struct series_domain *domain = &series->domains[i];
        if (domain->source != source)
            continue;
        lack_uj = wide_add(lack_uj, wide_of(domain->total.energy_uj));
        lack_uj = wide_sub(lack_uj, wide_of(domain->idle.energy_uj));
        lack_uj = wide_sub(lack_uj, wide_of(domain->unattributed.energy_uj));
        lack_mj = wide_add(lack_mj, wide_of(domain->total.shown_mj));
        lack_mj = wide_sub(lack_mj, wide_of(domain->idle.shown_mj));
        lack_mj = wide_sub(lack_mj, wide_of(domain->unattributed.shown_mj));
    }
    lack_uj =
        wide_add(wide_sub(lack_uj, wide_of(other->energy.energy_uj)), wide_of(other->debt_uj));
    lack_mj = wide_sub(lack_mj, wide_of(other->energy.shown_mj));
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        const struct series_counter *counter = &key->energy[source];
        lack_uj = wide_sub(lack_uj, wide_of(counter->energy_uj));
        lack_mj = wide_sub(lack_mj, wide_of(counter->shown_mj));
        assert_true(counter->shown_mj * UJ_PER_MJ < counter->energy_uj + UJ_PER_MJ);
        if (!series_is_shown(key))
            assert_true(counter->energy_uj == counter->shown_mj * UJ_PER_MJ);
    }
    /* What is lacking was shown by series that are forgotten, in whole millijoules. */
    assert_true(wide_bits(lack_mj) < 128); /* not below 0 */
    assert_true(wide_compare(lack_uj, wide_mul(lack_mj, UJ_PER_MJ)) == 0);
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
