/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The energy counters of the processors and their memory, from the powercap tree. */

#include <time.h>

#include "collectors/rapl/powercap.h"
#include "collectors/source.h"
#include "greend/collector.h"
#include "greend/units.h"

/* Drivers come late and go: the tree is searched anew after this, and after at least as many
 * collects, since meters are read more often than the interval says where they wrap fast. */
#define SEARCH_INTERVAL_NS (60 * NS_PER_S)

enum {
    SEARCH_COLLECTS_MIN = 4,
    ZEROS_MAX = 5, /* a counter that stands at 0 so many times counts nothing */
};

struct rapl_zone {
    struct powercap_zone zone;
    int error; /* of the last reading */
    uint32_t zeros;
};

struct rapl {
    const struct collector_env *env;
    uint64_t collects; /* until the next search */
    bool overflow;
    size_t count;
    struct rapl_zone zones[METERS_MAX];
    struct rapl_zone previous[METERS_MAX];
    struct powercap_search search;
    struct powercap_zones found;
};

/* ---- Zones ---- */

static struct rapl_zone *find_key(struct rapl_zone *zones, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(zones[i].zone.meter.key, key))
            return &zones[i];
    return NULL;
}

/* Keeps a zone that is there no more, so that its absence is seen. The mmio twin of a zone that is
 * there now is not missed. */
static void keep_vanished(struct rapl *rapl, const struct rapl_zone *old)
{
    const struct meter *meter = &old->zone.meter;
    const char *subject = strchr(meter->key, '/');
    char twin[METER_KEY_MAX + 16];
    (void)snprintf(twin, sizeof(twin), "intel-rapl%s", subject);
    if (find_key(rapl->zones, rapl->count, meter->key) ||
        (meter->mmio && find_key(rapl->zones, rapl->count, twin)) || rapl->count == METERS_MAX)
        return;
    struct rapl_zone *zone = &rapl->zones[rapl->count++];
    *zone = *old;
    zone->zone.fd = -1;
    zone->zone.error = -ENODEV;
}

/* Takes over what was found, with fresh file descriptors: an old one may belong to a zone that was
 * removed and made anew. */
static void adopt(struct rapl *rapl)
{
    size_t n_previous = rapl->count;
    memcpy(rapl->previous, rapl->zones, n_previous * sizeof(rapl->zones[0]));
    for (size_t i = 0; i < rapl->found.count; i++) {
        const struct powercap_zone *zone = &rapl->found.zones[i];
        struct rapl_zone *old = find_key(rapl->previous, n_previous, zone->meter.key);
        rapl->zones[i] = (struct rapl_zone){.zone = *zone, .zeros = old ? old->zeros : 0};
    }
    rapl->count = rapl->found.count;
    rapl->found.count = 0; /* their file descriptors belong to rapl->zones now */
    for (size_t i = 0; i < n_previous; i++) {
        close_fd_p(&rapl->previous[i].zone.fd);
        keep_vanished(rapl, &rapl->previous[i]);
    }
}

static void search(struct rapl *rapl)
{
    uint64_t interval_ns = MAX(rapl->env->interval_ns, 1);
    rapl->collects = MAX(SEARCH_INTERVAL_NS / interval_ns, SEARCH_COLLECTS_MIN);
    /* What is known stays while the tree cannot be read. */
    if (powercap_find(&rapl->search, rapl->env->sysfs_fd, &rapl->found) < 0)
        return;
    rapl->overflow = rapl->found.overflow;
    adopt(rapl);
}

static int rapl_open(const struct collector_env *env, void **ret_state)
{
    struct rapl *rapl = calloc(1, sizeof(*rapl));
    if (!rapl)
        return -ENOMEM;
    rapl->env = env;
    search(rapl);
    *ret_state = rapl;
    return 0;
}

static void rapl_close(void *state)
{
    struct rapl *rapl = state;
    if (!rapl)
        return;
    for (size_t i = 0; i < rapl->count; i++)
        close_fd_p(&rapl->zones[i].zone.fd);
    free(rapl);
}

/* ---- Reading ---- */

static uint64_t monotonic_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int read_counter(struct rapl_zone *zone, uint64_t *ret_value)
{
    if (zone->zone.fd < 0)
        return zone->zone.error;
    int r = source_read_u64_fd(zone->zone.fd, ret_value);
    if (r < 0)
        return r;
    /* A real counter moves every millisecond. One that never does is a hypervisor's or a board's
     * that is not wired, and 0 W would be a lie. */
    zone->zeros = *ret_value == 0 ? MIN(zone->zeros + 1, ZEROS_MAX) : 0;
    return zone->zeros == ZEROS_MAX ? -ENODATA : 0;
}

static void read_zone(struct rapl_zone *zone, struct meter_reading *ret)
{
    uint64_t value = 0;
    uint64_t before_ns = monotonic_ns();
    zone->error = read_counter(zone, &value);
    uint64_t after_ns = monotonic_ns();
    *ret = (struct meter_reading){
        .error = zone->error,
        .time_ns = before_ns + (after_ns - before_ns) / 2,
        .value = value,
    };
}

static int rapl_collect(void *state, struct sample *sample)
{
    struct rapl *rapl = state;
    if (rapl->collects-- == 0)
        search(rapl);
    struct meter_set *set = &sample->meters;
    for (size_t i = 0; i < rapl->count; i++) {
        if (set->count >= METERS_MAX) {
            rapl->overflow = true;
            break;
        }
        set->meters[set->count] = rapl->zones[i].zone.meter;
        read_zone(&rapl->zones[i], &set->readings[set->count]);
        set->count++;
    }
    return rapl->count == 0 ? COLLECT_NO_DATA : 0;
}

/* ---- Health ---- */

struct advice {
    int error;
    const char *why;
    const char *mend;
};

static const struct advice *advice_of(int error)
{
    static const struct advice table[] = {
        {-EACCES,  N_("the kernel lets only root read it"),
         N_("let the group greend read it: install the udev rule and the tmpfiles entry of the "
            "package and run greend in that group; by hand: chgrp greend and chmod 0440 on "
            "/sys/class/powercap/*/energy_uj (found within a minute)")                                   },
        {-ENODEV,  N_("the zone has vanished"),
         N_("it is looked for every minute; was the driver unloaded? modprobe intel_rapl_msr")           },
        {-EIO,     N_("the hardware does not answer"),         N_("look for its errors in journalctl -k")},
        {-EBADMSG, N_("its energy_uj does not hold a number"),
         N_("no kernel writes that: is --sysfs right? else please report it")                            },
        {0,        N_("its energy_uj cannot be read"),         N_("look for errors in journalctl -k")    },
    };
    size_t i = 0;
    while (table[i].error != error && table[i].error != 0)
        i++;
    return &table[i];
}

/* Errors that mean the same to a person. */
static int plain_error(int error)
{
    switch (error) {
    case -EPERM:
        return -EACCES;
    case -ENOENT:
    case -ENXIO:
        return -ENODEV;
    case -ENODATA:
    case -ERANGE:
    case -EFBIG:
    case -ESPIPE:
    case -EISDIR:
    case -ELOOP:
        return -EBADMSG;
    default:
        return error;
    }
}

static struct collector_status zone_status(const struct rapl_zone *zone)
{
    struct collector_status status = {.health = HEALTH_WORKING, .error = zone->error};
    (void)str_copy(status.item, sizeof(status.item), strchr(zone->zone.meter.key, '/') + 1);
    enum domain_kind kind = zone->zone.meter.kind;
    if (zone->error == -ENODATA && zone->zeros == ZEROS_MAX) {
        /* uncore is the graphics unit, which servers lack and many desktops leave off. */
        status.health = kind == DOMAIN_UNCORE ? HEALTH_ABSENT : HEALTH_FAILED;
        status.why = N_("the counter stands at 0: nothing is counted here");
        status.mend =
            kind == DOMAIN_UNCORE ? NULL : N_("none: the firmware or the hypervisor decides");
    } else if (zone->error) {
        const struct advice *advice = advice_of(plain_error(zone->error));
        status.health = HEALTH_FAILED;
        status.why = advice->why;
        status.mend = advice->mend;
    } else if (zone->zone.meter.range_uj == 0) {
        status.health = HEALTH_DEGRADED;
        status.why = N_("its range is not known: the energy around each wrap is lost");
        status.mend = N_("make max_energy_range_uj readable");
    }
    return status;
}

static struct collector_status whole_status(const struct rapl *rapl, size_t failed, size_t degraded)
{
    struct collector_status status = {.health = HEALTH_WORKING};
    if (rapl->count == 0) {
        status.health = HEALTH_ABSENT;
        status.why = N_("this kernel shows no RAPL meter");
        status.mend =
            N_("on real hardware load its driver: modprobe intel_rapl_msr; a virtual machine "
               "has none, its host has one");
    } else if (failed == rapl->count) {
        status.health = HEALTH_FAILED;
        status.error = rapl->zones[0].error;
        status.why = N_("no zone can be read");
    } else if (rapl->overflow) {
        status.health = HEALTH_DEGRADED;
        status.why = N_("there are more zones than can be measured");
    } else if (failed > 0 || degraded > 0) {
        status.health = HEALTH_DEGRADED;
        status.why = N_("some zones give nothing, or less than they could");
    }
    return status;
}

static void rapl_status(void *state,
                        void (*emit)(void *userdata, const struct collector_status *status),
                        void *userdata)
{
    const struct rapl *rapl = state;
    size_t failed = 0, degraded = 0;
    for (size_t i = 0; i < rapl->count; i++) {
        struct collector_status status = zone_status(&rapl->zones[i]);
        failed += status.health == HEALTH_FAILED;
        degraded += status.health == HEALTH_DEGRADED;
        emit(userdata, &status);
    }
    struct collector_status status = whole_status(rapl, failed, degraded);
    emit(userdata, &status);
}

const struct collector collector_rapl = {
    .name = "rapl",
    .open = rapl_open,
    .collect = rapl_collect,
    .status = rapl_status,
    .close = rapl_close,
};
