/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Idle energy as theirs who reserved memory and CPUs. */

#include "unit/unit.h"

#include <locale.h>
#include <time.h>

#include "fake_store.h"
#include "golden.h"
#include "greend/units.h"
#include "input/configuration.h"
#include "render/render.h"

/* 2026-11-23 00:00 UTC */
#define DAY_S INT64_C(1795392000)

enum { PACKAGE, DRAM, REST, PLATFORM, GPU, UNKNOWN_KIND };
static const struct ring_domain_entry domains[] = {
    [PACKAGE] = {.name = "package-0", .kind = DOMAIN_PACKAGE,  .source = SOURCE_RAPL,  .used = 1},
    [DRAM] = {.name = "dram-0",    .kind = DOMAIN_DRAM,     .source = SOURCE_RAPL,  .used = 1},
    [REST] = {.name = "rest",      .kind = DOMAIN_REST,     .source = SOURCE_MODEL, .used = 1},
    [PLATFORM] = {.name = "platform",  .kind = DOMAIN_PLATFORM, .source = SOURCE_ACPI,  .used = 1},
    [GPU] = {.name = "gpu-0",     .kind = DOMAIN_GPU,      .source = SOURCE_GPU,   .used = 1},
    [UNKNOWN_KIND] = {.name = "new",       .kind = 4712,            .source = SOURCE_RAPL,  .used = 1},
};

enum { POSTGRES, WHOLE_POSTGRES, WHOLE_SLEEPY, WHOLE_USERS, VM, IDLE, NOBODY };
static const struct workload workloads[] = {
    [POSTGRES] = {1, WORKLOAD_SERVICE,      "postgresql@15-main.service", "postgres", "postgres", 0},
    [WHOLE_POSTGRES] = {1, WORKLOAD_SERVICE,      "postgresql@15-main.service", "",         "",         0},
    [WHOLE_SLEEPY] = {1, WORKLOAD_SERVICE,      "sleepy.service",             "",         "",         0},
    [WHOLE_USERS] = {1, WORKLOAD_USER,         "users",                      "",         "users",    0},
    [VM] = {1, WORKLOAD_VM,           "vm:payroll",                 "",         "",         0},
    [IDLE] = {1, WORKLOAD_IDLE,         "",                           "",         "",         0},
    [NOBODY] = {1, WORKLOAD_UNATTRIBUTED, "",                           "",         "",         0},
};

#define DAY       DAY_S, 86400
#define J(joules) ((joules)*UJ_PER_J)

static const struct fake_usage day[] = {
    {DAY, POSTGRES, PACKAGE, J(40000), J(2000),    0              },
    {DAY, POSTGRES, DRAM,    J(5000),  J(600),     0              },
    {DAY, POSTGRES, -1,      0,        UINT64_MAX, 3600 * NS_PER_S},
    {DAY, IDLE,     PACKAGE, J(80000), J(4000),    0              },
    {DAY, IDLE,     DRAM,    J(30000), J(1500),    0              },
    {DAY, IDLE,     REST,    J(20001), J(8000),    0              },
    {DAY, NOBODY,   PACKAGE, J(1000),  J(300),     0              },
};

/* Postgres holds 3/4 of the memory and has half of the CPU weight; the sleepy service holds memory
 * and used no CPU time at all. */
static const struct fake_reserved reserved[] = {
    {DAY, WHOLE_POSTGRES, 6000, 500},
    {DAY, WHOLE_SLEEPY,   1000, 250},
    {DAY, WHOLE_USERS,    1000, 250},
};

static void put(const struct fake_usage *usages, size_t n_usages)
{
    fake_store = (struct fake_store){
        .info = {.timezone = "UTC",              .first_s = DAY_S, .last_s = DAY_S + 86400},
        .period = { .since_s = DAY_S,
                 .until_s = DAY_S + 86400,
                 .covered_ns = 86400 * NS_PER_S,
                 .memory_ns = 86400 * NS_PER_S,
                 .weight_ns = 86400 * NS_PER_S},
        .workloads = workloads,
        .domains = domains,
        .usages = usages,
        .n_usages = n_usages,
        .reserved = reserved,
        .n_reserved = ARRAY_SIZE(reserved),
    };
}

static void collect(struct report *report, enum report_group group)
{
    struct store_reader *reader = NULL;
    *report = (struct report){.group = group,
                              .idle = REPORT_IDLE_RESERVED,
                              .top = REPORT_ROWS_MAX,
                              .info = fake_store.info,
                              .since_s = DAY_S,
                              .until_s = DAY_S + 86400};
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(report_collect(report, reader), 0);
    uint64_t sum_uj = 0, shares = 0;
    for (size_t i = 0; i < report->n_rows; i++) {
        sum_uj += report->rows[i]->sum.energy_uj;
        shares += report->rows[i]->share_ppm;
    }
    assert_int_equal(sum_uj, report->total.sum.energy_uj);
    assert_int_equal(shares, PPM);
}

static const struct report_row *find(const struct report *report, const char *unit,
                                     const char *command)
{
    for (size_t i = 0; i < report->n_rows; i++)
        if (str_equal(report->rows[i]->unit, unit) && str_equal(report->rows[i]->command, command))
            return report->rows[i];
    return NULL;
}

static void expect(const struct report *report, const char *unit, uint64_t energy_uj)
{
    const struct report_row *row = find(report, unit, "");
    if (!row)
        fail_msg("no row of %s", unit);
    assert_int_equal(row->sum.energy_uj, energy_uj);
    assert_int_equal(row->sum.idle_uj, energy_uj);
    assert_int_equal(row->sum.unowned_uj, 0);
}

static const struct report_row *idle_row(const struct report *report)
{
    for (size_t i = 0; i < report->n_rows; i++)
        if (report->rows[i]->type == REPORT_ROW_IDLE)
            return report->rows[i];
    return NULL;
}

static const struct style usual = {.width = 80, .utf8 = true};

static void check_golden(enum report_group group, const char *table, const char *json,
                         const char *csv)
{
    CLEANUP(report_done) struct report report;
    CLEANUP(text_done) struct text text = {0};
    collect(&report, group);
    render_report_table(&report, NULL, &usual, &text);
    assert_int_equal(text.error, 0);
    golden_check(table, &text);
    text_clear(&text);
    if (json) {
        render_report_json(&report, NULL, &text);
        assert_int_equal(text.error, 0);
        golden_check(json, &text);
        text_clear(&text);
        render_report_csv(&report, NULL, &text);
        assert_int_equal(text.error, 0);
        golden_check(csv, &text);
    }
}

/* Packages by weight, memory by memory, the rest half by each; all of it, to the microjoule. */
static void test_who_owns_what(void **state)
{
    (void)state;
    put(day, ARRAY_SIZE(day));
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_WORKLOAD);
    uint64_t rest_uj = J(20001);
    /* 6 of 8 of the memory, 1 of 2 of the weight. */
    uint64_t half_uj = rest_uj / 2;
    expect(&report, "postgresql@15-main.service",
           J(40000) + J(22500) + half_uj * 6 / 8 + (rest_uj - half_uj) / 2);
    assert_null(idle_row(&report));
    assert_int_equal(report.total.sum.unowned_uj, 0);
    assert_int_equal(report.total.sum.idle_uj, J(130001));
    const struct report_row *row = find(&report, "postgresql@15-main.service", "postgres");
    assert_int_equal(row->sum.energy_uj, J(45000)); /* its work is its own */
    assert_int_equal(row->sum.idle_uj, 0);
    row = find(&report, "sleepy.service", "");
    assert_int_equal(row->sum.cpu_ns, 0);
    assert_in_range(row->sum.energy_uj, J(20000) + J(3750) + rest_uj * 3 / 16 - 3,
                    J(20000) + J(3750) + rest_uj * 3 / 16 + 3);
    /* As unsure as the idle energy that it shares. */
    assert_in_range(row->sum.uncertainty_uj, J(1000) + mul_div(J(1500), 1, 8) + J(1500) - 3,
                    J(1000) + mul_div(J(1500), 1, 8) + J(1500) + 3);
    check_golden(REPORT_BY_WORKLOAD, "tests/golden/report-reserved.txt", NULL, NULL);
    check_golden(REPORT_BY_UNIT, "tests/golden/report-reserved-unit.txt",
                 "tests/golden/report-reserved.json", "tests/golden/report-reserved.csv");
    check_golden(REPORT_BY_USER, "tests/golden/report-reserved-user.txt", NULL, NULL);
    check_golden(REPORT_BY_DOMAIN, "tests/golden/report-reserved-domain.txt", NULL, NULL);
}

/* What is not known for a part of the time has no owner in that part. */
static void test_known_in_part(void **state)
{
    (void)state;
    put(day, ARRAY_SIZE(day));
    fake_store.period.memory_ns = 43200 * NS_PER_S;
    fake_store.period.weight_ns = 0;
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_WORKLOAD);
    uint64_t half_uj = J(20001) / 2, quarter_uj = half_uj / 2;
    const struct report_row *idle = idle_row(&report);
    assert_non_null(idle);
    uint64_t given_uj = J(15000) + quarter_uj;
    assert_int_equal(idle->sum.energy_uj, J(130001) - given_uj);
    assert_int_equal(idle->sum.unowned_uj, idle->sum.energy_uj);
    assert_int_equal(report.total.sum.unowned_uj, idle->sum.energy_uj);
    assert_in_range(find(&report, "sleepy.service", "")->sum.energy_uj, given_uj / 8 - 1,
                    given_uj / 8 + 1);
    check_golden(REPORT_BY_UNIT, "tests/golden/report-reserved-part.txt", NULL, NULL);

    /* Minutes at the edges are not told yet: that is no lack. */
    fake_store.period.memory_ns = fake_store.period.weight_ns = 86280 * NS_PER_S;
    CLEANUP(report_done) struct report edges;
    collect(&edges, REPORT_BY_WORKLOAD);
    assert_int_equal(edges.total.sum.unowned_uj, 0);
    fake_store.period.memory_ns = fake_store.period.weight_ns = 86279 * NS_PER_S;
    CLEANUP(report_done) struct report more;
    collect(&more, REPORT_BY_WORKLOAD);
    assert_true(more.total.sum.unowned_uj > 0);
    fake_store.period.covered_ns = 100 * NS_PER_S;
    fake_store.period.memory_ns = fake_store.period.weight_ns = 0;
    CLEANUP(report_done) struct report never;
    collect(&never, REPORT_BY_WORKLOAD);
    assert_int_equal(never.total.sum.unowned_uj, never.total.sum.idle_uj);
}

/* A history of before, or a machine without control groups: all of it stays idle, and is said. */
static void test_nothing_known(void **state)
{
    (void)state;
    put(day, ARRAY_SIZE(day));
    fake_store.n_reserved = 0;
    fake_store.period.memory_ns = fake_store.period.weight_ns = 0;
    CLEANUP(report_done) struct report report;
    CLEANUP(text_done) struct text text = {0};
    collect(&report, REPORT_BY_WORKLOAD);
    assert_int_equal(idle_row(&report)->sum.energy_uj, J(130001));
    assert_int_equal(report.n_rows, 3);
    static const struct style wide = {.width = 400, .utf8 = true};
    render_report_table(&report, NULL, &wide, &text);
    assert_non_null(strstr(text.data, "Stays idle, for it is not known"));
    assert_non_null(strstr(text.data, "Memory is known for none of this period. CPU weight is"));
    /* Known for the whole time, but nobody was there. */
    fake_store.period.memory_ns = fake_store.period.weight_ns = 86400 * NS_PER_S;
    CLEANUP(report_done) struct report nobody;
    collect(&nobody, REPORT_BY_WORKLOAD);
    assert_int_equal(nobody.total.sum.unowned_uj, J(130001));
}

/* The whole machine goes by both; what nobody can reserve, and what this program does not know,
 * stays idle. */
static void test_other_domains(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        {DAY, IDLE, PLATFORM,     J(1000), UINT64_MAX, 0},
        {DAY, IDLE, GPU,          J(500),  UINT64_MAX, 0},
        {DAY, IDLE, UNKNOWN_KIND, J(70),   UINT64_MAX, 0},
    };
    put(usages, ARRAY_SIZE(usages));
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_WORKLOAD);
    expect(&report, "postgresql@15-main.service", J(500) * 6 / 8 + J(500) / 2);
    expect(&report, "users", J(500) / 8 + J(500) / 4);
    assert_int_equal(idle_row(&report)->sum.energy_uj, J(570));
    assert_int_equal(find(&report, "users", "")->sum.unstated_uj, J(500) / 8 + J(500) / 4);
}

/* Who reserved nothing that counts here has no row, nor have pseudo workloads a share. */
static void test_rows(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        {DAY, IDLE, DRAM, J(80), UINT64_MAX, 0}
    };
    static const struct fake_reserved holders[] = {
        {DAY, VM,             0,   900},
        {DAY, WHOLE_POSTGRES, 100, 0  },
        {DAY, IDLE,           500, 500},
        {DAY, NOBODY,         500, 500},
    };
    put(usages, ARRAY_SIZE(usages));
    fake_store.reserved = holders;
    fake_store.n_reserved = ARRAY_SIZE(holders);
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_WORKLOAD);
    assert_int_equal(report.n_rows, 1);
    expect(&report, "postgresql@15-main.service", J(80));
    /* By virtual machine: what is in none is outside. */
    CLEANUP(report_done) struct report vms;
    collect(&vms, REPORT_BY_VM);
    assert_int_equal(vms.n_rows, 1);
    assert_int_equal(vms.rows[0]->type, REPORT_ROW_OUTSIDE);
    /* Without the policy there is no trace of it. */
    struct report separate = {.top = 100, .since_s = DAY_S, .until_s = DAY_S + 86400};
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(report_collect(&separate, reader), 0);
    assert_int_equal(separate.n_rows, 1);
    assert_int_equal(separate.rows[0]->type, REPORT_ROW_IDLE);
    report_done(&separate);
}

/* Amounts that no sum can hold, from a file that anyone may have written. */
static void test_hostile(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        {DAY, IDLE, PLATFORM, UINT64_MAX - 7, UINT64_MAX - 1, 0},
    };
    static const struct fake_reserved holders[] = {
        {DAY, VM,             UINT64_MAX, UINT64_MAX    },
        {DAY, WHOLE_POSTGRES, UINT64_MAX, UINT64_MAX - 1},
        {DAY, WHOLE_SLEEPY,   UINT64_MAX, 1             },
    };
    put(usages, ARRAY_SIZE(usages));
    fake_store.reserved = holders;
    fake_store.n_reserved = ARRAY_SIZE(holders);
    fake_store.period.memory_ns = fake_store.period.weight_ns = UINT64_MAX;
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_WORKLOAD);
    assert_int_equal(report.total.sum.energy_uj, UINT64_MAX - 7);
    uint64_t third_uj = (UINT64_MAX - 7) / 6,
             vm_uj = find(&report, "vm:payroll", "")->sum.energy_uj;
    assert_in_range(vm_uj, third_uj + (UINT64_MAX - 7) / 4 - 10,
                    third_uj + (UINT64_MAX - 7) / 4 + 10);
    assert_int_equal(report.total.sum.unowned_uj, 0);
}

/* Each hour by what was reserved in it. */
static void test_hours(void **state)
{
    (void)state;
    enum { HOURS = 3 };
    static const struct fake_usage usages[] = {
        {DAY_S,        3600, IDLE, DRAM, J(80), J(8), 0},
        {DAY_S + 3600, 3600, IDLE, DRAM, J(70), J(7), 0},
        {DAY_S + 7200, 3600, IDLE, DRAM, J(60), J(6), 0},
    };
    static const struct fake_reserved holders[] = {
        {DAY_S,        3600, WHOLE_POSTGRES, 100, 0},
        {DAY_S + 7200, 3600, WHOLE_USERS,    50,  0},
    };
    static const struct fake_span spans[] = {
        {DAY_S,        3600, 3600 * NS_PER_S, 0},
        {DAY_S + 3600, 3600, 3600 * NS_PER_S, 0},
        {DAY_S + 7200, 3600, 3600 * NS_PER_S, 0},
    };
    put(usages, ARRAY_SIZE(usages));
    fake_store.reserved = holders;
    fake_store.n_reserved = ARRAY_SIZE(holders);
    fake_store.spans = spans;
    fake_store.n_spans = ARRAY_SIZE(spans);
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_HOUR);
    assert_int_equal(report.n_rows, HOURS);
    static const uint64_t unowned_j[] = {0, 70, 0};
    for (size_t i = 0; i < HOURS; i++)
        assert_int_equal(report.rows[i]->sum.unowned_uj, J(unowned_j[i]));
    assert_int_equal(report.total.sum.unowned_uj, J(70));
    assert_int_equal(report.total.sum.idle_uj, J(210));
    CLEANUP(report_done) struct report whole;
    collect(&whole, REPORT_BY_WORKLOAD);
    assert_int_equal(whole.total.sum.unowned_uj, 0);
    expect(&whole, "users", J(70));
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    if (setenv("TZ", "UTC", 1) < 0)
        return 1;
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_owns_what), cmocka_unit_test(test_known_in_part),
        cmocka_unit_test(test_other_domains), cmocka_unit_test(test_rows),
        cmocka_unit_test(test_hostile),       cmocka_unit_test(test_hours),
    };
    const struct CMUnitTest english[] = {cmocka_unit_test(test_nothing_known)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return golden_is_english() ? failed + cmocka_run_group_tests(english, NULL, NULL) : failed;
}
