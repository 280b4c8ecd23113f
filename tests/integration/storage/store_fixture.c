/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "store_fixture.h"

#include <ftw.h>
#include <sqlite3.h>
#include <time.h>

#include "storage/schema/schema.h"

void fixture_begin(struct fixture *fixture)
{
    *fixture = (struct fixture){
        .directory = "/tmp/greend-store-XXXXXX",
        .options = {.retention_minutes_s = 2 * DAY,
                    .retention_hours_s = 90 * DAY,
                    .retention_days_s = 365 * DAY,
                    .retention_names_s = UINT64_MAX,
                    .host_id = {1, 2, 3},
                    .timezone = "UTC"},
    };
    assert_non_null(mkdtemp(fixture->directory));
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s/greend.db", fixture->directory);
    fixture->options.path = fixture->path;
}

void fixture_keep_all(struct fixture *fixture)
{
    fixture->options.retention_minutes_s = UINT64_MAX;
    fixture->options.retention_hours_s = UINT64_MAX;
    fixture->options.retention_days_s = UINT64_MAX;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void fixture_end(struct fixture *fixture)
{
    fixture_close(fixture);
    assert_int_equal(nftw(fixture->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void fixture_open(struct fixture *fixture)
{
    char *aside = NULL;
    assert_int_equal(store_open(&fixture->store, &fixture->options, &aside), 0);
    assert_null(aside);
}

void fixture_close(struct fixture *fixture)
{
    fixture->store = store_close(fixture->store);
}

void fixture_zone(const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
    if (access(path, R_OK) < 0) {
        printf("skipped: the time zone %s is not installed (package tzdata)\n", name);
        exit(SKIPPED);
    }
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
}

int64_t fixture_query(const struct fixture *fixture, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(fixture->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return value;
}

void fixture_check(const struct fixture *fixture)
{
    static const char *const sums[] = {
        "SELECT coalesce(sum(energy_uj), 0) FROM day_energy",
        "SELECT coalesce(sum(energy_uj), 0) FROM hour_energy",
        "SELECT coalesce(sum(energy_uj), 0) FROM minute_energy",
        "SELECT total_uj FROM state",
    };
    static const char *const none[] = {
        "SELECT count(*) FROM day_span AS a JOIN day_span AS b"
        " ON b.begin_s > a.begin_s AND b.begin_s < a.begin_s + a.length_s",
        "SELECT count(*) FROM hour_span AS a JOIN hour_span AS b"
        " ON b.begin_s > a.begin_s AND b.begin_s < a.begin_s + a.length_s",
        "SELECT count(*) FROM hour_span AS h WHERE coalesce((SELECT begin_s + length_s FROM "
        "day_span"
        " WHERE begin_s <= h.begin_s ORDER BY begin_s DESC LIMIT 1), 0) < h.begin_s + h.length_s",
        "SELECT count(*) FROM minute_span AS m WHERE coalesce((SELECT begin_s + length_s"
        " FROM hour_span WHERE begin_s <= m.begin_s ORDER BY begin_s DESC LIMIT 1), 0)"
        " < m.begin_s + 60",
        "SELECT count(*) FROM day_span WHERE length_s <= 0 OR first_s < begin_s"
        " OR last_s > begin_s + length_s OR first_s >= last_s",
        "SELECT count(*) FROM pragma_foreign_key_check",
    };
    for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
        assert_int_equal(fixture_query(fixture, sums[i]), fixture->total_uj);
    for (size_t i = 0; i < ARRAY_SIZE(none); i++)
        assert_int_equal(fixture_query(fixture, none[i]), 0);
}

struct batch *batch_new(void)
{
    static const char *const users[] = {"alice", "bob"};
    struct batch *batch = calloc(1, sizeof(*batch));
    assert_non_null(batch);
    for (uint32_t i = 0; i < FIXTURE_WORKLOADS; i++) {
        struct workload *workload = &batch->workloads[i];
        workload->kind = i == 0 ? WORKLOAD_IDLE : i < 8 ? WORKLOAD_SERVICE : WORKLOAD_USER;
        (void)snprintf(workload->command, sizeof(workload->command), "command-%u", i);
        if (i >= 8)
            (void)str_copy(workload->user, sizeof(workload->user), users[i % 2]);
        if (i > 0)
            (void)snprintf(workload->unit, sizeof(workload->unit), i < 8 ? "unit-%u" : "user-%u",
                           i < 8 ? i : 1000 + i % 2);
    }
    static const enum energy_source sources[] = {SOURCE_RAPL, SOURCE_RAPL, SOURCE_MODEL};
    static const enum domain_kind kinds[] = {DOMAIN_PACKAGE, DOMAIN_DRAM, DOMAIN_REST};
    static const char *const names[] = {"package-0", "dram-0", "rest"};
    for (uint32_t i = 0; i < FIXTURE_DOMAINS; i++) {
        batch->domains[i] = (struct ring_domain_entry){.kind = kinds[i], .source = sources[i]};
        (void)str_copy(batch->domains[i].name, DOMAIN_NAME_MAX, names[i]);
    }
    batch_clear(batch);
    return batch;
}

void batch_clear(struct batch *batch)
{
    batch->total_uj = 0;
    batch->store = (struct store_batch){
        .workloads = batch->workloads,
        .n_workloads = FIXTURE_WORKLOADS,
        .domains = batch->domains,
        .n_domains = FIXTURE_DOMAINS,
        .energies = batch->energies,
        .activities = batch->activities,
        .reservations = batch->reservations,
        .spans = batch->spans,
    };
}

void batch_energy(struct batch *batch, int64_t begin_s, uint32_t workload, uint32_t domain,
                  uint64_t energy_uj)
{
    assert_true(batch->store.n_energies < BATCH_MAX);
    batch->energies[batch->store.n_energies++] =
        (struct store_energy){begin_s, workload, domain, energy_uj, energy_uj / 10};
    batch->total_uj += energy_uj;
}

void batch_activity(struct batch *batch, int64_t begin_s, uint32_t workload, uint64_t cpu_ns)
{
    assert_true(batch->store.n_activities < BATCH_MAX);
    batch->activities[batch->store.n_activities++] =
        (struct store_activity){begin_s, workload, cpu_ns};
}

void batch_reserved(struct batch *batch, int64_t begin_s, uint32_t workload, uint64_t memory_kib_s,
                    uint64_t weight_ppb_s)
{
    assert_true(batch->store.n_reservations < BATCH_MAX);
    batch->reservations[batch->store.n_reservations++] =
        (struct store_reservation){begin_s, workload, memory_kib_s, weight_ppb_s};
}

void batch_span(struct batch *batch, int64_t begin_s, uint64_t covered_ns)
{
    assert_true(batch->store.n_spans < BATCH_MAX);
    batch->spans[batch->store.n_spans++] =
        (struct store_span){.begin_s = begin_s, .covered_ns = covered_ns};
}

void batch_minutes(struct batch *batch, int64_t since_s, int64_t until_s, uint64_t energy_uj)
{
    for (int64_t begin_s = since_s; begin_s < until_s; begin_s += 60) {
        batch_energy(batch, begin_s, 1, 0, energy_uj);
        batch_activity(batch, begin_s, 1, energy_uj * 1000);
        batch_reserved(batch, begin_s, 1, 60 * energy_uj, UINT64_MAX);
        batch_span(batch, begin_s, 60 * NS_PER_S);
    }
}

int fixture_commit(struct fixture *fixture, struct batch *batch, int64_t now_s)
{
    struct store_position *position = &batch->store.position;
    *position = (struct store_position){
        .ring_id = {7},
        .position = (fixture->frames + 1) * 10,
        .frame = fixture->frames + 1,
        .total_uj = fixture->total_uj + batch->total_uj,
        .real_ns = now_s * (int64_t)NS_PER_S,
        .boot_id = {9},
        .mono_ns = (uint64_t)fixture->frames * 60 * NS_PER_S,
        .boottime_ns = (uint64_t)fixture->frames * 61 * NS_PER_S,
        .series_continuous = batch->store.n_series > 0,
    };
    int r = store_commit(fixture->store, &batch->store);
    if (r == 0) {
        fixture->total_uj = position->total_uj;
        fixture->frames = position->frame;
    }
    return r;
}

void fixture_open_hour(struct fixture *fixture)
{
    struct batch *batch = batch_new();
    fixture_open(fixture);
    batch_minutes(batch, NOON, NOON + HOUR, 1000);
    assert_int_equal(fixture_commit(fixture, batch, NOON + HOUR), 0);
    free(batch);
}

void fixture_make_version(const char *path, int64_t version)
{
    const struct schema older = {schema_current.steps, version};
    sqlite3 *db = NULL;
    assert_int_equal(database_open(&db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ""), 0);
    assert_int_equal(schema_migrate(db, &older), 0);
    const char *const sql =
        "PRAGMA foreign_keys = OFF;"
        "UPDATE state SET timezone = 'UTC', real_ns = 1795438800000000000;"
        "INSERT INTO workload VALUES (1, 'service', 'a', 'a', 'a', 1795392000, 1795392000),"
        " (2, 'idle', 'idle', '', '', 1795392000, 1795392000),"
        " (3, 'unsplit', 'unsplit', '', '', 1795392000, 1795392000);"
        "INSERT INTO domain VALUES (1, 'platform', 'platform', 'acpi'),"
        " (2, 'package-0', 'package', 'rapl'), (3, 'dram-0', 'dram', 'rapl');"
        "INSERT INTO day_span (begin_s, length_s, utc_offset_s, first_s, last_s, covered_ns)"
        " VALUES (1795392000, 86400, 0, 1795435200, 1795435260, 60000000000);"
        "INSERT INTO hour_span (begin_s, length_s, utc_offset_s, first_s, last_s, covered_ns)"
        " VALUES (1795435200, 3600, 0, 1795435200, 1795435260, 60000000000);"
        "INSERT INTO minute_span (begin_s, covered_ns) VALUES (1795435200, 60000000000);"
        "INSERT INTO minute_energy VALUES (1795435200, 1, 1, 1000, 50), (1795435200, 2, 1, 200, "
        "10),"
        " (1795435200, 1, 2, 400, NULL), (1795435200, 2, 2, 40, 4),"
        " (1795435200, 1, 3, 100, 30), (1795435200, 3, 3, 100, 9223372036854775800);"
        "INSERT INTO hour_energy SELECT * FROM minute_energy;"
        "INSERT INTO day_energy SELECT 1795392000, workload, domain, energy_uj, uncertainty_uj"
        " FROM minute_energy;";
    assert_int_equal(database_exec(db, sql), 0);
    database_close_p(&db);
}

int fixture_setup(void **state)
{
    struct fixture *fixture = malloc(sizeof(*fixture));
    assert_non_null(fixture);
    fixture_zone("UTC");
    fixture_begin(fixture);
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    fixture_end(*state);
    free(*state);
    return 0;
}

uint64_t random_seed(void)
{
    const char *text = getenv("GREEND_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : UINT64_C(20261123);
    print_message("GREEND_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed ? seed : 1;
}

uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

uint64_t random_below(uint64_t *state, uint64_t bound)
{
    return (random_next(state) >> 11) % bound;
}

int64_t utc(const char *text)
{
    struct tm tm = {0};
    assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
    return (int64_t)timegm(&tm);
}
