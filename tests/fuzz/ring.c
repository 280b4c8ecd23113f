/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* A ring file that someone scribbled on. The input says which words of a sound one are changed, and
 * whether the file is cut; a reader that is mapped to it must come to an end, see each frame once
 * at most and never leave the memory; a producer must take it over as sound, or make a new one. */
#include "fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "storage/ring_file.h"
#include "support/ring_pattern.h"
#include "support/scratch.h"

#define SLOTS ((uint64_t)RING_SLOTS_MIN)

enum { HEAD_AT = 128, NEWEST_AT = 136, FRAMES = 300, HEADER_WORDS = 24 };

static struct {
    struct scratch scratch;
    size_t size;
    char *sound;   /* the bytes of a ring as a producer leaves it */
    char *damaged; /* as the input wants it; ends where a page begins that nobody may read */
} world;

static struct scratch *to_remove;

static void remove_scratch(void)
{
    scratch_done(to_remove);
}

static void fill(struct ring *ring)
{
    static const uint8_t id[RING_ID_SIZE] = "0123456789abcde";
    struct pattern pattern = {.salt = 9};
    struct workload workload = {1, WORKLOAD_SERVICE, "nginx.service", "nginx", "www-data", 0};
    struct ring_domain_entry domain = {"package-0", DOMAIN_PACKAGE, SOURCE_RAPL, 1, 0};
    REQUIRE(ring_format(ring, world.sound, world.size, SLOTS, id) == 0);
    REQUIRE(ring_table_put(ring, RING_TABLE_WORKLOAD, 4, &workload) == 0 &&
            ring_table_put(ring, RING_TABLE_DOMAIN, 0, &domain) == 0);
    for (uint32_t i = 0; i < FRAMES; i++)
        pattern_push_frame(ring, &pattern, 2 + i % 17);
}

static void begin(void)
{
    struct ring ring;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    world.scratch = scratch_new();
    to_remove = &world.scratch;
    (void)atexit(remove_scratch);
    world.size = ring_memory_size(SLOTS);
    size_t room = (world.size + page - 1) / page * page;
    world.sound = aligned_alloc(64, world.size);
    char *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(world.sound && map != MAP_FAILED && mprotect(map + room, page, PROT_NONE) == 0);
    world.damaged = map + room - world.size;
    memset(world.sound, 0, world.size);
    fill(&ring);
    memcpy(world.damaged, world.sound, world.size);
}

/* ---- Damage ---- */

static size_t slot_at(uint64_t position)
{
    return world.size - (size_t)(SLOTS - position % SLOTS) * 64;
}

/* One change; answers where it is. */
static size_t damage(struct fuzz_input *input)
{
    size_t at = 0;
    uint64_t word = 0;
    unsigned what = (unsigned)fuzz_take(input, 1);
    switch (what % 5) {
    case 0: /* a word anywhere */
        at = fuzz_take_size(input, 3) % (world.size / 8) * 8;
        word = fuzz_take(input, 8);
        break;
    case 1: /* a sequence that is nearly right */
        at = slot_at(fuzz_take(input, 2));
        memcpy(&word, world.damaged + at, sizeof(word));
        word += fuzz_take(input, 1) - 8;
        break;
    case 2: /* a record that claims to begin a frame of some length */
        at = slot_at(fuzz_take(input, 2)) + 8;
        word = RING_FRAME | fuzz_take(input, 2) << 32;
        break;
    case 3: /* head or newest */
        at = what & 0x80 ? HEAD_AT : NEWEST_AT;
        memcpy(&word, world.damaged + at, sizeof(word));
        word = what & 0x40 ? fuzz_take(input, 8) : word + fuzz_take(input, 2) - 0x8000;
        break;
    default: /* the header */
        at = fuzz_take_size(input, 1) % HEADER_WORDS * 8;
        word = fuzz_take(input, 8);
    }
    memcpy(world.damaged + at, &word, sizeof(word));
    return at;
}

/* ---- Reading ---- */

static void read_tables(const struct ring *ring)
{
    for (enum ring_table table = 0; table < RING_TABLES; table++) {
        for (uint32_t i = 0; i < ring_table_count(table) && i < 8; i++) {
            struct ring_status entry; /* the largest */
            memset(&entry, 0, sizeof(entry));
            int r = ring_table_get(ring, table, i, &entry);
            REQUIRE(r == 0 || r == -EAGAIN);
            if (table == RING_TABLE_STATUS)
                REQUIRE(memchr(entry.why, '\0', sizeof(entry.why)) &&
                        memchr(entry.mend, '\0', sizeof(entry.mend)));
        }
        REQUIRE(ring_table_get(ring, table, ring_table_count(table), NULL) == -ERANGE);
    }
}

static void read_everything(const struct ring *ring)
{
    struct frame frame = {0};
    uint64_t position = 0, steps = 0;
    if (frame_newest(ring, &position) == 0)
        (void)frame_read(ring, position, &frame);
    for (int r = frame_oldest(ring, &position); r == 0;) {
        uint64_t next = position + 1;
        r = frame_read(ring, position, &frame);
        REQUIRE(r == 0 || r == RING_EMPTY || r == RING_LAPPED || r == -EBADMSG);
        if (r == 0) {
            next = frame.next;
            REQUIRE(frame.count >= 2 && frame.count <= ring->slots / 2 &&
                    frame.position == position && next == position + frame.count);
            REQUIRE(frame.records[0].type == RING_FRAME && frame.records[1].type == RING_HOST);
            for (size_t i = 2; i < frame.count; i++)
                REQUIRE(frame.records[i].type != RING_FRAME);
        }
        REQUIRE(next > position && ++steps <= SLOTS);
        r = frame_find(ring, next, &position);
        REQUIRE(r != 0 || position >= next);
    }
    frame_done(&frame);
    read_tables(ring);
}

/* Whoever produces next is believed by readers. */
static void go_on(struct ring *producer, const struct ring *reader)
{
    struct frame frame = {0};
    struct pattern pattern = {.salt = 77};
    uint64_t position = producer->head, newest = 0, energy_uj = 0;
    pattern_push_frame(producer, &pattern, 7);
    REQUIRE(frame_read(reader, position, &frame) == 0 && pattern_matches(&frame, &energy_uj));
    REQUIRE(frame_newest(reader, &newest) == 0 && newest == position);
    frame_done(&frame);
}

static void in_memory(void)
{
    struct ring ring;
    int r = ring_attach(&ring, world.damaged, world.size);
    REQUIRE(r == 0 || r == -EBADMSG || r == -EPROTONOSUPPORT);
    if (r != 0)
        return;
    read_everything(&ring);
    (void)ring_verify(&ring);
}

static void in_file(size_t size)
{
    struct ring_file *file = NULL;
    int fd = openat(world.scratch.fd, RING_FILE_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    REQUIRE(fd >= 0 && pwrite(fd, world.damaged, MIN(size, world.size), 0) >= 0 &&
            ftruncate(fd, (off_t)size) == 0);
    (void)close(fd);
    int r = ring_file_open(&file, world.scratch.path);
    REQUIRE(r == 0 || r == -EBADMSG || r == -EPROTONOSUPPORT);
    REQUIRE(r != 0 || size == world.size);
    if (r == 0)
        read_everything(&file->reader);
    file = ring_file_close(file);
    r = ring_file_create_or_attach(&file, world.scratch.fd, SLOTS);
    REQUIRE(r == 0 || r == RING_FILE_REPLACED);
    go_on(&file->producer, &file->reader);
    (void)ring_file_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { CHANGES_MAX = 64 };
    size_t changed[CHANGES_MAX], n = 0;
    struct fuzz_input input = {data, size};
    if (!world.sound)
        begin();
    unsigned how = (unsigned)fuzz_take(&input, 1);
    size_t cut = fuzz_take_size(&input, 3);
    while (input.left > 0 && n < CHANGES_MAX)
        changed[n++] = damage(&input);
    in_memory();
    if (how % 8 == 0)
        in_file(how & 0x80 ? cut : world.size);
    while (n-- > 0)
        memcpy(world.damaged + changed[n], world.sound + changed[n], 8);
    return 0;
}
