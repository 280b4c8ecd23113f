/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A disk that is really full: a small tmpfs of its own. Needs the right to mount. */

#include "store_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

static void fill_disk(const char *path)
{
    static const char zeros[4096];
    CLEANUP(close_fd_p) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, zeros, sizeof(zeros)) > 0)
        ;
    assert_int_equal(errno, ENOSPC);
}

static void begin(struct fixture *fixture, char filler[96])
{
    fixture_zone("UTC");
    fixture_begin(fixture);
    assert_int_equal(mount("tmpfs", fixture->directory, "tmpfs", 0, "size=2m"), 0);
    (void)snprintf(filler, 96, "%s/filler", fixture->directory);
}

static void end(struct fixture *fixture)
{
    fixture_close(fixture);
    assert_int_equal(umount(fixture->directory), 0);
    fixture_end(fixture);
}

static void test_commit(void **state)
{
    (void)state;
    struct fixture fixture;
    struct batch *batch = batch_new();
    char filler[96];
    begin(&fixture, filler);
    fixture_open(&fixture);
    batch_minutes(batch, NOON, NOON + 60, 1000);
    assert_int_equal(fixture_commit(&fixture, batch, NOON), 0);
    fill_disk(filler);
    batch_clear(batch);
    batch_minutes(batch, NOON, NOON + 1000 * MINUTE, 1000);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fixture_commit(&fixture, batch, NOON), -ENOSPC);
        assert_string_equal(store_error(fixture.store), "database or disk is full");
        fixture_check(&fixture);
    }
    assert_int_equal(unlink(filler), 0);
    assert_int_equal(fixture_commit(&fixture, batch, NOON), 0);
    fixture_check(&fixture);
    /* Full again: an orderly stop and another start work, and what was committed is there. */
    fill_disk(filler);
    fixture_close(&fixture);
    assert_int_equal(unlink(filler), 0);
    fixture_open(&fixture);
    fixture_check(&fixture);
    end(&fixture);
    free(batch);
}

/* What stands in the -wal moves into the file and leaves its room to the next try: on a full disk
 * history goes on where no more pages are needed. */
static void test_room_in_the_wal(void **state)
{
    (void)state;
    struct fixture fixture;
    struct batch *batch = batch_new();
    char filler[96];
    begin(&fixture, filler);
    fixture_open(&fixture);
    for (int i = 0; i < 5; i++) {
        batch_clear(batch);
        batch_minutes(batch, NOON, NOON + 60, 1000);
        assert_int_equal(fixture_commit(&fixture, batch, NOON), 0);
    }
    fill_disk(filler);
    int refused = 0;
    for (int i = 0; i < 20; i++) {
        int r = fixture_commit(&fixture, batch, NOON);
        assert_true(r == 0 || r == -ENOSPC);
        refused += r < 0;
        fixture_check(&fixture);
    }
    assert_in_range(refused, 1, 6);
    end(&fixture);
    free(batch);
}

static void test_open(void **state)
{
    (void)state;
    struct fixture fixture;
    char *aside = NULL, filler[96];
    begin(&fixture, filler);
    fill_disk(filler);
    assert_int_equal(store_open(&fixture.store, &fixture.options, &aside), -ENOSPC);
    assert_null(fixture.store);
    assert_int_equal(unlink(filler), 0);
    fixture_open(&fixture);
    end(&fixture);
}

int main(void)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        printf("skipped: no right to a mount namespace of its own (%s)\n", strerror(errno));
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commit),
        cmocka_unit_test(test_room_in_the_wal),
        cmocka_unit_test(test_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
