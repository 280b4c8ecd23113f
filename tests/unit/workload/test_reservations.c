/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "workload_fixture.h"

#include "core/workload/reservations.h"

static struct reserved_unit a_unit(enum cgroup_kind kind, const char *name, uint32_t owner,
                                   uint64_t memory_kib, uint32_t weight_ppb)
{
    struct reserved_unit unit = {
        .cgroup = {.kind = kind, .owner = owner},
        .memory_kib = memory_kib,
        .weight_ppb = weight_ppb
    };
    (void)snprintf(unit.cgroup.unit, sizeof(unit.cgroup.unit), "%s", name);
    return unit;
}

static struct reserved_unit with_uids(struct reserved_unit unit, const uint32_t *uids, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        unit.uids[i] = uids[i];
    unit.n_uids = n;
    return unit;
}

/* ---- What a unit is called ---- */

static void check(const struct workload_rules *rules, const struct reserved_unit *unit,
                  enum workload_kind kind, const char *name, const char *user)
{
    struct workload workload;
    memset(&workload, 0xa5, sizeof(workload));
    workload_describe_unit(rules, unit, &workload);
    assert_int_equal(workload.kind, kind);
    assert_string_equal(workload.unit, name);
    assert_string_equal(workload.command, "");
    assert_string_equal(workload.user, user);
}

static void test_names(void **state)
{
    (void)state;
    static const uint32_t alice[] = {1000}, two[] = {1000, 1001}, cron[] = {1000, 0}, www[] = {33};
    static const uint32_t atd[] = {0, 1000};
    struct reserved_unit unit = a_unit(CGROUP_SERVICE, "nginx.service", UINT32_MAX, 1, 1);
    check(&hidden, &unit, WORKLOAD_SERVICE, "nginx.service", ""); /* nobody could be asked */
    unit = with_uids(unit, www, 1);
    check(&hidden, &unit, WORKLOAD_SERVICE, "nginx.service", "");
    check(&shown, &unit, WORKLOAD_SERVICE, "nginx.service", "");
    /* A service that runs as a person alone is that person's; of one that does not, another
     * process has told the name. */
    unit = with_uids(a_unit(CGROUP_SERVICE, "sync@alice.service", UINT32_MAX, 1, 1), alice, 1);
    check(&hidden, &unit, WORKLOAD_USER, "users", "users");
    check(&shown, &unit, WORKLOAD_SERVICE, "sync@alice.service", "alice");
    unit = with_uids(unit, two, 2);
    check(&hidden, &unit, WORKLOAD_USER, "users", "users");
    unit = with_uids(a_unit(CGROUP_SERVICE, "cron.service", UINT32_MAX, 1, 1), cron, 2);
    check(&hidden, &unit, WORKLOAD_SERVICE, "cron.service", "");
    check(&shown, &unit, WORKLOAD_SERVICE, "cron.service", "");
    unit = with_uids(a_unit(CGROUP_SERVICE, "atd.service", UINT32_MAX, 1, 1), atd, 2);
    check(&hidden, &unit, WORKLOAD_SERVICE, "atd.service", "");
    /* Persons' own units, whoever runs there. */
    unit = with_uids(a_unit(CGROUP_USER, "session-3.scope", 1000, 1, 1), cron, 2);
    check(&hidden, &unit, WORKLOAD_USER, "users", "users");
    check(&shown, &unit, WORKLOAD_USER, "session-*.scope", "alice");
    /* A container keeps its name. */
    unit = with_uids(a_unit(CGROUP_CONTAINER, "lxc:web", UINT32_MAX, 1, 1), alice, 1);
    check(&hidden, &unit, WORKLOAD_CONTAINER, "lxc:web", "users");
    unit = with_uids(unit, www, 1);
    check(&hidden, &unit, WORKLOAD_CONTAINER, "lxc:web", "");
    unit = a_unit(CGROUP_VM, "vm:web", UINT32_MAX, 1, 1);
    check(&hidden, &unit, WORKLOAD_VM, "vm:web", "");
    unit.n_uids = 99; /* more than there is room for */
    check(&hidden, &unit, WORKLOAD_VM, "vm:web", "");
}

/* ---- Readings ---- */

struct bench {
    struct workload_table *table;
    struct reservations *reservations;
    struct reserved_set *set;
};

static int begin(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    bench->table = new_table(&hidden);
    bench->reservations = calloc(1, sizeof(*bench->reservations));
    bench->set = calloc(1, sizeof(*bench->set));
    assert_true(bench->reservations && bench->set);
    bench->set->memory_known = bench->set->weight_known = true;
    *state = bench;
    return 0;
}

static int end(void **state)
{
    struct bench *bench = *state;
    bench->table = workload_table_free(bench->table);
    free(bench->reservations);
    free(bench->set);
    free(bench);
    return 0;
}

static struct reservation_set take(struct bench *bench, uint64_t time_ns)
{
    bench->set->time_ns = time_ns;
    return reservations_take(bench->reservations, bench->table, bench->set, time_ns);
}

static const struct reservation *find(const struct bench *bench, const struct reservation_set *set,
                                      const char *unit)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct workload *workload = workload_get(bench->table, set->items[i].workload);
        if (workload && str_equal(workload->unit, unit))
            return &set->items[i];
    }
    return NULL;
}

static void test_units_become_workloads(void **state)
{
    struct bench *bench = *state;
    struct reserved_unit *units = bench->set->units;
    units[0] = a_unit(CGROUP_SERVICE, "nginx.service", UINT32_MAX, 100, 1000);
    units[1] = a_unit(CGROUP_USER, "session-1.scope", 1000, 7, 10);
    units[2] = a_unit(CGROUP_USER, "user@1001.service", 1001, 5, 30);
    units[3] = a_unit(CGROUP_NONE, "", UINT32_MAX, 3, 4);
    units[4] = a_unit(CGROUP_SERVICE, "nginx.service", UINT32_MAX, 50, 500);
    bench->set->count = 5;
    struct reservation_set answer = take(bench, 60 * NS_PER_S);
    assert_int_equal(answer.interval_ns, 0); /* nobody read before */
    answer = take(bench, 120 * NS_PER_S);
    assert_int_equal(answer.interval_ns, 60 * NS_PER_S);
    assert_true(answer.memory_known && answer.weight_known);
    assert_int_equal(answer.count, 3);
    assert_int_equal(find(bench, &answer, "nginx.service")->memory_kib, 150);
    assert_int_equal(find(bench, &answer, "nginx.service")->weight_ppb, 1500);
    assert_int_equal(find(bench, &answer, "users")->memory_kib, 12);
    assert_int_equal(find(bench, &answer, "users")->weight_ppb, 40);
    assert_int_equal(find(bench, &answer, "other")->memory_kib, 3);
    bench->set->weight_known = false;
    answer = take(bench, 180 * NS_PER_S);
    assert_true(answer.memory_known && !answer.weight_known);
}

/* What was kept in a time that nobody looked at is not known. */
static void test_intervals(void **state)
{
    struct bench *bench = *state;
    static const uint64_t times_s[] = {100, 160, 310, 461, 461, 400, 450};
    static const uint64_t intervals_s[] = {0, 60, 150, 0, 0, 0, 50};
    for (size_t i = 0; i < ARRAY_SIZE(times_s); i++)
        assert_int_equal(take(bench, times_s[i] * NS_PER_S).interval_ns, intervals_s[i] * NS_PER_S);
}

/* A unit that stays keeps its number; one that ended gives it back. */
static void test_numbers_are_held(void **state)
{
    struct bench *bench = *state;
    bench->set->units[0] = a_unit(CGROUP_SERVICE, "stays.service", UINT32_MAX, 1, 1);
    bench->set->units[1] = a_unit(CGROUP_SERVICE, "ends.service", UINT32_MAX, 1, 1);
    bench->set->count = 2;
    struct reservation_set answer = take(bench, NS_PER_S);
    uint32_t stays = answer.items[0].workload, ends = answer.items[1].workload;
    bench->set->count = 1;
    for (uint64_t t = 1; t <= 10; t++)
        answer = take(bench, t * 60 * NS_PER_S);
    assert_int_equal(answer.items[0].workload, stays);
    /* The table is full of others: who is held stays, who is not may go. */
    for (unsigned i = 0; i < WORKLOAD_LIVE_MAX; i++)
        (void)intern_nth(bench->table, i, 600 * NS_PER_S + keep_ns);
    assert_non_null(workload_get(bench->table, stays));
    assert_null(workload_get(bench->table, ends));
    bench->set->count = 0;
    (void)take(bench, 700 * NS_PER_S);
    (void)intern_nth(bench->table, WORKLOAD_LIVE_MAX, 800 * NS_PER_S + 2 * keep_ns);
    assert_null(workload_get(bench->table, stays));
}

static void test_sums_stop_at_the_top(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < RESERVED_UNITS_MAX; i++)
        bench->set->units[i] =
            a_unit(CGROUP_USER, "session-1.scope", 1000, UINT64_MAX / 2, RESERVED_WEIGHT_ALL);
    bench->set->count = RESERVED_UNITS_MAX + 88;
    struct reservation_set answer = take(bench, NS_PER_S);
    assert_int_equal(answer.count, 1);
    assert_true(answer.items[0].memory_kib == UINT64_MAX);
    assert_int_equal(answer.items[0].weight_ppb, RESERVED_WEIGHT_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test_setup_teardown(test_units_become_workloads, begin, end),
        cmocka_unit_test_setup_teardown(test_intervals, begin, end),
        cmocka_unit_test_setup_teardown(test_numbers_are_held, begin, end),
        cmocka_unit_test_setup_teardown(test_sums_stop_at_the_top, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
