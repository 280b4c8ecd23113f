/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Whose stat is left unread while nobody is born, and whose is not. */
#include "groups_machine.h"

/* Soon enough that nobody's group is to be read again. */
static void sweep_soon(struct machine *machine, bool calm)
{
    machine->now_ns -= NS_PER_S - 10 * MS;
    machine->calm = calm;
    sweep_once(machine);
}

/* How often its stat was read in a sweep in which it works, which is told in any case. */
static int reads(struct machine *machine, int32_t pid, bool calm)
{
    run(machine, pid, MS);
    machine->stats[pid] = 0;
    sweep_soon(machine, calm);
    uint64_t cpu_ns = 0;
    for (uint32_t i = 0; i < machine->sweep.n_activities; i++) {
        const struct activity *activity = &machine->sweep.activities[i];
        cpu_ns += activity->pid == pid ? activity->cpu_ns : 0;
    }
    assert_int_equal(cpu_ns, MS);
    return machine->stats[pid];
}

static void test_left_unread(void **state)
{
    assert_true(reads(*state, 20, false) > 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(reads(*state, 20, true), 0);
    assert_int_equal(reads(*state, 20, false), 1);
    assert_int_equal(reads(*state, 20, true), 0);
}

static void test_unknown(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 30, 20, mail);
    sweep_soon(machine, false);
    assert_true(reads(machine, 30, true) > 0);
    assert_int_equal(reads(machine, 30, true), 0);
}

static void test_group_to_be_read_again(void **state)
{
    struct machine *machine = *state;
    assert_true(reads(machine, 20, false) > 0);
    machine->now_ns += 4 * NS_PER_S;
    assert_int_equal(reads(machine, 20, true), 1);
}

/* They may become others' children, or be waited for. */
static void test_children(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 30, 10, web);
    assert_true(reads(machine, 10, false) > 0);
    assert_int_equal(reads(machine, 10, true), 1);
    machine->ones[30].cpu_ns += 50 * MS;
    reap(machine, 30);
    machine->ones[10].cpu_ns -= NS_PER_US; /* which it used to wait */
    assert_int_equal(reads(machine, 10, true), 1);
    assert_int_equal(told_ns(machine), 51 * MS);
    assert_int_equal(reads(machine, 10, true), 0);
}

/* Its child died after its stat was read: what it inherited is told in the next sweep. */
static void test_owed(void **state)
{
    struct machine *machine = *state;
    (void)start(machine, 30, 10, web);
    (void)start(machine, 31, 10, web);
    run(machine, 30, 100 * MS);
    run(machine, 31, 100 * MS);
    assert_true(reads(machine, 10, false) > 0);
    reap(machine, 31);
    machine->ones[10].child_ns += 50 * MS;
    use(machine, web, 50 * MS);
    machine->victim = 30;
    machine->when_exists = true;
    sweep_soon(machine, true);
    assert_int_equal(machine->victim, 0);
    uint64_t sum_ns = told_ns(machine);
    sweep_soon(machine, true);
    sum_ns += told_ns(machine);
    assert_int_equal(sum_ns, 50 * MS + 2 * NS_PER_US);
}

/* The PID was given to another by number, which no count of PIDs shows. */
static void test_clock_that_went_back(void **state)
{
    struct machine *machine = *state;
    run(machine, 20, 50 * MS);
    sweep_soon(machine, false);
    (void)start(machine, 20, 1, mail);
    run(machine, 20, 5 * MS);
    machine->stats[20] = 0;
    sweep_soon(machine, true);
    assert_true(machine->stats[20] > 0);
    assert_int_equal(told_ns(machine), 5 * MS);
    assert_int_equal(machine->sweep.activities[0].start_ticks,
                     machine->ones[20].start_ns / TICK_NS);
}

static void test_packages(void **state)
{
    struct machine *machine = *state;
    static struct cpu_packages topology;
    machine->sweep.topology = &topology;
    topology.packages = 1;
    assert_true(reads(machine, 20, false) > 0);
    assert_int_equal(reads(machine, 20, true), 0);
    topology.packages = 2;
    assert_int_equal(reads(machine, 20, true), 1);
}

static void test_without_clocks(void **state)
{
    struct machine *machine = *state;
    assert_true(reads(machine, 20, false) > 0);
    static struct process_kernel kernel;
    kernel = *machine->sweep.kernel;
    kernel.cpu = NULL;
    machine->sweep.kernel = &kernel;
    machine->stats[20] = 0;
    sweep_soon(machine, true);
    assert_int_equal(machine->stats[20], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_left_unread), TEST(test_unknown),        TEST(test_group_to_be_read_again),
        TEST(test_children),    TEST(test_owed),           TEST(test_clock_that_went_back),
        TEST(test_packages),    TEST(test_without_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
