/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

#include "unit.h"

#include <fcntl.h>

#include "fake_class.h"
#include "greend/collector.h"
#include "greend/units.h"
#include "moving_clock.h"

extern const struct collector collector_hwmon;

enum { EXIT_SKIPPED = 77 };

/* ---- The collector ---- */

struct world {
    struct collector_env env;
    void *hwmon;
    struct sample sample;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    assert_int_equal(mkdir("/sys/class/hwmon", 0755), 0);
    clock_offset_ns = 0;
    world->env.sysfs_fd = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
    world->env.live_sysfs = true;
    assert_int_equal(collector_hwmon.open(&world->env, &world->hwmon), 0);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    collector_hwmon.close(world->hwmon);
    (void)close(world->env.sysfs_fd);
    free(world);
    remove_below("/sys/class");
    return 0;
}

static int collect(struct world *world)
{
    world->sample.meters.count = 0;
    world->sample.sensors.count = 0;
    return collector_hwmon.collect(world->hwmon, &world->sample);
}

static const struct sensor_reading *reading_of(const struct world *world, const char *chip,
                                               const char *label)
{
    const struct sensor_set *sensors = &world->sample.sensors;
    for (size_t i = 0; i < sensors->count; i++)
        if (str_equal(sensors->readings[i].chip, chip) &&
            str_equal(sensors->readings[i].label, label))
            return &sensors->readings[i];
    fail_msg("no sensor %s of %s", label, chip);
    return NULL;
}

static void check_value(const struct world *world, const char *label, enum sensor_quantity quantity,
                        int64_t value_milli)
{
    const struct sensor_reading *reading = reading_of(world, "fake-virtual-0", label);
    assert_int_equal(reading->error, 0);
    assert_int_equal(reading->quantity, quantity);
    assert_int_equal(reading->value_milli, value_milli);
}

static void check_error(const struct world *world, const char *label, int error)
{
    const struct sensor_reading *reading = reading_of(world, "fake-virtual-0", label);
    assert_int_equal(reading->error, error);
    assert_int_equal(reading->value_milli, 0);
}

struct wanted {
    const char *item;
    struct collector_status status;
};

static void take_status(void *userdata, const struct collector_status *status)
{
    struct wanted *wanted = userdata;
    if (str_equal(status->item, wanted->item))
        wanted->status = *status;
}

static struct collector_status status_of(const struct world *world, const char *item)
{
    struct wanted wanted = {.item = item, .status.health = HEALTHS};
    collector_hwmon.status(world->hwmon, take_status, &wanted);
    return wanted.status;
}

static void test_other_sysfs(void **state)
{
    struct world *world = *state;
    put_chip("hwmon0", "fake\n");
    put_attribute("hwmon0", "temp1_input", "45000\n");
    world->env.live_sysfs = false;
    assert_int_equal(collect(world), COLLECT_NO_DATA);
    assert_int_equal(world->sample.sensors.count, 0);
    assert_int_equal(status_of(world, "").health, HEALTH_OFF);
    assert_non_null(status_of(world, "").why);
}

static void test_no_chip(void **state)
{
    struct world *world = *state;
    assert_int_equal(collect(world), COLLECT_NO_DATA);
    assert_int_equal(status_of(world, "").health, HEALTH_ABSENT);
}

static void test_six_quantities(void **state)
{
    struct world *world = *state;
    put_chip("hwmon0", "fake\n");
    put_attribute("hwmon0", "temp1_input", "-4500\n");
    put_attribute("hwmon0", "temp1_label", "Inlet\n");
    put_attribute("hwmon0", "fan1_input", "1200\n");
    put_attribute("hwmon0", "in0_input", "12034\n");
    put_attribute("hwmon0", "curr1_input", "1500\n");
    put_attribute("hwmon0", "power1_input", "95500000\n");
    put_attribute("hwmon0", "power2_average", "1250000\n");
    put_attribute("hwmon0", "energy1_input", "123456789000\n");
    put_attribute("hwmon0", "humidity1_input", "50000\n");
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.sensors.count, 7);
    check_value(world, "Inlet", SENSOR_TEMPERATURE, -4500);
    check_value(world, "fan1", SENSOR_FAN, 1200000);
    check_value(world, "in0", SENSOR_VOLTAGE, 12034);
    check_value(world, "curr1", SENSOR_CURRENT, 1500);
    check_value(world, "power1", SENSOR_POWER, 95500);
    check_value(world, "power2", SENSOR_POWER, 1250);
    check_value(world, "energy1", SENSOR_ENERGY, 123456789);
    /* The power of some chip is not the power of the machine. */
    assert_int_equal(world->sample.meters.count, 0);
    assert_int_equal(status_of(world, "platform").health, HEALTHS);
    assert_int_equal(status_of(world, "").health, HEALTH_WORKING);
    assert_int_equal(status_of(world, "fake-virtual-0").health, HEALTH_WORKING);
}

/* ---- The machine's own meter ---- */

static void test_platform_meter(void **state)
{
    struct world *world = *state;
    put_power_meter("hwmon0", "ACPI000D:00", "231000000\n");
    put_attribute("hwmon0", "device/power1_accuracy", "95.0%\n");
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.meters.count, 1);
    const struct meter *meter = &world->sample.meters.meters[0];
    assert_string_equal(meter->key, "acpi/power_meter/power1");
    assert_string_equal(meter->domain, "platform");
    assert_int_equal(meter->kind, DOMAIN_PLATFORM);
    assert_int_equal(meter->source, SOURCE_ACPI);
    assert_int_equal(meter->form, METER_GAUGE);
    assert_int_equal(meter->uncertainty_ppm, 50000);
    const struct meter_reading *reading = &world->sample.meters.readings[0];
    assert_int_equal(reading->error, 0);
    assert_int_equal(reading->value, 231000000);
    assert_int_not_equal(reading->time_ns, 0);
    assert_int_equal(reading_of(world, "power_meter-acpi-0", "power1")->value_milli, 231000);
    assert_int_equal(status_of(world, "platform").health, HEALTH_WORKING);

    /* It says nothing, or nothing that can be: the meter stays, its reading is an error. */
    static const struct {
        const char *text;
        int error;
    } cases[] = {
        {"0\n",                   -ENODATA},
        {"-5000000\n",            -ENODATA},
        {"",                      -ENODATA},
        {"garbage\n",             -ENODATA},
        {"nan\n",                 -ERANGE },
        {"9999999999999999999\n", -ERANGE },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        put_attribute("hwmon0", "device/power1_average", cases[i].text);
        assert_int_equal(collect(world), 0);
        assert_int_equal(world->sample.meters.count, 1);
        assert_int_equal(world->sample.meters.readings[0].error, cases[i].error);
        assert_int_equal(world->sample.meters.readings[0].value, 0);
        assert_int_equal(status_of(world, "platform").health, HEALTH_FAILED);
    }
    put_attribute("hwmon0", "device/power1_average", "1\n");
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.meters.readings[0].value, 1);
}

static void test_accuracy(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *text;
        uint32_t uncertainty_ppm;
    } cases[] = {
        {"95.0%\n",         50000},
        {"98.500%\n",       15000},
        {"95.50%\n",        49500}, /* 95.050 % */
        {"99%\n",           10000},
        {"5.0%\n",          50000},
        {"100.0%\n",        0    },
        {"0.0%\n",          0    },
        {"100.1%\n",        0    },
        {"101.0%\n",        0    },
        {"95.1000%\n",      0    },
        {"-5.0%\n",         0    },
        {"x\n",             0    },
        {"%\n",             0    },
        {"\n",              0    },
        {"95.x%\n",         0    },
        {"4294967295.0%\n", 0    },
        {"9e1%\n",          0    },
    };
    put_power_meter("hwmon0", "ACPI000D:00", "231000000\n");
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        put_attribute("hwmon0", "device/power1_accuracy", cases[i].text);
        collector_hwmon.close(world->hwmon);
        assert_int_equal(collector_hwmon.open(&world->env, &world->hwmon), 0);
        assert_int_equal(collect(world), 0);
        assert_int_equal(world->sample.meters.meters[0].uncertainty_ppm, cases[i].uncertainty_ppm);
    }
}

static void test_battery_is_no_platform(void **state)
{
    struct world *world = *state;
    put_power_meter("hwmon0", "ACPI000D:00", "12000000\n");
    put_attribute("hwmon0", "device/power1_is_battery", "1\n");
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.meters.count, 0);
    assert_int_equal(world->sample.sensors.count, 1);
}

static void test_two_power_meters(void **state)
{
    struct world *world = *state;
    put_power_meter("hwmon0", "ACPI000D:00", "231000000\n");
    put_power_meter("hwmon1", "ACPI000D:01", "100000000\n");
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.meters.count, 0);
    assert_int_equal(world->sample.sensors.count, 2);
    assert_int_equal(status_of(world, "platform").health, HEALTH_DEGRADED);
}

/* ---- Rough worlds ---- */

static void test_faults_stay_alone(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *attribute, *text, *label;
        int error;
    } bad[] = {
        {"temp2_input", "",                      "temp2", -ENODATA},
        {"temp3_input", "hot\n",                 "temp3", -ENODATA},
        {"temp4_input", "nan\n",                 "temp4", -ERANGE },
        {"temp5_input", "-inf\n",                "temp5", -ERANGE },
        {"temp6_input", "-300000\n",             "temp6", -ERANGE },
        {"fan1_input",  "-1\n",                  "fan1",  -ERANGE },
        {"in1_input",   "1e300\n",               "in1",   -ERANGE },
        {"curr1_input", "9223372036854775807\n", "curr1", -ERANGE },
    };
    put_chip("hwmon0", "fake\n");
    put_attribute("hwmon0", "temp1_input", "45000\n");
    put_attribute("hwmon0", "temp7_input", "-128000\n");
    put_attribute("hwmon0", "temp7_fault", "1\n");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        put_attribute("hwmon0", bad[i].attribute, bad[i].text);
    assert_int_equal(collect(world), 0);
    check_value(world, "temp1", SENSOR_TEMPERATURE, 45000);
    check_error(world, "temp7", -EIO);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        check_error(world, bad[i].label, bad[i].error);
    assert_int_equal(status_of(world, "fake-virtual-0").health, HEALTH_DEGRADED);
    assert_int_equal(status_of(world, "").health, HEALTH_WORKING);

    put_attribute("hwmon0", "temp7_fault", "0\n");
    assert_int_equal(collect(world), 0);
    check_value(world, "temp7", SENSOR_TEMPERATURE, -128000);
}

static void test_chips_come_and_go(void **state)
{
    struct world *world = *state;
    put_chip("hwmon0", "fake\n");
    put_attribute("hwmon0", "temp1_input", "45000\n");
    put_chip("hwmon1", "other\n");
    put_attribute("hwmon1", "temp1_input", "46000\n");
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.sensors.count, 2);

    /* Gone: an error at once, no sensor when chips are looked for again. */
    remove_chip("hwmon0");
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.sensors.count, 2);
    check_error(world, "temp1", -ENOENT);
    assert_int_equal(reading_of(world, "other-virtual-0", "temp1")->value_milli, 46000);
    assert_int_equal(status_of(world, "fake-virtual-0").health, HEALTH_FAILED);
    assert_int_equal(status_of(world, "other-virtual-0").health, HEALTH_WORKING);
    clock_offset_ns += 61 * NS_PER_S;
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.sensors.count, 1);
    assert_int_equal(status_of(world, "fake-virtual-0").health, HEALTHS);

    /* Another one takes its place: not looked for before the minute is over. */
    put_power_meter("hwmon0", "ACPI000D:00", "231000000\n");
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.sensors.count, 1);
    clock_offset_ns += 61 * NS_PER_S;
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.sensors.count, 2);
    assert_int_equal(world->sample.meters.count, 1);

    /* All of them go. */
    remove_chip("hwmon0");
    remove_chip("hwmon1");
    clock_offset_ns += 61 * NS_PER_S;
    assert_int_equal(collect(world), COLLECT_NO_DATA);
    assert_int_equal(world->sample.meters.count, 0);
    assert_int_equal(status_of(world, "").health, HEALTH_ABSENT);
}

static void test_more_sensors_than_room(void **state)
{
    struct world *world = *state;
    char chip[32];
    char attribute[32];
    for (int i = 0; i < 3; i++) {
        (void)snprintf(chip, sizeof(chip), "hwmon%d", i);
        put_chip(chip, "fake\n");
        for (int j = 1; j <= 100; j++) {
            (void)snprintf(attribute, sizeof(attribute), "temp%d_input", j);
            put_attribute(chip, attribute, "45000\n");
        }
    }
    assert_int_equal(collect(world), 0);
    assert_int_equal(world->sample.sensors.count, SENSORS_MAX);
    assert_int_equal(status_of(world, "").health, HEALTH_DEGRADED);
    struct sensor_reading first = world->sample.sensors.readings[0];

    /* Others were there before: nothing is written past the end, nor over what has a place. */
    world->sample.meters.count = METERS_MAX;
    world->sample.sensors.count = SENSORS_MAX - 1;
    assert_int_equal(collector_hwmon.collect(world->hwmon, &world->sample), 0);
    assert_int_equal(world->sample.sensors.count, SENSORS_MAX);
    assert_string_equal(world->sample.sensors.readings[SENSORS_MAX - 1].label, first.label);
    assert_int_equal(world->sample.meters.count, METERS_MAX);
}

static void test_no_room_for_the_meter(void **state)
{
    struct world *world = *state;
    put_power_meter("hwmon0", "ACPI000D:00", "231000000\n");
    world->sample.meters.count = METERS_MAX;
    assert_int_equal(collector_hwmon.collect(world->hwmon, &world->sample), 0);
    assert_int_equal(world->sample.meters.count, METERS_MAX);
    assert_int_equal(status_of(world, "platform").error, -ENOSPC);
}

static void test_odd_names(void **state)
{
    struct world *world = *state;
    char label[201];
    memset(label, 'L', sizeof(label) - 1);
    label[sizeof(label) - 1] = '\0';
    put_chip("hwmon0", "\x1b[31m\xff\n");
    put_attribute("hwmon0", "temp1_input", "45000\n");
    put_attribute("hwmon0", "temp1_label", label);
    assert_int_equal(collect(world), 0);
    const struct sensor_reading *reading = &world->sample.sensors.readings[0];
    assert_int_equal(world->sample.sensors.count, 1);
    assert_string_equal(reading->chip, "\x1b[31m\xff-virtual-0"); /* raw: escaped where shown */
    assert_int_equal(strlen(reading->label), SENSOR_NAME_MAX - 1);
}

int main(void)
{
    const char *reason = enter_namespace();
    if (reason) {
        (void)printf("skipped: %s\n", reason);
        return EXIT_SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_other_sysfs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_chip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_six_quantities, setup, teardown),
        cmocka_unit_test_setup_teardown(test_platform_meter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_accuracy, setup, teardown),
        cmocka_unit_test_setup_teardown(test_battery_is_no_platform, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_power_meters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_faults_stay_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chips_come_and_go, setup, teardown),
        cmocka_unit_test_setup_teardown(test_more_sensors_than_room, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_room_for_the_meter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_odd_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
