/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What the store has of the ring's frames, so that each is booked once. */

#include "core/rollup/rollup_state.h"

static bool same_boot(const uint8_t a[16], const uint8_t b[16])
{
    return memcmp(a, b, 16) == 0;
}

/* What the store has of a frame of a ring that it did not follow last. */
enum knowledge {
    STORED, /* the store speaks for its time, by this ring or by another one */
    LACKED,
    UNKNOWN
};

static enum knowledge knowledge_of(const struct store_position *before, const struct frame *frame,
                                   const uint8_t boot_id[16])
{
    const struct ring_host *host = &frame->records[1].host;
    /* Meters go on from what the store has where that is newer than the ring: within one boot no
     * time is in two rings on both sides of the commit. */
    if (same_boot(host->boot_id, before->boot_id))
        return frame->records[0].frame.mono_ns <= before->mono_ns ? STORED : LACKED;
    /* This boot is the newest. */
    if (same_boot(before->boot_id, boot_id))
        return STORED;
    return same_boot(host->boot_id, boot_id) ? LACKED : UNKNOWN;
}

/* Whether the ring's totals began after the store's last commit. */
static bool begun_since(const struct store_position *before, const struct ring *ring,
                        const uint8_t boot_id[16])
{
    struct ring_birth birth;
    if (!ring_get_birth(ring, &birth))
        return false;
    if (same_boot(birth.boot_id, before->boot_id))
        return birth.mono_ns > before->mono_ns;
    return same_boot(birth.boot_id, boot_id);
}

uint64_t rollup_unknown_ns(const struct rollup *rollup, const struct frame *frame)
{
    const struct store_position *before = &rollup->before;
    const struct ring_frame *first = &frame->records[0].frame;
    uint64_t told_ns = add_saturated(first->interval_ns, first->gap_ns);
    const struct ring_host *host = &frame->records[1].host;
    if (same_boot(host->boot_id, before->boot_id))
        return before->boottime_ns != 0
                   ? sub_saturated(host->boottime_ns, add_saturated(before->boottime_ns, told_ns))
                   : sub_saturated(first->mono_ns, add_saturated(before->mono_ns, told_ns));
    /* Of two boots only the wall clock knows how far they are apart. */
    if (!clock_is_set(before->real_ns) || first->real_ns <= before->real_ns)
        return 0;
    return sub_saturated((uint64_t)first->real_ns - (uint64_t)before->real_ns, told_ns);
}

void rollup_declare(struct rollup *rollup, int64_t minute_s, int64_t time_s)
{
    rollup->doubt = false;
    struct store_event event = {
        .time_s = time_s, .kind = STORE_EVENT_GAP, .duration_ns = rollup->doubt_ns};
    rollup_event(rollup, &event);
    if (rollup->doubt_ns == 0)
        return;
    struct cell gap = {.begin_s = minute_s, .uncertainty = rollup->doubt_ns};
    cells_add(&rollup->spans, &gap);
}

/* Notes the running totals after the frame, or before it, in the place of those that the store
 * noted of its own ring. */
static void note_totals(struct rollup *rollup, const struct ring *ring, const struct frame *frame,
                        bool before)
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
        total->raw_uj = sub_saturated(record->total_uj, before ? record->energy_uj : 0);
    }
}

/* The first frame that the store lacks is found, with the frames before it gone from the ring. */
static void begin_with(struct rollup *rollup, const struct ring *ring, const struct frame *frame,
                       const uint8_t boot_id[16])
{
    if (rollup->n_resume_meters == 0 && frame->records[0].frame.number > 1 &&
        !begun_since(&rollup->before, ring, boot_id)) {
        /* The store may have some of what was used before, or nothing of it. */
        note_totals(rollup, ring, frame, true);
        rollup->doubt = true;
    }
    if (rollup->doubt)
        rollup->doubt_ns = rollup_unknown_ns(rollup, frame);
}

/* A ring that the store did not follow last: it may be back from before another one, and hold what
 * the store has. */
static int resume_other_ring(struct rollup *rollup, const struct ring *ring,
                             const uint8_t boot_id[16])
{
    rollup->resume_meters = calloc(ROLLUP_DOMAINS_MAX, sizeof(*rollup->resume_meters));
    if (!rollup->resume_meters)
        return -ENOMEM;
    CLEANUP(frame_done) struct frame frame = {0};
    bool passed = false; /* a frame of the boot of the store's last commit */
    for (uint64_t position = rollup->begin;;) {
        int r = frame_read(ring, position, &frame);
        if (r == -ENOMEM)
            return r;
        if (r == RING_EMPTY)
            return 0;
        if (r != 0) {
            if (frame_find(ring, position + 1, &position) != 0)
                return 0;
            continue;
        }
        enum knowledge knowledge = knowledge_of(&rollup->before, &frame, boot_id);
        bool of_that_boot = same_boot(frame.records[1].host.boot_id, rollup->before.boot_id);
        passed |= of_that_boot;
        if (of_that_boot) /* what came before it is not newer */
            rollup->doubt = false;
        if (knowledge == LACKED || (knowledge == UNKNOWN && passed)) {
            begin_with(rollup, ring, &frame, boot_id);
            return 0;
        }
        rollup->doubt |= knowledge == UNKNOWN;
        note_totals(rollup, ring, &frame, false);
        rollup->begin = position = frame.next;
    }
}

/* Whether this is the ring that the store followed, still with the frames that it had then: a ring
 * on a disk may have lost the last of them with the power, and have grown beyond that position
 * since. */
static int is_followed(const struct store_position *position, const struct ring *ring)
{
    uint8_t id[RING_ID_SIZE];
    ring_id(ring, id);
    if (memcmp(id, position->ring_id, sizeof(id)) != 0 || position->position > ring_head(ring))
        return false;
    CLEANUP(frame_done) struct frame frame = {0};
    uint64_t at = 0;
    if (frame_oldest(ring, &at) != 0 || at >= position->position)
        return true; /* overwritten, by a producer that went on from there */
    while (at < position->position) {
        int r = frame_read(ring, at, &frame);
        if (r == -ENOMEM)
            return r;
        if (r == 0)
            at = frame.next;
        else if (frame_find(ring, at + 1, &at) != 0)
            return false;
    }
    const struct ring_frame *last = &frame.records[0].frame;
    return frame.count > 0 && frame.next == position->position && last->number == position->frame &&
           last->mono_ns == position->mono_ns &&
           same_boot(frame.records[1].host.boot_id, position->boot_id);
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
    int r = cells_reserve(&rollup->cells, (size_t)2 * ROLLUP_DOMAINS_MAX);
    if (r == 0)
        r = cells_reserve(&rollup->spans, 1);
    if (r < 0)
        return r;
    if (rollup->doubt && rollup->position.frame != 0)
        rollup_declare(rollup, spread_begin_s(&minute, 0),
                       rollup->position.real_ns / (int64_t)NS_PER_S);
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
        rollup_book_unattributed(rollup, ring, &minute, i, missed);
        rollup_book_whole(rollup, ring, &minute, i, missed);
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

int rollup_resume(struct rollup *rollup, const struct store_resume *resume, const struct ring *ring,
                  const uint8_t boot_id[16])
{
    free(rollup->resume_meters);
    rollup->resume_meters = NULL;
    rollup->n_resume_meters = 0;
    rollup->doubt = false;
    rollup->doubt_ns = 0;
    rollup->resumed = resume->known;
    rollup->before = resume->position;
    rollup->begin = ring_head(ring);
    (void)frame_oldest(ring, &rollup->begin);
    if (!resume->known)
        return 0;
    int r = is_followed(&resume->position, ring);
    if (r > 0) {
        rollup->begin = resume->position.position;
        r = copy_meters(rollup, resume);
    } else if (r == 0) {
        r = resume_other_ring(rollup, ring, boot_id);
    }
    return r < 0 ? r : settle(rollup, ring);
}

uint64_t rollup_begin(const struct rollup *rollup)
{
    return rollup->begin;
}
