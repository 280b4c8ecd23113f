/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "greend/footprint.h"
#include "random.h"

static int32_t day_of(const char *text)
{
    int32_t day = 0;
    assert_int_equal(date_parse(text, &day), 0);
    return day;
}

static bool figures_same(struct figure a, struct figure b)
{
    return a.known == b.known && a.value == b.value;
}

static void assert_same_site(const struct site *a, const struct site *b)
{
    assert_int_equal(a->geography, b->geography);
    assert_true(figures_same(a->pue, b->pue) && figures_same(a->wue, b->wue));
}

static void assert_same_asset(const struct asset *a, const struct asset *b)
{
    assert_int_equal(a->machine, b->machine);
    assert_int_equal(a->purchase, b->purchase);
    assert_int_equal(a->planned_end, b->planned_end);
    assert_int_equal(a->life_days, b->life_days);
    assert_int_equal(a->refurbished, b->refurbished);
    assert_int_equal(a->earlier_days, b->earlier_days);
    assert_int_equal(a->later_days, b->later_days);
    assert_true(figures_same(a->host_share, b->host_share));
    assert_int_equal(a->destination, b->destination);
    assert_true(figures_same(a->mass, b->mass));
}

static void test_dates(void **state)
{
    (void)state;
    assert_int_equal(day_of("1970-01-01"), 0);
    assert_int_equal(day_of("1970-12-31"), 364);
    assert_int_equal(day_of("2000-02-29"), 11016);
    assert_int_equal(day_of("2024-03-31"), 19813);
    assert_int_equal(day_of("2026-11-26"), 20783);
    static const char *const wrong[] = {
        "",           "2024-3-31",  "31/03/2024",  "2024-03-32", "2024-02-30",
        "2023-02-29", "2100-02-29", "2024-13-01",  "2024-00-01", "2024-01-00",
        "1969-12-31", "2200-01-01", "2024-03-31 ", "20240331",   "2024-03-3a",
        "2024:03:31", "-024-03-31", "+024-03-31",
    };
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        int32_t day = 77;
        assert_int_equal(date_parse(wrong[i], &day), -EINVAL);
        assert_int_equal(day, 77);
    }
}

/* Each day has a date, and the next day's is the next. */
static void test_every_date(void **state)
{
    (void)state;
    char before[11] = "";
    int32_t last = day_of("2199-12-31");
    for (int32_t day = 0; day <= last; day++) {
        char text[11];
        date_format(day, text);
        assert_true(strcmp(before, text) < 0);
        assert_int_equal(day_of(text), day);
        (void)str_copy(before, sizeof(before), text);
    }
    char text[11];
    date_format(INT32_MAX, text); /* no date, but no harm */
    date_format(-1, text);
}

static void test_site(void **state)
{
    (void)state;
    char error[FOOTPRINT_ERROR_MAX];
    struct site site;
    site_undeclared(&site);
    assert_int_equal(site.geography, GEOGRAPHY_UNKNOWN);
    assert_false(site.pue.known || site.wue.known);
    assert_int_equal(site_set(&site, "country", "FR", error), 0);
    assert_string_equal(geography_info(site.geography)->alpha3, "FRA");
    assert_int_equal(site_set(&site, "country", "germany", error), 0);
    assert_string_equal(geography_info(site.geography)->alpha2, "DE");
    assert_int_equal(site_set(&site, "pue", "1.35", error), 0);
    assert_true(site.pue.known && site.pue.value == 1.35);
    assert_int_equal(site_set(&site, "wue", "0", error), 0);
    assert_true(site.wue.known && site.wue.value == 0);
    assert_int_equal(site_set(&site, "country", "", error), 0);
    assert_int_equal(site_set(&site, "pue", "", error), 0);
    assert_int_equal(site_set(&site, "wue", "", error), 0);
    struct site fresh;
    site_undeclared(&fresh);
    assert_same_site(&site, &fresh);
}

static void test_asset(void **state)
{
    (void)state;
    char error[FOOTPRINT_ERROR_MAX];
    struct asset asset;
    struct asset fresh;
    asset_undeclared(&asset);
    asset_undeclared(&fresh);
    static const char *const facts[][2] = {
        {"machine",     "virtual"    },
        {"purchase",    "2023-04-01" },
        {"planned_end", "2029-04-01" },
        {"life",        "4"          },
        {"refurbished", "yes"        },
        {"earlier_use", "2.5"        },
        {"later_use",   "0.001369863"},
        {"host_share",  "0.125"      },
        {"destination", "donation"   },
        {"mass",        "18.5"       },
    };
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
        assert_int_equal(asset_set(&asset, facts[i][0], facts[i][1], error), 0);
    assert_int_equal(asset.machine, MACHINE_VIRTUAL);
    assert_int_equal(asset.purchase, day_of("2023-04-01"));
    assert_int_equal(asset.planned_end, day_of("2029-04-01"));
    assert_int_equal(asset.life_days, 1461);
    assert_true(asset.refurbished);
    assert_int_equal(asset.earlier_days, 913);
    assert_int_equal(asset.later_days, 1);
    assert_true(asset.host_share.value == 0.125);
    assert_int_equal(asset.destination, DESTINATION_DONATION);
    assert_true(asset.mass.known && asset.mass.value == 18.5);
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
        assert_int_equal(asset_set(&asset, facts[i][0], "", error), 0);
    assert_same_asset(&asset, &fresh);
}

static void test_wrong_facts(void **state)
{
    (void)state;
    static const struct {
        bool site;
        const char *key;
        const char *value;
        const char *error;
    } wrong[] = {
        {true,  "country",     "Frnace",
         "country: expected a country by its ISO 3166 code or English name, as FR, FRA or France, "
         "got 'Frnace'"                                                                                         },
        {true,  "country",     "F",
         "country: expected a country by its ISO 3166 code or English name, "
         "as FR, FRA or France, got 'F'"                                                                        },
        {true,  "pue",         "1",           "pue: expected a number above 1 and up to 5, got '1'"             },
        {true,  "pue",         "0.9",         "pue: expected a number above 1 and up to 5, got '0.9'"           },
        {true,  "pue",         "-1.4",        "pue: expected a number above 1 and up to 5, got '-1.4'"          },
        {true,  "pue",         "146",         "pue: expected a number above 1 and up to 5, got '146'"           },
        {true,  "pue",         "1,46",
         "pue: expected a number above 1 and up to 5, got '1,46': decimals have a point"                        },
        {true,  "pue",         "nan",         "pue: expected a number above 1 and up to 5, got 'nan'"           },
        {true,  "wue",         "-1",          "wue: expected litres per kWh, 0 to 100, got '-1'"                },
        {true,  "wue",         "101",         "wue: expected litres per kWh, 0 to 100, got '101'"               },
        {true,  "PUE",         "1.4",         "'PUE' is not known: expected country, pue or wue"                },
        {true,  "pue",         "\x1b[2J\xff",
         "pue: expected a number above 1 and up to 5, got "
         "'\\x1b[2J\\xff'"                                                                                      },
        {false, "machine",     "vm",          "machine: expected physical or virtual, got 'vm'"                 },
        {false, "purchase",    "01/04/2023",
         "purchase: expected a date as 2024-03-31, got '01/04/2023'"                                            },
        {false, "planned_end", "2023-02-29",
         "planned_end: expected a date as 2024-03-31, got '2023-02-29'"                                         },
        {false, "life",        "0",           "life: expected a number of years, above 0 and up to 50, got '0'" },
        {false, "life",        "0.0001",
         "life: expected a number of years, above 0 and up to 50, got '0.0001'"                                 },
        {false, "life",        "51",          "life: expected a number of years, above 0 and up to 50, got '51'"},
        {false, "life",        "4 ans",
         "life: expected a number of years, above 0 and up to 50, got '4 ans'"                                  },
        {false, "earlier_use", "-2",
         "earlier_use: expected a number of years, above 0 and up to 50, got '-2'"                              },
        {false, "refurbished", "oui",         "refurbished: expected yes or no, got 'oui'"                      },
        {false, "host_share",  "12%",
         "host_share: expected a number above 0 and up to 1, got '12%'"                                         },
        {false, "host_share",  "1.5",
         "host_share: expected a number above 0 and up to 1, got '1.5'"                                         },
        {false, "host_share",  "0",           "host_share: expected a number above 0 and up to 1, got '0'"      },
        {false, "destination", "DEEE",        "destination: expected reuse, donation or weee, got 'DEEE'"       },
        {false, "mass",        "18,5",
         "mass: expected kg, above 0 and up to 100000, got '18,5': decimals have a point"                       },
        {false, "mass",        "0",           "mass: expected kg, above 0 and up to 100000, got '0'"            },
        {false, "colour",      "red",
         "'colour' is not known: expected machine, purchase, planned_end, life, refurbished, "
         "earlier_use, later_use, host_share, destination or mass"                                              },
    };
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        char error[FOOTPRINT_ERROR_MAX] = "";
        struct site site = {.geography = 80, .pue = figure_exact(1.2), .wue = figure_exact(1)};
        struct site old_site = site;
        struct asset asset;
        struct asset old_asset;
        asset_undeclared(&asset);
        asset.life_days = 5;
        asset.host_share = figure_exact(0.5);
        old_asset = asset;
        int r = wrong[i].site ? site_set(&site, wrong[i].key, wrong[i].value, error)
                              : asset_set(&asset, wrong[i].key, wrong[i].value, error);
        assert_int_equal(r, -EINVAL);
        assert_string_equal(error, wrong[i].error);
        assert_same_site(&site, &old_site);
        assert_same_asset(&asset, &old_asset);
    }
}

static void test_long_values_fit(void **state)
{
    (void)state;
    char error[FOOTPRINT_ERROR_MAX];
    struct asset asset;
    char *text = calloc(1, 100001);
    assert_non_null(text);
    memset(text, '\x01', 100000);
    asset_undeclared(&asset);
    assert_int_equal(asset_set(&asset, text, text, error), -EINVAL);
    assert_true(strlen(error) < FOOTPRINT_ERROR_MAX);
    assert_int_equal(asset_set(&asset, "life", text, error), -EINVAL);
    assert_int_equal(asset_set(&asset, "purchase", text, error), -EINVAL);
    free(text);
}

static void test_facts_that_disagree(void **state)
{
    (void)state;
    static const struct {
        const char *facts[3][2];
        const char *error; /* NULL: they agree */
    } cases[] = {
        {{{0}},                                                       NULL              },
        {{{"purchase", "2023-04-01"}, {"planned_end", "2023-04-02"}}, NULL              },
        {{{"purchase", "2023-04-01"}, {"planned_end", "2023-04-01"}},
         "planned_end: expected a date after the purchase, 2023-04-01, got 2023-04-01"  },
        {{{"purchase", "2023-04-01"}, {"planned_end", "2022-01-31"}},
         "planned_end: expected a date after the purchase, 2023-04-01, got 2022-01-31"  },
        {{{"planned_end", "2022-01-31"}},                             NULL              },
        {{{"planned_end", "2028-01-31"}, {"life", "6"}},
         "life: expected life or planned_end, got both: remove one"                     },
        {{{"earlier_use", "2"}},
         "earlier_use: only a refurbished machine was used elsewhere: say refurbished=yes, or "
         "remove it"                                                                    },
        {{{"earlier_use", "2"}, {"refurbished", "yes"}},              NULL              },
        {{{"machine", "physical"}, {"host_share", "0.5"}},
         "host_share: only a virtual machine has one: say machine=virtual, or remove it"},
        {{{"machine", "virtual"}, {"host_share", "0.5"}},             NULL              },
        {{{"host_share", "0.5"}},                                     NULL              },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char error[FOOTPRINT_ERROR_MAX] = "";
        struct asset asset;
        asset_undeclared(&asset);
        for (size_t f = 0; f < 3 && cases[i].facts[f][0]; f++)
            assert_int_equal(asset_set(&asset, cases[i].facts[f][0], cases[i].facts[f][1], error),
                             0);
        int r = asset_check(&asset, error);
        assert_int_equal(r, cases[i].error ? -EINVAL : 0);
        assert_string_equal(error, cases[i].error ? cases[i].error : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_every_date),
        cmocka_unit_test(test_site),
        cmocka_unit_test(test_asset),
        cmocka_unit_test(test_wrong_facts),
        cmocka_unit_test(test_long_values_fit),
        cmocka_unit_test(test_facts_that_disagree),
    };
    return cmocka_run_group_tests_name("declared", tests, NULL, NULL);
}
