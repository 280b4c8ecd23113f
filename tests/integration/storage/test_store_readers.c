/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A member of the readers' group, without the right to write anything: while the daemon runs, after
 * it stopped, after it was killed, and on copies. Needs root, to become someone else. */

#include "store_fixture.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "storage/database.h"

enum { NOBODY = 65534 };

static int add(void *userdata, const struct store_usage *usage)
{
    *(uint64_t *)userdata += usage->energy_uj;
    return 0;
}

static int read_total(const char *path, uint64_t *ret_uj)
{
    struct store_reader *reader = NULL;
    struct store_period period;
    uint64_t total_uj = 0;
    int r = store_reader_open(&reader, path);
    if (r == 0)
        r = store_reader_period(reader, INT64_MIN, INT64_MAX, &period);
    if (r == 0)
        r = store_reader_usage(reader, &period, STORE_BY_DAY, add, &total_uj);
    if (r == 0)
        *ret_uj = total_uj;
    (void)store_reader_close(reader);
    return r;
}

/* Reads as nobody, in a process of its own. The exit status: 0 as expected, else an errno. */
static int read_as_nobody(const char *path, uint64_t expected_uj)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint64_t total_uj = 0;
        if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
            _exit(200);
        int r = read_total(path, &total_uj);
        _exit(r < 0 ? -r : r > 0 ? 201 : total_uj == expected_uj ? 0 : 202);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Gives what is there to the group of readers, as the unit's Group= does. */
static void give_to_readers(const struct fixture *fixture)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[128];
    assert_int_equal(chown(fixture->directory, 0, NOBODY), 0);
    assert_int_equal(chmod(fixture->directory, 0750), 0);
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", fixture->path, suffixes[i]);
        assert_true(chown(path, 0, NOBODY) == 0 || errno == ENOENT);
    }
}

static int begin(void **state)
{
    (void)fixture_setup(state);
    fixture_open_hour(*state);
    give_to_readers(*state);
    return 0;
}

/* A writer that dies with a transaction in the -wal that no checkpoint has seen. */
static void kill_writer(const struct fixture *fixture)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        sqlite3 *db = NULL;
        int persist = 1;
        if (database_open(&db, fixture->path, SQLITE_OPEN_READWRITE, "") < 0)
            _exit(1);
        (void)sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
        if (database_exec(db, "UPDATE day_energy SET energy_uj = energy_uj + 7") < 0)
            _exit(2);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void copy_to(const struct fixture *fixture, const char *directory, const char *suffix)
{
    char command[512];
    (void)snprintf(command, sizeof(command), "cp '%s%s' '%s/'", fixture->path, suffix, directory);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): paths are ours */
}

static void test_while_it_runs(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    assert_int_equal(read_as_nobody(fixture->path, 60000), 0);
    batch_minutes(batch, NOON + 3600, NOON + 3660, 5);
    assert_int_equal(fixture_commit(fixture, batch, NOON + 3660), 0);
    assert_int_equal(read_as_nobody(fixture->path, 60005), 0);
    free(batch);
}

static void test_after_it_stopped(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    assert_int_equal(read_as_nobody(fixture->path, 60000), 0);
    /* Reading leaves nothing that keeps the next daemon from starting. */
    fixture_open(fixture);
    fixture_check(fixture);
}

static void test_after_it_was_killed(void **state)
{
    struct fixture *fixture = *state;
    fixture_close(fixture);
    kill_writer(fixture);
    assert_int_equal(read_as_nobody(fixture->path, 60007), 0);
}

static void test_copies(void **state)
{
    struct fixture *fixture = *state;
    char directory[80], path[96];
    (void)snprintf(directory, sizeof(directory), "%s/copy", fixture->directory);
    (void)snprintf(path, sizeof(path), "%s/greend.db", directory);
    assert_int_equal(mkdir(directory, 0755), 0);
    fixture_close(fixture);
    /* The file alone, where nobody may write. */
    copy_to(fixture, directory, "");
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(read_as_nobody(path, 60000), 0);
    /* And where one may. */
    uint64_t total_uj = 0;
    assert_int_equal(read_total(path, &total_uj), 0);
    assert_int_equal(total_uj, 60000);
}

/* All three files of a killed daemon, on media that cannot be written. */
static void test_read_only_media(void **state)
{
    struct fixture *fixture = *state;
    char directory[80], path[96];
    uint64_t total_uj = 0;
    (void)snprintf(directory, sizeof(directory), "%s/media", fixture->directory);
    (void)snprintf(path, sizeof(path), "%s/greend.db", directory);
    assert_int_equal(mkdir(directory, 0755), 0);
    assert_int_equal(mount("tmpfs", directory, "tmpfs", 0, "size=4m,mode=755"), 0);
    fixture_close(fixture);
    kill_writer(fixture);
    copy_to(fixture, directory, "");
    copy_to(fixture, directory, "-wal");
    assert_int_equal(mount(NULL, directory, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    /* Without the -shm the -wal cannot be read there, and its joules must not be dropped silently.
     */
    assert_int_equal(read_total(path, &total_uj), -EROFS);
    assert_int_equal(mount(NULL, directory, NULL, MS_REMOUNT, NULL), 0);
    copy_to(fixture, directory, "-shm");
    assert_int_equal(mount(NULL, directory, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    assert_int_equal(read_total(path, &total_uj), 0);
    assert_int_equal(total_uj, 60007);
    assert_int_equal(umount(directory), 0);
}

static void test_no_right_to_read(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(chmod(fixture->path, 0600), 0);
    assert_int_equal(read_as_nobody(fixture->path, 60000), EACCES);
    assert_int_equal(chmod(fixture->directory, 0700), 0);
    assert_int_equal(read_as_nobody(fixture->path, 60000), EACCES);
}

int main(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        printf("skipped: needs root, to read as another user and to mount a read-only disk\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_while_it_runs, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_after_it_stopped, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_after_it_was_killed, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_copies, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_read_only_media, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_no_right_to_read, begin, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
