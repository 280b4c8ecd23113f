/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A small ring for unit tests, in memory whose end is guarded, and the means to damage it. */

#include <sys/mman.h>

#include "greend/ring.h"

#define SLOTS ((uint64_t)RING_SLOTS_MIN)

/* Offsets in the layout of version 1. */
enum {
    HEADER_SIZE = 192,
    VERSION_OFFSET = 8,
    HEAD_OFFSET = 128,
    NEWEST_OFFSET = 136,
};

static const uint8_t RING_TEST_ID[RING_ID_SIZE] = "0123456789abcde";

/* Memory that ends where a page begins that nobody may read. */

struct ring_memory {
    char *map;
    size_t map_size;
    char *bytes;
    size_t size;
};

static inline struct ring_memory ring_memory_new(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = ring_memory_size(SLOTS);
    size_t room = (size + page - 1) / page * page;
    struct ring_memory memory = {.map_size = room + page, .size = size};
    memory.map =
        mmap(NULL, memory.map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory.map != MAP_FAILED);
    assert_int_equal(mprotect(memory.map + room, page, PROT_NONE), 0);
    memory.bytes = memory.map + room - size;
    return memory;
}

static inline void ring_memory_done(struct ring_memory *memory)
{
    assert_int_equal(munmap(memory->map, memory->map_size), 0);
}

static inline struct ring ring_memory_format(const struct ring_memory *memory)
{
    struct ring ring;
    assert_int_equal(ring_format(&ring, memory->bytes, memory->size, SLOTS, RING_TEST_ID), 0);
    return ring;
}

static inline struct ring ring_memory_attach(const struct ring_memory *memory)
{
    struct ring ring;
    assert_int_equal(ring_attach(&ring, memory->bytes, memory->size), 0);
    return ring;
}

static inline uint64_t *ring_memory_word(const struct ring_memory *memory, size_t offset)
{
    return (uint64_t *)(memory->bytes + offset);
}

/* The words of a slot: its sequence and seven of payload. */
static inline uint64_t *ring_memory_slot(const struct ring_memory *memory, uint64_t position)
{
    return ring_memory_word(memory, memory->size - (size_t)(SLOTS - position % SLOTS) * 64);
}

/* What a producer leaves that died while it wrote a slot. */
static inline void ring_memory_tear(const struct ring_memory *memory, uint64_t position)
{
    uint64_t *words = ring_memory_slot(memory, position);
    words[0] = 2 * position + 1;
    words[1] = words[2] = UINT64_MAX;
}
