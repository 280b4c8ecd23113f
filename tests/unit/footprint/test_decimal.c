/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "footprint/words/decimal.h"
#include "random.h"

static int parse(const char *text, double *ret)
{
    return decimal_parse(text, strlen(text), ret);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } right[] = {
        {"0",                               0                     },
        {"0.0",                             0                     },
        {"0e5",                             0                     },
        {"11",                              11                    },
        {"011",                             11                    },
        {"0.098",                           0.098                 },
        {"4.85798e-8",                      4.85798e-8            },
        {"0.0000000485798",                 4.85798e-8            },
        {"1.50",                            1.5                   },
        {"100",                             100                   },
        {"1000000000000000000",             1e18                  },
        {"2E3",                             2000                  },
        {"2e+03",                           2000                  },
        {"12.5e-1",                         1.25                  },
        {"1e-20",                           1e-20                 },
        {"99999999999999990000",            99999999999999990000.0},
        {"0.10000000000000000000000000000", 0.1                   },
        {"12345678901234567",               12345678901234567.0   },
    };
    for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
        double value = -1;
        assert_int_equal(parse(right[i].text, &value), 0);
        assert_true(value == right[i].value);
    }
}

static void test_what_is_no_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } wrong[] = {
        {"",                    -EINVAL},
        {"-1",                  -EINVAL},
        {"+1",                  -EINVAL},
        {"0,098",               -EINVAL},
        {"1 000",               -EINVAL},
        {".5",                  -EINVAL},
        {"5.",                  -EINVAL},
        {"1.2.3",               -EINVAL},
        {"1.e5",                -EINVAL},
        {"e5",                  -EINVAL},
        {"1e",                  -EINVAL},
        {"1e-",                 -EINVAL},
        {"1e5.5",               -EINVAL},
        {"nan",                 -EINVAL},
        {"inf",                 -EINVAL},
        {"0x10",                -EINVAL},
        {" 1",                  -EINVAL},
        {"1 ",                  -EINVAL},
        {"1%",                  -EINVAL},
        {"\xc2\xa0"
         "1",          -EINVAL},
        {"1e20",                -ERANGE},
        {"1e-21",               -ERANGE},
        {"1e999",               -ERANGE},
        {"1e99999999999",       -ERANGE},
        {"1e-999",              -ERANGE},
        {"123456789012345678",  -ERANGE},
        {"1.00000000000000001", -ERANGE},
    };
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        double value = -1;
        assert_int_equal(parse(wrong[i].text, &value), wrong[i].error);
        assert_true(value == -1);
    }
}

static void test_long_texts(void **state)
{
    (void)state;
    char text[200];
    double value = -1;
    memset(text, '0', sizeof(text));
    assert_int_equal(decimal_parse(text, sizeof(text), &value), -ERANGE);
    assert_int_equal(decimal_parse(text, 100, &value), 0);
    assert_true(value == 0);
}

/* The C library's strtod() in the C locale is right to the last bit. */
static void test_as_the_library(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int i = 0; i < 200000; i++) {
        char text[64];
        double value = -1;
        int digits = 1 + (int)random_below(&random, 15);
        int decimals = (int)random_below(&random, 16);
        double number = (double)(random_next(&random) % (uint64_t)pow(10, digits));
        (void)snprintf(text, sizeof(text), "%.0fe-%d", number, decimals);
        assert_int_equal(parse(text, &value), 0);
        assert_true(value == strtod(text, NULL));
        (void)snprintf(text, sizeof(text), "%.*f", decimals, number / pow(10, decimals));
        int r = parse(text, &value);
        assert_true(r == 0 || r == -ERANGE);
        if (r == 0)
            assert_true(fabs(value - strtod(text, NULL)) <= fabs(value) * 0x1p-52);
    }
}

static void test_digits(void **state)
{
    (void)state;
    assert_int_equal(digits_parse("2026-11", 4), 2026);
    assert_int_equal(digits_parse("007", 3), 7);
    assert_int_equal(digits_parse("999999999", 9), 999999999);
    static const char *const wrong[] = {"", "1", "1a", "a1", " 1", "+1", "-1", "1 ", "1:", "1/"};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        assert_int_equal(digits_parse(wrong[i], 2), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_what_is_no_number),
        cmocka_unit_test(test_long_texts), cmocka_unit_test(test_as_the_library),
        cmocka_unit_test(test_digits),
    };
    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
