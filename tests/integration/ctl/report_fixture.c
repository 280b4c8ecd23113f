/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "report_fixture.h"

#include "unit/unit.h"

#include <time.h>

#include "golden.h"
#include "input/configuration.h"

static const struct ring_domain_entry domains[] = {
    [PACKAGE] = {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL,  .used = 1},
    [DRAM] = {.name = "dram-0",    .kind = DOMAIN_DRAM,    .source = SOURCE_RAPL,  .used = 1},
    [REST] = {.name = "rest",      .kind = DOMAIN_REST,    .source = SOURCE_MODEL, .used = 1},
    [CORE] = {.name = "core-0",    .kind = DOMAIN_CORE,    .source = SOURCE_RAPL,  .used = 1},
    [PSYS] = {.name = "psys",      .kind = DOMAIN_PSYS,    .source = SOURCE_RAPL,  .used = 1},
};

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

static const struct store_event events[] = {
    {DAY_S,       STORE_EVENT_START,  "",          0,             0},
    {DAY_S + 60,  STORE_EVENT_GAP,    "",          43 * NS_PER_S, 0},
    {DAY_S + 600, STORE_EVENT_GAP,    "package-0", 0,             0},
    {DAY_S + 900, STORE_EVENT_REBOOT, "",          0,             0},
};

void fixture_put(const struct fake_usage *usages, size_t count)
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

enum report_idle fixture_idle;

void fixture_collect(struct report *report, enum report_group group, size_t top)
{
    struct store_reader *reader = NULL;
    *report = (struct report){.group = group,
                              .idle = fixture_idle,
                              .top = top ? top : REPORT_ROWS_MAX,
                              .info = fake_store.info,
                              .since_s = DAY_S,
                              .until_s = DAY_S + 90000};
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(report_collect(report, reader), 0);
}

void fixture_check_sums(const struct report *report)
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

const struct style fixture_wide = {.width = 100, .utf8 = true};
const struct style fixture_usual = {.width = 80, .utf8 = true};

void fixture_check_table(enum report_group group, size_t top, const struct style *style,
                         const char *golden)
{
    CLEANUP(report_done) struct report report;
    CLEANUP(text_done) struct text text = {0};
    fixture_collect(&report, group, top);
    fixture_check_sums(&report);
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

void fixture_check_programs(enum report_group group, const char *json, const char *csv)
{
    CLEANUP(report_done) struct report report;
    CLEANUP(text_done) struct text text = {0};
    fixture_collect(&report, group, 0);
    fixture_check_sums(&report);
    render_report_json(&report, NULL, &text);
    assert_int_equal(text.error, 0);
    golden_check(json, &text);
    text_clear(&text);
    render_report_csv(&report, NULL, &text);
    assert_int_equal(text.error, 0);
    golden_check(csv, &text);
}

bool fixture_begin(void)
{
    if (!configuration_timezone_exists("Europe/Paris") || !golden_language()) {
        puts("needs the time zones (tzdata), the locale C.UTF-8 and GREEND_LOCALEDIR");
        return false;
    }
    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    return true;
}
