/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Trees that nobody honest would have, and that the sums hold whatever stands in one. */
#include "reserved_machine.h"

#include "greend/units.h"
#include "random.h"

static void test_numbers_that_are_none(void **state)
{
    struct machine *machine = *state;
    static const char *const none[] = {"",
                                       "max\n",
                                       "-1\n",
                                       "12 34\n",
                                       "99999999999999999999\n",
                                       "x",
                                       "\n",
                                       "1e9\n",
                                       "18446744073709551615\n"};
    for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
        put_host_v2(machine);
        put(machine, "", "system.slice/cron.service", "memory.current", none[i]);
        assert_int_equal(collect(machine), 0);
        assert_false(machine->set->memory_known);
        assert_true(machine->set->weight_known);
        expect_status(machine, "memory", HEALTH_FAILED, "no number");
        put_host_v2(machine);
        put(machine, "", "user.slice", "cpu.weight", none[i]);
        assert_int_equal(collect(machine), 0);
        assert_true(machine->set->memory_known);
        assert_false(machine->set->weight_known);
        expect_status(machine, "CPU weight", HEALTH_FAILED, "none");
    }
}

static void test_shares(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        bool v2;
        int result;
        uint32_t shares;
    } cases[] = {
        {100,    true,  0,       1024  },
        {1,      true,  0,       10    },
        {10000,  true,  0,       102400},
        {0,      true,  0,       3     },
        {10001,  true,  -ERANGE, 0     },
        {1024,   false, 0,       1024  },
        {2,      false, 0,       2     },
        {262144, false, 0,       262144},
        {262145, false, -ERANGE, 0     },
        {1,      false, -ERANGE, 0     },
        {0,      false, -ERANGE, 0     },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint32_t shares = 0;
        assert_int_equal(reserved_parse_shares(cases[i].value, cases[i].v2, &shares),
                         cases[i].result);
        assert_int_equal(shares, cases[i].shares);
    }
}

/* Links that lead back, pipes, folders where files are expected, names of any bytes. */
static void test_strange_files(void **state)
{
    struct machine *machine = *state;
    put_host_v2(machine);
    fixture_link(&machine->sys, "fs/cgroup/system.slice/loop.service", "..");
    fixture_fifo(&machine->sys, "fs/cgroup/system.slice/pipe.service/memory.current");
    fixture_fifo(&machine->sys, "fs/cgroup/system.slice/pipe.service/cgroup.procs");
    fixture_write(&machine->sys, "fs/cgroup/system.slice/a\n\x1b[2J.service/cgroup.procs", "x\n");
    fixture_write(&machine->sys, "fs/cgroup/system.slice/f.service/cgroup.procs/file", "1\n");
    assert_int_equal(collect(machine), 0);
    assert_null(find(machine, "loop.service"));
    assert_null(find(machine, "pipe.service"));
    assert_int_equal(machine->set->count, 5);
    assert_true(machine->set->weight_known);
}

/* A person may make groups as he likes: they cost his own unit its parts, and nobody else. */
static void test_a_crowd_of_groups(void **state)
{
    struct machine *machine = *state;
    char group[256];
    put_host_v2(machine);
    for (int i = 0; i < 260; i++) {
        (void)snprintf(group, sizeof(group), MANAGER "/app.slice/x%d.scope", i);
        put(machine, "", group, "cgroup.procs", "101\n");
    }
    for (int i = 0; i < 3 * 260; i++) { /* more than there is room for units */
        (void)snprintf(group, sizeof(group), "user.slice/user-%d.slice/session-1.scope",
                       2000 + i % 3);
        put_number(machine, "", group, "memory.current", 0);
        (void)snprintf(group, sizeof(group),
                       "user.slice/user-%d.slice/session-1.scope/docker/%064x", 2000 + i % 3,
                       (unsigned)i);
        put(machine, "", group, "cgroup.procs", "101\n");
    }
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->memory_known && machine->set->weight_known);
    expect(machine, "postgresql.service", 600, 125000000);
    uint64_t kib = 0, ppb = 0;
    for (size_t i = 0; i < machine->set->count; i++) {
        assert_int_not_equal(machine->set->units[i].cgroup.kind, CGROUP_NONE);
        if (machine->set->units[i].cgroup.kind != CGROUP_USER)
            continue;
        kib += machine->set->units[i].memory_kib;
        ppb += machine->set->units[i].weight_ppb;
    }
    assert_int_equal(kib, 180 * 1024);
    assert_in_range(ppb, RESERVED_WEIGHT_ALL / 2 - 10, RESERVED_WEIGHT_ALL / 2);
    assert_true(machine->set->count < 20);
}

static void test_a_deep_tree(void **state)
{
    struct machine *machine = *state;
    char group[2048] = "system.slice/deep.service";
    put_host_v2(machine);
    put_v2(machine, group, 64, 100, true);
    while (strlen(group) < 900) {
        (void)strcat(group, "/abcdefghijklmnopqrs");
        put_v2(machine, group, 60, 100, true);
    }
    assert_int_equal(collect(machine), 0);
    expect(machine, "deep.service", 64, 83333334);
    assert_true(machine->set->memory_known);
}

/* Below so many slices nobody looks for units, and then nobody knows what all of them have. */
static void test_deep_slices(void **state)
{
    struct machine *machine = *state;
    char group[512] = "a.slice";
    put_host_v2(machine);
    for (int i = 0; i < 30; i++)
        (void)strcat(group, "/a.slice");
    (void)strcat(group, "/deep.service");
    put_v2(machine, group, 1, 100, true);
    assert_int_equal(collect(machine), 0);
    assert_null(find(machine, "deep.service"));
    assert_false(machine->set->memory_known || machine->set->weight_known);
    expect_status(machine, "memory", HEALTH_DEGRADED, "more control groups");
    expect_status(machine, "CPU weight", HEALTH_DEGRADED, "more control groups");
}

/* More units than there is room for: the others are one. */
static void test_many_units(void **state)
{
    struct machine *machine = *state;
    char group[256];
    put_root_v2(machine, "cpu memory\n");
    for (int i = 0; i < RESERVED_UNITS_MAX + 30; i++) {
        (void)snprintf(group, sizeof(group), "system.slice/u%d.service", i);
        put(machine, "", group, "cgroup.procs", "101\n");
        put_number(machine, "", group, "memory.current", 2 * MIB);
    }
    assert_int_equal(collect(machine), 0);
    assert_int_equal(machine->set->count, RESERVED_UNITS_MAX);
    assert_true(machine->set->memory_known && machine->set->weight_known);
    uint64_t kib = 0, ppb = 0;
    for (size_t i = 0; i < machine->set->count; i++) {
        kib += machine->set->units[i].memory_kib;
        ppb += machine->set->units[i].weight_ppb;
    }
    assert_int_equal(kib, (RESERVED_UNITS_MAX + 30) * 2048);
    assert_int_equal(ppb, RESERVED_WEIGHT_ALL);
    const struct reserved_unit *rest = &machine->set->units[RESERVED_UNITS_MAX - 1];
    assert_int_equal(rest->cgroup.kind, CGROUP_NONE);
    assert_int_equal(rest->memory_kib, 31 * 2048);
}

/* ---- The sums ---- */

static void grow(struct random *random, struct reserved_node *nodes, size_t n, size_t units)
{
    nodes[0] = (struct reserved_node){.memory = UINT64_MAX};
    for (size_t i = 1; i < n; i++) {
        struct reserved_node *node = &nodes[i];
        *node = (struct reserved_node){.parent = (uint16_t)random_below(random, i)};
        node->processes = random_below(random, 3) == 0;
        node->shares = (uint32_t)random_below(random, 3) * 700;
        uint16_t above = nodes[node->parent].unit;
        node->unit = above;
        if (above == 0)
            node->unit = (uint16_t)random_below(random, units + 1);
        else if (random_below(random, 4) == 0)
            node->unit = (uint16_t)(1 + random_below(random, units));
        node->memory = random_below(random, UINT64_C(1) << 33);
    }
    /* A group holds what those below it hold, and more. */
    for (size_t i = n; i-- > 1;)
        if (nodes[i].parent != 0)
            nodes[nodes[i].parent].memory += nodes[i].memory;
}

/* What all units hold is what the topmost groups of units hold, whatever the tree. */
static void test_sums(void **state)
{
    (void)state;
    enum { NODES = 60, UNITS = 20 };
    struct random random = random_seeded();
    struct reserved_set *set = calloc(1, sizeof(*set));
    assert_non_null(set);
    for (int round = 0; round < 5000; round++) {
        struct reserved_node nodes[NODES];
        size_t n = 1 + random_index(&random, NODES);
        bool there[UNITS + 1] = {false}, everyone = true;
        grow(&random, nodes, n, UNITS);
        *set = (struct reserved_set){.memory_known = true, .weight_known = true, .count = UNITS};
        for (size_t i = 1; i < n; i++)
            there[nodes[i].unit] |= nodes[i].processes;
        uint64_t kib = 0, alive = 0;
        for (size_t i = 1; i < n; i++) {
            bool covered = false;
            for (size_t at = i; at != 0; at = nodes[at].parent)
                covered |= at != i && nodes[at].unit != 0 && there[nodes[at].unit];
            if (nodes[i].unit != 0 && there[nodes[i].unit] && !covered)
                kib += nodes[i].memory / 1024;
            if (covered && random_below(&random, 5) == 0)
                nodes[i].memory = UINT64_MAX; /* no controller there */
            alive += nodes[i].processes;
            everyone = everyone && (!nodes[i].processes || nodes[i].unit != 0);
        }
        reserved_tally(nodes, n, set);
        uint64_t sum_kib = 0, ppb = 0;
        for (size_t i = 0; i < set->count; i++) {
            sum_kib += set->units[i].memory_kib;
            ppb += set->units[i].weight_ppb;
        }
        assert_in_range(sum_kib, kib, kib + NODES); /* each is rounded to a KiB */
        if (alive > 0 && everyone)
            assert_int_equal(ppb, RESERVED_WEIGHT_ALL);
        assert_true(ppb <= RESERVED_WEIGHT_ALL);
    }
    free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_numbers_that_are_none, begin, end),
        cmocka_unit_test_setup_teardown(test_strange_files, begin, end),
        cmocka_unit_test_setup_teardown(test_a_crowd_of_groups, begin, end),
        cmocka_unit_test_setup_teardown(test_a_deep_tree, begin, end),
        cmocka_unit_test_setup_teardown(test_deep_slices, begin, end),
        cmocka_unit_test_setup_teardown(test_many_units, begin, end),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
