/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Prints a page as long as pages get with the usual options, for browsers: print_page LANGUAGE */
#include <time.h>

#include "core/text.h"
#include "fake_store.h"
#include "greend/units.h"
#include "made_report.h"
#include "report/report_html.h"
#include "shell/language.h"
#include "targets/targets.h"

/* Sunday 2026-11-01 00:00 in Paris, and a month. */
#define MONTH_S INT64_C(1793487600)
enum { DAYS = 30, DAY_S = 86400, WORKLOADS = 40, IDLE = WORKLOADS, UNKNOWN, ALL };

static struct workload workloads[ALL];
static const struct ring_domain_entry domains[] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL,  .used = 1},
    {.name = "dram-0",    .kind = DOMAIN_DRAM,    .source = SOURCE_RAPL,  .used = 1},
    {.name = "rest",      .kind = DOMAIN_REST,    .source = SOURCE_MODEL, .used = 1},
};
static struct fake_usage usages[DAYS * (WORKLOADS * 2 + 4)];
static struct fake_span spans[DAYS];
static const struct store_event events[] = {
    {MONTH_S + 9000,  STORE_EVENT_GAP,    "", 900 * NS_PER_S, 0},
    {MONTH_S + 99000, STORE_EVENT_REBOOT, "", 0,              0},
};

static void name_workloads(void)
{
    static const char *const units[] = {
        "postgresql@15-main.service",
        "php8.2-fpm.service",
        "nginx.service",
        "docker:registry-example-fr-paie-api-3f2a91c07b11",
        "vm:paie-production-03",
        "redis-server@cache-sessions.service",
        "elasticsearch.service",
        "rabbitmq-server.service",
        "users",
        "prometheus-node-exporter.service",
    };
    for (int i = 0; i < WORKLOADS; i++) {
        struct workload *w = &workloads[i];
        w->kind = i % 10 == 8 ? WORKLOAD_USER : WORKLOAD_SERVICE;
        (void)str_copy(w->unit, sizeof(w->unit), units[i % 10]);
        (void)snprintf(w->command, sizeof(w->command), i < 10 ? "worker" : "worker-%d", i / 10);
        (void)str_copy(w->user, sizeof(w->user), i % 10 == 8 ? "users" : "www-data");
    }
    workloads[IDLE].kind = WORKLOAD_IDLE;
    workloads[UNKNOWN].kind = WORKLOAD_UNATTRIBUTED;
}

static size_t put_day(int day, size_t n)
{
    const int64_t begin_s = MONTH_S + (int64_t)day * DAY_S;
    const uint64_t load = day % 7 == 0 || day % 7 == 6 ? 2 : 5 + (uint64_t)(day % 3);
    for (size_t w = 0; w < WORKLOADS; w++) {
        uint64_t joules = load * 400000 / (w + 1);
        usages[n++] =
            (struct fake_usage){begin_s, DAY_S, w, 0, joules * UJ_PER_J, joules * UJ_PER_J / 25, 0};
        usages[n++] =
            (struct fake_usage){begin_s, DAY_S, w, -1, 0, UINT64_MAX, joules * NS_PER_S / 40};
    }
    static const struct {
        size_t workload;
        int domain;
        uint64_t joules;
    } others[] = {
        {UNKNOWN, 0, 9000   },
        {IDLE,    0, 2600000},
        {IDLE,    1, 800000 },
        {IDLE,    2, 1500000}
    };
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        usages[n++] = (struct fake_usage){begin_s,
                                          DAY_S,
                                          others[i].workload,
                                          others[i].domain,
                                          others[i].joules * UJ_PER_J,
                                          others[i].joules * UJ_PER_J / 8,
                                          0};
    uint64_t covered_s = day == 12 ? DAY_S / 2 : DAY_S;
    spans[day] =
        (struct fake_span){begin_s, DAY_S, covered_s * NS_PER_S, (DAY_S - covered_s) * NS_PER_S};
    return n;
}

static void put(void)
{
    size_t n = 0;
    name_workloads();
    for (int day = 0; day < DAYS; day++)
        n = put_day(day, n);
    fake_store = (struct fake_store){
        .info = {.host_id = {0x3f, 0x2a, 0x91, 0xc0, 1},
                 .timezone = "Europe/Paris",
                 .first_s = MONTH_S,
                 .last_s = MONTH_S + (int64_t)DAYS * DAY_S},
        .period = {.since_s = MONTH_S,
                 .until_s = MONTH_S + (int64_t)DAYS * DAY_S,
                 .covered_ns = (DAYS * DAY_S - DAY_S / 2) * NS_PER_S,
                 .gap_ns = DAY_S / 2 * NS_PER_S           },
        .workloads = workloads,
        .domains = domains,
        .usages = usages,
        .n_usages = n,
        .spans = spans,
        .n_spans = DAYS,
        .events = events,
        .n_events = ARRAY_SIZE(events),
    };
}

static void put_targets(struct settings *settings, struct store_reader *reader,
                        const struct factor_table *factors, struct target_list *list)
{
    static const char *const targets[][2] = {
        {"énergie", "host 800 kWh per month"           },
        {"web",      "unit php* 5% below 2026-10 in kWh"},
        {"climat",   "host 1200 kgCO2e per year"        },
    };
    char error[SETTINGS_ERROR_MAX];
    bool wrong = false;
    settings_defaults(settings);
    for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
        wrong |= settings_set(settings, "targets", targets[i][0], targets[i][1], error) < 0;
    wrong |= settings_set(settings, "site", "country", "FR", error) < 0;
    if (wrong || targets_evaluate(reader, settings, NULL, factors, NULL, list) != 0)
        exit(1);
}

int main(int argc, char *argv[])
{
    CLEANUP(text_done) struct text text = {0};
    struct store_reader *reader = NULL;
    if (argc != 2 || setenv("TZ", "Europe/Paris", 1) < 0 || language_set(argv[1]) != 0)
        return 2;
    tzset();
    static struct made made; /* a dual Xeon: its facts alone are taken */
    struct report_footprint footprint;
    const struct made_case *what = NULL;
    for (size_t i = 0; (what = made_case(i)) && !str_equal(what->name, "xeon-month"); i++)
        ;
    if (!what)
        return 1;
    made_begin(&made, what);
    put();
    CLEANUP(report_done)
    struct report report = {.top = REPORT_TOP_DEFAULT,
                            .info = fake_store.info,
                            .since_s = MONTH_S,
                            .until_s = MONTH_S + (int64_t)DAYS * DAY_S};
    if (store_reader_open(&reader, "x") < 0 || report_collect(&report, reader) != 0)
        return 1;
    report_footprint_init(&footprint, &report, &made.facts, MADE_NOW_S);
    CLEANUP(settings_done) struct settings settings = {0};
    CLEANUP(target_list_done) struct target_list targets = {0};
    put_targets(&settings, reader, made.facts.table, &targets);
    report.targets = &targets;
    if (report_html(&report, &footprint, reader, NULL, &text) != 0 || text.error)
        return 1;
    made_done(&made);
    return fwrite(text.data, 1, text.length, stdout) == text.length ? 0 : 1;
}
