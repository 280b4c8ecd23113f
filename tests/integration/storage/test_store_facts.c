/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What the machine is and what is declared of it, in the database. */
#include "store_fixture.h"

#include <limits.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "storage/schema/schema.h"

/* All that a reader tells, as "key=value;" and "kind/model/count/size;". */
struct told {
    char text[4096];
    int stop_after; /* 0: never */
    int calls;
};

static int note(struct told *told, const char *line)
{
    size_t length = strlen(told->text);
    (void)snprintf(told->text + length, sizeof(told->text) - length, "%s;", line);
    told->calls++;
    return told->stop_after > 0 && told->calls == told->stop_after ? 42 : 0;
}

static int on_fact(void *userdata, const struct store_fact *fact)
{
    char line[512];
    (void)snprintf(line, sizeof(line), "%s=%s", fact->key, fact->value);
    return note(userdata, line);
}

static int on_part(void *userdata, const struct store_part *part)
{
    char line[256];
    (void)snprintf(line, sizeof(line), "%s/%s/%u/%g", part->kind, part->model, part->count,
                   part->size);
    return note(userdata, line);
}

static int tell(const char *path, struct told *told)
{
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open(&reader, path), 0);
    int r = store_reader_facts(reader, on_fact, on_part, told);
    (void)store_reader_close(reader);
    return r;
}

static void expect(const struct fixture *fixture, const char *text)
{
    struct told told = {0};
    assert_int_equal(tell(fixture->path, &told), 0);
    assert_string_equal(told.text, text);
}

static void open_with(struct fixture *fixture, const struct store_facts *facts)
{
    fixture->options.facts = facts;
    fixture_open(fixture);
    fixture_close(fixture);
}

static void test_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct store_fact first[] = {
        {"site.country",    "FR"  },
        {"asset.user",      "Paie"},
        {"asset.entity",    ""    },
        {"vm.web \"01'); ", "a"   },
    };
    struct store_fact second[] = {
        {"asset.user", "Solde"}
    };
    const struct store_facts full = {
        .facts = first,
        .n_facts = ARRAY_SIZE(first),
        .parts = {{"ram", "", 16, 32}, {"cpu", "Xeon", 2, 0}},
        .n_parts = 2,
    };
    const struct store_facts other = {.facts = second, .n_facts = 1};
    open_with(fixture, &full);
    expect(fixture, "asset.user=Paie;site.country=FR;vm.web \"01'); =a;ram//16/32;cpu/Xeon/2/0;");
    open_with(fixture, NULL); /* as who only forgets a user does */
    expect(fixture, "asset.user=Paie;site.country=FR;vm.web \"01'); =a;ram//16/32;cpu/Xeon/2/0;");
    open_with(fixture, &other);
    expect(fixture, "asset.user=Solde;");
    open_with(fixture, &(const struct store_facts){0});
    expect(fixture, "");
}

static void test_told_until_stopped(void **state)
{
    struct fixture *fixture = *state;
    struct store_fact list[] = {
        {"a.a", "1"},
        {"b.b", "2"}
    };
    const struct store_facts facts = {
        .facts = list, .n_facts = 2, .parts = {{"hdd", "", 1, 4000}}, .n_parts = 1};
    open_with(fixture, &facts);
    for (int calls = 1; calls <= 3; calls++) {
        struct told told = {.stop_after = calls};
        assert_int_equal(tell(fixture->path, &told), 42);
        assert_int_equal(told.calls, calls);
    }
}

/* A history of before: it has none, and gets some when a daemon opens it. */
static void test_older_versions(void **state)
{
    struct fixture *fixture = *state;
    struct store_fact list[] = {
        {"site.country", "FR"}
    };
    const struct store_facts facts = {.facts = list, .n_facts = 1};
    for (int64_t version = 1; version <= 3; version++) {
        const struct schema older = {schema_current.steps, version};
        sqlite3 *db = NULL;
        assert_int_equal(
            database_open(&db, fixture->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ""), 0);
        assert_int_equal(schema_migrate(db, &older), 0);
        database_close_p(&db);
        expect(fixture, "");
        assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), version);
        open_with(fixture, NULL);
        assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
        expect(fixture, "");
        open_with(fixture, &facts);
        expect(fixture, "site.country=FR;");
        fixture_end(fixture);
        fixture_begin(fixture);
    }
}

/* A history of before that another machine wrote, as on a clone of its disk, is set aside: what it
 * holds would be counted again with this one's. */
static void test_older_version_of_another_host(void **state)
{
    struct fixture *fixture = *state;
    for (int64_t version = 1; version < STORE_SCHEMA_VERSION; version++) {
        const struct schema older = {schema_current.steps, version};
        sqlite3 *db = NULL;
        char *aside = NULL;
        assert_int_equal(
            database_open(&db, fixture->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ""), 0);
        assert_int_equal(schema_migrate(db, &older), 0);
        assert_int_equal(
            database_exec(db, "UPDATE state SET host_id = x'abababababababababababababababab'"), 0);
        database_close_p(&db);
        assert_int_equal(store_open(&fixture->store, &fixture->options, &aside), STORE_SET_ASIDE);
        assert_non_null(strstr(aside, "host-abababab"));
        free(aside);
        fixture_end(fixture);
        fixture_begin(fixture);
    }
}

/* Root runs verbs on files that another user could put links between. */
static void test_modes_of_links(void **state)
{
    struct fixture *fixture = *state;
    char target[PATH_MAX];
    struct stat status;
    open_with(fixture, NULL);
    (void)snprintf(target, sizeof(target), "%s-elsewhere", fixture->path);
    assert_int_equal(rename(fixture->path, target), 0);
    assert_int_equal(chmod(target, 0600), 0);
    assert_int_equal(symlink(target, fixture->path), 0);
    open_with(fixture, NULL);
    assert_int_equal(stat(target, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(rename(target, fixture->path), 0);
    open_with(fixture, NULL);
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
}

/* A file may have been written by anyone. */
static void test_hostile(void **state)
{
    struct fixture *fixture = *state;
    sqlite3 *db = NULL;
    open_with(fixture, NULL);
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            db,
            "INSERT INTO fact VALUES (printf('%.*c', 5000, 'k'), printf('%.*c', 9000, 'v')),"
            " (x'00ff', 7);"
            "INSERT INTO part VALUES (-5, printf('%.*c', 99, 'x'), 3, -7, 9e999),"
            " (1, 'ram', '', 99999999999, -1), (2, 'ssd', '', 1, 'many')",
            NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    struct told told = {0};
    assert_int_equal(tell(fixture->path, &told), 0);
    assert_int_equal(told.calls, 5);
    assert_non_null(strstr(told.text, "xxxxxxxxxxxxxxx/3/0/0;ram//4294967295/0;ssd//1/0;"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replaced, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_told_until_stopped, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_older_versions, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_modes_of_links, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_older_version_of_another_host, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_hostile, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
