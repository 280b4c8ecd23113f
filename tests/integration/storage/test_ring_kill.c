/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "storage/ring_file.h"
#include "support/die_with.h"
#include "support/ring_pattern.h"
#include "support/scratch.h"

/* Producers that are killed at any moment, one after the other, under the eyes of one reader. */

enum {
    KILLS = 200,
    SLOTS = 4096,
    FRAME_RECORDS_MAX = 100,
    ENTRIES = 16, /* of the workload table, written all the time */
    DELAY_NS_MAX = 2000000,
};

/* ---- The producer, in a process of its own ---- */

static void put_entry(struct ring *ring, uint32_t index, char byte)
{
    struct workload entry;
    memset(&entry, byte, sizeof(entry));
    if (ring_table_put(ring, RING_TABLE_WORKLOAD, index, &entry) != 0)
        _exit(1);
}

static void produce(int dir_fd, uint64_t salt)
{
    struct ring_file *file = NULL;
    struct frame frame = {0};
    struct pattern pattern;
    struct random random = {.state = random_mix(salt)};
    if (ring_file_create_or_attach(&file, dir_fd, SLOTS) != 0)
        _exit(2);
    if (pattern_resume(&file->reader, salt, &frame, &pattern) < 0)
        _exit(3);
    for (;;) {
        for (uint32_t i = 0; i < ENTRIES; i++)
            put_entry(&file->producer, i, (char)('a' + pattern.frames % 26));
        uint32_t records = 2 + (uint32_t)random_below(&random, FRAME_RECORDS_MAX - 1);
        pattern_push_frame(&file->producer, &pattern, records);
    }
}

static pid_t start_producer(int dir_fd, uint64_t salt)
{
    (void)fflush(stdout);
    pid_t parent = getpid();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        die_with(parent);
        produce(dir_fd, salt);
    }
    return child;
}

/* ---- The reader ---- */

struct reader {
    struct ring_file *file;
    struct frame frame;
    uint64_t position;
    bool lapped; /* and no frame read since: the next one is not its neighbour */
    uint64_t next_number;
    uint64_t seen_uj, missed_uj;
    uint64_t frames, lapses;
    uint64_t salt; /* of the last frame */
    uint64_t deaths_in_frame, deaths_in_entry;
};

static void take_frame(struct reader *reader)
{
    const struct ring_frame *first = &reader->frame.records[0].frame;
    uint64_t known_uj = reader->seen_uj + reader->missed_uj;
    uint64_t energy_uj = 0;
    assert_true(pattern_matches(&reader->frame, &energy_uj));
    assert_true(first->interval_ns >= reader->salt);
    if (!reader->lapped) {
        assert_int_equal(first->number, reader->next_number);
        assert_int_equal(first->total_uj, known_uj);
    }
    assert_true(first->number >= reader->next_number);
    assert_true(first->total_uj >= known_uj);
    reader->missed_uj += first->total_uj - known_uj;
    reader->seen_uj += energy_uj;
    reader->next_number = first->number + 1;
    reader->salt = first->interval_ns;
    reader->position = reader->frame.next;
    reader->lapped = false;
    reader->frames++;
}

/* Reads until there is nothing more, or as many frames as the limit says. */
static void drain(struct reader *reader, int limit)
{
    const struct ring *ring = &reader->file->reader;
    for (int i = 0; i < limit; i++) {
        int r = frame_read(ring, reader->position, &reader->frame);
        if (r == RING_EMPTY)
            return;
        if (r == 0) {
            take_frame(reader);
            continue;
        }
        assert_int_equal(r, RING_LAPPED);
        reader->lapses++;
        reader->lapped = true;
        if (frame_find(ring, reader->position + 1, &reader->position) != 0)
            return;
    }
}

/* An entry is whole or says that it is not. */
static int check_entries(const struct reader *reader)
{
    int torn = 0;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        struct workload entry;
        int r = ring_table_get(&reader->file->reader, RING_TABLE_WORKLOAD, i, &entry);
        if (r == -EAGAIN) {
            torn++;
            continue;
        }
        assert_int_equal(r, 0);
        struct workload whole;
        memset(&whole, *(char *)&entry, sizeof(whole));
        whole.unit[WORKLOAD_UNIT_MAX - 1] = '\0';
        whole.command[WORKLOAD_COMMAND_MAX - 1] = '\0';
        whole.user[WORKLOAD_USER_MAX - 1] = '\0';
        assert_memory_equal(&entry, &whole, sizeof(entry));
    }
    return torn;
}

/* Whether the slot behind the last published record was touched: the sequence is its first word. */
static bool died_in_frame(const struct ring *ring)
{
    uint64_t head = ring_head(ring);
    const char *slots = (const char *)ring->memory + ring->size - ring->slots * 64;
    uint64_t sequence = 0;
    memcpy(&sequence, slots + head % ring->slots * 64, sizeof(sequence));
    return sequence > 2 * head;
}

static void pause_for(uint64_t ns)
{
    struct timespec time = {.tv_nsec = (long)ns};
    (void)nanosleep(&time, NULL);
}

static void kill_one(struct reader *reader, struct random *random, int dir_fd, uint64_t salt)
{
    uint64_t head = ring_head(&reader->file->reader);
    pid_t child = start_producer(dir_fd, salt);
    if (salt % 4 != 0) { /* every fourth is killed perhaps before it attached */
        while (ring_head(&reader->file->reader) == head && waitpid(child, NULL, WNOHANG) == 0)
            pause_for(10000);
    }
    drain(reader, (int)random_below(random, 50));
    pause_for(random_below(random, DELAY_NS_MAX));
    (void)check_entries(reader);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it had no reason to end by itself */
    reader->deaths_in_frame += died_in_frame(&reader->file->reader);
    reader->deaths_in_entry += check_entries(reader) > 0;
    drain(reader, INT32_MAX);
}

static void finish_in_order(struct reader *reader, int dir_fd)
{
    struct ring_file *last = NULL;
    struct pattern pattern;
    assert_int_equal(ring_file_create_or_attach(&last, dir_fd, SLOTS), 0);
    assert_int_equal(pattern_resume(&last->reader, KILLS + 1, &reader->frame, &pattern), 0);
    for (uint32_t i = 0; i < ENTRIES; i++)
        put_entry(&last->producer, i, 'z');
    pattern_push_frame(&last->producer, &pattern, 10);
    assert_int_equal(check_entries(reader), 0);
    drain(reader, INT32_MAX);
    assert_int_equal(reader->next_number, pattern.frames + 1);
    assert_int_equal(reader->seen_uj + reader->missed_uj, pattern.total_uj);
    ring_file_close(last);
}

static void test_killed_at_any_moment(void **state)
{
    (void)state;
    struct random random = random_begin(__func__, 20260103);
    struct scratch scratch = scratch_new();
    struct reader reader = {.next_number = 1};
    struct ring_file *made = NULL;
    assert_int_equal(ring_file_create_or_attach(&made, scratch.fd, SLOTS), RING_FILE_NEW);
    ring_file_close(made);
    assert_int_equal(ring_file_open(&reader.file, scratch.path), 0);
    for (uint64_t salt = 1; salt <= KILLS; salt++)
        kill_one(&reader, &random, scratch.fd, salt);
    finish_in_order(&reader, scratch.fd);
    printf("kills=%d in_frame=%" PRIu64 " in_entry=%" PRIu64 " frames=%" PRIu64 " lapsed=%" PRIu64
           " seen_uj=%" PRIu64 " missed_uj=%" PRIu64 "\n",
           KILLS, reader.deaths_in_frame, reader.deaths_in_entry, reader.frames, reader.lapses,
           reader.seen_uj, reader.missed_uj);
    assert_true(reader.deaths_in_frame > 0); /* else nothing was tried */
    frame_done(&reader.frame);
    ring_file_close(reader.file);
    scratch_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
