/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <time.h>

#include "amount.h"
#include "configuration.h"
#include "fake_store.h"
#include "golden.h"
#include "greend/units.h"
#include "render.h"

/* Sunday 2026-10-25 00:00 in Paris; the day has 25 hours. */
#define DAY_S INT64_C(1792879200)

enum { PACKAGE, DRAM, REST, CORE, PSYS };
static const struct ring_domain_entry domains[] = {
    [PACKAGE] = {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL,  .used = 1},
    [DRAM] = {.name = "dram-0",    .kind = DOMAIN_DRAM,    .source = SOURCE_RAPL,  .used = 1},
    [REST] = {.name = "rest",      .kind = DOMAIN_REST,    .source = SOURCE_MODEL, .used = 1},
    [CORE] = {.name = "core-0",    .kind = DOMAIN_CORE,    .source = SOURCE_RAPL,  .used = 1},
    [PSYS] = {.name = "psys",      .kind = DOMAIN_PSYS,    .source = SOURCE_RAPL,  .used = 1},
};

enum { POSTGRES, PHP, BACKUP, KERNEL, USERS, CONTAINER, VM, OTHER, IDLE, UNKNOWN, UNSPLIT };
static const struct workload workloads[] = {
    [POSTGRES] = {1, WORKLOAD_SERVICE,      "postgresql@15-main.service", "postgres",        "postgres",     0},
    [PHP] = {1, WORKLOAD_SERVICE,      "php8.2-fpm.service",         "php-fpm8.2",      "www-data",     0},
    [BACKUP] = {1, WORKLOAD_SERVICE,      "postgresql@15-main.service", "pg_dump",         "postgres",     0},
    [KERNEL] = {1, WORKLOAD_KERNEL,       "kernel",                     "kworker",         "root",         0},
    [USERS] = {1, WORKLOAD_USER,         "users",                      "make",            "users",        0},
    [CONTAINER] = {1, WORKLOAD_CONTAINER,    "docker:3f2a91c07b11",        "node",            "users",        0},
    [VM] = {1, WORKLOAD_VM,           "vm:payroll",                 "qemu-system-x86", "libvirt-qemu", 0},
    [OTHER] = {1, WORKLOAD_OTHER,        "other",                      "",                "",             0},
    [IDLE] = {1, WORKLOAD_IDLE,         "",                           "",                "",             0},
    [UNKNOWN] = {1, WORKLOAD_UNATTRIBUTED, "",                           "",                "",             0},
    [UNSPLIT] = {1, WORKLOAD_UNSPLIT,      "",                           "",                "",             0},
};

#define H(n) (DAY_S + (n)*INT64_C(3600)), 3600
#define METERED(workload, domain, joules)                                                          \
    {                                                                                              \
        H(0), workload, domain, (joules)*UJ_PER_J, UINT64_MAX, 0                                   \
    }
#define MODELLED(workload, joules, band)                                                           \
    {                                                                                              \
        H(0), workload, REST, (joules)*UJ_PER_J, (band)*UJ_PER_J, 0                                \
    }
#define STATED(workload, domain, joules, band)                                                     \
    {                                                                                              \
        H(0), workload, domain, (joules)*UJ_PER_J, (band)*UJ_PER_J, 0                              \
    }
#define CPU(workload, seconds)                                                                     \
    {                                                                                              \
        H(0), workload, -1, 0, UINT64_MAX, (seconds)*NS_PER_S                                      \
    }

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

static const struct store_event events[] = {
    {DAY_S,       STORE_EVENT_START,  "",          0,             0},
    {DAY_S + 60,  STORE_EVENT_GAP,    "",          43 * NS_PER_S, 0},
    {DAY_S + 600, STORE_EVENT_GAP,    "package-0", 0,             0},
    {DAY_S + 900, STORE_EVENT_REBOOT, "",          0,             0},
};

static void put(const struct fake_usage *usages, size_t count)
{
    fake_store = (struct fake_store){
        .info = {.host_id = {0x3f, 0x2a, 0x91, 0xc0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                 .timezone = "Europe/Paris",
                 .first_s = DAY_S,
                 .last_s = DAY_S + 90000,
                 .committed_s = DAY_S + 90000},
        .period = {.since_s = DAY_S,
                 .until_s = DAY_S + 90000,
                 .covered_ns = (90000 - 43) * NS_PER_S,
                 .gap_ns = 43 * NS_PER_S},
        .workloads = workloads,
        .domains = domains,
        .usages = usages,
        .n_usages = count,
        .events = events,
        .n_events = ARRAY_SIZE(events),
    };
}

static enum report_idle idle_policy; /* of the next reports */

static void collect(struct report *report, enum report_group group, size_t top)
{
    struct store_reader *reader = NULL;
    *report = (struct report){.group = group,
                              .idle = idle_policy,
                              .top = top ? top : REPORT_ROWS_MAX,
                              .info = fake_store.info,
                              .since_s = DAY_S,
                              .until_s = DAY_S + 90000};
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(report_collect(report, reader), 0);
}

/* Every row counts once, in energy, in parts and in shares. */
static void check_sums(const struct report *report)
{
    struct report_sum sum = {0};
    uint64_t shares = 0;
    for (size_t i = 0; i < report->n_rows; i++) {
        sum.energy_uj += report->rows[i]->sum.energy_uj;
        sum.modelled_uj += report->rows[i]->sum.modelled_uj;
        sum.idle_uj += report->rows[i]->sum.idle_uj;
        sum.unowned_uj += report->rows[i]->sum.unowned_uj;
        sum.unattributed_uj += report->rows[i]->sum.unattributed_uj;
        shares += report->rows[i]->share_ppm;
    }
    assert_int_equal(sum.energy_uj, report->total.sum.energy_uj);
    assert_int_equal(sum.modelled_uj, report->total.sum.modelled_uj);
    assert_int_equal(sum.idle_uj, report->total.sum.idle_uj);
    assert_int_equal(sum.unowned_uj, report->total.sum.unowned_uj);
    assert_true(sum.unowned_uj <= sum.idle_uj);
    assert_int_equal(sum.unattributed_uj, report->total.sum.unattributed_uj);
    assert_int_equal(shares, report->total.sum.energy_uj ? PPM : 0);
}

static const struct style wide = {.width = 100, .utf8 = true};
static const struct style usual = {.width = 80, .utf8 = true};

static void check_table(enum report_group group, size_t top, const struct style *style,
                        const char *golden)
{
    CLEANUP(report_done) struct report report;
    CLEANUP(text_done) struct text text = {0};
    collect(&report, group, top);
    check_sums(&report);
    render_report_table(&report, NULL, style, &text);
    assert_int_equal(text.error, 0);
    golden_check(golden, &text);
    for (const char *s = text.data; *s; s += strcspn(s, "\n") + 1) {
        char line[1024];
        (void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(s, "\n"), s);
        if (!style->colour && style_width(line) > style->width)
            fail_msg("wider than %zu: '%s'", style->width, line);
    }
}

static void check_programs(enum report_group group, const char *json, const char *csv)
{
    CLEANUP(report_done) struct report report;
    CLEANUP(text_done) struct text text = {0};
    collect(&report, group, 0);
    check_sums(&report);
    render_report_json(&report, NULL, &text);
    assert_int_equal(text.error, 0);
    golden_check(json, &text);
    text_clear(&text);
    render_report_csv(&report, NULL, &text);
    assert_int_equal(text.error, 0);
    golden_check(csv, &text);
}

static void test_mixed(void **state)
{
    (void)state;
    put(mixed, ARRAY_SIZE(mixed));
    check_table(REPORT_BY_WORKLOAD, 0, &wide, "tests/golden/report-workload-100.txt");
    check_table(REPORT_BY_WORKLOAD, 3, &usual, "tests/golden/report-workload-top.txt");
    check_table(REPORT_BY_UNIT, 0, &usual, "tests/golden/report-unit.txt");
    check_table(REPORT_BY_COMMAND, 0, &usual, "tests/golden/report-command.txt");
    check_table(REPORT_BY_USER, 0, &usual, "tests/golden/report-user.txt");
    check_table(REPORT_BY_CONTAINER, 0, &usual, "tests/golden/report-container.txt");
    check_table(REPORT_BY_VM, 0, &usual, "tests/golden/report-vm.txt");
    check_table(REPORT_BY_DOMAIN, 0, &usual, "tests/golden/report-domain.txt");
    check_programs(REPORT_BY_WORKLOAD, "tests/golden/report-workload.json",
                   "tests/golden/report-workload.csv");
    check_programs(REPORT_BY_DOMAIN, "tests/golden/report-domain.json",
                   "tests/golden/report-domain.csv");
}

static void test_places(void **state)
{
    (void)state;
    static const struct style narrow = {.width = 40, .utf8 = true};
    static const struct style ascii = {.width = 60};
    static const struct style colour = {.width = 80, .utf8 = true, .colour = true};
    put(mixed, ARRAY_SIZE(mixed));
    check_table(REPORT_BY_WORKLOAD, 0, &narrow, "tests/golden/report-narrow.txt");
    check_table(REPORT_BY_WORKLOAD, 0, &ascii, "tests/golden/report-ascii.txt");
    check_table(REPORT_BY_WORKLOAD, 0, &colour, "tests/golden/report-colour.txt");
}

static void test_modelled(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        MODELLED(POSTGRES, 3000, 900),
        MODELLED(IDLE, 7000, 2100),
        MODELLED(UNKNOWN, 10, 3),
    };
    put(usages, ARRAY_SIZE(usages));
    check_table(REPORT_BY_WORKLOAD, 0, &usual, "tests/golden/report-modelled.txt");
}

static void test_measured(void **state)
{
    (void)state;
    static const struct fake_usage usages[] = {
        METERED(POSTGRES, PACKAGE, 30),
        METERED(IDLE, PACKAGE, 70),
    };
    put(usages, ARRAY_SIZE(usages));
    fake_store.n_events = 0;
    fake_store.period =
        (struct store_period){.since_s = DAY_S, .until_s = DAY_S + 60, .covered_ns = 60 * NS_PER_S};
    check_table(REPORT_BY_WORKLOAD, 0, &usual, "tests/golden/report-measured.txt");
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
    put(split, ARRAY_SIZE(split));
    fake_store.n_events = 0;
    check_table(REPORT_BY_WORKLOAD, 0, &usual, "tests/golden/report-split.txt");
    check_table(REPORT_BY_DOMAIN, 0, &usual, "tests/golden/report-split-domain.txt");
    check_programs(REPORT_BY_WORKLOAD, "tests/golden/report-split.json",
                   "tests/golden/report-split.csv");
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_WORKLOAD, 0);
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
    put(usages, ARRAY_SIZE(usages));
    for (int group = 0; group < REPORT_GROUPS; group++) {
        CLEANUP(report_done) struct report report;
        collect(&report, (enum report_group)group, 0);
        check_sums(&report);
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
    idle_policy = REPORT_IDLE_PROPORTIONAL;
    put(split, ARRAY_SIZE(split));
    fake_store.n_events = 0;
    check_table(REPORT_BY_WORKLOAD, 0, &usual, "tests/golden/report-proportional.txt");
    check_programs(REPORT_BY_UNIT, "tests/golden/report-proportional.json",
                   "tests/golden/report-proportional.csv");
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_WORKLOAD, 0);
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
    idle_policy = REPORT_IDLE_SEPARATE;
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
    idle_policy = REPORT_IDLE_PROPORTIONAL;
    put(usages, ARRAY_SIZE(usages));
    CLEANUP(report_done) struct report report;
    collect(&report, REPORT_BY_WORKLOAD, 0);
    check_sums(&report);
    assert_int_equal(row_of(&report, "postgres")->sum.energy_uj, 40 * UJ_PER_J);
    assert_int_equal(report.n_rows, 2);
    assert_int_equal(report.rows[1]->type, REPORT_ROW_IDLE);
    assert_int_equal(report.rows[1]->sum.energy_uj, 70 * UJ_PER_J);
    idle_policy = REPORT_IDLE_SEPARATE;
}

static void test_empty(void **state)
{
    (void)state;
    put(NULL, 0);
    fake_store.n_events = 0;
    check_table(REPORT_BY_WORKLOAD, 0, &usual, "tests/golden/report-empty.txt");
    check_programs(REPORT_BY_WORKLOAD, "tests/golden/report-empty.json",
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
    put(usages, 6);
    fake_store.workloads = hostile;
    fake_store.domains = &wild;
    (void)str_copy(fake_store.info.timezone, sizeof(fake_store.info.timezone), "\x1b[5m/x");
    check_table(REPORT_BY_WORKLOAD, 0, &usual, "tests/golden/report-hostile.txt");
    check_programs(REPORT_BY_WORKLOAD, "tests/golden/report-hostile.json",
                   "tests/golden/report-hostile.csv");
    check_table(REPORT_BY_DOMAIN, 0, &usual, "tests/golden/report-hostile-domain.txt");
    fake_store.n_usages = 7; /* sums stop at the top; it need not add up, but it must end */
    CLEANUP(report_done) struct report report;
    CLEANUP(text_done) struct text text = {0};
    collect(&report, REPORT_BY_WORKLOAD, 2);
    render_report_table(&report, NULL, &usual, &text);
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
    put(usages, ARRAY_SIZE(usages));
    fake_store.workloads = escaped;
    static const struct style very_wide = {.utf8 = true, .width = 200};
    for (enum report_group group = REPORT_BY_WORKLOAD; group <= REPORT_BY_UNIT; group++) {
        CLEANUP(report_done) struct report report;
        CLEANUP(text_done) struct text table = {0}, json = {0}, csv = {0};
        collect(&report, group, 0);
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
    put(usages, ARRAY_SIZE(usages));
    fake_store.spans = spans;
    fake_store.n_spans = ARRAY_SIZE(spans);
    fake_store.period = (struct store_period){.since_s = begins[0],
                                              .until_s = begins[3] + lengths[3],
                                              .covered_ns = UINT64_C(302800) * NS_PER_S};
    check_table(REPORT_BY_DAY, 0, &usual, "tests/golden/report-day.txt");
    check_table(REPORT_BY_DAY, 2, &usual, "tests/golden/report-day-top.txt");
    check_table(REPORT_BY_MONTH, 0, &usual, "tests/golden/report-month.txt");
    check_programs(REPORT_BY_DAY, "tests/golden/report-day.json", "tests/golden/report-day.csv");
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
    put(usages, ARRAY_SIZE(usages));
    fake_store.spans = spans;
    fake_store.n_spans = ARRAY_SIZE(spans);
    check_table(REPORT_BY_HOUR, 0, &usual, "tests/golden/report-hour.txt");
}

static void test_too_many_rows(void **state)
{
    (void)state;
    CLEANUP(report_done) struct report report = {.group = REPORT_BY_HOUR, .top = 1};
    struct fake_usage *usages = calloc(REPORT_ROWS_MAX + 1, sizeof(*usages));
    assert_non_null(usages);
    for (size_t i = 0; i < REPORT_ROWS_MAX + 1; i++)
        usages[i] = (struct fake_usage){H((int64_t)i), PHP, PACKAGE, 1, UINT64_MAX, 0};
    put(usages, REPORT_ROWS_MAX + 1);
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
        usages[i] = (struct fake_usage){
            H(hour),   (size_t)rand_r(seed) % ARRAY_SIZE(workloads),  rand_r(seed) % 5,
            energy_uj, rand_r(seed) % 2 ? UINT64_MAX : energy_uj / 3, 0};
    }
    for (size_t i = 0; i < 20; i++) {
        size_t workload = (size_t)rand_r(seed) % ARRAY_SIZE(workloads);
        uint64_t memory = (uint64_t)rand_r(seed) << (rand_r(seed) % 33);
        reserved[i] = (struct fake_reserved){H(rand_r(seed) % 30), workload, memory,
                                             (uint64_t)rand_r(seed) * (unsigned)(rand_r(seed) % 3)};
    }
    put(usages, 40);
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
            collect(&report, (enum report_group)group, top);
            check_sums(&report);
            assert_int_equal(report.total.sum.unowned_uj, report.total.sum.idle_uj);
            for (int idle = REPORT_IDLE_PROPORTIONAL; idle < REPORT_IDLE_POLICIES; idle++) {
                CLEANUP(report_done) struct report shared;
                idle_policy = (enum report_idle)idle;
                collect(&shared, (enum report_group)group, top);
                check_sums(&shared);
                check_same_total(&report, &shared);
                if (idle == REPORT_IDLE_RESERVED)
                    given_uj |= report.total.sum.idle_uj - shared.total.sum.unowned_uj;
            }
            idle_policy = REPORT_IDLE_SEPARATE;
        }
    }
    assert_true(given_uj > 0);
}

static void test_share_out(void **state)
{
    (void)state;
    enum { SEED = 4711, PIECES = 20 };
    unsigned seed = SEED;
    uint64_t units[PIECES];
    const uint64_t thirds[] = {1, 1, 1};
    assert_int_equal(amount_share_out(thirds, 3, 1000, 3, units), 1000);
    assert_int_equal(units[0], 334);
    assert_int_equal(units[1], 333);
    assert_int_equal(units[2], 333);
    assert_int_equal(amount_share_out(thirds, 3, 1000, 0, units), 0);
    assert_int_equal(units[0], 0);
    for (int round = 0; round < 10000; round++) {
        uint64_t parts[PIECES];
        uint64_t step = 1 + (uint64_t)rand_r(&seed) % 1000000;
        uint64_t sum = 0;
        for (size_t i = 0; i < PIECES; i++)
            sum += parts[i] = (uint64_t)rand_r(&seed) % 5000000;
        int64_t total = amount_share_out(parts, PIECES, 1, step, units);
        uint64_t shown = 0;
        for (size_t i = 0; i < PIECES; i++) {
            shown += units[i];
            if (units[i] < parts[i] / step || units[i] > parts[i] / step + 1)
                fail_msg("round %d of seed %d: a part is off by more than one", round, SEED);
        }
        if (shown != (uint64_t)total || (uint64_t)total != (sum + step / 2) / step)
            fail_msg("round %d of seed %d: parts do not add up", round, SEED);
    }
}

static void test_amounts(void **state)
{
    (void)state;
    static const struct {
        uint64_t energy_uj;
        const char *expected;
    } cases[] = {
        {0,                                "0.000 J"    },
        {1500,                             "0.002 J"    },
        {UJ_PER_J,                         "1.000 J"    },
        {3599 * UJ_PER_J,                  "3599 J"     },
        {UJ_PER_WH,                        "1.000 Wh"   },
        {31 * UJ_PER_WH,                   "31.00 Wh"   },
        {UJ_PER_KWH,                       "1.000 kWh"  },
        {UINT64_C(2124) * UJ_PER_KWH / 10, "212.4 kWh"  },
        {UINT64_MAX,                       "5124096 kWh"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char number[32];
        char text[64];
        uint64_t steps = 0;
        struct amount_scale scale = amount_scale_for(cases[i].energy_uj);
        (void)amount_share_out(&cases[i].energy_uj, 1, 1, scale.step_uj, &steps);
        (void)snprintf(text, sizeof(text), "%s %s",
                       amount_format(number, sizeof(number), steps, scale.decimals), scale.unit);
        assert_string_equal(text, cases[i].expected);
    }
}

int main(void)
{
    if (!configuration_timezone_exists("Europe/Paris") || !golden_language()) {
        puts("needs the time zones (tzdata), the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    if (setenv("TZ", "Europe/Paris", 1) < 0)
        return 1;
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_modelled),
        cmocka_unit_test(test_measured),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_escaped_units),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_share_out),
        cmocka_unit_test(test_too_many_rows),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_wholes),
        cmocka_unit_test(test_quality),
        cmocka_unit_test(test_proportional),
        cmocka_unit_test(test_nobody_to_share_with),
    };
    const struct CMUnitTest english[] = {cmocka_unit_test(test_amounts)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return golden_is_english() ? failed + cmocka_run_group_tests(english, NULL, NULL) : failed;
}
