/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "greend/target.h"

static struct target parsed(const char *text)
{
    char error[TARGET_ERROR_MAX] = "";
    struct target target;
    if (target_parse("t", text, &target, error) != 0)
        fail_msg("%s", error);
    assert_string_equal(target.name, "t");
    return target;
}

static void test_right(void **state)
{
    (void)state;
    struct target t = parsed("host 2000 kWh per year");
    assert_int_equal(t.scope, TARGET_HOST);
    assert_string_equal(t.what, "");
    assert_int_equal(t.unit, TARGET_KWH);
    assert_int_equal(t.per, TARGET_YEAR);
    assert_false(t.relative);
    assert_true(t.amount == 2000);
    t = parsed("unit  postgresql@*-main.service\t4.5 kgCO2e per month");
    assert_int_equal(t.scope, TARGET_UNIT);
    assert_string_equal(t.what, "postgresql@*-main.service");
    assert_int_equal(t.unit, TARGET_KGCO2E);
    assert_int_equal(t.per, TARGET_MONTH);
    assert_true(t.amount == 4.5);
    t = parsed("environment test 12.5% below 2025-11 in kWh");
    assert_int_equal(t.scope, TARGET_ENVIRONMENT);
    assert_true(t.relative);
    assert_true(t.percent == 12.5);
    assert_int_equal(t.baseline_year, 2025);
    assert_int_equal(t.baseline_month, 11);
    assert_int_equal(t.per, TARGET_MONTH);
    t = parsed("environment test 12.5 % below 2025-11 in kWh"); /* as French writes it */
    assert_true(t.relative && t.percent == 12.5 && t.baseline_month == 11);
    t = parsed("host 0% below 2025 in kgCO2e");
    assert_int_equal(t.baseline_month, 0);
    assert_int_equal(t.per, TARGET_YEAR);
    assert_int_equal(t.unit, TARGET_KGCO2E);
}

static void test_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"",                                  "t: expected host, unit PATTERN or environment NAME, got ''" },
        {"machine 5 kWh per year",
         "expected host, unit PATTERN or environment NAME, got 'machine'"                                  },
        {"unit",                              "expected host, unit PATTERN or environment NAME, got ''"    },
        {"host",                              "expected AMOUNT kWh per year"                               },
        {"host 0 kWh per year",               "expected a number above 0, got '0'"                         },
        {"host -5 kWh per year",              "expected a number above 0, got '-5'"                        },
        {"host 1,5 kWh per year",             "expected a number above 0, got '1,5': decimals have a point"},
        {"host 1e400 kWh per year",           "expected a number above 0"                                  },
        {"host 5 Wh per year",                "expected kWh or kgCO2e, got 'Wh'"                           },
        {"host 5",                            "expected kWh or kgCO2e, got ''"                             },
        {"host 5 kWh a year",                 "expected per month or per year, got 'a'"                    },
        {"host 5 kWh per week",               "expected per month or per year, got 'week'"                 },
        {"host 5 kWh per year please",        "expected nothing behind the target, got 'please'"           },
        {"host 5 kWh per year 1 2 3 4",       "expected nothing behind the target"                         },
        {"host 100% below 2025 in kWh",
         "expected a percentage of 0 and more, below 100, got '100%'"                                      },
        {"host % below 2025 in kWh",          "expected a percentage"                                      },
        {"host 10 % per year",                "10% below 2025 in kWh"                                      },
        {"host 10% above 2025 in kWh",
         "expected AMOUNT kWh per year, AMOUNT kgCO2e per month, or 10%"                                   },
        {"host 10% below 25 in kWh",          "expected a year or a month, as 2025 or 2025-11, got '25'"   },
        {"host 10% below 2025-13 in kWh",     "expected a year or a month"                                 },
        {"host 10% below 2025-00 in kWh",     "expected a year or a month"                                 },
        {"host 10% below 2025-1 in kWh",      "expected a year or a month"                                 },
        {"host 10% below 1999 in kWh",        "expected a year or a month"                                 },
        {"host 10% below",                    "expected a year or a month, as 2025 or 2025-11, got ''"     },
        {"host 10% below 2025 kWh",           "expected in kWh or in kgCO2e, got 'kWh'"                    },
        {"host 10% below 2025 in tonnes",     "expected kWh or kgCO2e, got 'tonnes'"                       },
        {"host 10% below 2025 in kWh a year", "expected nothing behind the target, got 'a'"                },
        {"\x1b[2J",                           "got '\\x1b[2J'"                                             },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char error[TARGET_ERROR_MAX] = "";
        struct target target = {.percent = 77};
        assert_int_equal(target_parse("t", cases[i].text, &target, error), -EINVAL);
        if (!strstr(error, cases[i].says))
            fail_msg("'%s' does not say '%s'", error, cases[i].says);
        assert_true(target.percent == 77);
    }
}

static void test_names(void **state)
{
    (void)state;
    char error[TARGET_ERROR_MAX];
    char text[512];
    struct target target;
    assert_int_equal(target_parse("a\nb", "host 5 kWh per year", &target, error), -EINVAL);
    assert_int_equal(target_parse("\xff", "host 5 kWh per year", &target, error), -EINVAL);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(target_parse(text, "host 5 kWh per year", &target, error), -EINVAL);
    assert_int_equal(target_parse("t", text, &target, error), -EINVAL);
    memcpy(text, "unit ", 5);
    text[200] = '\0';
    assert_int_equal(target_parse("t", text, &target, error), -EINVAL);
    assert_string_equal(target_scope_name(TARGET_ENVIRONMENT), "environment");
    assert_string_equal(target_unit_name(TARGET_KGCO2E), "kgCO2e");
    assert_string_equal(target_per_name(TARGET_MONTH), "month");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
