/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A ring in plain memory, for cmocka tests of who writes or reads it: include unit.h first. */

#include "greend/ring.h"

/* Another ring in the memory of this one, in which nothing is. */
static inline void plain_ring_format(struct ring *ring, const char *name)
{
    uint8_t id[RING_ID_SIZE] = {0};
    memcpy(id, name, MIN(strlen(name), sizeof(id)));
    memset(ring->memory, 0, ring->size);
    assert_int_equal(ring_format(ring, ring->memory, ring->size, ring->slots, id), 0);
}

static inline struct ring plain_ring_new(uint64_t slots)
{
    struct ring ring = {.size = ring_memory_size(slots), .slots = slots};
    ring.memory = aligned_alloc(64, ring.size);
    assert_non_null(ring.memory);
    plain_ring_format(&ring, "a ring of tests");
    return ring;
}

static inline void plain_ring_done(struct ring *ring)
{
    free(ring->memory);
    *ring = (struct ring){0};
}
