/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/settings/settings.h"

#include <assert.h>

#include "core/settings/duration.h"
#include "core/settings/settings_lists.h"
#include "core/settings/settings_value.h"
#include "greend/language.h"
#include "greend/units.h"

/* A row of the table. set() writes the field; what it returns besides 0 is an error, and `expected`
 * says what would have been right. */
struct option {
    struct settings_option shown;
    const char *expected;
    int (*set)(const struct option *option, struct settings *settings, const char *value);
    int (*read)(const char *value, uint64_t *ret_number); /* of a number */
    uint64_t scale;                   /* of a number: what the field counts in */
    const char *choices;              /* of a choice */
    bool (*valid)(const char *value); /* of what is described */
    size_t field;                     /* offset in struct settings */
};

static void *field_of(const struct option *option, struct settings *settings)
{
    return (char *)settings + option->field;
}

static uint64_t bound_of(const struct option *option, const char *text)
{
    uint64_t bound = 0;
    int r = option->read(text, &bound);
    assert(r == 0);
    (void)r;
    return bound;
}

static int set_number(const struct option *option, struct settings *settings, const char *value)
{
    uint64_t number = 0;
    int r = option->read(value, &number);
    if (r != 0)
        return r;
    if (number < bound_of(option, option->shown.least) ||
        number > bound_of(option, option->shown.most))
        return -ERANGE;
    *(uint64_t *)field_of(option, settings) = number / option->scale;
    return 0;
}

static int set_slots(const struct option *option, struct settings *settings, const char *value)
{
    if (str_equal(value, "auto")) {
        settings->ring_slots = 0;
        return 0;
    }
    int r = set_number(option, settings, value);
    if (r == 0) /* down to a power of two */
        settings->ring_slots = UINT64_C(1) << (63 - __builtin_clzll(settings->ring_slots));
    return r;
}

static int set_path(const struct option *option, struct settings *settings, const char *value)
{
    if (*value != '/' || strlen(value) >= SETTINGS_PATH_MAX)
        return -EINVAL;
    (void)str_copy(field_of(option, settings), SETTINGS_PATH_MAX, value);
    return 0;
}

/* Empty: there is none. */
static int set_optional_path(const struct option *option, struct settings *settings,
                             const char *value)
{
    if (*value != '\0')
        return set_path(option, settings, value);
    *(char *)field_of(option, settings) = '\0';
    return 0;
}

static int set_declared(const struct option *option, struct settings *settings, const char *value)
{
    if (strlen(value) >= SETTINGS_DECLARED_MAX)
        return -EINVAL;
    (void)str_copy(field_of(option, settings), SETTINGS_DECLARED_MAX, value);
    return 0;
}

/* Empty: not described. */
static int set_described(const struct option *option, struct settings *settings, const char *value)
{
    if (*value != '\0' && !option->valid(value))
        return -EINVAL;
    return set_declared(option, settings, value);
}

static int set_level(const struct option *option, struct settings *settings, const char *value)
{
    enum { LEVEL_ERROR = 3 /* LOG_ERR of syslog.h, the first of the choices */ };
    int place = value_choice(value, option->choices);
    if (place < 0)
        return place;
    settings->log_level = LEVEL_ERROR + place;
    return 0;
}

/* Of two choices, the second is true. */
static int set_switch(const struct option *option, struct settings *settings, const char *value)
{
    int place = value_choice(value, option->choices);
    if (place < 0)
        return place;
    *(bool *)field_of(option, settings) = place == 1;
    return 0;
}

static int set_choice(const struct option *option, struct settings *settings, const char *value)
{
    int place = value_choice(value, option->choices);
    if (place < 0)
        return place;
    *(int *)field_of(option, settings) = place;
    return 0;
}

static int set_listen(const struct option *option, struct settings *settings, const char *value)
{
    (void)option;
    return value_listen(value, settings->listen, &settings->n_listen);
}

static int set_timezone(const struct option *option, struct settings *settings, const char *value)
{
    (void)option;
    if (!value_timezone_valid(value) || strlen(value) >= sizeof(settings->timezone))
        return -EINVAL;
    (void)str_copy(settings->timezone, sizeof(settings->timezone), value);
    return 0;
}

#define ROW(section, key, standard, least, most, help)                                             \
    {                                                                                              \
        section, key, standard, least, most, help                                                  \
    }
#define DURATION(name, unit)                                                                       \
    .expected = N_("a duration"), .set = set_number, .read = value_duration, .scale = (unit),      \
    .field = offsetof(struct settings, name)
#define PATH(name)                                                                                 \
    .expected = N_("an absolute path of at most 255 bytes"), .set = set_path,                      \
    .field = offsetof(struct settings, name)

#define NUMBER(name)                                                                               \
    .expected = N_("a whole number"), .set = set_number, .read = value_number, .scale = 1,         \
    .field = offsetof(struct settings, name)
#define SIZE(name)                                                                                 \
    .expected = N_("a size"), .set = set_number, .read = value_size, .scale = 1,                   \
    .field = offsetof(struct settings, name)
#define DECLARED(name)                                                                             \
    .expected = N_("a text of at most 63 bytes"), .set = set_declared,                             \
    .field = offsetof(struct settings, name)

#define DESCRIBED(name)                                                                            \
    .expected =                                                                                    \
        N_("a text of at most 63 bytes without ; or \", that begins with none of = + - @"),        \
    .set = set_described, .valid = value_description_valid,                                        \
    .field = offsetof(struct settings, described.name)

/* clang-format 14 crashes on this table. */
/* clang-format off */
static const struct option options[] = {
    {ROW("sampling", "interval", "1s", "100ms", "60s",
         "How often meters and processes are read. Meters that wrap sooner are read more often."),
     DURATION(interval_ns, 1)},
    {ROW("sampling", "sysfs", "/sys", NULL, NULL,
         "Where the kernel's sysfs is mounted. With another path, sensors are not read."),
     PATH(sysfs)},
    {ROW("sampling", "procfs", "/proc", NULL, NULL, "Where the kernel's procfs is mounted."),
     PATH(procfs)},
    {ROW("sampling", "exits", "auto", NULL, NULL,
         "Whether to ask the kernel what processes used that end between two readings, where greend "
         "may (CAP_NET_ADMIN): auto or off."),
     .expected = N_("auto or off"), .set = set_switch, .choices = "off auto",
     .field = offsetof(struct settings, exits)},
    {ROW("store", "database", "/var/lib/greend/greend.db", NULL, NULL,
         "The SQLite file that keeps the history. Its folder must exist."),
     PATH(database)},
    {ROW("store", "flush", "60s", "1s", "1h",
         "How often the history is written. What was not yet written outlives a crash of greend, "
         "but not of the machine."),
     DURATION(flush_ns, 1)},
    {ROW("store", "retention_minutes", "2d", "1h", "1y",
         "How long energy is kept minute by minute."),
     DURATION(retention_minutes_s, NS_PER_S)},
    {ROW("store", "retention_hours", "90d", "1d", "10y", "How long energy is kept hour by hour."),
     DURATION(retention_hours_s, NS_PER_S)},
    {ROW("store", "retention_days", "10y", "30d", "100y", "How long energy is kept day by day."),
     DURATION(retention_days_s, NS_PER_S)},
    {ROW("log", "level", "info", NULL, NULL, "The least important messages that are logged."),
     .expected = N_("error, warning, notice, info or debug"),
     .set = set_level,
     .choices = "error warning notice info debug"},
#include "core/settings/settings_http.inc"
    {ROW("runtime", "directory", "/run/greend", NULL, NULL,
         "Where the ring stands that the parts of greend share. It should be in memory (tmpfs)."),
     PATH(runtime_directory)},
    {ROW("runtime", "ring_size", "auto", "1M", "64M",
         "Size of the ring, rounded down to a power of two; 'auto' fits it to the machine."),
     .expected = N_("auto or a size"), .set = set_slots, .read = value_size,
     .scale = sizeof(uint64_t) + RING_RECORD_SIZE, .field = offsetof(struct settings, ring_slots)},
    {ROW("metrics", "top", "50", "1", "500",
         "How many workloads have a series of their own in /metrics."),
     .expected = N_("a whole number"), .set = set_number, .read = value_number, .scale = 1,
     .field = offsetof(struct settings, top)},
    {ROW("model", "rest", "auto", NULL, NULL,
         "Whether to estimate what no meter covers (power supply, fans, disks): auto or off."),
     .expected = N_("auto or off"), .set = set_switch, .choices = "off auto",
     .field = offsetof(struct settings, model_rest)},
    {ROW("site", "timezone", "", NULL, NULL,
         "The time zone that days begin in, as Europe/Paris; empty: the system's."),
     .expected = N_("the name of a time zone such as Europe/Paris, or nothing"), .set = set_timezone},
    {ROW("site", "country", "", NULL, NULL,
         "Where the machine is: an ISO 3166 code or English name, as FR. Empty: not declared, and no "
         "impact of electricity is told."),
     DECLARED(declared.country)},
    {ROW("site", "pue", "", NULL, NULL,
         "Energy of the site by energy of its machines, as 1.35. Empty: not declared."),
     DECLARED(declared.pue)},
    {ROW("site", "wue", "", NULL, NULL,
         "Litres of water on site per kWh of the machines, as 0.4. Empty: not declared."),
     DECLARED(declared.wue)},
    {ROW("site", "country_name", "", NULL, NULL,
         "For exports: how the tools of the state call the country. Empty: by its English name."),
     DESCRIBED(country_name)},
    {ROW("site", "datacentre", "", NULL, NULL,
         "For exports: the short name of the data centre; machines of one name share it."),
     DESCRIBED(datacentre)},
    {ROW("site", "datacentre_name", "", NULL, NULL, "For exports: its long name."),
     DESCRIBED(datacentre_name)},
#include "core/settings/settings_asset.inc"
    {ROW("footprint", "factors", "boavizta", NULL, NULL,
         "The set of factors of electricity: boavizta, numecoeval, ademe or another file of the "
         "folder."),
     DECLARED(factors)},
    {ROW("footprint", "folder", "", NULL, NULL,
         "Where the files of impact factors stand. Empty: where they were installed."),
     .expected = N_("an absolute path of at most 255 bytes, or nothing"), .set = set_optional_path,
     .field = offsetof(struct settings, factors_folder)},
    {ROW("footprint", "intensity", "", NULL, NULL,
         "A file of the carbon intensity of electricity hour by hour: time,gCO2e/kWh, or an export of "
         "Electricity Maps or eCO2mix. Empty: none."),
     .expected = N_("an absolute path of at most 255 bytes, or nothing"), .set = set_optional_path,
     .field = offsetof(struct settings, intensity)},
    {ROW("privacy", "users", "hidden", NULL, NULL,
         "Whether persons are recorded as 'users' (hidden) or by name (names), which is kept for two "
         "days."),
     .expected = N_("hidden or names"), .set = set_switch, .choices = "hidden names",
     .field = offsetof(struct settings, show_users)},
    {ROW("report", "idle", "separate", NULL, NULL,
         "Whose the energy is that the machine uses without work, in reports: nobody's (separate), "
         "the workloads' in proportion to their own (proportional), or theirs who hold memory and "
         "have CPU weight (reserved)."),
     .expected = N_("separate, proportional or reserved"), .set = set_choice,
     .choices = "separate proportional reserved",
     .field = offsetof(struct settings, report_idle)},
    {ROW("advise", "days", "30", "7", "364",
         "Days of history that advice from history needs."),
     NUMBER(advise.days)},
    {ROW("advise", "cpu_idle", "5", "0", "100",
         "A machine may do nothing useful where 19 of 20 hours use less than this percentage of its "
         "CPUs, and network and disks are still too."),
     NUMBER(advise.cpu_idle)},
    {ROW("advise", "network_idle", "1K", "1K", "1G",
         "Bytes per second below which the network is still."),
     SIZE(advise.network_idle)},
    {ROW("advise", "disk_idle", "10K", "1K", "1G", "Bytes per second below which disks are still."),
     SIZE(advise.disk_idle)},
    {ROW("advise", "cpu_low", "20", "0", "100",
         "CPUs are more than needed where 19 of 20 hours use less than this percentage of them."),
     NUMBER(advise.cpu_low)},
    {ROW("advise", "memory_low", "40", "0", "100",
         "Memory is more than needed where units hold less than this percentage of it in 19 of "
         "20 hours."),
     NUMBER(advise.memory_low)},
    {ROW("advise", "production", "production prod", NULL, NULL,
         "Environments of [environments] that have to be always on."),
     DECLARED(advise.production)},
    {ROW("advise", "evening", "20", "12", "23", "The hour that working days end at."),
     NUMBER(advise.evening)},
    {ROW("advise", "morning", "7", "0", "11", "The hour that working days begin at."),
     NUMBER(advise.morning)},
    {ROW("advise", "off_hours_used", "50", "0", "100",
         "Other environments are on too long where they use energy in more than this percentage of "
         "the hours outside of working days."),
     NUMBER(advise.off_hours_used)},
    {ROW("advise", "psu_efficiency", "90", "50", "99",
         "Power supplies lose much where less than this percentage comes out of them."),
     NUMBER(advise.psu_efficiency)},
    {ROW("advise", "life", "8", "1", "50", "Years that a machine should serve, all owners together."),
     NUMBER(advise.life_years)},
};
/* clang-format on */

/* These have no rows: their keys are the operator's. */
static const struct {
    const char *section;
    int (*set)(struct settings *settings, const char *key, const char *value, char *ret_error);
} lists[] = {
    {"names",        settings_set_name       },
    {"environments", settings_set_environment},
    {"targets",      settings_set_target     },
    {"vm",           settings_set_vm         },
    {"parts",        settings_set_part       },
};

static const struct option *option_find(const char *section, const char *key)
{
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (str_equal(options[i].shown.section, section) && str_equal(options[i].shown.key, key))
            return &options[i];
    return NULL;
}

const struct settings_option *settings_option(size_t index)
{
    return index < ARRAY_SIZE(options) ? &options[index].shown : NULL;
}

/* The text of an option whose field lies in a struct of struct settings. */
static const char *text_within(const struct settings *settings, size_t index, size_t first,
                               size_t size)
{
    if (index >= ARRAY_SIZE(options) || options[index].field < first ||
        options[index].field >= first + size)
        return NULL;
    return (const char *)settings + options[index].field;
}

const char *settings_declared(const struct settings *settings, size_t index)
{
    return text_within(settings, index, offsetof(struct settings, declared),
                       sizeof(settings->declared));
}

const char *settings_described(const struct settings *settings, size_t index)
{
    return text_within(settings, index, offsetof(struct settings, described),
                       sizeof(settings->described));
}

void settings_defaults(struct settings *settings)
{
    memset(settings, 0, sizeof(*settings)); /* padding too: settings may be compared */
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        int r = options[i].set(&options[i], settings, options[i].shown.standard);
        assert(r == 0);
        (void)r;
    }
}

/* ---- Errors ---- */

/* A text from the file as it may be shown: escaped and not too long. */
struct shown {
    char text[72];
};

static struct shown show(const char *raw)
{
    struct shown shown;
    (void)text_escape(shown.text, sizeof(shown.text), raw, strlen(raw));
    return shown;
}

static bool is_near(const char *word, const char *wrong, size_t *best)
{
    size_t distance = value_distance(word, wrong);
    if (distance >= *best || distance > 1 + strlen(word) / 4)
        return false;
    *best = distance;
    return true;
}

static bool section_exists(const char *section)
{
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (str_equal(options[i].shown.section, section))
            return true;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        if (str_equal(lists[i].section, section))
            return true;
    return false;
}

static int unknown_section(const char *section, char *ret_error)
{
    size_t best = SIZE_MAX;
    const char *near = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        if (is_near(lists[i].section, section, &best))
            near = lists[i].section;
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (is_near(options[i].shown.section, section, &best))
            near = options[i].shown.section;
    if (*section == '\0')
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX, "%s",
                       _("expected a section such as [sampling] before the first key"));
    else if (near)
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX, _("unknown section [%s]; did you mean [%s]?"),
                       show(section).text, near);
    else
        (void)snprintf(ret_error, SETTINGS_ERROR_MAX,
                       _("unknown section [%s]; expected sampling, store, log, http, runtime, "
                         "metrics, model, site, asset, footprint, privacy, report, "
                         "advise, names, environments, targets, vm or parts"),
                       show(section).text);
    return -EINVAL;
}

static int unknown_key(const char *section, const char *key, char *ret_error)
{
    size_t best = SIZE_MAX;
    const char *near = NULL;
    const char *home = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        const struct settings_option *option = &options[i].shown;
        if (str_equal(option->key, key))
            home = option->section;
        if (str_equal(option->section, section) && is_near(option->key, key, &best))
            near = option->key;
    }
    int length = snprintf(ret_error, SETTINGS_ERROR_MAX, _("unknown key '%s' in [%s]"),
                          show(key).text, show(section).text);
    size_t left = SETTINGS_ERROR_MAX - (size_t)length;
    if (home)
        (void)snprintf(ret_error + length, left, _("; it belongs in [%s]"), home);
    else if (near)
        (void)snprintf(ret_error + length, left, _("; did you mean '%s'?"), near);
    return -EINVAL;
}

static int wrong_value(const struct option *option, const char *value, int error, char *ret_error)
{
    char bounds[64] = "";
    char hint[160] = "";
    if (option->shown.least)
        (void)snprintf(bounds, sizeof(bounds), _(" from %s to %s"), option->shown.least,
                       option->shown.most);
    if (error == DURATION_NO_UNIT)
        (void)snprintf(hint, sizeof(hint), _(": the unit is missing, as in %ss"), show(value).text);
    (void)snprintf(ret_error, SETTINGS_ERROR_MAX, _("%s: expected %s%s, got '%s'%s"),
                   option->shown.key, _(option->expected), bounds, show(value).text, hint);
    return -EINVAL;
}

/* ---- Setting ---- */

int settings_set(struct settings *settings, const char *section, const char *key, const char *value,
                 char *ret_error)
{
    if (!section_exists(section))
        return unknown_section(section, ret_error);
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        if (str_equal(lists[i].section, section))
            return lists[i].set(settings, key, value, ret_error);
    const struct option *option = option_find(section, key);
    if (!option)
        return unknown_key(section, key, ret_error);
    int r = option->set(option, settings, value);
    return r == 0 ? 0 : wrong_value(option, value, r, ret_error);
}
