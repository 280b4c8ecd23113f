/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <stdlib.h>

#include "core/text.h"
#include "input/ini_text.h"

/* Everything the parser says, as text. */
static void on_entry(void *userdata, size_t line, const char *section, const char *key,
                     const char *value)
{
    text_format(userdata, "%zu [%s] <%s>=<%s>\n", line, section, key, value);
}

static void on_problem(void *userdata, size_t line, const char *problem)
{
    text_format(userdata, "%zu ! %s\n", line, problem);
}

static void parse(const char *bytes, size_t length, struct text *ret)
{
    text_clear(ret);
    text_add(ret, "");
    const struct ini_text_handler handler = {
        .entry = on_entry, .problem = on_problem, .userdata = ret};
    ini_text_parse(bytes, length, &handler);
}

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *expected;
    } cases[] = {
        {"",                            ""                                                                                 },
        {"\n\n \t\n",                   ""                                                                                 },
        {"# a\n ; b\n",                 ""                                                                                 },
        {"[a]\nb=c",                    "2 [a] <b>=<c>\n"                                                                  },
        {" [a] \n b = c d \n",          "2 [a] <b>=<c d>\n"                                                                },
        {"[a]\r\nb=c\r\n",              "2 [a] <b>=<c>\n"                                                                  },
        {"\xef\xbb\xbf[a]\nb=c\n",      "2 [a] <b>=<c>\n"                                                                  },
        {"[a]\nb=\n",                   "2 [a] <b>=<>\n"                                                                   },
        {"[a]\nb=docker:3f*\n",         "2 [a] <b>=<docker:3f*>\n"                                                         },
        {"[a]\nb=c;d ; e\n",            "2 [a] <b>=<c;d>\n"                                                                },
        {"[a]\nb=c\n  d=e\n",           "2 [a] <b>=<c>\n3 [a] <d>=<e>\n"                                                   },
        {"b=c\n",                       "1 [] <b>=<c>\n"                                                                   },
        {"[a\nb=c\n[d]\ne=f\n",         "2 [] <b>=<c>\n4 [d] <e>=<f>\n"
                                "1 ! expected [section], key=value or # comment, got '[a'\n"},
        {"[a]\nb\n",                    "2 ! expected [section], key=value or # comment, got 'b'\n"                        },
        {"[a]\n=b\n",                   "2 [a] <>=<b>\n"                                                                   },
        {"[a]\nb=\x1b[31m\n",           "2 ! expected text, got a control character\n"                                     },
        {"# caf\xe9\n[a]\nb=caf\xe9\n", "3 [a] <b>=<caf\xe9>\n"                                                            },
    };
    struct text said = {0};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        parse(cases[i].bytes, strlen(cases[i].bytes), &said);
        assert_string_equal(said.data, cases[i].expected);
    }
    parse("a=b\n\0", 5, &said);
    assert_string_equal(said.data, "0 ! not a text file: expected UTF-8, got a NUL byte\n");
    text_done(&said);
}

static void test_long_line(void **state)
{
    (void)state;
    struct text bytes = {0};
    struct text said = {0};
    text_add(&bytes, "[a]\nb=");
    while (bytes.length < 4 + INI_TEXT_LINE_MAX)
        text_add(&bytes, "x");
    parse(bytes.data, bytes.length, &said);
    assert_int_equal(said.length, strlen("2 [a] <b>=<>\n") + INI_TEXT_LINE_MAX - 2);
    text_add(&bytes, "x\nc=d\n");
    parse(bytes.data, bytes.length, &said);
    assert_string_equal(said.data,
                        "2 ! line too long: expected at most 197 bytes, got 198\n3 [a] <c>=<d>\n");
    text_done(&bytes);
    text_done(&said);
}

static void test_problems_end(void **state)
{
    (void)state;
    struct text bytes = {0};
    struct text said = {0};
    for (int i = 0; i < 1000; i++)
        text_add(&bytes, "x\n");
    parse(bytes.data, bytes.length, &said);
    size_t lines = 0;
    for (const char *s = said.data; (s = strchr(s, '\n')) != NULL; s++)
        lines++;
    assert_int_equal(lines, INI_TEXT_PROBLEMS_MAX + 1);
    assert_non_null(strstr(said.data, "too many errors"));
    text_done(&bytes);
    text_done(&said);
}

/* No bytes at all may crash it; what it hands out is bounded text. */
static void test_random(void **state)
{
    (void)state;
    static const char alphabet[] = "[]=#;\r\n \t\x01\xef\xbb\xbf"
                                   "ab";
    unsigned seed = 20261101;
    struct text said = {0};
    for (int round = 0; round < 20000; round++) {
        char bytes[64];
        size_t length = (size_t)rand_r(&seed) % sizeof(bytes);
        for (size_t i = 0; i < length; i++)
            bytes[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
        parse(bytes, length, &said);
        if (said.error)
            fail_msg("round %d of seed 20261101", round);
    }
    text_done(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_problems_end),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
