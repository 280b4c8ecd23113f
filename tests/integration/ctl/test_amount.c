/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Numbers for people. */
#include "unit/unit.h"

#include <locale.h>

#include "golden.h"
#include "greend/units.h"
#include "output/amount.h"
#include "output/style.h"

static void test_share_out(void **state)
{
    (void)state;
    enum { SEED = 4711, PIECES = 20 };
    unsigned seed = SEED;
    uint64_t units[PIECES];
    const uint64_t thirds[] = {1, 1, 1};
    assert_int_equal(amount_share_out(thirds, 3, 1000, 3, units), 1000);
    assert_int_equal(units[0], 334);
    assert_int_equal(units[1], 333);
    assert_int_equal(units[2], 333);
    assert_int_equal(amount_share_out(thirds, 3, 1000, 0, units), 0);
    assert_int_equal(units[0], 0);
    for (int round = 0; round < 10000; round++) {
        uint64_t parts[PIECES];
        uint64_t step = 1 + (uint64_t)rand_r(&seed) % 1000000;
        uint64_t sum = 0;
        for (size_t i = 0; i < PIECES; i++)
            sum += parts[i] = (uint64_t)rand_r(&seed) % 5000000;
        int64_t total = amount_share_out(parts, PIECES, 1, step, units);
        uint64_t shown = 0;
        for (size_t i = 0; i < PIECES; i++) {
            shown += units[i];
            if (units[i] < parts[i] / step || units[i] > parts[i] / step + 1)
                fail_msg("round %d of seed %d: a part is off by more than one", round, SEED);
        }
        if (shown != (uint64_t)total || (uint64_t)total != (sum + step / 2) / step)
            fail_msg("round %d of seed %d: parts do not add up", round, SEED);
    }
}

static void test_amounts(void **state)
{
    (void)state;
    static const struct {
        uint64_t energy_uj;
        const char *expected;
    } cases[] = {
        {0,                                "0.000 J"    },
        {1500,                             "0.002 J"    },
        {UJ_PER_J,                         "1.000 J"    },
        {3599 * UJ_PER_J,                  "3599 J"     },
        {UJ_PER_WH,                        "1.000 Wh"   },
        {31 * UJ_PER_WH,                   "31.00 Wh"   },
        {UJ_PER_KWH,                       "1.000 kWh"  },
        {UINT64_C(2124) * UJ_PER_KWH / 10, "212.4 kWh"  },
        {UINT64_MAX,                       "5124096 kWh"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char number[32];
        char text[64];
        uint64_t steps = 0;
        struct amount_scale scale = amount_scale_for(cases[i].energy_uj);
        (void)amount_share_out(&cases[i].energy_uj, 1, 1, scale.step_uj, &steps);
        (void)snprintf(text, sizeof(text), "%s %s",
                       amount_format(number, sizeof(number), steps, scale.decimals), scale.unit);
        assert_string_equal(text, cases[i].expected);
    }
}

/* One form of numbers for all that people read. */
static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        double value;
        enum amount_rounding rounding;
        const char *english;
        const char *french;
    } cases[] = {
        {0,          AMOUNT_NEAREST, "0.000",                 "0,000"                          },
        {967.94,     AMOUNT_NEAREST, "967.9",                 "967,9"                          },
        {0.14917,    AMOUNT_NEAREST, "0.1492",                "0,1492"                         },
        {12870.4,    AMOUNT_NEAREST, "12870",                 "12\u202f870"                    },
        {-3.12,      AMOUNT_NEAREST, "-3.120",                "-3,120"                         },
        {0.001,      AMOUNT_NEAREST, "0.001000",              "0,001000"                       },
        {6e-6,       AMOUNT_NEAREST, "6.000 × 10⁻⁶",     "6,000\u00a0×\u00a010⁻⁶"    },
        {4.85798e-8, AMOUNT_UP,      "4.858 × 10⁻⁸",     "4,858\u00a0×\u00a010⁻⁸"    },
        {4.85798e-8, AMOUNT_DOWN,    "4.857 × 10⁻⁸",     "4,857\u00a0×\u00a010⁻⁸"    },
        {-1.5e-123,  AMOUNT_NEAREST, "-1.500 × 10⁻¹²³", "-1,500\u00a0×\u00a010⁻¹²³"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char number[LANGUAGE_NUMBER_MAX];
        (void)amount_number(number, sizeof(number), cases[i].value, cases[i].rounding);
        assert_string_equal(number, golden_is_english() ? cases[i].english : cases[i].french);
    }
}

static void test_appended(void **state)
{
    (void)state;
    CLEANUP(text_done) struct text text = {0};
    amount_add_interval(&text, 1.23456, 1.23456);
    text_add(&text, "; ");
    amount_add_percent(&text, 0.12345, 1);
    text_add(&text, "; ");
    amount_add_percent(&text, -0.95, 0);
    text_add(&text, "; ");
    amount_add_fixed(&text, 1234567, 0);
    assert_string_equal(text.data,
                        golden_is_english()
                            ? "1.234 to 1.235; 12.3 %; -95 %; 1234567"
                            : "1,234 à 1,235; 12,3\u202f%; -95\u202f%; 1\u202f234\u202f567");
}

/* Where signs beyond ASCII cannot be shown. Last: it leaves the characters of the language. */
static void test_plain(void **state)
{
    (void)state;
    char number[LANGUAGE_NUMBER_MAX];
    assert_non_null(setlocale(LC_CTYPE, "C"));
    (void)amount_number(number, sizeof(number), 6e-6, AMOUNT_NEAREST);
    assert_string_equal(number, "6.000 x 10^-6");
}

/* Columns on a terminal: wide, narrow, combining, and bytes that are no text. */
static void test_widths(void **state)
{
    (void)state;
    assert_int_equal(style_width(""), 0);
    assert_int_equal(style_width("~15.00 J \u00b1 2"), 12);
    assert_int_equal(style_width("\u6f22\u5b57"), 4);
    assert_int_equal(style_width("e\u0301"), 1);
    assert_int_equal(style_width("a\xe2\x82"), 3);
    CLEANUP(text_done) struct text cut = {0};
    const struct style style = {.width = 80, .utf8 = true};
    style_add_cut(&style, &cut, "\u6f22\u5b57\u6f22\u5b57", 4);
    assert_string_equal(cut.data, "\u6f22\u2026 ");
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share_out), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_widths), cmocka_unit_test(test_appended)};
    const struct CMUnitTest english[] = {cmocka_unit_test(test_amounts),
                                         cmocka_unit_test(test_plain)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return golden_is_english() ? failed + cmocka_run_group_tests(english, NULL, NULL) : failed;
}
