/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/settings/duration.h"
#include "greend/units.h"

static void test_right(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t expected_ns;
    } cases[] = {
        {"1ns",                    1                             },
        {"500ms",                  500 * NS_PER_MS               },
        {"1s",                     NS_PER_S                      },
        {"60 s",                   60 * NS_PER_S                 },
        {"2m",                     120 * NS_PER_S                },
        {"1h 30min",               5400 * NS_PER_S               },
        {"1h30min",                5400 * NS_PER_S               },
        {"1.5h",                   5400 * NS_PER_S               },
        {"0.000000001s",           1                             },
        {"0.0000000001s",          0                             },
        {"  2 days  ",             172800 * NS_PER_S             },
        {"90d",                    UINT64_C(7776000) * NS_PER_S  },
        {"1M",                     UINT64_C(2629800) * NS_PER_S  },
        {"10y",                    UINT64_C(315576000) * NS_PER_S},
        {"1w 1d",                  8 * UINT64_C(86400) * NS_PER_S},
        {"0s",                     0                             },
        {"18446744073709551615ns", UINT64_MAX                    },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t ns = 7;
        assert_int_equal(duration_parse(cases[i].text, &ns), 0);
        assert_int_equal(ns, cases[i].expected_ns);
    }
}

static void test_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int expected;
    } cases[] = {
        {"",                           -EINVAL         },
        {" ",                          -EINVAL         },
        {"s",                          -EINVAL         },
        {"5",                          DURATION_NO_UNIT},
        {"1h 5",                       DURATION_NO_UNIT},
        {"0",                          DURATION_NO_UNIT},
        {"-5s",                        -EINVAL         },
        {"+5s",                        -EINVAL         },
        {"5.s",                        -EINVAL         },
        {".5s",                        -EINVAL         },
        {"5 parsecs",                  -EINVAL         },
        {"5S",                         -EINVAL         },
        {"5s,",                        -EINVAL         },
        {"5s\n",                       -EINVAL         },
        {"\xc2\xb5s",                  -EINVAL         },
        {"18446744073709551616ns",     -ERANGE         },
        {"18446744073709551615ns 1ns", -ERANGE         },
        {"600y",                       -ERANGE         },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t ns = 7;
        assert_int_equal(duration_parse(cases[i].text, &ns), cases[i].expected);
        assert_int_equal(ns, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
