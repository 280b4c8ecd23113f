/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/ring.h"

#include <assert.h>
#include <stdatomic.h>

/* Every word that two sides share is an atomic of 64 bits, payload included, and all order comes
 * from those words themselves, without fences: race detectors see it, and the proof is local.
 *
 * A cell (a slot or a table entry) is a sequence and a payload. The writer stores an odd sequence
 * (relaxed), each payload word (release), and the even sequence (release). The reader loads the
 * sequence (acquire), each payload word (acquire), and the sequence again (relaxed).
 *  - The even sequence pairs with the reader's first load: the words are at least as new as it.
 *  - Each payload word pairs with its own load: had one come from a later write, then that write's
 *    odd sequence, stored before it, would be visible to the reader's second load.
 * So equal, even sequences mean a whole copy. Readers only load: they may map the memory read-only,
 * which is why the 64-bit atomics must be lock-free. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "shared between processes");
_Static_assert(sizeof(_Atomic uint64_t) == sizeof(uint64_t), "memory layout");

enum {
    LINE_SIZE = 64, /* a cell never shares a cache line with another */
    RECORD_WORDS = RING_RECORD_SIZE / 8,
    SLOT_SIZE = 64,
    ENTRY_SIZE_MAX = sizeof(struct ring_status),
    GET_TRIES = 64,
};

#define RING_MAGIC UINT64_C(0x676e69722d646e67) /* "gnd-ring" in little endian */

/* Beyond it 2n+2 might overflow; at a million records a second it is 146,000 years away. */
#define POSITION_MAX (UINT64_C(1) << 62)

struct cell {
    _Atomic uint64_t sequence;
    _Atomic uint64_t words[];
};

struct header {
    _Atomic uint64_t magic;
    _Atomic uint64_t version;
    _Atomic uint64_t slots;
    _Atomic uint64_t slot_size;
    _Atomic uint64_t id[RING_ID_SIZE / 8];
    _Atomic uint64_t tables[RING_TABLES]; /* size of a cell << 32 | count */
    _Atomic uint64_t birth[3]; /* the boot, and CLOCK_MONOTONIC in it; zeros: not known */
    _Atomic uint64_t unused[2];
    /* Written at every publish, so on a line of their own. */
    _Atomic uint64_t head;
    _Atomic uint64_t newest;
    _Atomic uint64_t unused_too[6];
};

_Static_assert(offsetof(struct header, head) % LINE_SIZE == 0, "a line of their own");
_Static_assert(sizeof(struct header) % LINE_SIZE == 0, "cells follow, aligned");
_Static_assert(SLOT_SIZE == sizeof(uint64_t) + RING_RECORD_SIZE, "a slot is one line");

struct text_field {
    uint16_t offset;
    uint16_t size; /* 0 ends the list */
};

#define TEXT(type, field)                                                                          \
    {                                                                                              \
        offsetof(struct type, field), sizeof(((struct type *)0)->field)                            \
    }

static const struct table {
    uint32_t entry_size;
    uint32_t count;
    struct text_field texts[5];
} tables[RING_TABLES] = {
    [RING_TABLE_WORKLOAD] = {sizeof(struct workload),
                             RING_WORKLOADS_MAX, {TEXT(workload, unit), TEXT(workload, command), TEXT(workload, user)}   },
    [RING_TABLE_DOMAIN] = {sizeof(struct ring_domain_entry),
                             METERS_MAX,         {TEXT(ring_domain_entry, name)}                                         },
    [RING_TABLE_METER] = {sizeof(struct ring_meter_entry),
                             METERS_MAX,         {TEXT(ring_meter_entry, key)}                                           },
    [RING_TABLE_STATUS] = {sizeof(struct ring_status),
                             RING_STATUS_MAX,    {TEXT(ring_status, collector), TEXT(ring_status, item),
                            TEXT(ring_status, why), TEXT(ring_status, mend)}},
    [RING_TABLE_SENSOR] = {sizeof(struct ring_sensor),
                             SENSORS_MAX,        {TEXT(ring_sensor, chip), TEXT(ring_sensor, label)}                     },
};

/* Whole words are copied, through a buffer of ENTRY_SIZE_MAX. */
#define ENTRY_FITS(type)                                                                           \
    _Static_assert(sizeof(type) % 8 == 0 && sizeof(type) <= ENTRY_SIZE_MAX, #type)
ENTRY_FITS(struct workload);
ENTRY_FITS(struct ring_domain_entry);
ENTRY_FITS(struct ring_meter_entry);
ENTRY_FITS(struct ring_status);
ENTRY_FITS(struct ring_sensor);

/* ---- Layout ---- */

static size_t table_cell_size(size_t table)
{
    size_t size = sizeof(struct cell) + tables[table].entry_size;
    return (size + LINE_SIZE - 1) / LINE_SIZE * LINE_SIZE;
}

static size_t table_offset(size_t table)
{
    size_t offset = sizeof(struct header);
    for (size_t i = 0; i < table; i++)
        offset += table_cell_size(i) * tables[i].count;
    return offset;
}

static uint64_t table_descriptor(size_t table)
{
    return (uint64_t)table_cell_size(table) << 32 | tables[table].count;
}

size_t ring_memory_size(uint64_t slots)
{
    if (slots < RING_SLOTS_MIN || slots > RING_SLOTS_MAX || (slots & (slots - 1)) != 0)
        return 0;
    return table_offset(RING_TABLES) + (size_t)slots * SLOT_SIZE;
}

static struct header *ring_header(const struct ring *ring)
{
    return ring->memory;
}

/* Slots end where the memory ends. */
static struct cell *slot_cell(const struct ring *ring, uint64_t position)
{
    size_t back = (size_t)(ring->slots - (position & (ring->slots - 1)));
    return (struct cell *)((char *)ring->memory + ring->size - back * SLOT_SIZE);
}

static struct cell *table_cell(const struct ring *ring, size_t table, uint32_t index)
{
    size_t offset = table_offset(table) + index * table_cell_size(table);
    return (struct cell *)((char *)ring->memory + offset);
}

static uint64_t sequence_written(uint64_t position)
{
    return 2 * position + 2;
}

/* ---- Cells ---- */

/* `writing` is odd and greater than every sequence that a reader may take for a whole copy. */
static void cell_write(struct cell *cell, uint64_t writing, const void *payload, size_t words)
{
    const char *bytes = payload;
    /* Ordered before the payload by the release of each word. */
    atomic_store_explicit(&cell->sequence, writing, memory_order_relaxed);
    for (size_t i = 0; i < words; i++) {
        uint64_t word = 0;
        memcpy(&word, bytes + i * 8, 8);
        /* Pairs with the acquire of the same word in cell_read(). */
        atomic_store_explicit(&cell->words[i], word, memory_order_release);
    }
    /* Pairs with the first load in cell_read(). */
    atomic_store_explicit(&cell->sequence, writing + 1, memory_order_release);
}

/* Copies the payload and returns its sequence; an odd one means that the copy is worth nothing. */
static uint64_t cell_read(const struct cell *cell, void *payload, size_t words)
{
    char *bytes = payload;
    /* Pairs with the last store of cell_write(). */
    uint64_t before = atomic_load_explicit(&cell->sequence, memory_order_acquire);
    for (size_t i = 0; i < words; i++) {
        /* Pairs with the release of the same word in cell_write(), and keeps the load of `after`
         * behind it. */
        uint64_t word = atomic_load_explicit(&cell->words[i], memory_order_acquire);
        memcpy(bytes + i * 8, &word, 8);
    }
    /* Relaxed: the acquire loads above hold it back. */
    uint64_t after = atomic_load_explicit(&cell->sequence, memory_order_relaxed);
    return before == after ? before : after | 1;
}

/* ---- Making and attaching ---- */

/* Relaxed: readers learn of new memory by other means (the file's name), which bring the order. */
static void header_set(_Atomic uint64_t *field, uint64_t value)
{
    atomic_store_explicit(field, value, memory_order_relaxed);
}

/* Relaxed: what is read here was written once, before the memory could be found. */
static uint64_t header_get(const _Atomic uint64_t *field)
{
    return atomic_load_explicit(field, memory_order_relaxed);
}

static bool is_aligned(const void *memory)
{
    return (uintptr_t)memory % LINE_SIZE == 0;
}

int ring_format(struct ring *ring, void *memory, size_t size, uint64_t slots,
                const uint8_t id[RING_ID_SIZE])
{
    if (size == 0 || size != ring_memory_size(slots) || !is_aligned(memory))
        return -EINVAL;
    struct header *header = memory;
    header_set(&header->version, RING_VERSION);
    header_set(&header->slots, slots);
    header_set(&header->slot_size, SLOT_SIZE);
    for (size_t i = 0; i < ARRAY_SIZE(header->id); i++) {
        uint64_t word = 0;
        memcpy(&word, id + i * 8, 8);
        header_set(&header->id[i], word);
    }
    for (size_t i = 0; i < RING_TABLES; i++)
        header_set(&header->tables[i], table_descriptor(i));
    header_set(&header->head, 0);
    header_set(&header->newest, 0);
    header_set(&header->magic, RING_MAGIC);
    *ring = (struct ring){.memory = memory, .size = size, .slots = slots};
    return 0;
}

/* Whether the layout that the header states is the one that this program uses. */
static bool header_fits(const struct header *header, size_t size, uint64_t slots)
{
    if (ring_memory_size(slots) != size || header_get(&header->slot_size) != SLOT_SIZE)
        return false;
    for (size_t i = 0; i < RING_TABLES; i++) {
        if (header_get(&header->tables[i]) != table_descriptor(i))
            return false;
    }
    return true;
}

/* Whether head and newest can be true. Holds for a reader too, while the producer goes on: newest
 * is loaded before head, and the last published record's slot can only have become newer. */
static bool head_is_plausible(const struct ring *ring, uint64_t newest, uint64_t head)
{
    if (head > POSITION_MAX || newest > head)
        return false;
    return head == 0 ||
           header_get(&slot_cell(ring, head - 1)->sequence) >= sequence_written(head - 1);
}

int ring_attach(struct ring *ring, void *memory, size_t size)
{
    if (!is_aligned(memory))
        return -EINVAL;
    const struct header *header = memory;
    if (size < sizeof(*header) || header_get(&header->magic) != RING_MAGIC)
        return -EBADMSG;
    if (header_get(&header->version) != RING_VERSION)
        return -EPROTONOSUPPORT;
    uint64_t slots = header_get(&header->slots);
    if (!header_fits(header, size, slots))
        return -EBADMSG;
    struct ring attached = {.memory = memory, .size = size, .slots = slots};
    uint64_t newest = ring_newest(&attached);
    uint64_t head = ring_head(&attached);
    if (!head_is_plausible(&attached, newest, head))
        return -EBADMSG;
    attached.head = attached.published = head;
    *ring = attached;
    return 0;
}

int ring_verify(const struct ring *ring)
{
    for (uint64_t next = ring->head; next < ring->head + ring->slots; next++) {
        uint64_t expected = next < ring->slots ? 0 : sequence_written(next - ring->slots);
        uint64_t found = header_get(&slot_cell(ring, next)->sequence);
        if (found == expected)
            continue;
        /* Pushed, perhaps only half, and never published. */
        bool may_be_pushed = next - ring->head < ring->slots / 2;
        uint64_t pushed = sequence_written(next);
        if (!may_be_pushed || (found != pushed && found != pushed - 1))
            return -EBADMSG;
    }
    return 0;
}

void ring_id(const struct ring *ring, uint8_t ret_id[RING_ID_SIZE])
{
    const struct header *header = ring_header(ring);
    for (size_t i = 0; i < ARRAY_SIZE(header->id); i++) {
        uint64_t word = header_get(&header->id[i]);
        memcpy(ret_id + i * 8, &word, 8);
    }
}

_Static_assert(sizeof(struct ring_birth) == sizeof(((struct header *)0)->birth), "in whole words");

void ring_set_birth(struct ring *ring, const struct ring_birth *birth)
{
    struct header *header = ring_header(ring);
    for (size_t i = 0; i < ARRAY_SIZE(header->birth); i++) {
        uint64_t word = 0;
        memcpy(&word, (const char *)birth + i * 8, 8);
        /* Relaxed: the first frame is published after it, and who sees that frame's head sees it.
         */
        header_set(&header->birth[i], word);
    }
}

bool ring_get_birth(const struct ring *ring, struct ring_birth *ret_birth)
{
    const struct header *header = ring_header(ring);
    uint64_t words[ARRAY_SIZE(header->birth)];
    uint64_t any = 0;
    for (size_t i = 0; i < ARRAY_SIZE(header->birth); i++)
        any |= words[i] = header_get(&header->birth[i]);
    memcpy(ret_birth, words, sizeof(*ret_birth));
    return any != 0;
}

/* ---- Records ---- */

void ring_push(struct ring *ring, const union ring_record *record)
{
    cell_write(slot_cell(ring, ring->head), sequence_written(ring->head) - 1, record, RECORD_WORDS);
    ring->head++;
}

void ring_publish(struct ring *ring)
{
    struct header *header = ring_header(ring);
    if (ring->head == ring->published)
        return;
    assert(ring->head - ring->published <= ring->slots / 2);
    /* Pairs with ring_head(): whoever sees it sees all records before it. */
    atomic_store_explicit(&header->head, ring->head, memory_order_release);
    /* Pairs with ring_newest(): whoever sees it also sees the head behind that frame. */
    atomic_store_explicit(&header->newest, ring->published, memory_order_release);
    ring->published = ring->head;
}

uint64_t ring_head(const struct ring *ring)
{
    /* Pairs with the store of head in ring_publish(), also in a producer that attaches: what it
     * publishes carries its predecessor's records along. */
    return atomic_load_explicit(&ring_header(ring)->head, memory_order_acquire);
}

uint64_t ring_newest(const struct ring *ring)
{
    /* Pairs with the store of newest in ring_publish(). */
    return atomic_load_explicit(&ring_header(ring)->newest, memory_order_acquire);
}

uint64_t ring_oldest(const struct ring *ring)
{
    uint64_t head = ring_head(ring);
    return head > ring->slots ? head - ring->slots : 0;
}

int ring_read(const struct ring *ring, uint64_t position, union ring_record *ret_record)
{
    if (position >= ring_head(ring))
        return RING_EMPTY;
    union ring_record record;
    uint64_t sequence = cell_read(slot_cell(ring, position), &record, RECORD_WORDS);
    /* A published record cannot be older than its position, nor still being written. */
    if (sequence < sequence_written(position))
        return -EBADMSG;
    if (sequence > sequence_written(position))
        return RING_LAPPED;
    *ret_record = record;
    return 0;
}

/* ---- Tables ---- */

uint32_t ring_table_count(enum ring_table table)
{
    return (size_t)table < RING_TABLES ? tables[table].count : 0;
}

int ring_table_put(struct ring *ring, enum ring_table table, uint32_t index, const void *entry)
{
    if (index >= ring_table_count(table))
        return -ERANGE;
    struct cell *cell = table_cell(ring, table, index);
    /* Relaxed: only producers write it, one after the other. Odd already where the last one died
     * while writing: no reader takes an odd one, so the same serves again. */
    uint64_t sequence = atomic_load_explicit(&cell->sequence, memory_order_relaxed);
    cell_write(cell, sequence | 1, entry, tables[table].entry_size / 8);
    return 0;
}

int ring_table_get(const struct ring *ring, enum ring_table table, uint32_t index, void *ret_entry)
{
    if (index >= ring_table_count(table))
        return -ERANGE;
    const struct cell *cell = table_cell(ring, table, index);
    char entry[ENTRY_SIZE_MAX];
    bool whole = false;
    for (int i = 0; i < GET_TRIES && !whole; i++)
        whole = (cell_read(cell, entry, tables[table].entry_size / 8) & 1) == 0;
    if (!whole)
        return -EAGAIN;
    for (const struct text_field *text = tables[table].texts; text->size > 0; text++)
        entry[text->offset + text->size - 1] = '\0';
    memcpy(ret_entry, entry, tables[table].entry_size);
    return 0;
}
