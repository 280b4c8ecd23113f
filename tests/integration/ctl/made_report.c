/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "made_report.h"

#include <time.h>

#include "fake_store.h"
#include "greend/units.h"
#include "input/configuration.h"
#include "input/factor_files.h"

enum { USAGES_MAX = 16384, SPANS_MAX = 400, OPTIONS_MAX = 8 };

static void check(bool right, const char *what)
{
    if (right)
        return;
    (void)fprintf(stderr, "made_report: %s\n", what);
    abort();
}

/* ---- The machines ---- */

enum { POSTGRES, NGINX, BACKUP, UNKNOWN, IDLE, UNSPLIT, WORKLOADS };
static const struct workload workloads[WORKLOADS] = {
    [POSTGRES] = {1, WORKLOAD_SERVICE,      "postgresql@15-main.service", "postgres", "postgres", 0},
    [NGINX] = {1, WORKLOAD_CONTAINER,    "docker:3f2a91c07b11",        "nginx",    "users",    0},
    [BACKUP] = {1, WORKLOAD_SERVICE,      "=backup.service",            "pg_dump",  "postgres", 0},
    [UNKNOWN] = {1, WORKLOAD_UNATTRIBUTED, "",                           "",         "",         0},
    [IDLE] = {1, WORKLOAD_IDLE,         "",                           "",         "",         0},
    [UNSPLIT] = {1, WORKLOAD_UNSPLIT,      "",                           "",         "",         0},
};

enum { PACKAGE_0, PACKAGE_1, DRAM_0, DRAM_1, REST, PSYS, PLATFORM, BOARD, DOMAINS };
static const struct ring_domain_entry domains[DOMAINS] = {
    [PACKAGE_0] = {.name = "package-0", .kind = DOMAIN_PACKAGE,  .source = SOURCE_RAPL,  .used = 1},
    [PACKAGE_1] = {.name = "package-1", .kind = DOMAIN_PACKAGE,  .source = SOURCE_RAPL,  .used = 1},
    [DRAM_0] = {.name = "dram-0",    .kind = DOMAIN_DRAM,     .source = SOURCE_RAPL,  .used = 1},
    [DRAM_1] = {.name = "dram-1",    .kind = DOMAIN_DRAM,     .source = SOURCE_RAPL,  .used = 1},
    [REST] = {.name = "rest",      .kind = DOMAIN_REST,     .source = SOURCE_MODEL, .used = 1},
    [PSYS] = {.name = "psys",      .kind = DOMAIN_PSYS,     .source = SOURCE_RAPL,  .used = 1},
    [PLATFORM] = {.name = "platform",  .kind = DOMAIN_PLATFORM, .source = SOURCE_MODEL, .used = 1},
    [BOARD] = {.name = "platform",  .kind = DOMAIN_PLATFORM, .source = SOURCE_ACPI,  .used = 1},
};

/* What a domain's meter states, in percent of its energy; -1: nothing. */
static const int meter_percent[DOMAINS] = {-1, -1, 30, 30, 45, -1, 120, 2};

#define TRAIT(number)                                                                              \
    {                                                                                              \
        ORIGIN_READ, number                                                                        \
    }
#define NO_TRAIT                                                                                   \
    {                                                                                              \
        ORIGIN_UNKNOWN, 0                                                                          \
    }

static const struct inventory_part xeon_parts[] = {
    {PART_CPU,  ORIGIN_READ, 2,  NO_TRAIT,    NO_TRAIT, "Intel Xeon Gold 6330"},
    {PART_RAM,  ORIGIN_READ, 12, TRAIT(32),   NO_TRAIT, "M393A4K40DB3-CWE"    },
    {PART_SSD,  ORIGIN_READ, 2,  TRAIT(960),  NO_TRAIT, "MZ7L3960HCJR"        },
    {PART_HDD,  ORIGIN_READ, 4,  TRAIT(4000), NO_TRAIT, "HUS726T4TAL"         },
    {PART_PSU,  ORIGIN_READ, 2,  NO_TRAIT,    NO_TRAIT, "0CNRJ9A01"           },
    {PART_RACK, ORIGIN_READ, 1,  NO_TRAIT,    NO_TRAIT, ""                    },
};

static const struct inventory_part amd_parts[] = {
    {PART_CPU,   ORIGIN_READ,     1, {ORIGIN_DECLARED, 1008}, NO_TRAIT,                "AMD EPYC 7543P"},
    {PART_RAM,   ORIGIN_READ,     8, TRAIT(16),               {ORIGIN_DECLARED, 1.79}, ""              },
    {PART_SSD,   ORIGIN_READ,     1, TRAIT(480),              NO_TRAIT,                ""              },
    {PART_BLADE, ORIGIN_DECLARED, 1, NO_TRAIT,                NO_TRAIT,                ""              },
    {PART_GPU,   ORIGIN_READ,     1, NO_TRAIT,                NO_TRAIT,                "unheard of"    },
};

static const struct machine_made {
    enum machine kind;
    const struct inventory_part *parts;
    size_t n_parts;
    const int *domains; /* ended by -1; the first PSYS is not summed */
    const char *options[OPTIONS_MAX][3];
} machines[] = {
    [MADE_XEON] = {MACHINE_PHYSICAL,
                   xeon_parts,             ARRAY_SIZE(xeon_parts),
                   (const int[]){PACKAGE_0, PACKAGE_1, DRAM_0, DRAM_1, REST, PSYS, -1},
                   {{"site", "country", "FR"},
                    {"site", "wue", "0.4"},
                    {"asset", "purchase", "2024-03-31"}}                                                 },
    [MADE_AMD] = {MACHINE_PHYSICAL,
                   amd_parts,              ARRAY_SIZE(amd_parts),
                   (const int[]){PACKAGE_0, REST, -1},
                   {{"site", "country", "Germany"},
                   {"site", "pue", "1.2"},
                   {"asset", "purchase", "2026-04-10"},
                   {"asset", "planned_end", "2026-10-20"},
                   {"asset", "refurbished", "yes"},
                   {"asset", "earlier_use", "3.5"},
                   {"asset", "later_use", "2"}}                                                          },
    [MADE_VM] = {MACHINE_VIRTUAL,
                   xeon_parts,             ARRAY_SIZE(xeon_parts),
                   (const int[]){PLATFORM, -1},
                   {{"site", "country", "FR"}, {"asset", "purchase", "2024-03-31"}}                      },
    [MADE_VM_SHARE] = {MACHINE_VIRTUAL,
                   xeon_parts,             ARRAY_SIZE(xeon_parts),
                   (const int[]){PLATFORM, -1},
                   {{"site", "country", "FR"},
                        {"asset", "purchase", "2022-01-01"},
                        {"asset", "host_share", "0.125"}}                                                },
    [MADE_BANDED] = {MACHINE_PHYSICAL,
                   xeon_parts,             ARRAY_SIZE(xeon_parts),
                   (const int[]){BOARD, REST, -1},
                   {{"site", "country", "FR"},
                      {"site", "pue", "1.5"},
                      {"site", "wue", "0"},
                      {"asset", "life", "7.5"},
                      {"asset", "purchase", "2020-02-29"}}                                               },
    [MADE_BARE] = {MACHINE_PHYSICAL, NULL, 0,                      (const int[]){PACKAGE_0, -1}, {{NULL}}},
};

/* ---- Their energy ---- */

static struct fake_usage usages[USAGES_MAX];
static size_t n_usages;
static struct fake_span spans[SPANS_MAX];
static size_t n_spans;

/* A day, in the time zone of the process. */
static int64_t day(int year, int month, int of_month)
{
    struct tm wall = {
        .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = of_month, .tm_isdst = -1};
    return mktime(&wall);
}

static void put(int64_t begin_s, int64_t length_s, size_t workload, int domain, uint64_t energy_uj,
                uint64_t uncertainty_uj)
{
    check(n_usages < USAGES_MAX, "too many usages");
    usages[n_usages++] =
        (struct fake_usage){begin_s, length_s, workload, domain, energy_uj, uncertainty_uj, 0};
}

/* Odd numbers, so that nothing adds up by chance. */
static void put_domain(int64_t begin_s, int64_t length_s, int domain)
{
    static const uint64_t milliwatts[WORKLOADS] = {
        [POSTGRES] = 31007, [NGINX] = 12011, [BACKUP] = 503, [UNKNOWN] = 211, [IDLE] = 55001};
    uint64_t whole_uj = 0;
    for (size_t i = POSTGRES; i <= IDLE; i++) {
        uint64_t power_mw = milliwatts[i] * (4 + (uint64_t)domain) / 5 +
                            (uint64_t)(begin_s / 3600 * (7 + (int64_t)i) % 997);
        uint64_t energy_uj = power_mw * (uint64_t)length_s * 1000 + i;
        int split_percent = 3 + 2 * (int)i;
        int percent = split_percent + MAX(meter_percent[domain], 0);
        if (domain == PSYS)
            continue;
        put(begin_s, length_s, i, domain, energy_uj, mul_div(energy_uj, (uint64_t)percent, 100));
        whole_uj += energy_uj;
    }
    uint64_t half_uj = meter_percent[domain] < 0
                           ? UINT64_MAX
                           : mul_div(whole_uj, (uint64_t)meter_percent[domain], 100);
    put(begin_s, length_s, UNSPLIT, domain, domain == PSYS ? 300 * UJ_PER_WH : 0, half_uj);
}

static void put_span(const struct machine_made *machine, int64_t begin_s, int64_t end_s)
{
    check(n_spans < SPANS_MAX, "too many spans");
    uint64_t length_ns = (uint64_t)(end_s - begin_s) * NS_PER_S;
    spans[n_spans++] = (struct fake_span){begin_s, end_s - begin_s, length_ns, 0};
    fake_store.period.covered_ns += length_ns;
    for (const int *domain = machine->domains; *domain >= 0; domain++)
        put_domain(begin_s, end_s - begin_s, *domain);
}

static void put_days(const struct machine_made *machine, int month, int first, int last)
{
    for (int i = first; i <= last; i++)
        put_span(machine, day(2026, month, i), day(2026, month, i + 1));
}

/* One more or less an hour does not matter. */
static int days_of(int month)
{
    return (int)((day(2026, month + 1, 1) - day(2026, month, 1) + 43200) / 86400);
}

static void put_period(const struct machine_made *machine, enum made_period period,
                       struct report *report)
{
    switch (period) {
    case MADE_MONTH:
        put_days(machine, 11, 1, 22);
        put_span(machine, day(2026, 11, 23), MADE_NOW_S - 60);
        report->since_s = day(2026, 11, 1);
        report->until_s = day(2026, 12, 1);
        break;
    case MADE_PAST:
        put_days(machine, 9, 1, 30);
        report->since_s = day(2026, 9, 1);
        report->until_s = day(2026, 10, 1);
        break;
    case MADE_YEAR:
        put_days(machine, 3, 16, 31);
        for (int month = 4; month <= 10; month++) {
            put_days(machine, month, 1, month == 7 ? 10 : 15);
            put_days(machine, month, month == 7 ? 21 : 16, days_of(month));
        }
        put_days(machine, 11, 1, 22);
        report->since_s = day(2026, 1, 1);
        report->until_s = day(2027, 1, 1);
        break;
    case MADE_HOURS:
        for (int64_t hour = day(2026, 10, 25); hour < day(2026, 10, 26); hour += 3600)
            put_span(machine, hour, hour + 3600);
        report->since_s = day(2026, 10, 25);
        report->until_s = day(2026, 10, 26);
        break;
    }
}

static void put_store(const struct machine_made *machine, enum made_period period,
                      struct report *report)
{
    n_usages = n_spans = 0;
    fake_store = (struct fake_store){
        .info = {.host_id = {0x3f, 0x2a, 0x91, 0xc0}, .timezone = "Europe/Paris"},
        .workloads = workloads,
        .domains = domains,
        .usages = usages,
        .spans = spans,
    };
    put_period(machine, period, report);
    fake_store.n_usages = n_usages;
    fake_store.n_spans = n_spans;
    fake_store.period.since_s = spans[0].begin_s;
    fake_store.period.until_s = spans[n_spans - 1].begin_s + spans[n_spans - 1].length_s;
    fake_store.info.first_s = fake_store.period.since_s;
    fake_store.info.last_s = fake_store.info.committed_s = fake_store.period.until_s;
    report->info = fake_store.info;
}

/* ---- Their facts ---- */

static void on_error(void *userdata, const char *line)
{
    (void)userdata;
    check(false, line);
}

/* Factors as an operator might have them, each with a band. */
static const char banded[] =
    "# set: mine\n# version: 7\n"
    "id;criterion;phase;geography;value;unit;min;max;source;year;licence;method\n"
    "electricity;GWP;use;FRA;0.05;kgCO2e/kWh;0.04;0.08;me;2025;;\n"
    "electricity;water;use;FRA;0.004;m3/kWh;0.001;0.01;me;2025;;\n"
    "motherboard;AP;embodied;WOR;0.5;molH+e/piece;0.25;1;me;2025;;\n";

static void make_facts(struct made *made, enum made_machine which)
{
    const struct machine_made *machine = &machines[which];
    struct facts *facts = &made->facts;
    struct factor_errors errors;
    char error[SETTINGS_ERROR_MAX];
    settings_defaults(&facts->settings);
    for (size_t i = 0; i < OPTIONS_MAX && machine->options[i][0]; i++)
        check(settings_set(&facts->settings, machine->options[i][0], machine->options[i][1],
                           machine->options[i][2], error) == 0,
              error);
    check(which == MADE_BARE || factor_files_load(SOURCE_ROOT "/footprint/factors", "boavizta",
                                                  NULL, 0, &facts->table, on_error, NULL) == 0,
          "no factors");
    if (which == MADE_BANDED)
        check(factor_table_add(facts->table, "mine.csv", banded, strlen(banded), &errors) == 0,
              errors.list[0].text);
    made->reading.inventory.machine = machine->kind;
    made->reading.inventory.machine_origin = ORIGIN_READ;
    made->reading.chassis = made->reading.memory_from = made->reading.tables_mend = "";
    for (size_t i = 0; i < machine->n_parts; i++)
        made->reading.inventory.parts[i] = machine->parts[i];
    made->reading.inventory.n_parts = machine->n_parts;
    facts->from = FACTS_CONFIGURATION;
    facts->declared = facts->here = true;
    facts->view = (struct inventory_view){.reading = &made->reading,
                                          .settings = &facts->settings,
                                          .factors = facts->table,
                                          .factors_unneeded = which == MADE_BARE};
    configuration_declared(&facts->settings, &facts->view.site, &facts->view.asset);
    inventory_compute(&facts->view);
}

/* ---- The cases ---- */

const struct made_case *made_case(size_t index)
{
    static const struct made_case cases[] = {
        {"xeon-month",        MADE_XEON,     MADE_MONTH, REPORT_BY_WORKLOAD,  REPORT_IDLE_SEPARATE,     0},
        {"xeon-year",         MADE_XEON,     MADE_YEAR,  REPORT_BY_MONTH,     REPORT_IDLE_SEPARATE,     0},
        {"amd-month",         MADE_AMD,      MADE_PAST,  REPORT_BY_WORKLOAD,  REPORT_IDLE_SEPARATE,     0},
        {"amd-year",          MADE_AMD,      MADE_YEAR,  REPORT_BY_MONTH,     REPORT_IDLE_SEPARATE,     0},
        {"vm-month",          MADE_VM,       MADE_MONTH, REPORT_BY_WORKLOAD,  REPORT_IDLE_SEPARATE,     0},
        {"vm-year",           MADE_VM,       MADE_YEAR,  REPORT_BY_MONTH,     REPORT_IDLE_SEPARATE,     0},
        {"xeon-proportional", MADE_XEON,     MADE_PAST,  REPORT_BY_UNIT,      REPORT_IDLE_PROPORTIONAL, 0},
        {"xeon-top",          MADE_XEON,     MADE_PAST,  REPORT_BY_WORKLOAD,  REPORT_IDLE_SEPARATE,     1},
        {"xeon-container",    MADE_XEON,     MADE_PAST,  REPORT_BY_CONTAINER, REPORT_IDLE_SEPARATE,     0},
        {"xeon-domain",       MADE_XEON,     MADE_PAST,  REPORT_BY_DOMAIN,    REPORT_IDLE_SEPARATE,     0},
        {"xeon-day",          MADE_XEON,     MADE_MONTH, REPORT_BY_DAY,       REPORT_IDLE_SEPARATE,     0},
        {"xeon-day-top",      MADE_XEON,     MADE_YEAR,  REPORT_BY_DAY,       REPORT_IDLE_SEPARATE,     9},
        {"xeon-hour",         MADE_XEON,     MADE_HOURS, REPORT_BY_HOUR,      REPORT_IDLE_SEPARATE,     0},
        {"amd-ahead",         MADE_AMD,      MADE_MONTH, REPORT_BY_WORKLOAD,  REPORT_IDLE_SEPARATE,     0},
        {"vm-share",          MADE_VM_SHARE, MADE_PAST,  REPORT_BY_WORKLOAD,  REPORT_IDLE_SEPARATE,     0},
        {"banded",            MADE_BANDED,   MADE_PAST,  REPORT_BY_WORKLOAD,  REPORT_IDLE_SEPARATE,     0},
        {"bare",              MADE_BARE,     MADE_PAST,  REPORT_BY_WORKLOAD,  REPORT_IDLE_SEPARATE,     0},
    };
    return index < ARRAY_SIZE(cases) ? &cases[index] : NULL;
}

void made_begin(struct made *ret, const struct made_case *what)
{
    struct store_reader *reader = NULL;
    *ret = (struct made){
        .report = {.group = what->group, .idle = what->idle}
    };
    check(setenv("TZ", "Europe/Paris", 1) == 0, "no time zone");
    tzset();
    ret->report.top = what->top ? what->top : REPORT_ROWS_MAX;
    put_store(&machines[what->machine], what->period, &ret->report);
    check(store_reader_open(&reader, "x") == 0 && report_collect(&ret->report, reader) == 0,
          "no report");
    make_facts(ret, what->machine);
    report_footprint_init(&ret->footprint, &ret->report, &ret->facts, MADE_NOW_S);
}

void made_done(struct made *made)
{
    made->facts.reading = NULL;
    facts_done(&made->facts);
    report_done(&made->report);
}
