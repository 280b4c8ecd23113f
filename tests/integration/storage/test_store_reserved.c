/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What workloads reserved, in and out of the store. */

#include "store_fixture.h"

#include <sqlite3.h>

#define START INT64_C(1795392000) /* 2026-11-23 00:00 UTC */

struct state {
    struct fixture fixture;
    struct batch *batch;
};

static int begin(void **state)
{
    struct state *s = calloc(1, sizeof(*s));
    s->batch = batch_new();
    fixture_zone("UTC");
    fixture_begin(&s->fixture);
    fixture_open(&s->fixture);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct state *s = *state;
    fixture_end(&s->fixture);
    free(s->batch);
    free(s);
    return 0;
}

static void span(struct state *s, int64_t begin_s, uint64_t memory_ns, uint64_t weight_ns)
{
    s->batch->spans[s->batch->store.n_spans++] = (struct store_span){.begin_s = begin_s,
                                                                     .covered_ns = 60 * NS_PER_S,
                                                                     .memory_ns = memory_ns,
                                                                     .weight_ns = weight_ns};
}

enum { ROWS_MAX = 64 };

/* The rows without a domain, in their order. */
struct answer {
    struct store_period period;
    size_t n;
    struct store_usage rows[ROWS_MAX];
    char units[ROWS_MAX][WORKLOAD_UNIT_MAX];
};

static int keep(void *userdata, const struct store_usage *usage)
{
    struct answer *answer = userdata;
    if (usage->domain)
        return 0;
    assert_true(answer->n < ROWS_MAX);
    memcpy(answer->units[answer->n], usage->workload->unit, WORKLOAD_UNIT_MAX);
    answer->rows[answer->n++] = *usage;
    return 0;
}

static void ask(const struct state *s, enum store_group group, int64_t since_s, int64_t until_s,
                struct answer *answer)
{
    struct store_reader *reader = NULL;
    *answer = (struct answer){0};
    assert_int_equal(store_reader_open(&reader, s->fixture.path), 0);
    assert_int_equal(store_reader_period(reader, since_s, until_s, &answer->period), 0);
    assert_int_equal(store_reader_usage(reader, &answer->period, group, keep, answer), 0);
    assert_null(store_reader_close(reader));
}

static const struct store_usage *row_of(const struct answer *answer, const char *unit)
{
    for (size_t i = 0; i < answer->n; i++)
        if (str_equal(answer->units[i], unit))
            return &answer->rows[i];
    fail_msg("no row of %s", unit);
    return NULL;
}

/* Two hours: unit-1 holds memory throughout, unit-2 works and is known for its weight alone. */
static void fill(struct state *s)
{
    for (int64_t at_s = START; at_s < START + 2 * HOUR; at_s += MINUTE) {
        batch_energy(s->batch, at_s, 0, 0, 100);
        batch_reserved(s->batch, at_s, 1, 6000, UINT64_MAX);
        batch_reserved(s->batch, at_s, 2, UINT64_MAX, 60);
        batch_activity(s->batch, at_s, 2, 7);
        span(s, at_s, 60 * NS_PER_S, at_s < START + HOUR ? 60 * NS_PER_S : 0);
    }
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 2 * HOUR), 0);
}

static void test_in_and_out(void **state)
{
    struct state *s = *state;
    struct answer answer;
    fill(s);
    fixture_check(&s->fixture);
    ask(s, STORE_BY_WORKLOAD, START, START + DAY, &answer);
    assert_int_equal(answer.period.memory_ns, 7200 * NS_PER_S);
    assert_int_equal(answer.period.weight_ns, 3600 * NS_PER_S);
    assert_int_equal(answer.n, 2);
    const struct store_usage *row = row_of(&answer, "unit-1");
    assert_int_equal(row->memory_kib_s, 120 * 6000);
    assert_int_equal(row->weight_ppb_s, 0);
    assert_int_equal(row->cpu_ns, 0);
    row = row_of(&answer, "unit-2");
    assert_int_equal(row->memory_kib_s, 0);
    assert_int_equal(row->weight_ppb_s, 120 * 60);
    assert_int_equal(row->cpu_ns, 120 * 7);
    assert_int_equal(row->weight_ns, 3600 * NS_PER_S);

    /* By the hour, each with what is known of it; and a part of one, from its minutes. */
    ask(s, STORE_BY_HOUR, START, START + DAY, &answer);
    assert_int_equal(answer.n, 4);
    for (size_t i = 0; i < answer.n; i++) {
        assert_int_equal(answer.rows[i].covered_ns, 3600 * NS_PER_S);
        assert_int_equal(answer.rows[i].memory_ns, 3600 * NS_PER_S);
        assert_int_equal(answer.rows[i].weight_ns, i < 2 ? 3600 * NS_PER_S : 0);
        assert_int_equal(answer.rows[i].memory_kib_s,
                         str_equal(answer.units[i], "unit-1") ? 60 * 6000 : 0);
    }
    ask(s, STORE_BY_WORKLOAD, START + 50 * MINUTE, START + 75 * MINUTE, &answer);
    row = row_of(&answer, "unit-1");
    assert_int_equal(row->memory_kib_s, 25 * 6000);
    assert_int_equal(row->memory_ns, 25 * 60 * NS_PER_S);
    assert_int_equal(row->weight_ns, 10 * 60 * NS_PER_S);
}

/* All levels say the same, NULL is what nobody knows, and the sum of what is known otherwise. */
static void test_null(void **state)
{
    struct state *s = *state;
    batch_reserved(s->batch, START, 1, UINT64_MAX, UINT64_MAX);
    batch_reserved(s->batch, START + 60, 1, 5, UINT64_MAX);
    batch_reserved(s->batch, START + 120, 1, UINT64_MAX, 9);
    batch_reserved(s->batch, START + 180, 1, 6, UINT64_MAX);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + HOUR), 0);
    static const char *const levels[] = {"hour", "day"};
    for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
        char sql[160];
        (void)snprintf(sql, sizeof(sql),
                       "SELECT count(*) FROM %s_reserved WHERE memory_kib_s = 11"
                       " AND weight_ppb_s = 9",
                       levels[i]);
        assert_int_equal(fixture_query(&s->fixture, sql), 1);
    }
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM minute_reserved"
                                                " WHERE memory_kib_s IS NULL"),
                     2);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM minute_reserved"
                                                " WHERE weight_ppb_s IS NULL"),
                     3);
}

/* Sums stop at 2^63 - 1, in the file and in an answer. */
static void test_sums_stop(void **state)
{
    struct state *s = *state;
    struct answer answer;
    for (int i = 0; i < 3; i++) {
        batch_clear(s->batch);
        batch_reserved(s->batch, START, 1, INT64_MAX - 1, UINT64_MAX - 1);
        batch_reserved(s->batch, START + 60, 1, 6, 6);
        span(s, START, UINT64_MAX, UINT64_MAX);
        assert_int_equal(fixture_commit(&s->fixture, s->batch, START + HOUR), 0);
    }
    ask(s, STORE_BY_WORKLOAD, START, START + DAY, &answer);
    assert_int_equal(answer.rows[0].memory_kib_s, INT64_MAX);
    assert_int_equal(answer.rows[0].weight_ppb_s, INT64_MAX);
    assert_int_equal(answer.period.memory_ns, INT64_MAX);
    assert_int_equal(answer.period.weight_ns, INT64_MAX);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM day_span WHERE"
                                                " typeof(memory_ns) = 'integer'"
                                                " AND typeof(weight_ns) = 'integer'"),
                     1);
}

static void test_unsound_batches(void **state)
{
    struct state *s = *state;
    batch_reserved(s->batch, START + 1, 1, 5, 5);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START), -EINVAL);
    batch_clear(s->batch);
    batch_reserved(s->batch, START, FIXTURE_WORKLOADS, 5, 5);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START), -EINVAL);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM day_reserved"), 0);
}

/* A file may hold anything. */
static void test_hostile_rows(void **state)
{
    struct state *s = *state;
    static const char *const rows[] = {"1, -5, 1", "1, 1, -5", "99, 1, 1"};
    fill(s);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char sql[160];
        sqlite3 *db = NULL;
        struct answer answer = {0};
        struct store_reader *reader = NULL;
        assert_int_equal(sqlite3_open(s->fixture.path, &db), SQLITE_OK);
        (void)snprintf(sql, sizeof(sql),
                       "DELETE FROM day_reserved; INSERT INTO day_reserved VALUES (%lld, %s)",
                       (long long)START, rows[i]);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(store_reader_open(&reader, s->fixture.path), 0);
        assert_int_equal(store_reader_period(reader, START, START + DAY, &answer.period), 0);
        assert_int_equal(
            store_reader_usage(reader, &answer.period, STORE_BY_WORKLOAD, keep, &answer), -EUCLEAN);
        assert_null(store_reader_close(reader));
    }
}

static void test_view(void **state)
{
    struct state *s = *state;
    fill(s);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM daily_reserved"), 2);
    assert_int_equal(fixture_query(&s->fixture,
                                   "SELECT CAST(memory_mib * 1024 AS INTEGER) FROM daily_reserved"
                                   " WHERE unit = 'unit-1'"),
                     100);
    assert_int_equal(fixture_query(&s->fixture,
                                   "SELECT CAST(weight_share * 1e9 AS INTEGER) FROM daily_reserved"
                                   " WHERE unit = 'unit-2'"),
                     2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_and_out, begin, end),
        cmocka_unit_test_setup_teardown(test_null, begin, end),
        cmocka_unit_test_setup_teardown(test_sums_stop, begin, end),
        cmocka_unit_test_setup_teardown(test_unsound_batches, begin, end),
        cmocka_unit_test_setup_teardown(test_hostile_rows, begin, end),
        cmocka_unit_test_setup_teardown(test_view, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
