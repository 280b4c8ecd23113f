/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

static uint64_t hash_of(const char *text)
{
    return hash_bytes(HASH_BEGIN, text, strlen(text));
}

/* What was learned is kept on disk by such hashes: they must not change. */
static void test_hash_is_the_published_one(void **state)
{
    (void)state;
    assert_int_equal(hash_of(""), UINT64_C(0xcbf29ce484222325));
    assert_int_equal(hash_of("a"), UINT64_C(0xaf63dc4c8601ec8c));
    assert_int_equal(hash_of("foobar"), UINT64_C(0x85944171f73967e8));
    assert_int_equal(hash_of("\xff"), UINT64_C(0xaf64724c8602eb6e));
    assert_int_equal(hash_bytes(hash_of("foo"), "bar", 3), hash_of("foobar"));
}

static int compare(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
    return (first > second) - (first < second);
}

/* Of 2^16 numbers of 32 bits half a pair meets by chance. */
static void test_short_hashes_seldom_meet(void **state)
{
    (void)state;
    enum { NAMES = 1 << 16 };
    static uint32_t hashes[NAMES];
    for (uint32_t i = 0; i < NAMES; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "worker-%u", i);
        hashes[i] = (uint32_t)hash_of(name);
    }
    qsort(hashes, NAMES, sizeof(hashes[0]), compare);
    int met = 0;
    for (size_t i = 1; i < NAMES; i++)
        met += hashes[i] == hashes[i - 1];
    assert_in_range(met, 0, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_is_the_published_one),
        cmocka_unit_test(test_short_hashes_seldom_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
