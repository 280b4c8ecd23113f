/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* How busy each package was. */
#include "packages_machine.h"

static void assert_busy(struct machine *machine, uint32_t packages, uint64_t first, uint64_t second)
{
    assert_int_equal(busy_reader_read(&machine->reader, &machine->busy), 0);
    assert_int_equal(machine->busy.packages, packages);
    assert_int_equal(machine->busy.package_busy_ns[0], first * TICK_NS);
    assert_int_equal(machine->busy.package_busy_ns[1], second * TICK_NS);
}

static void open_reader(struct machine *machine)
{
    assert_int_equal(busy_reader_init(&machine->reader, &machine->env, TICK_NS), 0);
}

static void test_busy_by_package(void **state)
{
    struct machine *machine = *state;
    fixture_write(&machine->tree, "stat", "");
    TICKS(machine, 100, 200, 300, 400);
    open_reader(machine);
    assert_busy(machine, 2, 0, 0);
    assert_int_equal(machine->busy.package_cpus[0], 2);
    assert_int_equal(machine->busy.package_cpus[1], 2);
    TICKS(machine, 110, 201, 305, 402);
    assert_busy(machine, 2, 15, 3);
    assert_int_equal(machine->busy.busy_ns, UINT64_C(18) * TICK_NS);
    TICKS(machine, 90, 202, 306, 402); /* went back */
    assert_busy(machine, 2, 1, 1);
    TICKS(machine, 91, 202, 306, 402);
    assert_busy(machine, 2, 1, 0);
}

static void test_hotplug(void **state)
{
    struct machine *machine = *state;
    fixture_write(&machine->tree, "stat", "");
    TICKS(machine, 100, 200, 300, UINT64_MAX);
    fixture_remove(&machine->tree, "devices/system/cpu/cpu3/topology");
    open_reader(machine);
    assert_busy(machine, 2, 0, 0);
    assert_int_equal(machine->busy.package_cpus[1], 1);
    /* One comes that was never seen, one goes: as many as before. */
    set_package(machine, 3, "1\n");
    TICKS(machine, 101, 202, UINT64_MAX, 1000);
    assert_busy(machine, 2, 1, 2);
    assert_int_equal(machine->busy.package_cpus[0], 1);
    assert_int_equal(machine->busy.package_cpus[1], 2);
    TICKS(machine, 101, 202, 304, 1005); /* it is back: 4 since it was seen last */
    assert_busy(machine, 2, 4, 5);
    /* The whole second socket goes, and comes back. */
    fixture_remove(&machine->tree, "devices/system/cpu/cpu1/topology");
    fixture_remove(&machine->tree, "devices/system/cpu/cpu3/topology");
    TICKS(machine, 102, UINT64_MAX, 305, UINT64_MAX);
    assert_busy(machine, 1, 0, 0);
    set_package(machine, 1, "1\n");
    set_package(machine, 3, "1\n");
    TICKS(machine, 150, 203, 305, 1006);
    assert_busy(machine, 2, 0, 0);
    TICKS(machine, 151, 205, 305, 1006);
    assert_busy(machine, 2, 1, 2);
}

static void test_busy_unknown(void **state)
{
    struct machine *machine = *state;
    fixture_write(&machine->tree, "stat", "");
    TICKS(machine, 1, 1, 1, 1, 1); /* CPU 4 is on no package that is told */
    open_reader(machine);
    assert_busy(machine, 0, 0, 0);
    TICKS(machine, 2, 2, 2, 2, 2);
    assert_busy(machine, 0, 0, 0);
    assert_int_equal(machine->busy.busy_ns, UINT64_C(5) * TICK_NS);
    assert_int_equal(cpu_packages_of(&machine->reader.topology, 0), -1); /* of processes too */
    TICKS(machine, 3, 3, 3, 3);
    assert_busy(machine, 2, 0, 0);
    TICKS(machine, 4, 5, 3, 3);
    assert_busy(machine, 2, 1, 2);
    static const char *const bad[] = {
        "cpu  1 2 3 4 5 6 7\ncpu0 9 9 9 9 9 9 9\ncpu1 1 2 x 4\ncpu2 0 0 0 0\ncpu3 0 0 0 0\n",
        "cpu  1 2 3 4 5 6 7\ncpu0 9 9 9 9 9 9 9\ncpu1 0 0 0 0\ncpu2 0 0 0 0\ncpu3 5 5 5 5 5",
        "cpu  1 2 3 4 5 6 7\ncpu 9 9 9 9 9 9 9\n",
        "cpu  1 2 3 4 5 6 7\ncpu99999999999 9 9 9 9 9 9 9\n",
        "cpu  1 2 3 4 5 6 7\ncpu4294967295 9 9 9 9 9 9 9\n",
        "cpu  1 2 3 4 5 6 7\ncpu8192 9 9 9 9 9 9 9\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        fixture_rewrite(&machine->tree, "stat", bad[i]);
        assert_busy(machine, 0, 0, 0);
        TICKS(machine, 10, 10, 10, 10);
        assert_busy(machine, 2, 0, 0);
        TICKS(machine, 11, 10, 10, 10);
        assert_busy(machine, 2, 1, 0);
    }
}

static void test_300_cpus(void **state)
{
    struct machine *machine = *state;
    static uint64_t ticks[CPUS];
    for (int cpu = 0; cpu < CPUS; cpu++) {
        set_package(machine, cpu, cpu < 100 ? "0\n" : "1\n");
        ticks[cpu] = UINT64_C(1000000000000) + (uint64_t)cpu;
    }
    fixture_write(&machine->tree, "stat", "");
    set_ticks(machine, ticks, CPUS);
    open_reader(machine);
    assert_busy(machine, 2, 0, 0);
    for (int cpu = 0; cpu < CPUS; cpu++)
        ticks[cpu] += 3;
    set_ticks(machine, ticks, CPUS);
    assert_busy(machine, 2, 300, 600);
    assert_int_equal(machine->busy.cpus, CPUS);
    assert_int_equal(machine->busy.package_cpus[0], 100);
    assert_int_equal(machine->busy.package_cpus[1], 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(test_busy_by_package),
        MACHINE_TEST(test_hotplug),
        MACHINE_TEST(test_busy_unknown),
        MACHINE_TEST(test_300_cpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
