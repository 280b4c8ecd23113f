/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Backups: whole while the daemon writes, checked, never in the place of another file, and what is
 * restored from one goes on. */

#include "store_fixture.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "storage/reader/store_copy.h"

struct state {
    struct fixture fixture;
    struct batch *batch;
    char target[160];
};

static int begin(void **state)
{
    struct state *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    fixture_begin(&s->fixture);
    fixture_open(&s->fixture);
    s->batch = batch_new();
    (void)snprintf(s->target, sizeof(s->target), "%s/copy.db", s->fixture.directory);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct state *s = *state;
    (void)unlink(s->target);
    fixture_end(&s->fixture);
    free(s->batch);
    free(s);
    return 0;
}

static void commit(struct state *s, int64_t since_s)
{
    batch_clear(s->batch);
    batch_minutes(s->batch, since_s, since_s + 10 * MINUTE, 1234567);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, since_s + 10 * MINUTE), 0);
}

static int64_t ask(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return value;
}

/* No file under another name is left, and no copy where none could be made. */
static void check_left_overs(const struct state *s, bool copied)
{
    char name[256];
    (void)snprintf(name, sizeof(name), "%s.%ld.new", s->target, (long)getpid());
    struct stat status;
    assert_int_equal(stat(name, &status), -1);
    assert_int_equal(stat(s->target, &status), copied ? 0 : -1);
}

static void test_while_it_is_written(void **state)
{
    struct state *s = *state;
    struct store_copy copy;
    struct stat status;
    commit(s, NOON);
    uint64_t before_uj = s->fixture.total_uj;
    assert_int_equal(store_copy(s->fixture.path, s->target, &copy), 0);
    assert_int_equal(stat(s->target, &status), 0);
    assert_int_equal(copy.bytes, status.st_size);
    assert_int_equal(status.st_mode & 07777 & ~0640, 0);
    commit(s, NOON + HOUR); /* nobody is locked out, and the copy is of before */
    assert_true(s->fixture.total_uj > before_uj);
    static const char sum[] = "SELECT sum(energy_uj) FROM minute_energy";
    assert_int_equal(ask(s->target, sum), before_uj);
    assert_int_equal(ask(s->target, "SELECT total_uj FROM state"), before_uj);
    assert_int_equal(ask(s->target, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    assert_int_equal(ask(s->target, "PRAGMA application_id"), 0x67726E64);
    check_left_overs(s, true);
}

/* What was committed and not yet moved out of the -wal is in it; and it needs no -wal itself. */
static void test_a_file_of_its_own(void **state)
{
    struct state *s = *state;
    struct store_copy copy;
    char name[200];
    struct stat status;
    commit(s, NOON);
    assert_int_equal(store_copy(s->fixture.path, s->target, &copy), 0);
    unsigned char header[20] = {0};
    int fd = open(s->target, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, header, sizeof(header)), sizeof(header));
    (void)close(fd);
    assert_int_equal(header[18], 1); /* 2: in WAL mode */
    assert_int_equal(header[19], 1);
    (void)snprintf(name, sizeof(name), "%s-wal", s->target);
    assert_int_equal(stat(name, &status), -1);
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open(&reader, s->target), 0);
    (void)store_reader_close(reader);
}

static void test_restored(void **state)
{
    struct state *s = *state;
    struct store_copy copy;
    commit(s, NOON);
    uint64_t kept_uj = s->fixture.total_uj;
    assert_int_equal(store_copy(s->fixture.path, s->target, &copy), 0);
    commit(s, NOON + HOUR);
    fixture_close(&s->fixture);
    char name[200];
    (void)snprintf(name, sizeof(name), "%s-wal", s->fixture.path);
    (void)unlink(name); /* it belongs to the other file */
    assert_int_equal(rename(s->target, s->fixture.path), 0);
    s->fixture.total_uj = kept_uj;
    fixture_open(&s->fixture);
    fixture_check(&s->fixture);
    commit(s, NOON + 2 * HOUR);
    fixture_check(&s->fixture);
}

static void test_never_over_a_file(void **state)
{
    struct state *s = *state;
    struct store_copy copy;
    commit(s, NOON);
    assert_int_equal(store_copy(s->fixture.path, s->fixture.path, &copy), -EEXIST);
    assert_true(copy.target_failed);
    fixture_check(&s->fixture);
    assert_int_equal(symlink("/nowhere", s->target), 0);
    assert_int_equal(store_copy(s->fixture.path, s->target, &copy), -EEXIST);
    assert_int_equal(unlink(s->target), 0);
    check_left_overs(s, false);
}

static void test_what_cannot_be(void **state)
{
    struct state *s = *state;
    struct store_copy copy;
    commit(s, NOON);
    assert_int_equal(store_copy("/nonexistent/greend.db", s->target, &copy), -ENOENT);
    assert_false(copy.target_failed);
    assert_int_equal(store_copy(s->fixture.path, "/nonexistent/copy.db", &copy), -ENOENT);
    assert_true(copy.target_failed);
    assert_int_equal(store_copy(s->fixture.path, s->fixture.directory, &copy), -EEXIST);
    check_left_overs(s, false);
}

/* A history with a damaged page is no backup: it is said, and nothing is left that looks like one.
 */
static void test_damaged(void **state)
{
    struct state *s = *state;
    struct store_copy copy;
    commit(s, NOON);
    fixture_close(&s->fixture);
    struct stat status;
    assert_int_equal(stat(s->fixture.path, &status), 0);
    int fd = open(s->fixture.path, O_WRONLY | O_CLOEXEC);
    static const char garbage[4096] = {'\xff', '\xff', '\xff', '\xff', '\xff', '\xff'};
    assert_int_equal(pwrite(fd, garbage, sizeof(garbage), status.st_size - 4096), 4096);
    (void)close(fd);
    assert_int_equal(store_copy(s->fixture.path, s->target, &copy), -EUCLEAN);
    assert_false(copy.target_failed);
    check_left_overs(s, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_while_it_is_written, begin, end),
        cmocka_unit_test_setup_teardown(test_a_file_of_its_own, begin, end),
        cmocka_unit_test_setup_teardown(test_restored, begin, end),
        cmocka_unit_test_setup_teardown(test_never_over_a_file, begin, end),
        cmocka_unit_test_setup_teardown(test_what_cannot_be, begin, end),
        cmocka_unit_test_setup_teardown(test_damaged, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
