/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <time.h>

#include "input/configuration.h"
#include "period.h"

static void enter(const char *zone)
{
    assert_int_equal(setenv("TZ", zone, 1), 0);
    tzset();
}

/* 2026-11-23 20:40:17 in Paris */
static const int64_t now_s = 1795462817;

static int64_t parse(const char *text)
{
    int64_t s = INT64_MIN;
    if (period_parse(text, now_s, &s) != 0)
        fail_msg("'%s' was refused", text);
    return s;
}

static void test_right(void **state)
{
    (void)state;
    enter("Europe/Paris");
    static const struct {
        const char *text;
        int64_t expected_s;
    } cases[] = {
        {"now",                       1795462817          },
        {"today",                     1795388400          },
        {"yesterday",                 1795302000          },
        {"tomorrow",                  1795474800          },
        {"today UTC",                 1795392000          },
        {"2026-11-01",                1793487600          },
        {"2026-11",                   1793487600          },
        {"2026-11-01 UTC",            1793491200          },
        {"2026-11-01 12:00",          1793530800          },
        {"2026-11-01T12:00:30",       1793530830          },
        {"2026-11-01 12:00:30",       1793530830          },
        {"2026-11-01 12:00:30 UTC",   1793534430          },
        {"12:00",                     1795388400 + 43200  },
        {"12:00:01",                  1795388400 + 43201  },
        {"-2h",                       1795462817 - 7200   },
        {"-1h 30min",                 1795462817 - 5400   },
        {"+1d",                       1795462817 + 86400  },
        {"2h ago",                    1795462817 - 7200   },
        {"2 weeks ago",               1795462817 - 1209600},
        {"@1793491200",               1793491200          },
        {"@0",                        0                   },
        {"2024-02-29",                1709161200          },
        {"2026-11-01T12:00:30Z",      1793534430          },
        {"2026-11-01T12:00:30+0000",  1793534430          },
        {"2026-11-01T12:00:30+01:00", 1793530830          },
        {"2026-11-01 12:00-0330",     1793534400 + 12600  },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(parse(cases[i].text), cases[i].expected_s);
}

static void test_wrong(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        " ",
        "soon",
        "2026-02-30",
        "2026-13-01",
        "2026-11-01 25:00",
        "2026-11-01x",
        "-2",
        "-",
        "2h",
        "ago",
        " ago",
        "5 ago",
        "@",
        "@-5",
        "@ 5",
        "@5x",
        "@99999999999999999999",
        "11/01/2026",
        "2026-11-01 12:00 CET",
        "2026-11-01T12:00+1",
        "2026-11-01T12:00+01",
        "2026-11-01T12:00+2400",
        "2026-11-01T12:00+0160",
        "2026-11-01T12:00+01000",
        "2026-11-01T12:00+1:00",
        "2026-11-01T12:00+01:0",
        "2026-11-01T12:00+01-00",
        "2026-11-01T12:00 0100",
        "2026-11-01T12:00+ 1 0",
        "2026-11-01T12:00+-1-1",
        "2026-11-01T12:00z",
        "2026-11-01T12:00Zx",
        "2026-11-01T12:00Z UTC",
        "2026-02-30T12:00Z",
        "2026-11-01Z",
        "-600y",
        "2026-11-01 12:00:00                                                              ",
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int64_t s = 7;
        if (period_parse(cases[i], now_s, &s) != -EINVAL)
            fail_msg("'%s' was taken for %lld", cases[i], (long long)s);
        assert_int_equal(s, 7);
    }
}

/* Clocks go back: 02:30 comes twice on 2026-10-25, and the first is meant; the day has 25 hours. */
static void test_autumn(void **state)
{
    (void)state;
    enter("Europe/Paris");
    assert_int_equal(parse("2026-10-25 02:30"), 1792888200); /* 00:30 UTC, still +02:00 */
    assert_int_equal(parse("2026-10-25 03:00"), 1792893600);
    assert_int_equal(parse("2026-10-26") - parse("2026-10-25"), 25 * 3600);
    assert_int_equal(period_midnight(parse("2026-10-25 23:59")), parse("2026-10-25"));
    enter("Australia/Lord_Howe"); /* half an hour */
    assert_int_equal(parse("2026-04-06") - parse("2026-04-05"), 24 * 3600 + 1800);
    assert_int_equal(parse("2026-04-05 01:45"), parse("2026-04-05") + 6300);
}

/* Clocks go forward: 02:30 does not exist on 2026-03-29, and is taken for a time beside the gap. */
static void test_spring(void **state)
{
    (void)state;
    enter("Europe/Paris");
    int64_t change_s = 1774746000; /* 01:00 UTC */
    int64_t missing_s = parse("2026-03-29 02:30");
    assert_true(missing_s >= change_s - 3600 && missing_s <= change_s + 3600);
    assert_int_equal(parse("2026-03-29 03:00"), change_s);
    assert_int_equal(parse("2026-03-30") - parse("2026-03-29"), 23 * 3600);
    enter("America/Santiago"); /* where midnight itself is what does not exist */
    assert_int_equal(parse("2026-09-07") - parse("2026-09-06"), 23 * 3600);
}

static void test_resolve(void **state)
{
    (void)state;
    struct period p = {0};
    const char *wrong = NULL;
    enter("Europe/Paris");
    assert_int_equal(period_resolve(NULL, NULL, now_s, &p, &wrong), 0);
    assert_int_equal(p.since_s, 1795388400);
    assert_int_equal(p.until_s, now_s);
    assert_int_equal(period_resolve("yesterday", "today", now_s, &p, &wrong), 0);
    assert_int_equal(p.until_s - p.since_s, 86400);
    assert_int_equal(period_resolve(NULL, "today", now_s, &p, &wrong), 0);
    assert_int_equal(p.since_s, 1795302000); /* the day that ends at this midnight */
    assert_int_equal(period_resolve("today", "yesterday", now_s, &p, &wrong), PERIOD_BACKWARDS);
    assert_int_equal(period_resolve("now", NULL, now_s, &p, &wrong), PERIOD_BACKWARDS);
    assert_int_equal(period_resolve("soon", NULL, now_s, &p, &wrong), -EINVAL);
    assert_string_equal(wrong, "soon");
    assert_int_equal(period_resolve(NULL, "later", now_s, &p, &wrong), -EINVAL);
    assert_string_equal(wrong, "later");
}

int main(void)
{
    if (!configuration_timezone_exists("Europe/Paris")) {
        puts("no time zones on this machine: install tzdata");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),   cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_autumn),  cmocka_unit_test(test_spring),
        cmocka_unit_test(test_resolve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
