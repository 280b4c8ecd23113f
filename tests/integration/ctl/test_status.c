/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <locale.h>

#include "fake_ring.h"
#include "golden.h"
#include "greend/units.h"
#include "status/status.h"

static const struct status_clock now = {
    .mono_ns = 1000 * NS_PER_S, .boot_id = {1, 2, 3}
};

static const struct ring_status items[] = {
    {.collector = "rapl",                        .health = HEALTH_WORKING, .duration_ns = 1234567},
    {.collector = "rapl",                                          .item = "package-0",                                                .health = HEALTH_WORKING},
    {.collector = "rapl",
     .item = "package-0/dram",
     .health = HEALTH_FAILED,
     .error = -EACCES,
     .why = "the kernel lets only root read it",
     .mend = "make max_energy_range_uj readable"},
    {.collector = ""                  }, /* free */
    {.collector = "hwmon",
     .health = HEALTH_DEGRADED,
     .why = "some of its sensors report a fault or no value"},
    {.collector = "model",                            .health = HEALTH_OFF,                          .why = "[model] rest=off"},
    {.collector = "cgroup",                  .health = HEALTH_ABSENT                                 },
};

static void put(const struct ring_status *entries, size_t count)
{
    fake_ring = (struct fake_ring){
        .has_frame = true,
        .frame = {.type = RING_FRAME,
                  .mono_ns = now.mono_ns - 800 * NS_PER_MS,
                  .real_ns = INT64_C(1792879200) * (int64_t)NS_PER_S,
                  .interval_ns = NS_PER_S},
        .host = {.type = RING_HOST, .boot_id = {1, 2, 3}               },
        .items = entries,
        .n_items = (uint32_t)count,
        .busy_item = UINT32_MAX,
    };
}

static struct status *collect(void)
{
    static struct status status;
    struct ring ring = {0};
    assert_int_equal(status_collect(&ring, &now, &status), 0);
    return &status;
}

static void check(const struct style *style, const char *golden)
{
    CLEANUP(text_done) struct text text = {0};
    status_render_table(collect(), style, &text);
    assert_int_equal(text.error, 0);
    golden_check(golden, &text);
}

static const struct style usual = {.width = 80, .utf8 = true};

static void test_formats(void **state)
{
    (void)state;
    static const struct style ascii = {.width = 60};
    static const struct style colour = {.width = 80, .utf8 = true, .colour = true};
    CLEANUP(text_done) struct text text = {0};
    put(items, ARRAY_SIZE(items));
    check(&usual, "tests/golden/status.txt");
    check(&ascii, "tests/golden/status-ascii.txt");
    check(&colour, "tests/golden/status-colour.txt");
    status_render_json(collect(), &text);
    golden_check("tests/golden/status.json", &text);
    text_clear(&text);
    status_render_csv(collect(), &text);
    golden_check("tests/golden/status.csv", &text);
}

static void test_good(void **state)
{
    (void)state;
    put(items, 2);
    assert_true(status_is_good(collect()));
    put(items, 3); /* with the zone that cannot be read */
    assert_false(status_is_good(collect()));
    static struct ring_status fine[ARRAY_SIZE(items)];
    memcpy(fine, items, sizeof(items));
    fine[2].health = HEALTH_DEGRADED; /* what is degraded, absent or off is no fault */
    put(fine, ARRAY_SIZE(fine));
    assert_true(status_is_good(collect()));
    assert_int_equal(collect()->n_items, 6);
}

static void test_freshness(void **state)
{
    (void)state;
    assert_int_equal(status_fresh_ns(0), 5 * NS_PER_S);
    assert_int_equal(status_fresh_ns(NS_PER_S), 5 * NS_PER_S);
    assert_int_equal(status_fresh_ns(10 * NS_PER_S), 30 * NS_PER_S);
    assert_int_equal(status_fresh_ns(UINT64_MAX), 180 * NS_PER_S);
    put(items, 2);
    fake_ring.frame.mono_ns = now.mono_ns - 5 * NS_PER_S;
    assert_int_equal(collect()->daemon, STATUS_RUNNING);
    fake_ring.frame.mono_ns--;
    assert_int_equal(collect()->daemon, STATUS_STALE);
    assert_false(status_is_good(collect()));
    check(&usual, "tests/golden/status-stale.txt");
    fake_ring.frame.mono_ns = now.mono_ns;
    assert_int_equal(collect()->daemon, STATUS_RUNNING);
    fake_ring.frame.mono_ns++; /* of the future: of another boot, or a lie */
    assert_int_equal(collect()->daemon, STATUS_REBOOTED);
    fake_ring.frame.mono_ns = now.mono_ns;
    fake_ring.host.boot_id[15] = 9;
    assert_int_equal(collect()->daemon, STATUS_REBOOTED);
    check(&usual, "tests/golden/status-rebooted.txt");
}

static void test_no_frame(void **state)
{
    (void)state;
    put(NULL, 0);
    fake_ring.has_frame = false;
    assert_int_equal(collect()->daemon, STATUS_STARTING);
    assert_false(status_is_good(collect()));
    check(&usual, "tests/golden/status-starting.txt");
    fake_ring.has_frame = true;
    fake_ring.frame_result = RING_LAPPED;
    assert_int_equal(collect()->daemon, STATUS_STARTING);
    fake_ring.frame_result = -EBADMSG;
    assert_int_equal(collect()->daemon, STATUS_STARTING);
}

/* The ring is a file: its memory may hold anything. */
static void test_hostile(void **state)
{
    (void)state;
    static struct ring_status hostile[2];
    memset(&hostile[0], '\x1b', sizeof(hostile[0]));
    hostile[1] = (struct ring_status){.collector = "=rapl\"",
                                      .item = "a,b\n",
                                      .health = HEALTH_WORKING,
                                      .error = INT32_MIN,
                                      .why = "\xe2\x80\xae"};
    put(hostile, 2);
    fake_ring.busy_item = 7;
    CLEANUP(text_done) struct text text = {0};
    check(&usual, "tests/golden/status-hostile.txt");
    status_render_json(collect(), &text);
    status_render_csv(collect(), &text);
    assert_int_equal(text.error, 0);
    assert_null(strchr(text.data, '\x1b'));
    assert_non_null(strstr(text.data, "\r\n\"'=rapl\"\"\",\"a,b\\x0a\",working,2147483648,"));
    assert_int_equal(collect()->by_health[HEALTH_FAILED], 1);
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),   cmocka_unit_test(test_good),
        cmocka_unit_test(test_freshness), cmocka_unit_test(test_no_frame),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
