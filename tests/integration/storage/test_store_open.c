/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Whatever stands where the database should be. */

#include "store_fixture.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "storage/schema/schema.h"

/* A database with an hour in it, closed. */
static void make_history(struct fixture *fixture)
{
    fixture_open_hour(fixture);
    fixture_close(fixture);
}

/* It works: a batch goes in and comes out. */
static void check_works(struct fixture *fixture)
{
    struct batch *batch = batch_new();
    fixture->total_uj = 0;
    batch_minutes(batch, NOON, NOON + 60, 5);
    assert_int_equal(fixture_commit(fixture, batch, NOON + 60), 0);
    fixture_check(fixture);
    free(batch);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static char *read_file(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    char *bytes = malloc(1 << 20);
    assert_non_null(bytes);
    *ret_length = fread(bytes, 1, 1 << 20, file);
    (void)fclose(file);
    return bytes;
}

static void write_at(const char *path, off_t offset, const void *bytes, size_t length)
{
    CLEANUP(close_fd_p) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, length, offset), length);
}

/* Leaves what was written in the -wal, as a killed process does. */
static void close_without_checkpoint(sqlite3 **db)
{
    int persist = 1;
    (void)sqlite3_file_control(*db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    (void)sqlite3_db_config(*db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    database_close_p(db);
}

static mode_t mode_of(const struct fixture *fixture, const char *suffix)
{
    char path[128];
    struct stat status;
    (void)snprintf(path, sizeof(path), "%s%s", fixture->path, suffix);
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void check_modes(const struct fixture *fixture)
{
    assert_int_equal(mode_of(fixture, ""), 0640);
    assert_int_equal(mode_of(fixture, "-wal"), 0640);
    assert_int_equal(mode_of(fixture, "-shm"), 0640);
}

static void test_modes(void **state)
{
    struct fixture *fixture = *state;
    static const mode_t masks[] = {0, 022, 027, 077};
    for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
        mode_t old = umask(masks[i]);
        fixture_open(fixture);
        check_works(fixture);
        check_modes(fixture);
        fixture_close(fixture);
        check_modes(fixture); /* the -wal stays, for readers without the right to write */
        assert_int_equal(chmod(fixture->path, i % 2 ? 0600 : 0666), 0);
        fixture_open(fixture);
        check_modes(fixture);
        fixture_end(fixture);
        (void)umask(old);
        fixture_begin(fixture);
    }
}

static void test_marks(void **state)
{
    struct fixture *fixture = *state;
    make_history(fixture);
    assert_int_equal(fixture_query(fixture, "PRAGMA application_id"), 0x67726e64);
    assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM pragma_journal_mode"
                                            " WHERE journal_mode = 'wal'"),
                     1);
}

static void test_empty_file(void **state)
{
    struct fixture *fixture = *state;
    write_at(fixture->path, 0, "", 0);
    fixture_open(fixture);
    check_works(fixture);
    fixture_close(fixture);
    /* Killed between choosing the WAL and the first step. */
    assert_int_equal(unlink(fixture->path), 0);
    run_sql(fixture->path, "PRAGMA journal_mode = WAL");
    fixture_open(fixture);
    check_works(fixture);
}

/* ---- Left alone ---- */

static void check_left_alone(struct fixture *fixture, int error)
{
    size_t before = 0, after = 0, wal_before = 0, wal_after = 0;
    char wal[128];
    (void)snprintf(wal, sizeof(wal), "%s-wal", fixture->path);
    char *old = read_file(fixture->path, &before), *old_wal = read_file(wal, &wal_before);
    char *aside = NULL;
    struct store_reader *reader = NULL;
    assert_int_equal(store_open(&fixture->store, &fixture->options, &aside), error);
    assert_null(fixture->store);
    assert_null(aside);
    assert_true(store_reader_open(&reader, fixture->path) < 0);
    char *new = read_file(fixture->path, &after), *new_wal = read_file(wal, &wal_after);
    assert_int_equal(before, after);
    assert_memory_equal(old, new, before);
    assert_int_equal(wal_before, wal_after);
    assert_memory_equal(old_wal, new_wal, wal_before);
    free(old);
    free(new);
    free(old_wal);
    free(new_wal);
}

/* Also where a killed newer greend left its last words in the -wal: nothing may be played back. */
static void test_newer_schema(void **state)
{
    struct fixture *fixture = *state;
    sqlite3 *db = NULL;
    make_history(fixture);
    assert_int_equal(database_open(&db, fixture->path, SQLITE_OPEN_READWRITE, ""), 0);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    close_without_checkpoint(&db);
    check_left_alone(fixture, -EPROTONOSUPPORT);
}

static void test_database_of_someone_else(void **state)
{
    struct fixture *fixture = *state;
    run_sql(fixture->path, "PRAGMA journal_mode = WAL; CREATE TABLE bookmarks (url)");
    char wal[128];
    (void)snprintf(wal, sizeof(wal), "%s-wal", fixture->path);
    write_at(wal, 0, "", 0);
    check_left_alone(fixture, -EMEDIUMTYPE);
}

static void test_what_cannot_be_opened(void **state)
{
    struct fixture *fixture = *state;
    char *aside = NULL, missing[128];
    struct store_options options = fixture->options;
    struct store_reader *reader = NULL;
    (void)snprintf(missing, sizeof(missing), "%s/no/greend.db", fixture->directory);
    options.path = missing;
    assert_int_equal(store_open(&fixture->store, &options, &aside), -ENOENT);
    assert_int_equal(store_reader_open(&reader, missing), -ENOENT);
    options.path = fixture->directory;
    assert_int_equal(store_open(&fixture->store, &options, &aside), -EISDIR);
    assert_int_equal(store_reader_open(&reader, fixture->directory), -EISDIR);
    assert_null(fixture->store);
}

static void test_strange_path(void **state)
{
    struct fixture *fixture = *state;
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s/a b?c#d%%20é.db", fixture->directory);
    struct store_reader *reader = NULL;
    make_history(fixture);
    assert_int_equal(access(fixture->path, F_OK), 0);
    assert_int_equal(store_reader_open(&reader, fixture->path), 0);
    assert_null(store_reader_close(reader));
}

/* ---- Set aside ---- */

static void check_set_aside(struct fixture *fixture, const char *reason)
{
    char *aside = NULL, pattern[160];
    size_t before = 0, after = 0;
    char *old = read_file(fixture->path, &before);
    assert_int_equal(store_open(&fixture->store, &fixture->options, &aside), STORE_SET_ASIDE);
    assert_non_null(aside);
    (void)snprintf(pattern, sizeof(pattern), "%s.%s-20*Z*", fixture->path, reason);
    assert_int_equal(fnmatch(pattern, aside, 0), 0);
    char *new = read_file(aside, &after);
    assert_int_equal(before, after);
    assert_memory_equal(old, new, before);
    free(old);
    free(new);
    free(aside);
    check_works(fixture);
    fixture_close(fixture);
}

static void test_not_a_database(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 3; i++) { /* within a second: the names differ */
        assert_true(i == 0 || unlink(fixture->path) == 0);
        write_at(fixture->path, 0, "This is no database, not at all, and never was.", 47);
        write_at(fixture->path, 5000, "", 1);
        check_set_aside(fixture, "corrupt");
    }
}

static void test_broken_header(void **state)
{
    struct fixture *fixture = *state;
    make_history(fixture);
    write_at(fixture->path, 0, "garbage garbage garbage", 23);
    check_set_aside(fixture, "corrupt");
}

static void test_broken_pages(void **state)
{
    struct fixture *fixture = *state;
    char page[4096];
    memset(page, 0x5a, sizeof(page));
    make_history(fixture);
    int64_t pages = fixture_query(fixture, "PRAGMA page_count");
    for (int64_t i = 2; i < pages; i++)
        write_at(fixture->path, i * 4096, page, sizeof(page));
    check_set_aside(fixture, "corrupt");
}

/* One page of data, after a stop that was not in order: found before the day is over. */
static void test_one_broken_page(void **state)
{
    struct fixture *fixture = *state;
    char page[4096];
    memset(page, 0x5a, sizeof(page));
    make_history(fixture);
    int64_t root = fixture_query(fixture, "SELECT rootpage FROM sqlite_master"
                                          " WHERE name = 'hour_cpu'");
    write_at(fixture->path, (root - 1) * 4096, page, sizeof(page));
    check_set_aside(fixture, "corrupt");
}

static void test_missing_table(void **state)
{
    struct fixture *fixture = *state;
    make_history(fixture);
    run_sql(fixture->path, "DROP TABLE series");
    char *aside = NULL;
    assert_int_equal(store_open(&fixture->store, &fixture->options, &aside), STORE_SET_ASIDE);
    free(aside);
    check_works(fixture);
}

/* A page that breaks while greend runs: the commit says so, and opening anew helps. */
static void test_broken_while_open(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    char page[4096];
    memset(page, 0x5a, sizeof(page));
    make_history(fixture);
    fixture_open(fixture);
    int64_t pages = fixture_query(fixture, "PRAGMA page_count");
    for (int64_t i = 1; i < pages; i++)
        write_at(fixture->path, i * 4096, page, sizeof(page));
    batch_minutes(batch, NOON, NOON + 60, 1);
    assert_int_equal(fixture_commit(fixture, batch, NOON), -EUCLEAN);
    assert_true(strlen(store_error(fixture->store)) > 0);
    fixture_close(fixture);
    check_set_aside(fixture, "corrupt");
    free(batch);
}

static void test_removed_while_open(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    fixture_open(fixture);
    batch_minutes(batch, NOON, NOON + 60, 1);
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(fixture_commit(fixture, batch, NOON), -EUCLEAN);
    fixture_close(fixture);
    fixture_open(fixture);
    check_works(fixture);
    free(batch);
}

static void test_other_host(void **state)
{
    struct fixture *fixture = *state;
    make_history(fixture);
    memset(fixture->options.host_id, 0xab, STORE_HOST_ID_SIZE);
    check_set_aside(fixture, "host-01020300");
}

static int add_energy(void *userdata, const struct store_usage *usage)
{
    *(uint64_t *)userdata += usage->energy_uj;
    return 0;
}

/* What a killed daemon left in the -wal goes with its file, and not into the new one. */
static void test_set_aside_with_its_wal(void **state)
{
    struct fixture *fixture = *state;
    sqlite3 *db = NULL;
    char *aside = NULL;
    make_history(fixture);
    assert_int_equal(database_open(&db, fixture->path, SQLITE_OPEN_READWRITE, ""), 0);
    assert_int_equal(database_exec(db, "UPDATE day_energy SET energy_uj = energy_uj + 7"), 0);
    close_without_checkpoint(&db);
    memset(fixture->options.host_id, 0xab, STORE_HOST_ID_SIZE);
    assert_int_equal(store_open(&fixture->store, &fixture->options, &aside), STORE_SET_ASIDE);
    check_works(fixture);
    struct store_reader *reader = NULL;
    struct store_period period;
    uint64_t total_uj = 0;
    assert_int_equal(store_reader_open(&reader, aside), 0);
    assert_int_equal(store_reader_period(reader, INT64_MIN, INT64_MAX, &period), 0);
    assert_int_equal(store_reader_usage(reader, &period, STORE_BY_WORKLOAD, add_energy, &total_uj),
                     0);
    assert_int_equal(total_uj, 60007);
    assert_null(store_reader_close(reader));
    free(aside);
}

static void test_unknown_host(void **state)
{
    struct fixture *fixture = *state;
    struct store_options known = fixture->options;
    struct store_info info;
    struct store_reader *reader = NULL;
    memset(fixture->options.host_id, 0, STORE_HOST_ID_SIZE);
    make_history(fixture);
    fixture->options = known; /* takes over what was nobody's */
    fixture_open(fixture);
    fixture_close(fixture);
    memset(fixture->options.host_id, 0, STORE_HOST_ID_SIZE);
    fixture_open(fixture); /* does not know itself: keeps what is there */
    assert_int_equal(store_reader_open(&reader, fixture->path), 0);
    assert_int_equal(store_reader_info(reader, &info), 0);
    assert_memory_equal(info.host_id, known.host_id, STORE_HOST_ID_SIZE);
    assert_null(store_reader_close(reader));
    fixture_check(fixture);
}

/* ---- Locks ---- */

static void test_locked(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    struct store *second = NULL;
    char *aside = NULL;
    sqlite3 *db = NULL;
    fixture_open(fixture);
    batch_minutes(batch, NOON, NOON + 60, 1000);
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    assert_int_equal(database_open(&db, fixture->path, SQLITE_OPEN_READWRITE, ""), 0);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(fixture_commit(fixture, batch, NOON), -EBUSY);
    assert_true(strlen(store_error(fixture->store)) > 0);
    assert_int_equal(store_open(&second, &fixture->options, &aside), -EBUSY);
    assert_null(second);
    fixture_check(fixture);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    database_close_p(&db);
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    fixture_check(fixture);
    free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_modes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_marks, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_empty_file, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_newer_schema, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_database_of_someone_else, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_opened, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_strange_path, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_not_a_database, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_broken_header, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_broken_pages, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_one_broken_page, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_missing_table, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_broken_while_open, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_removed_while_open, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_other_host, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_set_aside_with_its_wal, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_unknown_host, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_locked, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
