/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* greend.conf: inih, the table of options, and what the footprint says to what is declared. */
#include "fuzz.h"

#include <math.h>
#include <sys/mman.h>

#include "clean.h"
#include "core/settings/vm_facts.h"
#include "greend/target.h"
#include "greend/units.h"
#include "input/configuration.h"
#include "input/ini_text.h"

/* ---- The dialect: what is handed out stands in the line that is named ---- */

struct lines {
    const char *bytes;
    size_t length;
    size_t entries;
    size_t problems;
};

static bool stands_in(const char *bytes, size_t length, const char *text)
{
    return *text == '\0' || memmem(bytes, length, text, strlen(text));
}

static void on_entry(void *userdata, size_t number, const char *section, const char *key,
                     const char *value)
{
    struct lines *lines = userdata;
    const char *line = lines->bytes, *end = line + lines->length;
    REQUIRE(number > 0);
    for (size_t i = 1; i < number; i++) {
        line = memchr(line, '\n', (size_t)(end - line));
        REQUIRE(line);
        line++;
    }
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    size_t length = (size_t)((newline ? newline : end) - line);
    REQUIRE(stands_in(line, length, key) && stands_in(line, length, value));
    REQUIRE(stands_in(lines->bytes, lines->length, section));
    REQUIRE(!strpbrk(key, "\r\n") && !strpbrk(value, "\r\n"));
    lines->entries++;
}

static void on_problem(void *userdata, size_t line, const char *text)
{
    struct lines *lines = userdata;
    size_t last = 1;
    for (size_t i = 0; i < lines->length; i++)
        last += lines->bytes[i] == '\n';
    REQUIRE(line <= last && is_clean(text) && *text != '\0');
    lines->problems++;
}

static size_t check_dialect(const uint8_t *data, size_t size)
{
    CLEANUP(free_p) char *bytes = fuzz_copy(data, size);
    struct lines lines = {.bytes = bytes, .length = size};
    const struct ini_text_handler handler = {on_entry, on_problem, &lines};
    ini_text_parse(bytes, size, &handler);
    REQUIRE(lines.problems <= INI_TEXT_PROBLEMS_MAX + 1);
    return lines.problems;
}

/* ---- The settings: within the bounds of their table ---- */

static void check_lists(const struct settings *settings)
{
    char wrong_target[TARGET_ERROR_MAX], wrong_machine[VM_FACTS_ERROR_MAX];
    struct target target;
    struct vm_facts facts;
    REQUIRE(settings->n_vms <= SETTINGS_VMS_MAX && settings->n_targets <= SETTINGS_TARGETS_MAX &&
            settings->n_names <= SETTINGS_NAMES_MAX && settings->n_parts <= SETTINGS_PARTS_MAX &&
            settings->n_environments <= SETTINGS_NAMES_MAX &&
            settings->n_listen <= SETTINGS_LISTEN_MAX);
    for (size_t i = 0; i < settings->n_names; i++)
        REQUIRE(is_clean(settings->names[i].name) && settings->names[i].pattern[0] != '\0');
    for (size_t i = 0; i < settings->n_environments; i++)
        REQUIRE(is_clean(settings->environments[i].name) &&
                settings->environments[i].pattern[0] != '\0');
    for (size_t i = 0; i < settings->n_vms; i++)
        REQUIRE(vm_facts_parse(settings->vms[i].facts, &facts, wrong_machine) == 0);
    for (size_t i = 0; i < settings->n_targets; i++)
        REQUIRE(target_parse(settings->targets[i].name, settings->targets[i].text, &target,
                             wrong_target) == 0 &&
                is_clean(target.what));
    for (size_t i = 0; i < settings->n_listen; i++)
        REQUIRE(strspn(settings->listen[i].port, "0123456789") == strlen(settings->listen[i].port));
}

static void check_settings(const struct settings *settings)
{
    const uint64_t hour_s = 3600, day_s = 24 * hour_s;
    REQUIRE(settings->interval_ns >= NS_PER_S / 10 && settings->interval_ns <= 60 * NS_PER_S);
    REQUIRE(settings->flush_ns >= NS_PER_S && settings->flush_ns <= hour_s * NS_PER_S);
    REQUIRE(settings->retention_minutes_s >= hour_s && settings->retention_hours_s >= day_s &&
            settings->retention_days_s >= 30 * day_s);
    REQUIRE(settings->top >= 1 && settings->top <= 500);
    REQUIRE((settings->ring_slots & (settings->ring_slots - 1)) == 0 &&
            settings->ring_slots <= RING_SLOTS_MAX);
    REQUIRE(settings->sysfs[0] == '/' && settings->procfs[0] == '/' &&
            settings->database[0] == '/' && settings->runtime_directory[0] == '/');
    REQUIRE(settings->advise.morning <= 11 && settings->advise.evening <= 23);
    check_lists(settings);
    struct site site;
    struct asset asset;
    configuration_declared(settings, &site, &asset);
    REQUIRE(!site.pue.known || (isfinite(site.pue.value) && site.pue.value > 1));
    REQUIRE(!site.wue.known || (isfinite(site.wue.value) && site.wue.value >= 0));
    REQUIRE(!asset.host_share.known || (asset.host_share.value > 0 && asset.host_share.value <= 1));
    REQUIRE(asset.life_days >= 0 && asset.earlier_days >= 0 && asset.later_days >= 0);
}

static void on_report(void *userdata, const char *line)
{
    REQUIRE(is_clean(line) && str_starts(line, "/proc/self/fd/"));
    (*(size_t *)userdata)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    char path[64];
    if (fd < 0)
        fd = memfd_create("greend.conf", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        return 0;
    size_t problems = check_dialect(data, size), complaints = 0;
    struct settings settings;
    memset(&settings, 0x5a, sizeof(settings));
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int r = configuration_load(path, true, &settings, on_report, &complaints);
    REQUIRE(r == 0 || r == CONFIGURATION_WRONG);
    REQUIRE((r == 0) == (complaints == 0));
    REQUIRE(r != 0 || problems == 0);
    if (r == 0) {
        check_settings(&settings);
        settings_done(&settings);
    }
    return 0;
}
