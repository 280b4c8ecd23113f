/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "footprint/tables/published.h"
#include "random.h"

/* Made-up values in tables of the published forms. */

#define BOAVIZTA                                                                                   \
    "english_name,french_name,unit,source,priority,reference_year,name,WOR,FRA,SCG,TZA\r\n"        \
    ",,,,,,country,World,France,Serbie ,\"Tanzania, United Republic Of\"\r\n"
#define BOAVIZTA_ROWS                                                                              \
    "Climate change,x,kg \xc3\xa9q. CO2,\"a; b, \"\"c\"\"\",2,2020,gwp,0.5,0.3,0.9,\r\n"           \
    "Climate change,x,kg \xc3\xa9q. CO2,best,1,2019,gwp,,0.1,,0.7\r\n"                             \
    "Climate change,x,kg \xc3\xa9q. CO2,second best,1,2018,gwp,,0.15,,0.75\r\n\r\n"                \
    "Climate change,x,kg \xc3\xa9q. CO2,last,3,2011,gwp,,0.2,,0.8\r\n"                             \
    "%renewable,x,%,who,3,2016,renewable_energy,35.20%,17%,,\r\n"                                  \
    "PE,x,MJ,ADPf / (1-r),3,2011 & 2016,pe,9.988,11.5,,\r\n"
#define NUMECOEVAL                                                                                 \
    "nom;etapeacv;critere;description;niveau;tiers;categorie;consoElecMoyenne;localisation;"       \
    "valeur;unite;source\n"
#define NUMECOEVAL_ROWS                                                                            \
    "laptop-3;FABRICATION;Climate change;L;2;E;C;26.6;France;253.4;Item;Fake\n"                    \
    "Mix FR;FABRICATION;Climate change;;0;;electricity-mix;;France;0.08;;Base IMPACTS 2\n"         \
    "Mix FR;FABRICATION;Land use;;0;;electricity-mix;;France;0;;Base IMPACTS 2\n"                  \
    "Mix FR;FABRICATION;Acidification;;0;;electricity-mix;;France;2e-4;;Base IMPACTS 2\n"          \
    "Mix X;FABRICATION;Acidification;;0;;electricity-mix;;Congo;1e-4;;Base IMPACTS 2\n"

static struct factor_errors errors;

static int import(const char *bytes, size_t length, struct text *text)
{
    text_clear(text);
    return factors_from_published("table.csv", "2.4.1", bytes, length, text, &errors);
}

/* The table that comes out, read as any other file. */
static struct factor_table *imported(const char *bytes, struct text *text)
{
    struct factor_table *table = factor_table_new();
    int r = import(bytes, strlen(bytes), text);
    if (r != 0)
        print_error("%s\n", errors.list[0].text);
    assert_int_equal(r, 0);
    r = factor_table_add(table, "imported.csv", text->data, text->length, &errors);
    if (r != 0)
        print_error("%s\n", errors.list[0].text);
    assert_int_equal(r, 0);
    return table;
}

static void assert_row(const struct factor_table *table, enum criterion criterion,
                       const char *place, double value, int year, const char *source)
{
    const struct factor *f =
        factor_find(table, FACTOR_ELECTRICITY, criterion, geography_find(place, strlen(place)));
    assert_non_null(f);
    assert_true(f->value.value == value);
    assert_int_equal(f->year, year);
    assert_string_equal(f->source, source);
}

static void test_boavizta(void **state)
{
    (void)state;
    struct text text = {0};
    struct factor_table *table = imported(BOAVIZTA BOAVIZTA_ROWS, &text);
    const struct factor_set *set = factor_table_set(table, 0);
    assert_string_equal(set->name, "boaviztapi");
    assert_string_equal(set->version, "2.4.1");
    assert_int_equal(set->rows, 5);
    assert_row(table, CRITERION_GWP, "FRA", 0.1, 2019, "best, in table.csv");
    assert_row(table, CRITERION_GWP, "TZA", 0.7, 2019, "best, in table.csv");
    assert_row(table, CRITERION_GWP, "WOR", 0.5, 2020, "a, b, ,,c,,, in table.csv");
    assert_row(table, CRITERION_PE, "FRA", 11.5, 2011, "ADPf / (1-r), in table.csv");
    assert_non_null(strstr(text.data, "\n# not taken, no place of ISO 3166: SCG, GWP\n"));
    (void)factor_table_free(table);
    text_done(&text);
}

static void test_numecoeval(void **state)
{
    (void)state;
    struct text text = {0};
    struct factor_table *table = imported(NUMECOEVAL NUMECOEVAL_ROWS, &text);
    assert_string_equal(factor_table_set(table, 0)->name, "numecoeval-table");
    assert_int_equal(factor_table_set(table, 0)->rows, 2);
    assert_row(table, CRITERION_GWP, "FRA", 0.08, 2011, "Base IMPACTS 2, in table.csv");
    assert_row(table, CRITERION_AP, "FRA", 2e-4, 2011, "Base IMPACTS 2, in table.csv");
    assert_non_null(strstr(text.data, "\n# not taken, no place of ISO 3166: Congo, AP\n"));
    (void)factor_table_free(table);
    text_done(&text);
}

static void test_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } wrong[] = {
        {"",                                                                                   "table.csv:1:1: expected a file of 1 to 1048576 bytes"},
        {"a,b\n1,2\n",
         "table.csv:1:1: expected electrical_mix.csv of BoaviztAPI or characterizationFactors.csv "
         "of NumEcoEval, whose first line is known, got 'a,b'"                                                                                       },
        {BOAVIZTA,                                                                             "table.csv:2:1: expected rows of electricity mixes"   },
        {BOAVIZTA "C,x,kg CO2,s,1,2019,gwp,,0.1,,0.7\n",
         "table.csv:3:5: unit: expected 'kg \xc3\xa9q. CO2', got 'kg CO2'"                                                                           },
        {BOAVIZTA "C,x,MJ,s,1,2019,pe,,\"0,1\",,0.7\n",
         "table.csv:3:22: expected a number of 0 or more and its year for FRA, got '0,1'"                                                            },
        {BOAVIZTA "C,x,MJ,s,1,2019,pe,,-0.1,,0.7\n",
         "table.csv:3:21: expected a number of 0 or more and its year for FRA, got '-0.1'"                                                           },
        {BOAVIZTA "C,x,MJ,s,1,now,pe,,0.1,,\n",
         "table.csv:3:20: expected a number of 0 or more and its year for FRA, got '0.1'"                                                            },
        {BOAVIZTA "C,x,MJ,s,,2019,pe,,0.1,,\n",
         "table.csv:3:10: priority: expected a number, got ''"                                                                                       },
        {BOAVIZTA "C,x,MJ,s,1,2019,pe,0.1,,\n",
         "table.csv:3:1: expected as many fields as in the first line, at most 320, and no '\"' "
         "left open"                                                                                                                                 },
        {BOAVIZTA "C,x,MJ,\"s,1,2019,pe,,0.1,,,\n",
         "table.csv:3:1: expected as many fields as in the first line, at most 320, and no '\"' "
         "left open"                                                                                                                                 },
        {NUMECOEVAL "M;F;Climate change;;0;;electricity-mix;;France;0.08;;Base IMPACTS \"2\n",
         "table.csv:2:1: expected as many fields as in the first line, at most 320, and no '\"' "
         "left open"                                                                                                                                 },
        {NUMECOEVAL "M;F;Climate change;;0;;electricity-mix;;France;0.08;;Other base\n",
         "table.csv:2:48: expected a number of 0 or more and its year for France, got '0.08'"                                                        },
        {NUMECOEVAL "M;F;Climate change;;0;;electricity-mix;;France;0,08;;Base IMPACTS\n",
         "table.csv:2:48: expected a number of 0 or more and its year for France, got '0,08'"                                                        },
    };
    struct text text = {0};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        assert_int_equal(import(wrong[i].text, strlen(wrong[i].text), &text), FACTORS_WRONG);
        assert_string_equal(errors.list[0].text, wrong[i].error);
        assert_int_equal(errors.n, 1);
        assert_int_equal(text.length, 0);
    }
    text_done(&text);
}

/* More columns than any table has. */
static void test_many_fields(void **state)
{
    (void)state;
    char table[2048] = "english_name,french_name,unit,source,priority,reference_year,name,";
    struct text text = {0};
    for (int i = 0; i < 320; i++)
        strcat(table, "FRA,");
    assert_int_equal(import(table, strlen(table), &text), FACTORS_WRONG);
    assert_string_equal(errors.list[0].text,
                        "table.csv:1:1: expected as many fields as in the first line, at most 320, "
                        "and no '\"' left open");
    text_done(&text);
}

/* Any bytes: an answer, and what is given out is a right factor file but for values out of bounds.
 */
static void test_mutations(void **state)
{
    (void)state;
    static const char *const seeds[] = {BOAVIZTA BOAVIZTA_ROWS, NUMECOEVAL NUMECOEVAL_ROWS};
    static const char telling[] = ",;\"\n\r.-09e\xc3 ";
    struct random random = random_seeded();
    struct text text = {0};
    size_t taken = 0;
    for (int i = 0; i < 6000; i++) {
        const char *seed = seeds[random_below(&random, 2)];
        size_t length = strlen(seed);
        char *bytes = malloc(length);
        assert_non_null(bytes);
        memcpy(bytes, seed, length);
        for (size_t n = 1 + random_index(&random, 4); n > 0; n--)
            bytes[random_below(&random, length)] =
                random_below(&random, 4) ? telling[random_below(&random, sizeof(telling) - 1)]
                                         : (char)random_next(&random);
        length -= random_below(&random, 4) ? 0 : random_index(&random, length);
        int r = import(bytes, length, &text);
        assert_true(r == 0 ? errors.n == 0 : r == FACTORS_WRONG && errors.n > 0);
        assert_true(r == 0 ? text.length > 0 : text.length == 0);
        if (r == 0) {
            struct factor_table *table = factor_table_new();
            assert_non_null(table);
            r = factor_table_add(table, "again.csv", text.data, text.length, &errors);
            for (size_t e = 0; e < errors.n; e++)
                assert_true(strstr(errors.list[e].text, ": value: ") ||
                            strstr(errors.list[e].text, ": year: ") ||
                            strstr(errors.list[e].text, ": source: "));
            taken += r == 0;
            (void)factor_table_free(table);
        }
        free(bytes);
    }
    assert_true(taken > 600 && taken < 5400); /* both answers were met */
    text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boavizta),      cmocka_unit_test(test_numecoeval),
        cmocka_unit_test(test_what_is_wrong), cmocka_unit_test(test_many_fields),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests_name("published", tests, NULL, NULL);
}
