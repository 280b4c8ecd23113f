/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "greend/footprint.h"
#include "greend/units.h"
#include "random.h"
#include "shipped.h"

static const uint64_t kwh = UJ_PER_KWH;

static struct site site_in(const char *country)
{
    struct site site;
    char error[FOOTPRINT_ERROR_MAX];
    site_undeclared(&site);
    assert_int_equal(site_set(&site, "country", country, error), 0);
    return site;
}

static void assert_near(struct figure figure, double value)
{
    assert_true(figure.known);
    if (fabs(figure.value - value) > fabs(value) * 1e-12)
        print_error("%.17g, expected %.17g\n", figure.value, value);
    assert_true(fabs(figure.value - value) <= fabs(value) * 1e-12);
}

/* 1,000 kWh in France with PUE 1.35 and WUE 0.4, by hand. */
static void test_by_hand(void **state)
{
    (void)state;
    struct factor_table *table = shipped_table("boavizta.csv");
    struct site site = site_in("FR");
    struct use_impacts use;
    site.pue = figure_exact(1.35);
    site.wue = figure_exact(0.4);
    use_impacts(table, &site, 1000 * kwh, UINT64_MAX, &use);
    assert_near(use.energy_kwh, 1000);
    assert_near(use.facility_kwh, 1350);
    assert_null(use.pue_by);
    assert_near(use.impacts[CRITERION_GWP], 132.3);        /* 1350 x 0.098 */
    assert_near(use.impacts[CRITERION_ADPE], 6.558273e-5); /* 1350 x 4.85798e-8 */
    assert_near(use.impacts[CRITERION_AP], 0.28324215);    /* 1350 x 2.09809e-4 */
    assert_near(use.impacts[CRITERION_PM], 5.613894e-6);   /* 1350 x 4.15844e-9 */
    assert_near(use.impacts[CRITERION_IR], 4366.4805);     /* 1350 x 3.23443 */
    assert_near(use.impacts[CRITERION_PE], 15240.15);      /* 1350 x 11.289 */
    assert_near(use.water_upstream, 4.959495);             /* 1350 x 0.0036737 */
    assert_near(use.water_on_site, 0.4);                   /* 1000 x 0.4 L */
    assert_near(use.impacts[CRITERION_WATER], 5.359495);
    assert_int_equal(use.factors[CRITERION_GWP]->year, 2019);
    assert_string_equal(use.factors[CRITERION_GWP]->set->name, "boavizta");
    for (int c = 0; c < CRITERIA; c++) /* nobody published a band */
        assert_int_equal(figure_band(&use.impacts[c]), BAND_NONE);
    (void)factor_table_free(table);
}

/* The French choices differ by a factor of 1.9. */
static void test_sets(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        double gwp;
        bool others;
    } sets[] = {
        {"numecoeval.csv", 118.73085, true }, /* 1000 x 1.46 x 0.0813225 */
        {"boavizta.csv",   143.08,    true }, /* 1000 x 1.46 x 0.098 */
        {"ademe.csv",      75.92,     false}, /* 1000 x 1.46 x 0.052 */
    };
    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        struct factor_table *table = shipped_table(sets[i].set);
        struct site site = site_in("FRA");
        struct use_impacts use;
        use_impacts(table, &site, 1000 * kwh, UINT64_MAX, &use);
        assert_near(use.impacts[CRITERION_GWP], sets[i].gwp);
        assert_int_equal(use.impacts[CRITERION_IR].known, sets[i].others);
        assert_int_equal(use.impacts[CRITERION_PE].known, str_equal(sets[i].set, "boavizta.csv"));
        assert_false(use.impacts[CRITERION_WATER].known);
        (void)factor_table_free(table);
    }
}

/* A default is told; one of another country is none; a declaration wins. */
static void test_pue(void **state)
{
    (void)state;
    struct factor_table *table = shipped_table("boavizta.csv");
    struct use_impacts use;
    struct site site = site_in("FRA");
    use_impacts(table, &site, kwh, UINT64_MAX, &use);
    assert_near(use.pue, 1.46);
    assert_non_null(use.pue_by);
    assert_int_equal(use.pue_by->year, 2023);
    assert_non_null(strstr(use.pue_by->source, "Arcep"));
    site = site_in("DEU");
    use_impacts(table, &site, kwh, UINT64_MAX, &use);
    assert_false(use.pue.known || use.facility_kwh.known || use.impacts[CRITERION_GWP].known);
    assert_non_null(use.factors[CRITERION_GWP]);
    site.pue = figure_exact(1.2);
    use_impacts(table, &site, kwh, UINT64_MAX, &use);
    assert_near(use.impacts[CRITERION_GWP], 0.5064); /* 1.2 x 0.422 */
    assert_null(use.pue_by);
    (void)factor_table_free(table);
}

static void test_what_nobody_published(void **state)
{
    (void)state;
    struct factor_table *table = shipped_table("boavizta.csv");
    struct use_impacts use;
    struct site site = site_in("EEE");
    site.pue = figure_exact(1.5);
    site.wue = figure_exact(1);
    use_impacts(table, &site, 10 * kwh, 0, &use);
    assert_near(use.impacts[CRITERION_GWP], 5.7);
    assert_false(use.water_upstream.known || use.impacts[CRITERION_WATER].known);
    assert_null(use.factors[CRITERION_WATER]);
    assert_near(use.water_on_site, 0.01);
    assert_false(use.impacts[CRITERION_IR].known);
    site = site_in("JPN");
    site.pue = figure_exact(1.5);
    use_impacts(table, &site, 10 * kwh, 0, &use);
    assert_near(use.facility_kwh, 15);
    for (int c = 0; c < CRITERIA; c++)
        assert_false(use.impacts[c].known);
    site_undeclared(&site);
    use_impacts(table, &site, 10 * kwh, 0, &use);
    assert_near(use.energy_kwh, 10);
    assert_false(use.facility_kwh.known);
    (void)factor_table_free(table);
}

static void test_bands(void **state)
{
    (void)state;
    static const char text[] =
        "# set: mine\n# version: 1\nid;criterion;phase;geography;value;unit;min;max;source;year;"
        "licence;method\nelectricity;GWP;use;FRA;0.05;kgCO2e/kWh;0.04;0.08;me;2025;;\n";
    struct factor_errors errors;
    struct factor_table *table = shipped_table("boavizta.csv");
    assert_int_equal(factor_table_add(table, "mine.csv", text, strlen(text), &errors), 0);
    struct site site = site_in("FRA");
    struct use_impacts use;
    site.pue = figure_exact(1.5);
    use_impacts(table, &site, 100 * kwh, 10 * kwh, &use);
    struct figure gwp = use.impacts[CRITERION_GWP];
    assert_near(gwp, 7.5);
    assert_true(fabs(gwp.min - 5.4) < 1e-12);  /* 90 x 1.5 x 0.04 */
    assert_true(fabs(gwp.max - 13.2) < 1e-12); /* 110 x 1.5 x 0.08 */
    assert_int_equal(figure_band(&gwp), BAND_FULL);
    struct figure pe = use.impacts[CRITERION_PE]; /* the energy's alone */
    assert_true(fabs(pe.min - 90 * 1.5 * 11.289) < 1e-9);
    assert_int_equal(figure_band(&pe), BAND_PARTIAL);
    use_impacts(table, &site, 100 * kwh, 200 * kwh, &use); /* more than all */
    assert_true(use.impacts[CRITERION_GWP].min == 0);
    use_impacts(table, &site, UINT64_MAX, UINT64_MAX - 1, &use);
    assert_near(use.energy_kwh, 5124095.576030431);
    assert_true(use.energy_kwh.max == use.energy_kwh.value);
    use_impacts(table, &site, 0, 0, &use);
    assert_true(use.impacts[CRITERION_GWP].known && use.impacts[CRITERION_GWP].value == 0);
    (void)factor_table_free(table);
}

/* The impacts of parts add up to those of the whole, and more energy is never less impact. */
static void test_parts_add_up(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct factor_table *table = shipped_table("boavizta.csv");
    struct site site = site_in("FRA");
    for (int round = 0; round < 500; round++) {
        struct use_impacts whole;
        struct use_impacts part;
        double sums[CRITERIA] = {0};
        uint64_t total = 0;
        size_t n = 1 + random_index(&random, 200);
        site.pue = figure_exact(1.000001 + 4 * random_unit(&random));
        site.wue = figure_exact(random_unit(&random));
        for (size_t i = 0; i < n; i++) {
            uint64_t energy = random_bits(&random, 55);
            total += energy;
            use_impacts(table, &site, energy, UINT64_MAX, &part);
            for (int c = 0; c < CRITERIA; c++)
                sums[c] += part.impacts[c].value;
        }
        use_impacts(table, &site, total, UINT64_MAX, &whole);
        for (int c = 0; c < CRITERIA; c++) {
            double value = whole.impacts[c].value;
            assert_true(fabs(sums[c] - value) <= value * (1e-15 + (double)n * 0x1p-53));
            assert_true(part.impacts[c].value <= value);
        }
    }
    (void)factor_table_free(table);
}

/* The Green Software Foundation's formula, by hand: (300 x 0.098 + 12.6) / 2000. */
static void test_carbon_intensity(void **state)
{
    (void)state;
    struct figure energy = figure_banded(300, 290, 310);
    struct figure mix = figure_unbanded(0.098);
    struct figure sci = carbon_intensity(energy, mix, figure_exact(12.6), 2000);
    assert_near(sci, 0.021);
    assert_true(fabs(sci.min - (290 * 0.098 + 12.6) / 2000) < 1e-15);
    assert_int_equal(figure_band(&sci), BAND_PARTIAL);
    assert_false(carbon_intensity(energy, mix, figure_exact(12.6), 0).known);
    assert_false(carbon_intensity(energy, mix, (struct figure){0}, 5).known);
    assert_false(carbon_intensity(energy, (struct figure){0}, figure_exact(1), 5).known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_pue),
        cmocka_unit_test(test_what_nobody_published),
        cmocka_unit_test(test_bands),
        cmocka_unit_test(test_parts_add_up),
        cmocka_unit_test(test_carbon_intensity),
    };
    return cmocka_run_group_tests_name("use", tests, NULL, NULL);
}
