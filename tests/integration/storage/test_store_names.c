/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Names of persons: they go when their time is over or when a person asks, from every byte of the
 * files, and every microjoule stays. */

#include "storage/writer/store_lock.h"
#include "store_fixture.h"

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
    fixture_keep_all(&s->fixture);
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

/* How often a text stands in the database's files. */
static int traces(const struct state *s, const char *text)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    int count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s%s", s->fixture.path, suffixes[i]);
        FILE *file = fopen(path, "re");
        if (!file)
            continue;
        char *bytes = malloc(8 << 20);
        assert_non_null(bytes);
        size_t length = fread(bytes, 1, 8 << 20, file);
        assert_true(feof(file));
        const char *at = bytes, *limit = bytes + length;
        while ((at = memmem(at, (size_t)(limit - at), text, strlen(text)))) {
            count++;
            at++;
        }
        free(bytes);
        (void)fclose(file);
    }
    return count;
}

/* A few hundred minutes of all workloads, enough to split pages. */
static void fill(struct state *s, int64_t since_s, int64_t until_s)
{
    for (int64_t at_s = since_s; at_s < until_s; at_s += HOUR) {
        batch_clear(s->batch);
        for (int64_t minute_s = at_s; minute_s < at_s + HOUR; minute_s += 60)
            for (uint32_t w = 0; w < FIXTURE_WORKLOADS; w++) {
                batch_energy(s->batch, minute_s, w, w % 3, 1000 + w);
                batch_activity(s->batch, minute_s, w, 10 + w);
                batch_reserved(s->batch, minute_s, w, 100 + w, w % 2 ? UINT64_MAX : 1000 + w);
            }
        assert_int_equal(fixture_commit(&s->fixture, s->batch, at_s + HOUR), 0);
    }
}

static int64_t named(const struct state *s, const char *level, const char *user)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT coalesce(max(e.begin_s), 0) FROM %s_energy AS e"
                   " JOIN workload AS w ON w.id = e.workload WHERE w.user = '%s'",
                   level, user);
    return fixture_query(&s->fixture, sql);
}

static int64_t oldest_named(const struct state *s, const char *level)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT min(e.begin_s) FROM %s_energy AS e JOIN workload AS w"
                   " ON w.id = e.workload WHERE w.kind = 'user' AND w.user <> 'users'",
                   level);
    return fixture_query(&s->fixture, sql);
}

/* CPU time, memory and weight: what was named has gone to others, on all levels alike. */
static void check_rest(const struct state *s)
{
    static const char *const columns[][2] = {
        {"cpu_ns",       "cpu"     },
        {"memory_kib_s", "reserved"},
        {"weight_ppb_s", "reserved"},
    };
    static const char *const levels[] = {"minute", "hour", "day"};
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        int64_t first = 0;
        for (size_t level = 0; level < ARRAY_SIZE(levels); level++) {
            char sql[96];
            (void)snprintf(sql, sizeof(sql), "SELECT sum(%s) FROM %s_%s", columns[i][0],
                           levels[level], columns[i][1]);
            int64_t sum = fixture_query(&s->fixture, sql);
            first = level == 0 ? sum : first;
            assert_true(sum > 0);
            assert_int_equal(sum, first);
        }
    }
}

static void test_never_recorded(void **state)
{
    struct state *s = *state;
    s->fixture.options.retention_names_s = 0;
    fixture_open(&s->fixture);
    fill(s, START, START + 2 * HOUR);
    /* Once more within the hour: no later cleaning hides what was written. */
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 2 * HOUR + 60), 0);
    assert_int_equal(traces(s, "alice"), 0);
    assert_int_equal(traces(s, "user-100"), 0);
    assert_true(traces(s, "command-9") > 0);
    fixture_check(&s->fixture);
    assert_int_equal(
        fixture_query(&s->fixture, "SELECT count(*) FROM workload WHERE user = 'users'"), 4);
}

static void test_past_their_time(void **state)
{
    struct state *s = *state;
    s->fixture.options.retention_names_s = 6 * HOUR;
    fixture_open(&s->fixture);
    fill(s, START, START + 8 * HOUR);
    fixture_check(&s->fixture);
    check_rest(s);
    assert_int_equal(oldest_named(s, "minute"), START + 2 * HOUR + 60);
    assert_int_equal(oldest_named(s, "hour"), START + 3 * HOUR);
    assert_int_equal(named(s, "day", "alice"), 0);
    assert_true(traces(s, "alice") > 0);
    /* Alice and Bob leave; six hours later nothing of them is left. */
    batch_clear(s->batch);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 13 * HOUR), 0);
    assert_int_equal(named(s, "minute", "alice"), START + 8 * HOUR - 60);
    assert_true(traces(s, "user-1000") > 0);
    batch_clear(s->batch);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 14 * HOUR), 0);
    assert_int_equal(traces(s, "alice"), 0);
    assert_int_equal(traces(s, "bob"), 0);
    assert_int_equal(traces(s, "user-100"), 0);
    fixture_check(&s->fixture);
    check_rest(s);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM workload"), 12);
}

/* A person who holds memory and never works is one as well. */
static void test_who_only_holds_memory(void **state)
{
    struct state *s = *state;
    s->fixture.options.retention_names_s = 6 * HOUR;
    fixture_open(&s->fixture);
    for (int64_t at_s = START; at_s < START + 8 * HOUR; at_s += HOUR) {
        batch_clear(s->batch);
        for (int64_t minute_s = at_s; minute_s < at_s + HOUR; minute_s += 60)
            batch_reserved(s->batch, minute_s, 8, 100, 10);
        assert_int_equal(fixture_commit(&s->fixture, s->batch, at_s + HOUR), 0);
    }
    fixture_check(&s->fixture);
    assert_int_equal(fixture_query(&s->fixture, "SELECT min(r.begin_s) FROM minute_reserved AS r"
                                                " JOIN workload AS w ON w.id = r.workload"
                                                " WHERE w.user = 'alice'"),
                     START + 2 * HOUR + 60);
    assert_int_equal(fixture_query(&s->fixture, "SELECT sum(memory_kib_s) FROM hour_reserved"),
                     8 * 60 * 100);
    batch_clear(s->batch);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 15 * HOUR), 0);
    assert_int_equal(traces(s, "alice"), 0);
    fixture_check(&s->fixture);
}

static int fill_in_row(void *userdata, const struct store_usage *usage)
{
    (void)usage;
    struct state *s = userdata;
    fill(s, START + HOUR, START + 2 * HOUR);
    (void)str_copy(s->batch->workloads[9].user, WORKLOAD_USER_MAX, "carol");
    fill(s, START + 2 * HOUR, START + 3 * HOUR);
    return 1;
}

/* A reader makes the -wal grow; what stands at its far end is not overwritten by what follows. */
static void test_far_end_of_the_wal(void **state)
{
    struct state *s = *state;
    struct store_reader *reader = NULL;
    struct store_period period;
    s->fixture.options.retention_names_s = 6 * HOUR;
    fixture_open(&s->fixture);
    fill(s, START, START + HOUR);
    assert_int_equal(store_reader_open(&reader, s->fixture.path), 0);
    assert_int_equal(store_reader_period(reader, INT64_MIN, INT64_MAX, &period), 0);
    assert_int_equal(store_reader_usage(reader, &period, STORE_BY_DAY, fill_in_row, s), 1);
    assert_null(store_reader_close(reader));
    assert_true(traces(s, "carol") > 0);
    batch_clear(s->batch);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START + 10 * HOUR), 0);
    assert_int_equal(traces(s, "carol"), 0);
    assert_int_equal(traces(s, "alice"), 0);
}

/* A wrong clock may fold names too early, never too late. */
static void test_clock_set_back(void **state)
{
    struct state *s = *state;
    s->fixture.options.retention_names_s = 2 * HOUR;
    fixture_open(&s->fixture);
    fill(s, START + 10 * DAY, START + 10 * DAY + HOUR);
    fill(s, START, START + HOUR);
    assert_int_equal(named(s, "minute", "alice"), START + 10 * DAY + HOUR - 60);
    fill(s, START + 10 * DAY + 4 * HOUR, START + 10 * DAY + 5 * HOUR);
    assert_int_equal(oldest_named(s, "minute"), START + 10 * DAY + 4 * HOUR);
    fixture_check(&s->fixture);
}

static void test_forget(void **state)
{
    struct state *s = *state;
    uint64_t changed = 77;
    struct store_series series[] = {
        {WORKLOAD_USER,    "user-1000",          "a", "", SOURCE_RAPL, 40, 4, 400, 1, 0},
        {WORKLOAD_SERVICE, "sync@alice.service", "b", "", SOURCE_RAPL, 7,  1, 10,  9, 5},
    };
    const char *units[] = {"sync@alice.service", "home-alice.mount", "alice.service",
                           "malice.service"};
    for (size_t i = 0; i < ARRAY_SIZE(units); i++)
        (void)str_copy(s->batch->workloads[1 + i].unit, WORKLOAD_UNIT_MAX, units[i]);
    (void)str_copy(s->batch->workloads[5].user, WORKLOAD_USER_MAX, "alice");
    fixture_open(&s->fixture);
    s->batch->store.series = series;
    s->batch->store.n_series = ARRAY_SIZE(series);
    assert_int_equal(fixture_commit(&s->fixture, s->batch, START), 0);
    fill(s, START, START + 30 * HOUR);
    assert_true(traces(s, "alice") > 0);
    assert_int_equal(store_forget_user(s->fixture.store, "alice", &changed), 0);
    assert_int_equal(changed, 3 + 1 + 2);
    assert_int_equal(traces(s, "alice"), traces(s, "malice"));
    assert_true(traces(s, "malice.service") > 0);
    assert_int_equal(traces(s, "user-1000"), 0);
    assert_true(traces(s, "bob") > 0);
    fixture_check(&s->fixture);
    check_rest(s);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM workload WHERE unit IN"
                                                " ('sync@users.service', 'home-users.mount',"
                                                " 'users.service', 'malice.service')"),
                     4);
    int64_t minutes = 30 * 60, memory = 0, weight = 0;
    for (int64_t w = 0; w < FIXTURE_WORKLOADS; w++) {
        memory += minutes * (100 + w);
        weight += w % 2 ? 0 : minutes * (1000 + w);
    }
    assert_int_equal(fixture_query(&s->fixture, "SELECT sum(memory_kib_s) FROM day_reserved"),
                     memory);
    assert_int_equal(fixture_query(&s->fixture, "SELECT sum(weight_ppb_s) FROM day_reserved"),
                     weight);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM series"), 0);
    /* Nothing is left to do; and no one is no one. */
    assert_int_equal(store_forget_user(s->fixture.store, "alice", &changed), 0);
    assert_int_equal(changed, 0);
    assert_int_equal(store_forget_user(s->fixture.store, "", &changed), 0);
    assert_int_equal(store_forget_user(s->fixture.store, "users", &changed), 0);
    fill(s, START + 30 * HOUR, START + 31 * HOUR);
    fixture_check(&s->fixture);
}

/* Two persons become one, and systemd's way to write a name is known. */
static void test_forget_merges(void **state)
{
    struct state *s = *state;
    uint64_t changed = 0;
    (void)str_copy(s->batch->workloads[1].unit, WORKLOAD_UNIT_MAX, "home-jean\\x2dpaul.mount");
    for (uint32_t w = 8; w < 10; w++) {
        (void)str_copy(s->batch->workloads[w].command, WORKLOAD_COMMAND_MAX, "bash");
        (void)str_copy(s->batch->workloads[w].user, WORKLOAD_USER_MAX,
                       w == 8 ? "jean-paul" : "eve");
    }
    fixture_open(&s->fixture);
    fill(s, START, START + 3 * HOUR);
    assert_int_equal(store_forget_user(s->fixture.store, "jean", &changed), 0);
    assert_int_equal(changed, 0);
    assert_int_equal(store_forget_user(s->fixture.store, "jean-paul", &changed), 0);
    assert_int_equal(changed, 2);
    assert_int_equal(traces(s, "jean"), 0);
    assert_int_equal(store_forget_user(s->fixture.store, "eve", &changed), 0);
    assert_int_equal(changed, 1);
    fixture_check(&s->fixture);
    assert_int_equal(fixture_query(&s->fixture, "SELECT count(*) FROM workload"), 11);
    assert_int_equal(fixture_query(&s->fixture,
                                   "SELECT sum(energy_uj) FROM hour_energy AS e JOIN workload AS w"
                                   " ON w.id = e.workload WHERE w.user = 'users'"),
                     180 * (1008 + 1009));
}

static int wait_in_row(void *userdata, const struct store_usage *usage)
{
    (void)usage;
    uint64_t changed = 0;
    struct state *s = userdata;
    assert_int_equal(store_forget_user(s->fixture.store, "alice", &changed), -EBUSY);
    return 1;
}

/* While a reader holds an older snapshot the names in it cannot go: that is said. */
static void test_forget_with_a_reader(void **state)
{
    struct state *s = *state;
    struct store_reader *reader = NULL;
    struct store_period period;
    uint64_t changed = 0;
    fixture_open(&s->fixture);
    fill(s, START, START + HOUR);
    assert_int_equal(store_reader_open(&reader, s->fixture.path), 0);
    assert_int_equal(store_reader_period(reader, INT64_MIN, INT64_MAX, &period), 0);
    assert_int_equal(store_reader_usage(reader, &period, STORE_BY_DAY, wait_in_row, s), 1);
    assert_int_equal(store_forget_user(s->fixture.store, "alice", &changed), 0);
    assert_int_equal(traces(s, "alice"), 0);
    assert_null(store_reader_close(reader));
    fixture_check(&s->fixture);
}

/* The way of greend-ctl: beside the daemon, and with what it must leave alone. */
static void test_forget_beside_the_daemon(void **state)
{
    struct state *s = *state;
    struct store *other = NULL;
    uint64_t changed = 0;
    assert_int_equal(store_open_existing(&other, s->fixture.path), -ENOENT);
    assert_int_equal(access(s->fixture.path, F_OK), -1);
    fixture_open(&s->fixture);
    fill(s, START, START + HOUR);
    assert_int_equal(store_open_existing(&other, s->fixture.path), 0);
    assert_int_equal(store_forget_user(other, "alice", &changed), 0);
    assert_true(changed > 0);
    assert_int_equal(traces(s, "alice"), 0);
    assert_null(store_close(other));
    assert_int_equal(fixture_query(&s->fixture, "SELECT timezone = 'UTC' FROM state"), 1);
    fill(s, START + HOUR, START + 2 * HOUR); /* and the daemon goes on, with the name it has */
    assert_true(traces(s, "alice") > 0);
    fixture_check(&s->fixture);
    fixture_close(&s->fixture);

    assert_int_equal(truncate(s->fixture.path, 5000), 0); /* corrupt: it stays where it is */
    assert_int_equal(store_open_existing(&other, s->fixture.path), -EUCLEAN);
    assert_int_equal(access(s->fixture.path, F_OK), 0);
    assert_int_equal(truncate(s->fixture.path, 0), 0);
    assert_int_equal(store_open_existing(&other, s->fixture.path), -EUCLEAN);
    assert_int_equal(store_open_existing(&other, s->fixture.directory), -EISDIR);
}

static void test_a_lock_is_seen_and_not_made(void **state)
{
    struct state *s = *state;
    char lock[128];
    int fd = -1;
    (void)snprintf(lock, sizeof(lock), "%s.lock", s->fixture.path);
    assert_false(store_lock_is_held(s->fixture.path));
    assert_int_equal(access(lock, F_OK), -1);
    assert_int_equal(store_lock(&fd, s->fixture.path), 0);
    assert_true(store_lock_is_held(s->fixture.path));
    assert_int_equal(close(fd), 0);
    assert_false(store_lock_is_held(s->fixture.path));
    assert_int_equal(unlink(lock), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_never_recorded, begin, end),
        cmocka_unit_test_setup_teardown(test_past_their_time, begin, end),
        cmocka_unit_test_setup_teardown(test_who_only_holds_memory, begin, end),
        cmocka_unit_test_setup_teardown(test_far_end_of_the_wal, begin, end),
        cmocka_unit_test_setup_teardown(test_clock_set_back, begin, end),
        cmocka_unit_test_setup_teardown(test_forget, begin, end),
        cmocka_unit_test_setup_teardown(test_forget_merges, begin, end),
        cmocka_unit_test_setup_teardown(test_forget_with_a_reader, begin, end),
        cmocka_unit_test_setup_teardown(test_forget_beside_the_daemon, begin, end),
        cmocka_unit_test_setup_teardown(test_a_lock_is_seen_and_not_made, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
