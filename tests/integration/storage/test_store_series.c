/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The exporter's counters in the store: what changed is written, all of it is resumed. Names of
 * persons leave meanwhile; what is left must not contradict itself. */

#include "core/series/series.h"
#include "store_fixture.h"
#include "support/machine.h"

#define START INT64_C(1795392000) /* 2026-11-23 00:00 UTC */

enum { ALICE = 8, BOB = 9, WEB = 1, ROWS = 512 };

/* A daemon whose recorder commits each frame, and the store it writes to. */
struct writer {
    struct fixture fixture;
    struct batch *batch;
    struct machine *machine;
    uint16_t package;
    uint32_t ids[FIXTURE_WORKLOADS];
    struct series *series;
    struct frame frame;
    uint64_t exported; /* series->frames of the last commit */
    bool written;      /* the store has the series of this daemon */
    int64_t now_s, step_s;
    struct store_series rows[ROWS];
};

static int begin(void **state)
{
    struct writer *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    w->batch = batch_new();
    w->machine = machine_new(RING_SLOTS_DEFAULT, 1);
    w->package = machine_add_domain(w->machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    for (uint32_t i = 1; i < FIXTURE_WORKLOADS; i++) {
        const struct workload *workload = &w->batch->workloads[i];
        w->ids[i] = machine_name(w->machine, 10 + i, 1, workload->kind, workload->unit,
                                 workload->command, workload->user);
    }
    w->series = series_new(10);
    w->now_s = START;
    w->step_s = 60;
    fixture_zone("UTC");
    fixture_begin(&w->fixture);
    fixture_keep_all(&w->fixture);
    fixture_open(&w->fixture);
    *state = w;
    return 0;
}

static int end(void **state)
{
    struct writer *w = *state;
    fixture_end(&w->fixture);
    (void)series_free(w->series);
    frame_done(&w->frame);
    machine_free(w->machine);
    free(w->batch);
    free(w);
    return 0;
}

/* A frame in which one workload (0: none) used some odd energy, committed. */
static void step(struct writer *w, uint32_t workload)
{
    uint64_t energy_uj = 1234567 + 1000 * workload;
    machine_begin(w->machine, (uint64_t)w->step_s * NS_PER_S);
    if (workload != 0)
        machine_use(w->machine, w->package, w->ids[workload], 1, energy_uj, NS_PER_S);
    machine_end(w->machine, &w->frame);
    assert_int_equal(series_consume(w->series, &w->machine->ring, &w->frame), 0);

    batch_clear(w->batch);
    if (workload != 0)
        batch_energy(w->batch, w->now_s, workload, 0, energy_uj);
    struct store_batch *batch = &w->batch->store;
    batch->n_series =
        series_export(w->series, w->exported, w->rows, ARRAY_SIZE(w->rows), &batch->series_reset);
    assert_in_range(batch->n_series, 1, ARRAY_SIZE(w->rows));
    batch->series = w->rows;
    batch->series_reset |= !w->written;
    w->now_s += w->step_s;
    assert_int_equal(fixture_commit(&w->fixture, w->batch, w->now_s), 0);
    w->exported = w->series->frames;
    w->written = true;
}

static void steps(struct writer *w, uint32_t workload, int n)
{
    for (int i = 0; i < n; i++)
        step(w, workload);
}

static const struct series_workload *find(const struct writer *w, uint32_t workload)
{
    const struct workload *named = &w->batch->workloads[workload];
    return series_find(w->series, named->kind, named->unit, named->command);
}

/* The daemon is restarted. Whether its counters go on: where they may, they must be whole. */
static bool restart(struct writer *w)
{
    fixture_close(&w->fixture);
    fixture_open(&w->fixture);
    struct store_resume resume = {0};
    assert_int_equal(store_load_resume(w->fixture.store, &resume), 0);
    bool goes_on = resume.position.series_continuous;
    if (goes_on)
        assert_int_equal(series_import(w->series, resume.series, resume.n_series), 0);
    else
        series_restart(w->series);
    w->exported = goes_on ? w->series->frames : 0;
    w->written = goes_on;
    store_resume_done(&resume);
    return goes_on;
}

/* As greend-ctl does. */
static void forget(const struct writer *w, const char *user)
{
    struct store *other = NULL;
    uint64_t changed = 0;
    assert_int_equal(store_open_existing(&other, w->fixture.path), 0);
    assert_int_equal(store_forget_user(other, user, &changed), 0);
    assert_true(changed > 0);
    assert_null(store_close(other));
}

static int64_t count_series(const struct writer *w)
{
    return fixture_query(&w->fixture, "SELECT count(*) FROM series");
}

static void test_counters_go_on(void **state)
{
    struct writer *w = *state;
    steps(w, ALICE, 3);
    steps(w, BOB, 3);
    steps(w, WEB, 3);
    struct series_counter alice = find(w, ALICE)->energy[SOURCE_RAPL];
    assert_true(restart(w));
    assert_memory_equal(&find(w, ALICE)->energy[SOURCE_RAPL], &alice, sizeof(alice));
    steps(w, BOB, 2);
    assert_true(restart(w));
    fixture_check(&w->fixture);
}

/* While the recorder writes, of workloads that go on or not. Its names are in memory still: nothing
 * of them comes back into the series, and what changes is not put beside what is gone. */
static void test_forgotten_beside_the_writer(void **state)
{
    struct writer *w = *state;
    static const uint32_t then[] = {0, WEB, BOB, ALICE};
    for (size_t i = 0; i < ARRAY_SIZE(then); i++) {
        steps(w, ALICE, 3);
        steps(w, BOB, 3);
        steps(w, WEB, 3);
        forget(w, "alice");
        assert_int_equal(count_series(w), 0);
        steps(w, then[i], 5);
        assert_int_equal(count_series(w), 0);
        assert_false(restart(w));
        assert_null(find(w, BOB));
        steps(w, BOB, 2); /* the next daemon's counters are its own */
        assert_true(count_series(w) > 0);
        assert_true(restart(w));
        assert_non_null(find(w, BOB));
        fixture_check(&w->fixture);
    }
}

/* The same at the moment at which all rows would be put anew. */
static void test_forgotten_before_all_is_put(void **state)
{
    struct writer *w = *state;
    steps(w, ALICE, 3);
    forget(w, "alice");
    w->series->forgotten = w->series->frames + 1;
    step(w, WEB);
    assert_true(w->batch->store.series_reset);
    assert_int_equal(count_series(w), 0);
    assert_false(restart(w));
}

/* Between the start of a daemon and its first commit. */
static void test_forgotten_before_the_first_commit(void **state)
{
    struct writer *w = *state;
    steps(w, ALICE, 3);
    steps(w, WEB, 3);
    assert_true(restart(w));
    forget(w, "alice");
    steps(w, WEB, 3);
    assert_int_equal(count_series(w), 0);
    assert_false(restart(w));
}

/* While no daemon runs. */
static void test_forgotten_between_daemons(void **state)
{
    struct writer *w = *state;
    steps(w, ALICE, 3);
    steps(w, WEB, 3);
    fixture_close(&w->fixture);
    forget(w, "alice");
    assert_false(restart(w));
    steps(w, WEB, 3);
    assert_true(restart(w));
    fixture_check(&w->fixture);
}

/* Past their time names leave the history and, by the same rule, the counters: these go on. */
static void test_names_past_their_time(void **state)
{
    struct writer *w = *state;
    fixture_close(&w->fixture);
    w->fixture.options.retention_names_s = 48 * HOUR;
    fixture_open(&w->fixture);
    steps(w, ALICE, 3);
    steps(w, WEB, 3);
    steps(w, BOB, 3);
    w->step_s = 600;
    for (int hour = 0; hour < 50; hour++) {
        steps(w, BOB, 5);
        step(w, WEB);
        if (hour % 10 == 9)
            assert_true(restart(w));
    }
    assert_int_equal(
        fixture_query(&w->fixture, "SELECT count(*) FROM workload WHERE user = 'alice'"), 0);
    assert_int_equal(
        fixture_query(&w->fixture, "SELECT count(*) FROM series WHERE unit = 'user-1000'"), 0);
    assert_true(fixture_query(&w->fixture, "SELECT count(*) FROM series WHERE unit = 'user-1001'") >
                0);
    assert_null(find(w, ALICE));
    assert_non_null(find(w, BOB));
    steps(w, ALICE, 3); /* she is back, and a newcomer */
    assert_true(restart(w));
    assert_in_range(find(w, ALICE)->energy[SOURCE_RAPL].energy_uj, 0, 2000000);
    fixture_check(&w->fixture);
}

/* From now on nobody is to be named: the counters that name someone are not resumed. */
static void test_names_are_not_kept_any_more(void **state)
{
    struct writer *w = *state;
    steps(w, ALICE, 3);
    steps(w, WEB, 3);
    w->fixture.options.retention_names_s = 0;
    assert_false(restart(w));
    steps(w, WEB, 3);
    assert_int_equal(
        fixture_query(&w->fixture, "SELECT count(*) FROM series WHERE unit LIKE 'user-%'"), 0);
    assert_int_equal(
        fixture_query(&w->fixture, "SELECT count(*) FROM workload WHERE unit LIKE 'user-%'"), 0);
    assert_true(restart(w));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_counters_go_on),
        TEST(test_forgotten_beside_the_writer),
        TEST(test_forgotten_before_all_is_put),
        TEST(test_forgotten_before_the_first_commit),
        TEST(test_forgotten_between_daemons),
        TEST(test_names_past_their_time),
        TEST(test_names_are_not_kept_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
