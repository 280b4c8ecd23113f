/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include "storage/ring_file.h"
#include "support/private_mount.h"
#include "support/ring_pattern.h"
#include "support/scratch.h"

/* A full file system: an error in time, never a SIGBUS. */

enum { SLOTS = RING_SLOTS_MIN };

static struct scratch scratch;

/* Takes all that is left. */
static void fill_up(void)
{
    static const char block[4096] = {1};
    int fd = openat(scratch.fd, "ballast", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof(block)) > 0) {
        /* until there is no more room */
    }
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(close(fd), 0);
}

static int empty(void **state)
{
    (void)state;
    static const char *const names[] = {"ballast", RING_FILE_NAME, RING_FILE_LOCK, "ring.new"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        (void)unlinkat(scratch.fd, names[i], 0);
    return 0;
}

static void assert_gone(const char *name)
{
    struct stat status;
    assert_int_equal(fstatat(scratch.fd, name, &status, 0), -1);
    assert_int_equal(errno, ENOENT);
}

static void test_too_large(void **state)
{
    (void)state;
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, RING_SLOTS_DEFAULT), -ENOSPC);
    assert_null(file);
    assert_gone(RING_FILE_NAME);
    assert_gone("ring.new");
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, SLOTS), RING_FILE_NEW);
    ring_file_close(file);
}

static void write_everything(struct ring *ring)
{
    static const char entry[1024];
    struct pattern pattern = {.salt = 1};
    for (int i = 0; i < 4; i++)
        pattern_push_frame(ring, &pattern, SLOTS / 2);
    for (enum ring_table table = 0; table < RING_TABLES; table++) {
        for (uint32_t i = 0; i < ring_table_count(table); i++)
            assert_int_equal(ring_table_put(ring, table, i, entry), 0);
    }
}

static void test_filled_up_later(void **state)
{
    (void)state;
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, SLOTS), RING_FILE_NEW);
    fill_up();
    write_everything(&file->producer);
    ring_file_close(file);
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, SLOTS), 0);
    write_everything(&file->producer);
    ring_file_close(file);
}

/* Somebody made a hole in the ring, and the room is gone. */
static void test_hole(void **state)
{
    (void)state;
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, SLOTS), RING_FILE_NEW);
    ring_file_close(file);
    file = NULL;
    int fd = openat(scratch.fd, RING_FILE_NAME, O_WRONLY | O_CLOEXEC);
    assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 40960, 40960), 0);
    assert_int_equal(close(fd), 0);
    fill_up();
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, SLOTS), -ENOSPC);
    assert_null(file);
    assert_int_equal(unlinkat(scratch.fd, "ballast", 0), 0);
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, SLOTS), 0);
    fill_up();
    write_everything(&file->producer);
    ring_file_close(file);
}

/* No room for a new ring beside the old one: the old one stays. */
static void test_no_room_to_replace(void **state)
{
    (void)state;
    struct ring_file *file = NULL;
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, SLOTS), RING_FILE_NEW);
    struct pattern pattern = {.salt = 2};
    pattern_push_frame(&file->producer, &pattern, 10);
    ring_file_close(file);
    file = NULL;
    fill_up();
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, (uint64_t)2 * SLOTS), -ENOSPC);
    assert_null(file);
    assert_gone("ring.new");
    assert_int_equal(ring_file_create_or_attach(&file, scratch.fd, SLOTS), 0);
    assert_int_equal(file->producer.head, 10);
    ring_file_close(file);
}

int main(void)
{
    struct scratch mountpoint = scratch_new();
    if (!private_mount(mountpoint.path, "2m")) {
        scratch_done(&mountpoint);
        return 77;
    }
    scratch = mountpoint;
    scratch.fd = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_too_large, empty),
        cmocka_unit_test_setup(test_filled_up_later, empty),
        cmocka_unit_test_setup(test_hole, empty),
        cmocka_unit_test_setup(test_no_room_to_replace, empty),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)close(scratch.fd);
    (void)umount2(scratch.path, MNT_DETACH);
    scratch_done(&mountpoint);
    return failed;
}
