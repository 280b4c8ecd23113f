/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "months.h"

#include "unit/unit.h"

#include <math.h>
#include <time.h>

#include "greend/units.h"
#include "input/factor_files.h"

static const struct workload workloads[] = {
    [MONTHS_NGINX] = {1, WORKLOAD_SERVICE, "nginx.service",  "nginx", "www-data", 0},
    [MONTHS_TEST] = {1, WORKLOAD_SERVICE, "test-a.service", "a",     "test",     0},
    [MONTHS_IDLE] = {1, WORKLOAD_IDLE,    "",               "",      "",         0},
    [MONTHS_UNSPLIT] = {1, WORKLOAD_UNSPLIT, "",               "",      "",         0},
};
const struct ring_domain_entry months_domains[1] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL, .used = 1},
};

/* The same domain where no meter is. */
const struct ring_domain_entry months_modelled[1] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_MODEL, .used = 1},
};

struct fake_usage months_usages[MONTHS_DAYS * MONTHS_WORKLOADS];
struct fake_span months_spans[MONTHS_DAYS];
bool months_stated;

int64_t months_midnight(int day)
{
    struct tm wall = {.tm_year = 126, .tm_mon = 7, .tm_mday = 1 + day, .tm_isdst = -1};
    return mktime(&wall);
}

/* kWh of a whole day: Saturdays and Sundays are calmer, and no day is like the other. */
double months_kwh(int workload, int day)
{
    int weekday = (6 + day) % 7; /* 2026-08-01 was a Saturday */
    double wiggle = ((day * 7919) % 13 - 6) * 0.02;
    if (workload == MONTHS_NGINX)
        return (weekday == 0 || weekday == 6 ? 1 : 2) + wiggle;
    return workload == MONTHS_TEST ? 0.5 : workload == MONTHS_IDLE ? 3 : 0;
}

/* In 24 h: clocks were set back on 2026-10-25. */
double months_length(int day)
{
    return (double)(months_midnight(day + 1) - months_midnight(day)) / 86400;
}

double months_part(int day)
{
    return day == MONTHS_DAYS - 1 ? MONTHS_LAST_HOURS / 24.0 : 1;
}

void months_put(void)
{
    size_t n = 0;
    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    for (int day = 0; day < MONTHS_DAYS; day++) {
        int64_t begin_s = months_midnight(day);
        int64_t length_s = months_midnight(day + 1) - begin_s;
        if (day == MONTHS_DAYS - 1)
            length_s = MONTHS_LAST_HOURS * 3600;
        double all = 0;
        for (int w = 0; w < MONTHS_WORKLOADS; w++) {
            double energy = months_kwh(w, day) * months_part(day) * (double)UJ_PER_KWH;
            uint64_t half = !months_stated ? UINT64_MAX : (uint64_t)(energy * 0.1);
            all += energy;
            if (w == MONTHS_UNSPLIT)
                half = months_stated ? (uint64_t)(all * 0.02) : UINT64_MAX;
            months_usages[n++] =
                (struct fake_usage){begin_s, length_s, (size_t)w, 0, (uint64_t)energy, half, 0};
        }
        months_spans[day] = (struct fake_span){begin_s, length_s, (uint64_t)length_s * NS_PER_S, 0};
    }
    int64_t last_s = months_midnight(MONTHS_DAYS - 1) + MONTHS_LAST_HOURS * 3600;
    fake_store = (struct fake_store){
        .info = {.timezone = "Europe/Paris", .first_s = months_midnight(0), .last_s = last_s},
        .period = {.since_s = months_midnight(0),                          .until_s = last_s                          },
        .workloads = workloads,
        .domains = months_domains,
        .usages = months_usages,
        .n_usages = n,
        .spans = months_spans,
        .n_spans = MONTHS_DAYS,
    };
}

static const char *const configuration[][3] = {
    {"environments", "test",    "test-*.service"                      },
    {"targets",      "energy",  "host 160 kWh per month"              },
    {"targets",      "web",     "unit nginx* 5% below 2026-10 in kWh" },
    {"targets",      "climate", "host 150 kgCO2e per year"            },
    {"targets",      "tests",   "environment test 3 kgCO2e per month" },
    {"targets",      "old",     "host 10% below 2025 in kWh"          },
    {"targets",      "ahead",   "host 10% below 2026 in kWh"          },
    {"targets",      "units",   "unit * 60 kWh per month"             },
    {"targets",      "again",   "unit nginx* 10% below 2026-10 in kWh"},
};

struct settings months_settings;
struct target_list months_list;
struct target_baselines *months_baselines;

void months_evaluate(bool country)
{
    char error[SETTINGS_ERROR_MAX];
    struct store_reader *reader = NULL;
    struct factor_table *factors = NULL;
    settings_defaults(&months_settings);
    for (size_t i = 0; i < ARRAY_SIZE(configuration); i++)
        assert_int_equal(settings_set(&months_settings, configuration[i][0], configuration[i][1],
                                      configuration[i][2], error),
                         0);
    if (country)
        assert_int_equal(settings_set(&months_settings, "site", "country", "FR", error), 0);
    assert_int_equal(factor_files_load(SOURCE_ROOT "/footprint/factors", "boavizta", NULL, 0,
                                       &factors, NULL, NULL),
                     0);
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(
        targets_evaluate(reader, &months_settings, NULL, factors, months_baselines, &months_list),
        0);
    (void)factor_table_free(factors);
    assert_int_equal(months_list.n, 8);
}

int months_clean(void **state)
{
    (void)state;
    target_list_done(&months_list);
    settings_done(&months_settings);
    return 0;
}

const struct target_state *months_state(const char *name)
{
    for (size_t i = 0; i < months_list.n; i++)
        if (str_equal(months_list.states[i].target.name, name))
            return &months_list.states[i];
    fail_msg("no target %s", name);
    return NULL;
}

void assert_near(double value, double expected)
{
    if (fabs(value - expected) > fabs(expected) * 1e-6)
        fail_msg("%.12g, expected %.12g", value, expected);
}

/* From the first day of November on; all workloads where host. */
double months_november(bool host, int workload)
{
    double sum = 0;
    for (int day = MONTHS_DAYS - 22; day < MONTHS_DAYS; day++)
        for (int w = 0; w < MONTHS_UNSPLIT; w++)
            sum += host || w == workload ? months_kwh(w, day) * months_part(day) : 0;
    return sum;
}
