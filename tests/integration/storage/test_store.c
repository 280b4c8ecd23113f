/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What is committed is what is read: sums, names, coverage, counters, events. */

#include <fcntl.h>
#include <sys/stat.h>

#include "store_fixture.h"

static int begin(void **state)
{
    (void)fixture_setup(state);
    fixture_open(*state);
    return 0;
}

struct row {
    struct store_usage usage;
    struct workload workload;
    struct ring_domain_entry domain;
};

struct rows {
    struct row rows[64];
    size_t count;
};

static int keep_row(void *userdata, const struct store_usage *usage)
{
    struct rows *rows = userdata;
    assert_true(rows->count < ARRAY_SIZE(rows->rows));
    struct row *row = &rows->rows[rows->count++];
    *row = (struct row){.usage = *usage, .workload = *usage->workload};
    if (usage->domain)
        row->domain = *usage->domain;
    return 0;
}

static void read_usage(const struct fixture *fixture, enum store_group group, struct rows *rows)
{
    struct store_reader *reader = NULL;
    struct store_period period;
    rows->count = 0;
    assert_int_equal(store_reader_open(&reader, fixture->path), 0);
    assert_int_equal(store_reader_period(reader, INT64_MIN, INT64_MAX, &period), 0);
    assert_int_equal(store_reader_usage(reader, &period, group, keep_row, rows), 0);
    assert_null(store_reader_close(reader));
}

static void test_energy_and_names(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    struct rows rows;
    batch_energy(batch, NOON, 0, 2, 500);
    batch_energy(batch, NOON, 9, 0, 700);
    batch_activity(batch, NOON, 9, 123456789);
    batch_span(batch, NOON, 59 * NS_PER_S);
    assert_int_equal(fixture_commit(fixture, batch, NOON + 60), 0);
    assert_int_equal(fixture_commit(fixture, batch, NOON + 60), 0);
    fixture_check(fixture);
    read_usage(fixture, STORE_BY_WORKLOAD, &rows);
    assert_int_equal(rows.count, 3);
    assert_int_equal(rows.rows[0].usage.energy_uj, 1000);
    assert_int_equal(rows.rows[0].usage.uncertainty_uj, 100);
    assert_int_equal(rows.rows[0].usage.begin_s, NOON);
    assert_int_equal(rows.rows[0].usage.length_s, 60);
    assert_int_equal(rows.rows[0].workload.kind, WORKLOAD_IDLE);
    assert_string_equal(rows.rows[0].domain.name, "rest");
    assert_int_equal(rows.rows[0].domain.kind, DOMAIN_REST);
    assert_int_equal(rows.rows[0].domain.source, SOURCE_MODEL);
    assert_null(rows.rows[1].usage.domain);
    assert_int_equal(rows.rows[1].usage.cpu_ns, 2 * 123456789);
    assert_int_equal(rows.rows[2].usage.energy_uj, 1400);
    assert_string_equal(rows.rows[2].workload.user, "bob");
    assert_string_equal(rows.rows[2].workload.command, "command-9");
    assert_string_equal(rows.rows[2].workload.unit, "user-1001");
    free(batch);
}

/* The same domain measured and modelled is two: a sum never mixes them silently. */
static void test_sources_stay_apart(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    struct rows rows;
    batch->domains[1] = batch->domains[0];
    batch->domains[1].source = SOURCE_MODEL;
    batch_energy(batch, NOON, 1, 0, 10);
    batch_energy(batch, NOON, 1, 1, 20);
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    read_usage(fixture, STORE_BY_WORKLOAD, &rows);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.rows[0].domain.source, SOURCE_RAPL);
    assert_int_equal(rows.rows[0].usage.energy_uj, 10);
    assert_int_equal(rows.rows[1].domain.source, SOURCE_MODEL);
    assert_int_equal(rows.rows[1].usage.energy_uj, 20);
    free(batch);
}

static void test_uncertainty_not_stated(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    struct rows rows;
    batch_energy(batch, NOON, 1, 0, 1000);
    batch_energy(batch, NOON, 2, 0, 1000);
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    batch->energies[0].uncertainty_uj = UINT64_MAX;
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    batch->energies[0].uncertainty_uj = 5;
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    for (enum store_group group = STORE_BY_WORKLOAD; group <= STORE_BY_DAY; group++) {
        read_usage(fixture, group, &rows);
        assert_int_equal(rows.count, 2);
        assert_true(rows.rows[0].usage.uncertainty_uj == UINT64_MAX);
        assert_int_equal(rows.rows[1].usage.uncertainty_uj, 300);
    }
    free(batch);
}

/* Sums stop at the top: they neither wrap nor become doubles. */
static void test_overflow(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    struct rows rows;
    batch_energy(batch, NOON, 1, 0, INT64_MAX - 5);
    batch_energy(batch, NOON, 2, 0, UINT64_MAX);
    batch->energies[1].uncertainty_uj = UINT64_MAX - 1;
    batch_activity(batch, NOON, 1, UINT64_MAX);
    batch_span(batch, NOON, UINT64_MAX);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    batch->energies[0].energy_uj = 5;
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    read_usage(fixture, STORE_BY_WORKLOAD, &rows);
    assert_int_equal(rows.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true((i == 0 ? rows.rows[i].usage.cpu_ns : rows.rows[i].usage.energy_uj) ==
                    INT64_MAX);
    assert_true(rows.rows[2].usage.uncertainty_uj == INT64_MAX);
    assert_int_equal(fixture_query(fixture,
                                   "SELECT count(*) FROM day_energy WHERE typeof(energy_uj) <> "
                                   "'integer' OR energy_uj < 0"),
                     0);
    free(batch);
}

/* A batch of many minutes is summed before it is written, by the rules of the tables: what is not
 * stated once is not stated for the sum, and sums stop at the top. */
static void test_many_minutes_in_a_batch(void **state)
{
    static const char energy[] =
        "SELECT group_concat(part, ' ') = '%s' FROM (SELECT (begin_s - %lld) || ':' || "
        "ifnull(energy_uj, "
        "'?') || '/' || ifnull(uncertainty_uj, '?') AS part FROM %s_energy JOIN workload ON "
        "workload.id = workload WHERE unit = '%s' ORDER BY begin_s)";
    static const struct {
        const char *level, *unit, *expected;
    } cases[] = {
        {"minute", "unit-1", "0:10/1 60:20/? 3600:40/4"                 },
        {"hour",   "unit-1", "0:30/? 3600:40/4"                         },
        {"day",    "unit-1", "-43200:70/?"                              },
        {"hour",   "unit-2", "0:9223372036854775807/9223372036854775807"},
    };
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    batch_energy(batch, NOON, 1, 0, 10);
    batch_energy(batch, NOON, 2, 0, UINT64_MAX);
    batch_energy(batch, NOON + 60, 1, 0, 20);
    batch_energy(batch, NOON + 60, 2, 0, UINT64_MAX);
    batch_energy(batch, NOON + 120, 2, 0, 5);
    batch_energy(batch, NOON + 3600, 1, 0, 40);
    static const uint64_t uncertainties_uj[] = {1, UINT64_MAX - 1, UINT64_MAX,
                                                6, UINT64_MAX - 1, 4};
    for (size_t i = 0; i < ARRAY_SIZE(uncertainties_uj); i++)
        batch->energies[i].uncertainty_uj = uncertainties_uj[i];
    batch_activity(batch, NOON, 1, 3);
    batch_activity(batch, NOON + 60, 1, 4);
    batch_activity(batch, NOON + 3600, 1, 5);
    assert_int_equal(fixture_commit(fixture, batch, NOON + 3660), 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char sql[400];
        (void)snprintf(sql, sizeof(sql), energy, cases[i].expected, (long long)NOON, cases[i].level,
                       cases[i].unit);
        assert_int_equal(fixture_query(fixture, sql), 1);
    }
    assert_int_equal(fixture_query(fixture, "SELECT max(cpu_ns) FROM hour_cpu"), 7);
    assert_int_equal(fixture_query(fixture, "SELECT max(cpu_ns) FROM day_cpu"), 12);
    free(batch);
}

static void test_batches_that_contradict_themselves(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    batch_minutes(batch, NOON, NOON + 60, 1000);
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    for (int i = 0; i < 8; i++) {
        struct batch *wrong = batch_new();
        struct store_event event = {.time_s = NOON, .kind = STORE_EVENT_KINDS};
        struct store_series series = {.kind = WORKLOAD_KINDS};
        batch_minutes(wrong, NOON, NOON + 120, 1000);
        switch (i) {
        case 0:
            wrong->energies[1].workload = FIXTURE_WORKLOADS;
            break;
        case 1:
            wrong->energies[1].domain = FIXTURE_DOMAINS;
            break;
        case 2:
            wrong->energies[1].begin_s++;
            break;
        case 3:
            wrong->activities[1].workload = UINT32_MAX;
            break;
        case 4:
            wrong->domains[2].source = ENERGY_SOURCES;
            break;
        case 5:
            wrong->workloads[11].kind = WORKLOAD_KINDS;
            break;
        case 6:
            wrong->store.events = &event;
            wrong->store.n_events = 1;
            break;
        default:
            wrong->store.series = &series;
            wrong->store.n_series = 1;
        }
        assert_int_equal(fixture_commit(fixture, wrong, NOON), -EINVAL);
        assert_true(strlen(store_error(fixture->store)) > 0);
        free(wrong);
    }
    fixture_check(fixture);
    free(batch);
}

static void test_resume(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    struct store_resume resume;
    assert_int_equal(store_load_resume(fixture->store, &resume), 0);
    assert_false(resume.known);
    store_resume_done(&resume);

    struct store_meter meters[] = {
        {"package-0",     UINT64_MAX - 3, 77, 78},
        {"dram \xc3\xa9", 5,              79, 80}
    };
    struct store_series series[] = {
        {WORKLOAD_SERVICE, "a.service", "a", "",          SOURCE_RAPL,  UINT64_MAX, 1,  2,  3,  4},
        {WORKLOAD_OTHER,   "",          "",  "package-0", SOURCE_MODEL, 50,         51, 52, 53, 0},
    };
    batch_minutes(batch, NOON, NOON + 60, 1000);
    batch->store.meters = meters;
    batch->store.n_meters = 2;
    batch->store.series = series;
    batch->store.n_series = 2;
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    /* Meters are replaced, series are added to, one by one. */
    batch->store.n_meters = 1;
    batch->store.series = &series[1];
    batch->store.n_series = 1;
    series[1].energy_uj = 60;
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    fixture_close(fixture);
    fixture_open(fixture);

    assert_int_equal(store_load_resume(fixture->store, &resume), 0);
    assert_true(resume.known);
    assert_memory_equal(&resume.position, &batch->store.position, sizeof(resume.position));
    assert_int_equal(resume.n_meters, 1);
    assert_string_equal(resume.meters[0].key, "package-0");
    assert_true(resume.meters[0].raw_uj == UINT64_MAX - 3);
    assert_int_equal(resume.meters[0].mono_ns, 77);
    assert_int_equal(resume.meters[0].boottime_ns, 78);
    assert_int_equal(resume.n_series, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct store_series *read = &resume.series[i];
        const struct store_series *written = &series[read->kind == WORKLOAD_OTHER];
        assert_string_equal(read->unit, written->unit);
        assert_string_equal(read->domain, written->domain);
        assert_int_equal(read->source, written->source);
        assert_true(read->energy_uj == written->energy_uj);
        assert_int_equal(read->shown_mj, written->shown_mj);
        assert_int_equal(read->score, written->score);
        assert_int_equal(read->admitted_mono_ns, written->admitted_mono_ns);
    }
    store_resume_done(&resume);

    batch->store.series_reset = true;
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    assert_int_equal(store_load_resume(fixture->store, &resume), 0);
    assert_int_equal(resume.n_series, 1);
    assert_int_equal(resume.series[0].energy_uj, 60);
    store_resume_done(&resume);
    free(batch);
}

static int count_event(void *userdata, const struct store_event *event)
{
    struct store_event *last = userdata;
    last->duration_ns++;
    last->kind = event->kind;
    last->energy_uj += event->energy_uj;
    (void)str_copy(last->subject, sizeof(last->subject), event->subject);
    return 0;
}

static int stop_at_once(void *userdata, const struct store_event *event)
{
    (void)userdata;
    return event->kind == STORE_EVENT_RESET ? 42 : -1;
}

static void test_events_and_info(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    struct store_reader *reader = NULL;
    struct store_info info;
    assert_int_equal(store_reader_open(&reader, fixture->path), 0);
    assert_int_equal(store_reader_info(reader, &info), 0);
    assert_true(info.first_s == INT64_MAX && info.last_s == INT64_MIN);
    struct store_period period = {.since_s = NOON, .until_s = NOON + 600};
    assert_int_equal(store_reader_period(reader, INT64_MIN, INT64_MAX, &period), STORE_NO_DATA);

    const struct store_event events[] = {
        {NOON,       STORE_EVENT_RESET, "package-0", 0, 1  },
        {NOON + 599, STORE_EVENT_LOST,  "dram-0",    5, 20 },
        {NOON + 600, STORE_EVENT_STOP,  "",          0, 300},
    };
    batch_minutes(batch, NOON, NOON + 660, 1000);
    batch->store.events = events;
    batch->store.n_events = ARRAY_SIZE(events);
    assert_int_equal(fixture_commit(fixture, batch, NOON + 700), 0);
    struct store_event sum = {0};
    period = (struct store_period){.since_s = NOON, .until_s = NOON + 600};
    assert_int_equal(store_reader_events(reader, &period, count_event, &sum), 0);
    assert_int_equal(sum.duration_ns, 2);
    assert_int_equal(sum.energy_uj, 21);
    assert_int_equal(sum.kind, STORE_EVENT_LOST);
    assert_string_equal(sum.subject, "dram-0");
    assert_int_equal(store_reader_events(reader, &period, stop_at_once, NULL), 42);

    assert_int_equal(store_reader_info(reader, &info), 0);
    assert_memory_equal(info.host_id, fixture->options.host_id, STORE_HOST_ID_SIZE);
    assert_string_equal(info.timezone, "UTC");
    assert_int_equal(info.first_s, NOON);
    assert_int_equal(info.last_s, NOON + 660);
    assert_int_equal(info.committed_s, NOON + 700);
    assert_null(store_reader_close(reader));
    free(batch);
}

/* A person with the sqlite3 shell finds the answer without reading the source. */
static void test_views(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    batch->workloads[2].kind = WORKLOAD_UNSPLIT;
    batch_energy(batch, NOON, 1, 0, UINT64_C(36000000000));
    batch_energy(batch, NOON, 2, 0, UINT64_C(36000000000));
    batch_span(batch, NOON, 60 * NS_PER_S);
    assert_int_equal(fixture_commit(fixture, batch, NOON), 0);
    assert_int_equal(fixture_query(fixture, "SELECT kwh * 1000 FROM daily WHERE day = '2026-11-23'"
                                            " AND unit = 'unit-1' AND source = 'rapl'"),
                     10);
    assert_int_equal(fixture_query(fixture, "SELECT sum(wh) FROM hourly"), 10);
    assert_int_equal(fixture_query(fixture, "SELECT instr(sql, 'half-width of the 95 % interval')"
                                            " > 0 FROM sqlite_master WHERE name = 'day_energy'"),
                     1);
    free(batch);
}

static uint64_t hash_of(const struct fixture *fixture)
{
    char block[4096];
    uint64_t hash = HASH_BEGIN;
    CLEANUP(close_fd_p) int fd = open(fixture->path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (ssize_t n; (n = read(fd, block, sizeof(block))) != 0;) {
        assert_true(n > 0);
        hash = hash_bytes(hash, block, (size_t)n);
    }
    return hash;
}

/* The disk is asked for a page of the current hour once in ten minutes, and what stands in the -wal
 * until then is read all the same. */
static void test_moves_every_ten_minutes(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    uint64_t hash = 0;
    for (int minute = 0; minute <= 20; minute++) {
        batch_minutes(batch, NOON + minute * MINUTE, NOON + (minute + 1) * MINUTE, 5);
        assert_int_equal(fixture_commit(fixture, batch, NOON + (minute + 1) * MINUTE), 0);
        uint64_t before = hash;
        hash = hash_of(fixture);
        assert_true((hash != before) == (minute % 10 == 0));
        batch_clear(batch);
    }
    fixture_check(fixture);
    free(batch);
}

/* A flush of seconds, or many workloads, fill the -wal sooner. */
static void test_moves_what_is_much(void **state)
{
    struct fixture *fixture = *state;
    struct batch *batch = batch_new();
    char wal[128];
    struct stat status;
    (void)snprintf(wal, sizeof(wal), "%s-wal", fixture->path);
    for (int i = 0; i < 100; i++) {
        batch_minutes(batch, NOON + i * 5 * HOUR, NOON + (i + 1) * 5 * HOUR, 1);
        fixture->frames = 0; /* the clock stands still */
        assert_int_equal(fixture_commit(fixture, batch, NOON + (i + 1) * 5 * HOUR), 0);
        assert_int_equal(stat(wal, &status), 0);
        assert_in_range(status.st_size, 0, 6 << 20);
        batch_clear(batch);
    }
    assert_in_range(status.st_size, 2 << 20, 6 << 20);
    free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_energy_and_names, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_sources_stay_apart, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_uncertainty_not_stated, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_overflow, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_many_minutes_in_a_batch, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_batches_that_contradict_themselves, begin,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_resume, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_events_and_info, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_views, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_moves_every_ten_minutes, begin, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_moves_what_is_much, begin, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
