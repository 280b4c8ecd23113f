/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A disk that fails at the worst moment, whichever that is: every write, truncation and sync of a
 * commit is made to fail in turn. */

#include "store_fixture.h"

#include <sqlite3.h>
#include <sys/wait.h>

#include "fault_vfs.h"

/* In a process of its own: closing the file here would drop the locks that SQLite holds on it. */
static void copy_file(const char *from, const char *to)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)execlp("cp", "cp", from, to, NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* The files as they are after a power cut: all that was written (suffix ""), or only what was
 * synced
 * (".synced"). Whole, either before or after. */
static void check_power_cut(const struct fixture *fixture, const char *suffix, uint64_t least_uj,
                            uint64_t most_uj)
{
    struct fixture copy = *fixture;
    char from[128], to[128];
    (void)snprintf(copy.path, sizeof(copy.path), "%s/copy.db", fixture->directory);
    (void)snprintf(from, sizeof(from), "%s%s", fixture->path, suffix);
    copy_file(from, copy.path);
    (void)snprintf(from, sizeof(from), "%s-wal%s", fixture->path, suffix);
    (void)snprintf(to, sizeof(to), "%s-wal", copy.path);
    copy_file(from, to);
    copy.total_uj = (uint64_t)fixture_query(&copy, "SELECT total_uj FROM state");
    assert_true(copy.total_uj == least_uj || copy.total_uj == most_uj);
    fixture_check(&copy);
    assert_int_equal(remove(copy.path), 0);
    assert_int_equal(remove(to), 0);
    (void)snprintf(to, sizeof(to), "%s-shm", copy.path);
    assert_int_equal(remove(to), 0);
}

/* One commit for each n, until an n-th operation does not come any more. */
static void check_all(int error, bool stays, bool torn, int expected)
{
    struct fixture fixture;
    struct batch *batch = batch_new();
    uint64_t n = 0;
    int refused = 0;
    fixture_zone("UTC");
    fixture_begin(&fixture);
    fixture_keep_all(&fixture);
    fault_disk = (struct fault_disk){.keep_synced = true};
    fixture_open(&fixture);
    batch_minutes(batch, NOON, NOON + 60, 1);
    assert_int_equal(fixture_commit(&fixture, batch, NOON), 0);
    int64_t at_s = NOON + DAY;
    do {
        n++;
        batch_clear(batch);
        for (uint32_t w = 0; w < FIXTURE_WORKLOADS; w++)
            batch_energy(batch, at_s, w, w % 3, 1000 + n);
        at_s += DAY;
        uint64_t old_uj = fixture.total_uj;
        fault_disk = (struct fault_disk){
            .fail_at = n, .stays = stays, .torn = torn, .error = error, .keep_synced = true};
        int r = fixture_commit(&fixture, batch, at_s);
        fault_disk.fail_at = 0;
        assert_true(r == 0 || (r == expected && fault_disk.fired));
        fixture_check(&fixture);
        /* Refused, it may still come back; acknowledged, it is there. */
        uint64_t new_uj = old_uj + batch->total_uj;
        check_power_cut(&fixture, "", r < 0 ? old_uj : new_uj, new_uj);
        check_power_cut(&fixture, ".synced", r < 0 ? old_uj : new_uj, new_uj);
        if (r < 0) {
            refused++;
            assert_true(strlen(store_error(fixture.store)) > 0);
            assert_int_equal(fixture_commit(&fixture, batch, at_s), 0);
            fixture_check(&fixture);
        }
        /* A disk that works again: the checkpoint catches up. */
        batch_clear(batch);
        assert_int_equal(fixture_commit(&fixture, batch, at_s), 0);
    } while (fault_disk.fired);
    print_message("%d of %d operations refuse the commit\n", refused, (int)n - 1);
    assert_true(refused > 3 && n > 10);
    fixture_end(&fixture);
    free(batch);
}

static void test_input_output_error(void **state)
{
    (void)state;
    check_all(SQLITE_IOERR_WRITE, false, false, -EIO);
}

static void test_disk_that_stays_broken(void **state)
{
    (void)state;
    check_all(SQLITE_IOERR_FSYNC, true, false, -EIO);
}

static void test_torn_write(void **state)
{
    (void)state;
    check_all(SQLITE_IOERR_WRITE, false, true, -EIO);
}

static void test_full_disk(void **state)
{
    (void)state;
    check_all(SQLITE_FULL, true, true, -ENOSPC);
}

/* Making a new database on a disk that fails: an error, and success when it works again. */
static void test_opening(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct fixture fixture;
        char *aside = NULL;
        fixture_begin(&fixture);
        fault_disk = (struct fault_disk){.fail_at = n, .stays = true, .error = SQLITE_FULL};
        int r = store_open(&fixture.store, &fixture.options, &aside);
        bool fired = fault_disk.fired;
        fault_disk.fail_at = 0;
        assert_true(r == 0 || (r == -ENOSPC && fired));
        fixture_close(&fixture);
        fixture_open(&fixture);
        fixture_check(&fixture);
        fixture_end(&fixture);
        if (!fired)
            break;
    }
}

int main(void)
{
    fault_vfs_register();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input_output_error),
        cmocka_unit_test(test_disk_that_stays_broken),
        cmocka_unit_test(test_torn_write),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
