/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "support/ring_memory.h"
#include "support/ring_pattern.h"

static void test_frames(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    struct frame frame = {0};
    uint64_t position = 4711;
    assert_int_equal(frame_oldest(&ring, &position), RING_EMPTY);
    assert_int_equal(frame_newest(&ring, &position), RING_EMPTY);
    assert_int_equal(frame_read(&ring, 0, &frame), RING_EMPTY);
    assert_int_equal(position, 4711);

    struct pattern pattern = {.salt = 7};
    uint64_t begins[400];
    for (uint32_t i = 0; i < 400; i++) {
        begins[i] = ring_head(&ring);
        pattern_push_frame(&ring, &pattern, 2 + i % 5);
    }
    assert_int_equal(frame_newest(&ring, &position), 0);
    assert_int_equal(position, begins[399]);
    assert_int_equal(frame_oldest(&ring, &position), 0);
    size_t at = 0;
    while (begins[at] < ring_oldest(&ring))
        at++;
    assert_int_equal(position, begins[at]);

    uint64_t total_uj = UINT64_MAX;
    for (; at < 400; at++) {
        uint64_t found = 0;
        uint64_t energy_uj = 0;
        assert_int_equal(frame_find(&ring, begins[at - 1] + 1, &found), 0);
        assert_int_equal(found, begins[at]);
        assert_int_equal(frame_read(&ring, found, &frame), 0);
        assert_int_equal(frame.position, found);
        assert_int_equal(frame.count, 2 + at % 5);
        assert_true(pattern_matches(&frame, &energy_uj));
        if (total_uj != UINT64_MAX)
            assert_int_equal(frame.records[0].frame.total_uj, total_uj);
        total_uj = frame.records[0].frame.total_uj + energy_uj;
    }
    assert_int_equal(total_uj, pattern.total_uj);
    assert_int_equal(frame.next, ring_head(&ring));
    assert_int_equal(frame_read(&ring, frame.next, &frame), RING_EMPTY);
    assert_int_equal(frame_read(&ring, 0, &frame), RING_LAPPED);
    assert_int_equal(frame.count, 0);
    frame_done(&frame);
    ring_memory_done(&memory);
}

static void push(struct ring *ring, enum ring_record_type type, uint32_t records)
{
    union ring_record record = {0};
    record.frame.type = (uint8_t)type;
    if (type == RING_FRAME)
        record.frame.records = records;
    ring_push(ring, &record);
}

static void test_frames_that_contradict_themselves(void **state)
{
    (void)state;
    static const struct {
        uint8_t types[4];
        uint32_t records; /* that the first claims; 4 are there */
        int expected;
    } cases[] = {
        {{RING_FRAME, RING_HOST, RING_DOMAIN, RING_ENERGY},   4,             0       },
        {{RING_FRAME, RING_HOST, RING_DOMAIN, RING_ENERGY},   2,             0       },
        {{RING_FRAME, RING_HOST, RING_DOMAIN, RING_ENERGY},   1,             -EBADMSG},
        {{RING_FRAME, RING_HOST, RING_DOMAIN, RING_ENERGY},   0,             -EBADMSG},
        {{RING_FRAME, RING_HOST, RING_DOMAIN, RING_ENERGY},   5,             -EBADMSG},
        {{RING_FRAME, RING_HOST, RING_DOMAIN, RING_ENERGY},   SLOTS / 2 + 1, -EBADMSG},
        {{RING_FRAME, RING_HOST, RING_DOMAIN, RING_ENERGY},   UINT32_MAX,    -EBADMSG},
        {{RING_FRAME, RING_DOMAIN, RING_DOMAIN, RING_ENERGY}, 4,             -EBADMSG},
        {{RING_FRAME, RING_HOST, RING_HOST, RING_ENERGY},     4,             -EBADMSG},
        {{RING_FRAME, RING_HOST, RING_DOMAIN, RING_FRAME},    4,             -EBADMSG},
        {{RING_FRAME, RING_FRAME, RING_DOMAIN, RING_ENERGY},  4,             -EBADMSG},
        {{RING_HOST, RING_HOST, RING_DOMAIN, RING_ENERGY},    4,             -EBADMSG},
        {{0, 0, 0, 0},                                        4,             -EBADMSG},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct ring_memory memory = ring_memory_new();
        struct ring ring = ring_memory_format(&memory);
        struct frame frame = {0};
        for (size_t k = 0; k < 4; k++)
            push(&ring, cases[i].types[k], cases[i].records);
        ring_publish(&ring);
        assert_int_equal(frame_read(&ring, 0, &frame), cases[i].expected);
        assert_int_equal(frame.count, cases[i].expected == 0 ? cases[i].records : 0);
        uint64_t position = 0;
        bool begins =
            cases[i].types[0] == RING_FRAME && cases[i].records >= 2 && cases[i].records <= 4;
        bool inner = cases[i].types[1] == RING_FRAME || cases[i].types[3] == RING_FRAME;
        if (!inner)
            assert_int_equal(frame_oldest(&ring, &position), begins ? 0 : RING_EMPTY);
        frame_done(&frame);
        ring_memory_done(&memory);
    }
}

static void test_too_long(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    struct frame frame = {0};
    uint64_t position = 0;
    push(&ring, RING_FRAME, SLOTS / 2 + 1);
    push(&ring, RING_HOST, 0);
    ring_publish(&ring);
    while (ring.head < SLOTS / 2 + 1)
        push(&ring, RING_ENERGY, 0);
    ring_publish(&ring);
    assert_int_equal(frame_read(&ring, 0, &frame), -EBADMSG);
    assert_int_equal(frame_newest(&ring, &position), RING_EMPTY);
    frame_done(&frame);
    ring_memory_done(&memory);
}

/* A frame of SLOTS / 2 records is the longest, and its beginning is there when its end is. */
static void test_longest_frame(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    struct pattern pattern = {.salt = 8};
    struct frame frame = {0};
    for (int i = 0; i < 5; i++) {
        uint64_t position = 0;
        uint64_t energy_uj = 0;
        pattern_push_frame(&ring, &pattern, SLOTS / 2);
        assert_int_equal(frame_newest(&ring, &position), 0);
        assert_int_equal(frame_read(&ring, position, &frame), 0);
        assert_int_equal(frame.count, SLOTS / 2);
        assert_true(pattern_matches(&frame, &energy_uj));
    }
    frame_done(&frame);
    ring_memory_done(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_frames_that_contradict_themselves),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_longest_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
