/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/text.h"

static void test_escape(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *expected;
    } cases[] = {
        {"nginx",            "nginx"               },
        {"a b)",             "a b)"                },
        {"new\nline\t",      "new\\x0aline\\x09"   },
        {"caf\xc3\xa9",      "caf\xc3\xa9"         },
        {"caf\xe9",          "caf\\xe9"            }, /* Latin-1 */
        {"\xc0\xaf",         "\\xc0\\xaf"          }, /* overlong '/' */
        {"\xed\xa0\x80",     "\\xed\\xa0\\x80"     }, /* surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
        {"\xf0\x9f\x8c\xb1", "\xf0\x9f\x8c\xb1"    },
        {"\xe2\x80\xaegnp",  "\\xe2\\x80\\xaegnp"  }, /* right-to-left override */
        {"\x1b[31m",         "\\x1b[31m"           },
        {"\x7f\xc2\x85",     "\\x7f\\xc2\\x85"     }, /* DEL and C1 */
        {"dev-disk\\x2d1",   "dev-disk\\x2d1"      },
        {"\xe2\x82",         "\\xe2\\x82"          }, /* cut in the middle */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char target[64];
        size_t length = text_escape(target, sizeof(target), cases[i].bytes, strlen(cases[i].bytes));
        assert_string_equal(target, cases[i].expected);
        assert_int_equal(length, strlen(cases[i].expected));
    }
}

static void test_escape_cuts_whole_characters(void **state)
{
    (void)state;
    char target[8];
    assert_int_equal(text_escape(target, 3, "a\xc3\xa9", 3), 1);
    assert_string_equal(target, "a");
    assert_int_equal(text_escape(target, 4, "a\xc3\xa9", 3), 3);
    assert_int_equal(text_escape(target, 5, "\n\n", 2), 4);
    assert_string_equal(target, "\\x0a");
    assert_int_equal(text_escape(target, 1, "abc", 3), 0);
    assert_string_equal(target, "");
}

static void test_growing(void **state)
{
    (void)state;
    struct text text = {0};
    for (int i = 0; i < 1000; i++)
        text_format(&text, "%d,", i);
    assert_int_equal(text.error, 0);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(strlen(text.data), text.length);
    text_clear(&text);
    text_add_micro(&text, 1500000);
    text_add(&text, " ");
    text_add_micro(&text, 0);
    text_add(&text, " ");
    text_add_micro(&text, 1);
    text_add(&text, " ");
    text_add_micro(&text, 100000000);
    assert_string_equal(text.data, "1.5 0 0.000001 100");
    text_done(&text);
}

static void test_print(void **state)
{
    (void)state;
    char *string = text_print("%s/%d", "folder", 7);
    assert_string_equal(string, "folder/7");
    free(string);
    string = text_print("%s", "");
    assert_string_equal(string, "");
    free(string);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_escape_cuts_whole_characters),
        cmocka_unit_test(test_growing),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
