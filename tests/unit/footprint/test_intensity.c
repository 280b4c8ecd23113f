/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "greend/intensity.h"
#include "random.h"

static struct factor_errors errors;
static struct factor_errors notes;
static struct intensity intensity;

static int parse_bytes(const char *bytes, size_t length)
{
    /* A copy without a byte behind it, for who reads too far. */
    CLEANUP(free_p) char *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    intensity_done(&intensity);
    return intensity_parse("i.csv", copy, length, &intensity, &errors, &notes);
}

static void right(const char *text)
{
    int r = parse_bytes(text, strlen(text));
    if (r != 0)
        fail_msg("%s", errors.list[0].text);
    assert_int_equal(errors.n, 0);
}

static void wrong(const char *text, const char *says)
{
    assert_int_equal(parse_bytes(text, strlen(text)), INTENSITY_WRONG);
    assert_true(errors.n > 0);
    if (!strstr(errors.list[0].text, says))
        fail_msg("'%s' does not say '%s'", errors.list[0].text, says);
    assert_int_equal(intensity.n_hours, 0);
}

static void assert_hour(size_t i, int64_t begin_s, double grams)
{
    assert_true(i < intensity.n_hours);
    assert_int_equal(intensity.hours[i].begin_s, begin_s);
    assert_true(fabs(intensity.hours[i].grams - grams) < 1e-9);
}

/* 2026-11-01 00:00 UTC */
#define NOVEMBER INT64_C(1793491200)

static void test_plain(void **state)
{
    (void)state;
    right("\xef\xbb\xbftime,gCO2e/kWh\r\n"
          "2026-11-01T00:00Z,40\r\n"
          "2026-11-01T02:00:00+01:00,41.5\r\n"
          "\r\n"
          "2026-11-01 02:15:00+0000,42\r\n"
          "2026-11-01 02:45:00+0000,44\r\n"
          "2026-11-01T05:00:00Z,");
    assert_int_equal(intensity.form, INTENSITY_PLAIN);
    assert_string_equal(intensity.zone, "");
    assert_int_equal(intensity.n_hours, 3);
    assert_hour(0, NOVEMBER, 40);
    assert_hour(1, NOVEMBER + 3600, 41.5);
    assert_hour(2, NOVEMBER + 7200, 43);
    assert_int_equal(intensity.valueless, 1);
    assert_int_equal(intensity.missing, 0);
    right("time;gCO\xe2\x82\x82"
          "e/kWh\n2026-11-01T00:00-02:30;0\n");
    assert_hour(0, NOVEMBER + 7200, 0);
}

static void test_order_and_gaps(void **state)
{
    (void)state;
    right("time;gCO2eq/kWh\n2026-11-01T09:00Z;3\n2026-11-01T00:00Z;1\n2026-11-01T01:00Z;2\n");
    assert_hour(0, NOVEMBER, 1);
    assert_hour(2, NOVEMBER + 9 * 3600, 3);
    assert_int_equal(intensity.missing, 7);
    assert_int_equal(notes.n, 1);
    assert_string_equal(notes.list[0].text, "i.csv:2:1: no values for 7 hours before this line");
}

static void test_electricity_maps(void **state)
{
    (void)state;
    right("Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO\xe2\x82\x82"
          "eq/kWh (direct),Carbon intensity gCO\xe2\x82\x82"
          "eq/kWh (Life cycle),Carbon-free energy percentage (CFE%),Data source,Data estimated,"
          "Data estimation method\n"
          "2026-11-01 00:00:00,France,France,FR,10.1,40.25,97,\"entsoe.eu,rte\",false,\n"
          "2026-11-01 01:00:00,France,France,FR,10.1,42.75,97,rte,true,TIME_SLICER\n");
    assert_int_equal(intensity.form, INTENSITY_ELECTRICITY_MAPS);
    assert_string_equal(intensity.zone, "FR");
    assert_int_equal(intensity.estimated, 1);
    assert_hour(0, NOVEMBER, 40.25);
    assert_hour(1, NOVEMBER + 3600, 42.75);
    /* as they were until 2024 */
    right("Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO\xe2\x82\x82"
          "eq/kWh (direct),Carbon Intensity gCO\xe2\x82\x82"
          "eq/kWh (LCA),Low Carbon Percentage\n"
          "2026-11-01 00:00:00,Germany,Germany,DE,380,440,40\n");
    assert_hour(0, NOVEMBER, 440);
    assert_string_equal(intensity.zone, "DE");
    wrong("Datetime (UTC),Zone id,Carbon intensity gCO2eq/kWh (direct)\n"
          "2026-11-01 00:00:00,FR,10\n",
          "i.csv:1:1: expected the columns 'Datetime (UTC)' and 'Carbon intensity");
    wrong("Datetime (UTC),Zone id,Carbon intensity gCO2eq/kWh (LCA)\n"
          "2026-11-01 00:00:00,FR,10\n2026-11-01 01:00:00,DE,10\n",
          "i.csv:3:21: zone: expected one in all rows, 'FR', got 'DE'");
}

/* As the open data portal of the French networks exports it, in any order. */
static void test_eco2mix_offsets(void **state)
{
    (void)state;
    right("P\xc3\xa9rim\xc3\xa8tre;Nature;Date;Heure;Date et Heure;Consommation (MW);Taux de CO2 "
          "(g/kWh);Ech. comm. Angleterre (MW)\n"
          "France;Temps r\xc3\xa9"
          "el;2026-11-01;01:30;2026-11-01T01:30:00+01:00;50000;22;-1000\n"
          "France;Temps r\xc3\xa9"
          "el;2026-11-01;01:15;2026-11-01T01:15:00+01:00;50000;;-1000\n"
          "France;Temps r\xc3\xa9"
          "el;2026-11-01;01:00;2026-11-01T01:00:00+01:00;50000;20;-1000\n");
    assert_int_equal(intensity.form, INTENSITY_ECO2MIX);
    assert_int_equal(intensity.n_hours, 1);
    assert_hour(0, NOVEMBER, 21);
    assert_int_equal(intensity.valueless, 1);
}

/* As RTE's own files are: tabs, Latin-1, legal time without an offset, a sentence at the end.
 * Clocks were set back on 2026-10-25 and forward on 2026-03-29. */
static void test_eco2mix_legal_time(void **state)
{
    (void)state;
    static const int64_t october = INTENSITY_HOUR_S * INT64_C(498022); /* 2026-10-24 22:00 UTC */
    right("P\xe9rim\xe8tre\tNature\tDate\tHeures\tConsommation\tTaux de Co2\t\n"
          "France\tDonn\xe9"
          "es\t2026-10-25\t00:00\t1\t10\t\n"
          "France\tDonn\xe9"
          "es\t2026-10-25\t01:00\t1\t11\t\n"
          "France\tDonn\xe9"
          "es\t2026-10-25\t02:00\t1\t12\t\n"
          "France\tDonn\xe9"
          "es\t2026-10-25\t02:30\t1\t14\t\n"
          "France\tDonn\xe9"
          "es\t2026-10-25\t02:00\t1\t20\t\n"
          "France\tDonn\xe9"
          "es\t2026-10-25\t02:30\t1\t22\t\n"
          "France\tDonn\xe9"
          "es\t2026-10-25\t03:00\t1\tND\t\n"
          "RTE ne pourra \xeatre tenu responsable de l'utilisation\n");
    assert_int_equal(intensity.n_hours, 4);
    assert_hour(0, october, 10);
    assert_hour(1, october + 3600, 11);
    assert_hour(2, october + 7200, 13);
    assert_hour(3, october + 10800, 21);
    assert_int_equal(intensity.missing, 0);
    right("Date;Heures;Taux de Co2\n29/03/2026;01:30;10\n29/03/2026;02:30;99\n29/03/2026;03:00;"
          "12\n");
    assert_int_equal(intensity.n_hours, 2);
    assert_hour(1, intensity.hours[0].begin_s + 3600, 12);
    assert_int_equal(notes.n, 1);
    assert_string_equal(
        notes.list[0].text,
        "i.csv:3:12: left out: '02:30' never was on this day, clocks were set forward");
    /* The last Sunday of October 2027 is the 31st. */
    right("Date;Heures;Taux de Co2\n2027-10-30;23:30;1\n2027-10-31;02:30;2\n2027-10-31;02:30;3\n"
          "2027-10-31;03:30;4\n");
    assert_int_equal(intensity.n_hours, 4);
    assert_int_equal(intensity.hours[3].begin_s - intensity.hours[0].begin_s, 5 * 3600);
    wrong("Date;Heures;Taux de Co2\n2026-10-25;02:00;1\n2026-10-25;02:00;2\n2026-10-25;02:00;3\n",
          "i.csv:4:1: time: already on line");
}

static void test_wrong(void **state)
{
    (void)state;
    static const char head[] = "time,gCO2e/kWh\n";
    static const struct {
        const char *rows, *says;
    } cases[] = {
        {"2026-11-01T00:00,40",                                           "i.csv:2:1: time: expected one with its offset from UTC" },
        {"2026-11-01,40",                                                 "time: expected one with its offset"                     },
        {"2026-02-30T00:00Z,40",                                          "time: expected one with its offset"                     },
        {"2026-11-01T24:00Z,40",                                          "time: expected one with its offset"                     },
        {"2026-11-01T00:60Z,40",                                          "time: expected one with its offset"                     },
        {"2026-11-01T00:00+15:00,40",                                     "time: expected one with its offset"                     },
        {"2026-11-01T00:00ZZ,40",                                         "time: expected one with its offset"                     },
        {"2026-11-01T00:00Z,40,5",                                        "i.csv:2:1: expected 2 fields, got 3: decimals have a po"},
        {"2026-11-01T00:00Z",                                             "expected 2 fields, got 1"                               },
        {"2026-11-01T00:00Z,-1",                                          "i.csv:2:19: intensity: expected 0 to 3000"              },
        {"2026-11-01T00:00Z,3000.1",                                      "intensity: expected 0 to 3000 gCO2e/kWh, got '3000.1'"  },
        {"2026-11-01T00:00Z,nan",                                         "intensity: expected 0 to 3000"                          },
        {"2026-11-01T00:00Z,\"40,5\"",                                    "got '40,5': decimals have a point"                      },
        {"2026-11-01T00:00Z,1\n2026-11-01T01:00+01:00,2",
         "i.csv:3:1: time: already on line 2: expected it once"                                                                    },
        {"2026-11-01T00:00Z,1\n2026-11-02T00:00Z,2\n2026-11-03T00:00Z,2",
         "i.csv:3:1: expected values by the hour or finer"                                                                         },
        {"",                                                              "expected values, got none"                              },
        {"2026-11-01T00:00Z,",                                            "expected values, got none"                              },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char text[256];
        (void)snprintf(text, sizeof(text), "%s%s", head, cases[i].rows);
        wrong(text, cases[i].says);
    }
    wrong("", "i.csv:1:1: expected values, got none");
    wrong("hello\n", "i.csv:1:1: expected a header: time,gCO2e/kWh, or that of an export");
    wrong("time,kgCO2e/kWh\n2026-11-01T00:00Z,1\n", "expected a header");
    wrong("time;gCO2e/kWh\n2026-11-01T00:00Z;40,5\n",
          "i.csv:2:19: intensity: expected 0 to 3000 gCO2e/kWh, got '40,5': decimals have a point");
    wrong("Taux de CO2;Nature\n1;2\n", "expected the column 'Date et Heure', or 'Date' and");
    wrong("Date;Heures;Taux de Co2\n2026-10-25;2h;1\n", "time: expected a day and a time");
    wrong("Date;Heures;Taux de Co2\n25.10.2026;02:00;1\n", "time: expected a day and a time");
    assert_int_equal(parse_bytes("time,gCO2e/kWh\n\0", 16), INTENSITY_WRONG);
    assert_non_null(strstr(errors.list[0].text, "expected text, got a NUL byte"));
    CLEANUP(free_p) char *large = calloc(1, INTENSITY_FILE_MAX + 1);
    assert_non_null(large);
    memset(large, 'x', INTENSITY_FILE_MAX + 1);
    assert_int_equal(parse_bytes(large, INTENSITY_FILE_MAX + 1), INTENSITY_WRONG);
    assert_non_null(strstr(errors.list[0].text, "too large: expected at most 32 MiB"));
    assert_int_equal(parse_bytes(large, 1 << 20), INTENSITY_WRONG);
    assert_non_null(strstr(errors.list[0].text, "line too long"));
}

static void test_mean(void **state)
{
    (void)state;
    double grams = 0;
    right("time,gCO2e/kWh\n2026-11-01T00:00Z,40\n2026-11-01T01:00Z,60\n2026-11-01T03:00Z,90\n");
    assert_true(intensity_mean(&intensity, NOVEMBER, 3600, &grams) && grams == 40);
    assert_true(intensity_mean(&intensity, NOVEMBER + 600, 60, &grams) && grams == 40);
    /* Hours of India lie across those of UTC. */
    assert_true(intensity_mean(&intensity, NOVEMBER + 1800, 3600, &grams) && grams == 50);
    assert_false(intensity_mean(&intensity, NOVEMBER + 5400, 3600, &grams));
    assert_false(intensity_mean(&intensity, NOVEMBER + 7200, 3600, &grams));
    assert_true(intensity_mean(&intensity, NOVEMBER + 10800, 3600, &grams) && grams == 90);
    assert_false(intensity_mean(&intensity, NOVEMBER + 14400, 3600, &grams));
    assert_false(intensity_mean(&intensity, NOVEMBER - 1, 3600, &grams));
    assert_false(intensity_mean(&intensity, NOVEMBER, 0, &grams));
    assert_false(intensity_mean(&intensity, INT64_MIN, INT64_MAX, &grams));
    assert_false(intensity_mean(&intensity, INT64_MAX, INT64_MAX, &grams));
}

/* Bytes of a right file, changed at random: nothing is read beyond the end, and what is taken is
 * within bounds. */
static void test_changed_bytes(void **state)
{
    (void)state;
    static const char seed[] =
        "Datetime (UTC),Zone id,Carbon intensity gCO2eq/kWh (LCA),Data estimated\n"
        "2026-11-01 00:00:00,FR,40.25,false\n2026-11-01 01:00:00,FR,\"42.75\",true\n";
    static const char other[] = "Date;Heures;Taux de Co2\n2026-10-25;02:00;1\n2026-10-25;02:30;2\n";
    struct random random = random_seeded();
    for (int turn = 0; turn < 20000; turn++) {
        char bytes[256];
        const char *from = turn % 2 ? seed : other;
        size_t length = strlen(from);
        memcpy(bytes, from, length);
        for (uint64_t i = random_below(&random, 4); i-- > 0;)
            bytes[random_below(&random, length)] = (char)random_next(&random);
        length -= random_below(&random, 3) == 0 ? random_index(&random, length) : 0;
        int r = parse_bytes(bytes, length);
        assert_true(r == 0 || (r == INTENSITY_WRONG && errors.n > 0));
        for (size_t i = 0; r == 0 && i < intensity.n_hours; i++)
            assert_true(intensity.hours[i].grams >= 0 &&
                        intensity.hours[i].grams <= INTENSITY_MOST);
    }
}

static int clean(void **state)
{
    (void)state;
    intensity_done(&intensity);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_order_and_gaps),
        cmocka_unit_test(test_electricity_maps),
        cmocka_unit_test(test_eco2mix_offsets),
        cmocka_unit_test(test_eco2mix_legal_time),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_mean),
        cmocka_unit_test(test_changed_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
