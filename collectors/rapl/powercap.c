/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "collectors/rapl/powercap.h"

#include "collectors/parse.h"
#include "collectors/source.h"
#include "greend/units.h"

#define POWERCAP_FOLDER "class/powercap"
#define MSR_PREFIX      "intel-rapl:" /* AMD's zones too, and those of TPMI */
#define MMIO_PREFIX     "intel-rapl-mmio:"

#define MAX_POWER_DEFAULT_UW (1000 * UW_PER_W)
/* A short-term limit above this is firmware for "none". */
#define BURST_LIMIT_UW (500 * UW_PER_W)

/* Intel's own statement on the DRAM domain of its reference platforms: "up to ~30% error" (README
 * of Intel Power Gadget for Linux, Known Limitations). Measurements agree: Desrochers, Paradis,
 * Weaver, "A Validation of DRAM RAPL Power Measurements", MEMSYS 2016. For packages no such
 * statement covers more than single machines: theirs stays unstated. */
#define DRAM_UNCERTAINTY_PPM 300000

/* ---- The tree ---- */

/* Digits and colons after the prefix: "0", "0:2". */
static bool is_zone_id(const char *entry, const char *prefix)
{
    if (!str_starts(entry, prefix) || strlen(entry) >= sizeof(((struct powercap_entry *)0)->id))
        return false;
    const char *number = entry + strlen(prefix);
    return *number >= '0' && *number <= '9' && number[strspn(number, "0123456789:")] == '\0';
}

static const struct powercap_entry *find_id(const struct powercap_search *search, const char *id,
                                            size_t length)
{
    for (size_t i = 0; i < search->count; i++) {
        const struct powercap_entry *entry = &search->entries[i];
        if (strlen(entry->id) == length && memcmp(entry->id, id, length) == 0)
            return entry;
    }
    return NULL;
}

/* What keeps a whole search from being done, as opposed to a fault of one file. */
static bool is_shortage(int error)
{
    return error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -EINTR;
}

static int walk(struct powercap_search *search, const char *path, const char *prefix);

/* Real machines show each zone twice, as a link in the class folder and nested in its parent. */
static int take_zone(struct powercap_search *search, const char *id)
{
    if (find_id(search, id, strlen(id)))
        return 0;
    if (search->count == METERS_MAX) {
        search->overflow = true;
        return 0;
    }
    struct powercap_entry *entry = &search->entries[search->count];
    (void)str_copy(entry->id, sizeof(entry->id), id);
    int length = snprintf(entry->path, sizeof(entry->path), "%s/%s", search->path, id);
    char file[sizeof(entry->path) + 16];
    (void)snprintf(file, sizeof(file), "%s/name", entry->path);
    if (length < 0 || (size_t)length >= sizeof(entry->path))
        return 0;
    int r = source_read_line(search->sysfs_fd, file, entry->name, sizeof(entry->name));
    if (is_shortage(r))
        return r;
    if (r < 0)
        entry->name[0] = '\0';
    search->count++;
    char prefix[sizeof(entry->id) + 1];
    (void)snprintf(prefix, sizeof(prefix), "%s:", entry->id);
    return walk(search, entry->path, prefix);
}

static int take_entry(void *userdata, const char *name)
{
    struct powercap_search *search = userdata;
    return is_zone_id(name, search->prefix) ? take_zone(search, name) : 0;
}

/* Each step down makes the prefix longer, and an id has a longest: links in circles end too. */
static int walk(struct powercap_search *search, const char *path, const char *prefix)
{
    const char *outer_path = search->path, *outer_prefix = search->prefix;
    search->path = path;
    search->prefix = prefix;
    int r = source_list(search->sysfs_fd, path, take_entry, search);
    search->path = outer_path;
    search->prefix = outer_prefix;
    return is_shortage(r) ? r : 0;
}

static void sort_by_id(struct powercap_search *search)
{
    for (size_t i = 1; i < search->count; i++) {
        struct powercap_entry entry = search->entries[i];
        size_t at = i;
        for (; at > 0 && strcmp(search->entries[at - 1].id, entry.id) > 0; at--)
            search->entries[at] = search->entries[at - 1];
        search->entries[at] = entry;
    }
}

/* ---- What a zone is ---- */

static bool take_number(const char **text, const char *prefix, int32_t *ret_number)
{
    if (!str_starts(*text, prefix))
        return false;
    const char *digits = *text + strlen(prefix);
    size_t length = strspn(digits, "0123456789");
    uint64_t number = 0;
    if (length > 5 || parse_u64(digits, length, &number) < 0)
        return false;
    *ret_number = (int32_t)number;
    *text = digits + length;
    return true;
}

/* "package-1", "package-0-die-1". */
static bool parse_package(const char *name, int32_t *ret_package, int32_t *ret_die)
{
    if (!take_number(&name, "package-", ret_package))
        return false;
    *ret_die = -1;
    return *name == '\0' || (take_number(&name, "-die-", ret_die) && *name == '\0');
}

/* "psys", and "psys-1" on the further packages of a machine: each sees its own part. */
static bool parse_psys(const char *name, int32_t *ret_package)
{
    *ret_package = -1;
    return str_equal(name, "psys") || (take_number(&name, "psys-", ret_package) && *name == '\0');
}

static bool parse_part(const char *name, enum domain_kind *ret_kind)
{
    static const struct {
        const char *name;
        enum domain_kind kind;
    } parts[] = {
        {"core",   DOMAIN_CORE  },
        {"uncore", DOMAIN_UNCORE},
        {"dram",   DOMAIN_DRAM  },
    };
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (str_equal(name, parts[i].name)) {
            *ret_kind = parts[i].kind;
            return true;
        }
    }
    return false;
}

static const struct powercap_entry *find_parent(const struct powercap_search *search,
                                                const struct powercap_entry *entry)
{
    const char *colon = strrchr(entry->id, ':');
    return colon ? find_id(search, entry->id, (size_t)(colon - entry->id)) : NULL;
}

/* Fills what names say; false for a zone that is none of ours. */
static bool identify(const struct powercap_search *search, const struct powercap_entry *entry,
                     struct meter *meter)
{
    *meter = (struct meter){.source = SOURCE_RAPL, .form = METER_COUNTER, .package = -1, .die = -1};
    meter->mmio = str_starts(entry->id, MMIO_PREFIX);
    const char *control = meter->mmio ? "intel-rapl-mmio" : "intel-rapl";
    (void)snprintf(meter->key, sizeof(meter->key), "%s/%s", control, entry->name);
    if (parse_package(entry->name, &meter->package, &meter->die)) {
        meter->kind = DOMAIN_PACKAGE;
        (void)snprintf(meter->domain, sizeof(meter->domain), "package-%d", meter->package);
        return true;
    }
    if (parse_psys(entry->name, &meter->package)) {
        meter->kind = DOMAIN_PSYS;
        (void)str_copy(meter->domain, sizeof(meter->domain), entry->name);
        return true;
    }
    const struct powercap_entry *parent = find_parent(search, entry);
    if (!parse_part(entry->name, &meter->kind) || !parent ||
        !parse_package(parent->name, &meter->package, &meter->die))
        return false;
    (void)snprintf(meter->key, sizeof(meter->key), "%s/%s/%s", control, parent->name, entry->name);
    (void)snprintf(meter->domain, sizeof(meter->domain), "%s-%d", entry->name, meter->package);
    return true;
}

/* ---- What it can show ---- */

static int zone_file(char *file, size_t size, const struct powercap_entry *entry, const char *name)
{
    int length = snprintf(file, size, "%s/%s", entry->path, name);
    return length > 0 && (size_t)length < size ? 0 : -ENAMETOOLONG;
}

/* 0 where the file is missing, unreadable or no number ("No data available" is usual). */
static uint64_t zone_number(int sysfs_fd, const struct powercap_entry *entry, const char *name)
{
    char file[sizeof(entry->path) + 32];
    uint64_t value = 0;
    if (zone_file(file, sizeof(file), entry, name) < 0 ||
        source_read_u64(sysfs_fd, file, &value) < 0)
        return 0;
    return value;
}

/* Twice what the zone is built for. That is a sustained power: a mobile processor of 15 W takes 60
 * for seconds, as its short-term limit (constraint 1) says. */
static uint64_t zone_max_power(int sysfs_fd, const struct powercap_entry *entry)
{
    uint64_t sustained_uw = zone_number(sysfs_fd, entry, "constraint_0_max_power_uw");
    if (sustained_uw == 0)
        return MAX_POWER_DEFAULT_UW;
    uint64_t burst_uw = zone_number(sysfs_fd, entry, "constraint_1_power_limit_uw");
    uint64_t most_uw = MAX(sustained_uw, MIN(burst_uw, BURST_LIMIT_UW));
    return most_uw > UINT64_MAX / 2 ? UINT64_MAX : 2 * most_uw;
}

/* `enabled` is not asked: it says whether the zone limits power, not whether it measures energy. */
static int zone_open(int sysfs_fd, const struct powercap_entry *entry, struct powercap_zone *zone)
{
    char file[sizeof(entry->path) + 16];
    int r = zone_file(file, sizeof(file), entry, "energy_uj");
    if (r < 0)
        return r;
    r = source_open(sysfs_fd, file);
    if (is_shortage(r))
        return r;
    zone->fd = r < 0 ? -1 : r;
    zone->error = r < 0 ? r : 0;
    zone->meter.range_uj = zone_number(sysfs_fd, entry, "max_energy_range_uj");
    zone->meter.max_power_uw = zone_max_power(sysfs_fd, entry);
    zone->meter.uncertainty_ppm = zone->meter.kind == DOMAIN_DRAM ? DRAM_UNCERTAINTY_PPM : 0;
    return 0;
}

/* The part of a key that says what is measured, without the driver. */
static const char *key_subject(const char *key)
{
    return strchr(key, '/') + 1;
}

static bool is_known(const struct powercap_zones *zones, const struct meter *meter)
{
    for (size_t i = 0; i < zones->count; i++)
        if (str_equal(key_subject(zones->zones[i].meter.key), key_subject(meter->key)))
            return true;
    return false;
}

static int add_zones(const struct powercap_search *search, bool mmio, struct powercap_zones *zones)
{
    for (size_t i = 0; i < search->count; i++) {
        struct powercap_zone zone = {.fd = -1};
        if (!identify(search, &search->entries[i], &zone.meter) || zone.meter.mmio != mmio ||
            is_known(zones, &zone.meter))
            continue;
        int r = zone_open(search->sysfs_fd, &search->entries[i], &zone);
        if (r < 0)
            return r;
        if (zone.error != -ENOENT) /* a zone that limits power and has no meter */
            zones->zones[zones->count++] = zone;
    }
    return 0;
}

int powercap_find(struct powercap_search *search, int sysfs_fd, struct powercap_zones *zones)
{
    search->sysfs_fd = sysfs_fd;
    search->overflow = false;
    search->count = 0;
    int r = walk(search, POWERCAP_FOLDER, MSR_PREFIX);
    if (r == 0)
        r = walk(search, POWERCAP_FOLDER "/intel-rapl", MSR_PREFIX);
    if (r == 0)
        r = walk(search, POWERCAP_FOLDER, MMIO_PREFIX);
    if (r == 0)
        r = walk(search, POWERCAP_FOLDER "/intel-rapl-mmio", MMIO_PREFIX);
    if (r < 0)
        return r;
    sort_by_id(search);
    zones->overflow = search->overflow;
    r = add_zones(search, false, zones);
    if (r == 0) /* the same registers seen another way: only where no MSR zone is */
        r = add_zones(search, true, zones);
    if (r < 0)
        powercap_done(zones);
    return r;
}

void powercap_done(struct powercap_zones *zones)
{
    for (size_t i = 0; i < zones->count; i++)
        close_fd_p(&zones->zones[i].fd);
    zones->count = 0;
}
