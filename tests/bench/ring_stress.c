/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* One producer that never waits and three readers of different temper, for a number of records:
 *
 *     ring_stress RECORDS [SLOTS]
 *
 * Each reader checks every record it gets against what belongs at its position, and every table
 * entry against itself. What it missed it knows from the frames' running totals alone: seen and
 * missed energy must add up to what was produced, to the microjoule. */

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "greend/ring.h"
#include "support/ring_pattern.h"

enum { READERS = 3, FRAME_RECORDS_MAX = 200, WORKLOADS = 8, YIELD_RECORDS = 10000 };

struct stress {
    struct ring ring;
    uint64_t records;
    struct pattern pattern; /* producer's, to be read after it was joined */
    atomic_bool done;
};

struct reader {
    const struct stress *stress;
    int number;
    uint64_t frames, records, lapses, torn_entries, entries;
    uint64_t seen_uj, missed_uj, next_number;
    const char *failure;
};

/* ---- Producer ---- */

/* Every byte of an entry tells the same number, so a mixture of two shows. */
static void put_entry(struct ring *ring, uint64_t number)
{
    struct workload entry;
    memset(&entry, 'A' + (int)(number / WORKLOADS % 26), sizeof(entry));
    if (ring_table_put(ring, RING_TABLE_WORKLOAD, (uint32_t)(number % WORKLOADS), &entry) != 0)
        abort();
}

/* Gives way now and then in the middle of a frame: with few cores readers would otherwise meet it
 * only where the scheduler stops it. */
static void push_frame(struct stress *stress, struct random *random, uint32_t records)
{
    uint64_t pause = random_below(random, (uint64_t)YIELD_RECORDS);
    for (uint32_t i = 0; i < records; i++) {
        pattern_push(&stress->ring, &stress->pattern, i, records);
        if (i == pause)
            (void)sched_yield();
    }
    ring_publish(&stress->ring);
}

static void *produce(void *argument)
{
    struct stress *stress = argument;
    struct random random = {.state = 1};
    while (stress->ring.head < stress->records) {
        uint32_t records = 2 + (uint32_t)random_below(&random, FRAME_RECORDS_MAX - 1);
        put_entry(&stress->ring, stress->pattern.frames);
        push_frame(stress, &random, records);
    }
    atomic_store(&stress->done, true);
    return NULL;
}

/* ---- Readers ---- */

static bool fail(struct reader *reader, const char *failure)
{
    reader->failure = failure;
    return false;
}

static bool check_entry(struct reader *reader, const struct ring *ring)
{
    struct workload entry;
    uint32_t index = (uint32_t)(reader->frames % WORKLOADS);
    int r = ring_table_get(ring, RING_TABLE_WORKLOAD, index, &entry);
    if (r == -EAGAIN) {
        reader->torn_entries++;
        return true;
    }
    reader->entries++;
    const char *bytes = (const char *)&entry;
    size_t last_user = offsetof(struct workload, user) + WORKLOAD_USER_MAX - 1;
    for (size_t i = 1; i < sizeof(entry); i++) {
        bool terminator = i == offsetof(struct workload, command) - 1 ||
                          i == offsetof(struct workload, user) - 1 || i == last_user;
        if (bytes[i] != (terminator ? '\0' : bytes[0]))
            return fail(reader, "a table entry is mixed");
    }
    return true;
}

static bool take_frame(struct reader *reader, const struct frame *frame)
{
    const struct ring_frame *first = &frame->records[0].frame;
    uint64_t energy_uj = 0;
    uint64_t known_uj = reader->seen_uj + reader->missed_uj;
    if (!pattern_matches(frame, &energy_uj))
        return fail(reader, "a frame is not what was written");
    if (first->number < reader->next_number || first->total_uj < known_uj)
        return fail(reader, "a frame came twice or out of order");
    if (first->number == reader->next_number && first->total_uj != known_uj)
        return fail(reader, "the running total jumps between neighbours");
    reader->missed_uj += first->total_uj - known_uj;
    reader->seen_uj += energy_uj;
    reader->next_number = first->number + 1;
    reader->frames++;
    reader->records += frame->count;
    return check_entry(reader, &reader->stress->ring);
}

/* Where a reader goes on that was overtaken: reader 0 at the oldest frame there is, reader 1 at the
 * newest, reader 2 at the next that it can find. */
static int recover(const struct reader *reader, uint64_t position, uint64_t *ret_position)
{
    const struct ring *ring = &reader->stress->ring;
    if (reader->number == 0)
        return frame_oldest(ring, ret_position);
    if (reader->number == 1)
        return frame_newest(ring, ret_position);
    return frame_find(ring, position + 1, ret_position);
}

/* One frame, or one step of recovery. False: a failure. */
static bool step(struct reader *reader, struct frame *frame, uint64_t *position)
{
    int r = frame_read(&reader->stress->ring, *position, frame);
    if (r == 0) {
        *position = frame->next;
        return take_frame(reader, frame);
    }
    if (r == RING_EMPTY) {
        (void)sched_yield();
        return true;
    }
    if (r != RING_LAPPED)
        return fail(reader, "frame_read() calls a good ring bad");
    reader->lapses++;
    uint64_t found = 0;
    if (recover(reader, *position, &found) != 0)
        return true; /* overtaken again: the same position says so again */
    if (found < *position)
        return fail(reader, "recovery went back");
    *position = found;
    return true;
}

static void *consume(void *argument)
{
    struct reader *reader = argument;
    const struct stress *stress = reader->stress;
    struct frame frame = {0};
    uint64_t position = 0;
    bool done = false;
    while (!done) {
        /* Asked before the ring is read to its end: nothing comes after it. */
        bool was_done = atomic_load(&stress->done);
        if (!step(reader, &frame, &position))
            break;
        done = was_done && position == ring_head(&stress->ring);
    }
    frame_done(&frame);
    return NULL;
}

/* ---- Verdict ---- */

static bool report(const struct reader *reader)
{
    uint64_t produced_uj = reader->stress->pattern.total_uj;
    printf("reader %d: frames=%" PRIu64 " records=%" PRIu64 " lapped=%" PRIu64 " entries=%" PRIu64
           " torn=%" PRIu64 " seen_uj=%" PRIu64 " missed_uj=%" PRIu64 "\n",
           reader->number, reader->frames, reader->records, reader->lapses, reader->entries,
           reader->torn_entries, reader->seen_uj, reader->missed_uj);
    const char *failure = reader->failure;
    if (!failure && reader->seen_uj + reader->missed_uj != produced_uj)
        failure = "seen and missed are not what was produced";
    if (!failure && reader->frames == 0)
        failure = "it saw nothing";
    if (failure)
        printf("reader %d: FAILED: %s\n", reader->number, failure);
    return failure == NULL;
}

static bool run(struct stress *stress)
{
    struct reader readers[READERS] = {0};
    pthread_t threads[READERS];
    pthread_t producer;
    bool good = true;
    for (int i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.stress = stress, .number = i, .next_number = 1};
        if (pthread_create(&threads[i], NULL, consume, &readers[i]) != 0)
            abort();
    }
    if (pthread_create(&producer, NULL, produce, stress) != 0)
        abort();
    (void)pthread_join(producer, NULL);
    for (int i = 0; i < READERS; i++)
        (void)pthread_join(threads[i], NULL);
    printf("produced: records=%" PRIu64 " frames=%" PRIu64 " energy_uj=%" PRIu64 "\n",
           stress->ring.head, stress->pattern.frames, stress->pattern.total_uj);
    for (int i = 0; i < READERS; i++)
        good = report(&readers[i]) && good;
    return good;
}

int main(int argc, char *argv[])
{
    static const uint8_t id[RING_ID_SIZE] = "stress";
    struct stress stress = {.pattern = {.salt = 11}};
    stress.records = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    uint64_t slots = argc > 2 ? strtoull(argv[2], NULL, 10) : RING_SLOTS_MIN;
    size_t size = ring_memory_size(slots);
    void *memory = size ? aligned_alloc(64, size) : NULL;
    if (!memory || stress.records == 0) {
        fprintf(stderr, "usage: ring_stress RECORDS [SLOTS]\n");
        return 2;
    }
    memset(memory, 0, size);
    bool good = ring_format(&stress.ring, memory, size, slots, id) == 0 && run(&stress);
    free(memory);
    return good ? 0 : 1;
}
