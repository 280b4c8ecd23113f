/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

/* Built twice: test wide has the compiler's integers of 128 bits where it knows them, wide_words
 * has two words everywhere. What a 64-bit machine's compiler computes is the truth for both. */

#include "core/attribution/uncertainty.h"
#include "greend/units.h"
#include "random.h"

static const uint64_t extremes[] = {
    0,
    1,
    2,
    3,
    999999,
    PPM,
    NS_PER_S,
    UINT32_MAX - 1,
    UINT32_MAX,
    UINT64_C(1) << 32,
    (UINT64_C(1) << 32) + 1,
    INT64_MAX,
    UINT64_C(1) << 63,
    (UINT64_C(1) << 63) + 1,
    UINT64_MAX - UINT32_MAX,
    UINT64_MAX - 1,
    UINT64_MAX,
};

static struct wide wide_of_two(uint64_t high, uint64_t low)
{
    struct wide wide = wide_of(high);
    for (int i = 0; i < 4; i++)
        wide = wide_mul(wide, UINT64_C(1) << 16);
    return wide_add(wide, wide_of(low));
}

static void assert_wide(struct wide wide, uint64_t high, uint64_t low)
{
    assert_int_equal(wide_high(wide), high);
    assert_int_equal(wide_low(wide), low);
}

static void test_known_results(void **state)
{
    (void)state;
    assert_wide(wide_of(7), 0, 7);
    assert_wide(wide_of_two(7, 9), 7, 9);
    assert_wide(wide_product(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1, 1);
    assert_wide(wide_add(wide_of(UINT64_MAX), wide_of(1)), 1, 0);
    assert_wide(wide_add(wide_of_two(UINT64_MAX, UINT64_MAX), wide_of(1)), 0, 0);
    assert_wide(wide_sub(wide_of_two(1, 0), wide_of(1)), 0, UINT64_MAX);
    assert_wide(wide_sub(wide_of(0), wide_of(1)), UINT64_MAX, UINT64_MAX);
    assert_wide(wide_div(wide_of_two(1, 0), 3), 0, UINT64_C(0x5555555555555555));
    assert_wide(wide_div(wide_of_two(UINT64_MAX - 1, 1), UINT64_MAX), 0, UINT64_MAX);
    assert_wide(wide_div(wide_of_two(9, 9), 1), 9, 9);
    assert_int_equal(wide_saturated(wide_of(UINT64_MAX)), UINT64_MAX);
    assert_int_equal(wide_saturated(wide_of(5)), 5);
    assert_true(wide_saturated(wide_of_two(1, 0)) == UINT64_MAX);
    assert_int_equal(wide_bits(wide_of(0)), 0);
    for (unsigned bit = 0; bit < 64; bit++) {
        assert_int_equal(wide_bits(wide_of(UINT64_C(1) << bit)), bit + 1);
        assert_int_equal(wide_bits(wide_of_two(UINT64_C(1) << bit, 0)), bit + 65);
    }
    assert_true(wide_compare(wide_of_two(1, 0), wide_of(UINT64_MAX)) > 0);
    assert_true(wide_compare(wide_of(UINT64_MAX), wide_of_two(1, 0)) < 0);
    assert_true(wide_compare(wide_of_two(3, 4), wide_of_two(3, 5)) < 0);
    assert_true(wide_compare(wide_of_two(3, 6), wide_of_two(3, 5)) > 0);
    assert_true(wide_compare(wide_of_two(3, 5), wide_of_two(3, 5)) == 0);
}

static void test_known_quotients(void **state)
{
    (void)state;
    assert_int_equal(mul_div(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX);
    assert_int_equal(mul_div(UINT64_MAX, NS_PER_S, NS_PER_S + 1), UINT64_C(18446744055262807559));
    assert_int_equal(mul_div(UINT64_C(1) << 63, 2, 1), UINT64_MAX);
    assert_int_equal(mul_div(UINT64_C(1) << 63, 2, 3), UINT64_C(0x5555555555555555));
    assert_int_equal(mul_div(7, 3, 2), 10);
    assert_int_equal(mul_div(0, UINT64_MAX, 1), 0);
    assert_int_equal(mul_div(0, 0, 0), UINT64_MAX);
}

#ifdef __SIZEOF_INT128__

static void assert_same(struct wide wide, unsigned __int128 truth)
{
    assert_wide(wide, (uint64_t)(truth >> 64), (uint64_t)truth);
}

/* All that there is, of two numbers of 128 bits and one of 64. */
static void compare(uint64_t a1, uint64_t a0, uint64_t b1, uint64_t b0, uint64_t c)
{
    unsigned __int128 a = (unsigned __int128)a1 << 64 | a0;
    unsigned __int128 b = (unsigned __int128)b1 << 64 | b0;
    struct wide x = wide_of_two(a1, a0);
    struct wide y = wide_of_two(b1, b0);
    assert_same(x, a);
    assert_same(wide_add(x, y), a + b);
    assert_same(wide_sub(x, y), a - b);
    assert_same(wide_mul(x, c), a * c);
    assert_same(wide_product(a0, b0), (unsigned __int128)a0 * b0);
    assert_int_equal(wide_compare(x, y), (a > b) - (a < b));
    assert_int_equal(wide_saturated(x), a > UINT64_MAX ? UINT64_MAX : (uint64_t)a);
    unsigned bits = 0;
    while (bits < 128 && a >> bits != 0)
        bits++;
    assert_int_equal(wide_bits(x), bits);
    uint64_t of_product = UINT64_MAX;
    if (c != 0) {
        assert_same(wide_div(x, c), a / c);
        unsigned __int128 quotient = (unsigned __int128)a0 * b0 / c;
        of_product = quotient > UINT64_MAX ? UINT64_MAX : (uint64_t)quotient;
    }
    assert_int_equal(mul_div(a0, b0, c), of_product);
    unsigned __int128 half = ((unsigned __int128)a0 * (b0 + c) + PPM - 1) / PPM;
    uint64_t half_uj = half < UINT64_MAX ? (uint64_t)half : UINT64_MAX - 1;
    assert_int_equal(uncertainty_uj(a0, b0, c), b0 == 0 && c == 0 ? UINT64_MAX : half_uj);
}

static void test_extremes(void **state)
{
    (void)state;
    size_t n = ARRAY_SIZE(extremes);
    for (size_t i = 0; i < n * n * n; i++) {
        uint64_t high = extremes[i / n / n], low = extremes[i / n % n], other = extremes[i % n];
        compare(high, low, 0, other, other);
        compare(high, low, other, low, other);
        compare(0, low, 0, other, high);
    }
}

static void test_random(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int t = 0; t < 200000; t++) {
        uint64_t words[5];
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
            words[i] = random_below(&random, 16)
                           ? random_bits(&random, 64)
                           : extremes[random_below(&random, ARRAY_SIZE(extremes))];
        compare(words[0], words[1], words[2], words[3], words[4]);
    }
}

#else

/* No compiler tells: what was divided comes out again. */
static void divide_again(uint64_t high, uint64_t low, uint64_t divisor)
{
    struct wide wide = wide_of_two(high, low);
    assert_wide(wide, high, low);
    if (divisor == 0)
        return;
    struct wide quotient = wide_div(wide, divisor);
    struct wide rest = wide_sub(wide, wide_mul(quotient, divisor));
    assert_true(wide_compare(rest, wide_of(divisor)) < 0);
    assert_true(wide_compare(wide_add(wide_mul(quotient, divisor), rest), wide) == 0);
    assert_int_equal(wide_high(quotient), high / divisor);
}

static void test_extremes(void **state)
{
    (void)state;
    size_t n = ARRAY_SIZE(extremes);
    for (size_t i = 0; i < n * n * n; i++)
        divide_again(extremes[i / n / n], extremes[i / n % n], extremes[i % n]);
}

static void test_random(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int t = 0; t < 200000; t++)
        divide_again(random_bits(&random, 64), random_bits(&random, 64), random_bits(&random, 64));
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_results),
        cmocka_unit_test(test_known_quotients),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
