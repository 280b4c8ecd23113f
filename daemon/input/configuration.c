/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "input/configuration.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>

#include "core/text.h"
#include "greend/target.h"
#include "input/ini_text.h"
#include "shell/language.h"

/* A key that the current file has set. */
struct seen {
    char *section_key; /* "section", NUL, "key" */
    size_t size;
    size_t line;
};

struct load {
    struct settings settings;
    const char *path; /* of the current file */
    struct seen seen[CONFIGURATION_ENTRIES_MAX];
    size_t n_seen;
    bool full; /* said that there are more than fit in seen */
    bool wrong;
    int error;
    void (*report)(void *userdata, const char *line);
    void *userdata;
};

static void load_free_p(struct load **load)
{
    if (!*load)
        return;
    settings_done(&(*load)->settings);
    free(*load);
}

/* Says "PATH:LINE: text", without the line where it is 0. What of it comes from a file is made safe
 * to show here, for all who complain. */
static void complain(struct load *load, size_t line, const char *text)
{
    char number[24] = "";
    CLEANUP(text_done) struct text message = {0};
    if (line > 0)
        (void)snprintf(number, sizeof(number), ":%zu", line);
    text_format(&message, _("%s%s: %s"), load->path, number, _(text));
    size_t size = message.error ? 0 : 4 * strlen(message.data) + 1;
    CLEANUP(free_p) char *shown = size > 0 ? malloc(size) : NULL;
    if (shown)
        (void)text_escape(shown, size, message.data, strlen(message.data));
    else
        text_note_lack();
    load->wrong = true;
    load->report(load->userdata, shown ? shown : _("out of memory"));
}

static void complain_errno(struct load *load, const char *what, int error)
{
    char text[256];
    (void)snprintf(text, sizeof(text), _("%s: %s"), _(what), language_error(-error));
    complain(load, 0, text);
}

/* ---- Entries ---- */

static void seen_clear(struct load *load)
{
    for (size_t i = 0; i < load->n_seen; i++)
        free(load->seen[i].section_key);
    load->n_seen = 0;
    load->full = false;
}

/* The line that has set this key in this file, 0 if none has. Notes it. */
static size_t seen_before(struct load *load, size_t line, const char *section, const char *key)
{
    size_t split = strlen(section) + 1;
    size_t size = split + strlen(key) + 1;
    CLEANUP(free_p) char *section_key = malloc(size);
    if (!section_key) {
        load->error = -ENOMEM;
        return 0;
    }
    memcpy(section_key, section, split);
    memcpy(section_key + split, key, size - split);
    for (size_t i = 0; i < load->n_seen; i++)
        if (load->seen[i].size == size && memcmp(load->seen[i].section_key, section_key, size) == 0)
            return load->seen[i].line;
    load->seen[load->n_seen++] =
        (struct seen){.section_key = TAKE_PTR(section_key), .size = size, .line = line};
    return 0;
}

/* Whether the footprint understands a declared text. */
static int declared_set(struct site *site, struct asset *asset, const char *section,
                        const char *key, const char *value, char *ret_error)
{
    return str_equal(section, "site") ? site_set(site, key, value, ret_error)
                                      : asset_set(asset, key, value, ret_error);
}

static bool is_declared(const char *section, const char *key)
{
    static const struct settings places;
    const struct settings_option *option = NULL;
    for (size_t i = 0; (option = settings_option(i)); i++)
        if (str_equal(option->section, section) && str_equal(option->key, key))
            return settings_declared(&places, i) != NULL;
    return false;
}

static void check_declared(struct load *load, size_t line, const char *section, const char *key,
                           const char *value)
{
    char text[FOOTPRINT_ERROR_MAX];
    struct site site;
    struct asset asset;
    site_undeclared(&site);
    asset_undeclared(&asset);
    if (is_declared(section, key) && declared_set(&site, &asset, section, key, value, text) < 0)
        complain(load, line, text);
}

static void check_target(struct load *load, size_t line, const char *section, const char *key,
                         const char *value)
{
    char text[TARGET_ERROR_MAX];
    struct target target;
    if (str_equal(section, "targets") && target_parse(key, value, &target, text) < 0)
        complain(load, line, text);
}

static void check_part(struct load *load, size_t line, const char *section, const char *key,
                       const char *value)
{
    char wrong[PART_ERROR_MAX];
    char shown[64];
    char text[PART_ERROR_MAX + sizeof(shown) + 2];
    struct inventory_part part;
    if (!str_equal(section, "parts") || part_parse(value, &part, wrong) == 0)
        return;
    (void)text_escape(shown, sizeof(shown), key, strlen(key));
    (void)snprintf(text, sizeof(text), "%s: %s", shown, wrong);
    complain(load, line, text);
}

static void on_entry(void *userdata, size_t line, const char *section, const char *key,
                     const char *value)
{
    struct load *load = userdata;
    char text[SETTINGS_ERROR_MAX];
    if (load->n_seen == CONFIGURATION_ENTRIES_MAX) {
        if (!load->full)
            complain(load, line, "expected at most 1024 entries in one file");
        load->full = true;
        return;
    }
    if (*key == '\0') {
        complain(load, line, "expected a key before the =");
        return;
    }
    size_t before = seen_before(load, line, section, key);
    if (before != 0) {
        char shown[64];
        (void)text_escape(shown, sizeof(shown), key, strlen(key));
        (void)snprintf(text, sizeof(text), _("%s: already set on line %zu: expected it once"),
                       shown, before);
        complain(load, line, text);
        return;
    }
    int r = settings_set(&load->settings, section, key, value, text);
    if (r == -ENOMEM)
        load->error = r;
    if (r < 0) {
        complain(load, line, text);
        return;
    }
    if (str_equal(section, "site") && str_equal(key, "timezone") && *value &&
        !configuration_timezone_exists(value)) {
        (void)snprintf(text, sizeof(text),
                       _("timezone: this machine does not know '%s': expected a name from "
                         "timedatectl list-timezones (package tzdata)"),
                       load->settings.timezone);
        complain(load, line, text);
    }
    check_declared(load, line, section, key, value);
    check_target(load, line, section, key, value);
    check_part(load, line, section, key, value);
}

static void on_problem(void *userdata, size_t line, const char *text)
{
    complain(userdata, line, text);
}

/* ---- Files ---- */

static int read_all(int fd, char *bytes, size_t size, size_t *ret_length)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(fd, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    *ret_length = length;
    return 0;
}

static void parse_fd(struct load *load, int fd)
{
    const size_t size = CONFIGURATION_BYTES_MAX + 1;
    size_t length = 0;
    CLEANUP(free_p) char *bytes = malloc(size);
    if (!bytes) {
        load->error = -ENOMEM;
        return;
    }
    int r = read_all(fd, bytes, size, &length);
    if (r == -EISDIR) {
        complain(load, 0, "expected a file, got a directory");
    } else if (r < 0) {
        complain_errno(load, N_("cannot be read"), r);
    } else if (length == size) {
        complain(load, 0, "too large: expected at most 4 MiB");
    } else {
        const struct ini_text_handler handler = {
            .entry = on_entry, .problem = on_problem, .userdata = load};
        ini_text_parse(bytes, length, &handler);
    }
}

static void load_file(struct load *load, const char *path, bool required)
{
    load->path = path;
    /* O_NONBLOCK: a pipe without a writer must not hang the start. */
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) {
        parse_fd(load, fd);
        seen_clear(load);
        return;
    }
    int error = -errno;
    if (error == -EACCES)
        complain(load, 0,
                 "cannot be read: permission denied; expected it to be readable by the user that "
                 "greend runs as");
    else if (error != -ENOENT || required)
        complain_errno(load, N_("cannot be opened"), error);
}

static int is_configuration(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && str_equal(entry->d_name + length - 5, ".conf");
}

/* Not alphasort(3), whose order depends on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void load_folder(struct load *load, const char *folder)
{
    struct dirent **entries = NULL;
    load->path = folder;
    int count = scandir(folder, &entries, is_configuration, by_name);
    if (count < 0 && errno != ENOENT)
        complain_errno(load, N_("cannot be read"), -errno);
    if (count > CONFIGURATION_FILES_MAX)
        complain(load, 0, "expected at most 256 files");
    for (int i = 0; i < count; i++) {
        CLEANUP(free_p) char *path = text_print("%s/%s", folder, entries[i]->d_name);
        if (!path)
            load->error = -ENOMEM;
        else if (i < CONFIGURATION_FILES_MAX)
            load_file(load, path, true);
        free(entries[i]);
    }
    free(entries);
}

void configuration_declared(const struct settings *settings, struct site *ret_site,
                            struct asset *ret_asset)
{
    char unused[FOOTPRINT_ERROR_MAX]; /* loaded settings were checked */
    const struct settings_option *option = NULL;
    site_undeclared(ret_site);
    asset_undeclared(ret_asset);
    for (size_t i = 0; (option = settings_option(i)); i++) {
        const char *value = settings_declared(settings, i);
        if (value)
            (void)declared_set(ret_site, ret_asset, option->section, option->key, value, unused);
    }
}

void configuration_parts(const struct settings *settings, struct inventory *inventory)
{
    char unused[PART_ERROR_MAX]; /* loaded settings were checked */
    struct inventory_part part;
    for (size_t i = 0; i < settings->n_parts; i++)
        if (part_parse(settings->parts[i].text, &part, unused) == 0)
            inventory_declare(inventory, &part);
}

/* Whether what all files together declare agrees. */
static void check_asset(struct load *load, const char *file)
{
    char text[FOOTPRINT_ERROR_MAX];
    char line[FOOTPRINT_ERROR_MAX + 16];
    struct site site;
    struct asset asset;
    configuration_declared(&load->settings, &site, &asset);
    if (asset_check(&asset, text) == 0)
        return;
    load->path = file;
    (void)snprintf(line, sizeof(line), "[asset] %s", text);
    complain(load, 0, line);
}

static bool environment_exists(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->n_environments; i++)
        if (str_equal(settings->environments[i].name, name))
            return true;
    return false;
}

/* Whether the environments that targets speak of have units. */
static void check_environments(struct load *load, const char *file)
{
    char unused[TARGET_ERROR_MAX];
    struct target target;
    load->path = file;
    for (size_t i = 0; i < load->settings.n_targets; i++) {
        const struct settings_target *line = &load->settings.targets[i];
        char text[3 * TARGET_WHAT_MAX + TARGET_NAME_MAX + 100];
        if (target_parse(line->name, line->text, &target, unused) < 0 ||
            target.scope != TARGET_ENVIRONMENT || environment_exists(&load->settings, target.what))
            continue;
        (void)snprintf(text, sizeof(text),
                       _("[targets] %s: no environment '%s': expected a line %s=PATTERN... in "
                         "[environments]"),
                       target.name, target.what, target.what);
        complain(load, 0, text);
    }
}

int configuration_load(const char *file, bool required, struct settings *ret_settings,
                       void (*report)(void *userdata, const char *line), void *userdata)
{
    CLEANUP(load_free_p) struct load *load = calloc(1, sizeof(*load));
    CLEANUP(free_p) char *folder = text_print("%s.d", file);
    if (!load || !folder)
        return -ENOMEM;
    load->report = report;
    load->userdata = userdata;
    settings_defaults(&load->settings);
    load_file(load, file, required);
    load_folder(load, folder);
    if (load->error < 0)
        return load->error;
    check_asset(load, file);
    check_environments(load, file);
    if (load->wrong)
        return CONFIGURATION_WRONG;
    *ret_settings = load->settings;
    load->settings = (struct settings){.interval_ns = 0}; /* its lists are the caller's now */
    return 0;
}

bool configuration_timezone_exists(const char *name)
{
    char path[PATH_MAX];
    char magic[4];
    if (str_equal(name, "UTC"))
        return true;
    const char *folder = getenv("TZDIR");
    int length =
        snprintf(path, sizeof(path), "%s/%s", folder ? folder : "/usr/share/zoneinfo", name);
    if (length < 0 || (size_t)length >= sizeof(path))
        return false;
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd >= 0 && read(fd, magic, sizeof(magic)) == sizeof(magic) &&
           memcmp(magic, "TZif", sizeof(magic)) == 0;
}
