/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "reserved_machine.h"

/* ---- v2 ---- */

static void test_v2(void **state)
{
    struct machine *machine = *state;
    put_host_v2(machine);
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->time_ns > 0);
    assert_true(machine->set->memory_known);
    assert_true(machine->set->weight_known);
    /* 100 of 400 each for init and system, 200 for users; below, brothers without a weight are
     * equal. The manager holds what its application does not. */
    assert_int_equal(machine->set->count, 5);
    expect(machine, "init.scope", 10, 250000000);
    expect(machine, "postgresql.service", 600, 125000000);
    expect(machine, "cron.service", 100, 125000000);
    expect(machine, "user@1000.service", 40, 250000000);
    expect(machine, "firefox.service", 140, 250000000);
    assert_int_equal(find(machine, "firefox.service")->cgroup.owner, 1000);
    expect_status(machine, "", HEALTH_WORKING, NULL);
    expect_status(machine, "memory", HEALTH_WORKING, "cgroup v2");
    expect_status(machine, "CPU weight", HEALTH_WORKING, "cgroup v2");
}

/* A page is counted once, whatever is nested in what. */
static void test_nested(void **state)
{
    struct machine *machine = *state;
    put_root_v2(machine, "cpu memory\n");
    put_v2(machine, "system.slice", 1000, 100, false);
    /* A runtime that keeps its containers below itself; one of them died, and left 7 MiB. */
    put_v2(machine, "system.slice/docker.service", 900, 100, true);
    put_v2(machine, "system.slice/docker.service/docker", 800, 100, false);
    put_v2(machine, "system.slice/docker.service/docker/" ID, 500, 100, true);
    put_v2(machine, "system.slice/docker.service/docker/" ID "/payload", 400, 100, true);
    put_v2(machine, "system.slice/docker.service/docker/dead.service", 7, 100, false);
    /* The inner group was read a moment later and is larger than the outer one. */
    put_v2(machine, "system.slice/outer.service", 50, 100, true);
    put_v2(machine, "system.slice/outer.service/libpod-payload-" ID, 60, 100, true);
    assert_int_equal(collect(machine), 0);
    assert_int_equal(machine->set->count, 4);
    uint32_t half = RESERVED_WEIGHT_ALL / 2, quarter = half / 2;
    /* docker.service's own processes stand beside its groups. */
    expect(machine, "docker.service", 400, quarter);
    expect(machine, "docker:" ID, 500, quarter);
    assert_true(machine->set->memory_known);
    const struct reserved_unit *outer = find(machine, "outer.service");
    assert_int_equal(outer->cgroup.kind, CGROUP_SERVICE);
    assert_int_equal(outer->memory_kib, 0);
    assert_int_equal(outer->weight_ppb, quarter);
}

/* Pods are made of groups that have the pod's name. */
static void test_pods(void **state)
{
    struct machine *machine = *state;
    static const char pod[] = "kubepods/burstable/pod1e597579-417e-482f-bf65-5fe170c3aebd";
    char group[512];
    put_root_v2(machine, "cpu memory\n");
    put_v2(machine, "kubepods", 300, 800, false);
    put_v2(machine, "kubepods/burstable", 290, 100, false);
    put_v2(machine, pod, 280, 100, false);
    (void)snprintf(group, sizeof(group), "%s/%s", pod, ID);
    put_v2(machine, group, 270, 4, true);
    put_v2(machine, "init.scope", 10, 200, true);
    assert_int_equal(collect(machine), 0);
    assert_int_equal(machine->set->count, 2);
    expect(machine, "pod:1e597579-417e-482f-bf65-5fe170c3aebd", 280, 800000000);
    expect(machine, "init.scope", 10, 200000000);
}

/* ---- v1 and hybrid ---- */

static void test_v1(void **state)
{
    struct machine *machine = *state;
    put_host_v1(machine);
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->memory_known && machine->set->weight_known);
    assert_int_equal(machine->set->count, 3);
    expect(machine, "nginx.service", 100, 111111111);
    expect(machine, "cron.service", 50, 222222222);
    expect(machine, "docker:" ID, 390, 666666667);
    expect_status(machine, "memory", HEALTH_WORKING, "cgroup v1");
    expect_status(machine, "CPU weight", HEALTH_WORKING, "cgroup v1");
}

/* Memory in v1, the CPU controller in v2 with a part of the tree. */
static void test_hybrid(void **state)
{
    struct machine *machine = *state;
    put_host_v1(machine);
    put(machine, "/unified", ".", "cgroup.controllers", "cpu pids\n");
    put(machine, "/unified", ".", "cgroup.procs", "1\n");
    put_number(machine, "/unified", "system.slice", "cpu.weight", 100);
    put_number(machine, "/unified", "system.slice/nginx.service", "cpu.weight", 300);
    assert_int_equal(collect(machine), 0);
    expect(machine, "nginx.service", 100, 375000000);
    expect(machine, "cron.service", 50, 125000000);
    expect(machine, "docker:" ID, 390, 500000000);
    expect_status(machine, "CPU weight", HEALTH_WORKING, "cgroup v2");
}

/* ---- What is not known is not told ---- */

static void test_no_memory_controller(void **state)
{
    struct machine *machine = *state;
    put_host_v2(machine);
    put_root_v2(machine, "cpu pids\n");
    assert_int_equal(collect(machine), 0);
    assert_false(machine->set->memory_known);
    assert_true(machine->set->weight_known);
    expect(machine, "postgresql.service", 0, 125000000);
    expect_status(machine, "memory", HEALTH_ABSENT, "no memory controller");
    put_root_v2(machine, "memory\n");
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->memory_known);
    assert_false(machine->set->weight_known);
    expect(machine, "postgresql.service", 600, 0);
    expect_status(machine, "CPU weight", HEALTH_ABSENT, "no CPU controller");
}

/* On a hybrid host without it the tree is that of systemd. */
static void test_hybrid_without_memory(void **state)
{
    struct machine *machine = *state;
    static const uint32_t root[] = {0};
    put(machine, "/unified", ".", "cgroup.controllers", "\n");
    put(machine, "/systemd", ".", "cgroup.procs", "1\n");
    put(machine, "/cpu", ".", "cgroup.procs", "1\n");
    put_processes(machine, "/systemd", "system.slice/a.service", root, 1);
    put_processes(machine, "/systemd", "system.slice/b.service", root, 1);
    put_number(machine, "/cpu", "system.slice/a.service", "cpu.shares", 3072);
    assert_int_equal(collect(machine), 0);
    assert_false(machine->set->memory_known);
    expect(machine, "a.service", 0, 750000000);
    expect(machine, "b.service", 0, 250000000);
}

/* What some units hold says nothing of their part of what all hold. */
static void test_units_without_the_controller(void **state)
{
    struct machine *machine = *state;
    put_host_v2(machine);
    put_v2(machine, "batch.slice/night.service", -1, -1, true);
    assert_int_equal(collect(machine), 0);
    assert_false(machine->set->memory_known);
    assert_int_equal(find(machine, "postgresql.service")->memory_kib, 0);
    expect_status(machine, "memory", HEALTH_DEGRADED, "not every unit");
    /* But what has none inside of a unit that has is counted there. */
    fixture_remove(&machine->sys, "fs/cgroup/batch.slice");
    fixture_remove(&machine->sys, "fs/cgroup/" MANAGER "/app.slice/firefox.service/memory.current");
    assert_int_equal(collect(machine), 0);
    assert_true(machine->set->memory_known);
    assert_int_equal(find(machine, "user@1000.service")->memory_kib, 180 * 1024);
    assert_int_equal(find(machine, "firefox.service")->memory_kib, 0);
}

static void test_flat(void **state)
{
    struct machine *machine = *state;
    put_host_v1(machine);
    put(machine, "/memory", ".", "memory.use_hierarchy", "0\n");
    assert_int_equal(collect(machine), 0);
    assert_false(machine->set->memory_known);
    assert_true(machine->set->weight_known);
    expect_status(machine, "memory", HEALTH_DEGRADED, "use_hierarchy");
}

static void test_nothing(void **state)
{
    struct machine *machine = *state;
    assert_int_equal(collect(machine), COLLECT_NO_DATA);
    assert_null(machine->set);
    expect_status(machine, "", HEALTH_ABSENT, "no control groups");
    put_root_v2(machine, "cpu memory\n");
    assert_int_equal(collect(machine), 0);
    assert_int_equal(machine->set->count, 0);
    assert_false(machine->set->memory_known || machine->set->weight_known);
    expect_status(machine, "memory", HEALTH_DEGRADED, "no unit has processes");
    collector_reserved.close(NULL);
}

/* ---- Whose processes ---- */

static void test_uids(void **state)
{
    struct machine *machine = *state;
    static const uint32_t cron[] = {1000, 1000, 1001, 0};
    static const uint32_t many[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const uint32_t late[] = {7, 7, 7, 7, 7, 7, 7, 7, 0};
    put_root_v2(machine, "cpu memory\n");
    put_v2(machine, "a.service", 1, 100, false);
    put_v2(machine, "b.service", 1, 100, false);
    put_v2(machine, "c.service", 1, 100, false);
    put_v2(machine, "c.service/worker", 1, 100, false);
    put_processes(machine, "", "a.service", cron, ARRAY_SIZE(cron));
    put_processes(machine, "", "b.service", many, ARRAY_SIZE(many));
    put_processes(machine, "", "c.service/worker", cron, 1);
    put_v2(machine, "f.service", 1, 100, false);
    put_processes(machine, "", "f.service", late, ARRAY_SIZE(late));
    put(machine, "", "d.service", "cgroup.procs", "0\n"); /* of another PID namespace */
    put(machine, "", "e.service", "cgroup.procs", "4000000\n");
    put_number(machine, "", "e.service", "memory.current", MIB);
    assert_int_equal(collect(machine), 0);
    const struct reserved_unit *unit = find(machine, "a.service");
    assert_int_equal(unit->n_uids, 3);
    assert_int_equal(unit->uids[0], 1000);
    assert_int_equal(unit->uids[2], 0);
    assert_int_equal(find(machine, "b.service")->n_uids, RESERVED_UIDS);
    assert_int_equal(find(machine, "c.service")->uids[0], 1000);
    assert_int_equal(find(machine, "f.service")->n_uids, 1); /* not all are asked */
    assert_null(find(machine, "d.service"));
    assert_int_equal(find(machine, "e.service")->n_uids, 0); /* just gone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_v2, begin, end),
        cmocka_unit_test_setup_teardown(test_nested, begin, end),
        cmocka_unit_test_setup_teardown(test_pods, begin, end),
        cmocka_unit_test_setup_teardown(test_v1, begin, end),
        cmocka_unit_test_setup_teardown(test_hybrid, begin, end),
        cmocka_unit_test_setup_teardown(test_no_memory_controller, begin, end),
        cmocka_unit_test_setup_teardown(test_hybrid_without_memory, begin, end),
        cmocka_unit_test_setup_teardown(test_units_without_the_controller, begin, end),
        cmocka_unit_test_setup_teardown(test_flat, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_uids, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
