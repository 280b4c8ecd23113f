/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "greend/contained.h"
#include "random.h"

static const size_t none = CONTAINED_IN_NONE;

static struct contained_machine physical(const char *name)
{
    return (struct contained_machine){
        .name = name, .host = "", .physical = true, .recorded = true, .since_s = 0, .until_s = 100};
}

static struct contained_machine guest(const char *name, const char *host, double share)
{
    return (struct contained_machine){
        .name = name, .host = host, .recorded = true, .share = share, .since_s = 0, .until_s = 100};
}

static int find(const struct contained_machine *machines, size_t n, size_t *ret_hosts)
{
    size_t wrong = 99;
    int r = contained_find(machines, n, ret_hosts, &wrong);
    return r == 0 ? 0 : r * 100 + (int)wrong;
}

static void guests_lie_in_their_hosts(void **state)
{
    (void)state;
    size_t on[6];
    struct contained_machine machines[] = {
        guest("web", "srv-1", 0), physical("srv-1"),     guest("base", "srv-2", 0),
        physical("srv-2"),        guest("alone", "", 0), guest("lost", "elsewhere", 0),
    };
    assert_int_equal(find(machines, 6, on), 0);
    const size_t expected[] = {1, none, 3, none, none, none};
    assert_memory_equal(on, expected, sizeof(expected));
    /* A name is all of it. */
    machines[1].name = "srv-10";
    assert_int_equal(find(machines, 6, on), 0);
    assert_int_equal(on[0], none);
    assert_int_equal(find(machines, 0, on), 0);
}

static void what_was_not_recorded_holds_nothing(void **state)
{
    (void)state;
    size_t on[2];
    struct contained_machine machines[] = {physical("srv"), guest("web", "srv", 0)};
    machines[0].recorded = false;
    assert_int_equal(find(machines, 2, on), 0);
    assert_int_equal(on[1], none);
}

static void a_physical_machine_runs_on_none(void **state)
{
    (void)state;
    size_t on[2];
    struct contained_machine machines[] = {physical("srv"), physical("other")};
    machines[1].host = "srv";
    assert_int_equal(find(machines, 2, on), 0);
    assert_int_equal(on[1], none);
}

static void guests_of_guests(void **state)
{
    (void)state;
    size_t on[3];
    struct contained_machine machines[] = {guest("inner", "outer", 0), guest("outer", "srv", 0),
                                           physical("srv")};
    assert_int_equal(find(machines, 3, on), 0);
    assert_int_equal(on[0], 1);
    assert_int_equal(on[1], 2);
    /* Without a name nobody is anybody's host. */
    machines[1].name = "";
    assert_int_equal(find(machines, 3, on), 0);
    assert_int_equal(on[0], none);
}

static void circles_are_told(void **state)
{
    (void)state;
    size_t on[4];
    struct contained_machine self[] = {physical("srv"), guest("a", "a", 0)};
    assert_int_equal(find(self, 2, on), 100 * CONTAINED_CIRCLE + 1);
    struct contained_machine three[] = {guest("x", "a", 0), guest("a", "b", 0), guest("b", "c", 0),
                                        guest("c", "a", 0)};
    assert_int_equal(find(three, 4, on), 100 * CONTAINED_CIRCLE + 1);
}

static void one_host_of_two_is_ambiguous(void **state)
{
    (void)state;
    size_t on[3];
    struct contained_machine machines[] = {physical("srv"), physical("srv"),
                                           guest("web", "srv", 0)};
    assert_int_equal(find(machines, 3, on), 100 * CONTAINED_AMBIGUOUS + 2);
    /* One after the other: the one that was there. */
    machines[0].until_s = machines[1].since_s = 50;
    machines[2].since_s = 60;
    assert_int_equal(find(machines, 3, on), 0);
    assert_int_equal(on[2], 1);
    machines[2].since_s = 40;
    assert_int_equal(find(machines, 3, on), 0);
    assert_int_equal(on[2], 0);
    machines[2].since_s = machines[2].until_s = 200; /* at the time of neither: still in the host */
    assert_int_equal(find(machines, 3, on), 0);
    assert_int_equal(on[2], 0);
}

static int overfull(const struct contained_machine *machines, size_t n, double *ret_sum)
{
    size_t members[8];
    size_t count = 99;
    int r = contained_overfull(machines, n, members, &count, ret_sum);
    return r == 0 ? 0 : (int)count;
}

static void parts_of_a_host_are_at_most_all_of_it(void **state)
{
    (void)state;
    double sum = 0;
    struct contained_machine machines[] = {
        guest("a", "srv", 0.1), guest("b", "srv", 0.2), guest("other", "srv-2", 0.9),
        guest("c", "srv", 0.7), physical("srv"),
    };
    assert_int_equal(overfull(machines, 5, &sum), 0);
    machines[3].share = 0.701;
    assert_int_equal(overfull(machines, 5, &sum), 3);
    assert_true(sum > 1.001 - 1e-12 && sum < 1.001 + 1e-12);
    machines[0].recorded = false;
    assert_int_equal(overfull(machines, 5, &sum), 0);
}

static void parts_of_other_times_do_not_add_up(void **state)
{
    (void)state;
    double sum = 0;
    struct contained_machine machines[] = {guest("a", "srv", 0.6), guest("b", "srv", 0.6)};
    machines[0].until_s = machines[1].since_s = 50;
    assert_int_equal(overfull(machines, 2, &sum), 0);
    machines[0].until_s = 51;
    assert_int_equal(overfull(machines, 2, &sum), 2);
    assert_true(sum > 1.2 - 1e-12 && sum < 1.2 + 1e-12);
}

/* Whatever is declared: who is counted holds no other one that is counted, and nobody is lost. */
static void property(void **state)
{
    (void)state;
    enum { MACHINES = 12, NAMES = 6 };
    static const char *const names[NAMES] = {"", "a", "b", "c", "d", "e"};
    struct random random = random_seeded();
    int found = 0;
    for (int round = 0; round < 5000; round++) {
        struct contained_machine machines[MACHINES];
        size_t on[MACHINES];
        size_t wrong = 0;
        for (int i = 0; i < MACHINES; i++) {
            machines[i] =
                guest(names[random_below(&random, NAMES)], names[random_below(&random, NAMES)], 0);
            machines[i].physical = random_below(&random, 2) == 0;
            machines[i].recorded = random_below(&random, 4) > 0;
            machines[i].since_s = (int64_t)random_below(&random, 100);
            machines[i].until_s = machines[i].since_s + 1 + (int64_t)random_below(&random, 5);
        }
        if (contained_find(machines, MACHINES, on, &wrong) != 0)
            continue;
        found++;
        for (int i = 0; i < MACHINES; i++) {
            if (on[i] == none)
                continue;
            assert_false(machines[i].physical);
            assert_string_equal(machines[i].host, machines[on[i]].name);
            assert_true(machines[on[i]].recorded);
            size_t at = (size_t)i;
            for (int steps = 0; on[at] != none; steps++, at = on[at])
                assert_true(steps < MACHINES);
        }
    }
    assert_true(found > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_lie_in_their_hosts),
        cmocka_unit_test(what_was_not_recorded_holds_nothing),
        cmocka_unit_test(a_physical_machine_runs_on_none),
        cmocka_unit_test(guests_of_guests),
        cmocka_unit_test(circles_are_told),
        cmocka_unit_test(one_host_of_two_is_ambiguous),
        cmocka_unit_test(parts_of_a_host_are_at_most_all_of_it),
        cmocka_unit_test(parts_of_other_times_do_not_add_up),
        cmocka_unit_test(property),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
