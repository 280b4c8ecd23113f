/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "support/ring_memory.h"
#include "support/ring_pattern.h"

/* ---- Records ---- */

static void test_format(void **state)
{
    (void)state;
    assert_int_equal(ring_memory_size(0), 0);
    assert_int_equal(ring_memory_size(RING_SLOTS_MIN / 2), 0);
    assert_int_equal(ring_memory_size(RING_SLOTS_MIN + 1), 0);
    assert_int_equal(ring_memory_size(UINT64_C(2) * RING_SLOTS_MAX), 0);
    assert_int_equal(ring_memory_size(2 * SLOTS) - ring_memory_size(SLOTS), 64 * SLOTS);
    struct ring_memory memory = ring_memory_new();
    struct ring ring;
    assert_int_equal(ring_format(&ring, memory.bytes, memory.size - 64, SLOTS, RING_TEST_ID),
                     -EINVAL);
    assert_int_equal(ring_format(&ring, memory.bytes, memory.size, SLOTS / 2, RING_TEST_ID),
                     -EINVAL);
    assert_int_equal(ring_format(&ring, memory.bytes - 8, memory.size, SLOTS, RING_TEST_ID),
                     -EINVAL);
    ring = ring_memory_format(&memory);
    uint8_t id[RING_ID_SIZE];
    ring_id(&ring, id);
    assert_memory_equal(id, RING_TEST_ID, sizeof(id));
    ring_memory_done(&memory);
}

static void test_records_appear_when_published(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    struct ring reader = ring_memory_attach(&memory);
    struct pattern pattern = {.salt = 1};
    union ring_record record;
    assert_int_equal(ring_read(&reader, 0, &record), RING_EMPTY);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(ring_head(&reader), 0);
        pattern_push(&ring, &pattern, i, 5);
        assert_int_equal(ring_read(&reader, i, &record), RING_EMPTY);
    }
    ring_publish(&ring);
    ring_publish(&ring); /* nothing new: changes nothing */
    assert_int_equal(ring_head(&reader), 5);
    assert_int_equal(ring_newest(&reader), 0);
    for (uint64_t i = 2; i < 5; i++) {
        union ring_record expected;
        pattern_energy(1, i, &expected);
        assert_int_equal(ring_read(&reader, i, &record), 0);
        assert_memory_equal(&record, &expected, sizeof(record));
    }
    assert_int_equal(ring_read(&reader, 5, &record), RING_EMPTY);
    pattern_push_frame(&ring, &pattern, 3);
    assert_int_equal(ring_newest(&reader), 5);
    assert_int_equal(ring_head(&reader), 8);
    assert_int_equal(ring_read(&reader, 8, &record), RING_EMPTY);
    assert_int_equal(ring_read(&reader, UINT64_MAX, &record), RING_EMPTY);
    ring_memory_done(&memory);
}

static void test_wrap_around(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    struct pattern pattern = {.salt = 2};
    for (int i = 0; i < 100; i++)
        pattern_push_frame(&ring, &pattern, 37);
    union ring_record record;
    uint64_t head = ring_head(&ring);
    assert_int_equal(head, 3700);
    assert_int_equal(ring_oldest(&ring), head - SLOTS);
    assert_int_equal(ring_read(&ring, head - SLOTS - 1, &record), RING_LAPPED);
    assert_int_equal(ring_read(&ring, 0, &record), RING_LAPPED);
    assert_int_equal(ring_read(&ring, head - SLOTS, &record), 0);
    /* What is pushed and not yet published takes the oldest away. */
    pattern_push(&ring, &pattern, 0, 2);
    assert_int_equal(ring_read(&ring, head - SLOTS, &record), RING_LAPPED);
    assert_int_equal(ring_read(&ring, head - SLOTS + 1, &record), 0);
    ring_memory_done(&memory);
}

/* What each position must answer, kept in plain arrays, against a ring that lives a random life:
 * frames of any length, deaths in mid-frame and in mid-record, successors. */
struct model {
    struct ring_memory memory;
    struct ring ring;
    struct pattern pattern;
    uint64_t salts[65536]; /* of each published record */
    uint64_t written;      /* no slot was touched for this position or a later one */
};

static void model_frame(struct model *model, struct random *random)
{
    uint32_t records = 2 + (uint32_t)random_below(random, SLOTS / 2 - 1);
    for (uint32_t i = 0; i < records; i++)
        model->salts[model->ring.head + i] = model->pattern.salt;
    pattern_push_frame(&model->ring, &model->pattern, records);
    model->written = MAX(model->written, model->ring.head);
}

static void model_death(struct model *model, struct random *random)
{
    uint32_t pushed = (uint32_t)random_below(random, SLOTS / 2);
    struct pattern lost = model->pattern;
    for (uint32_t i = 0; i < pushed; i++)
        pattern_push(&model->ring, &lost, i, SLOTS / 2);
    if (random_below(random, 2) == 0)
        ring_memory_tear(&model->memory, model->ring.head++);
    model->written = MAX(model->written, model->ring.head);
    model->ring = ring_memory_attach(&model->memory);
    assert_int_equal(ring_verify(&model->ring), 0);
    struct frame frame = {0};
    uint64_t salt = random_next(random);
    struct pattern next;
    assert_int_equal(pattern_resume(&model->ring, salt, &frame, &next), 0);
    assert_int_equal(next.total_uj, model->pattern.total_uj);
    assert_int_equal(next.frames, model->pattern.frames);
    model->pattern = next;
    frame_done(&frame);
}

static void model_check(struct model *model, uint64_t position)
{
    union ring_record record;
    int expected = position >= model->ring.head        ? RING_EMPTY
                   : position + SLOTS < model->written ? RING_LAPPED
                                                       : 0;
    assert_int_equal(ring_read(&model->ring, position, &record), expected);
    if (expected != 0 || record.type != RING_ENERGY)
        return;
    union ring_record written;
    pattern_energy(model->salts[position], position, &written);
    assert_memory_equal(&record, &written, sizeof(record));
}

static void test_random_lives(void **state)
{
    (void)state;
    struct random random = random_begin(__func__, 20260101);
    struct model *model = calloc(1, sizeof(*model));
    assert_non_null(model);
    for (int life = 0; life < 20; life++) {
        model->memory = ring_memory_new();
        model->ring = ring_memory_format(&model->memory);
        model->pattern = (struct pattern){.salt = random_next(&random)};
        model->written = 0;
        while (model->ring.head < 60 * SLOTS) {
            model_frame(model, &random);
            if (random_below(&random, 4) == 0)
                model_death(model, &random);
            for (uint64_t i = 0; i < 2 * SLOTS; i++)
                model_check(model, model->ring.head + 100 - MIN(i, model->ring.head));
        }
        ring_memory_done(&model->memory);
    }
    free(model);
}

/* ---- A producer that died ---- */

static void test_takeover_in_mid_frame(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring first = ring_memory_format(&memory);
    struct pattern pattern = {.salt = 3};
    for (int i = 0; i < 30; i++)
        pattern_push_frame(&first, &pattern, 50);
    struct pattern lost = pattern;
    for (uint32_t i = 0; i < 20; i++)
        pattern_push(&first, &lost, i, 50);
    ring_memory_tear(&memory, first.head);

    struct ring second = ring_memory_attach(&memory);
    assert_int_equal(ring_verify(&second), 0);
    assert_int_equal(second.head, 1500);
    union ring_record record;
    assert_int_equal(ring_read(&second, 1500, &record), RING_EMPTY);
    assert_int_equal(ring_read(&second, 1520 - SLOTS, &record), RING_LAPPED); /* torn */
    assert_int_equal(ring_read(&second, 1521 - SLOTS, &record), 0);

    pattern.salt = 4;
    pattern_push_frame(&second, &pattern, 10); /* shorter: the torn slot stays behind it */
    assert_int_equal(ring_verify(&second), 0);
    assert_int_equal(ring_read(&second, 1510, &record), RING_EMPTY);
    pattern_push_frame(&second, &pattern, 30);
    struct frame frame = {0};
    uint64_t energy_uj = 0;
    for (uint64_t position = 1500; position < 1540; position = frame.next) {
        assert_int_equal(frame_read(&second, position, &frame), 0);
        assert_true(pattern_matches(&frame, &energy_uj));
        assert_int_equal(frame.records[0].frame.interval_ns, 4);
    }
    frame_done(&frame);
    ring_memory_done(&memory);
}

static void test_takeover_within_publish(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    struct pattern pattern = {.salt = 5};
    pattern_push_frame(&ring, &pattern, 10);
    pattern_push_frame(&ring, &pattern, 20);
    *ring_memory_word(&memory, NEWEST_OFFSET) = 0; /* head was stored, newest not yet */
    ring = ring_memory_attach(&memory);
    assert_int_equal(ring.head, 30);
    uint64_t position = 0;
    assert_int_equal(frame_newest(&ring, &position), 0);
    assert_int_equal(position, 10);
    ring_memory_done(&memory);
}

static void test_verify(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    assert_int_equal(ring_verify(&ring), 0);
    struct pattern pattern = {.salt = 6};
    for (int i = 0; i < 40; i++)
        pattern_push_frame(&ring, &pattern, 40);
    static const uint64_t heads[] = {1, 800, 1088, 1599, 1601, 1700, 5000, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
        struct ring wrong = ring;
        *ring_memory_word(&memory, HEAD_OFFSET) = heads[i];
        *ring_memory_word(&memory, NEWEST_OFFSET) = 0;
        int r = ring_attach(&wrong, memory.bytes, memory.size);
        if (r == 0)
            r = ring_verify(&wrong);
        /* One record less published is what a producer leaves that died before publishing it. */
        assert_int_equal(r, heads[i] == 1599 || heads[i] == 1088 ? 0 : -EBADMSG);
    }
    *ring_memory_word(&memory, HEAD_OFFSET) = 1600;
    for (uint64_t i = 0; i < SLOTS; i++) {
        uint64_t *sequence = ring_memory_slot(&memory, i);
        *sequence ^= 4;
        ring = ring_memory_attach(&memory);
        assert_int_equal(ring_verify(&ring), -EBADMSG);
        *sequence ^= 4;
    }
    assert_int_equal(ring_verify(&ring), 0);
    ring_memory_done(&memory);
}

/* ---- Tables ---- */

static void test_tables(void **state)
{
    (void)state;
    static const size_t sizes[RING_TABLES] = {
        sizeof(struct workload), sizeof(struct ring_domain_entry), sizeof(struct ring_meter_entry),
        sizeof(struct ring_status), sizeof(struct ring_sensor)};
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    for (enum ring_table table = 0; table < RING_TABLES; table++) {
        uint32_t count = ring_table_count(table);
        char entry[1024];
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(ring_table_get(&ring, table, i, entry), 0);
            for (size_t byte = 0; byte < sizes[table]; byte++)
                assert_int_equal(entry[byte], 0);
            memset(entry, (int)(1 + (table + i) % 100), sizes[table]);
            assert_int_equal(ring_table_put(&ring, table, i, entry), 0);
        }
        assert_int_equal(ring_table_get(&ring, table, count, entry), -ERANGE);
        assert_int_equal(ring_table_get(&ring, table, UINT32_MAX, entry), -ERANGE);
        assert_int_equal(ring_table_put(&ring, table, count, entry), -ERANGE);
    }
    /* No entry has touched another, no table a slot. */
    for (enum ring_table table = 0; table < RING_TABLES; table++) {
        for (uint32_t i = 0; i < ring_table_count(table); i++) {
            char entry[1024];
            assert_int_equal(ring_table_get(&ring, table, i, entry), 0);
            assert_int_equal(entry[0], 1 + (table + i) % 100);
        }
    }
    assert_int_equal(ring_verify(&ring), 0);
    assert_int_equal(ring_table_count(RING_TABLES), 0);
    assert_int_equal(ring_table_count((enum ring_table) - 1), 0);
    ring_memory_done(&memory);
}

static void test_table_texts_end(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    char full[1024];
    memset(full, 'x', sizeof(full));
    for (enum ring_table table = 0; table < RING_TABLES; table++)
        assert_int_equal(ring_table_put(&ring, table, 1, full), 0);
    struct workload workload;
    struct ring_domain_entry domain;
    struct ring_meter_entry meter;
    struct ring_status status;
    struct ring_sensor sensor;
    assert_int_equal(ring_table_get(&ring, RING_TABLE_WORKLOAD, 1, &workload), 0);
    assert_int_equal(ring_table_get(&ring, RING_TABLE_DOMAIN, 1, &domain), 0);
    assert_int_equal(ring_table_get(&ring, RING_TABLE_METER, 1, &meter), 0);
    assert_int_equal(ring_table_get(&ring, RING_TABLE_STATUS, 1, &status), 0);
    assert_int_equal(ring_table_get(&ring, RING_TABLE_SENSOR, 1, &sensor), 0);
#define ENDS(text) assert_int_equal(strnlen(text, sizeof(text)), sizeof(text) - 1)
    ENDS(workload.unit);
    ENDS(workload.command);
    ENDS(workload.user);
    ENDS(domain.name);
    ENDS(meter.key);
    ENDS(status.collector);
    ENDS(status.item);
    ENDS(status.why);
    ENDS(status.mend);
    ENDS(sensor.chip);
    ENDS(sensor.label);
#undef ENDS
    ring_memory_done(&memory);
}

static void test_takeover_in_mid_entry(void **state)
{
    (void)state;
    struct ring_memory memory = ring_memory_new();
    struct ring ring = ring_memory_format(&memory);
    struct workload nginx = {.generation = 1, .unit = "nginx.service", .command = "nginx"};
    struct workload found = {.generation = 77};
    assert_int_equal(ring_table_put(&ring, RING_TABLE_WORKLOAD, 0, &nginx), 0);
    uint64_t *cell = ring_memory_word(&memory, HEADER_SIZE); /* entry 0 of table 0 */
    cell[0] = 3;
    memset(&cell[1], 0xff, 100);
    assert_int_equal(ring_table_get(&ring, RING_TABLE_WORKLOAD, 0, &found), -EAGAIN);
    assert_int_equal(found.generation, 77); /* untouched */

    ring = ring_memory_attach(&memory);
    assert_int_equal(ring_table_get(&ring, RING_TABLE_WORKLOAD, 0, &found), -EAGAIN);
    nginx.generation = 2;
    assert_int_equal(ring_table_put(&ring, RING_TABLE_WORKLOAD, 0, &nginx), 0);
    assert_int_equal(ring_table_get(&ring, RING_TABLE_WORKLOAD, 0, &found), 0);
    assert_memory_equal(&found, &nginx, sizeof(found));
    ring_memory_done(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_records_appear_when_published),
        cmocka_unit_test(test_wrap_around),
        cmocka_unit_test(test_random_lives),
        cmocka_unit_test(test_takeover_in_mid_frame),
        cmocka_unit_test(test_takeover_within_publish),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_table_texts_end),
        cmocka_unit_test(test_takeover_in_mid_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
