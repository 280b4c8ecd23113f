/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "shipped.h"

#define BEGIN  "# set: mine\n# version: 1\n"
#define HEADER "id;criterion;phase;geography;value;unit;min;max;source;year;licence;method\n"
#define FRANCE "electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;2025;mine;guess\n"

static struct factor_errors errors;

static int add(struct factor_table *table, const char *text)
{
    return factor_table_add(table, "mine.csv", text, strlen(text), &errors);
}

static void test_a_row(void **state)
{
    (void)state;
    struct factor_table *table = factor_table_new();
    assert_int_equal(
        add(table, "\xef\xbb\xbf# a comment: \xff\x01\n"
                   "# set: mine\r\n#version:2026.1-b\r\n\r\n  \n" HEADER
                   " electricity ; gwp;USE;fr; 0.05 ;kgCO2e/kWh;0.04;0.06; Me, \xc3\xa9t\xc3\xa9 ; "
                   "2025;;\r\n# another; one\nhdd;water;embodied;WOR;2;m3/piece;;;me;1990;;\n"),
        0);
    const struct factor_set *set = factor_table_set(table, 0);
    assert_non_null(set);
    assert_string_equal(set->name, "mine");
    assert_string_equal(set->version, "2026.1-b");
    assert_string_equal(set->file, "mine.csv");
    assert_int_equal(set->rows, 2);
    assert_null(factor_table_set(table, 1));
    const struct factor *f =
        factor_find(table, FACTOR_ELECTRICITY, CRITERION_GWP, geography_find("FRA", 3));
    assert_non_null(f);
    assert_int_equal(f->id, FACTOR_ELECTRICITY);
    assert_int_equal(f->criterion, CRITERION_GWP);
    assert_string_equal(geography_info(f->geography)->name, "France");
    assert_true(f->value.value == 0.05 && f->value.min == 0.04 && f->value.max == 0.06);
    assert_int_equal(figure_band(&f->value), BAND_FULL);
    assert_string_equal(f->unit, "kgCO2e/kWh");
    assert_int_equal(f->year, 2025);
    assert_string_equal(f->source, "Me, \xc3\xa9t\xc3\xa9");
    assert_string_equal(f->licence, "");
    assert_string_equal(f->method, "");
    assert_ptr_equal(f->set, set);
    assert_int_equal(f->line, 7);
    f = factor_find(table, FACTOR_HDD, CRITERION_WATER, GEOGRAPHY_WORLD);
    assert_non_null(f);
    assert_int_equal(figure_band(&f->value), BAND_NONE);
    assert_int_equal(f->line, 9);
    assert_null(factor_find(table, FACTOR_HDD, CRITERION_GWP, GEOGRAPHY_WORLD));
    assert_null(factor_find(table, FACTOR_ELECTRICITY, CRITERION_GWP, GEOGRAPHY_WORLD));
    assert_null(factor_find(table, FACTOR_ELECTRICITY, CRITERION_GWP, GEOGRAPHY_UNKNOWN));
    assert_false(factor_value(NULL).known);
    assert_true(factor_value(f).value == 2);
    assert_null(factor_table_free(table));
    assert_null(factor_table_free(NULL));
}

/* The last file wins, row by row; and factors got before stay readable. */
static void test_override(void **state)
{
    (void)state;
    struct factor_table *table = shipped_table("boavizta.csv");
    int france = geography_find("FRA", 3);
    const struct factor *before = factor_find(table, FACTOR_ELECTRICITY, CRITERION_GWP, france);
    assert_true(before->value.value == 0.098);
    assert_int_equal(add(table, BEGIN HEADER FRANCE), 0);
    const struct factor *after = factor_find(table, FACTOR_ELECTRICITY, CRITERION_GWP, france);
    assert_true(after->value.value == 0.05);
    assert_string_equal(after->set->name, "mine");
    assert_string_equal(before->set->name, "boavizta");
    assert_true(before->value.value == 0.098);
    const struct factor *other = factor_find(table, FACTOR_ELECTRICITY, CRITERION_PE, france);
    assert_true(other->value.value == 11.289);
    assert_string_equal(factor_table_set(table, 2)->name, "boavizta");
    assert_string_equal(factor_table_set(table, 3)->name, "mine");
    (void)factor_table_free(table);
}

static void test_cursor(void **state)
{
    (void)state;
    struct factor_table *table = shipped_table("boavizta.csv");
    size_t cursor = 0;
    size_t n = 0;
    for (const struct factor *f; (f = factor_next(table, &cursor)); n++)
        assert_ptr_equal(factor_find(table, f->id, f->criterion, f->geography), f);
    assert_int_equal(n, factor_table_set(table, 0)->rows + factor_table_set(table, 1)->rows +
                            factor_table_set(table, 2)->rows);
    (void)factor_table_free(table);
}

/* ---- What is wrong ---- */

struct wrong {
    const char *text;
    const char *error;
};

static void assert_wrong(const char *text, const char *error)
{
    struct factor_table *table = factor_table_new();
    assert_int_equal(add(table, text), FACTORS_WRONG);
    assert_string_equal(errors.list[0].text, error);
    assert_int_equal(errors.n, 1);
    assert_int_equal(errors.more, 0);
    size_t cursor = 0;
    assert_null(factor_next(table, &cursor));
    assert_null(factor_table_set(table, 0));
    (void)factor_table_free(table);
}

static void test_wrong_rows(void **state)
{
    (void)state;
    static const struct wrong rows[] = {
        {"electricity;GWP;use;FRA;0,098;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:25: value: '0,098' has a decimal comma: write 0.098"                         },
        {"electricity;GWP;use;FRA;-0.1;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:25: value: expected 0 or more, got '-0.1'"                                   },
        {"electricity;GWP;use;FRA;;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:25: value: expected a number: leave the row out where nobody published one"  },
        {"electricity;GWP;use;FRA;1,000,000;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:25: value: expected a number with a decimal point, as 0.098 or 4.86e-8, got "
         "'1,000,000'"                                                                            },
        {"electricity;GWP;use;FRA;nan;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:25: value: expected a number with a decimal point, as 0.098 or 4.86e-8, got "
         "'nan'"                                                                                  },
        {"electricity;GWP;use;FRA;1e40;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:25: value: expected at most 17 digits, and 0 or 1e-20 to 1e20, got '1e40'"   },
        {"electricity;GWP;use;FRA;1e10;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:25: value: expected up to 1e+09, got '1e10'"                                 },
        {"pue;parameter;use;FRA;1;ratio;;;me;2025;;",
         "mine.csv:4:23: value: expected above 1 and up to 5 for pue, got '1'"                    },
        {"pue;parameter;use;FRA;146;ratio;;;me;2025;;",
         "mine.csv:4:23: value: expected above 1 and up to 5 for pue, got '146'"                  },
        {"electricity;GWP;use;FRA;0.05;;;;me;2025;;",
         "mine.csv:4:30: unit: missing: expected kgCO2e/kWh"                                      },
        {"electricity;GWP;use;FRA;50;gCO2e/kWh;;;me;2025;;",
         "mine.csv:4:28: unit: expected kgCO2e/kWh for GWP of electricity, got 'gCO2e/kWh': divide "
         "value, min and max by 1000"                                                             },
        {"electricity;water;use;FRA;3.6;L/kWh;;;me;2025;;",
         "mine.csv:4:31: unit: expected m3/kWh for water of electricity, got 'L/kWh': divide "
         "value, min and max by 1000"                                                             },
        {"electricity;PE;use;FRA;3.1;kWh/kWh;;;me;2025;;",
         "mine.csv:4:28: unit: expected MJ/kWh for PE of electricity, got 'kWh/kWh': multiply "
         "value, min and max by 3.6"                                                              },
        {"electricity;GWP;use;FRA;0.05;kgCO\xe2\x82\x82"
         "e/kWh;;;me;2025;;",                                         "mine.csv:4:30: unit: expected kgCO2e/kWh for GWP of electricity, got "
         "'kgCO\xe2\x82\x82"
         "e/kWh'"                                           },
        {"ram-die;GWP;embodied;WOR;2.2;kgCO2e/mm2;;;me;2025;;",
         "mine.csv:4:30: unit: expected kgCO2e/cm2 for GWP of ram-die, got 'kgCO2e/mm2'"          },
        {"life;parameter;embodied;WOR;4;years;;;me;2025;;",
         "mine.csv:4:31: unit: expected year for parameter of life, got 'years'"                  },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;0.04;;me;2025;;",
         "mine.csv:4:41: min and max: expected both, or neither where no band was published"      },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;0.06;me;2025;;",
         "mine.csv:4:41: min and max: expected both, or neither where no band was published"      },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;0.06;0.07;me;2025;;",
         "mine.csv:4:41: min and max: expected min <= value <= max within 0 and 1e+09, got '0.06' "
         "and '0.07'"                                                                             },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;0.01;0.04;me;2025;;",
         "mine.csv:4:41: min and max: expected min <= value <= max within 0 and 1e+09, got '0.01' "
         "and '0.04'"                                                                             },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;0.01;1e10;me;2025;;",
         "mine.csv:4:41: min and max: expected min <= value <= max within 0 and 1e+09, got '0.01' "
         "and '1e10'"                                                                             },
        {"ram-density;parameter;embodied;WOR;1;GB/cm2;0;2;me;2025;;",
         "mine.csv:4:45: min and max: expected min <= value <= max within 0 and 100000, got '0' "
         "and '2'"                                                                                },
        {"pue;parameter;use;FRA;1.4;ratio;1.1;5.5;me;2025;;",
         "mine.csv:4:33: min and max: expected min <= value <= max within 1 and 5, got '1.1' and "
         "'5.5'"                                                                                  },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;0,04;0.06;me;2025;;",
         "mine.csv:4:41: min: '0,04' has a decimal comma: write 0.04"                             },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;0.04;-1;me;2025;;",
         "mine.csv:4:46: max: expected 0 or more, got '-1'"                                       },
        {"electricty;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:1: id: 'electricty' is not known: expected one of electricity, cpu, cpu-die, "
         "ram, ram-die, ssd, ssd-die, hdd, gpu, motherboard, psu, case-rack, case-blade, "
         "chassis-blade, assembly, server, pue, ram-density, ssd-density, psu-mass, blade-slots, "
         "life, share-ram, share-cpu, share-storage"                                              },
        {"electricity;CO2;use;FRA;0.05;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:13: criterion: expected GWP, ADPe, AP, PM, IR, PE or water for electricity, "
         "got 'CO2'"                                                                              },
        {"electricity;parameter;use;FRA;0.05;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:13: criterion: expected GWP, ADPe, AP, PM, IR, PE or water for electricity, "
         "got 'parameter'"                                                                        },
        {"pue;GWP;use;FRA;1.4;ratio;;;me;2025;;",
         "mine.csv:4:5: criterion: expected parameter for pue, got 'GWP'"                         },
        {"electricity;GWP;embodied;FRA;0.05;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:17: phase: expected use for electricity, got 'embodied'"                     },
        {"electricity;GWP;use;FRN;0.05;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:21: geography: 'FRN' is not known: expected a country as in ISO 3166 (FRA), "
         "EEE for Europe or WOR for the world"                                                    },
        {"electricity;GWP;use;;0.05;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:4:21: geography: '' is not known: expected a country as in ISO 3166 (FRA), "
         "EEE for Europe or WOR for the world"                                                    },
        {"cpu;GWP;embodied;FRA;9;kgCO2e/piece;;;me;2025;;",
         "mine.csv:4:18: geography: expected WOR for cpu, got 'FRA': hardware is counted for the "
         "world"                                                                                  },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;; ;2025;;",
         "mine.csv:4:44: source: expected who says so, and where"                                 },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;;;",
         "mine.csv:4:46: year: expected the year that the value speaks of, 1990 to 2100, got ''"  },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;25;;",
         "mine.csv:4:46: year: expected the year that the value speaks of, 1990 to 2100, got '25'"},
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;20250;;",
         "mine.csv:4:46: year: expected the year that the value speaks of, 1990 to 2100, got "
         "'20250'"                                                                                },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;02025;;",
         "mine.csv:4:46: year: expected the year that the value speaks of, 1990 to 2100, got "
         "'02025'"                                                                                },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;2101;;",
         "mine.csv:4:46: year: expected the year that the value speaks of, 1990 to 2100, got "
         "'2101'"                                                                                 },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;2O25;;",
         "mine.csv:4:46: year: expected the year that the value speaks of, 1990 to 2100, got "
         "'2O25'"                                                                                 },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;\xc3\xa9t\xc3\xa9;1989;;",
         "mine.csv:4:47: year: expected the year that the value speaks of, 1990 to 2100, got "
         "'1989'"                                                                                 },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;2025;",
         "mine.csv:4:1: expected 12 fields with ';' between them, found 11"                       },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;2025;;;",
         "mine.csv:4:1: expected 12 fields with ';' between them, found 13"                       },
        {"electricity,GWP,use,FRA,0.05,kgCO2e/kWh,,,me,2025,,",
         "mine.csv:4:1: expected 12 fields with ';' between them, found 1: ',' does not part "
         "fields"                                                                                 },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;\"me\";2025;;",
         "mine.csv:4:43: fields stand without quotes: remove '\"', and write ',' for a ';' inside"},
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;\xe9t\xe9;2025;;",
         "mine.csv:4:43: a byte that is no UTF-8 text or cannot be seen (\\xe9): save the file as "
         "UTF-8, or remove it"                                                                    },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me\tyou;2025;;",
         "mine.csv:4:45: a byte that is no UTF-8 text or cannot be seen (\\x09): save the file as "
         "UTF-8, or remove it"                                                                    },
        {"electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;\xe2\x80\xae"
         "em;2025;;",                                                 "mine.csv:4:43: a byte that is no UTF-8 text or cannot be seen (\\xe2): save the file as "
         "UTF-8, or remove it"                                      },
        {FRANCE FRANCE,
         "mine.csv:5:1: electricity, GWP, FRA stands in line 4 already: keep one of them"         },
        {FRANCE "electricity;gwp;use;France;0.06;kgCO2e/kWh;;;me;2025;;",
         "mine.csv:5:1: electricity, GWP, FRA stands in line 4 already: keep one of them"         },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[1024];
        (void)snprintf(text, sizeof(text), "%s%s", BEGIN HEADER, rows[i].text);
        assert_wrong(text, rows[i].error);
    }
}

static void test_wrong_files(void **state)
{
    (void)state;
    static const struct wrong files[] = {
        {"",                                                                   "mine.csv:1:1: expected the line 'id;criterion;phase;geography;value;unit;min;max;"
             "source;year;licence;method'"                                                                        },
        {BEGIN,                                                                "mine.csv:2:1: expected the line 'id;criterion;phase;geography;value;unit;min;max;"
                "source;year;licence;method'"                                                                  },
        {BEGIN HEADER,                                                         "mine.csv:3:1: expected rows behind the header"},
        {BEGIN FRANCE FRANCE,
         "mine.csv:3:1: expected the line 'id;criterion;phase;geography;value;unit;min;max;source;"
         "year;licence;method' before the rows, got 'electricity;GWP;use;FRA;0.05;kgCO2e/kWh;;;me;"
         "2025;mine;guess'"                                                                                                   },
        {HEADER FRANCE,
         "mine.csv:1:1: expected lines '# set: NAME' and '# version: VERSION' before this one, so "
         "that reports can say what they were made with"                                                                      },
        {"# set: mine\n" HEADER FRANCE,
         "mine.csv:2:1: expected lines '# set: NAME' and '# version: VERSION' before this one, so "
         "that reports can say what they were made with"                                                                      },
        {"# set: My set\n" BEGIN HEADER FRANCE,
         "mine.csv:1:8: set: expected 1 to 32 of a-z, 0-9, '.' and '-', got 'My set'"                                         },
        {BEGIN "# version: 123456789012345678901234567890123\n" HEADER FRANCE,
         "mine.csv:3:12: version: expected 1 to 32 of a-z, 0-9, '.' and '-', got "
         "'123456789012345678901234567890123'"                                                                                },
        {BEGIN "# set:\n" HEADER FRANCE,
         "mine.csv:3:7: set: expected 1 to 32 of a-z, 0-9, '.' and '-', got ''"                                               },
    };
    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        assert_wrong(files[i].text, files[i].error);
    struct factor_table *table = factor_table_new();
    static const char utf16[] = "\xff\xfei\0d\0;\0";
    assert_int_equal(factor_table_add(table, "\x1b[31mmine.csv", utf16, sizeof(utf16), &errors),
                     FACTORS_WRONG);
    assert_string_equal(errors.list[0].text, "\\x1b[31mmine.csv:1:1: the file holds zero bytes: "
                                             "save it as text in UTF-8, not UTF-16");
    assert_int_equal(factor_table_add(table, "mine.csv", NULL, 0, &errors), FACTORS_WRONG);
    (void)factor_table_free(table);
}

/* A wrong row costs the whole file, and each is told; beyond some they are only counted. */
static void test_many_errors(void **state)
{
    (void)state;
    struct factor_table *table = shipped_table("ademe.csv");
    char text[8192] = BEGIN HEADER FRANCE;
    for (int i = 0; i < 30; i++)
        strcat(text, "hdd;GWP;embodied;WOR;1;kg;;;me;2025;;\n");
    assert_int_equal(add(table, text), FACTORS_WRONG);
    assert_int_equal(errors.n, FACTOR_ERRORS_MAX);
    assert_int_equal(errors.more, 30 - FACTOR_ERRORS_MAX);
    for (unsigned i = 0; i < FACTOR_ERRORS_MAX; i++) {
        assert_int_equal(errors.list[i].line, 5 + i);
        assert_int_equal(errors.list[i].column, 24);
    }
    const struct factor *f =
        factor_find(table, FACTOR_ELECTRICITY, CRITERION_GWP, geography_find("FRA", 3));
    assert_true(f->value.value == 0.0520);
    (void)factor_table_free(table);
}

static void test_bounds(void **state)
{
    (void)state;
    struct factor_table *table = factor_table_new();
    for (int i = 0; i < FACTOR_SETS_MAX; i++)
        assert_int_equal(add(table, BEGIN HEADER FRANCE), 0);
    assert_int_equal(add(table, BEGIN HEADER FRANCE), FACTORS_WRONG);
    assert_string_equal(errors.list[0].text, "mine.csv:1:1: expected at most 16 factor files");
    table = factor_table_free(table);

    table = factor_table_new();
    char *big = malloc(FACTOR_FILE_MAX + 1);
    assert_non_null(big);
    memset(big, '\n', FACTOR_FILE_MAX + 1);
    assert_int_equal(factor_table_add(table, "mine.csv", big, FACTOR_FILE_MAX + 1, &errors),
                     FACTORS_WRONG);
    assert_string_equal(errors.list[0].text,
                        "mine.csv:1:1: expected a file of at most 1048576 bytes");
    /* As large as may be, all comments but the last lines. */
    static const char tail[] = "\n" BEGIN HEADER FRANCE;
    memset(big, '#', FACTOR_FILE_MAX);
    for (size_t i = 1000; i < FACTOR_FILE_MAX - sizeof(tail); i += 1000)
        big[i] = '\n';
    memcpy(big + FACTOR_FILE_MAX - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
    assert_int_equal(factor_table_add(table, "mine.csv", big, FACTOR_FILE_MAX, &errors), 0);
    /* A line that is too long. */
    memset(big, '#', FACTOR_FILE_MAX);
    assert_int_equal(factor_table_add(table, "mine.csv", big, FACTOR_FILE_MAX, &errors),
                     FACTORS_WRONG);
    assert_string_equal(errors.list[0].text, "mine.csv:1:1: expected lines of at most 2048 bytes");
    free(big);
    (void)factor_table_free(table);
}

/* ---- Words ---- */

static void test_geographies(void **state)
{
    (void)state;
    assert_int_equal(geography_find("WOR", 3), GEOGRAPHY_WORLD);
    assert_int_equal(geography_find("EEE", 3), GEOGRAPHY_EUROPE);
    for (int i = 0; i < GEOGRAPHIES; i++) {
        const struct geography_info *info = geography_info(i);
        assert_int_equal(geography_find(info->alpha3, 3), i);
        assert_int_equal(geography_find(info->name, strlen(info->name)), i);
        if (i > GEOGRAPHY_EUROPE)
            assert_int_equal(geography_find(info->alpha2, 2), i);
        for (const char *c = info->name; *c; c++)
            assert_true(*c >= ' ' && *c <= '~' && *c != ';');
    }
    assert_int_equal(geography_find("", 0), GEOGRAPHY_UNKNOWN);
    assert_int_equal(geography_find("FRANC", 5), GEOGRAPHY_UNKNOWN);
}

static void test_words_differ(void **state)
{
    (void)state;
    for (int i = 0; i < FACTORS; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(factor_name((enum factor_id)i), factor_name((enum factor_id)j));
    for (int i = 0; i <= CRITERIA; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(criterion_info((enum criterion)i)->id,
                                    criterion_info((enum criterion)j)->id);
    assert_string_equal(phase_name(PHASE_USE), "use");
    assert_string_equal(phase_name(PHASE_EMBODIED), "embodied");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row),        cmocka_unit_test(test_override),
        cmocka_unit_test(test_cursor),       cmocka_unit_test(test_wrong_rows),
        cmocka_unit_test(test_wrong_files),  cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_bounds),       cmocka_unit_test(test_geographies),
        cmocka_unit_test(test_words_differ),
    };
    return cmocka_run_group_tests_name("factors", tests, NULL, NULL);
}
