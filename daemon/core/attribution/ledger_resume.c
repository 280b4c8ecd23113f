/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Going on where the daemon before ended: by the newest frame of the ring, and by what the store
 * has. */

#include "core/attribution/ledger.h"
#include "core/attribution/ledger_entries.h"
#include "greend/units.h"

#define LONG_AWAY_NS (600 * NS_PER_S)

enum { AWAITED_MOST = METERS_MAX * 3 / 4 };

/* Where a boot has no id, nobody knows whether it is the same. */
static bool is_this_boot(const struct ledger *ledger, const uint8_t boot_id[16])
{
    static const uint8_t unknown[16];
    return memcmp(boot_id, ledger->boot_id, sizeof(ledger->boot_id)) == 0 &&
           memcmp(boot_id, unknown, sizeof(unknown)) != 0;
}

/* Takes the tables over from the daemon before, so that its frames keep their meaning. */
static void resume_tables(struct ledger *ledger)
{
    for (uint32_t i = 0; i < TOPOLOGY_DOMAINS_MAX; i++) {
        struct ring_domain_entry *entry = &ledger->domain_entries[i];
        if (ring_table_get(ledger->ring, RING_TABLE_DOMAIN, (uint32_t)i, entry) != 0)
            *entry = (struct ring_domain_entry){0};
        entry->name[sizeof(entry->name) - 1] = '\0';
    }
    for (uint32_t i = 0; i < METERS_MAX; i++) {
        struct ring_meter_entry *entry = &ledger->meter_entries[i];
        if (ring_table_get(ledger->ring, RING_TABLE_METER, (uint32_t)i, entry) != 0)
            *entry = (struct ring_meter_entry){0};
        entry->key[sizeof(entry->key) - 1] = '\0';
    }
}

/* Where a meter was read last, by the newest frame. Of a ring that does not tell CLOCK_BOOTTIME of
 * each meter, it is known for those that were read in that frame. */
static void resume_meter(const struct ledger *ledger, const struct ring_meter *record,
                         struct store_meter *ret)
{
    const struct ledger_clock *frame = &ledger->last;
    (void)str_copy(ret->key, sizeof(ret->key), ledger->meter_entries[record->meter].key);
    ret->raw_uj = record->raw_uj;
    ret->mono_ns = record->mono_ns;
    ret->boottime_ns = record->boottime_ns;
    if (ret->boottime_ns == 0 && record->error == 0)
        ret->boottime_ns = frame->boottime_ns - (frame->mono_ns - ret->mono_ns);
}

static void resume_records(struct ledger *ledger, const struct frame *frame,
                           struct store_meter meters[METERS_MAX])
{
    const struct ring_frame *first = &frame->records[0].frame;
    const struct ring_host *host = &frame->records[1].host;
    ledger->frame_number = first->number;
    ledger->total_uj = first->total_uj;
    ledger->known_before = true;
    ledger->same_boot = is_this_boot(ledger, host->boot_id);
    ledger->last = (struct ledger_clock){first->mono_ns, host->boottime_ns, first->real_ns};
    for (size_t i = 0; i < frame->count; i++) {
        const union ring_record *record = &frame->records[i];
        if (record->type == RING_DOMAIN && record->domain.domain < TOPOLOGY_DOMAINS_MAX) {
            ledger->domain_totals_uj[record->domain.domain] = record->domain.total_uj;
            if (record->domain.flags & RING_DOMAIN_SUMMED)
                ledger->total_uj = add_saturated(ledger->total_uj, record->domain.energy_uj);
        } else if (record->type == RING_METER && record->meter.meter < METERS_MAX &&
                   ledger->same_boot) {
            resume_meter(ledger, &record->meter, &meters[record->meter.meter]);
        }
    }
}

/* The store's reading of a meter counts where it is newer than the ring's: the ring may be of a run
 * before the last. */
static void resume_stored(struct ledger *ledger, const struct store_resume *resume,
                          struct store_meter meters[METERS_MAX])
{
    if (!resume->known)
        return;
    bool same_boot = is_this_boot(ledger, resume->position.boot_id);
    /* The ring may also be one from before: the store then followed another since. Where both are
     * of other boots, only the length of the gap is at stake, and there is none but the wall clock
     * to ask. */
    bool newer =
        same_boot && ledger->same_boot
            ? resume->position.mono_ns > ledger->last.mono_ns
            : same_boot || (!ledger->same_boot && resume->position.real_ns > ledger->last.real_ns);
    if (!ledger->known_before || newer) {
        ledger->known_before = true;
        ledger->last = (struct ledger_clock){resume->position.mono_ns, resume->position.boottime_ns,
                                             resume->position.real_ns};
        ledger->same_boot = same_boot;
    }
    if (!same_boot)
        return;
    for (size_t i = 0; i < resume->n_meters; i++) {
        const struct store_meter *stored = &resume->meters[i];
        if (str_starts(stored->key, "domain/"))
            continue;
        struct store_meter *found = NULL;
        for (size_t k = 0; k < METERS_MAX && !found; k++) {
            if (meters[k].key[0] == '\0' || str_equal(meters[k].key, stored->key))
                found = &meters[k];
        }
        if (!found || (found->key[0] != '\0' && found->mono_ns >= stored->mono_ns))
            continue;
        (void)str_copy(found->key, sizeof(found->key), stored->key);
        found->raw_uj = stored->raw_uj;
        found->mono_ns = stored->mono_ns;
        found->boottime_ns = stored->boottime_ns;
    }
}

/* Meters that have long been away would be awaited for ever, and told in each frame: some room must
 * be left for new ones. */
static void leave_oldest(struct store_meter meters[METERS_MAX])
{
    uint64_t newest_ns = 0;
    size_t count = 0;
    for (size_t i = 0; i < METERS_MAX; i++) {
        count += meters[i].key[0] != '\0';
        newest_ns = MAX(newest_ns, meters[i].mono_ns);
    }
    for (; count > AWAITED_MOST; count--) {
        struct store_meter *oldest = NULL;
        for (size_t i = 0; i < METERS_MAX; i++)
            if (meters[i].key[0] != '\0' && (!oldest || meters[i].mono_ns < oldest->mono_ns))
                oldest = &meters[i];
        if (!oldest || newest_ns - oldest->mono_ns < LONG_AWAY_NS)
            return;
        oldest->key[0] = '\0';
    }
}

void ledger_resume(struct ledger *ledger, const struct store_resume *resume, struct frame *frame)
{
    struct store_meter meters[METERS_MAX] = {0};
    resume_tables(ledger);
    uint64_t position = 0;
    if (frame_newest(ledger->ring, &position) == 0 &&
        frame_read(ledger->ring, position, frame) == 0)
        resume_records(ledger, frame, meters);
    ledger_find_told(ledger, frame);
    resume_stored(ledger, resume, meters);
    leave_oldest(meters);
    for (size_t i = 0; i < METERS_MAX; i++) {
        if (meters[i].key[0] != '\0' && meters[i].mono_ns != 0)
            (void)metering_resume(&ledger->metering, meters[i].key, meters[i].raw_uj,
                                  meters[i].mono_ns, meters[i].boottime_ns);
    }
}
