/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What is told of cgroups beyond their processes where something is unusual: processes that moved,
 * strangers, kernel threads, records of exits, very many threads or groups. */
#include "groups_machine.h"

/* systemd forks in its own group and moves the child: part of its time is counted there. */
static void test_moved_process(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 30, 1, mail);
    machine->ones[30].cpu_ns = 60 * MS;
    use(machine, "/init.scope", 40 * MS);
    use(machine, mail, 20 * MS);
    use(machine, web, 11 * MS); /* of somebody else, who is not to pay for it */
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 11 * MS);
    assert_int_equal(all_ended_ns(machine), 11 * MS);
}

/* A child that was in another group when it used its time: told once, with whoever inherits. */
static void test_stranger(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, MS);
    machine->ones[10].child_ns = 50 * MS;
    machine->ones[10].child_faults = 1;
    use(machine, mail, 50 * MS);
    sweep_once(machine);
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
}

/* Where the root has no counter, whoever lives there may have inherited from any group. */
static void test_stranger_of_the_root(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 40, 1, "/");
    sweep_once(machine);
    machine->ones[40].cpu_ns += MS;
    machine->ones[40].child_ns = 50 * MS;
    use(machine, mail, 50 * MS);
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
    for (int i = 0; i < 3; i++) {
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
    use(machine, mail, 60 * MS);
    sweep_once(machine);
    assert_true(ended_ns(machine, "mail.service") > 0);
}

/* Where the root has no counter, what was told of a process that lived there was taken from none.
 */
static void test_moved_out_of_the_root(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 40, 1, "/");
    for (int i = 0; i < 8; i++) { /* its group is read ever less often */
        machine->ones[40].cpu_ns += MS;
        sweep_once(machine);
    }
    machine->ones[40].path = mail;
    for (int i = 0; i < 3; i++) {
        run(machine, 40, 50 * MS);
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
}

/* Containers that the kernel counts with their shim. */
static void test_named_elsewhere(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 30, 10, web);
    machine->ones[30].named = "/lxc/box";
    run(machine, 30, MS);
    use(machine, web, 90 * MS);
    for (int i = 0; i < 3; i++) {
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
}

/* What no group can be told of is nobody's, and no room for what is told elsewhere already. */
static void test_not_saved_up(void **state)
{
    struct machine *machine = *state;
    make_group(machine, "/a.slice/shim.service");
    (void)start(machine, 30, 1, "/a.slice/shim.service");
    machine->ones[30].named = "/lxc/box";
    for (int i = 0; i < 5; i++) {
        run(machine, 30, MS);
        use(machine, "/a.slice/shim.service", 90 * MS);
        sweep_once(machine);
    }
    sweep_once(machine);
    sweep_once(machine);
    run(machine, 10, MS);
    machine->ones[10].child_ns = 50 * MS;
    machine->ones[10].child_faults = 1;
    use(machine, mail, 50 * MS);
    for (int i = 0; i < 3; i++) {
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
}

/* What was told of a group that used less is not paid for by who ends there later. */
static void test_forgiven(void **state)
{
    struct machine *machine = *state;
    machine->ones[10].cpu_ns += 500 * MS; /* used elsewhere, as it seems */
    sweep_once(machine);
    sweep_once(machine);
    use(machine, web, 70 * MS);
    sweep_once(machine);
    assert_in_range(ended_ns(machine, "web.service"), 70 * MS - NS_PER_US, 70 * MS);
}

/* It is a workload of the kernel, and counted with the virtual machine that it serves. */
static void test_kernel_thread(void **state)
{
    struct machine *machine = *state;
    struct one *vhost = start(machine, 30, 1, mail);
    vhost->kernel = true;
    run(machine, 30, 80 * MS);
    use(machine, mail, 15 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "mail.service"), 15 * MS);
    assert_int_equal(all_ended_ns(machine), 15 * MS);
}

/* An orphan of the same kind that a sweep met before it had run says nothing of whose they are. */
static void test_orphans_with_records(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 43, 1, web);
    run(machine, 10, MS);
    sweep_once(machine);
    machine->ones[43].there = false;
    record(machine, 43, 1, MS);
    machine->records[0].elapsed_ns = 2 * NS_PER_S;
    record(machine, 41, 10, 2 * MS);
    record(machine, 42, 1, 20 * MS);
    use(machine, web, 23 * MS);
    sweep_once(machine);
    assert_int_equal(told_ns(machine) - all_ended_ns(machine), 22 * MS);
    assert_int_equal(ended_ns(machine, "web.service"), MS);
}

static void test_users(void **state)
{
    struct machine *machine = *state;
    machine->ones[10].uid = 33;
    run(machine, 10, MS);
    use(machine, web, 25 * MS);
    sweep_once(machine);
    assert_int_equal(name_of_ended(machine)->uid, 33);
    assert_int_equal(name_of_ended(machine)->cgroup.kind, CGROUP_SERVICE);
    struct one *other = start(machine, 30, 10, web);
    other->uid = 1000;
    run(machine, 30, MS);
    use(machine, web, 25 * MS);
    sweep_once(machine);
    assert_int_equal(name_of_ended(machine)->uid, UINT32_MAX);
}

/* A process of very many threads is asked now and then: what it used meanwhile is not ended. */
static uint64_t ended_beside_threads(struct machine *machine, uint32_t threads)
{
    machine->ones[10].threads = threads;
    uint64_t ended = 0;
    for (int i = 0; i < 16; i++) {
        run(machine, 10, 50 * MS);
        use(machine, mail, 100 * MS);
        sweep_once(machine);
        assert_int_equal(ended_ns(machine, "web.service"), 0);
        /* Not more than was used in two intervals, but for two ticks. */
        assert_true(ended_ns(machine, "mail.service") <= 220 * MS);
        ended += ended_ns(machine, "mail.service");
    }
    return ended;
}

static void test_many_threads(void **state)
{
    /* Asked every other sweep: nothing of the others is lost, but for the last. */
    uint64_t ended = ended_beside_threads(*state, 8000);
    assert_true(ended >= 1300 * MS);
    assert_true(ended <= 1600 * MS);
}

static void test_very_many_threads(void **state)
{
    uint64_t ended = ended_beside_threads(*state, 16000);
    assert_true(ended >= 500 * MS);
    assert_true(ended <= 1600 * MS);
}

static void test_too_many_groups(void **state)
{
    struct machine *machine = *state;
    static char paths[600][GROUP_PATH_MAX];
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "/a.slice/unit%c%zu.service", 'a', i);
        make_group(machine, paths[i]);
        *find_counter(machine, paths[i]) = *find_counter(machine, paths[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        (void)start(machine, 30, 1, paths[i]);
        run(machine, 30, 30 * MS);
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
        machine->ones[30].there = false;
    }
    assert_true(machine->opened <= 512);
}

static void test_idle_groups_are_closed(void **state)
{
    struct machine *machine = *state;
    int before = machine->opened;
    make_group(machine, "/a.slice/brief.service");
    (void)start(machine, 30, 1, "/a.slice/brief.service");
    sweep_once(machine);
    assert_int_equal(machine->opened, before + 1);
    machine->ones[30].there = false;
    for (int i = 0; i < 100; i++)
        sweep_once(machine);
    assert_int_equal(machine->opened, before);
    use(machine, "/a.slice/brief.service", 30 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "a.slice"), 30 * MS);
}

/* The root's counter, where there is one, tells what whoever lives there has inherited from where.
 */
static void test_counted_root(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    machine->whole = true;
    make_group(machine, "/a.slice");
    make_group(machine, mail);
    (void)start(machine, 1, 0, "/");
    (void)start(machine, 20, 1, mail);
    (void)start(machine, 40, 1, "/");
    sweep_once(machine);
    for (int i = 0; i < 5; i++) {
        machine->ones[40].cpu_ns += MS;
        machine->ones[40].child_ns += 50 * MS;
        machine->whole_ns += 51 * MS;
        use(machine, mail, 30 * MS);
        sweep_once(machine);
        /* Two ticks are held back, once, as 40 has waited. */
        assert_int_equal(ended_ns(machine, "mail.service"), (i == 0 ? 10 : 30) * MS);
    }
    void *data = machine;
    (void)teardown(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_moved_process),
        TEST(test_stranger),
        TEST(test_stranger_of_the_root),
        TEST(test_moved_out_of_the_root),
        TEST(test_named_elsewhere),
        TEST(test_not_saved_up),
        TEST(test_forgiven),
        TEST(test_kernel_thread),
        TEST(test_orphans_with_records),
        TEST(test_users),
        TEST(test_many_threads),
        TEST(test_very_many_threads),
        TEST(test_too_many_groups),
        TEST(test_idle_groups_are_closed),
        cmocka_unit_test(test_counted_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
