/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/siphash.h"

/* The example of the paper's appendix, and from its authors' list of vectors the first, one with a
 * whole word and one with a word and a byte: key 00 01 ... 0f, message 00 01 ... */
static void test_vectors(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        uint64_t hash;
    } cases[] = {
        {0,  UINT64_C(0x726fdb47dd0e0e31)},
        {8,  UINT64_C(0x93f5f5799a932462)},
        {9,  UINT64_C(0x9e0082df0ba9e4b0)},
        {15, UINT64_C(0xa129ca6149be45e5)},
    };
    const struct siphash_key key = {
        {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}
    };
    unsigned char message[16];
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (unsigned char)i;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(siphash(&key, message, cases[i].length), cases[i].hash);
}

static void test_key_matters(void **state)
{
    (void)state;
    const struct siphash_key one = {
        {1, 0}
    };
    const struct siphash_key other = {
        {0, 1}
    };
    assert_int_not_equal(siphash(&one, "nginx", 5), siphash(&other, "nginx", 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_key_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
