/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A ring for tests of its readers: all of include/greend/ring.h, single-threaded, so that a test
 * decides when a record is overwritten and when a table entry is being written. */

#include "greend/ring.h"
#include "greend/units.h"

struct double_header {
    uint8_t id[RING_ID_SIZE];
    uint64_t slots;
    uint64_t head; /* published */
};

static const struct {
    uint32_t count;
    size_t size;
} tables[RING_TABLES] = {
    [RING_TABLE_WORKLOAD] = {RING_WORKLOADS_MAX, sizeof(struct workload)         },
    [RING_TABLE_DOMAIN] = {METERS_MAX,         sizeof(struct ring_domain_entry)},
    [RING_TABLE_METER] = {METERS_MAX,         sizeof(struct ring_meter_entry) },
    [RING_TABLE_STATUS] = {RING_STATUS_MAX,    sizeof(struct ring_status)      },
    [RING_TABLE_SENSOR] = {SENSORS_MAX,        sizeof(struct ring_sensor)      },
};

static uint8_t *table_entry(const struct ring *ring, enum ring_table table, uint32_t index)
{
    size_t offset = sizeof(struct double_header);
    for (enum ring_table t = 0; t < table; t++)
        offset += tables[t].count * tables[t].size;
    return (uint8_t *)ring->memory + offset + index * tables[table].size;
}

static union ring_record *slot_of(const struct ring *ring, uint64_t position)
{
    uint8_t *slots = table_entry(ring, RING_TABLES - 1, tables[RING_TABLES - 1].count);
    return (union ring_record *)(void *)(slots + position % ring->slots * RING_RECORD_SIZE);
}

size_t ring_memory_size(uint64_t slots)
{
    size_t size = sizeof(struct double_header) + slots * RING_RECORD_SIZE;
    for (size_t t = 0; t < RING_TABLES; t++)
        size += tables[t].count * tables[t].size;
    return (size + 63) / 64 * 64;
}

int ring_format(struct ring *ring, void *memory, size_t size, uint64_t slots,
                const uint8_t id[RING_ID_SIZE])
{
    struct double_header *header = memory;
    memcpy(header->id, id, RING_ID_SIZE);
    header->slots = slots;
    header->head = 0;
    return ring_attach(ring, memory, size);
}

int ring_attach(struct ring *ring, void *memory, size_t size)
{
    const struct double_header *header = memory;
    *ring = (struct ring){memory, size, header->slots, header->head};
    return 0;
}

void ring_id(const struct ring *ring, uint8_t ret_id[RING_ID_SIZE])
{
    memcpy(ret_id, ((struct double_header *)ring->memory)->id, RING_ID_SIZE);
}

void ring_push(struct ring *ring, const union ring_record *record)
{
    memcpy(slot_of(ring, ring->head++), record, sizeof(*record));
}

void ring_publish(struct ring *ring)
{
    ((struct double_header *)ring->memory)->head = ring->head;
}

uint64_t ring_head(const struct ring *ring)
{
    return ((struct double_header *)ring->memory)->head;
}

uint64_t ring_oldest(const struct ring *ring)
{
    return sub_saturated(ring_head(ring), ring->slots);
}

int ring_read(const struct ring *ring, uint64_t position, union ring_record *ret_record)
{
    if (position >= ring_head(ring))
        return RING_EMPTY;
    if (position < ring_oldest(ring))
        return RING_LAPPED;
    memcpy(ret_record, slot_of(ring, position), sizeof(*ret_record));
    return 0;
}

int ring_table_put(struct ring *ring, enum ring_table table, uint32_t index, const void *entry)
{
    if (table >= RING_TABLES || index >= tables[table].count)
        return -ERANGE;
    memcpy(table_entry(ring, table, index), entry, tables[table].size);
    return 0;
}

int ring_table_get(const struct ring *ring, enum ring_table table, uint32_t index, void *ret_entry)
{
    if (table >= RING_TABLES || index >= tables[table].count)
        return -ERANGE;
    memcpy(ret_entry, table_entry(ring, table, index), tables[table].size);
    return 0;
}

uint32_t ring_table_count(enum ring_table table)
{
    return table < RING_TABLES ? tables[table].count : 0;
}

void frame_done(struct frame *frame)
{
    free(frame->records);
    *frame = (struct frame){0};
}

int frame_read(const struct ring *ring, uint64_t position, struct frame *frame)
{
    union ring_record first;
    int result = ring_read(ring, position, &first);
    if (result != 0)
        return result;
    if (first.type != RING_FRAME || first.frame.records == 0)
        return -EBADMSG;
    if (frame->capacity < first.frame.records) {
        void *grown = realloc(frame->records, first.frame.records * sizeof(first));
        if (!grown)
            return -ENOMEM;
        frame->records = grown;
        frame->capacity = first.frame.records;
    }
    for (uint32_t i = 0; i < first.frame.records; i++)
        (void)ring_read(ring, position + i, &frame->records[i]);
    frame->count = first.frame.records;
    frame->position = position;
    frame->next = position + first.frame.records;
    return 0;
}

static int frame_search(const struct ring *ring, uint64_t *ret_position, bool newest)
{
    int found = RING_EMPTY;
    for (uint64_t position = ring_oldest(ring); position < ring_head(ring); position++) {
        if (slot_of(ring, position)->type != RING_FRAME)
            continue;
        *ret_position = position;
        found = 0;
        if (!newest)
            break;
    }
    return found;
}

int frame_oldest(const struct ring *ring, uint64_t *ret_position)
{
    return frame_search(ring, ret_position, false);
}

int frame_newest(const struct ring *ring, uint64_t *ret_position)
{
    return frame_search(ring, ret_position, true);
}
