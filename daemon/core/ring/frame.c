/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/ring.h"

enum { FRAME_RECORDS_MIN = 2 /* RING_FRAME and RING_HOST */ };

/* Whether this record at this position begins a frame that ends at or before head. */
static bool begins_frame(const struct ring *ring, uint64_t head, uint64_t position,
                         const union ring_record *record)
{
    return record->type == RING_FRAME && record->frame.records >= FRAME_RECORDS_MIN &&
           record->frame.records <= ring->slots / 2 && record->frame.records <= head - position;
}

/* ---- One frame ---- */

void frame_done(struct frame *frame)
{
    free(frame->records);
    *frame = (struct frame){0};
}

/* Grows in doublings, so that a reader soon allocates no more. */
static int frame_reserve(struct frame *frame, size_t count)
{
    if (count <= frame->capacity)
        return 0;
    size_t capacity = MAX(count, frame->capacity * 2);
    union ring_record *records = realloc(frame->records, capacity * sizeof(*records));
    if (!records)
        return -ENOMEM;
    frame->records = records;
    frame->capacity = capacity;
    return 0;
}

/* Copies the records behind the first. */
static int frame_copy(const struct ring *ring, uint64_t position, size_t count, struct frame *frame)
{
    for (size_t i = 1; i < count; i++) {
        union ring_record *record = &frame->records[i];
        int r = ring_read(ring, position + i, record);
        if (r == RING_EMPTY) /* a head that goes back */
            return -EBADMSG;
        if (r != 0)
            return r;
        if ((i == 1) != (record->type == RING_HOST) || record->type == RING_FRAME)
            return -EBADMSG;
    }
    return 0;
}

int frame_read(const struct ring *ring, uint64_t position, struct frame *frame)
{
    frame->count = 0;
    uint64_t head = ring_head(ring);
    if (position >= head)
        return RING_EMPTY;
    union ring_record first;
    int r = ring_read(ring, position, &first);
    if (r != 0)
        return r;
    if (!begins_frame(ring, head, position, &first))
        return -EBADMSG;
    size_t count = first.frame.records;
    r = frame_reserve(frame, count);
    if (r < 0)
        return r;
    frame->records[0] = first;
    r = frame_copy(ring, position, count, frame);
    if (r != 0)
        return r;
    frame->count = count;
    frame->position = position;
    frame->next = position + count;
    return 0;
}

/* ---- Finding frames ---- */

/* Looks between `from` and a head that was read once: a producer that goes on meanwhile cannot make
 * the search longer. ret_next: position behind the frame that was found. */
static int find(const struct ring *ring, uint64_t head, uint64_t from, uint64_t *ret_position,
                uint64_t *ret_next)
{
    uint64_t oldest = head > ring->slots ? head - ring->slots : 0;
    for (uint64_t position = MAX(from, oldest); position < head;) {
        union ring_record record;
        int r = ring_read(ring, position, &record);
        if (r == 0 && begins_frame(ring, head, position, &record)) {
            *ret_position = position;
            *ret_next = position + record.frame.records;
            return 0;
        }
        position++;
        /* Whatever lies before the present oldest is lost as well. */
        if (r == RING_LAPPED)
            position = MAX(position, ring_oldest(ring));
    }
    return RING_EMPTY;
}

int frame_find(const struct ring *ring, uint64_t from, uint64_t *ret_position)
{
    uint64_t next = 0;
    return find(ring, ring_head(ring), from, ret_position, &next);
}

int frame_oldest(const struct ring *ring, uint64_t *ret_position)
{
    return frame_find(ring, 0, ret_position);
}

int frame_newest(const struct ring *ring, uint64_t *ret_position)
{
    /* In this order: what newest points to is then published. It may lag, or be worth nothing. */
    uint64_t noted = ring_newest(ring);
    uint64_t head = ring_head(ring);
    uint64_t position = 0;
    uint64_t next = 0;
    if (find(ring, head, noted, &position, &next) != 0 &&
        find(ring, head, 0, &position, &next) != 0)
        return RING_EMPTY;
    while (find(ring, head, next, &position, &next) == 0) {
        /* the last one found is the newest */
    }
    *ret_position = position;
    return 0;
}
