/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <langinfo.h>
#include <locale.h>

#include "shell/language.h"

static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG"};

/* As in a new process with that environment. */
static void enter(const char *const values[ARRAY_SIZE(names)])
{
    (void)setlocale(LC_ALL, "C");
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        assert_int_equal(values[i] ? setenv(names[i], values[i], 1) : unsetenv(names[i]), 0);
    language_of_environment();
}

/* No French locale need be installed for any of these. */
static void test_environment(void **state)
{
    (void)state;
    static const struct {
        const char *values[ARRAY_SIZE(names)];
        const char *code;
        const char *charset; /* NULL: of no matter */
    } cases[] = {
        {{NULL, NULL, NULL, NULL, NULL},                                      "en", "ANSI_X3.4-1968"},
        {{"fr", "C", NULL, NULL, "fr_FR.UTF-8"},                              "en", "ANSI_X3.4-1968"},
        {{"fr", "C.UTF-8", NULL, NULL, NULL},                                 "fr", "UTF-8"         },
        {{NULL, "C.UTF-8", NULL, NULL, "fr_FR.UTF-8"},                        "en", "UTF-8"         },
        {{NULL, NULL, NULL, NULL, "fr_FR.UTF-8"},                             "fr", "UTF-8"         },
        {{"", NULL, NULL, NULL, "fr_FR.utf8"},                                "fr", "UTF-8"         },
        {{NULL, NULL, NULL, NULL, "fr_CA.UTF-8@euro"},                        "fr", "UTF-8"         },
        {{NULL, NULL, NULL, "fr_FR.UTF-8", "en_US.UTF-8"},                    "fr", NULL            },
        {{NULL, NULL, NULL, "C", "fr_FR.UTF-8"},                              "en", "UTF-8"         },
        {{NULL, "fr_FR.UTF-8", NULL, "de_DE.UTF-8", "de_DE.UTF-8"},           "fr", "UTF-8"         },
        {{NULL, NULL, NULL, NULL, "de_DE.UTF-8"},                             "en", "UTF-8"         },
        {{"de:fr", NULL, NULL, NULL, "de_DE.UTF-8"},                          "fr", "UTF-8"         },
        {{"en", NULL, NULL, NULL, "fr_FR.UTF-8"},                             "en", "UTF-8"         },
        {{NULL, NULL, NULL, NULL, "a_name_of_more_than_32_characters.UTF-8"}, "en", NULL            },
        {{NULL, NULL, NULL, NULL, "\xff\x01/../%n"},                          "en", NULL            },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        enter(cases[i].values);
        if (!str_equal(language_code(), cases[i].code))
            fail_msg("case %zu is in '%s'", i, language_code());
        if (cases[i].charset && !str_equal(nl_langinfo(CODESET), cases[i].charset))
            fail_msg("case %zu has %s", i, nl_langinfo(CODESET));
    }
}

static void test_chosen(void **state)
{
    (void)state;
    static const char *const plain[ARRAY_SIZE(names)] = {0};
    static const char *const french[ARRAY_SIZE(names)] = {[4] = "fr_FR.UTF-8"};
    enter(plain);
    assert_int_equal(language_set("fr"), 0);
    assert_string_equal(language_code(), "fr");
    assert_string_equal(nl_langinfo(CODESET), "UTF-8");
    assert_int_equal(language_set("en"), 0);
    assert_string_equal(language_code(), "en");
    assert_int_equal(language_set("xx"), -EINVAL);
    assert_int_equal(language_set(""), -EINVAL);
    assert_int_equal(language_set("fr_FR"), -EINVAL);
    assert_true(language_exists("fr"));
    assert_false(language_exists("FR"));
    enter(french);
    assert_int_equal(language_set("en"), 0);
    assert_string_equal(language_code(), "en");
    assert_int_equal(language_set("fr"), 0);
    assert_string_equal(language_code(), "fr");
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *digits, *english, *french;
    } cases[] = {
        {"0",          "0",          "0"                     },
        {"999.5",      "999.5",      "999,5"                 },
        {"1000",       "1000",       "1\u202f000"            },
        {"12870",      "12870",      "12\u202f870"           },
        {"1234567.25", "1234567.25", "1\u202f234\u202f567,25"},
        {"1.234e-05",  "1.234e-05",  "1,234e-05"             },
        {"-3",         "-3",         "-3"                    },
        {"",           "",           ""                      },
    };
    char number[LANGUAGE_NUMBER_MAX];
    char many[4 * LANGUAGE_NUMBER_MAX + 1];
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(language_set("en"), 0);
        assert_string_equal(language_number(number, cases[i].digits), cases[i].english);
        assert_int_equal(language_set("fr"), 0);
        assert_string_equal(language_number(number, cases[i].digits), cases[i].french);
    }
    memset(many, '7', sizeof(many) - 1);
    many[sizeof(many) - 1] = '\0';
    assert_true(strlen(language_number(number, many)) < sizeof(number));
    assert_string_equal(language_percent(), "\u202f%");
    assert_string_equal(language_blank(), "\u00a0");
}

static void test_texts(void **state)
{
    (void)state;
    assert_int_equal(language_set("fr"), 0);
    assert_string_equal(language_text(""), "");
    assert_string_equal(language_text("out of memory"), "mémoire insuffisante");
    assert_string_equal(language_text("no such text"), "no such text");
    assert_string_equal(language_in("quality", "high"), "haute");
    assert_string_equal(language_in("quality", "no such word"), "no such word");
    assert_string_equal(language_in("no such context", "high"), "high");
    assert_string_equal(language_error(EACCES), "permission refusée");
    assert_true(*language_error(EXDEV) != '\0');
    assert_true(*language_error(-7777) != '\0');
    assert_string_equal(P_("gap", "gaps", 0), "lacune");
    assert_string_equal(P_("gap", "gaps", 1), "lacune");
    assert_string_equal(P_("gap", "gaps", 2), "lacunes");
    assert_int_equal(language_set("en"), 0);
    assert_string_equal(language_error(EACCES), "Permission denied");
    assert_string_equal(P_("gap", "gaps", 0), "gaps");
    assert_string_equal(P_("gap", "gaps", 1), "gap");
}

/* Where no translation is installed all is English, and who asked is told. */
static void test_not_installed(void **state)
{
    (void)state;
    const char *before = getenv("GREEND_LOCALEDIR");
    CLEANUP(free_p) char *folder = strdup(before ? before : "");
    assert_int_equal(setenv("GREEND_LOCALEDIR", "/nonexistent", 1), 0);
    assert_int_equal(language_set("fr"), -ENOENT);
    assert_string_equal(language_code(), "en");
    assert_string_equal(language_text("out of memory"), "out of memory");
    assert_string_equal(language_decimal(), ".");
    assert_int_equal(language_set("en"), 0);
    assert_int_equal(setenv("GREEND_LOCALEDIR", folder, 1), 0);
    assert_int_equal(language_set("fr"), 0);
}

int main(void)
{
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        puts("needs the locale C.UTF-8");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment),   cmocka_unit_test(test_chosen),
        cmocka_unit_test(test_numbers),       cmocka_unit_test(test_texts),
        cmocka_unit_test(test_not_installed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
