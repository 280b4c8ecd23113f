/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* The ring's protocol, checked through everything that C11 lets readers see: see memory_model.h.
 * The last test weakens each order, and drops each check, and wants all of that to be found. */
#include "unit/unit.h"

#include "greend/ring.h"
#include "model/memory_model.h"

/* A ring of few slots goes round often. It lies in the memory of one that greend would make. */
enum { FEW = 4, MANY = RING_SLOTS_MIN, PAYLOAD = RING_RECORD_SIZE / 8 };

static struct ring ring;
static struct frame frame;
static uint64_t pushed; /* behind the last record that any producer wrote */

/* ---- Records that follow from their position and producer ---- */

static uint64_t taken_over; /* records from here on are of the second producer */

static union ring_record record_at(uint64_t position, uint8_t producer)
{
    union ring_record record = {.words = {0}};
    for (size_t i = 1; i < PAYLOAD; i++)
        record.words[i] = position << 16 | producer << 8 | i;
    record.frame.type = position % 2 == 0 ? RING_FRAME : RING_HOST;
    record.frame.flags = producer;
    record.frame.domains = (uint16_t)position;
    record.frame.records = 2;
    return record;
}

static bool is_right(const union ring_record *record, uint64_t position)
{
    union ring_record expected = record_at(position, position < taken_over ? 1 : 2);
    return memcmp(record, &expected, sizeof(expected)) == 0;
}

static void push_frames(struct ring *producer, uint8_t number, int frames)
{
    for (int i = 0; i < 2 * frames; i++) {
        union ring_record record = record_at(producer->head, number);
        ring_push(producer, &record);
        pushed = MAX(pushed, producer->head);
        if (i % 2)
            ring_publish(producer);
    }
}

/* ---- Entries of a table ---- */

static struct ring_domain_entry entry_of(uint32_t version)
{
    struct ring_domain_entry entry = {.kind = version, .source = version, .used = version};
    memset(entry.name, version ? (int)('a' + version) : 0, sizeof(entry.name) - 1);
    entry.reserved = version;
    return entry;
}

static void put(uint32_t version)
{
    struct ring_domain_entry entry = entry_of(version);
    (void)ring_table_put(&ring, RING_TABLE_DOMAIN, 0, &entry);
}

static uint32_t get(void)
{
    struct ring_domain_entry entry;
    MODEL_REQUIRE(ring_table_get(&ring, RING_TABLE_DOMAIN, 0, &entry) == 0);
    struct ring_domain_entry whole = entry_of(entry.kind);
    MODEL_REQUIRE(entry.kind <= 4 && memcmp(&entry, &whole, sizeof(entry)) == 0);
    return entry.kind;
}

/* ---- Writers ---- */

static void write_two_rounds(void)
{
    push_frames(&ring, 1, FEW);
}

static void write_two_frames(void)
{
    push_frames(&ring, 1, 2);
}

static void write_three_frames(void)
{
    push_frames(&ring, 1, 3);
}

static void write_entries(void)
{
    put(1);
    push_frames(&ring, 1, 1);
    put(2);
    put(3);
}

static const struct ring_birth birth = {
    {1, 2, 3, 4, 5, 6, 7, 8, 9},
    4711
};

static void write_birth(void)
{
    ring_set_birth(&ring, &birth);
    push_frames(&ring, 1, 1);
}

/* Takes over from a producer that died, as ring_attach() does. */
static int verified;

static void take_over(void)
{
    struct ring next = ring;
    next.head = next.published = taken_over = ring_head(&ring);
    verified = ring_verify(&next);
    push_frames(&next, 2, 2);
}

/* The same by ring_attach() itself, which wants as many slots as greend would make. */
static void attach_and_go_on(void)
{
    struct ring next = {.memory = NULL};
    verified = ring_attach(&next, ring.memory, ring.size);
    if (verified == 0)
        verified = ring_verify(&next);
    taken_over = next.head;
    if (verified == 0)
        push_frames(&next, 2, 2);
}

static void put_again(void)
{
    put(4);
}

/* ---- Readers ---- */

static void read_record(void)
{
    union ring_record record;
    uint64_t position = model_choose((unsigned)pushed + 1);
    uint64_t head = ring_head(&ring);
    int r = ring_read(&ring, position, &record);
    MODEL_REQUIRE(r == 0 || r == RING_EMPTY || r == RING_LAPPED);
    MODEL_REQUIRE(r != 0 || is_right(&record, position));
    MODEL_REQUIRE(r != RING_EMPTY || position >= head);
    MODEL_REQUIRE(r != RING_LAPPED || position + ring.slots < pushed);
    MODEL_REQUIRE(ring_head(&ring) >= head);
}

static void require_frame(uint64_t position)
{
    MODEL_REQUIRE(frame.count == 2 && frame.position == position && frame.next == position + 2);
    MODEL_REQUIRE(is_right(&frame.records[0], position) &&
                  is_right(&frame.records[1], position + 1));
}

/* All of a frame or nothing, and nothing in its middle. Who is told of it by another reader sees it
 * too, or that it is overwritten. */
static void read_frame(void)
{
    union ring_record record;
    uint64_t position = model_choose((unsigned)pushed + 1);
    int r = frame_read(&ring, position, &frame);
    MODEL_REQUIRE(r != 0 || position % 2 == 0);
    MODEL_REQUIRE(r != -EBADMSG || position % 2 == 1);
    if (r != 0)
        return;
    require_frame(position);
    r = ring_read(&ring, position, &record);
    MODEL_REQUIRE(r == RING_LAPPED || (r == 0 && is_right(&record, position)));
}

static void read_newest(void)
{
    uint64_t newest = ring_newest(&ring);
    uint64_t head = ring_head(&ring);
    MODEL_REQUIRE(newest == 0 || head >= newest + 2);
    MODEL_REQUIRE(head % 2 == 0);
}

static void read_newest_frame(void)
{
    uint64_t position = 0;
    if (frame_newest(&ring, &position) != 0)
        return;
    MODEL_REQUIRE(position % 2 == 0 && position + 2 <= pushed);
    int r = frame_read(&ring, position, &frame);
    MODEL_REQUIRE(r == 0 || r == RING_LAPPED);
    if (r == 0)
        require_frame(position);
}

/* Entries are whole, never go back, and are there for who sees a frame that was published behind
 * them. */
static void read_entry(void)
{
    uint64_t head = ring_head(&ring);
    uint32_t version = get();
    MODEL_REQUIRE(head == 0 || version >= 1);
}

static void read_entry_twice(void)
{
    uint32_t version = get();
    (void)ring_head(&ring); /* another call, not another try */
    MODEL_REQUIRE(get() >= version);
}

static void read_birth(void)
{
    struct ring_birth seen;
    if (ring_head(&ring) == 0)
        return;
    MODEL_REQUIRE(ring_get_birth(&ring, &seen) && memcmp(&seen, &birth, sizeof(seen)) == 0);
}

static void attach_as_reader(void)
{
    struct ring other;
    MODEL_REQUIRE(ring_attach(&other, ring.memory, ring.size) == 0);
    MODEL_REQUIRE(other.head % 2 == 0);
}

/* ---- Scenarios ---- */

static const struct scenario {
    const char *name;
    uint64_t slots;
    int frames; /* that are there before */
    void (*writer)(void);
    void (*successor)(void); /* of a writer that dies, once at every moment; NULL: it lives */
    void (*reader)(void);
    unsigned words; /* of a record or entry, that are read independently */
} scenarios[] = {
    {"record",                FEW,  0,            write_two_rounds,   NULL,             read_record,       PAYLOAD},
    {"frame",                 FEW,  0,            write_two_rounds,   NULL,             read_frame,        2      },
    {"newest position",       FEW,  0,            write_two_rounds,   NULL,             read_newest,       2      },
    {"newest frame",          FEW,  0,            write_three_frames, NULL,             read_newest_frame, 2      },
    {"entry",                 FEW,  0,            write_entries,      NULL,             read_entry,        PAYLOAD},
    {"entry, twice",          FEW,  0,            write_entries,      NULL,             read_entry_twice,  2      },
    {"birth",                 FEW,  0,            write_birth,        NULL,             read_birth,        2      },
    {"attach as reader",      MANY, MANY / 2 - 1, write_two_frames,   NULL,             attach_as_reader,  2      },
    {"record, producer dies", FEW,  2,            write_two_frames,   take_over,        read_record,       2      },
    {"frame, producer dies",  FEW,  2,            write_two_frames,   take_over,        read_frame,        1      },
    {"entry, producer dies",  FEW,  0,            write_entries,      put_again,        read_entry_twice,  2      },
    {"attach, producer dies", MANY, MANY / 2 - 1, write_two_frames,   attach_and_go_on,
     attach_as_reader,                                                                                     1      },
};

static void begin(const struct scenario *scenario, const struct mutant *mutant)
{
    static const uint8_t id[RING_ID_SIZE] = "the ring's model";
    size_t size = ring_memory_size(MANY);
    void *memory = ring.memory ? ring.memory : aligned_alloc(64, size);
    assert_non_null(memory);
    memset(memory, 0, size);
    model_reset(mutant);
    assert_int_equal(ring_format(&ring, memory, size, MANY, id), 0);
    ring.slots = scenario->slots;
    pushed = 0;
    taken_over = UINT64_MAX;
    verified = 0;
    push_frames(&ring, 1, scenario->frames);
}

/* What is wrong, NULL: nothing. */
static const char *run(const struct scenario *scenario, const struct mutant *mutant,
                       uint64_t *executions)
{
    const char *wrong = NULL;
    *executions = 0;
    for (int stores = 0; !wrong; stores++) {
        begin(scenario, mutant);
        int limit = scenario->successor ? stores : MODEL_LIVES;
        bool lived = model_write(scenario->writer, limit) < limit;
        if (scenario->successor)
            (void)model_write(scenario->successor, MODEL_LIVES);
        if (verified != 0)
            return "what a dead producer left is not taken over";
        *executions += model_read(scenario->reader, scenario->words, &wrong);
        if (lived)
            break;
    }
    return wrong;
}

static void test_no_execution_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
        uint64_t executions = 0;
        const char *wrong = run(&scenarios[i], NULL, &executions);
        printf("%-24s %9llu executions\n", scenarios[i].name, (unsigned long long)executions);
        if (wrong)
            fail_msg("%s: an execution in which this does not hold: %s", scenarios[i].name, wrong);
        assert_true(executions >= 2);
    }
}

/* ---- Every order and every check is needed ---- */

static const struct mutant mutants[] = {
    {"a word is stored without release",      MUTATION_RELAX,  {"cell_write", "&cell->words[i]", "word"}             },
    {"the even sequence, without release",
     MUTATION_RELAX,                                           {"cell_write", "&cell->sequence", "writing + 1"}      },
    {"the first load of it does not acquire", MUTATION_RELAX,  {"cell_read", "&cell->sequence", ""}                  },
    {"a word is loaded without acquire",      MUTATION_RELAX,  {"cell_read", "&cell->words[i]", ""}                  },
    {"the head is stored without release",
     MUTATION_RELAX,                                           {"ring_publish", "&header->head", "ring->head"}       },
    {"the newest is stored without release",
     MUTATION_RELAX,                                           {"ring_publish", "&header->newest", "ring->published"}},
    {"the head is loaded without acquire",
     MUTATION_RELAX,                                           {"ring_head", "&ring_header(ring)->head", ""}         },
    {"the newest is loaded without acquire",
     MUTATION_RELAX,                                           {"ring_newest", "&ring_header(ring)->newest", ""}     },
    {"no odd sequence is stored",             MUTATION_SKIP,   {"cell_write", "&cell->sequence", "writing"}          },
    {"no even sequence is stored",            MUTATION_SKIP,   {"cell_write", "&cell->sequence", "writing + 1"}      },
    {"the sequence is not looked at again",   MUTATION_REPEAT, {"cell_read", "&cell->sequence", ""}                  },
};

static void test_every_defect_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(mutants); i++) {
        const char *wrong = NULL;
        uint64_t executions = 0;
        size_t k = 0;
        for (; k < ARRAY_SIZE(scenarios) && !wrong; k++)
            wrong = run(&scenarios[k], &mutants[i], &executions);
        if (!wrong)
            fail_msg("not found: %s", mutants[i].what);
        printf("%s: found in '%s': %s\n", mutants[i].what, scenarios[k - 1].name, wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_execution_is_wrong),
        cmocka_unit_test(test_every_defect_is_found),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    frame_done(&frame);
    free(ring.memory);
    return failed;
}
