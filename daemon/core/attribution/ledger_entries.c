/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/ledger_entries.h"

/* ---- Domains ---- */

static bool is_entry(const struct ring_domain_entry *entry, const char *name,
                     enum energy_source source)
{
    return entry->used && entry->source == (uint32_t)source && str_equal(entry->name, name);
}

/* The entry of that name and source, made where there are fewer than `most`. */
static uint16_t find_entry(struct ledger *ledger, const char *name, enum domain_kind kind,
                           enum energy_source source, size_t most)
{
    size_t free = TOPOLOGY_DOMAINS_MAX;
    size_t used = 0;
    for (size_t i = 0; i < TOPOLOGY_DOMAINS_MAX; i++) {
        const struct ring_domain_entry *entry = &ledger->domain_entries[i];
        if (is_entry(entry, name, source))
            return (uint16_t)i;
        used += entry->used != 0;
        if (!entry->used && free == TOPOLOGY_DOMAINS_MAX)
            free = i;
    }
    if (free == TOPOLOGY_DOMAINS_MAX || used >= most)
        return TOPOLOGY_DOMAINS_MAX;
    struct ring_domain_entry *entry = &ledger->domain_entries[free];
    *entry =
        (struct ring_domain_entry){.kind = (uint32_t)kind, .source = (uint32_t)source, .used = 1};
    (void)str_copy(entry->name, sizeof(entry->name), name);
    (void)ring_table_put(ledger->ring, RING_TABLE_DOMAIN, (uint32_t)free, entry);
    return (uint16_t)free;
}

uint16_t ledger_domain_entry(struct ledger *ledger, size_t index)
{
    if (ledger->entry_of_domain[index] != 0)
        return (uint16_t)(ledger->entry_of_domain[index] - 1);
    const struct domain_energy *domain = &ledger->result.domains[index];
    uint16_t entry =
        find_entry(ledger, domain->name, domain->kind, domain->source, LEDGER_NAMES_MAX);
    if (entry != TOPOLOGY_DOMAINS_MAX) {
        ledger->entry_of_domain[index] = (uint16_t)(entry + 1);
        return entry;
    }
    if (!domain->present)
        return TOPOLOGY_DOMAINS_MAX;
    return domain->summed
               ? find_entry(ledger, "other", DOMAIN_PACKAGE, domain->source, TOPOLOGY_DOMAINS_MAX)
               : find_entry(ledger, "other-apart", DOMAIN_CORE, domain->source,
                            TOPOLOGY_DOMAINS_MAX);
}

/* ---- Meters ---- */

void ledger_find_told(struct ledger *ledger, struct frame *frame)
{
    memset(ledger->meter_told, 0, sizeof(ledger->meter_told));
    uint64_t position = 0;
    for (int r = frame_oldest(ledger->ring, &position); r == 0;) {
        uint64_t next = position + 1;
        r = frame_read(ledger->ring, position, frame);
        if (r == -ENOMEM) /* not known: none is given away until this is overwritten */
            for (size_t i = 0; i < METERS_MAX; i++)
                ledger->meter_told[i] = ring_head(ledger->ring);
        if (r == -ENOMEM)
            return;
        for (size_t i = 0; r == 0 && i < frame->count; i++)
            if (frame->records[i].type == RING_METER && frame->records[i].meter.meter < METERS_MAX)
                ledger->meter_told[frame->records[i].meter.meter] = frame->next;
        if (r == 0)
            next = frame->next;
        r = frame_find(ledger->ring, next, &position);
    }
}

/* Whether no frame that was published can be read that refers to this entry. */
static bool is_overwritten(const struct ledger *ledger, size_t entry)
{
    const struct ring *ring = ledger->ring;
    uint64_t told = ledger->meter_told[entry];
    return told == 0 || (ring->published >= ring->slots && told <= ring->published - ring->slots);
}

uint16_t ledger_meter_entry(struct ledger *ledger, size_t number)
{
    const char *key = ledger->metering.meters[number].key;
    uint16_t known = ledger->entry_of_meter[number];
    if (known != 0 && str_equal(ledger->meter_entries[known - 1].key, key))
        return (uint16_t)(known - 1);
    size_t free = METERS_MAX;
    size_t old = METERS_MAX;
    for (size_t i = 0; i < METERS_MAX; i++) {
        const struct ring_meter_entry *entry = &ledger->meter_entries[i];
        if (entry->used && str_equal(entry->key, key)) {
            ledger->entry_of_meter[number] = (uint16_t)(i + 1);
            return (uint16_t)i;
        }
        if (!entry->used && free == METERS_MAX)
            free = i;
        if (entry->used && old == METERS_MAX && is_overwritten(ledger, i))
            old = i;
    }
    size_t found = free < METERS_MAX ? free : old;
    if (found == METERS_MAX)
        return METERS_MAX;
    struct ring_meter_entry *entry = &ledger->meter_entries[found];
    *entry = (struct ring_meter_entry){.used = 1};
    (void)str_copy(entry->key, sizeof(entry->key), key);
    (void)ring_table_put(ledger->ring, RING_TABLE_METER, (uint32_t)found, entry);
    ledger->entry_of_meter[number] = (uint16_t)(found + 1);
    return (uint16_t)found;
}
