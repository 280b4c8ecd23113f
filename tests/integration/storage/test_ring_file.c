/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include "storage/ring_file.h"
#include "support/ring_pattern.h"
#include "support/scratch.h"

enum { SLOTS = RING_SLOTS_MIN, OTHER_SLOTS = 2 * RING_SLOTS_MIN, NOBODY = 65534 };

/* Offset of the version in the header, the same in all versions. */
static const off_t VERSION_OFFSET = 8;

static struct ring_file *produce(const struct scratch *scratch, uint64_t slots, int expected)
{
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_create_or_attach(&file, scratch->fd, slots), expected);
    return file;
}

static struct ring_file *open_reader(const struct scratch *scratch)
{
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_open(&file, scratch->path), 0);
    return file;
}

static void assert_frame(const struct ring *ring, uint64_t position, uint64_t number)
{
    struct frame frame = {0};
    uint64_t energy_uj = 0;
    assert_int_equal(frame_read(ring, position, &frame), 0);
    assert_int_equal(frame.records[0].frame.number, number);
    assert_true(pattern_matches(&frame, &energy_uj));
    frame_done(&frame);
}

static void assert_no_file(const struct scratch *scratch, const char *name)
{
    struct stat status;
    assert_int_equal(fstatat(scratch->fd, name, &status, AT_SYMLINK_NOFOLLOW), -1);
    assert_int_equal(errno, ENOENT);
}

static void overwrite(const struct scratch *scratch, off_t offset, uint64_t word)
{
    int fd = openat(scratch->fd, RING_FILE_NAME, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &word, sizeof(word), offset), sizeof(word));
    assert_int_equal(close(fd), 0);
}

/* ---- One ring, one producer ---- */

static void test_goes_on(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct pattern pattern = {.salt = 1};
    uint8_t id[RING_ID_SIZE];
    uint8_t same[RING_ID_SIZE];
    struct ring_file *first = produce(&scratch, SLOTS, RING_FILE_NEW);
    ring_id(&first->reader, id);
    pattern_push_frame(&first->producer, &pattern, 10);
    assert_frame(&first->reader, 0, 1);
    assert_null(ring_file_close(first));

    struct ring_file *second = produce(&scratch, SLOTS, 0);
    ring_id(&second->reader, same);
    assert_memory_equal(id, same, sizeof(id));
    assert_int_equal(second->producer.head, 10);
    pattern_push_frame(&second->producer, &pattern, 10);
    struct ring_file *reader = open_reader(&scratch);
    assert_null(reader->producer.memory);
    assert_frame(&reader->reader, 0, 1);
    assert_frame(&reader->reader, 10, 2);
    ring_file_close(reader);
    ring_file_close(second);
    assert_null(ring_file_close(NULL));

    struct scratch elsewhere = scratch_new();
    struct ring_file *other = produce(&elsewhere, SLOTS, RING_FILE_NEW);
    ring_id(&other->reader, same);
    assert_memory_not_equal(id, same, sizeof(id));
    ring_file_close(other);
    scratch_done(&elsewhere);
    scratch_done(&scratch);
}

static void test_two_producers(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct ring_file *first = produce(&scratch, SLOTS, RING_FILE_NEW);
    assert_null(produce(&scratch, SLOTS, -EBUSY));
    assert_null(produce(&scratch, OTHER_SLOTS, -EBUSY));
    struct ring_file *reader = open_reader(&scratch); /* does not keep a producer out */
    ring_file_close(first);
    ring_file_close(produce(&scratch, SLOTS, 0));
    ring_file_close(reader);
    scratch_done(&scratch);
}

static void test_modes(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    mode_t before = umask(0077);
    ring_file_close(produce(&scratch, SLOTS, RING_FILE_NEW));
    (void)umask(before);
    struct stat status;
    assert_int_equal(fstatat(scratch.fd, RING_FILE_NAME, &status, 0), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0640);
    assert_int_equal(status.st_size, ring_memory_size(SLOTS));
    assert_true(status.st_blocks * 512 >= status.st_size);
    assert_int_equal(fstatat(scratch.fd, RING_FILE_LOCK, &status, 0), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0600);
    assert_no_file(&scratch, "ring.new");
    scratch_done(&scratch);
}

/* The daemon's own readers cannot damage the ring, not even by mistake. */
static void test_reader_view_is_read_only(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct ring_file *file = produce(&scratch, SLOTS, RING_FILE_NEW);
    assert_ptr_not_equal(file->reader.memory, file->producer.memory);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL);
        *(volatile char *)file->reader.memory = 0;
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    ring_file_close(file);
    scratch_done(&scratch);
}

/* ---- What cannot go on is replaced, under the eyes of its readers ---- */

/* Runs damage() on a closed ring, then a new producer, while a reader has the old ring open. */
static void check_replaced(void (*damage)(const struct scratch *scratch), uint64_t slots)
{
    struct scratch scratch = scratch_new();
    struct pattern pattern = {.salt = 2};
    struct ring_file *old = produce(&scratch, SLOTS, RING_FILE_NEW);
    pattern_push_frame(&old->producer, &pattern, 10);
    pattern_push_frame(&old->producer, &pattern, 10);
    struct ring_file *reader = open_reader(&scratch);
    ring_file_close(old);
    if (damage)
        damage(&scratch);

    struct ring_file *new = produce(&scratch, slots, RING_FILE_REPLACED);
    assert_int_equal(ring_head(&new->reader), 0);
    assert_no_file(&scratch, "ring.new");
    pattern_push_frame(&new->producer, &pattern, 20);
    assert_frame(&reader->reader, 10, 2); /* still the old ring, untouched */
    struct ring_file *next = open_reader(&scratch);
    assert_frame(&next->reader, 0, 3);
    ring_file_close(next);
    ring_file_close(reader);
    ring_file_close(new);
    ring_file_close(produce(&scratch, slots, 0));
    scratch_done(&scratch);
}

static void damage_version(const struct scratch *scratch)
{
    overwrite(scratch, VERSION_OFFSET, RING_VERSION + 1);
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_open(&file, scratch->path), -EPROTONOSUPPORT);
}

static void damage_magic(const struct scratch *scratch)
{
    overwrite(scratch, 0, 0);
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_open(&file, scratch->path), -EBADMSG);
}

/* Only the producer's closer look sees it. */
static void damage_slot(const struct scratch *scratch)
{
    overwrite(scratch, (off_t)ring_memory_size(SLOTS) - 64, 12345);
    ring_file_close(open_reader(scratch));
}

static void damage_owner(const struct scratch *scratch)
{
    assert_int_equal(fchownat(scratch->fd, RING_FILE_NAME, NOBODY, NOBODY, 0), 0);
}

static void test_replaced(void **state)
{
    (void)state;
    check_replaced(NULL, OTHER_SLOTS);
    check_replaced(damage_version, SLOTS);
    check_replaced(damage_magic, SLOTS);
    check_replaced(damage_slot, SLOTS);
    if (geteuid() == 0)
        check_replaced(damage_owner, SLOTS);
}

static void test_truncated(void **state)
{
    (void)state;
    static const off_t sizes[] = {0, 1, 64, 192, 4096, 900000};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct scratch scratch = scratch_new();
        ring_file_close(produce(&scratch, SLOTS, RING_FILE_NEW));
        int fd = openat(scratch.fd, RING_FILE_NAME, O_WRONLY | O_CLOEXEC);
        assert_int_equal(ftruncate(fd, sizes[i]), 0);
        assert_int_equal(close(fd), 0);
        struct ring_file *file = NULL;
        assert_int_equal(ring_file_open(&file, scratch.path), -EBADMSG);
        assert_null(file);
        ring_file_close(produce(&scratch, SLOTS, RING_FILE_REPLACED));
        scratch_done(&scratch);
    }
}

/* ---- What is no file at all ---- */

static void test_symbolic_link(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct scratch target = scratch_new();
    ring_file_close(produce(&target, SLOTS, RING_FILE_NEW));
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", target.path, RING_FILE_NAME);
    assert_int_equal(symlinkat(path, scratch.fd, RING_FILE_NAME), 0);
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_open(&file, scratch.path), -EBADMSG);

    file = produce(&scratch, SLOTS, RING_FILE_REPLACED);
    struct pattern pattern = {.salt = 3};
    pattern_push_frame(&file->producer, &pattern, 10);
    ring_file_close(file);
    struct ring_file *untouched = open_reader(&target);
    assert_int_equal(ring_head(&untouched->reader), 0);
    ring_file_close(untouched);
    scratch_done(&target);
    scratch_done(&scratch);
}

static void test_linked_lock(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    assert_int_equal(symlinkat("victim", scratch.fd, RING_FILE_LOCK), 0);
    assert_null(produce(&scratch, SLOTS, -ELOOP));
    assert_no_file(&scratch, "victim");
    scratch_done(&scratch);
}

static void test_fifo_and_directory(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct ring_file *file = NULL;
    assert_int_equal(mkfifoat(scratch.fd, RING_FILE_NAME, 0640), 0);
    assert_int_equal(ring_file_open(&file, scratch.path), -EBADMSG); /* and does not wait */
    ring_file_close(produce(&scratch, SLOTS, RING_FILE_REPLACED));

    assert_int_equal(unlinkat(scratch.fd, RING_FILE_NAME, 0), 0);
    assert_int_equal(mkdirat(scratch.fd, RING_FILE_NAME, 0750), 0);
    assert_int_equal(ring_file_open(&file, scratch.path), -EBADMSG);
    assert_null(produce(&scratch, SLOTS, -EISDIR));
    assert_no_file(&scratch, "ring.new");
    scratch_done(&scratch);
}

static void test_leftover_of_a_dead_maker(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    int fd = openat(scratch.fd, "ring.new", O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    assert_int_equal(close(fd), 0);
    ring_file_close(produce(&scratch, SLOTS, RING_FILE_NEW));
    assert_no_file(&scratch, "ring.new");
    scratch_done(&scratch);
}

static void test_arguments(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct ring_file *file = NULL;
    assert_null(produce(&scratch, 0, -EINVAL));
    assert_null(produce(&scratch, SLOTS + 1, -EINVAL));
    assert_no_file(&scratch, RING_FILE_LOCK);
    assert_int_equal(ring_file_open(&file, scratch.path), -ENOENT);
    assert_int_equal(ring_file_open(&file, "/nonexistent"), -ENOENT);
    assert_null(file);
    scratch_done(&scratch);
}

static void open_as_nobody(const char *path)
{
    struct ring_file *file = NULL;
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        _exit(100);
    _exit(ring_file_open(&file, path) == -EACCES ? 0 : 1);
}

static void test_no_right_to_read(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    ring_file_close(produce(&scratch, SLOTS, RING_FILE_NEW));
    assert_int_equal(fchmod(scratch.fd, 0755), 0);
    assert_int_equal(fchmodat(scratch.fd, RING_FILE_NAME, 0200, 0), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        open_as_nobody(scratch.path);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    scratch_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_two_producers),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_reader_view_is_read_only),
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_symbolic_link),
        cmocka_unit_test(test_linked_lock),
        cmocka_unit_test(test_fifo_and_directory),
        cmocka_unit_test(test_leftover_of_a_dead_maker),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_no_right_to_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
