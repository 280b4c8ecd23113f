/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Rows of a report: of times, of any names, of none and of too many; whatever they are, they add
 * up.
 */
#include "unit/unit.h"

#include "report_fixture.h"

static void test_empty(void **state)
{
    (void)state;
    fixture_put(NULL, 0);
    fake_store.n_events = 0;
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &fixture_usual, "tests/golden/report-empty.txt");
    fixture_check_programs(REPORT_BY_WORKLOAD, "tests/golden/report-empty.json",
                           "tests/golden/report-empty.csv");
}

/* The file may have been written by anyone: none of this may reach a terminal, a JSON reader or a
 * spreadsheet as anything but text. */
static void test_hostile(void **state)
{
    (void)state;
    static struct workload hostile[] = {
        {1, WORKLOAD_SERVICE, "=cmd|' /C calc'!A0",                               "\x1b[2J\x1b]0;x\x07", "+1",    0},
        {1, WORKLOAD_SERVICE, "a\"b,c\nd\r",                                      "@SUM(A1)",            "-1",    0},
        {1, WORKLOAD_SERVICE, "caf\xe9\xff",
         "\xe2\x80\xae"
         "evil",                                                                                         "\ttab", 0},
        {1, WORKLOAD_SERVICE, "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97", "back\\slash",
         "'",                                                                                                     0},
        {1, 4711,             "unknown kind",                                     "",                    "",      0},
        {1, WORKLOAD_SERVICE, "",                                                 "",                    "",      0},
    };
    static struct ring_domain_entry wild = {.name = "\x1b[31m", .source = 99, .used = 1};
    static struct fake_usage usages[7];
    memset(hostile[4].command, 'x', sizeof(hostile[4].command)); /* without an end */
    for (size_t i = 0; i < 6; i++)
        usages[i] = (struct fake_usage){H(0), i, 0, (6 - i) * 1000 * UJ_PER_J, 1, 0};
    usages[6] = (struct fake_usage){H(0), 0, 0, UINT64_MAX, UINT64_MAX - 1, UINT64_MAX};
    fixture_put(usages, 6);
    fake_store.workloads = hostile;
    fake_store.domains = &wild;
    (void)str_copy(fake_store.info.timezone, sizeof(fake_store.info.timezone), "\x1b[5m/x");
    fixture_check_table(REPORT_BY_WORKLOAD, 0, &fixture_usual, "tests/golden/report-hostile.txt");
    fixture_check_programs(REPORT_BY_WORKLOAD, "tests/golden/report-hostile.json",
                           "tests/golden/report-hostile.csv");
    fixture_check_table(REPORT_BY_DOMAIN, 0, &fixture_usual,
                        "tests/golden/report-hostile-domain.txt");
    fake_store.n_usages = 7; /* sums stop at the top; it need not add up, but it must end */
    CLEANUP(report_done) struct report report;
    CLEANUP(text_done) struct text text = {0};
    fixture_collect(&report, REPORT_BY_WORKLOAD, 2);
    render_report_table(&report, NULL, &fixture_usual, &text);
    render_report_json(&report, NULL, &text);
    render_report_csv(&report, NULL, &text);
    assert_int_equal(text.error, 0);
    assert_null(strchr(text.data, '\x1b'));
}

/* Units are keys, escaped by systemd: a program reads them as they are, a person as they were
 * meant, whatever someone has written into them. */
static void test_escaped_units(void **state)
{
    (void)state;
    static const struct workload escaped[] = {
        {1, WORKLOAD_SERVICE, "systemd-cryptsetup@luks\\x2d1.service",              "cryptsetup", "root", 0},
        {1, WORKLOAD_SERVICE, "a\\x1b[2J\\x00\\x9b\\xff\\xc2\\x9b31m\\x0a\\x5cx2d", "evil",       "root",
         0                                                                                                 },
    };
    static const struct fake_usage usages[] = {METERED(0, PACKAGE, 2000),
                                               METERED(1, PACKAGE, 1000)};
    fixture_put(usages, ARRAY_SIZE(usages));
    fake_store.workloads = escaped;
    static const struct style very_wide = {.utf8 = true, .width = 200};
    for (enum report_group group = REPORT_BY_WORKLOAD; group <= REPORT_BY_UNIT; group++) {
        CLEANUP(report_done) struct report report;
        CLEANUP(text_done) struct text table = {0}, json = {0}, csv = {0};
        fixture_collect(&report, group, 0);
        render_report_table(&report, NULL, &very_wide, &table);
        render_report_json(&report, NULL, &json);
        render_report_csv(&report, NULL, &csv);
        assert_non_null(strstr(table.data, "systemd-cryptsetup@luks-1.service "));
        assert_non_null(strstr(table.data, "a\\x1b[2J\\x00\\x9b\\xff\\xc2\\x9b31m\\x0a\\x2d "));
        assert_non_null(strstr(json.data, "luks\\\\x2d1.service"));
        assert_non_null(strstr(csv.data, "luks\\x2d1.service"));
        for (const char *s = table.data; *s; s++)
            assert_true(*s == '\n' || (unsigned char)*s >= 0x20);
        assert_null(strstr(table.data, "\xc2\x9b"));
    }
}

/* The day on which the clocks go back, between two ordinary ones; the last is not over. */
static void test_days(void **state)
{
    (void)state;
    static const int64_t begins[] = {DAY_S - 86400, DAY_S, DAY_S + 90000, DAY_S + INT64_C(608400)};
    static const int64_t lengths[] = {86400, 90000, 86400, 40000};
    struct fake_usage usages[8];
    struct fake_span spans[4];
    for (size_t i = 0; i < 4; i++) {
        usages[2 * i] = (struct fake_usage){
            begins[i], lengths[i], POSTGRES, PACKAGE, (i + 1) * 400000 * UJ_PER_J, UINT64_MAX, 0};
        usages[2 * i + 1] = (struct fake_usage){begins[i],         lengths[i], IDLE, PACKAGE,
                                                900001 * UJ_PER_J, UINT64_MAX, 0};
        spans[i] = (struct fake_span){begins[i], lengths[i],
                                      (uint64_t)lengths[i] * NS_PER_S - i * 3600 * NS_PER_S,
                                      i * 3600 * NS_PER_S};
    }
    fixture_put(usages, ARRAY_SIZE(usages));
    fake_store.spans = spans;
    fake_store.n_spans = ARRAY_SIZE(spans);
    fake_store.period = (struct store_period){.since_s = begins[0],
                                              .until_s = begins[3] + lengths[3],
                                              .covered_ns = UINT64_C(302800) * NS_PER_S};
    fixture_check_table(REPORT_BY_DAY, 0, &fixture_usual, "tests/golden/report-day.txt");
    fixture_check_table(REPORT_BY_DAY, 2, &fixture_usual, "tests/golden/report-day-top.txt");
    fixture_check_table(REPORT_BY_MONTH, 0, &fixture_usual, "tests/golden/report-month.txt");
    fixture_check_programs(REPORT_BY_DAY, "tests/golden/report-day.json",
                           "tests/golden/report-day.csv");
}

/* Both hours that begin at 02:00 are there and told apart. */
static void test_hours(void **state)
{
    (void)state;
    struct fake_usage usages[5];
    struct fake_span spans[5];
    for (size_t i = 0; i < 5; i++) {
        usages[i] = (struct fake_usage){H((int64_t)i), PHP, PACKAGE, (i + 1) * 333 * UJ_PER_J,
                                        UINT64_MAX,    0};
        spans[i] = (struct fake_span){H((int64_t)i), 3600 * NS_PER_S, 0};
    }
    fixture_put(usages, ARRAY_SIZE(usages));
    fake_store.spans = spans;
    fake_store.n_spans = ARRAY_SIZE(spans);
    fixture_check_table(REPORT_BY_HOUR, 0, &fixture_usual, "tests/golden/report-hour.txt");
}

static void test_too_many_rows(void **state)
{
    (void)state;
    CLEANUP(report_done) struct report report = {.group = REPORT_BY_HOUR, .top = 1};
    struct fake_usage *usages = calloc(REPORT_ROWS_MAX + 1, sizeof(*usages));
    assert_non_null(usages);
    for (size_t i = 0; i < REPORT_ROWS_MAX + 1; i++)
        usages[i] = (struct fake_usage){H((int64_t)i), PHP, PACKAGE, 1, UINT64_MAX, 0};
    fixture_put(usages, REPORT_ROWS_MAX + 1);
    report.since_s = DAY_S;
    report.until_s = DAY_S + 1;
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(report_collect(&report, reader), -E2BIG);
    free(usages);
}

/* A policy moves energy between rows and nothing else. */
static void check_same_total(const struct report *a, const struct report *b)
{
    assert_int_equal(a->total.sum.energy_uj, b->total.sum.energy_uj);
    assert_int_equal(a->total.sum.modelled_uj, b->total.sum.modelled_uj);
    assert_int_equal(a->total.sum.idle_uj, b->total.sum.idle_uj);
    assert_int_equal(a->total.sum.cpu_ns, b->total.sum.cpu_ns);
    assert_memory_equal(a->by_source_uj, b->by_source_uj, sizeof(a->by_source_uj));
    for (size_t i = 0; i < b->n_rows; i++)
        assert_true(b->rows[i]->sum.unstated_uj <= b->rows[i]->sum.energy_uj);
}

/* What is recorded in one round: usages of hours, and what was reserved in some of them. */
static void make_round(unsigned *seed, struct fake_usage usages[40],
                       struct fake_reserved reserved[20])
{
    for (size_t i = 0; i < 40; i++) {
        int64_t hour = rand_r(seed) % 30;
        uint64_t energy_uj = (uint64_t)rand_r(seed) << (rand_r(seed) % 24);
        usages[i] = (struct fake_usage){H(hour),
                                        (size_t)rand_r(seed) % WORKLOADS,
                                        rand_r(seed) % 5,
                                        energy_uj,
                                        rand_r(seed) % 2 ? UINT64_MAX : energy_uj / 3,
                                        0};
    }
    for (size_t i = 0; i < 20; i++) {
        size_t workload = (size_t)rand_r(seed) % WORKLOADS;
        uint64_t memory = (uint64_t)rand_r(seed) << (rand_r(seed) % 33);
        reserved[i] = (struct fake_reserved){H(rand_r(seed) % 30), workload, memory,
                                             (uint64_t)rand_r(seed) * (unsigned)(rand_r(seed) % 3)};
    }
    fixture_put(usages, 40);
    fake_store.reserved = reserved;
    fake_store.n_reserved = 20;
    fake_store.period.memory_ns = (uint64_t)rand_r(seed) % 100000 * NS_PER_S;
    fake_store.period.weight_ns = (uint64_t)rand_r(seed) % 100000 * NS_PER_S;
}

/* Whatever is recorded: the parts add up in every group, cut to any top, in each policy. */
static void test_sums(void **state)
{
    (void)state;
    enum { SEED = 20261025 };
    unsigned seed = SEED;
    uint64_t given_uj = 0;
    for (int round = 0; round < 300; round++) {
        struct fake_usage usages[40];
        struct fake_reserved reserved[20];
        make_round(&seed, usages, reserved);
        for (int group = 0; group < REPORT_GROUPS; group++) {
            CLEANUP(report_done) struct report report;
            size_t top = 1 + (size_t)rand_r(&seed) % 12;
            fixture_collect(&report, (enum report_group)group, top);
            fixture_check_sums(&report);
            assert_int_equal(report.total.sum.unowned_uj, report.total.sum.idle_uj);
            for (int idle = REPORT_IDLE_PROPORTIONAL; idle < REPORT_IDLE_POLICIES; idle++) {
                CLEANUP(report_done) struct report shared;
                fixture_idle = (enum report_idle)idle;
                fixture_collect(&shared, (enum report_group)group, top);
                fixture_check_sums(&shared);
                check_same_total(&report, &shared);
                if (idle == REPORT_IDLE_RESERVED)
                    given_uj |= report.total.sum.idle_uj - shared.total.sum.unowned_uj;
            }
            fixture_idle = REPORT_IDLE_SEPARATE;
        }
    }
    assert_true(given_uj > 0);
}

int main(void)
{
    if (!fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),         cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_escaped_units), cmocka_unit_test(test_days),
        cmocka_unit_test(test_hours),         cmocka_unit_test(test_too_many_rows),
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
