/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Which CPU is on which package. */
#include "packages_machine.h"

static void test_topology(void **state)
{
    const struct machine *machine = *state;
    assert_int_equal(count_packages(machine), 2);
    assert_int_equal(topology.end, 4);
    static const int16_t expected[] = {0, 1, 0, 1, -1};
    for (int32_t cpu = 0; cpu < 5; cpu++)
        assert_int_equal(cpu_packages_of(&topology, cpu), expected[cpu]);
    assert_int_equal(cpu_packages_of(&topology, -1), -1);
    assert_int_equal(cpu_packages_of(&topology, INT32_MAX), -1);
    fixture_remove(&machine->tree, "devices/system/cpu/cpu3/topology"); /* offline */
    assert_int_equal(count_packages(machine), 2);
    assert_int_equal(cpu_packages_of(&topology, 3), -1);
    /* The numbers are those of RAPL, with holes. */
    set_package(machine, 3, "15\n");
    assert_int_equal(count_packages(machine), 16);
    assert_int_equal(cpu_packages_of(&topology, 3), 15);
    assert_int_equal(topology.present, 1 << 15 | 1 << 1 | 1);
}

static void test_one_package(void **state)
{
    const struct machine *machine = *state;
    for (int cpu = 0; cpu < 4; cpu++)
        set_package(machine, cpu, "3\n");
    assert_int_equal(count_packages(machine), 1);
    assert_int_equal(cpu_packages_of(&topology, 2), 3);
}

static void test_topology_unknown(void **state)
{
    const struct machine *machine = *state;
    static const char *const bad[] = {"-1\n", "",     "x\n",   "1 2\n",
                                      "16\n", "36\n", "256\n", "99999999999999999999\n"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        set_package(machine, 3, bad[i]);
        assert_int_equal(count_packages(machine), 0);
        assert_int_equal(cpu_packages_of(&topology, 0), -1);
    }
    set_package(machine, 3, "1\n");
    assert_int_equal(count_packages(machine), 2);
    set_package(machine, CPUS_MAX, "1\n");
    assert_int_equal(count_packages(machine), 0);
    fixture_remove(&machine->tree, "devices");
    assert_int_equal(count_packages(machine), 0);
    cpu_packages_read(&topology, -1);
    assert_int_equal(topology.packages, 0);
}

static uint16_t limit_of(uint64_t cpus)
{
    uint64_t words[2] = {cpus, 0};
    uint16_t mask = cpu_packages_mask(&topology, (const cpu_set_t *)words, sizeof(words));
    return cpu_packages_limit(&topology, mask);
}

static void test_masks(void **state)
{
    const struct machine *machine = *state;
    assert_int_equal(count_packages(machine), 2);
    assert_int_equal(limit_of(1 << 0), 1);
    assert_int_equal(limit_of(1 << 0 | 1 << 2), 1);
    assert_int_equal(limit_of(1 << 3), 2);
    assert_int_equal(limit_of(1 << 0 | 1 << 1), 0); /* any */
    assert_int_equal(limit_of(UINT64_MAX), 0);
    assert_int_equal(limit_of(0), 0);
    assert_int_equal(limit_of(1 << 4), 0); /* a CPU that nobody knows */
    assert_int_equal(limit_of(1 << 4 | 1 << 1), 2);
    set_package(machine, 2, "5\n"); /* a hole is no package to run on */
    assert_int_equal(count_packages(machine), 6);
    assert_int_equal(limit_of(1 << 2), 1 << 5);
    assert_int_equal(limit_of(1 << 0 | 1 << 2), 1 << 5 | 1);
    assert_int_equal(limit_of(1 << 0 | 1 << 1 | 1 << 2), 0);
    /* A set shorter than the machine. */
    topology.of[70] = 1;
    topology.end = 71;
    uint64_t word = 1;
    assert_int_equal(cpu_packages_mask(&topology, (const cpu_set_t *)&word, sizeof(word)), 1);
    for (int cpu = 0; cpu < 4; cpu++)
        set_package(machine, cpu, "0\n");
    assert_int_equal(count_packages(machine), 1);
    assert_int_equal(limit_of(1 << 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(test_topology),
        MACHINE_TEST(test_one_package),
        MACHINE_TEST(test_topology_unknown),
        MACHINE_TEST(test_masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
