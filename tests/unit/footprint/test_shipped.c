/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "shipped.h"

/* The values that are installed, copied a second time from where they were published: a slip of the
 * pen in a file is a wrong number in every report. */

static const double absent = -1;

static void assert_value(const struct factor_table *table, enum factor_id id,
                         enum criterion criterion, const char *geography, double value)
{
    const struct factor *f =
        factor_find(table, id, criterion, geography_find(geography, strlen(geography)));
    if ((f ? f->value.value : absent) != value)
        print_error("%s %s %s: %.9g, expected %.9g\n", factor_name(id),
                    criterion_info(criterion)->id, geography, f ? f->value.value : absent, value);
    assert_true((f ? f->value.value : absent) == value);
}

static size_t rows_of(const char *name)
{
    struct factor_table *table = factor_table_new();
    shipped_add(table, name);
    size_t rows = factor_table_set(table, 0)->rows;
    (void)factor_table_free(table);
    return rows;
}

static void test_boavizta(void **state)
{
    (void)state;
    static const struct {
        const char *country;
        double gwp;
        double adpe;
        double pe;
        double water;
    } rows[] = {
        {"FRA", 0.098, 4.85798e-8, 11.289, 0.0036737},
        {"EEE", 0.380, 6.42317e-8, 12.873, -1       },
        {"DEU", 0.422, 8.78733e-8, 16.260, 0.0019470},
        {"BEL", 0.230, 3.37201e-8, 10.776, 0.0026198},
        {"ESP", 0.279, 5.18326e-8, 12.090, 0.0062088},
        {"ITA", 0.356, 5.439e-8,   12.656, 0.0048374},
        {"NLD", 0.450, 3.29318e-8, 8.511,  0.0034330},
        {"POL", 0.805, 1.01946e-7, 13.178, 0.0025135},
        {"SWE", 0.040, 7.77062e-8, 11.026, 0.0060315},
    };
    struct factor_table *table = shipped_table("boavizta.csv");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *country = rows[i].country;
        assert_value(table, FACTOR_ELECTRICITY, CRITERION_GWP, country, rows[i].gwp);
        assert_value(table, FACTOR_ELECTRICITY, CRITERION_ADPE, country, rows[i].adpe);
        assert_value(table, FACTOR_ELECTRICITY, CRITERION_PE, country, rows[i].pe);
        assert_value(table, FACTOR_ELECTRICITY, CRITERION_WATER, country, rows[i].water);
    }
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_AP, "FRA", 2.09809e-4);
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_PM, "FRA", 4.15844e-9);
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_IR, "FRA", 3.23443);
    assert_int_equal(rows_of("boavizta.csv"), 4 * ARRAY_SIZE(rows) - 1 + 3);
    (void)factor_table_free(table);
}

static void test_other_electricity(void **state)
{
    (void)state;
    struct factor_table *table = shipped_table("numecoeval.csv");
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_GWP, "FRA", 0.0813225);
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_ADPE, "FRA", 4.85798e-8);
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_AP, "FRA", 2.09809e-4);
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_PM, "FRA", 4.15844e-9);
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_IR, "FRA", 3.23443);
    assert_int_equal(rows_of("numecoeval.csv"), 5);
    (void)factor_table_free(table);
    table = shipped_table("ademe.csv");
    assert_value(table, FACTOR_ELECTRICITY, CRITERION_GWP, "FRA", 0.0520);
    assert_int_equal(rows_of("ademe.csv"), 1);
    (void)factor_table_free(table);
}

static void test_hardware(void **state)
{
    (void)state;
    static const struct {
        enum factor_id id;
        double gwp;
        double adpe;
        double pe;
    } rows[] = {
        {FACTOR_CPU_DIE,       0.0197, 5.87e-9, 0.265},
        {FACTOR_CPU,           9.14,   0.0204,  156  },
        {FACTOR_RAM_DIE,       2.20,   6.3e-5,  27.3 },
        {FACTOR_RAM,           5.22,   1.69e-3, 74   },
        {FACTOR_SSD_DIE,       2.20,   6.3e-5,  27.3 },
        {FACTOR_SSD,           6.34,   5.63e-4, 73.98},
        {FACTOR_HDD,           31.11,  2.5e-4,  276  },
        {FACTOR_MOTHERBOARD,   66.1,   3.69e-3, 836  },
        {FACTOR_PSU,           24.3,   8.3e-3,  352  },
        {FACTOR_CASE_RACK,     150,    0.0202,  2200 },
        {FACTOR_CASE_BLADE,    30.9,   6.72e-4, 435  },
        {FACTOR_CHASSIS_BLADE, 880,    0.432,   12700},
        {FACTOR_ASSEMBLY,      6.68,   1.41e-6, 68.6 },
        {FACTOR_SERVER,        3660,   0.0378,  -1   },
    };
    struct factor_table *table = shipped_table("ademe.csv");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_value(table, rows[i].id, CRITERION_GWP, "WOR", rows[i].gwp);
        assert_value(table, rows[i].id, CRITERION_ADPE, "WOR", rows[i].adpe);
        assert_value(table, rows[i].id, CRITERION_PE, "WOR", rows[i].pe);
    }
    assert_int_equal(rows_of("hardware.csv"), 3 * ARRAY_SIZE(rows) - 1);
    (void)factor_table_free(table);
}

static void test_defaults(void **state)
{
    (void)state;
    static const struct {
        enum factor_id id;
        const char *geography;
        double value;
        double min; /* -1: nobody published a band */
        double max;
    } rows[] = {
        {FACTOR_PUE,           "FRA", 1.46,  -1,    -1   },
        {FACTOR_RAM_DENSITY,   "WOR", 1.244, 0.625, 2.375},
        {FACTOR_SSD_DENSITY,   "WOR", 54.9,  16.4,  128  },
        {FACTOR_PSU_MASS,      "WOR", 2.99,  -1,    -1   },
        {FACTOR_BLADE_SLOTS,   "WOR", 16,    -1,    -1   },
        {FACTOR_LIFE,          "WOR", 4,     -1,    -1   },
        {FACTOR_SHARE_RAM,     "WOR", 0.85,  -1,    -1   },
        {FACTOR_SHARE_CPU,     "WOR", 0.02,  -1,    -1   },
        {FACTOR_SHARE_STORAGE, "WOR", 0.13,  -1,    -1   },
    };
    struct factor_table *table = shipped_table("ademe.csv");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_value(table, rows[i].id, CRITERION_PARAMETER, rows[i].geography, rows[i].value);
        struct figure value =
            factor_value(factor_find(table, rows[i].id, CRITERION_PARAMETER,
                                     geography_find(rows[i].geography, strlen(rows[i].geography))));
        assert_int_equal(value.banded, rows[i].min != absent);
        assert_true(value.min == (value.banded ? rows[i].min : value.value));
        assert_true(value.max == (value.banded ? rows[i].max : value.value));
    }
    assert_int_equal(rows_of("defaults.csv"), ARRAY_SIZE(rows));
    (void)factor_table_free(table);
}

/* Every number that is installed says where it is from. */
static void test_every_row_is_cited(void **state)
{
    (void)state;
    struct factor_table *table = factor_table_new();
    size_t cursor = 0;
    for (size_t i = 0; i < ARRAY_SIZE(shipped_files); i++)
        shipped_add(table, shipped_files[i].name);
    for (const struct factor *f; (f = factor_next(table, &cursor));) {
        assert_true(strlen(f->source) >= 20);
        assert_true(strlen(f->licence) > 0 && strlen(f->method) > 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE(shipped_files); i++) {
        const struct factor_set *set = factor_table_set(table, i);
        assert_true(str_starts(set->file, set->name)); /* boavizta.csv is the set boavizta */
    }
    (void)factor_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boavizta),           cmocka_unit_test(test_other_electricity),
        cmocka_unit_test(test_hardware),           cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_row_is_cited),
    };
    return cmocka_run_group_tests_name("shipped", tests, NULL, NULL);
}
