/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Whether damage is found, and that looking for it comes to an end. */

#include "store_fixture.h"

#include <fcntl.h>
#include <sqlite3.h>

static int begin(void **state)
{
    (void)fixture_setup(state);
    fixture_open_hour(*state);
    fixture_close(*state);
    return 0;
}

static void run_sql(const struct fixture *fixture, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int check(const struct fixture *fixture, uint64_t most_ns, char complaint[256])
{
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open(&reader, fixture->path), 0);
    int r = store_reader_check(reader, most_ns, complaint, 256);
    /* It can be read as before. */
    struct store_info info;
    assert_int_equal(store_reader_info(reader, &info), 0);
    reader = store_reader_close(reader);
    return r;
}

static void test_sound(void **state)
{
    char complaint[256] = "x";
    assert_int_equal(check(*state, 60 * NS_PER_S, complaint), 0);
    assert_string_equal(complaint, "");
}

/* A page that nothing refers to: what is read is right, and the file is not. */
static void test_damaged(void **state)
{
    const struct fixture *fixture = *state;
    char complaint[256] = "";
    static const unsigned char page[4096];
    run_sql(fixture, "PRAGMA journal_mode=DELETE");
    assert_int_equal(fixture_query(fixture, "PRAGMA page_size"), sizeof(page));
    uint32_t pages = (uint32_t)fixture_query(fixture, "PRAGMA page_count") + 1;
    const unsigned char count[4] = {(unsigned char)(pages >> 24), (unsigned char)(pages >> 16),
                                    (unsigned char)(pages >> 8), (unsigned char)pages};
    int fd = open(fixture->path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, page, sizeof(page), (off_t)(pages - 1) * (off_t)sizeof(page)),
                     sizeof(page));
    assert_int_equal(pwrite(fd, count, sizeof(count), 28), sizeof(count));
    (void)close(fd);
    assert_int_equal(check(fixture, 60 * NS_PER_S, complaint), -EUCLEAN);
    assert_non_null(strstr(complaint, "never used"));
}

static void test_bounded(void **state)
{
    char complaint[256] = "x";
    run_sql(*state, "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n LIMIT 20000) "
                    "INSERT INTO event (time_s, kind, subject, duration_ns, energy_uj) "
                    "SELECT i, 'gap', '', 0, 0 FROM n");
    assert_int_equal(check(*state, 0, complaint), STORE_CHECK_UNFINISHED);
    assert_string_equal(complaint, "");
    assert_int_equal(check(*state, 60 * NS_PER_S, complaint), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sound, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_damaged, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_bounded, begin, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
