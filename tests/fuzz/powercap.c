/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* The tree of powercap zones, made up from the input: which zones there are, whether they stand in
 * the class folder, in their parent or both, and what is in their files. The functions of source.h
 * are doubles here, so no file is touched. */
#include "fuzz.h"

#include <fcntl.h>

#include "collectors/parse.h"
#include "collectors/rapl/powercap.h"
#include "collectors/source.h"

enum { ZONES_MAX = 160, FOLDER_CLASS = 1 << 0, FOLDER_CONTROL = 1 << 1, FOLDER_PARENT = 1 << 2 };

static struct tree {
    struct tree_zone {
        char id[56];
        char name[40];
        char range[24];
        char power[24];
        unsigned folders;
        int energy; /* 0, or what opening its energy_uj answers */
    } zones[ZONES_MAX];
    size_t n;
    bool reversed; /* the order in which folders list what is in them */
} tree;

/* ---- Doubles ---- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The zone whose folder a file is in. */
static const struct tree_zone *zone_of(const char *path)
{
    char folder[256];
    (void)str_copy(folder, sizeof(folder), path);
    *strrchr(folder, '/') = '\0';
    for (size_t i = 0; i < tree.n; i++)
        if (str_equal(tree.zones[i].id, last_part(folder)))
            return &tree.zones[i];
    return NULL;
}

static bool is_in(const struct tree_zone *zone, const char *folder)
{
    if (str_equal(folder, "class/powercap"))
        return zone->folders & FOLDER_CLASS;
    if (str_equal(folder, "class/powercap/intel-rapl") ||
        str_equal(folder, "class/powercap/intel-rapl-mmio"))
        return zone->folders & FOLDER_CONTROL;
    const char *colon = strrchr(zone->id, ':');
    const char *parent = last_part(folder);
    return zone->folders & FOLDER_PARENT && colon && strlen(parent) == (size_t)(colon - zone->id) &&
           strncmp(parent, zone->id, strlen(parent)) == 0;
}

int source_list(int root_fd, const char *path, int (*entry)(void *userdata, const char *name),
                void *userdata)
{
    (void)root_fd;
    for (size_t i = 0; i < tree.n; i++) {
        const struct tree_zone *zone = &tree.zones[tree.reversed ? tree.n - 1 - i : i];
        int r = is_in(zone, path) ? entry(userdata, zone->id) : 0;
        if (r != 0)
            return r;
    }
    return 0;
}

int source_open(int root_fd, const char *path)
{
    (void)root_fd;
    const struct tree_zone *zone = zone_of(path);
    if (!zone)
        return -ENOENT;
    return zone->energy < 0 ? zone->energy : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int source_read_line(int root_fd, const char *path, char *buffer, size_t size)
{
    (void)root_fd;
    const struct tree_zone *zone = zone_of(path);
    if (!zone)
        return -ENOENT;
    if (!str_copy(buffer, size, zone->name))
        return -EFBIG;
    return buffer[0] == '\0' ? -ENODATA : 0;
}

int source_read_u64(int root_fd, const char *path, uint64_t *ret_value)
{
    (void)root_fd;
    const struct tree_zone *zone = zone_of(path);
    if (!zone)
        return -ENOENT;
    const char *text =
        str_equal(last_part(path), "max_energy_range_uj") ? zone->range : zone->power;
    return parse_u64(text, strlen(text), ret_value);
}

/* ---- The tree ---- */

static bool has_id(const char *id)
{
    for (size_t i = 0; i < tree.n; i++)
        if (str_equal(tree.zones[i].id, id))
            return true;
    return false;
}

/* Ids as the kernel makes them, or with bytes that it would not. */
static void take_id(struct fuzz_input *input, char *id, size_t size)
{
    char rest[24];
    unsigned form = (unsigned)fuzz_take(input, 1);
    fuzz_take_text(input, rest, sizeof(rest));
    (void)snprintf(id, size, "%s%s",
                   form % 4 == 0   ? "intel-rapl-mmio:"
                   : form % 4 == 3 ? ""
                                   : "intel-rapl:",
                   rest);
    for (char *c = id; *c != '\0'; c++)
        if (*c == '/')
            *c = '_';
}

static void make_tree(struct fuzz_input *input)
{
    static const int errors[] = {-ENOENT, -EACCES, -EIO, -ENODEV};
    tree.n = 0;
    while (input->left > 0 && tree.n < ZONES_MAX) {
        struct tree_zone *zone = &tree.zones[tree.n];
        memset(zone, 0, sizeof(*zone));
        take_id(input, zone->id, sizeof(zone->id));
        fuzz_take_text(input, zone->name, sizeof(zone->name));
        fuzz_take_text(input, zone->range, sizeof(zone->range));
        fuzz_take_text(input, zone->power, sizeof(zone->power));
        unsigned bits = (unsigned)fuzz_take(input, 1);
        zone->folders = bits % 8;
        zone->energy = bits & 0x80 ? errors[bits / 8 % 4] : 0;
        tree.n += zone->id[0] != '\0' && !has_id(zone->id);
    }
}

/* ---- What must hold ---- */

static const char *subject(const struct powercap_zone *zone)
{
    const char *slash = strchr(zone->meter.key, '/');
    REQUIRE(slash);
    return slash + 1;
}

static void require_sound(const struct powercap_zones *zones)
{
    REQUIRE(zones->count <= METERS_MAX);
    for (size_t i = 0; i < zones->count; i++) {
        const struct powercap_zone *zone = &zones->zones[i];
        const struct meter *meter = &zone->meter;
        REQUIRE(memchr(meter->key, '\0', sizeof(meter->key)) &&
                memchr(meter->domain, '\0', sizeof(meter->domain)) && meter->domain[0] != '\0');
        REQUIRE((zone->fd >= 0 && zone->error == 0) || (zone->fd == -1 && zone->error < 0));
        REQUIRE(zone->error != -ENOENT);
        REQUIRE(meter->package >= -1 && meter->package < 100000 && meter->die >= -1 &&
                meter->die < 100000);
        REQUIRE(meter->max_power_uw > 0 && meter->source == SOURCE_RAPL &&
                meter->form == METER_COUNTER);
        REQUIRE(meter->kind == DOMAIN_PSYS || meter->package >= 0);
        REQUIRE(meter->kind == DOMAIN_PACKAGE || meter->kind == DOMAIN_PSYS ||
                meter->kind == DOMAIN_DRAM || meter->kind == DOMAIN_CORE ||
                meter->kind == DOMAIN_UNCORE);
        for (size_t k = 0; k < i; k++) /* nothing is measured twice */
            REQUIRE(!str_equal(subject(&zones->zones[k]), subject(zone)));
    }
}

static void find(bool reversed, struct powercap_zones *zones)
{
    static struct powercap_search search;
    tree.reversed = reversed;
    memset(zones, 0, sizeof(*zones));
    REQUIRE(powercap_find(&search, 0, zones) == 0);
    require_sound(zones);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct powercap_zones zones, reversed;
    struct fuzz_input input = {data, size};
    make_tree(&input);
    find(false, &zones);
    find(true, &reversed);
    /* The order of a folder's entries means nothing, unless there are more than are kept. */
    REQUIRE(zones.overflow == reversed.overflow);
    for (size_t i = 0; i < zones.count && !zones.overflow; i++) {
        REQUIRE(zones.count == reversed.count);
        REQUIRE(str_equal(zones.zones[i].meter.key, reversed.zones[i].meter.key));
        REQUIRE(zones.zones[i].meter.max_power_uw == reversed.zones[i].meter.max_power_uw);
    }
    powercap_done(&zones);
    powercap_done(&reversed);
    return 0;
}
