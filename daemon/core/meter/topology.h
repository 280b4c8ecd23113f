/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* From meters to energy domains, and which domains make up the host's energy. Pure; one thread.
 *
 * A domain is something that energy is booked to: "package-0", "dram-0", "platform". Meters of the
 * same domain and source are one domain: the dies of a package (see core/meter/dies.h for those
 * that mirror each other).
 *
 * Meters overlap: a platform meter sees the packages too, a package meter its cores. So in each
 * tick exactly one of these is the host's energy, its domains marked `summed`:
 *
 *   the platform   one meter of the whole machine (ACPI, BMC, psys), once it is believed: see
 *                  core/meter/platform.h. At once where no part is measured.
 *   the parts      package + dram + gpu, and the modelled rest. Also until a platform meter is
 *                  judged, and while it cannot be read.
 *   the model      a modelled platform, only where nothing is measured at all.
 *
 * Cores and uncore lie within their package and are never summed. What is not summed is still
 * shown, with its own energy.
 *
 * A change between them never books the same time twice: the new meters count from where the old
 * ones ended, a delta that began earlier is shown and not summed, and time that no one speaks for
 * is a gap. "Earlier" allows for the 10 ms within which the meters of one tick are read. */

#include "core/meter/dies.h"
#include "core/meter/metering.h"
#include "core/meter/platform.h"

enum {
    TOPOLOGY_DOMAINS_MAX = 64, /* at a time */
    TOPOLOGY_EVENTS_MAX = 16,  /* in one tick; further ones are dropped */
};

/* One domain in one tick. */
struct domain_energy {
    char name[DOMAIN_NAME_MAX];
    enum domain_kind kind;
    enum energy_source source;
    int32_t package;               /* that its meters belong to, -1: none, or more than one */
    enum platform_verdict verdict; /* of platform and psys domains */
    bool begun;                    /* domains[i] was another domain until now, or none */
    bool present;                  /* it has a meter in this tick, if only one that fails */
    bool summed;                   /* part of the host's energy in this tick */
    int error;                     /* of one of its meters that gave nothing, or 0 */
    uint64_t energy_uj;
    uint64_t interval_ns;     /* time that energy_uj was used in; 0: nothing new */
    uint64_t gap_ns;          /* time whose energy is not known */
    uint64_t idle_uj;         /* idle part of energy_uj where a model says so, else
                                 COUNTER_IDLE_UNKNOWN: to be learned */
    uint64_t late_uj;         /* of energy_uj: used before this interval, found out now */
    uint32_t uncertainty_ppm; /* half-width of the 95 % interval; 0: not stated */
};

enum topology_event_kind {
    TOPOLOGY_SUM_CHANGED, /* other domains are the host's energy from this tick on; `domain` is
                             the first of them */
    TOPOLOGY_PLATFORM_BELIEVED, /* the verdict over a platform domain */
    TOPOLOGY_PLATFORM_REFUSED,  /* it sees less than its parts: shown, not used */
    TOPOLOGY_DIES_DISTINCT,     /* the dies of this domain are summed from now on */
    TOPOLOGY_DIES_MIRRORED,     /* they are mirrors and counted once */
    TOPOLOGY_DOMAINS_FULL,      /* a meter of one domain too many is not used; `domain` is 0 */
};

struct topology_event {
    enum topology_event_kind kind;
    size_t domain;
};

/* domains[i] is the same domain until `begun`: where there is no room, a new one takes the place of
 * the one that has had no meter for longest. n_domains never shrinks. */
struct topology_result {
    size_t n_domains;
    size_t n_refused; /* meters of one domain too many in this tick: their energy is not counted */
    struct domain_energy domains[TOPOLOGY_DOMAINS_MAX];
    uint64_t gap_ns; /* time before this tick that a change of the summed domains left out */
    size_t n_events;
    struct topology_event events[TOPOLOGY_EVENTS_MAX];
};

enum topology_mode { TOPOLOGY_NOTHING, TOPOLOGY_PARTS, TOPOLOGY_PLATFORM, TOPOLOGY_MODEL };

/* What is summed: `domain` counts for TOPOLOGY_PLATFORM and TOPOLOGY_MODEL. */
struct topology_sum {
    enum topology_mode mode;
    size_t domain;
};

struct topology_domain {
    char name[DOMAIN_NAME_MAX];
    enum domain_kind kind;
    enum energy_source source;
    int32_t package;
    size_t n_dies;
    struct dies dies;
    struct platform platform;
    uint64_t ticked; /* topology.ticks when a meter of it was last in the sample */
    /* This tick only. */
    struct dies_reading readings[DIES_MAX];
    uint64_t gaps_ns[DIES_MAX]; /* of the dies */
    uint64_t ends_ns[DIES_MAX];
    uint64_t begin_ns, end_ns; /* of the time that its energy was used in */
    bool held;                 /* a meter of it is in the sample */
    bool giving;               /* a meter of it can be read */
    bool stated;               /* uncertainty_ppm is stated for every meter */
};

struct topology {
    uint64_t ticks;
    size_t n_domains;
    struct topology_domain domains[TOPOLOGY_DOMAINS_MAX];
    /* By number of the meter: its domain + 1, and its place among the domain's dies + 1. */
    uint8_t domain_of[METERS_MAX];
    uint8_t die_of[METERS_MAX];
    struct topology_sum sum;
    struct topology_sum next; /* planned for the coming tick */
    uint64_t covered_ns;      /* CLOCK_MONOTONIC up to which energy was summed */
    uint64_t floor_ns;        /* where the domains that are summed now count from */
    bool changed;             /* nothing was summed since the last change */
};

void topology_init(struct topology *topology);

/* Takes one tick: the set as collected and the deltas as metering_update() made them. busy_ppm:
 * share of all CPU time in this tick that was in use, in parts per million. */
void topology_update(struct topology *topology, const struct meter_set *set,
                     const struct meter_delta *deltas, uint32_t busy_ppm,
                     struct topology_result *ret);
