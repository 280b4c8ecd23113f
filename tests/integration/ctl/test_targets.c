/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What greend-ctl targets says of four months, in the middle of the last of them. */
#include "unit/unit.h"

#include <jansson.h>
#include <math.h>
#include <time.h>

#include "capture.h"
#include "configuration.h"
#include "factor_files.h"
#include "fake_store.h"
#include "golden.h"
#include "greend/units.h"
#include "targets.h"
#include "targets_render.h"

enum { NGINX, TEST, IDLE, UNSPLIT, N_WORKLOADS };
static const struct workload workloads[] = {
    [NGINX] = {1, WORKLOAD_SERVICE, "nginx.service",  "nginx", "www-data", 0},
    [TEST] = {1, WORKLOAD_SERVICE, "test-a.service", "a",     "test",     0},
    [IDLE] = {1, WORKLOAD_IDLE,    "",               "",      "",         0},
    [UNSPLIT] = {1, WORKLOAD_UNSPLIT, "",               "",      "",         0},
};
static const struct ring_domain_entry domains[] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL, .used = 1},
};

/* The same domain where no meter is. */
static const struct ring_domain_entry modelled_domains[] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_MODEL, .used = 1},
};

/* From 2026-08-01 to 2026-11-22 14:00 in Paris. */
enum { DAYS = 31 + 30 + 31 + 22, LAST_HOURS = 14 };

static struct fake_usage usages[DAYS * N_WORKLOADS];
static struct fake_span spans[DAYS];
static bool stated; /* the meter states 2 % */

static int64_t midnight(int day)
{
    struct tm wall = {.tm_year = 126, .tm_mon = 7, .tm_mday = 1 + day, .tm_isdst = -1};
    return mktime(&wall);
}

/* kWh of a whole day: Saturdays and Sundays are calmer, and no day is like the other. */
static double kwh_of(int workload, int day)
{
    int weekday = (6 + day) % 7; /* 2026-08-01 was a Saturday */
    double wiggle = ((day * 7919) % 13 - 6) * 0.02;
    if (workload == NGINX)
        return (weekday == 0 || weekday == 6 ? 1 : 2) + wiggle;
    return workload == TEST ? 0.5 : workload == IDLE ? 3 : 0;
}

/* In 24 h: clocks were set back on 2026-10-25. */
static double length_of(int day)
{
    return (double)(midnight(day + 1) - midnight(day)) / 86400;
}

static double part_of(int day)
{
    return day == DAYS - 1 ? LAST_HOURS / 24.0 : 1;
}

static void put(void)
{
    size_t n = 0;
    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    for (int day = 0; day < DAYS; day++) {
        int64_t begin_s = midnight(day);
        int64_t length_s = midnight(day + 1) - begin_s;
        if (day == DAYS - 1)
            length_s = LAST_HOURS * 3600;
        double all = 0;
        for (int w = 0; w < N_WORKLOADS; w++) {
            double energy = kwh_of(w, day) * part_of(day) * (double)UJ_PER_KWH;
            uint64_t half = !stated ? UINT64_MAX : (uint64_t)(energy * 0.1);
            all += energy;
            if (w == UNSPLIT)
                half = stated ? (uint64_t)(all * 0.02) : UINT64_MAX;
            usages[n++] =
                (struct fake_usage){begin_s, length_s, (size_t)w, 0, (uint64_t)energy, half, 0};
        }
        spans[day] = (struct fake_span){begin_s, length_s, (uint64_t)length_s * NS_PER_S, 0};
    }
    int64_t last_s = midnight(DAYS - 1) + LAST_HOURS * 3600;
    fake_store = (struct fake_store){
        .info = {.timezone = "Europe/Paris", .first_s = midnight(0), .last_s = last_s},
        .period = {.since_s = midnight(0),                          .until_s = last_s                          },
        .workloads = workloads,
        .domains = domains,
        .usages = usages,
        .n_usages = n,
        .spans = spans,
        .n_spans = DAYS,
    };
}

static const char *const configuration[][3] = {
    {"environments", "test",    "test-*.service"                     },
    {"targets",      "energy",  "host 160 kWh per month"             },
    {"targets",      "web",     "unit nginx* 5% below 2026-10 in kWh"},
    {"targets",      "climate", "host 150 kgCO2e per year"           },
    {"targets",      "tests",   "environment test 3 kgCO2e per month"},
    {"targets",      "old",     "host 10% below 2025 in kWh"         },
    {"targets",      "ahead",   "host 10% below 2026 in kWh"         },
    {"targets",      "units",   "unit * 60 kWh per month"            },
};

static struct settings settings;
static struct target_list list;

static void evaluate(bool country)
{
    char error[SETTINGS_ERROR_MAX];
    struct store_reader *reader = NULL;
    struct factor_table *factors = NULL;
    settings_defaults(&settings);
    for (size_t i = 0; i < ARRAY_SIZE(configuration); i++)
        assert_int_equal(settings_set(&settings, configuration[i][0], configuration[i][1],
                                      configuration[i][2], error),
                         0);
    if (country)
        assert_int_equal(settings_set(&settings, "site", "country", "FR", error), 0);
    assert_int_equal(factor_files_load(SOURCE_ROOT "/footprint/factors", "boavizta", NULL, 0,
                                       &factors, NULL, NULL),
                     0);
    assert_int_equal(store_reader_open(&reader, "x"), 0);
    assert_int_equal(targets_evaluate(reader, &settings, factors, NULL, &list), 0);
    (void)factor_table_free(factors);
    assert_int_equal(list.n, 7);
}

static int clean(void **state)
{
    (void)state;
    target_list_done(&list);
    settings_done(&settings);
    return 0;
}

static const struct target_state *state_of(const char *name)
{
    for (size_t i = 0; i < list.n; i++)
        if (str_equal(list.states[i].target.name, name))
            return &list.states[i];
    fail_msg("no target %s", name);
    return NULL;
}

static void assert_near(double value, double expected)
{
    if (fabs(value - expected) > fabs(expected) * 1e-6)
        fail_msg("%.12g, expected %.12g", value, expected);
}

/* From the first day of November on; all workloads where host. */
static double november(bool host, int workload)
{
    double sum = 0;
    for (int day = DAYS - 22; day < DAYS; day++)
        for (int w = 0; w < UNSPLIT; w++)
            sum += host || w == workload ? kwh_of(w, day) * part_of(day) : 0;
    return sum;
}

static void test_host(void **unused)
{
    (void)unused;
    put();
    evaluate(true);
    const struct target_state *s = state_of("energy");
    assert_int_equal(s->since_s, midnight(DAYS - 22));
    assert_int_equal(s->until_s, midnight(DAYS - 22 + 30));
    assert_near(s->so_far, november(true, 0));
    assert_near(s->covered, 1);
    assert_false(s->stated);
    /* 10 h of a Sunday and eight days, of which a Saturday and a Sunday: means of the last 28. */
    double ahead = 0;
    for (int day = DAYS - 1; day < DAYS - 1 + 9; day++) {
        double mean = 0;
        int first = day - 7 >= DAYS - 1 ? 2 : 1; /* weeks ago: the last that is over */
        for (int week = first; week < first + 4; week++)
            for (int w = 0; w < UNSPLIT; w++)
                mean += kwh_of(w, day - 7 * week) / 4 / length_of(day - 7 * week);
        ahead += mean * (day == DAYS - 1 ? 10.0 / 24 : 1);
    }
    assert_true(s->projected);
    assert_int_equal(s->projection.days, 28);
    assert_near(s->value, s->so_far + ahead);
    assert_near(s->most - s->value, s->projection.half);
    assert_near(s->value - s->least, s->projection.half);
    assert_int_equal(s->verdict, s->most <= 160 ? TARGET_ON_COURSE : TARGET_UNCERTAIN);
    assert_true(s->trend.known);
}

/* Units have what they caused, without idle energy; baselines likewise. */
static void test_units(void **unused)
{
    (void)unused;
    put();
    evaluate(true);
    const struct target_state *s = state_of("web");
    double october = 0;
    for (int day = 61; day < 92; day++)
        october += kwh_of(NGINX, day);
    assert_near(s->so_far, november(false, NGINX));
    assert_near(s->baseline, october);
    assert_near(s->limit, october * 0.95);
    assert_near(s->baseline_covered, 1);
    s = state_of("tests");
    assert_near(s->so_far, november(false, TEST) * 1.46 * 0.098);
    s = state_of("units");
    assert_near(s->so_far, november(false, NGINX) + november(false, TEST));
}

static void test_climate(void **unused)
{
    (void)unused;
    put();
    evaluate(true);
    const struct target_state *s = state_of("climate");
    double all = 0;
    for (int day = 0; day < DAYS; day++)
        for (int w = 0; w < UNSPLIT; w++)
            all += kwh_of(w, day) * part_of(day);
    assert_near(s->so_far, all * 1.46 * 0.098);
    /* Nothing is said of a year of which only August on was measured. */
    assert_near(s->covered, (double)(s->now_s - midnight(0)) / (double)(s->now_s - s->since_s));
    assert_false(s->projected);
    assert_int_equal(s->projection_lack, TARGET_UNCOVERED);
    assert_int_equal(s->verdict, TARGET_UNKNOWN);
    clean(NULL);
    evaluate(false);
    s = state_of("climate");
    assert_false(s->valued);
    assert_int_equal(s->lack, TARGET_NO_FACTOR);
    assert_true(state_of("energy")->projected);
}

static void test_baselines(void **unused)
{
    (void)unused;
    put();
    evaluate(true);
    assert_int_equal(state_of("old")->lack, TARGET_BASELINE_MISSING);
    assert_false(state_of("old")->limited);
    assert_int_equal(state_of("ahead")->lack, TARGET_BASELINE_AHEAD);
    for (size_t i = 61; i < 65; i++) /* four days of October */
        spans[i].covered_ns = 0;
    clean(NULL);
    evaluate(true);
    const struct target_state *s = state_of("web");
    assert_int_equal(s->lack, TARGET_BASELINE_PARTIAL);
    assert_false(s->limited);
    assert_int_equal(s->verdict, TARGET_UNKNOWN);
    assert_true(s->projected);
}

/* What was not measured may have been as much as on other days. */
static void test_missing(void **unused)
{
    (void)unused;
    put();
    evaluate(true);
    double most = state_of("energy")->most, least = state_of("energy")->least;
    clean(NULL);
    spans[DAYS - 10].covered_ns = 0;
    for (size_t w = 0; w < N_WORKLOADS; w++)
        usages[(DAYS - 10) * N_WORKLOADS + w].energy_uj = 0;
    evaluate(true);
    const struct target_state *s = state_of("energy");
    double lost = kwh_of(NGINX, DAYS - 10) + 3.5;
    assert_int_equal(s->projection.days, 27);
    assert_true(s->most > most - 1 && s->least < least - lost + 1);
    assert_near(s->most - s->value - s->projection.half,
                (1 - s->covered) * (double)(s->now_s - s->since_s) / 86400 * s->projection.daily);
    for (int day = DAYS - 10; day < DAYS - 4; day++)
        spans[day].covered_ns = 0;
    clean(NULL);
    evaluate(true);
    assert_int_equal(state_of("energy")->projection_lack, TARGET_UNCOVERED);
}

/* Days that count may lack a little, and so do those that are projected from them. */
static void test_missing_ahead(void **unused)
{
    (void)unused;
    put();
    for (int day = 0; day < DAYS; day++)
        spans[day].covered_ns = spans[day].covered_ns / 100 * 96;
    evaluate(true);
    const struct target_state *s = state_of("energy");
    assert_near(s->covered, 0.96);
    assert_near(s->projection.covered, 0.96);
    assert_int_equal(s->projection.days, 28);
    double past = 0.04 * (double)(s->now_s - s->since_s) / 86400 * s->projection.daily;
    double ahead = (s->value - s->so_far) * (1 / 0.96 - 1);
    assert_near(s->most - s->value - s->projection.half, past + ahead);
    assert_near(s->value - s->least, s->projection.half);
}

/* The host's interval is that of whole domains, a unit's that of its parts. */
static void test_stated(void **unused)
{
    (void)unused;
    stated = true;
    put();
    evaluate(true);
    const struct target_state *s = state_of("energy");
    assert_true(s->stated);
    assert_near(s->so_far_half, 0.02 * november(true, 0));
    assert_near(s->most - s->value, s->projection.half + 0.02 * s->value);
    s = state_of("web");
    assert_near(s->so_far_half, 0.1 * november(false, NGINX));
    stated = false;
}

/* A split's interval is relative to the meter: where that states none, the interval lacks it. */
static void test_unmetered(void **unused)
{
    (void)unused;
    static const struct style usual = {.width = 1000, .utf8 = true};
    CLEANUP(text_done) struct text line = {0};
    for (int metered = 1; metered >= 0; metered--) {
        stated = true;
        put();
        for (size_t i = UNSPLIT; !metered && i < fake_store.n_usages; i += N_WORKLOADS)
            usages[i].uncertainty_uj = UINT64_MAX;
        evaluate(true);
        const struct target_state *s = state_of("web");
        assert_true(s->stated);
        assert_int_equal(s->metered, metered);
        assert_near(s->so_far_half, 0.1 * november(false, NGINX));
        json_t *array = targets_json(&list);
        const json_t *web = json_array_get(array, 1);
        const json_t *included =
            json_object_get(json_object_get(web, "projected"), "meter_interval_included");
        assert_int_equal(json_is_true(included), metered);
        assert_int_equal(json_is_null(json_object_get(web, "so_far_half_width")), !metered);
        json_decref(array);
        text_clear(&line);
        targets_add_line(s, &usual, &line);
        if (golden_is_english())
            assert_int_equal(strstr(line.data, "without the meters' own interval") != NULL,
                             !metered);
        clean(NULL);
        stated = false;
    }
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        fail_msg("%s is no number", key);
    return json_number_value(value);
}

/* What a model says is not called measured. */
static void test_modelled(void **unused)
{
    (void)unused;
    static const struct style usual = {.width = 1000, .utf8 = true};
    CLEANUP(text_done) struct text text = {0};
    CLEANUP(text_done) struct text line = {0};
    put();
    fake_store.domains = modelled_domains;
    evaluate(true);
    const struct target_state *s = state_of("web");
    assert_near(s->so_far_modelled, 1);
    assert_near(s->baseline_modelled, 1);
    assert_true(s->estimate);
    json_t *array = targets_json(&list);
    assert_near(number(json_array_get(array, 1), "modelled_ratio"), 1);
    assert_near(number(json_object_get(json_array_get(array, 1), "baseline"), "modelled_ratio"), 1);
    assert_true(json_is_true(json_object_get(json_array_get(array, 1), "estimate")));
    json_decref(array);
    targets_render_table(&list, &usual, &text);
    targets_add_line(s, &usual, &line);
    if (golden_is_english()) {
        assert_non_null(strstr(text.data, "measured or modelled 100.0 % of the period so far, of "
                                          "its energy modelled: 100.0 %"));
        assert_null(strstr(text.data, "; measured 1"));
        assert_non_null(strstr(text.data, "~112.1"));
        assert_non_null(strstr(text.data, "~ ESTIMATE"));
        assert_non_null(strstr(line.data, "an ESTIMATE"));
    }
    /* Measured by now, projected from days that were not. */
    clean(NULL);
    static struct ring_domain_entry both[2];
    both[0] = domains[0];
    both[1] = modelled_domains[0];
    fake_store.domains = both;
    for (size_t i = 0; i < (size_t)(DAYS - 22) * N_WORKLOADS; i++)
        usages[i].domain = 1;
    evaluate(true);
    s = state_of("energy");
    assert_true(s->so_far_modelled == 0 && s->estimate);
}

static void check(const char *golden,
                  void (*render)(const struct target_list *list, struct text *text))
{
    CLEANUP(text_done) struct text text = {0};
    render(&list, &text);
    assert_int_equal(text.error, 0);
    golden_check(golden, &text);
}

static void test_shown(void **unused)
{
    (void)unused;
    static const struct style usual = {.width = 100, .utf8 = true};
    CLEANUP(text_done) struct text text = {0};
    put();
    evaluate(true);
    check("tests/golden/targets.json", targets_render_json);
    check("tests/golden/targets.csv", targets_render_csv);
    targets_render_table(&list, &usual, &text);
    for (size_t i = 0; i < list.n; i++) {
        CLEANUP(text_done) struct text line = {0};
        targets_add_line(&list.states[i], &usual, &line);
        style_add_paragraph(&usual, &text, 2, line.data);
    }
    golden_check("tests/golden/targets.txt", &text);
}

/* ---- The verb ---- */

static struct captured captured;

#define RUN(...) capture_ctl(&captured, (const char *const[]){__VA_ARGS__, NULL})

static void write_configuration(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

static void test_verb(void **unused)
{
    (void)unused;
    if (!golden_is_english()) /* the texts below are */
        return;
    char path[] = "/tmp/greend-targets-XXXXXX";
    char none[] = "/tmp/greend-targets-XXXXXX";
    write_configuration(path, "[footprint]\nfolder=" SOURCE_ROOT
                              "/footprint/factors\n[targets]\nenergy=host 160 kWh per month\n");
    write_configuration(none, "[log]\nlevel=info\n");
    put();
    RUN("targets", "--config", path);
    assert_int_equal(captured.status, 0);
    assert_string_equal(captured.err, "");
    assert_non_null(strstr(captured.out, "Targets, as of 2026-11-22 14:00"));
    assert_non_null(strstr(captured.out, "on course"));
    RUN("targets", "--config", path, "--format", "json");
    json_t *root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "format")), "greend-targets-1");
    json_t *only = json_array_get(json_object_get(root, "targets"), 0);
    assert_int_equal(json_array_size(json_object_get(root, "targets")), 1);
    /* It looks back beyond the month. */
    assert_int_equal(json_integer_value(json_object_get(only, "days_used")), 28);
    json_decref(root);
    /* A report has them as well, unless the database may be another machine's. */
    RUN("report", "--config", path, "--since", "2026-11-01", "--until", "2026-11-23");
    assert_non_null(
        strstr(captured.out, "Target energy 2026-11: on course; so far 112.1 of 160.0"));
    RUN("report", "--config", path, "--since", "2026-11-01", "--until", "2026-11-23", "--format",
        "json");
    root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "targets")), 1);
    json_decref(root);
    RUN("report", "--database", "x", "--since", "2026-11-01", "--until", "2026-11-23", "--format",
        "json");
    assert_null(strstr(captured.out, "\"targets\""));
    RUN("targets", "--config", none);
    assert_int_equal(captured.status, CTL_NO_DATA);
    assert_non_null(strstr(captured.err, "there are no targets: expected lines in [targets] of"));
    RUN("targets", "--config", path, "--top", "3");
    assert_int_equal(captured.status, CTL_USAGE);
    fake_store.info.first_s = INT64_MAX;
    fake_store.info.last_s = INT64_MIN;
    RUN("targets", "--config", path);
    assert_int_equal(captured.status, CTL_NO_DATA);
    assert_non_null(strstr(captured.err, "still empty"));
    fake_store.open_result = -EACCES;
    RUN("targets", "--config", path);
    assert_int_equal(captured.status, CTL_FAILED);
    assert_non_null(strstr(captured.err, "greend-read"));
    (void)unlink(path);
    (void)unlink(none);
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    if (!configuration_timezone_exists("Europe/Paris")) {
        puts("no time zones on this machine: install tzdata");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_host, clean),
        cmocka_unit_test_teardown(test_units, clean),
        cmocka_unit_test_teardown(test_climate, clean),
        cmocka_unit_test_teardown(test_baselines, clean),
        cmocka_unit_test_teardown(test_missing, clean),
        cmocka_unit_test_teardown(test_missing_ahead, clean),
        cmocka_unit_test_teardown(test_stated, clean),
        cmocka_unit_test_teardown(test_unmetered, clean),
        cmocka_unit_test_teardown(test_modelled, clean),
        cmocka_unit_test_teardown(test_shown, clean),
        cmocka_unit_test(test_verb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
