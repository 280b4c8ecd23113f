/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "exporter/web/web_limit.h"

/* How many passwords may be tried. Time is the test's. */

#define NOW (1000 * NS_PER_S)

/* Tries until it may not; returns how often. */
static unsigned exhaust(struct web_limit *limit, uint64_t address, uint64_t now_ns)
{
    unsigned n = 0;
    for (; n < 1000 && web_limit_admits(limit, address, now_ns); n++)
        web_limit_count(limit, address, now_ns);
    return n;
}

static void test_one_address(void **state)
{
    (void)state;
    static struct web_limit limit;
    memset(&limit, 0, sizeof(limit));
    assert_int_equal(exhaust(&limit, 1, NOW), WEB_PEER_BURST);
    assert_false(web_limit_admits(&limit, 1, NOW + WEB_PEER_PERIOD_NS - 1));
    assert_int_equal(exhaust(&limit, 1, NOW + WEB_PEER_PERIOD_NS), 1);
    /* However long nobody tries, no more than the burst is saved up. */
    assert_int_equal(exhaust(&limit, 1, NOW + 1000 * WEB_PEER_PERIOD_NS), WEB_PEER_BURST);
}

/* An hour of as many tries as can be, from more addresses than are remembered. */
static void test_all_together(void **state)
{
    (void)state;
    static struct web_limit limit;
    memset(&limit, 0, sizeof(limit));
    unsigned tries = 0;
    uint64_t address = 1;
    for (uint64_t second = 0; second < 3600; second++)
        for (int i = 0; i < 50; i++, address++)
            tries += exhaust(&limit, address, NOW + second * NS_PER_S);
    assert_int_equal(tries, WEB_ALL_BURST + 3599);
}

/* A crowd of strangers does not lock out who knew the password. */
static void test_trust(void **state)
{
    (void)state;
    static struct web_limit limit;
    memset(&limit, 0, sizeof(limit));
    assert_true(web_limit_admits(&limit, 7, NOW));
    web_limit_count(&limit, 7, NOW);
    web_limit_trust(&limit, 7, NOW, true);
    uint64_t now = NOW;
    for (uint64_t i = 0; i < 2 * WEB_PEERS; i++, now += NS_PER_S)
        (void)exhaust(&limit, 100 + i, now);
    (void)exhaust(&limit, 99, now);
    assert_false(web_limit_admits(&limit, 8, now));
    assert_true(web_limit_admits(&limit, 7, now));
    /* But may not guess on without a limit, and the try that was right was given back. */
    assert_int_equal(exhaust(&limit, 7, now), WEB_PEER_BURST);
    assert_false(web_limit_admits(&limit, 7, now));
    /* What it tries takes nothing from the others. */
    assert_int_equal(exhaust(&limit, 8, now + NS_PER_S), 1);
    /* For a day. */
    uint64_t later = NOW + WEB_TRUST_NS;
    for (uint64_t address = 100; address < 120; address++)
        (void)exhaust(&limit, address, later);
    assert_false(web_limit_admits(&limit, 7, later));
}

static void test_right_costs_nothing(void **state)
{
    (void)state;
    static struct web_limit limit;
    memset(&limit, 0, sizeof(limit));
    for (int i = 0; i < 1000; i++) {
        assert_true(web_limit_admits(&limit, 3, NOW));
        web_limit_count(&limit, 3, NOW);
        web_limit_trust(&limit, 3, NOW, true);
    }
    assert_int_equal(exhaust(&limit, 4, NOW), WEB_PEER_BURST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_address),
        cmocka_unit_test(test_all_together),
        cmocka_unit_test(test_trust),
        cmocka_unit_test(test_right_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
