/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What is told of cgroups beyond their processes, case by case, on a machine of a few processes
 * that does just what is written here. What it does at random is in test_process_sweep.c. */
#include "groups_machine.h"

static void test_told_with_the_unit(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, 30 * MS);
    use(machine, web, 70 * MS);
    use(machine, "/a.slice/mail.service", 5 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 70 * MS);
    assert_int_equal(ended_ns(machine, "mail.service"), 5 * MS);
    assert_int_equal(all_ended_ns(machine), 75 * MS);
    sweep_once(machine);
    assert_int_equal(machine->sweep.n_activities, 0);
}

/* What a service makes below itself is the service. */
static void test_groups_below_a_unit(void **state)
{
    struct machine *machine = *state;
    int before = machine->opened;
    make_group(machine, "/a.slice/web.service/worker");
    (void)start(machine, 11, 10, "/a.slice/web.service/worker");
    run(machine, 11, 10 * MS);
    use(machine, "/a.slice/web.service/worker", 40 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 40 * MS);
    assert_int_equal(all_ended_ns(machine), 40 * MS);
    assert_int_equal(machine->opened, before);
}

/* Clocks are asked after the counters were read: the process is ahead of its group, then not. */
static void test_carried_on(void **state)
{
    struct machine *machine = *state;
    for (int i = 0; i < 20; i++) {
        machine->ones[10].cpu_ns += 30 * MS;
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
        use(machine, web, 30 * MS);
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
    }
    machine->ones[10].cpu_ns += 30 * MS;
    sweep_once(machine);
    use(machine, web, 30 * MS + 7 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 7 * MS);
}

static void test_ended_unit(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, 30 * MS);
    sweep_once(machine);
    run(machine, 10, 20 * MS); /* and its rest, which nobody sees */
    use(machine, web, 40 * MS);
    machine->ones[10].there = false;
    remove_group(machine, web);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "a.slice"), 60 * MS);
    assert_int_equal(all_ended_ns(machine), 60 * MS);
}

/* What its zombie is told of in the interval in which it ended is in the slice's counter. */
static void test_zombie_of_an_ended_unit(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, 30 * MS);
    sweep_once(machine);
    run(machine, 10, 20 * MS);
    use(machine, web, 40 * MS);
    use(machine, mail, 30 * MS);
    machine->ones[10].zombie = true;
    remove_group(machine, web);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "a.slice"), 40 * MS);
    assert_int_equal(ended_ns(machine, "mail.service"), 30 * MS);
}

static void test_unit_that_came_and_went(void **state)
{
    struct machine *machine = *state;
    use(machine, "/a.slice/timer.service", 80 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "a.slice"), 80 * MS);
    assert_int_equal(all_ended_ns(machine), 80 * MS);
}

/* All that the new group used is of this interval; what the old one did at its end is the slice's.
 */
static void test_restarted_unit(void **state)
{
    struct machine *machine = *state;
    use(machine, "/a.slice", 15 * MS);
    make_group(machine, web);
    machine->ones[10].there = false;
    (void)start(machine, 11, 1, web);
    run(machine, 11, 10 * MS);
    use(machine, web, 25 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 25 * MS);
    assert_int_equal(ended_ns(machine, "a.slice"), 15 * MS);
    assert_int_equal(all_ended_ns(machine), 40 * MS);
}

/* A new unit's past is in its slice's counter. */
static void test_new_unit(void **state)
{
    struct machine *machine = *state;
    make_group(machine, "/a.slice/new.service");
    (void)start(machine, 30, 1, "/a.slice/new.service");
    run(machine, 30, 10 * MS);
    use(machine, "/a.slice/new.service", 50 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "new.service"), 50 * MS);
    assert_int_equal(all_ended_ns(machine), 50 * MS);
}

/* An old group that a process comes to: how much of its time is of this interval is unknown. */
static void test_old_unit(void **state)
{
    struct machine *machine = *state;
    make_group(machine, "/a.slice/old.service");
    use(machine, "/a.slice/old.service", 0);
    find_counter(machine, "/a.slice/old.service")->usage_ns = 9 * NS_PER_S;
    struct one *one = start(machine, 30, 1, "/a.slice/old.service");
    one->start_ns = 0;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
    run(machine, 30, 10 * MS);
    use(machine, "/a.slice/old.service", 50 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "old.service"), 50 * MS);
    assert_int_equal(all_ended_ns(machine), 50 * MS);
}

/* What it used there is in the slice's counter, as nobody had looked at that group. */
static void test_moved_to_an_old_unit(void **state)
{
    struct machine *machine = *state;
    make_group(machine, "/a.slice/old.service");
    (void)start(machine, 30, 1, web);
    run(machine, 30, MS);
    sweep_once(machine); /* its group is read again at the next */
    machine->ones[30].path = "/a.slice/old.service";
    for (int i = 0; i < 5; i++) {
        run(machine, 30, 10 * MS);
        use(machine, mail, 40 * MS);
        sweep_once(machine);
        assert_int_equal(ended_ns(machine, "mail.service"), 40 * MS);
        assert_int_equal(all_ended_ns(machine), 40 * MS);
    }
}

/* Up to two ticks may be in its child time already, and be told later. */
static void test_who_waited(void **state)
{
    struct machine *machine = *state;
    run(machine, 10, MS);
    use(machine, web, 9 * MS);
    machine->ones[10].child_faults = 5;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
    run(machine, 10, MS);
    use(machine, web, 41 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 30 * MS);
    run(machine, 10, MS);
    machine->ones[10].child_ns = 20 * MS;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0); /* it was told as inherited */
    assert_int_equal(told_ns(machine), 21 * MS);
}

/* Its parent inherits it later. */
static void test_unseen_zombie(void **state)
{
    struct machine *machine = *state;
    struct one *zombie = start(machine, 30, 10, web);
    zombie->zombie = true;
    run(machine, 30, 100 * MS);
    use(machine, web, 25 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 5 * MS); /* and two ticks of its children */
    zombie->there = false;
    run(machine, 10, MS);
    machine->ones[10].child_ns = 100 * MS;
    machine->ones[10].child_faults = 1;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
}

/* Whoever dies after the counters were read is inherited, in this sweep or the next: all that is
 * told in the end is what was used, and nothing of it as ended. */
static void check_death(struct machine *machine, int32_t pid, bool when_stat, uint64_t untold_ns)
{
    uint64_t used_ns = machine->whole_ns - untold_ns;
    uint64_t sum_ns = 0;
    if (when_stat) {
        run(machine, pid, 100 * MS);
        run(machine, 10, MS);
    }
    machine->victim = pid;
    machine->when_stat = when_stat;
    machine->when_exists = !when_stat;
    for (int i = 0; i < 3; i++) {
        sweep_once(machine);
        assert_int_equal(all_ended_ns(machine), 0);
        sum_ns += told_ns(machine);
    }
    assert_int_equal(machine->victim, 0);
    used_ns = machine->whole_ns - used_ns;
    assert_true(sum_ns <= used_ns);
    assert_true(sum_ns + 3 * TICK_NS >= used_ns);
}

static void test_death_of_one_that_is_known(void **state)
{
    (void)start(*state, 30, 10, web);
    run(*state, 30, MS);
    sweep_once(*state);
    check_death(*state, 30, true, 0);
}

/* And nobody knows yet whose child it is. */
static void test_death_of_one_that_is_new(void **state)
{
    (void)start(*state, 30, 10, web);
    check_death(*state, 30, true, 0);
}

/* Its parent owes for it then, out of what it inherited of another, and is told of that later. */
static void check_death_after(struct machine *machine, uint64_t inherited_ns)
{
    (void)start(machine, 30, 10, web);
    (void)start(machine, 31, 10, web);
    run(machine, 30, 100 * MS);
    run(machine, 31, 100 * MS);
    sweep_once(machine);
    run(machine, 31, inherited_ns);
    reap(machine, 31);
    check_death(machine, 30, false, inherited_ns + NS_PER_US);
}

static void test_death_after_one_was_inherited(void **state)
{
    check_death_after(*state, 50 * MS);
}

/* Child times are cut to ticks: what is cut off is told later still. */
static void test_death_after_a_part_was_inherited(void **state)
{
    check_death_after(*state, 59 * MS);
}

static void test_end_of_an_unseen_zombie(void **state)
{
    struct machine *machine = *state;
    struct one *zombie = start(machine, 30, 10, web);
    zombie->zombie = true;
    zombie->child_ns = 60 * MS;
    run(machine, 30, 10 * MS);
    use(machine, web, 60 * MS);
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
    check_death(machine, 30, false, 70 * MS);
}

/* Of what PID 1 inherits nothing is told. */
static void test_zombie_of_pid_1(void **state)
{
    struct machine *machine = *state;
    struct one *zombie = start(machine, 30, 1, web);
    zombie->zombie = true;
    run(machine, 30, 100 * MS);
    sweep_once(machine);
    assert_int_equal(ended_ns(machine, "web.service"), 100 * MS);
    zombie->there = false;
    run(machine, 1, MS);
    machine->ones[1].child_ns = 100 * MS;
    sweep_once(machine);
    assert_int_equal(all_ended_ns(machine), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_told_with_the_unit),
        TEST(test_groups_below_a_unit),
        TEST(test_carried_on),
        TEST(test_ended_unit),
        TEST(test_zombie_of_an_ended_unit),
        TEST(test_unit_that_came_and_went),
        TEST(test_restarted_unit),
        TEST(test_new_unit),
        TEST(test_old_unit),
        TEST(test_moved_to_an_old_unit),
        TEST(test_who_waited),
        TEST(test_unseen_zombie),
        TEST(test_death_of_one_that_is_known),
        TEST(test_death_of_one_that_is_new),
        TEST(test_death_after_one_was_inherited),
        TEST(test_death_after_a_part_was_inherited),
        TEST(test_end_of_an_unseen_zombie),
        TEST(test_zombie_of_pid_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
