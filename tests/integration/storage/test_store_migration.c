/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Databases of older versions become ones of today, or stay as they are. */

#include "store_fixture.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>

#include "storage/schema/schema.h"

enum { NEXT_VERSION = STORE_SCHEMA_VERSION + 2 };

/* A schema that is two steps further than today's. */
struct next {
    const char *steps[NEXT_VERSION];
    struct schema schema;
};

static void next_begin(struct next *next, const char *last_but_one, const char *last)
{
    for (int64_t i = 0; i < schema_current.version; i++)
        next->steps[i] = schema_current.steps[i];
    next->steps[NEXT_VERSION - 2] = last_but_one;
    next->steps[NEXT_VERSION - 1] = last;
    next->schema = (struct schema){next->steps, NEXT_VERSION};
}

static void test_migration(void **state)
{
    struct fixture *fixture = *state;
    fixture_open_hour(fixture);
    fixture_close(fixture);
    struct next next;
    next_begin(&next,
               "ALTER TABLE state ADD COLUMN site TEXT NOT NULL DEFAULT 'here';"
               "UPDATE day_energy SET energy_uj = energy_uj + 1;",
               "CREATE TABLE target (id INTEGER PRIMARY KEY);");
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&db, fixture->path, SQLITE_OPEN_READWRITE, ""), 0);
    assert_int_equal(schema_check(db, &schema_current), 0);
    assert_int_equal(schema_check(db, &next.schema), SCHEMA_OLDER);
    assert_int_equal(schema_migrate(db, &next.schema), 0);
    assert_int_equal(schema_check(db, &next.schema), 0);
    assert_int_equal(schema_migrate(db, &next.schema), 0); /* once */
    assert_int_equal(schema_check(db, &schema_current), -EPROTONOSUPPORT);
    database_close_p(&db);
    assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), NEXT_VERSION);
    assert_int_equal(fixture_query(fixture, "SELECT energy_uj FROM day_energy"), 60001);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM target"), 0);
}

static void test_migration_fails_as_a_whole(void **state)
{
    struct fixture *fixture = *state;
    fixture_open_hour(fixture);
    fixture_close(fixture);
    struct next next;
    next_begin(&next, "UPDATE day_energy SET energy_uj = 0;",
               "CREATE TABLE target (id INTEGER PRIMARY KEY); SELECT no_such_function();");
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&db, fixture->path, SQLITE_OPEN_READWRITE, ""), 0);
    assert_true(schema_migrate(db, &next.schema) < 0);
    database_close_p(&db);
    assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    fixture_check(fixture);
    fixture_open(fixture);
}

/* What the reader says of a kind in a domain. */
struct said {
    uint32_t kind;
    const char *domain;
    uint64_t energy_uj;
    uint64_t uncertainty_uj;
    int rows;
};

static int hear(void *userdata, const struct store_usage *usage)
{
    struct said *said = userdata;
    if (usage->workload->kind != said->kind || !usage->domain ||
        !str_equal(usage->domain->name, said->domain))
        return 0;
    said->energy_uj = usage->energy_uj;
    said->uncertainty_uj = usage->uncertainty_uj;
    said->rows++;
    return 0;
}

static struct said ask(const char *path, uint32_t kind, const char *domain)
{
    struct said said = {.kind = kind, .domain = domain};
    struct store_reader *reader = NULL;
    struct store_period period;
    assert_int_equal(store_reader_open(&reader, path), 0);
    assert_int_equal(store_reader_period(reader, NOON, NOON + 60, &period), 0);
    assert_int_equal(store_reader_usage(reader, &period, STORE_BY_WORKLOAD, hear, &said), 0);
    (void)store_reader_close(reader);
    return said;
}

static void test_version_1(void **state)
{
    struct fixture *fixture = *state;
    fixture_make_version(fixture->path, 1);
    /* Read as it is, on a machine where no daemon opens it. */
    struct said said = ask(fixture->path, WORKLOAD_SERVICE, "platform");
    assert_int_equal(said.energy_uj, 1000);
    assert_int_equal(said.uncertainty_uj, 50);
    assert_int_equal(ask(fixture->path, WORKLOAD_UNSPLIT, "platform").rows, 0);
    memset(fixture->options.host_id, 0, sizeof(fixture->options.host_id));
    fixture_open(fixture);
    fixture_close(fixture);
    assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    said = ask(fixture->path, WORKLOAD_UNSPLIT, "platform");
    assert_int_equal(said.energy_uj, 0);
    assert_int_equal(said.uncertainty_uj, 60);
    assert_true(ask(fixture->path, WORKLOAD_UNSPLIT, "package-0").uncertainty_uj == UINT64_MAX);
    said = ask(fixture->path, WORKLOAD_UNSPLIT, "dram-0");
    assert_int_equal(said.energy_uj, 100);
    assert_int_equal(said.uncertainty_uj, INT64_MAX);
    assert_int_equal(ask(fixture->path, WORKLOAD_SERVICE, "platform").uncertainty_uj, 50);
    assert_int_equal(
        fixture_query(fixture, "SELECT sum(energy_uj) FROM hour_energy WHERE domain = 1"), 1200);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM day_energy WHERE workload = 3"),
                     3);
}

/* What one reading says of reservations, and how long they were known for. */
struct kept {
    struct store_period period;
    uint64_t memory_kib_s, weight_ppb_s, cpu_rows;
};

static int hear_kept(void *userdata, const struct store_usage *usage)
{
    struct kept *kept = userdata;
    kept->memory_kib_s += usage->memory_kib_s;
    kept->weight_ppb_s += usage->weight_ppb_s;
    kept->cpu_rows += usage->domain == NULL;
    assert_int_equal(usage->covered_ns, kept->period.covered_ns);
    assert_int_equal(usage->memory_ns, kept->period.memory_ns);
    assert_int_equal(usage->weight_ns, kept->period.weight_ns);
    return 0;
}

static struct kept ask_kept(const char *path)
{
    struct kept kept = {0};
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open(&reader, path), 0);
    assert_int_equal(store_reader_period(reader, NOON, NOON + 3600, &kept.period), 0);
    assert_int_equal(store_reader_usage(reader, &kept.period, STORE_BY_WORKLOAD, hear_kept, &kept),
                     0);
    (void)store_reader_close(reader);
    return kept;
}

/* Before version 3 nobody knew what was reserved: read as it is and after the migration that is
 * said, and what comes later is known for its time alone. */
static void test_before_version_3(void **state)
{
    struct fixture *fixture = *state;
    for (int64_t version = 1; version <= 2; version++) {
        fixture_make_version(fixture->path, version);
        for (int opened = 0; opened < 2; opened++) {
            struct kept kept = ask_kept(fixture->path);
            assert_int_equal(kept.period.covered_ns, 60 * NS_PER_S);
            assert_int_equal(kept.period.memory_ns, 0);
            assert_int_equal(kept.period.weight_ns, 0);
            assert_int_equal(kept.memory_kib_s + kept.weight_ppb_s + kept.cpu_rows, 0);
            memset(fixture->options.host_id, 0, sizeof(fixture->options.host_id));
            fixture_open(fixture);
            fixture_close(fixture);
            assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
        }
        struct batch *batch = batch_new();
        fixture_open(fixture);
        batch_reserved(batch, NOON + 60, 1, 700, UINT64_MAX);
        batch_reserved(batch, NOON + 60, 2, UINT64_MAX, 8);
        batch->spans[0] = (struct store_span){.begin_s = NOON + 60,
                                              .covered_ns = 60 * NS_PER_S,
                                              .memory_ns = 59 * NS_PER_S,
                                              .weight_ns = 58 * NS_PER_S};
        batch->store.n_spans = 1;
        assert_int_equal(fixture_commit(fixture, batch, NOON + 120), 0);
        fixture_close(fixture);
        struct kept kept = ask_kept(fixture->path);
        assert_int_equal(kept.period.covered_ns, 120 * NS_PER_S);
        assert_int_equal(kept.period.memory_ns, 59 * NS_PER_S);
        assert_int_equal(kept.period.weight_ns, 58 * NS_PER_S);
        assert_int_equal(kept.memory_kib_s, 700);
        assert_int_equal(kept.weight_ppb_s, 8);
        assert_int_equal(
            fixture_query(fixture, "SELECT count(*) FROM hour_reserved WHERE weight_ppb_s IS NULL"
                                   " AND memory_kib_s = 700"),
            1);
        free(batch);
        fixture_end(fixture);
        fixture_begin(fixture);
    }
}

/* What is told of domain 1 stays, from each version that there ever was: on a copy that no daemon
 * opens, when one has opened it, and for what it records afterwards. */
static void test_every_version(void **state)
{
    struct fixture *fixture = *state;
    for (int64_t version = 1; version <= STORE_SCHEMA_VERSION; version++) {
        fixture_make_version(fixture->path, version);
        assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), version);
        for (int opened = 0; opened < 2; opened++) {
            struct said said = ask(fixture->path, WORKLOAD_SERVICE, "platform");
            assert_int_equal(said.energy_uj, 1000);
            assert_int_equal(said.uncertainty_uj, 50);
            assert_int_equal(said.rows, 1);
            assert_int_equal(ask(fixture->path, WORKLOAD_IDLE, "platform").energy_uj, 200);
            memset(fixture->options.host_id, 0, sizeof(fixture->options.host_id));
            fixture_open(fixture);
            fixture_close(fixture);
            assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
        }
        struct batch *batch = batch_new();
        fixture_open(fixture);
        batch_energy(batch, NOON + MINUTE, 1, 1, 7);
        batch_span(batch, NOON + MINUTE, 60 * NS_PER_S);
        assert_int_equal(fixture_commit(fixture, batch, NOON + 2 * MINUTE), 0);
        fixture_close(fixture);
        free(batch);
        for (int i = 0; i < 3; i++) {
            const char *const sums[] = {"SELECT sum(energy_uj) FROM minute_energy",
                                        "SELECT sum(energy_uj) FROM hour_energy",
                                        "SELECT sum(energy_uj) FROM day_energy"};
            assert_int_equal(fixture_query(fixture, sums[i]), 1847);
        }
        assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM pragma_integrity_check"
                                                " WHERE integrity_check <> 'ok'"),
                         0);
        fixture_end(fixture);
        fixture_begin(fixture);
    }
}

/* Databases of each version are out there: a step that leads to one is never changed afterwards, it
 * gets a step behind it. Comments and blanks do not count. */
static void test_steps_stay(void **state)
{
    (void)state;
    static const uint64_t said[] = {0x4876eaa68b413c46U, 0xed2834958c32b5c4U, 0xcbc07cb58aa72c15U,
                                    0x440dc792e25dcebbU, 0x4e53cef5db04526dU};
    assert_int_equal(ARRAY_SIZE(said), STORE_SCHEMA_VERSION);
    for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
        uint64_t hash = HASH_BEGIN;
        for (const char *at = schema_current.steps[i]; *at; at++) {
            if (str_starts(at, "--"))
                at += strcspn(at, "\n");
            if (*at == '\0')
                break;
            if (!strchr(" \n", *at))
                hash = hash_bytes(hash, at, 1);
        }
        if (hash != said[i])
            print_error("step %zu of the schema is another one: 0x%016" PRIx64 "\n", i + 1, hash);
        assert_true(hash == said[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_migration, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_migration_fails_as_a_whole, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_version_1, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_before_version_3, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_every_version, fixture_setup, fixture_teardown),
        cmocka_unit_test(test_steps_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
