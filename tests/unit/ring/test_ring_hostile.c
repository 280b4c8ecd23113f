/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Memory that someone scribbled on. */
#include "unit.h"

#include "support/ring_memory.h"
#include "support/ring_pattern.h"

/* Reads as a reader does that keeps to the contract: it must come to an end, see each frame once at
 * most, and never leave the memory. */
static void read_everything(const struct ring *ring)
{
    struct frame frame = {0};
    uint64_t position = 0;
    uint64_t steps = 0;
    if (frame_newest(ring, &position) == 0)
        (void)frame_read(ring, position, &frame);
    for (int r = frame_oldest(ring, &position); r == 0;) {
        uint64_t next = position + 1;
        if (frame_read(ring, position, &frame) == 0)
            next = frame.next;
        assert_true(next > position);
        assert_true(++steps <= SLOTS);
        r = frame_find(ring, next, &position);
    }
    frame_done(&frame);
    for (enum ring_table table = 0; table < RING_TABLES; table++) {
        char entry[1024];
        (void)ring_table_get(ring, table, ring_table_count(table) - 1, entry);
    }
}

static void read_if_attached(const struct ring_memory *memory)
{
    struct ring ring;
    if (ring_attach(&ring, memory->bytes, memory->size) == 0) {
        read_everything(&ring);
        (void)ring_verify(&ring);
    }
}

static struct ring fill(const struct ring_memory *memory)
{
    struct ring ring = ring_memory_format(memory);
    struct pattern pattern = {.salt = 9};
    for (uint32_t i = 0; i < 300; i++)
        pattern_push_frame(&ring, &pattern, 2 + i % 17);
    return ring;
}

static void test_attach_refuses(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    fill(&memory);
    struct ring ring;
    *ring_memory_word(&memory, VERSION_OFFSET) = RING_VERSION + 1;
    assert_int_equal(ring_attach(&ring, memory.bytes, memory.size), -EPROTONOSUPPORT);
    *ring_memory_word(&memory, VERSION_OFFSET) = RING_VERSION;
    uint64_t *head = ring_memory_word(&memory, HEAD_OFFSET);
    *head += 1; /* one record more than there are */
    assert_int_equal(ring_attach(&ring, memory.bytes, memory.size), -EBADMSG);
    *head -= 1;
    assert_int_equal(ring_attach(&ring, memory.bytes, memory.size), 0);
    assert_int_equal(ring_attach(&ring, memory.bytes, 0), -EBADMSG);
    assert_int_equal(ring_attach(&ring, memory.bytes, 64), -EBADMSG);
    assert_int_equal(ring_attach(&ring, memory.bytes, HEADER_SIZE), -EBADMSG);
    assert_int_equal(ring_attach(&ring, memory.bytes, memory.size - 64), -EBADMSG);
    assert_int_equal(ring_attach(&ring, memory.bytes, SIZE_MAX), -EBADMSG);
    assert_int_equal(ring_attach(&ring, memory.bytes + 8, memory.size - 8), -EINVAL);
    memset(memory.bytes, 0, memory.size);
    assert_int_equal(ring_attach(&ring, memory.bytes, memory.size), -EBADMSG);
    ring_memory_done(&memory);
}

/* Every byte of the header, in every value. Whatever tells the layout must be refused. */
static void test_hostile_header_bytes(void **state)
{
    (void)state;
    static const size_t layout_end = 4 * sizeof(uint64_t);
    static const size_t id_end = layout_end + RING_ID_SIZE;
    static const size_t tables_end = id_end + RING_TABLES * sizeof(uint64_t);
    struct ring_memory memory = ring_memory_new();
    fill(&memory);
    for (size_t at = 0; at < HEADER_SIZE; at++) {
        uint8_t original = (uint8_t)memory.bytes[at];
        for (unsigned value = 0; value < 256; value++) {
            struct ring ring;
            memory.bytes[at] = (char)value;
            int r = ring_attach(&ring, memory.bytes, memory.size);
            bool is_layout = at < layout_end || (at >= id_end && at < tables_end);
            if (value == original)
                assert_int_equal(r, 0);
            else if (is_layout)
                assert_true(r == -EBADMSG || r == -EPROTONOSUPPORT);
            if (r == 0)
                read_everything(&ring);
        }
        memory.bytes[at] = (char)original;
    }
    ring_memory_done(&memory);
}

static void scribble(const struct ring_memory *memory, struct random *random)
{
    switch (random_below(random, 4)) {
    case 0: /* anywhere */
        memory->bytes[random_below(random, memory->size)] = (char)random_next(random);
        break;
    case 1: /* a sequence that is nearly right */
        *ring_memory_slot(memory, random_next(random)) += random_below(random, 5) - 2;
        break;
    case 2: /* a record that claims to begin a frame of some length */
        ring_memory_slot(memory, random_next(random))[1] =
            RING_FRAME | random_below(random, 2 * SLOTS) << 32;
        break;
    default: /* head or newest */
        *ring_memory_word(memory, random_below(random, 2) ? HEAD_OFFSET : NEWEST_OFFSET) =
            random_next(random) >> random_below(random, 64);
    }
}

/* A reader that was attached before the memory was scribbled on has to live with it too. */
static void test_hostile_memory(void **state)
{
    (void)state;
    struct random random = random_begin(__func__, 20260102);
    struct ring_memory memory = ring_memory_new();
    char *pristine = malloc(memory.size);
    assert_non_null(pristine);
    struct ring ring = fill(&memory);
    memcpy(pristine, memory.bytes, memory.size);
    for (int i = 0; i < 2000; i++) {
        for (uint64_t k = random_below(&random, 64); k < 64; k++)
            scribble(&memory, &random);
        read_everything(&ring);
        read_if_attached(&memory);
        memcpy(memory.bytes, pristine, memory.size);
    }
    free(pristine);
    ring_memory_done(&memory);
}

static void test_newest_is_only_a_hint(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = fill(&memory);
    uint64_t newest = ring_newest(&ring);
    const uint64_t wrong[] = {0, newest - 1, newest + 1, ring_head(&ring), UINT64_MAX};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        uint64_t position = 0;
        *ring_memory_word(&memory, NEWEST_OFFSET) = wrong[i];
        assert_int_equal(frame_newest(&ring, &position), 0);
        assert_int_equal(position, newest);
    }
    ring_memory_done(&memory);
}

/* One damaged record costs its own frame and no other. */
static void test_damage_costs_one_frame(void **state)
{
    (void)state;
    static const uint64_t sequences[] = {0, 1, 31 * 2 + 1, UINT64_MAX, UINT64_MAX - 1};
    for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
        struct ring_memory memory = ring_memory_new();
        struct ring ring = ring_memory_format(&memory);
        struct pattern pattern = {.salt = 10};
        for (int k = 0; k < 10; k++)
            pattern_push_frame(&ring, &pattern, 10);
        *ring_memory_slot(&memory, 31) = sequences[i];
        struct frame frame = {0};
        uint64_t position = 0;
        int seen = 0;
        for (int r = frame_oldest(&ring, &position); r == 0; seen++) {
            r = frame_read(&ring, position, &frame);
            if (position == 30)
                assert_int_equal(r, sequences[i] > 64 ? RING_LAPPED : -EBADMSG);
            else
                assert_int_equal(r, 0);
            r = frame_find(&ring, position + 1, &position);
        }
        assert_int_equal(seen, 10);
        frame_done(&frame);
        ring_memory_done(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attach_refuses),         cmocka_unit_test(test_hostile_header_bytes),
        cmocka_unit_test(test_hostile_memory),         cmocka_unit_test(test_newest_is_only_a_hint),
        cmocka_unit_test(test_damage_costs_one_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
