/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What greend-ctl advise says of eighty days and a machine made of files. */
#include "unit/unit.h"

#include <jansson.h>
#include <math.h>
#include <time.h>

#include "capture.h"
#include "fake_store.h"
#include "golden.h"
#include "greend/units.h"
#include "input/configuration.h"
#include "support/fixtures.h"

enum { WEB, TEST, IDLE, N_WORKLOADS };
static const struct workload workloads[] = {
    [WEB] = {1, WORKLOAD_SERVICE, "nginx.service",  "nginx", "www-data", 0},
    [TEST] = {1, WORKLOAD_SERVICE, "test-a.service", "a",     "test",     0},
    [IDLE] = {1, WORKLOAD_IDLE,    "",               "",      "",         0},
};
static const struct ring_domain_entry domains[] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL, .used = 1},
};

/* The same domain where no meter is. */
static const struct ring_domain_entry modelled_domains[] = {
    {.name = "package-0", .kind = DOMAIN_PACKAGE, .source = SOURCE_MODEL, .used = 1},
};

/* From Monday 2026-08-31 00:00 in Paris, with a day of 25 hours. Four CPUs, 1 GiB. */
enum { DAYS_MOST = 80, HOURS_MOST = DAYS_MOST * 24 + 1, MEMORY_KIB = 1 << 20 };
#define BEGIN INT64_C(1788127200)

static struct fake_usage usages[HOURS_MOST * (N_WORKLOADS + 1)];
static struct fake_reserved reserved[HOURS_MOST];
static struct fake_span spans[HOURS_MOST];

/* busy: part of the CPUs that the web server uses, tenths by the hour of the day; held: of the
 * memory. */
static void put(int days, double busy, double held)
{
    int hours = days * 24 + (days > 55);
    size_t n = 0;
    for (int i = 0; i < hours; i++) {
        int64_t begin_s = BEGIN + i * INT64_C(3600);
        double wiggle = 1 + 0.01 * ((i / 24 * 7919) % 13 - 6);
        const double wh[N_WORKLOADS] = {[WEB] = 20 * wiggle, [TEST] = 5 * wiggle, [IDLE] = 50};
        for (size_t w = 0; w < N_WORKLOADS; w++)
            usages[n++] = (struct fake_usage){
                begin_s, 3600, w, 0, (uint64_t)(wh[w] * (double)UJ_PER_WH), UINT64_MAX, 0};
        double cpu_s = 4 * 3600 * busy * (i % 24 == 12 ? 1 : 0.5);
        usages[n++] = (struct fake_usage){
            begin_s, 3600, WEB, -1, 0, UINT64_MAX, (uint64_t)(cpu_s * (double)NS_PER_S)};
        reserved[i] =
            (struct fake_reserved){begin_s, 3600, WEB, (uint64_t)(held * MEMORY_KIB * 3600), 0};
        spans[i] = (struct fake_span){begin_s, 3600, 3600 * NS_PER_S, 0};
    }
    fake_store = (struct fake_store){
        .info = {.timezone = "Europe/Paris",
                 .first_s = BEGIN,
                 .last_s = BEGIN + hours * INT64_C(3600)                                      },
        .period = { .since_s = BEGIN,
                 .until_s = BEGIN + hours * INT64_C(3600),
                 .covered_ns = 3600 * NS_PER_S, /* the fake gives it to each row */
                   .memory_ns = 3600 * NS_PER_S},
        .workloads = workloads,
        .domains = domains,
        .usages = usages,
        .n_usages = n,
        .reserved = reserved,
        .n_reserved = (size_t)hours,
        .spans = spans,
        .n_spans = (size_t)hours,
    };
}

struct world {
    struct fixture machine;
    char option[96];
};

static void put_configuration(struct world *world, const char *more)
{
    char text[1024];
    (void)snprintf(text, sizeof(text),
                   "[sampling]\nprocfs=%s/proc\nsysfs=%s/sys\n[footprint]\nfolder=" SOURCE_ROOT
                   "/footprint/factors\n[site]\ncountry=FR\n%s",
                   world->machine.root, world->machine.root, more);
    fixture_write(&world->machine, "c", text);
    (void)snprintf(world->option, sizeof(world->option), "--config=%s/c", world->machine.root);
}

/* A physical machine whose counters say that it was still since its start. */
static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    struct fixture *machine = &world->machine;
    fixture_make(machine);
    fixture_write(machine, "proc/cpuinfo",
                  "processor : 0\ncpu family : 6\nmodel name : Xeon\nphysical id : 0\n");
    fixture_write(machine, "proc/stat", "cpu  1 2 3\ncpu0 1\ncpu1 1\ncpu2 1\ncpu3 1\nintr 5\n");
    fixture_write(machine, "proc/meminfo", "MemTotal:        1048576 kB\nMemFree: 1 kB\n");
    fixture_write(machine, "proc/uptime", "8640000.00 1.00\n");
    fixture_write(machine, "proc/cmdline", "root=/dev/sda1 quiet\n");
    fixture_write(machine, "proc/net/dev",
                  "Inter-|   Receive                |  Transmit\n"
                  " face |bytes    packets errs drop fifo frame compressed multicast|bytes\n"
                  "    lo: 900000000000 1 0 0 0 0 0 0 900000000000 1 0 0 0 0 0 0\n"
                  "  eth0: 4320000000 1 0 0 0 0 0 0 1728000000 1 0 0 0 0 0 0\n");
    fixture_write(machine, "sys/block/sda/stat", " 1 1 84375000 1 1 1 33750000 1 1 1 1\n");
    fixture_write(machine, "sys/block/dm-0/stat", " 1 1 99999999999 1 1 1 9999999999 1 1 1 1\n");
    for (int cpu = 0; cpu < 4; cpu++) {
        char path[96];
        (void)snprintf(path, sizeof(path),
                       "sys/devices/system/cpu/cpufreq/policy%d/"
                       "scaling_governor",
                       cpu);
        fixture_write(machine, path, cpu == 0 ? "performance\n" : "powersave\n");
        for (int idle = 0; idle < 4; idle++) {
            (void)snprintf(path, sizeof(path),
                           "sys/devices/system/cpu/cpu%d/cpuidle/state%d/disable", cpu, idle);
            fixture_write(machine, path, idle == 3 ? "1\n" : "0\n");
        }
    }
    fixture_write(machine, "sys/class/hwmon/hwmon0/power1_label", "pin\n");
    fixture_write(machine, "sys/class/hwmon/hwmon0/power1_input", "200000000\n");
    fixture_write(machine, "sys/class/hwmon/hwmon0/power2_label", "pout1\n");
    fixture_write(machine, "sys/class/hwmon/hwmon0/power2_input", "170000000\n");
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    fixture_done(&world->machine);
    free(world);
    return 0;
}

static struct captured captured;

#define RUN(world, ...)                                                                            \
    capture_ctl(&captured, (const char *const[]){"advise", (world)->option, __VA_ARGS__, NULL})

static const char *environments =
    "[environments]\ntest=test-*\nproduction=nginx*\n[asset]\npurchase=2024-01-01\nlife=5\n";

static json_t *run_json(const struct world *world)
{
    RUN(world, "--format=json");
    if (captured.status != 0 || captured.err[0] != '\0')
        fail_msg("exit %d: %s", captured.status, captured.err);
    json_t *root = json_loads(captured.out, 0, NULL);
    assert_non_null(root);
    return root;
}

static const json_t *practice(const json_t *root, const char *id)
{
    size_t i = 0;
    const json_t *found = NULL;
    json_array_foreach(json_object_get(root, "practices"), i,
                       found) if (str_equal(json_string_value(json_object_get(found, "practice")),
                                            id)) return found;
    fail_msg("no practice %s", id);
    return NULL;
}

static const char *state_of(const json_t *root, const char *id)
{
    return json_string_value(json_object_get(practice(root, id), "state"));
}

static const char *evidence_of(const json_t *root, const char *id)
{
    return json_string_value(json_object_get(practice(root, id), "evidence"));
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        fail_msg("%s is no number", key);
    return json_number_value(value);
}

static void assert_near(double value, double expected)
{
    if (fabs(value - expected) > fabs(expected) * 1e-6)
        fail_msg("%.12g, expected %.12g", value, expected);
}

static void test_advised(void **state)
{
    struct world *world = *state;
    put_configuration(world, environments);
    put(80, 0.04, 0.3);
    json_t *root = run_json(world);
    const json_t *observed = json_object_get(root, "observed");
    /* 23 of 24 hours at half of 4 %, the 95th percentile is among them */
    assert_near(number(observed, "cpu_p95_ratio"), 0.02);
    assert_near(number(observed, "memory_held_p95_ratio"), 0.3);
    assert_near(number(observed, "network_bytes_per_second"), 700);
    assert_near(number(observed, "disk_bytes_per_second"), 7000);
    assert_near(number(observed, "uptime_days"), 100);
    assert_near(number(observed, "days"), 30);
    assert_string_equal(state_of(root, "comatose"), "advised");
    assert_string_equal(state_of(root, "oversized-cpu"), "advised");
    assert_string_equal(state_of(root, "oversized-memory"), "advised");
    const json_t *off = practice(root, "off-hours");
    assert_string_equal(state_of(root, "off-hours"), "advised");
    assert_string_equal(json_string_value(json_object_get(off, "environment")), "test");
    assert_near(number(off, "value"), 1);
    /* 5 Wh in 11 hours of 5 nights and 48 hours of weekends. */
    const json_t *kwh = json_object_get(json_object_get(off, "saving"), "kwh_per_year");
    double year = 0.005 * (5 * 11 + 48) * (52 + 1.0 / 7);
    assert_true(fabs(number(kwh, "value") - year) < 0.01 * year);
    assert_true(number(kwh, "min") < number(kwh, "value"));
    assert_string_equal(json_string_value(json_object_get(kwh, "band")), "partial");
    assert_near(number(json_object_get(off, "saving"), "days_used"), 79);
    const json_t *life = json_object_get(practice(root, "life"), "saving");
    assert_string_equal(json_string_value(json_object_get(life, "bound")), "least");
    assert_near(number(practice(root, "governor"), "value"), 0.25);
    assert_near(number(practice(root, "idle-states"), "value"), 0.5);
    assert_near(number(practice(root, "power-supply"), "value"), 0.85);
    assert_near(number(practice(root, "life"), "value"), 5);
    assert_string_equal(state_of(root, "life"), "advised");
    json_decref(root);
}

/* Of the first days, at most 54, no more than days are kept. */
static void prune(int days)
{
    int64_t until_s = BEGIN + days * INT64_C(86400);
    size_t n = 0;
    for (size_t i = 0; i < fake_store.n_usages; i++) {
        struct fake_usage usage = usages[i];
        if (usage.begin_s < until_s) {
            if ((usage.begin_s - BEGIN) % 86400 != 0)
                continue;
            usage.length_s = 86400;
            usage.energy_uj *= 24;
            usage.cpu_ns *= 24;
        }
        usages[n++] = usage;
    }
    fake_store.n_usages = n;
    fake_store.reserved += (size_t)days * 24;
    fake_store.n_reserved -= (size_t)days * 24;
}

/* Nothing is advised on hours that are gone. */
static void test_pruned(void **state)
{
    struct world *world = *state;
    put_configuration(world, environments);
    put(60, 0.04, 0.3);
    prune(40);
    json_t *root = run_json(world);
    assert_near(number(json_object_get(root, "observed"), "days"), 19);
    assert_string_equal(state_of(root, "comatose"), "needs_data");
    assert_string_equal(state_of(root, "oversized-memory"), "needs_data");
    assert_string_equal(state_of(root, "off-hours"), "needs_data");
    json_decref(root);
    /* A year of the machine needs its days, one of nights and weekends needs hours. */
    put(80, 0.04, 0.3);
    prune(10);
    root = run_json(world);
    const json_t *saving = json_object_get(practice(root, "off-hours"), "saving");
    assert_string_equal(state_of(root, "off-hours"), "advised");
    assert_true(json_is_null(json_object_get(saving, "kwh_per_year")));
    saving = json_object_get(practice(root, "comatose"), "saving");
    assert_true(json_is_object(json_object_get(saving, "kwh_per_year")));
    json_decref(root);
}

/* What would be saved is as sure as what it is projected from. */
static void test_modelled(void **state)
{
    struct world *world = *state;
    put_configuration(world, environments);
    put(80, 0.04, 0.3);
    json_t *root = run_json(world);
    assert_near(number(json_object_get(practice(root, "comatose"), "saving"), "modelled_ratio"), 0);
    const json_t *none = json_object_get(practice(root, "governor"), "saving");
    assert_true(json_is_null(json_object_get(none, "modelled_ratio")));
    json_decref(root);
    RUN(world, NULL);
    assert_null(strstr(captured.out, "ESTIMATE"));
    fake_store.domains = modelled_domains;
    root = run_json(world);
    assert_near(number(json_object_get(practice(root, "comatose"), "saving"), "modelled_ratio"), 1);
    assert_near(number(json_object_get(practice(root, "off-hours"), "saving"), "modelled_ratio"),
                1);
    json_decref(root);
    RUN(world, NULL);
    assert_non_null(strstr(captured.out, "an ESTIMATE"));
}

static void test_shown(void **state)
{
    struct world *world = *state;
    CLEANUP(text_done) struct text text = {0};
    put_configuration(world, environments);
    put(80, 0.04, 0.5);
    (void)setenv("COLUMNS", "100", 1);
    RUN(world, NULL);
    assert_int_equal(captured.status, 0);
    text_add(&text, captured.out);
    golden_check("tests/golden/advise.txt", &text);
    RUN(world, "--format=json");
    text_clear(&text);
    text_add(&text, captured.out);
    golden_check("tests/golden/advise.json", &text);
    /* What programs read is the same in every language. */
    RUN(world, "--format=json", "--lang=fr");
    text_clear(&text);
    text_add(&text, captured.out);
    golden_check("tests/golden/advise.json", &text);
    RUN(world, "--lang=fr");
    assert_true(strstr(captured.out, "une machine") || strstr(captured.out, "processeurs") ||
                strstr(captured.err, "not installed"));
    text_clear(&text);
    text_add(&text, captured.out);
    golden_check("tests/golden/advise.txt", &text); /* that of the language */
    fixture_write(&world->machine, "proc/uptime", "86400.00 1.00\n");
    RUN(world, "--lang=en");
    assert_non_null(strstr(captured.out, "since the machine started 1 day ago, network"));
    fixture_write(&world->machine, "proc/uptime", "8640000.00 1.00\n");
    (void)unsetenv("COLUMNS");
}

static void test_few_days(void **state)
{
    struct world *world = *state;
    put_configuration(world, environments);
    put(4, 0.01, 0.1);
    RUN(world, NULL);
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.out, "needs 30 days of which 95 % were recorded, has 3"));
    json_t *root = run_json(world);
    assert_string_equal(state_of(root, "comatose"), "needs_data");
    assert_string_equal(state_of(root, "off-hours"), "needs_data");
    assert_string_equal(state_of(root, "governor"), "advised");
    json_decref(root);
    /* Thresholds are the operator's. */
    put_configuration(world, "[advise]\ndays=7\ncpu_idle=1\nlife=5\npsu_efficiency=80\n"
                             "[asset]\nlife=5\n");
    put(9, 0.04, 0.1);
    root = run_json(world);
    assert_string_equal(state_of(root, "comatose"), "fine");
    assert_string_equal(state_of(root, "oversized-memory"), "advised");
    assert_string_equal(state_of(root, "off-hours"), "not_observable");
    assert_string_equal(state_of(root, "power-supply"), "fine");
    assert_string_equal(state_of(root, "life"), "fine");
    json_decref(root);
    fake_store.info.first_s = INT64_MAX;
    fake_store.info.last_s = INT64_MIN;
    root = run_json(world);
    assert_string_equal(state_of(root, "comatose"), "needs_data");
    json_decref(root);
}

/* States that there are tell themselves whether they are disabled. */
static void test_command_line(void **state)
{
    struct world *world = *state;
    put_configuration(world, "");
    put(4, 0.01, 0.1);
    fixture_write(&world->machine, "proc/cmdline", "quiet processor.max_cstate=1\n");
    json_t *root = run_json(world);
    assert_near(number(practice(root, "idle-states"), "value"), 0.5);
    assert_null(strstr(evidence_of(root, "idle-states"), "max_cstate"));
    json_decref(root);
}

/* What is not there is not judged. */
static void test_unobservable(void **state)
{
    struct world *world = *state;
    put_configuration(world, "");
    put(80, 0.01, 0.1);
    fixture_remove(&world->machine, "sys/devices");
    fixture_remove(&world->machine, "sys/class");
    fixture_remove(&world->machine, "sys/block/sda");
    fixture_remove(&world->machine, "proc/net");
    json_t *root = run_json(world);
    assert_string_equal(state_of(root, "comatose"), "sign");
    assert_string_equal(state_of(root, "governor"), "not_observable");
    assert_string_equal(state_of(root, "idle-states"), "not_observable");
    assert_string_equal(state_of(root, "power-supply"), "not_observable");
    assert_string_equal(state_of(root, "life"), "not_observable");
    json_decref(root);
    fixture_write(&world->machine, "proc/cmdline", "quiet idle=poll\n");
    fixture_write(&world->machine, "sys/class/hwmon/hwmon0/power1_label", "pin\n");
    fixture_write(&world->machine, "sys/class/hwmon/hwmon0/power1_input", "100\n");
    fixture_write(&world->machine, "sys/class/hwmon/hwmon0/power2_label", "pout1\n");
    fixture_write(&world->machine, "sys/class/hwmon/hwmon0/power2_input", "101\n");
    fixture_write(&world->machine, "proc/net/dev", "garbage\n\n::::\n lo:\n eth0: x\n");
    fixture_write(&world->machine, "proc/stat", "");
    root = run_json(world);
    assert_string_equal(state_of(root, "idle-states"), "advised");
    assert_true(json_is_null(json_object_get(practice(root, "idle-states"), "value")));
    assert_non_null(strstr(evidence_of(root, "idle-states"), "idle=poll"));
    assert_null(strstr(evidence_of(root, "idle-states"), "%"));
    assert_string_equal(state_of(root, "power-supply"), "not_observable");
    assert_string_equal(state_of(root, "comatose"), "not_observable");
    json_decref(root);
    /* Another driver has them then. */
    fixture_write(&world->machine, "proc/cmdline", "quiet intel_idle.max_cstate=0\n");
    root = run_json(world);
    assert_string_equal(state_of(root, "idle-states"), "not_observable");
    json_decref(root);
    /* Clocks and supplies of a virtual machine are its host's. */
    fixture_write(&world->machine, "proc/cpuinfo",
                  "processor : 0\nmodel name : QEMU\nflags : fpu hypervisor\n");
    root = run_json(world);
    assert_string_equal(state_of(root, "idle-states"), "not_observable");
    assert_string_equal(state_of(root, "life"), "not_observable");
    json_decref(root);
    RUN(world, "--format=csv");
    assert_int_equal(captured.status, CTL_USAGE);
    RUN(world, "--database=x");
    assert_int_equal(captured.status, CTL_USAGE);
    fake_store.open_result = -ENOENT;
    RUN(world, NULL);
    assert_int_equal(captured.status, CTL_FAILED);
}

int main(void)
{
    if (!configuration_timezone_exists("Europe/Paris")) {
        puts("no time zones on this machine: install tzdata");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_advised, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pruned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_modelled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_few_days, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_command_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unobservable, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
