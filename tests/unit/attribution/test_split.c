/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/attribution/split.h"
#include "core/rollup/spread.h"
#include "random.h"

/* Parts add up, none is more than 1 away from its true share, and no weight gets nothing. */
static void test_parts_are_exact(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int round = 0; round < 2000; round++) {
        uint64_t weights[50];
        size_t n = 1 + random_index(&random, ARRAY_SIZE(weights));
        uint64_t total = 0;
        for (size_t i = 0; i < n; i++) {
            weights[i] = random_below(&random, 4) ? random_bits(&random, 58) : 0;
            total += weights[i];
        }
        uint64_t amount = random_bits(&random, 63);
        struct split split = split_begin(amount, total);
        uint64_t sum = 0;
        for (size_t i = 0; i < n; i++) {
            uint64_t part = split_next(&split, weights[i]);
            struct wide exact = wide_product(amount, weights[i]);
            if (weights[i] == 0)
                assert_int_equal(part, 0);
            else
                assert_true(wide_compare(wide_product(part + 1, total), exact) > 0 &&
                            (part == 0 || wide_compare(wide_product(part - 1, total), exact) < 0));
            sum += part;
        }
        assert_true(total == 0 ? sum == 0 : sum == amount);
        assert_int_equal(sum + split_rest(&split), amount);
    }
}

static void test_too_much_weight_is_cut(void **state)
{
    (void)state;
    struct split split = split_begin(100, 10);
    assert_int_equal(split_next(&split, 6), 60);
    assert_int_equal(split_next(&split, 60), 40);
    assert_int_equal(split_next(&split, 1), 0);
    assert_int_equal(split_rest(&split), 0);
}

static uint64_t cells_sum(const struct cells *cells)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < cells->capacity; i++)
        sum += cells->slots[i].begin_s == INT64_MIN ? 0 : cells->slots[i].amount;
    return sum;
}

static void test_short_frame_has_one_minute(void **state)
{
    (void)state;
    const int64_t s = 1000000000;
    struct spread spread = spread_frame(1800000000 * s + s / 2, 1000000000, 100);
    assert_int_equal(spread.count, 1);
    assert_int_equal(spread_begin_s(&spread, 0), 1800000000); /* the middle is exactly the border */
    spread = spread_frame(1800000000 * s + s / 4, 1000000000, 100);
    assert_int_equal(spread_begin_s(&spread, 0), 1799999940);
    spread = spread_frame(-30 * s, 1000000000, 100); /* a clock before 1970 */
    assert_int_equal(spread_begin_s(&spread, 0), -60);
}

static void test_long_frames_are_divided_by_time(void **state)
{
    (void)state;
    const int64_t s = 1000000000;
    /* 10:00:30 to 10:03:00: half a minute and two whole ones. */
    struct spread spread = spread_frame((1800000000 + 180) * s, 150 * (uint64_t)s, 100);
    struct cells cells = {0};
    assert_int_equal(cells_reserve(&cells, 10), 0);
    spread_book(&spread, &cells, 7, 1, 500, 50);
    struct cell sorted[3];
    assert_int_equal(cells.count, 3);
    cells_sorted(&cells, sorted);
    assert_int_equal(sorted[0].begin_s, 1800000000);
    assert_int_equal(sorted[0].amount, 100);
    assert_int_equal(sorted[0].uncertainty, 10);
    assert_int_equal(sorted[1].amount, 200);
    assert_int_equal(sorted[2].amount, 200);
    cells_clear(&cells);

    /* 10:00:30 to 10:02:45: the last minute is not a whole one either. */
    spread = spread_frame((1800000000 + 165) * s, 135 * (uint64_t)s, 100);
    spread_book(&spread, &cells, 7, 1, 1350, UINT64_MAX);
    assert_int_equal(cells.count, 3);
    cells_sorted(&cells, sorted);
    assert_int_equal(sorted[0].amount, 300);
    assert_int_equal(sorted[1].amount, 600);
    assert_int_equal(sorted[2].amount, 450);
    assert_true(sorted[2].uncertainty == UINT64_MAX);
    cells_done(&cells);
}

/* Whatever the length and the limit of steps, nothing is lost and the number of steps is kept. */
static void test_spread_conserves(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int round = 0; round < 500; round++) {
        int64_t end = (int64_t)random_bits(&random, 62) - (int64_t)random_bits(&random, 62);
        uint64_t length = random_bits(&random, (int)random_below(&random, 62) + 1);
        size_t most = random_index(&random, 2000);
        struct spread spread = spread_frame(end, length, most);
        assert_in_range(spread.count, 1, MAX(most, 1) + 2);
        struct cells cells = {0};
        assert_int_equal(cells_reserve(&cells, spread.count), 0);
        uint64_t amount = random_bits(&random, 60);
        spread_book(&spread, &cells, 1, 2, amount, UINT64_MAX);
        assert_int_equal(cells_sum(&cells), amount);
        cells_done(&cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_are_exact),
        cmocka_unit_test(test_too_much_weight_is_cut),
        cmocka_unit_test(test_short_frame_has_one_minute),
        cmocka_unit_test(test_long_frames_are_divided_by_time),
        cmocka_unit_test(test_spread_conserves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
