/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Memory that is refused to SQLite, whichever request that is: a commit is refused as a whole or
 * done, and the next one is done as soon as there is memory again. */

#include "store_fixture.h"

#include <sqlite3.h>

#include "fault_memory.h"

/* New workloads, some that are known, and the activities of all. */
static void fill(struct batch *batch, int64_t at_s, uint64_t n)
{
    batch_clear(batch);
    for (uint32_t w = 0; w < FIXTURE_WORKLOADS; w++) {
        (void)snprintf(batch->workloads[w].command, sizeof(batch->workloads[w].command), "c%u-%d",
                       w, w % 2 == 0 ? (int)n : 0);
        batch_energy(batch, at_s, w, w % 3, 1000 + n);
        batch_activity(batch, at_s, w, 7);
    }
}

/* A commit for each n, until no n-th request is made any more. */
static void check_all(bool stays)
{
    struct fixture fixture;
    struct batch *batch = batch_new();
    int refused = 0;
    int64_t at_s = NOON;
    uint64_t n = 0;
    fixture_zone("UTC");
    fixture_begin(&fixture);
    fixture_keep_all(&fixture);
    fixture_open(&fixture);
    do {
        fill(batch, at_s, ++n);
        at_s += MINUTE;
        fault_memory = (struct fault_memory){.fail_at = n, .stays = stays};
        int r = fixture_commit(&fixture, batch, at_s);
        bool fired = fault_memory.fired;
        fault_memory.fail_at = 0;
        if (r < 0) {
            refused++;
            assert_int_equal(r, -ENOMEM);
            assert_true(fired);
            r = fixture_commit(&fixture, batch, at_s);
            if (r != 0)
                fail_msg("after request %d was refused: %d, %s", (int)n, r,
                         store_error(fixture.store));
        }
        fixture_check(&fixture);
    } while (fault_memory.fired);
    print_message("%d of %d refuse the commit\n", refused, (int)n - 1);
    assert_true(refused > 20 && n > 50);
    assert_int_equal(fixture_query(&fixture,
                                   "SELECT count(*) - count(DISTINCT unit || command || user) FROM "
                                   "workload"),
                     0);
    fixture_end(&fixture);
    free(batch);
}

static void test_refused_once(void **state)
{
    (void)state;
    check_all(false);
}

static void test_refused_from_then_on(void **state)
{
    (void)state;
    check_all(true);
}

/* ---- Opening ---- */

/* Refused, it is what it was, and is opened as soon as there is memory. Whether it was refused. */
static bool try_opening(struct fixture *fixture)
{
    char *aside = NULL;
    int r = store_open(&fixture->store, &fixture->options, &aside);
    fault_memory.fail_at = 0;
    (void)sqlite3_hard_heap_limit64(0);
    if (aside)
        fail_msg("a sound database was set aside: %s, %d", aside, r);
    if (r < 0) {
        assert_int_equal(r, -ENOMEM);
        assert_null(fixture->store);
        fixture_open(fixture);
    }
    fixture_check(fixture);
    fixture_close(fixture);
    return r < 0;
}

/* One of so many requests is tried, in the suite `long` ($GREEND_FAULTS) each. */
static void check_opening(bool new_file, bool stays, uint64_t step)
{
    struct fixture fixture;
    int refused = 0;
    uint64_t n = 1;
    fixture_begin(&fixture);
    if (!new_file) {
        fixture_open_hour(&fixture);
        fixture_close(&fixture);
    }
    for (bool fired = true; fired; n += step) {
        fault_memory = (struct fault_memory){.fail_at = n, .stays = stays};
        refused += try_opening(&fixture);
        fired = fault_memory.fired;
        if (new_file) {
            fixture_end(&fixture);
            fixture_begin(&fixture);
        }
    }
    print_message("%d of %d refuse the opening\n", refused, (int)((n - 1) / step) - 1);
    assert_true(refused > 20);
    fixture_end(&fixture);
}

static void test_new(void **state)
{
    (void)state;
    check_opening(true, false, getenv("GREEND_FAULTS") ? 1 : 211);
    check_opening(true, true, getenv("GREEND_FAULTS") ? 1 : 211);
}

static void test_existing(void **state)
{
    (void)state;
    check_opening(false, false, getenv("GREEND_FAULTS") ? 1 : 53);
    check_opening(false, true, getenv("GREEND_FAULTS") ? 1 : 53);
}

/* As where a limit of the machine is met again and again: pages are large, and miss it first. */
static void test_limit(void **state)
{
    (void)state;
    struct fixture fixture;
    struct batch *batch = batch_new();
    int refused = 0, tried = 0;
    fault_memory = (struct fault_memory){0};
    fixture_begin(&fixture);
    fixture_keep_all(&fixture);
    fixture_open(&fixture);
    for (int64_t at_s = NOON; at_s < NOON + 5 * HOUR; at_s += HOUR) {
        batch_clear(batch);
        batch_minutes(batch, at_s, at_s + HOUR, 1000);
        assert_int_equal(fixture_commit(&fixture, batch, at_s + HOUR), 0);
    }
    fixture_close(&fixture);
    int64_t step = getenv("GREEND_FAULTS") ? 1000 : 30000;
    for (int64_t room = 0; room < 3000000; room += step, tried++) {
        (void)sqlite3_hard_heap_limit64(sqlite3_memory_used() + 1 + room);
        refused += try_opening(&fixture);
    }
    print_message("%d of %d limits refuse the opening\n", refused, tried);
    assert_in_range(refused, 3, tried - 1);
    fixture_end(&fixture);
    free(batch);
}

int main(void)
{
    fault_memory_register();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_once), cmocka_unit_test(test_refused_from_then_on),
        cmocka_unit_test(test_new),          cmocka_unit_test(test_existing),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
