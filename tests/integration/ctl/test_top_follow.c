/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A reader of a real ring file: overtaken, and followed over another ring under the same name. */
#include "unit/unit.h"

#include "machine.h"
#include "scratch.h"
#include "storage/ring_file.h"
#include "top/follow.h"

enum { SLOTS = RING_SLOTS_MIN };

static struct scratch scratch;
static struct machine *machine;
static struct ring_file *producer;
static struct top_follower follower;
static struct top_window *window;

static void make_ring(void)
{
    assert_int_equal(ring_file_create_or_attach(&producer, scratch.fd, SLOTS), RING_FILE_NEW);
    machine = machine_new(SLOTS, 1);
    free(machine->ring.memory);
    machine->ring = producer->producer;
    (void)machine_add_domain(machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
}

static void drop_ring(void)
{
    machine->ring.memory = NULL;
    machine_free(machine);
    producer = ring_file_close(producer);
}

static int set_up(void **state)
{
    (void)state;
    scratch = scratch_new();
    make_ring();
    follower = (struct top_follower){0};
    (void)str_copy(follower.directory, sizeof(follower.directory), scratch.path);
    window = top_window_new(1000000 * NS_PER_S);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    top_follower_done(&follower);
    window = top_window_free(window);
    drop_ring();
    scratch_done(&scratch);
    return 0;
}

/* Frames of this many records that use that much each; their energy. */
static uint64_t push(size_t frames, size_t records, uint64_t uj)
{
    uint32_t id =
        machine_name(machine, RING_WORKLOAD_FIRST, 1, WORKLOAD_SERVICE, "a.service", "a", "root");
    for (size_t i = 0; i < frames; i++) {
        machine_begin(machine, NS_PER_S);
        for (size_t j = 0; j < records; j++)
            machine_use(machine, 0, id, (int32_t)j + 1, uj, 1);
        machine_end(machine, NULL);
    }
    return frames * records * uj;
}

static uint64_t total_uj(void)
{
    struct top_sums sums = {0};
    assert_int_equal(top_window_sum(window, TOP_BY_UNIT, &sums), 0);
    uint64_t uj = sums.total.uj;
    assert_true(sums.n <= 1);
    top_sums_done(&sums);
    return uj;
}

static void test_overtaken(void **state)
{
    (void)state;
    uint64_t before_uj = push(3, 10, 11);
    assert_int_equal(top_follower_open(&follower), 0);
    assert_int_equal(top_follow(&follower, window), 0);
    assert_int_equal(total_uj(), before_uj);
    uint64_t later_uj = push(1, 10, 5);
    assert_int_equal(top_follow(&follower, window), 0);
    assert_int_equal(total_uj(), before_uj + later_uj);
    assert_int_equal(top_window_missed(window), 0);

    uint64_t lost_uj = push(300, 20, 7); /* 6,900 records: most are overwritten */
    assert_int_equal(top_follow(&follower, window), 0);
    uint64_t missed_uj = top_window_missed(window);
    assert_in_range(missed_uj, lost_uj * 3 / 4, lost_uj - 1);
    assert_int_equal(total_uj() + missed_uj, before_uj + later_uj + lost_uj);
    assert_int_equal(top_follow(&follower, window), 0);
    assert_int_equal(top_window_missed(window), missed_uj);
}

static void test_other_ring(void **state)
{
    (void)state;
    uint64_t first_uj = push(2, 3, 100);
    assert_int_equal(top_follower_open(&follower), 0);
    assert_int_equal(top_follow(&follower, window), 0);
    first_uj += push(1, 1, 1000);
    assert_int_equal(unlinkat(scratch.fd, RING_FILE_NAME, 0), 0);
    drop_ring();
    make_ring();
    uint64_t second_uj = push(5, 2, 33);
    /* What was behind in the old one, then the new one; its totals began anew. */
    assert_int_equal(top_follow(&follower, window), 0);
    assert_int_equal(total_uj(), first_uj + second_uj);
    assert_int_equal(top_window_missed(window), 0);
    second_uj += push(1, 1, 1);
    assert_int_equal(top_follow(&follower, window), 0);
    assert_int_equal(total_uj(), first_uj + second_uj);
}

static void test_live(void **state)
{
    (void)state;
    struct status_clock now = {0};
    uint64_t age_ns = 0;
    (void)push(1, 1, 1);
    assert_int_equal(top_follower_open(&follower), 0);
    assert_int_equal(top_follow(&follower, window), 0);
    now.mono_ns = machine->mono_ns + 2 * NS_PER_S;
    assert_true(top_is_live(&follower, &now, &age_ns));
    assert_int_equal(age_ns, 2 * NS_PER_S);
    now.mono_ns += 10 * NS_PER_S;
    assert_false(top_is_live(&follower, &now, &age_ns));
    now.mono_ns = machine->mono_ns;
    now.boot_id[3] = 1;
    assert_false(top_is_live(&follower, &now, &age_ns));
}

static void test_missing(void **state)
{
    (void)state;
    (void)str_copy(follower.directory, sizeof(follower.directory), "/nonexistent");
    assert_int_equal(top_follower_open(&follower), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_overtaken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_ring, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_live, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
