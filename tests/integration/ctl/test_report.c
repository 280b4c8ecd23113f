/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Whose energy it is in a report, by every group and policy. */
#include "unit/unit.h"

#include "report_fixture.h"

static const struct fake_usage mixed[] = {
    METERED(POSTGRES, PACKAGE, 112320),
    METERED(POSTGRES, DRAM, 31001),
    MODELLED(POSTGRES, 21001, 9000),
    CPU(POSTGRES, 5000),
    METERED(PHP, PACKAGE, 82080),
    METERED(PHP, DRAM, 9001),
    CPU(PHP, 3600),
    METERED(BACKUP, PACKAGE, 7201),
    CPU(BACKUP, 200),
    METERED(KERNEL, PACKAGE, 3333),
    METERED(USERS, PACKAGE, 2222),
    METERED(CONTAINER, PACKAGE, 11111),
    METERED(VM, PACKAGE, 21111),
    METERED(OTHER, PACKAGE, 77),
    METERED(IDLE, PACKAGE, 201600),
    METERED(IDLE, DRAM, 52001),
    MODELLED(IDLE, 90000, 30000),
    METERED(UNKNOWN, PACKAGE, 1501),
    METERED(UNSPLIT, CORE, 99999),
    METERED(UNSPLIT, PSYS, 700000),
};

static void test_mixed(void **state)
{
    (void)state;
    fixture_put(mixed, ARRAY_SIZE(mixed));
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &fixture_wide,
                        "tests/golden/report-workload-100.txt");
    fixture_check_table(REPORT_BY_WORKLOAD, 3, &fixture_usual,
                        "tests/golden/report-workload-top.txt");
    fixture_check_table(REPORT_BY_UNIT, 0, &fixture_usual, "tests/golden/report-unit.txt");
    fixture_check_table(REPORT_BY_COMMAND, 0, &fixture_usual, "tests/golden/report-command.txt");
    fixture_check_table(REPORT_BY_USER, 0, &fixture_usual, "tests/golden/report-user.txt");
    fixture_check_table(REPORT_BY_CONTAINER, 0, &fixture_usual,
                        "tests/golden/report-container.txt");
    fixture_check_table(REPORT_BY_VM, 0, &fixture_usual, "tests/golden/report-vm.txt");
    fixture_check_table(REPORT_BY_DOMAIN, 0, &fixture_usual, "tests/golden/report-domain.txt");
    fixture_check_programs(REPORT_BY_WORKLOAD, "tests/golden/report-workload.json",
                           "tests/golden/report-workload.csv");
    fixture_check_programs(REPORT_BY_DOMAIN, "tests/golden/report-domain.json",
                           "tests/golden/report-domain.csv");
}

static void test_places(void **state)
{
    (void)state;
    static const struct style narrow = {.width = 40, .utf8 = true};
    static const struct style ascii = {.width = 60};
    static const struct style colour = {.width = 80, .utf8 = true, .colour = true};
    fixture_put(mixed, ARRAY_SIZE(mixed));
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &narrow, "tests/golden/report-narrow.txt");
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &ascii, "tests/golden/report-ascii.txt");
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &colour, "tests/golden/report-colour.txt");
}

static void test_modelled(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        MODELLED(POSTGRES, 3000, 900),
        MODELLED(IDLE, 7000, 2100),
        MODELLED(UNKNOWN, 10, 3),
    };
    fixture_put(usages, ARRAY_SIZE(usages));
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &fixture_usual, "tests/golden/report-modelled.txt");
}

static void test_measured(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        METERED(POSTGRES, PACKAGE, 30),
        METERED(IDLE, PACKAGE, 70),
    };
    fixture_put(usages, ARRAY_SIZE(usages));
    fake_store.n_events = 0;
    fake_store.period =
        (struct store_period){.since_s = DAY_S, .until_s = DAY_S + 60, .covered_ns = 60 * NS_PER_S};
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &fixture_usual, "tests/golden/report-measured.txt");
}

/* A measured machine: the split is stated for each part, the meters state nothing, so that the
 * total has no band, though adding up those of the rows would give it one. */
static const struct fake_usage split[] = {
    STATED(POSTGRES, PACKAGE, 41000, 2900),
    STATED(POSTGRES, DRAM, 4000, 500),
    STATED(PHP, PACKAGE, 18000, 4700),
    STATED(PHP, DRAM, 1000, 260),
    STATED(BACKUP, PACKAGE, 2000, 1400),
    STATED(USERS, PACKAGE, 900, 80),
    METERED(OTHER, PACKAGE, 30),
    STATED(IDLE, PACKAGE, 64000, 3100),
    STATED(IDLE, DRAM, 21000, 1000),
    STATED(UNKNOWN, PACKAGE, 800, 300),
    METERED(UNSPLIT, PACKAGE, 0),
    METERED(UNSPLIT, DRAM, 0),
};

static const struct report_row *row_of(const struct report *report, const char *command)
{
    for (size_t i = 0; i < report->n_rows; i++)
        if (str_equal(report->rows[i]->command, command))
            return report->rows[i];
    fail_msg("no row of %s", command);
    return NULL;
}

static void test_split(void **state)
{
    (void)state;
    fixture_put(split, ARRAY_SIZE(split));
    fake_store.n_events = 0;
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &fixture_usual, "tests/golden/report-split.txt");
    fixture_check_table(REPORT_BY_DOMAIN, 0, &fixture_usual,
                        "tests/golden/report-split-domain.txt");
    fixture_check_programs(REPORT_BY_WORKLOAD, "tests/golden/report-split.json",
                           "tests/golden/report-split.csv");
    CLEANUP(report_done) struct report report;
    fixture_collect(&report, REPORT_BY_WORKLOAD, 0);
    assert_int_equal(report_row_quality(&report, row_of(&report, "postgres")), QUALITY_HIGH);
    assert_int_equal(report_row_quality(&report, row_of(&report, "php-fpm8.2")), QUALITY_MEDIUM);
    assert_int_equal(report_row_quality(&report, row_of(&report, "pg_dump")), QUALITY_LOW);
    assert_int_equal(report_row_quality(&report, &report.total), QUALITY_NONE);
    assert_int_equal(report.total.sum.unstated_uj, report.total.sum.energy_uj);
    assert_int_equal(report.n_apart, 0);
}

/* A meter that states its own half-width: the total has that, whatever the split is. */
static void test_wholes(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        STATED(POSTGRES, PACKAGE, 600, 400), STATED(IDLE, PACKAGE, 400, 100),
        STATED(UNSPLIT, PACKAGE, 0, 50),     STATED(UNSPLIT, PSYS, 700, 70),
        STATED(PHP, REST, 100, 80),          STATED(IDLE, REST, 100, 20),
    };
    fixture_put(usages, ARRAY_SIZE(usages));
    for (int group = 0; group < REPORT_GROUPS; group++) {
        CLEANUP(report_done) struct report report;
        fixture_collect(&report, (enum report_group)group, 0);
        fixture_check_sums(&report);
        /* 50 J of the meter; an older greend knows no wholes: its parts are as sure as the model.
         */
        assert_int_equal(report.total.sum.uncertainty_uj, 150 * UJ_PER_J);
        assert_int_equal(report.total.sum.unstated_uj, 0);
        assert_int_equal(report.n_apart, 1);
        if (group == REPORT_BY_DAY)
            assert_int_equal(report.rows[0]->sum.uncertainty_uj, 150 * UJ_PER_J);
        if (group == REPORT_BY_DOMAIN)
            assert_int_equal(report.rows[0]->sum.uncertainty_uj, 50 * UJ_PER_J);
    }
}

static void test_quality(void **state)
{
    (void)state;
    static const struct {
        uint64_t half_ppm;
        enum quality measured, modelled;
    } cases[] = {
        {0,          QUALITY_HIGH,   QUALITY_MEDIUM},
        {100000,     QUALITY_HIGH,   QUALITY_MEDIUM},
        {100001,     QUALITY_MEDIUM, QUALITY_MEDIUM},
        {300000,     QUALITY_MEDIUM, QUALITY_MEDIUM},
        {300001,     QUALITY_LOW,    QUALITY_LOW   },
        {UINT64_MAX, QUALITY_LOW,    QUALITY_LOW   },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(quality_of(QUALITY_MEASURED, cases[i].half_ppm), cases[i].measured);
        assert_int_equal(quality_of(QUALITY_MODELLED, cases[i].half_ppm), cases[i].modelled);
    }
    assert_null(quality_name(QUALITY_NONE));
    assert_string_equal(quality_name(QUALITY_MEDIUM), "medium");
}

static void test_proportional(void **state)
{
    (void)state;
    fixture_idle = REPORT_IDLE_PROPORTIONAL;
    fixture_put(split, ARRAY_SIZE(split));
    fake_store.n_events = 0;
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &fixture_usual,
                        "tests/golden/report-proportional.txt");
    fixture_check_programs(REPORT_BY_UNIT, "tests/golden/report-proportional.json",
                           "tests/golden/report-proportional.csv");
    CLEANUP(report_done) struct report report;
    fixture_collect(&report, REPORT_BY_WORKLOAD, 0);
    const struct report_sum *sum = &row_of(&report, "pg_dump")->sum;
    uint64_t share_uj = sum->energy_uj - 2000 * UJ_PER_J;
    /* Of the package's 64,000 J, as 2,000 to all 62,730 J that are not idle. */
    assert_in_range(share_uj, mul_div(64000 * UJ_PER_J, 2000, 62730) - 1,
                    mul_div(64000 * UJ_PER_J, 2000, 62730) + 1);
    assert_int_equal(sum->idle_uj, share_uj);
    /* As unsure as its own part, and as the idle energy that it shares. */
    uint64_t half_uj =
        1400 * UJ_PER_J + mul_div(share_uj, 1400, 2000) + mul_div(3100 * UJ_PER_J, 2000, 62730);
    assert_in_range(sum->uncertainty_uj, half_uj - 2, half_uj + 2);
    fixture_idle = REPORT_IDLE_SEPARATE;
}

/* An hour without any work has nobody to give its idle energy to. */
static void test_nobody_to_share_with(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        STATED(POSTGRES, DRAM, 30, 3),
        STATED(IDLE, PACKAGE, 70, 7),
        STATED(IDLE, DRAM, 10, 1),
    };
    fixture_idle = REPORT_IDLE_PROPORTIONAL;
    fixture_put(usages, ARRAY_SIZE(usages));
    CLEANUP(report_done) struct report report;
    fixture_collect(&report, REPORT_BY_WORKLOAD, 0);
    fixture_check_sums(&report);
    assert_int_equal(row_of(&report, "postgres")->sum.energy_uj, 40 * UJ_PER_J);
    assert_int_equal(report.n_rows, 2);
    assert_int_equal(report.rows[1]->type, REPORT_ROW_IDLE);
    assert_int_equal(report.rows[1]->sum.energy_uj, 70 * UJ_PER_J);
    fixture_idle = REPORT_IDLE_SEPARATE;
}

int main(void)
{
    if (!fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_modelled),
        cmocka_unit_test(test_measured),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_wholes),
        cmocka_unit_test(test_quality),
        cmocka_unit_test(test_proportional),
        cmocka_unit_test(test_nobody_to_share_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
