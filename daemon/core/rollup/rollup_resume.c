/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What the store has of the ring's frames, so that each is booked once. */

#include "core/rollup/rollup_state.h"
#include "core/rollup/spread.h"

/* Whether the store speaks for the time of this frame already: in its own ring by the frame, or in
 * another that came after it, whose first interval began with the readings that the store had. */
static bool is_covered(const struct store_position *position, const struct frame *frame)
{
    const struct ring_frame *first = &frame->records[0].frame;
    const struct ring_host *host = &frame->records[1].host;
    if (memcmp(host->boot_id, position->boot_id, sizeof(position->boot_id)) == 0)
        return first->mono_ns <= position->mono_ns;
    return first->real_ns <= position->real_ns;
}

/* Notes the frame's running totals in the place of those that the store noted of its own ring. */
static void note_totals(struct rollup *rollup, const struct ring *ring, const struct frame *frame)
{
    rollup->n_resume_meters = 0;
    for (size_t i = 0; i < frame->count && rollup->n_resume_meters < ROLLUP_DOMAINS_MAX; i++) {
        const struct ring_domain *record = &frame->records[i].domain;
        struct ring_domain_entry entry;
        if (record->type != RING_DOMAIN ||
            ring_table_get(ring, RING_TABLE_DOMAIN, record->domain, &entry) != 0)
            continue;
        struct store_meter *total = &rollup->resume_meters[rollup->n_resume_meters++];
        (void)rollup_domain_key(&entry, total->key);
        total->raw_uj = record->total_uj;
    }
}

/* A ring that the store did not follow last: it may be back from before another one, and hold what
 * the store has. */
static int resume_other_ring(struct rollup *rollup, const struct ring *ring)
{
    struct store_meter *totals = calloc(ROLLUP_DOMAINS_MAX, sizeof(*totals));
    if (!totals)
        return -ENOMEM;
    free(rollup->resume_meters);
    rollup->resume_meters = totals;
    rollup->n_resume_meters = 0;
    CLEANUP(frame_done) struct frame frame = {0};
    rollup->begin = ring_head(ring);
    (void)frame_oldest(ring, &rollup->begin);
    for (uint64_t position = rollup->begin;;) {
        int r = frame_read(ring, position, &frame);
        if (r == -ENOMEM)
            return r;
        if (r == RING_EMPTY || (r == 0 && !is_covered(&rollup->before, &frame)))
            return 0;
        if (r == 0) {
            note_totals(rollup, ring, &frame);
            rollup->begin = position = frame.next;
        } else if (frame_find(ring, position + 1, &position) != 0) {
            return 0;
        }
    }
}

uint64_t rollup_missing_before(const struct rollup *rollup, const struct rollup_domain *domain)
{
    char key[METER_KEY_MAX];
    (void)rollup_domain_key(&domain->entry, key);
    for (size_t i = 0; i < rollup->n_resume_meters; i++) {
        if (str_equal(rollup->resume_meters[i].key, key))
            return sub_saturated(domain->base_uj, rollup->resume_meters[i].raw_uj);
    }
    return domain->base_uj;
}

/* Books what the store lacks of domains that were seen before it opened. At once: the next commit
 * states their running totals. */
static int settle(struct rollup *rollup, const struct ring *ring)
{
    struct spread minute = spread_frame(rollup->position.real_ns, 0, 1);
    int r = cells_reserve(&rollup->cells, ROLLUP_DOMAINS_MAX);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < ROLLUP_DOMAINS_MAX; i++) {
        struct rollup_domain *domain = &rollup->domains[i];
        if (!domain->seen || domain->settled)
            continue;
        domain->settled = true;
        uint64_t missed = rollup_missing_before(rollup, domain);
        if (missed == 0)
            continue;
        struct store_event event = {.time_s = rollup->position.real_ns / (int64_t)NS_PER_S,
                                    .kind = STORE_EVENT_LOST,
                                    .energy_uj = missed};
        (void)str_copy(event.subject, sizeof(event.subject), domain->entry.name);
        rollup_event(rollup, &event);
        spread_book(&minute, &rollup->cells,
                    rollup_workload(rollup, ring, ring_workload_id(RING_WORKLOAD_UNATTRIBUTED, 1)),
                    i, missed, rollup_uncertainty(domain->uncertainty_ppm, missed));
    }
    return 0;
}

static int copy_meters(struct rollup *rollup, const struct store_resume *resume)
{
    if (resume->n_meters == 0)
        return 0;
    rollup->resume_meters = malloc(resume->n_meters * sizeof(struct store_meter));
    if (!rollup->resume_meters)
        return -ENOMEM;
    memcpy(rollup->resume_meters, resume->meters, resume->n_meters * sizeof(struct store_meter));
    rollup->n_resume_meters = resume->n_meters;
    return 0;
}

int rollup_resume(struct rollup *rollup, const struct store_resume *resume, const struct ring *ring)
{
    free(rollup->resume_meters);
    rollup->resume_meters = NULL;
    rollup->n_resume_meters = 0;
    rollup->resumed = resume->known;
    rollup->before = resume->position;
    rollup->begin = ring_head(ring);
    (void)frame_oldest(ring, &rollup->begin);
    if (!resume->known)
        return 0;
    uint8_t id[RING_ID_SIZE];
    ring_id(ring, id);
    int r = 0;
    /* A ring on a disk may have lost its last frames with the power. */
    if (memcmp(id, resume->position.ring_id, sizeof(id)) == 0 &&
        resume->position.position <= ring_head(ring)) {
        rollup->begin = resume->position.position;
        r = copy_meters(rollup, resume);
    } else {
        r = resume_other_ring(rollup, ring);
    }
    return r < 0 ? r : settle(rollup, ring);
}

uint64_t rollup_begin(const struct rollup *rollup)
{
    return rollup->begin;
}
