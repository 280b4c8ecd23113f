/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "fake_ring.h"

#include "storage/ring_file.h"

struct fake_ring fake_ring = {.busy_item = UINT32_MAX};

static struct ring_file the_file;

int ring_file_open(struct ring_file **ret_file, const char *directory)
{
    (void)str_copy(fake_ring.opened, sizeof(fake_ring.opened), directory);
    if (fake_ring.open_result < 0)
        return fake_ring.open_result;
    *ret_file = &the_file;
    return 0;
}

struct ring_file *ring_file_close(struct ring_file *file)
{
    (void)file;
    return NULL;
}

uint32_t ring_table_count(enum ring_table table)
{
    return table == RING_TABLE_STATUS ? RING_STATUS_MAX : 0;
}

int ring_table_get(const struct ring *ring, enum ring_table table, uint32_t index, void *ret_entry)
{
    (void)ring;
    (void)table;
    if (index == fake_ring.busy_item)
        return -EAGAIN;
    memset(ret_entry, 0, sizeof(struct ring_status));
    if (index < fake_ring.n_items)
        memcpy(ret_entry, &fake_ring.items[index], sizeof(struct ring_status));
    return 0;
}

int frame_newest(const struct ring *ring, uint64_t *ret_position)
{
    (void)ring;
    *ret_position = 0;
    return fake_ring.has_frame ? 0 : RING_EMPTY;
}

uint64_t ring_head(const struct ring *ring)
{
    (void)ring;
    return fake_ring.has_frame ? 2 : 0;
}

int frame_oldest(const struct ring *ring, uint64_t *ret_position)
{
    return frame_newest(ring, ret_position);
}

int frame_find(const struct ring *ring, uint64_t from, uint64_t *ret_position)
{
    (void)from;
    (void)ring;
    (void)ret_position;
    return RING_EMPTY;
}

int frame_read(const struct ring *ring, uint64_t position, struct frame *frame)
{
    (void)ring;
    (void)position;
    if (fake_ring.frame_result != 0)
        return fake_ring.frame_result;
    if (!frame->records)
        frame->records = calloc(2, sizeof(*frame->records));
    if (!frame->records)
        return -ENOMEM;
    frame->count = 2;
    frame->records[0].frame = fake_ring.frame;
    frame->records[1].host = fake_ring.host;
    return 0;
}

void frame_done(struct frame *frame)
{
    free(frame->records);
    *frame = (struct frame){0};
}
