/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "rapl_machine.h"

#include <dirent.h>

#define RANGE      "262143328850\n"
#define DRAM_RANGE "65712999613\n"

static struct rapl_machine machine;

static int setup(void **state)
{
    (void)state;
    machine_make(&machine);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    machine_done(&machine);
    return 0;
}

static void make_server(void)
{
    zone_make(&machine, "intel-rapl:0", "package-0", "1000\n", RANGE, "205000000\n");
    zone_make(&machine, "intel-rapl:1", "package-1", "2000\n", RANGE, "205000000\n");
    zone_make(&machine, "intel-rapl:0:0", "dram", "300\n", DRAM_RANGE, "36000000\n");
    zone_make(&machine, "intel-rapl:1:0", "dram", "400\n", DRAM_RANGE, "0\n");
}

static void test_server(void **state)
{
    (void)state;
    make_server();
    /* As on real machines: the zones nested too, links between them, and other files. */
    zone_make(&machine, "intel-rapl/intel-rapl:0", "package-0", "1000\n", RANGE, "205000000\n");
    fixture_link(&machine.fixture, POWERCAP "intel-rapl:0/intel-rapl:0:0", "../intel-rapl:0:0");
    fixture_link(&machine.fixture, POWERCAP "intel-rapl:0/device", "../intel-rapl");
    fixture_link(&machine.fixture, POWERCAP "intel-rapl:0:0/subsystem", "../../powercap");
    fixture_write(&machine.fixture, POWERCAP "intel-rapl/enabled", "1\n");
    fixture_write(&machine.fixture, POWERCAP "dtpm/name", "package-7\n");
    machine_open(&machine);
    assert_int_equal(machine_collect(&machine), 0);
    assert_int_equal(machine.sample.meters.count, 4);

    const struct meter *meter = NULL;
    assert_int_equal(reading_of(&machine, "intel-rapl/package-1", &meter)->value, 2000);
    assert_string_equal(meter->domain, "package-1");
    assert_int_equal(meter->kind, DOMAIN_PACKAGE);
    assert_int_equal(meter->source, SOURCE_RAPL);
    assert_int_equal(meter->form, METER_COUNTER);
    assert_int_equal(meter->package, 1);
    assert_int_equal(meter->die, -1);
    assert_int_equal(meter->range_uj, UINT64_C(262143328850));
    assert_int_equal(meter->max_power_uw, 410 * UW_PER_W);
    assert_int_equal(meter->uncertainty_ppm, 0);
    assert_false(meter->mmio);

    assert_int_equal(reading_of(&machine, "intel-rapl/package-1/dram", &meter)->value, 400);
    assert_string_equal(meter->domain, "dram-1");
    assert_int_equal(meter->kind, DOMAIN_DRAM);
    assert_int_equal(meter->package, 1);
    assert_int_equal(meter->max_power_uw, 1000 * UW_PER_W);
    assert_int_equal(meter->uncertainty_ppm, 300000);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0/dram", NULL)->value, 300);
    expect_health(&machine, "", HEALTH_WORKING);
    expect_health(&machine, "package-1/dram", HEALTH_WORKING);

    zone_count(&machine, "intel-rapl:1", "2500\n"); /* the file that is open shows it */
    (void)machine_collect(&machine);
    const struct meter_reading *reading = reading_of(&machine, "intel-rapl/package-1", NULL);
    assert_int_equal(reading->value, 2500);
    assert_true(reading->time_ns > 0);
}

/* All zones below the driver's folder only, without the links of the class folder. */
static void test_nested_only(void **state)
{
    (void)state;
    zone_make(&machine, "intel-rapl/intel-rapl:0", "package-0", "1\n", RANGE, NULL);
    zone_make(&machine, "intel-rapl/intel-rapl:0/intel-rapl:0:0", "core", "2\n", RANGE, NULL);
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(machine.sample.meters.count, 2);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0/core", NULL)->value, 2);
}

/* A mobile machine: psys took index 1, and the package is seen through two drivers. */
static void test_client(void **state)
{
    (void)state;
    const struct meter *meter = NULL;
    zone_make(&machine, "intel-rapl:0", "package-0", "1000\n", RANGE, "15000000\n");
    zone_file(&machine, "intel-rapl:0", "constraint_1_power_limit_uw", "64000000\n");
    zone_make(&machine, "intel-rapl:0:0", "core", "500\n", RANGE, NULL);
    zone_make(&machine, "intel-rapl:0:1", "uncore", "0\n", RANGE, NULL);
    zone_make(&machine, "intel-rapl:1", "psys", "3000\n", RANGE, "0\n");
    zone_make(&machine, "intel-rapl-mmio:0", "package-0", "999\n", RANGE, "15000000\n");
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(machine.sample.meters.count, 4);
    (void)reading_of(&machine, "intel-rapl/psys", &meter);
    assert_int_equal(meter->kind, DOMAIN_PSYS);
    assert_string_equal(meter->domain, "psys");
    assert_int_equal(meter->package, -1);
    (void)reading_of(&machine, "intel-rapl/package-0", &meter);
    assert_int_equal(meter->max_power_uw, 128 * UW_PER_W);
    (void)reading_of(&machine, "intel-rapl/package-0/core", &meter);
    assert_string_equal(meter->domain, "core-0");
    assert_int_equal(meter->kind, DOMAIN_CORE);

    /* The graphics unit stands at 0: nothing is wrong, and nothing is measured. */
    machine_search_again(&machine);
    machine_search_again(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0/uncore", NULL)->error, -ENODATA);
    expect_health(&machine, "package-0/uncore", HEALTH_ABSENT);
    expect_health(&machine, "", HEALTH_WORKING);
}

static void test_mmio_stands_in(void **state)
{
    (void)state;
    const struct meter *meter = NULL;
    zone_make(&machine, "intel-rapl-mmio:0", "package-0", "999\n", RANGE, NULL);
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl-mmio/package-0", &meter)->value, 999);
    assert_true(meter->mmio);
    assert_string_equal(meter->domain, "package-0");

    /* The other driver is loaded: its zone takes over, and its twin is not missed. */
    zone_make(&machine, "intel-rapl:0", "package-0", "1000\n", RANGE, NULL);
    machine_search_again(&machine);
    assert_int_equal(machine.sample.meters.count, 1);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0", NULL)->value, 1000);
}

static void test_amd(void **state)
{
    (void)state;
    const struct meter *meter = NULL;
    zone_make(&machine, "intel-rapl:0", "package-0-die-0", "5000\n", "65532610987\n", NULL);
    zone_make(&machine, "intel-rapl:1", "package-0-die-1", "5001\n", "65532610987\n", NULL);
    zone_make(&machine, "intel-rapl:0:0", "core", "70\n", "65532610987\n", NULL);
    zone_make(&machine, "intel-rapl:1:0", "core", "71\n", "65532610987\n", NULL);
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(machine.sample.meters.count, 4);
    (void)reading_of(&machine, "intel-rapl/package-0-die-1", &meter);
    assert_string_equal(meter->domain, "package-0");
    assert_int_equal(meter->package, 0);
    assert_int_equal(meter->die, 1);
    (void)reading_of(&machine, "intel-rapl/package-0-die-1/core", &meter);
    assert_string_equal(meter->domain, "core-0");
    assert_int_equal(meter->die, 1);
}

/* Each of them fails alone; the others go on. */
static void test_broken_zones_degrade_alone(void **state)
{
    (void)state;
    make_server();
    zone_make(&machine, "intel-rapl:2", "package-2", "12x\n", RANGE, NULL);
    zone_make(&machine, "intel-rapl:3", "package-3", "", RANGE, NULL);
    zone_make(&machine, "intel-rapl:4", "package-4", NULL, RANGE, NULL);
    zone_make(&machine, "intel-rapl:5", "package-5", NULL, RANGE, NULL);
    zone_make(&machine, "intel-rapl:6", "package-6", NULL, RANGE, NULL);
    zone_make(&machine, "intel-rapl:7", "package-7", NULL, RANGE, NULL);
    zone_make(&machine, "intel-rapl:8", "package-8", "99999999999999999999\n", RANGE, NULL);
    zone_make(&machine, "intel-rapl:9", "package-9", "-1\n", RANGE, NULL);
    size_t megabyte = (size_t)1 << 20;
    char *digits = test_malloc(megabyte);
    memset(digits, '1', megabyte);
    fixture_write_bytes(&machine.fixture, POWERCAP "intel-rapl:4/energy_uj", digits, megabyte);
    test_free(digits);
    fixture_fifo(&machine.fixture, POWERCAP "intel-rapl:5/energy_uj");
    fixture_link(&machine.fixture, POWERCAP "intel-rapl:6/energy_uj", "energy_uj");
    fixture_write(&machine.fixture, POWERCAP "intel-rapl:7/energy_uj/x", "a folder");
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(machine.sample.meters.count, 12);
    char text[64];
    for (int i = 2; i <= 9; i++) {
        (void)snprintf(text, sizeof(text), "intel-rapl/package-%d", i);
        assert_true(reading_of(&machine, text, NULL)->error < 0);
        expect_health(&machine, strchr(text, '/') + 1, HEALTH_FAILED);
    }
    assert_int_equal(reading_of(&machine, "intel-rapl/package-2", NULL)->error, -EBADMSG);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-3", NULL)->error, -ENODATA);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-6", NULL)->error, -ELOOP);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-1", NULL)->error, 0);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-1", NULL)->value, 2000);
    expect_health(&machine, "package-1", HEALTH_WORKING);
    expect_health(&machine, "", HEALTH_DEGRADED);

    zone_count(&machine, "intel-rapl:2", "12\n"); /* it recovers by itself */
    (void)machine_collect(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-2", NULL)->error, 0);
}

static void test_odd_names(void **state)
{
    (void)state;
    static const char *const names[] = {"package-",
                                        "package-x",
                                        "package-0-die-",
                                        "package-99999999999",
                                        "package-0 ",
                                        "psys-",
                                        "dram",
                                        "core",
                                        "\xff\xfe",
                                        "package-0-die-1-die-2",
                                        "",
                                        "PACKAGE-0"};
    char zone[32];
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        (void)snprintf(zone, sizeof(zone), "intel-rapl:%zu", i);
        zone_make(&machine, zone, names[i], "1\n", RANGE, NULL);
    }
    zone_make(&machine, "intel-rapl:20", "psys-1", "1\n", RANGE, NULL);
    zone_make(&machine, "intel-rapl:21", "package-3", "1\n", RANGE, NULL);
    zone_make(&machine, "intel-rapl:22", "package-3", "2\n", RANGE, NULL); /* the same again */
    zone_make(&machine, "intel-rapl:x", "package-4", "1\n", RANGE, NULL);
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(machine.sample.meters.count, 2);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-3", NULL)->value, 1);
    (void)reading_of(&machine, "intel-rapl/psys-1", NULL);
}

static size_t open_files(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    if (folder)
        (void)closedir(folder);
    return count;
}

static void test_vanishing_and_coming(void **state)
{
    (void)state;
    make_server();
    machine_open(&machine);
    (void)machine_collect(&machine);
    size_t files = open_files();
    fixture_remove(&machine.fixture, POWERCAP "intel-rapl:1");
    fixture_remove(&machine.fixture, POWERCAP "intel-rapl:1:0");
    machine_search_again(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-1", NULL)->error, -ENODEV);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0", NULL)->error, 0);
    expect_health(&machine, "package-1", HEALTH_FAILED);
    expect_health(&machine, "package-1/dram", HEALTH_FAILED);
    expect_health(&machine, "", HEALTH_DEGRADED);

    /* The driver is back, and numbers its zones differently. */
    zone_make(&machine, "intel-rapl:5", "package-1", "7000\n", RANGE, NULL);
    zone_make(&machine, "intel-rapl:6", "package-2", "8000\n", RANGE, NULL);
    for (int i = 0; i < 20; i++)
        machine_search_again(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-1", NULL)->value, 7000);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-2", NULL)->value, 8000);
    assert_int_equal(machine.sample.meters.count, 5);
    assert_int_equal(open_files(), files); /* one dram less, one package more */
    fixture_remove(&machine.fixture, "class");
    machine_search_again(&machine);
    expect_health(&machine, "", HEALTH_FAILED);
    assert_int_equal(machine.sample.meters.count, 5);
}

static void test_no_powercap(void **state)
{
    (void)state;
    machine_open(&machine);
    assert_int_equal(machine_collect(&machine), COLLECT_NO_DATA);
    expect_health(&machine, "", HEALTH_ABSENT);
    zone_make(&machine, "intel-rapl:0", "package-0", "1000\n", RANGE, NULL);
    machine_search_again(&machine); /* the driver is loaded later */
    assert_int_equal(machine.sample.meters.count, 1);
    expect_health(&machine, "", HEALTH_WORKING);
}

static void test_no_sysfs(void **state)
{
    (void)state;
    machine.env.sysfs_fd = -1;
    machine_open(&machine);
    assert_int_equal(machine_collect(&machine), COLLECT_NO_DATA);
}

static void test_constant_zero(void **state)
{
    (void)state;
    zone_make(&machine, "intel-rapl:0", "package-0", "0\n", RANGE, NULL);
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0", NULL)->error, 0);
    machine_search_again(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0", NULL)->error, -ENODATA);
    expect_health(&machine, "package-0", HEALTH_FAILED);
    zone_count(&machine, "intel-rapl:0", "61\n");
    (void)machine_collect(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0", NULL)->error, 0);
    expect_health(&machine, "package-0", HEALTH_WORKING);
}

static void test_range_unknown(void **state)
{
    (void)state;
    zone_make(&machine, "intel-rapl:0", "package-0", "10\n", "0\n", NULL);
    zone_make(&machine, "intel-rapl:1", "package-1", "10\n", NULL, NULL);
    zone_make(&machine, "intel-rapl:2", "package-2", "10\n", "many\n", NULL);
    machine_open(&machine);
    (void)machine_collect(&machine);
    const struct meter *meter = NULL;
    assert_int_equal(reading_of(&machine, "intel-rapl/package-2", &meter)->error, 0);
    assert_int_equal(meter->range_uj, 0);
    expect_health(&machine, "package-0", HEALTH_DEGRADED);
    expect_health(&machine, "package-1", HEALTH_DEGRADED);
    expect_health(&machine, "", HEALTH_DEGRADED);
}

/* Links in circles end, and what is below them counts once. */
static void test_circles(void **state)
{
    (void)state;
    make_server();
    fixture_link(&machine.fixture, POWERCAP "intel-rapl:0/intel-rapl:0:1", "..");
    fixture_link(&machine.fixture, POWERCAP "intel-rapl:0/intel-rapl:0:2", "intel-rapl:0:2");
    fixture_link(&machine.fixture, POWERCAP "intel-rapl:1/intel-rapl:1:7", "../intel-rapl:1");
    fixture_link(&machine.fixture, POWERCAP "intel-rapl", "../powercap");
    machine_open(&machine);
    (void)machine_collect(&machine);
    /* Package-1 below itself has its name, but no place for it: known already. */
    assert_int_equal(machine.sample.meters.count, 4);
}

static void test_more_zones_than_fit(void **state)
{
    (void)state;
    char zone[32], name[32];
    for (int i = 0; i < METERS_MAX + 10; i++) {
        (void)snprintf(zone, sizeof(zone), "intel-rapl:%d", i);
        (void)snprintf(name, sizeof(name), "package-%d", i);
        zone_make(&machine, zone, name, "1\n", RANGE, NULL);
    }
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(machine.sample.meters.count, METERS_MAX);
    expect_health(&machine, "", HEALTH_DEGRADED);
    /* A sample that others have filled. */
    machine.sample.meters.count = METERS_MAX - 3;
    (void)collector_rapl.collect(machine.state, &machine.sample);
    assert_int_equal(machine.sample.meters.count, METERS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nested_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_client, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mmio_stands_in, setup, teardown),
        cmocka_unit_test_setup_teardown(test_amd, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broken_zones_degrade_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_odd_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_vanishing_and_coming, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_powercap, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_sysfs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_constant_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(test_range_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_circles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_more_zones_than_fit, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
