/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "daemon/exporter/impacts.h"
#include "scratch.h"

enum { NOW_S = 1795737600 /* 2026-11-27 00:00 UTC */, DAY_S = 86400 };

/* 1 kWh in millijoules. */
static const uint64_t kwh_mj = UINT64_C(3600000000);

static struct impacts *begin(struct settings *settings, const char *country, const char *purchase)
{
    struct impacts *impacts = NULL;
    char error[SETTINGS_ERROR_MAX];
    settings_defaults(settings);
    (void)str_copy(settings->factors_folder, sizeof(settings->factors_folder),
                   SOURCE_ROOT "/footprint/factors");
    assert_int_equal(settings_set(settings, "site", "country", country, error), 0);
    assert_int_equal(settings_set(settings, "asset", "purchase", purchase, error), 0);
    assert_int_equal(impacts_new(&impacts, settings, NOW_S), 0);
    return impacts;
}

static void assert_amount(struct exposition_amount amount, double count)
{
    assert_true(amount.known);
    if ((double)amount.count < count * (1 - 1e-6) - 1 ||
        (double)amount.count > count * (1 + 1e-6) + 1)
        fail_msg("%llu is not %.9g", (unsigned long long)amount.count, count);
}

/* By hand: docs/method.md, section 11. */
static void test_use(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct impacts *impacts = begin(&settings, "FR", "");
    struct exposition_impacts counted;
    /* Energy of before the daemon began is in the counters, and not in these. */
    impacts_count(impacts, 5 * kwh_mj, 0, &counted);
    assert_amount(counted.co2e_ug[EXPOSITION_USE], 0);
    impacts_count(impacts, 7 * kwh_mj, 1, &counted);
    assert_amount(counted.co2e_ug[EXPOSITION_USE], 2 * 1.46 * 0.098 * 1e9);
    assert_amount(counted.primary_energy_mj[EXPOSITION_USE], 2 * 1.46 * 11.289 * 1e9);
    assert_amount(counted.adp_pg_sb_eq[EXPOSITION_USE], 2 * 1.46 * 4.85798e-8 * 1e15);
    assert_false(counted.water_ul[EXPOSITION_USE].known); /* no WUE is declared */
    assert_false(counted.co2e_ug[EXPOSITION_EMBODIED].known);
    assert_string_equal(counted.factors, "boavizta");
    assert_string_equal(counted.country, "FRA");
    assert_string_equal(counted.pue, "1.46");
    assert_string_equal(counted.pue_origin, "default");
    /* The counters begin at zero again: what was counted stays. */
    impacts_count(impacts, kwh_mj, 2, &counted);
    assert_amount(counted.co2e_ug[EXPOSITION_USE], 3 * 1.46 * 0.098 * 1e9);
    (void)impacts_free(impacts);
    settings_done(&settings);
}

static void test_declared_site(void **state)
{
    (void)state;
    struct settings settings = {0};
    char error[SETTINGS_ERROR_MAX];
    struct impacts *impacts = begin(&settings, "DE", "");
    (void)impacts_free(impacts);
    assert_int_equal(settings_set(&settings, "site", "pue", "1.35", error), 0);
    assert_int_equal(settings_set(&settings, "site", "wue", "0.4", error), 0);
    assert_int_equal(impacts_new(&impacts, &settings, NOW_S), 0);
    struct exposition_impacts counted;
    impacts_count(impacts, 0, 0, &counted);
    impacts_count(impacts, kwh_mj, 0, &counted);
    assert_amount(counted.co2e_ug[EXPOSITION_USE], 1.35 * 0.422 * 1e9);
    assert_amount(counted.water_ul[EXPOSITION_USE], (0.4e-3 + 1.35 * 0.0019470) * 1e9);
    assert_string_equal(counted.pue_origin, "declared");
    (void)impacts_free(impacts);
    settings_done(&settings);
}

/* By time alone, and never back. A whole life of four years is the default. */
static void test_hardware(void **state)
{
    (void)state;
    struct settings settings = {0};
    char error[SETTINGS_ERROR_MAX];
    struct impacts *impacts = begin(&settings, "", "");
    (void)impacts_free(impacts);
    assert_int_equal(settings_set(&settings, "asset", "purchase", "2026-01-01", error), 0);
    assert_int_equal(settings_set(&settings, "asset", "machine", "physical", error), 0);
    assert_int_equal(impacts_new(&impacts, &settings, NOW_S), 0);
    struct exposition_impacts counted;
    impacts_count(impacts, 0, 0, &counted);
    assert_amount(counted.co2e_ug[EXPOSITION_EMBODIED], 0);
    assert_false(counted.co2e_ug[EXPOSITION_USE].known);
    assert_null(counted.factors);
    impacts_count(impacts, 0, DAY_S, &counted);
    uint64_t day_ug = counted.co2e_ug[EXPOSITION_EMBODIED].count;
    /* A server is some hundred kilograms and more, a day one of 1,461. */
    assert_true(day_ug > UINT64_C(20000000) && day_ug < UINT64_C(20000000000));
    impacts_count(impacts, 0, 3 * DAY_S, &counted);
    assert_amount(counted.co2e_ug[EXPOSITION_EMBODIED], 3.0 * (double)day_ug);
    impacts_count(impacts, 0, DAY_S, &counted);
    assert_amount(counted.co2e_ug[EXPOSITION_EMBODIED], 3.0 * (double)day_ug);
    impacts_count(impacts, 0, 9999 * DAY_S, &counted);
    /* 2026-01-01 + 1,461 days less the 330 that were over. */
    assert_amount(counted.co2e_ug[EXPOSITION_EMBODIED], 1131.0 * (double)day_ug);
    (void)impacts_free(impacts);
    /* All of its parts, declared: those of docs/method.md, 12. */
    static const char *const parts[][2] = {
        {"cpu",      "kind=cpu, count=2, size=588"              },
        {"memory",   "kind=ram, count=12, size=32, density=1.79"},
        {"disk",     "kind=ssd, size=400, density=50.6"         },
        {"supplies", "kind=psu, count=2, size=2.99"             },
        {"case",     "kind=rack"                                },
    };
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        assert_int_equal(settings_set(&settings, "parts", parts[i][0], parts[i][1], error), 0);
    assert_int_equal(impacts_new(&impacts, &settings, NOW_S), 0);
    impacts_count(impacts, 0, DAY_S, &counted);
    double whole_kg = 1461 * (double)counted.co2e_ug[EXPOSITION_EMBODIED].count / 1e9;
    assert_true(whole_kg > 967.85 && whole_kg < 967.95);
    (void)impacts_free(impacts);
    /* A date to come is no hardware of 0. */
    assert_int_equal(settings_set(&settings, "asset", "purchase", "2027-01-15", error), 0);
    assert_int_equal(impacts_new(&impacts, &settings, NOW_S), 0);
    impacts_count(impacts, 0, 99 * DAY_S, &counted);
    assert_false(counted.co2e_ug[EXPOSITION_EMBODIED].known);
    (void)impacts_free(impacts);
    settings_done(&settings);
}

/* Nothing is declared, or the factors cannot be read: nothing is counted, and nothing fails. */
static void test_nothing(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct impacts *impacts = begin(&settings, "", "");
    struct exposition_impacts counted;
    for (int turn = 0; turn < 2; turn++) {
        impacts_count(impacts, 0, 0, &counted);
        impacts_count(impacts, kwh_mj, DAY_S, &counted);
        for (size_t i = 0; i < EXPOSITION_PHASES; i++) {
            assert_false(counted.co2e_ug[i].known || counted.primary_energy_mj[i].known);
            assert_false(counted.water_ul[i].known || counted.adp_pg_sb_eq[i].known);
        }
        assert_null(counted.factors);
        impacts = impacts_free(impacts);
        if (turn == 0) {
            char error[SETTINGS_ERROR_MAX];
            assert_int_equal(settings_set(&settings, "site", "country", "FR", error), 0);
            (void)str_copy(settings.factors_folder, sizeof(settings.factors_folder), "/nowhere");
            assert_int_equal(impacts_new(&impacts, &settings, NOW_S), 0);
        }
    }
    settings_done(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_use),
        cmocka_unit_test(test_declared_site),
        cmocka_unit_test(test_hardware),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
