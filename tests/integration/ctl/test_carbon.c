/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What greend-ctl carbon says of eight days, of which the last has no intensities. */
#include "unit/unit.h"

#include <jansson.h>
#include <math.h>
#include <time.h>

#include "capture.h"
#include "fake_store.h"
#include "golden.h"
#include "greend/units.h"
#include "input/configuration.h"

enum { NIGHT, DAY, IDLE, N_WORKLOADS };
static const struct workload workloads[] = {
    [NIGHT] = {1, WORKLOAD_SERVICE, "backup.service", "backup", "root",     0},
    [DAY] = {1, WORKLOAD_SERVICE, "nginx.service",  "nginx",  "www-data", 0},
    [IDLE] = {1, WORKLOAD_IDLE,    "",               "",       "",         0},
};
static const struct ring_domain_entry domains[] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL, .used = 1},
};

/* The same domain where no meter is. */
static const struct ring_domain_entry modelled_domains[] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_MODEL, .used = 1},
};

/* From Monday 2026-11-02 00:00 in Paris on. */
enum { HOURS = 8 * 24, KNOWN = 7 * 24 };
#define BEGIN INT64_C(1793574000)

static struct fake_usage usages[HOURS * N_WORKLOADS];
static struct fake_span spans[HOURS];

/* Wh: the backup runs from 2 to 4, the web server by day. */
static double wh_of(int workload, int hour)
{
    if (workload == NIGHT)
        return hour == 2 || hour == 3 ? 30 : 0;
    return workload == DAY ? (hour >= 8 && hour < 20 ? 20 : 5) : 50;
}

/* Cleanest at 3, dirtiest at 19. */
static double grams_of(int hour)
{
    return hour == 3 ? 20 : hour == 19 ? 80 : 40;
}

static void put(void)
{
    size_t n = 0;
    for (int i = 0; i < HOURS; i++) {
        for (int w = 0; w < N_WORKLOADS; w++)
            if (wh_of(w, i % 24) > 0)
                usages[n++] = (struct fake_usage){BEGIN + i * 3600,
                                                  3600,
                                                  (size_t)w,
                                                  0,
                                                  (uint64_t)(wh_of(w, i % 24) * (double)UJ_PER_WH),
                                                  UINT64_MAX,
                                                  0};
        spans[i] = (struct fake_span){BEGIN + i * 3600, 3600, 3600 * NS_PER_S, 0};
    }
    fake_store = (struct fake_store){
        .info = {.timezone = "Europe/Paris", .first_s = BEGIN, .last_s = BEGIN + HOURS * 3600},
        .period = {.since_s = BEGIN,
                 .until_s = BEGIN + HOURS * 3600,
                 .covered_ns = HOURS * 3600 * NS_PER_S                                       },
        .workloads = workloads,
        .domains = domains,
        .usages = usages,
        .n_usages = n,
        .spans = spans,
        .n_spans = HOURS,
    };
}

struct world {
    char folder[32];
    char configuration[64];
    char intensity[64];
};

static void write_text(const char *path, const struct text *text)
{
    CLEANUP(fclose_p) FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text->data, 1, text->length, file), text->length);
}

static void put_configuration(const struct world *world, const char *site)
{
    CLEANUP(text_done) struct text text = {0};
    text_format(&text,
                "[footprint]\nfolder=" SOURCE_ROOT "/footprint/factors\nintensity=%s\n[site]\n%s",
                world->intensity, site);
    write_text(world->configuration, &text);
}

static void put_intensity(const struct world *world, const char *header, const char *row)
{
    CLEANUP(text_done) struct text text = {0};
    text_format(&text, "%s\n", header);
    for (int i = 0; i < KNOWN; i++) {
        time_t time = BEGIN + i * 3600;
        struct tm utc;
        char moment[32];
        assert_non_null(gmtime_r(&time, &utc));
        (void)strftime(moment, sizeof(moment), "%Y-%m-%d %H:%M:00", &utc);
        text_format(&text, "%s%s%g\n", moment, row, grams_of(i % 24));
    }
    write_text(world->intensity, &text);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    (void)str_copy(world->folder, sizeof(world->folder), "/tmp/greend-carbon-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    (void)snprintf(world->configuration, sizeof(world->configuration), "%s/c", world->folder);
    (void)snprintf(world->intensity, sizeof(world->intensity), "%s/i.csv", world->folder);
    put();
    put_configuration(world, "country=FR\n");
    put_intensity(world, "time,gCO2e/kWh", "Z,");
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    (void)unlink(world->configuration);
    (void)unlink(world->intensity);
    (void)rmdir(world->folder);
    free(world);
    return 0;
}

static struct captured captured;

#define RUN(world, ...)                                                                            \
    capture_ctl(&captured,                                                                         \
                (const char *const[]){"carbon", "--config", (world)->configuration, "--since",     \
                                      "2026-11-01", "--until", "2026-12-01", __VA_ARGS__, NULL})

static void expect(int status, const char *in_err)
{
    if (captured.status != status || !strstr(captured.err, in_err) ||
        (*in_err == '\0' && captured.err[0] != '\0'))
        fail_msg("exit %d; out:\n%s\nerr:\n%s", captured.status, captured.out, captured.err);
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        fail_msg("%s is no number", key);
    return json_number_value(value);
}

static const json_t *row_of(const json_t *root, const char *unit)
{
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(json_object_get(root, "rows"), i, row)
    {
        const char *name = json_string_value(json_object_get(row, "unit"));
        if (name && str_equal(name, unit))
            return row;
    }
    fail_msg("no row %s", unit);
    return NULL;
}

static void assert_near(double value, double expected)
{
    if (fabs(value - expected) > fabs(expected) * 1e-9)
        fail_msg("%.12g, expected %.12g", value, expected);
}

static void test_figures(void **state)
{
    const struct world *world = *state;
    RUN(world, "--format", "json");
    expect(0, "");
    json_t *root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    const json_t *backup = row_of(root, "backup.service");
    /* Seven nights of 30 Wh at 40 g and 30 Wh at 20 g, with PUE 1.46; an eighth without. */
    assert_near(number(backup, "kgco2e_by_hour"), 7 * 0.03 * (40 + 20) * 1.46 / 1000);
    assert_near(number(backup, "kgco2e_by_factor_of_known"), 7 * 0.06 * 1.46 * 0.098);
    assert_near(number(backup, "kgco2e_by_factor"), 8 * 0.06 * 1.46 * 0.098);
    assert_near(number(backup, "g_per_kwh"), 30);
    assert_near(number(backup, "known_ratio"), 7.0 / 8);
    assert_near(number(backup, "cleanest_hour"), 3);
    assert_near(number(backup, "dirtiest_hour"), 2);
    const json_t *nginx = row_of(root, "nginx.service");
    assert_near(number(nginx, "dirtiest_hour"), 19);
    assert_int_equal(json_array_size(json_object_get(nginx, "hours_of_day")), 24);
    const json_t *grid = json_object_get(root, "grid");
    assert_near(number(grid, "g_per_kwh"), (22 * 40 + 20 + 80) / 24.0);
    assert_near(number(grid, "cleanest_hour"), 3);
    assert_near(number(grid, "dirtiest_hour"), 19);
    assert_near(number(grid, "hours"), KNOWN);
    assert_true(json_is_false(json_object_get(root, "official")));
    json_decref(root);
}

/* What a model says has its sign, and its share. */
static void test_modelled(void **state)
{
    const struct world *world = *state;
    RUN(world, NULL);
    assert_null(strstr(captured.out, "ESTIMATE"));
    assert_null(strstr(captured.out, "~"));
    fake_store.domains = modelled_domains;
    RUN(world, NULL);
    expect(0, "");
    assert_non_null(strstr(captured.out, "~ ESTIMATE"));
    assert_non_null(strstr(captured.out, "~2.400"));
    RUN(world, "--format", "json");
    json_t *root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    assert_near(number(row_of(root, "nginx.service"), "modelled_ratio"), 1);
    assert_near(number(json_object_get(root, "total"), "modelled_ratio"), 1);
    json_decref(root);
    RUN(world, "--format", "csv");
    assert_non_null(strstr(captured.out, ",plain,1\r\n"));
}

/* Where days alone are kept, nothing is known of their hours. */
static void test_days(void **state)
{
    const struct world *world = *state;
    for (size_t i = 0; i < fake_store.n_usages; i++)
        usages[i].length_s = 86400;
    RUN(world, "--format", "json");
    expect(0, "");
    json_t *root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    assert_near(number(json_object_get(root, "total"), "known_ratio"), 0);
    assert_true(json_is_null(json_object_get(json_object_get(root, "total"), "kgco2e_by_hour")));
    json_decref(root);
}

static void test_shown(void **state)
{
    const struct world *world = *state;
    CLEANUP(text_done) struct text text = {0};
    static const char *const formats[] = {"table", "json", "csv"};
    static const char *const golden[] = {"tests/golden/carbon.txt", "tests/golden/carbon.json",
                                         "tests/golden/carbon.csv"};
    (void)setenv("COLUMNS", "100", 1);
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        RUN(world, "--format", formats[i]);
        expect(0, "");
        text_clear(&text);
        text_add(&text, captured.out);
        golden_check(golden[i], &text);
    }
    RUN(world, "--top", "1");
    assert_non_null(strstr(captured.out, "1 more units"));
    RUN(world, "--lang=fr");
    text_clear(&text);
    text_add(&text, captured.out);
    golden_check(golden[0], &text); /* that of the language */
    RUN(world, "--lang=en");
    (void)unsetenv("COLUMNS");
}

/* Production is no consumption, and is called what it is. */
static void test_production(void **state)
{
    const struct world *world = *state;
    put_intensity(world, "Date et Heure;Taux de CO2 (g/kWh)", "Z;");
    RUN(world, NULL);
    expect(0, "");
    assert_non_null(strstr(captured.out, "PRODUCTION"));
    put_configuration(world, "country=DE\npue=1.3\n");
    RUN(world, NULL);
    expect(CTL_FAILED, "are of FR, and the site is in DE: expected those of its country");
    put_intensity(world, "Datetime (UTC),Zone id,Carbon intensity gCO2eq/kWh (LCA)", ",FR,");
    RUN(world, NULL);
    expect(CTL_FAILED, "are of FR, and the site is in DE");
}

static void test_lacks(void **state)
{
    const struct world *world = *state;
    put_configuration(world, "");
    RUN(world, NULL);
    expect(0, "");
    assert_non_null(strstr(captured.out, "No kgCO2e: expected country="));
    RUN(world, "--since", "nonsense");
    expect(CTL_USAGE, "'nonsense' is no time");
    RUN(world, "--since", "2026-11-05", "--until", "2026-11-04");
    expect(CTL_USAGE, "the period ends before it begins");
    RUN(world, "--by", "hour");
    expect(CTL_USAGE, "--by says nothing to carbon");
    RUN(world, "--until", "2026-10-01", "--since", "2026-09-01");
    expect(CTL_NO_DATA, "no data in this period");
    put_configuration(world, "country=FR\n");
    CLEANUP(text_done) struct text text = {0};
    text_add(&text, "time,gCO2e/kWh\n2026-11-02T00:00Z,40\n2026-11-02T01:00Z,1,5\n");
    write_text(world->intensity, &text);
    RUN(world, NULL);
    expect(CTL_FAILED, "i.csv:3:1: expected 2 fields, got 3: decimals have a point");
    text_clear(&text);
    text_add(&text, "time,gCO2e/kWh\n2026-11-02T00:00Z,40\n2026-11-02T01:00Z,40\n"
                    "2026-11-02T10:00Z,80\n");
    write_text(world->intensity, &text);
    RUN(world, NULL);
    expect(0, "i.csv:4:1: no values for 8 hours before this line");
    assert_non_null(strstr(captured.out, "168 hours"));
    (void)unlink(world->intensity);
    RUN(world, NULL);
    expect(CTL_FAILED, "i.csv: cannot be read: No such file or directory");
    text_clear(&text);
    text_add(&text, "[site]\ncountry=FR\n");
    write_text(world->configuration, &text);
    RUN(world, NULL);
    expect(CTL_NO_DATA, "no carbon intensity: expected intensity=FILE in [footprint]");
}

int main(void)
{
    if (!configuration_timezone_exists("Europe/Paris")) {
        puts("no time zones on this machine: install tzdata");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_figures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_modelled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_days, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_production, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lacks, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
