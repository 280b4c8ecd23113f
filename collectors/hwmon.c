/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Reads sensors through libsensors: temperature, fan, voltage, current, power, energy. The ACPI
 * power meter is also a meter of the whole machine. No other chip is: their power inputs measure a
 * supply, a rail, a socket or a card, and which of them add up to the machine nobody tells.
 *
 * libsensors keeps its state in globals, so all of it is used by the collecting thread alone. It
 * reads /sys and nothing else, and opens a file for each reading (which allocates; greend does
 * not). */

#include <fcntl.h>
#include <math.h>
#include <sensors/error.h>
#include <sensors/sensors.h>
#include <sys/stat.h>
#include <time.h>

#include "collectors/parse.h"
#include "collectors/source.h"
#include "greend/collector.h"
#include "greend/units.h"

/* Chips come and go with cables and modules: they are looked for again at most that often. */
#define RESCAN_NS (60 * NS_PER_S)

#define NO_PLATFORM SIZE_MAX

static const char hwmon_folder[] = "class/hwmon";

/* What each feature is called, and what its readings must lie between to be believed. */
static const struct quantity {
    sensors_feature_type feature;
    sensors_subfeature_type inputs[2]; /* the first that there is */
    sensors_subfeature_type fault;
    enum sensor_quantity quantity;
    double least, most; /* in the base unit */
} quantities[] = {
    {SENSORS_FEATURE_TEMP,
     {SENSORS_SUBFEATURE_TEMP_INPUT, SENSORS_SUBFEATURE_TEMP_INPUT},
     SENSORS_SUBFEATURE_TEMP_FAULT, SENSOR_TEMPERATURE,
     -273.15,
     1e4          },
    {SENSORS_FEATURE_FAN,
     {SENSORS_SUBFEATURE_FAN_INPUT, SENSORS_SUBFEATURE_FAN_INPUT},
     SENSORS_SUBFEATURE_FAN_FAULT,  SENSOR_FAN,
     0,       1e6 },
    {SENSORS_FEATURE_IN,
     {SENSORS_SUBFEATURE_IN_INPUT, SENSORS_SUBFEATURE_IN_AVERAGE},
     SENSORS_SUBFEATURE_UNKNOWN,    SENSOR_VOLTAGE,
     -1e5,
     1e5          },
    {SENSORS_FEATURE_CURR,
     {SENSORS_SUBFEATURE_CURR_INPUT, SENSORS_SUBFEATURE_CURR_AVERAGE},
     SENSORS_SUBFEATURE_UNKNOWN,    SENSOR_CURRENT,
     -1e5,
     1e5          },
    {SENSORS_FEATURE_POWER,
     {SENSORS_SUBFEATURE_POWER_INPUT, SENSORS_SUBFEATURE_POWER_AVERAGE},
     SENSORS_SUBFEATURE_UNKNOWN,    SENSOR_POWER,
     -1e6,
     1e6          },
    {SENSORS_FEATURE_ENERGY,
     {SENSORS_SUBFEATURE_ENERGY_INPUT, SENSORS_SUBFEATURE_ENERGY_INPUT},
     SENSORS_SUBFEATURE_UNKNOWN,    SENSOR_ENERGY,
     0,       1e15},
};

struct hwmon_sensor {
    const sensors_chip_name *chip; /* libsensors' own, until sensors_cleanup() */
    int input;                     /* number of the subfeature */
    int fault;                     /* likewise, -1: the chip tells of no faults */
    const struct quantity *quantity;
    int error; /* of the last reading */
    char chip_name[SENSOR_NAME_MAX];
    char label[SENSOR_NAME_MAX];
};

struct hwmon {
    const struct collector_env *env;
    bool ready; /* between sensors_init() and sensors_cleanup() */
    int error;  /* of sensors_init() */
    uint64_t scanned_ns;
    uint64_t signature; /* of the folder of chips when it was scanned */
    struct meter platform;
    size_t platform_sensor;  /* NO_PLATFORM: none */
    unsigned platform_chips; /* ACPI power meters found */
    int platform_error;
    bool more; /* chips have more sensors than are read */
    size_t n_sensors;
    struct hwmon_sensor sensors[SENSORS_MAX];
};

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- Finding chips ---- */

struct folder {
    int sysfs_fd;
    uint64_t signature;
};

/* Inodes tell a chip that took the name of one that went. */
static int sign_entry(void *userdata, const char *name)
{
    struct folder *folder = userdata;
    char path[512];
    struct stat stat = {0};
    (void)snprintf(path, sizeof(path), "%s/%s", hwmon_folder, name);
    (void)fstatat(folder->sysfs_fd, path, &stat, AT_SYMLINK_NOFOLLOW);
    uint64_t hash = hash_bytes(HASH_BEGIN, &stat.st_ino, sizeof(stat.st_ino));
    folder->signature += hash_bytes(hash, name, strlen(name)); /* names come in no order */
    return 0;
}

static uint64_t sign_folder(int sysfs_fd)
{
    struct folder folder = {.sysfs_fd = sysfs_fd};
    (void)source_list(sysfs_fd, hwmon_folder, sign_entry, &folder);
    return folder.signature;
}

/* In the place of libsensors' own, which writes to stderr. */
static void ignore_config_error(const char *error, const char *file, int line)
{
    (void)error;
    (void)file;
    (void)line;
}

static const struct quantity *quantity_of(sensors_feature_type feature)
{
    for (size_t i = 0; i < ARRAY_SIZE(quantities); i++)
        if (quantities[i].feature == feature)
            return &quantities[i];
    return NULL;
}

static const sensors_subfeature *readable(const sensors_chip_name *chip,
                                          const sensors_feature *feature,
                                          sensors_subfeature_type type)
{
    const sensors_subfeature *found =
        type == SENSORS_SUBFEATURE_UNKNOWN ? NULL : sensors_get_subfeature(chip, feature, type);
    return found && (found->flags & SENSORS_MODE_R) ? found : NULL;
}

/* A small number in a file beside the chip's own, which libsensors does not offer. */
static int read_beside(const sensors_chip_name *chip, const char *name, char *text, size_t size)
{
    char path[512];
    if (snprintf(path, sizeof(path), "%s/%s", chip->path, name) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    return source_read_line(AT_FDCWD, path, text, size);
}

/* Half-width of the interval that the meter claims; 0: it claims nothing. The kernel prints
 * thousandths of a percent by "%u.%u%%", so 95.050 % reads "95.50%". */
static uint32_t read_uncertainty_ppm(const sensors_chip_name *chip)
{
    char text[32];
    if (read_beside(chip, "power1_accuracy", text, sizeof(text)) < 0)
        return 0;
    size_t point = strcspn(text, ".");
    const char *fraction = text[point] ? text + point + 1 : "0";
    uint64_t percent = 0;
    uint64_t thousandths = 0;
    if (parse_u64(text, MIN(point, strcspn(text, "%")), &percent) < 0 ||
        parse_u64(fraction, strcspn(fraction, "%"), &thousandths) < 0 || percent > 100 ||
        thousandths > 999)
        return 0;
    uint64_t accuracy_ppm = percent * 10000 + thousandths * 10;
    if (accuracy_ppm > PPM)
        return 0;
    /* ACPI 6.5, 10.4.1: 95 % is good to 5 %. Firmware that says 5 % means the same. */
    return (uint32_t)(accuracy_ppm < PPM / 2 ? accuracy_ppm : PPM - accuracy_ppm);
}

static bool is_acpi_meter(const sensors_chip_name *chip, const sensors_subfeature *input)
{
    char battery[8];
    return str_equal(chip->prefix, "power_meter") && chip->bus.type == SENSORS_BUS_TYPE_ACPI &&
           input->type == SENSORS_SUBFEATURE_POWER_AVERAGE &&
           str_equal(input->name, "power1_average") &&
           (read_beside(chip, "power1_is_battery", battery, sizeof(battery)) < 0 ||
            str_equal(battery, "0"));
}

static void add_platform(struct hwmon *hwmon, const sensors_chip_name *chip)
{
    hwmon->platform_chips++;
    hwmon->platform_sensor = hwmon->n_sensors;
    hwmon->platform = (struct meter){
        .key = "acpi/power_meter/power1",
        .domain = "platform",
        .kind = DOMAIN_PLATFORM,
        .source = SOURCE_ACPI,
        .form = METER_GAUGE,
        .package = -1,
        .die = -1,
        .uncertainty_ppm = read_uncertainty_ppm(chip),
    };
}

static void add_sensor(struct hwmon *hwmon, const sensors_chip_name *chip, const char *chip_name,
                       const sensors_feature *feature)
{
    const struct quantity *quantity = quantity_of(feature->type);
    if (!quantity)
        return;
    const sensors_subfeature *input = readable(chip, feature, quantity->inputs[0]);
    if (!input)
        input = readable(chip, feature, quantity->inputs[1]);
    if (!input)
        return;
    if (hwmon->n_sensors == SENSORS_MAX) {
        hwmon->more = true;
        return;
    }
    if (is_acpi_meter(chip, input))
        add_platform(hwmon, chip);
    struct hwmon_sensor *sensor = &hwmon->sensors[hwmon->n_sensors++];
    const sensors_subfeature *fault = readable(chip, feature, quantity->fault);
    *sensor = (struct hwmon_sensor){
        .chip = chip,
        .input = input->number,
        .fault = fault ? fault->number : -1,
        .quantity = quantity,
    };
    (void)str_copy(sensor->chip_name, sizeof(sensor->chip_name), chip_name);
    CLEANUP(free_p) char *label = sensors_get_label(chip, feature);
    (void)str_copy(sensor->label, sizeof(sensor->label), label ? label : feature->name);
}

static void find_sensors(struct hwmon *hwmon)
{
    int chip_number = 0;
    const sensors_chip_name *chip = NULL;
    while ((chip = sensors_get_detected_chips(NULL, &chip_number))) {
        char name[SENSOR_NAME_MAX];
        if (sensors_snprintf_chip_name(name, sizeof(name), chip) < 0)
            (void)str_copy(name, sizeof(name), chip->prefix);
        int feature_number = 0;
        const sensors_feature *feature = NULL;
        while ((feature = sensors_get_features(chip, &feature_number)))
            add_sensor(hwmon, chip, name, feature);
    }
    /* With two, each measures a part, and which part is in no file. */
    if (hwmon->platform_chips != 1)
        hwmon->platform_sensor = NO_PLATFORM;
}

static void stop(struct hwmon *hwmon)
{
    if (hwmon->ready)
        sensors_cleanup();
    hwmon->ready = false;
    hwmon->n_sensors = 0;
    hwmon->more = false;
    hwmon->platform_chips = 0;
    hwmon->platform_sensor = NO_PLATFORM;
    hwmon->platform_error = 0;
}

/* Looks for chips on the first call, and later when the folder of chips has changed. */
static void scan(struct hwmon *hwmon)
{
    uint64_t now = now_ns();
    if (hwmon->scanned_ns && now - hwmon->scanned_ns < RESCAN_NS)
        return;
    uint64_t signature = sign_folder(hwmon->env->sysfs_fd);
    bool changed = !hwmon->ready || signature != hwmon->signature;
    hwmon->scanned_ns = now;
    hwmon->signature = signature;
    if (!changed)
        return;
    stop(hwmon);
    sensors_parse_error_wfn = ignore_config_error;
    if (sensors_init(NULL) != 0) {
        hwmon->error = -EIO;
        return;
    }
    hwmon->ready = true;
    hwmon->error = 0;
    find_sensors(hwmon);
}

/* ---- Reading ---- */

static int read_value(const sensors_chip_name *chip, int number, double *ret_value)
{
    errno = 0;
    switch (-sensors_get_value(chip, number, ret_value)) {
    case 0:
        return 0;
    case SENSORS_ERR_KERNEL: /* the file could not be opened, and errno still says why */
        return errno ? -errno : -ENODEV;
    case SENSORS_ERR_ACCESS_R: /* what was read is no number */
        return -ENODATA;
    default:
        return -EIO;
    }
}

/* In the base unit. -EIO: also where the chip says that the sensor is broken. -ERANGE: no number
 * that the quantity can have. */
static int read_sensor(const struct hwmon_sensor *sensor, double *ret_value)
{
    double fault = 0;
    if (sensor->fault >= 0 && read_value(sensor->chip, sensor->fault, &fault) == 0 && fault != 0)
        return -EIO;
    double value = 0;
    int r = read_value(sensor->chip, sensor->input, &value);
    if (r < 0)
        return r;
    /* Written so that NaN is refused too. */
    if (!(value >= sensor->quantity->least && value <= sensor->quantity->most))
        return -ERANGE;
    *ret_value = value;
    return 0;
}

static void append_platform(struct hwmon *hwmon, struct meter_set *meters, int error, double watts,
                            uint64_t time_ns)
{
    if (!error && watts <= 0)
        error = -ENODATA; /* a machine that runs uses power: this meter does not work */
    hwmon->platform_error = error;
    if (meters->count == METERS_MAX) {
        hwmon->platform_error = -ENOSPC;
        return;
    }
    meters->meters[meters->count] = hwmon->platform;
    meters->readings[meters->count++] = (struct meter_reading){
        .error = error,
        .time_ns = time_ns,
        .value = error ? 0 : (uint64_t)llround(watts * (double)UW_PER_W),
    };
}

static int hwmon_collect(void *state, struct sample *sample)
{
    struct hwmon *hwmon = state;
    if (!hwmon->env->live_sysfs)
        return COLLECT_NO_DATA;
    scan(hwmon);
    if (hwmon->error)
        return hwmon->error;
    for (size_t i = 0; i < hwmon->n_sensors; i++) {
        struct hwmon_sensor *sensor = &hwmon->sensors[i];
        double value = 0;
        uint64_t before_ns = now_ns();
        sensor->error = read_sensor(sensor, &value);
        if (i == hwmon->platform_sensor)
            append_platform(hwmon, &sample->meters, sensor->error, value,
                            before_ns + (now_ns() - before_ns) / 2);
        if (sample->sensors.count == SENSORS_MAX)
            continue;
        struct sensor_reading *reading = &sample->sensors.readings[sample->sensors.count++];
        memcpy(reading->chip, sensor->chip_name, sizeof(reading->chip));
        memcpy(reading->label, sensor->label, sizeof(reading->label));
        reading->quantity = sensor->quantity->quantity;
        reading->error = sensor->error;
        reading->value_milli = sensor->error ? 0 : llround(value * 1000);
    }
    return hwmon->n_sensors ? 0 : COLLECT_NO_DATA;
}

/* ---- Health ---- */

static struct collector_status whole_status(const struct hwmon *hwmon)
{
    if (!hwmon->env->live_sysfs)
        return (struct collector_status){
            .health = HEALTH_OFF,
            .why = N_("libsensors can read this machine's /sys only, and another folder was given"),
            .mend = N_("leave out sysfs= and --sysfs to read sensors"),
        };
    if (hwmon->error)
        return (struct collector_status){
            .health = HEALTH_FAILED,
            .error = hwmon->error,
            .why = N_("libsensors does not start"),
            .mend = N_("run the command sensors, and check /etc/sensors3.conf"),
        };
    if (hwmon->n_sensors == 0)
        return (struct collector_status){.health = HEALTH_ABSENT,
                                         .why = N_("no sensor chip found")};
    if (hwmon->more)
        return (struct collector_status){.health = HEALTH_DEGRADED,
                                         .why =
                                             N_("more sensors than greend reads: the rest is left "
                                                "out")};
    return (struct collector_status){.health = HEALTH_WORKING};
}

static struct collector_status platform_status(const struct hwmon *hwmon)
{
    struct collector_status status = {.item = "platform", .health = HEALTH_WORKING};
    if (hwmon->platform_chips > 1) {
        status.health = HEALTH_DEGRADED;
        status.why =
            N_("several ACPI power meters, and none says what part of the machine it sees: "
               "shown as sensors only");
    } else if (hwmon->platform_error) {
        status.health = HEALTH_FAILED;
        status.error = hwmon->platform_error;
        status.why = N_("the ACPI power meter gives no usable reading");
        status.mend = N_("check power monitoring in the firmware's set-up and the kernel's log");
    }
    return status;
}

/* The chip that begins at sensor `from`. ret_until: where the next one begins. */
static struct collector_status chip_status(const struct hwmon *hwmon, size_t from,
                                           size_t *ret_until)
{
    struct collector_status status = {.health = HEALTH_WORKING};
    size_t failed = 0;
    size_t i = from;
    for (; i < hwmon->n_sensors && hwmon->sensors[i].chip == hwmon->sensors[from].chip; i++)
        if (hwmon->sensors[i].error) {
            failed++;
            status.error = hwmon->sensors[i].error;
        }
    (void)str_copy(status.item, sizeof(status.item), hwmon->sensors[from].chip_name);
    if (failed > 0) {
        status.health = failed == i - from ? HEALTH_FAILED : HEALTH_DEGRADED;
        status.why = failed == i - from ? N_("none of its sensors can be read")
                                        : N_("some of its sensors report a fault or no value");
    }
    *ret_until = i;
    return status;
}

static void hwmon_status(void *state,
                         void (*emit)(void *userdata, const struct collector_status *status),
                         void *userdata)
{
    const struct hwmon *hwmon = state;
    struct collector_status status = whole_status(hwmon);
    emit(userdata, &status);
    if (hwmon->platform_chips > 0) {
        status = platform_status(hwmon);
        emit(userdata, &status);
    }
    for (size_t i = 0; i < hwmon->n_sensors;) {
        status = chip_status(hwmon, i, &i);
        emit(userdata, &status);
    }
}

/* ---- The collector ---- */

static int hwmon_open(const struct collector_env *env, void **ret_state)
{
    struct hwmon *hwmon = calloc(1, sizeof(*hwmon));
    if (!hwmon)
        return -ENOMEM;
    hwmon->env = env;
    hwmon->platform_sensor = NO_PLATFORM;
    *ret_state = hwmon;
    return 0;
}

static void hwmon_close(void *state)
{
    struct hwmon *hwmon = state;
    if (hwmon)
        stop(hwmon);
    free(hwmon);
}

const struct collector collector_hwmon = {
    .name = "hwmon",
    .slow = true,
    .open = hwmon_open,
    .collect = hwmon_collect,
    .status = hwmon_status,
    .close = hwmon_close,
};
