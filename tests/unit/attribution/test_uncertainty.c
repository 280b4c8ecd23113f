/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include "core/attribution/uncertainty.h"

static void test_every_code_is_its_own(void **state)
{
    (void)state;
    for (uint32_t code = 2; code <= UNCERTAINTY_MASK; code++) {
        uint64_t ppm = uncertainty_ppm(code, 0);
        assert_true(ppm > uncertainty_ppm(code - 1, 0));
        assert_int_equal(uncertainty_set(0, 0, ppm - UNCERTAINTY_UNIT_PPM), code);
    }
}

/* Never narrower than what was stated, and hardly wider. */
static void test_rounded_up(void **state)
{
    (void)state;
    for (uint64_t ppm = 600; ppm < 33 * PPM; ppm += 1 + ppm / 999) {
        uint64_t read = uncertainty_ppm(uncertainty_set(0, 1, ppm), 1);
        assert_true(read >= ppm);
        assert_true(read <= ppm + ppm / 60 + 2 * UNCERTAINTY_UNIT_PPM);
    }
}

static void test_ends(void **state)
{
    (void)state;
    assert_int_equal(uncertainty_ppm(0, 0), 0);
    assert_in_range(uncertainty_ppm(uncertainty_set(0, 0, 0), 0), 1, 600);
    assert_true(uncertainty_ppm(uncertainty_set(0, 2, UINT64_MAX), 2) > 33 * PPM);
}

static void test_lanes_are_apart(void **state)
{
    (void)state;
    uint32_t codes = uncertainty_set(0, 0, 10000);
    codes = uncertainty_set(codes, 2, 500000);
    assert_int_equal(uncertainty_ppm(codes, 1), 0);
    codes = uncertainty_set(codes, 1, 90000);
    codes = uncertainty_set(codes, 1, 70000);
    assert_in_range(uncertainty_ppm(codes, 0), 10000, 10200);
    assert_in_range(uncertainty_ppm(codes, 1), 70000, 71200);
    assert_in_range(uncertainty_ppm(codes, 2), 500000, 508500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_is_its_own),
        cmocka_unit_test(test_rounded_up),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_lanes_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
