/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The counters that Prometheus sees: which series exist and what each shows. Pure.
 *
 * A state is a function of the frames consumed and of the state it was resumed from: two threads
 * that consume the same frames hold the same state, and so does a daemon that resumes a stored
 * state and consumes again what the ring still holds.
 *
 * The books. For each energy source, in microjoules at any time and in shown millijoules after
 * every publication, without rounding:
 *
 *     domain totals = idle + unattributed + workloads shown + `other` + workloads no longer shown
 *
 * and no shown value ever goes down. Only energy of domains that are summed in the frame is in the
 * totals; energy of the others is in their `overlap` counter and nowhere else.
 *
 * Who is shown. The `top` workloads with most energy, decayed with a half-life of an hour, ranked
 * once a minute. Who leaves the top stays for a day, with at most four times `top` in all. The
 * series of a person (kind USER, a unit of their own) ends when that energy is below a microjoule,
 * and is forgotten: within two days of the last use. A series is shown for SERIES_NOTICE_NS before
 * it counts and after it ceased to count, its energy being in `other` meanwhile: Prometheus takes
 * what a new series shows at its first scrape for the past and never learns what one showed after
 * its last scrape, so that a sum of increase() over changes of rank would otherwise lose energy. It
 * is exact for scrape intervals up to a minute. */

#include "greend/base.h"
#include "greend/ring.h"
#include "greend/store.h"
#include "greend/units.h"

enum {
    SERIES_KEYS_MAX = 2000,  /* workloads that are remembered */
    SERIES_SHOWN_MAX = 1500, /* of them shown, whatever `top` is: newcomers need room */
    SERIES_TOP_MAX = 500,
    SERIES_DOMAINS_MAX = 128,
    SERIES_LANES = 256, /* entries of the ring's domain table that are looked at */
};

#define SERIES_PUBLISH_NS                                                                          \
    (NS_PER_S - NS_PER_S / 20) /* a second, less what a timer may be early                         \
                                */
#define SERIES_RANK_NS   (60 * NS_PER_S)
#define SERIES_STAY_NS   (UINT64_C(24) * 3600 * NS_PER_S)
#define SERIES_NOTICE_NS (65 * NS_PER_S)

/* The clock that all these times are on: measured time, from SERIES_BEGIN_NS where the counters
 * began. Unlike CLOCK_MONOTONIC it goes on over a reboot; it stands still in a gap, so that nothing
 * ends while nobody can scrape. It begins high so that 0 can mean "not". */
#define SERIES_BEGIN_NS (UINT64_C(48) * 3600 * NS_PER_S)

/* A source whose energy reaches this begins again at zero, as a Prometheus counter may: 146 years
 * at 1 kW. */
#define SERIES_ENERGY_LIMIT_UJ (UINT64_C(1) << 62)

/* More energy than this of one domain in one frame is a contradiction and not counted: half a year
 * at 1 kW. */
#define SERIES_FRAME_LIMIT_UJ (UINT64_C(1) << 54)

struct series_counter {
    uint64_t energy_uj; /* exact */
    uint64_t shown_mj;  /* as last published */
};

/* Energy whose uncertainty is stated, and its half-widths, both decayed with a half-life of an
 * hour: as they weigh at series.landmark_ns. */
struct series_recent {
    double energy_uj;
    double half_uj;
};

struct series_workload {
    uint32_t kind; /* enum workload_kind */
    char unit[WORKLOAD_UNIT_MAX];
    char command[WORKLOAD_COMMAND_MAX];
    struct series_counter energy[ENERGY_SOURCES]; /* while it counted */
    uint64_t cpu_ns;                              /* while it counted */
    uint64_t score;    /* energy, decayed: in uJ as they weigh at series.landmark_ns */
    uint64_t top_ns;   /* it counts from here on, later when it was last in the top; 0: not shown */
    uint64_t leave_ns; /* it ceased to count here, and will be gone soon; 0: it stays */
    uint64_t changed;  /* series.frames when something above changed */
    struct series_recent recent; /* not part of the resumed state */
};

/* One domain by one source. `power_uw` and what follows are what the newest frames said and are
 * not part of the resumed state. */
struct series_domain {
    char name[DOMAIN_NAME_MAX];
    uint32_t source; /* enum energy_source */
    uint32_t kind;   /* enum domain_kind; DOMAIN_KINDS until a frame tells */
    struct series_counter total;
    struct series_counter idle;
    struct series_counter unattributed;
    struct series_counter overlap; /* while it was not summed */

    uint64_t power_uw; /* mean over the last publication's frames */
    uint64_t uncertainty_ppm;
    bool present; /* it was in the last publication's frames */
    bool summed;  /* in the newest of them */

    uint64_t recent_uj; /* since the last publication */
    uint64_t recent_ns;
    uint64_t running_uj; /* the ring's running total, as last seen */
    bool running_known;
};

/* The workloads without a series of their own, and when workloads begin to count. */
struct series_other {
    struct series_counter energy;
    uint64_t debt_uj;  /* what it owes to series that were left while rounded up */
    uint64_t count_ns; /* workloads count in this source from here on; 0: never summed */
};

/* What a part of a source's energy is still to be shown of. */
struct series_part {
    struct series_counter *counter;
    uint64_t *changed; /* the counter's stamp; NULL: it has none */
    int64_t owed_uj;
    uint64_t given_mj;
};

/* One of the ring's domains within the frame that is being consumed. */
struct series_lane {
    uint64_t opened; /* series.frames of the frame that it belongs to */
    uint16_t domain; /* entry of series.domains */
    uint32_t uncertainty_ppm;
    bool split; /* its parts can be booked: summed, and no more of them than there is */
    uint32_t source;
    bool summed;
    uint64_t energy_uj;
    uint64_t idle_uj;
    uint64_t workloads_uj;
};

struct series {
    unsigned top;
    uint64_t frames; /* consumed by this instance */

    uint64_t clock_ns;
    uint64_t published_ns;
    uint64_t ranked_ns;
    uint64_t landmark_ns;
    uint64_t gap_ns;     /* time without measurement */
    uint64_t dropped_uj; /* energy of frames that were missed; in unattributed as well */

    struct series_other other[ENERGY_SOURCES];
    uint64_t other_cpu_ns;
    struct series_recent recent_other; /* of the energy that went to `other`, likewise */

    size_t n_domains;
    struct series_domain domains[SERIES_DOMAINS_MAX]; /* sorted by name and source */

    /* order[0 .. n_keys) are the used entries of keys, sorted by kind, unit and command; behind
     * them stand the free ones. */
    size_t n_keys;
    uint16_t order[SERIES_KEYS_MAX];
    struct series_workload keys[SERIES_KEYS_MAX];

    uint64_t publications; /* by this instance */
    uint64_t forgotten;    /* series.frames when stored rows became obsolete */
    uint64_t weight_q32;   /* what energy weighs now, for the score */

    struct series_slot {
        uint32_t id;
        uint16_t key;
    } slots[RING_WORKLOADS_MAX]; /* where the ring's workloads are in keys; id 0: not known */
    struct series_lane lanes[SERIES_LANES];
    uint16_t ranked[SERIES_KEYS_MAX];
    struct series_part parts[SERIES_KEYS_MAX + 2 * SERIES_DOMAINS_MAX + 1];
};

/* A state at zero that shows `top` workloads (1 .. SERIES_TOP_MAX). About 900 KiB, of which what is
 * used is touched. NULL: no memory. */
struct series *series_new(unsigned top);
struct series *series_free(struct series *series);

/* Everything begins again at zero: continuity was lost. */
void series_restart(struct series *series);

/* Adds a frame and publishes when a second of frame time has passed. The names are looked up in
 * the ring's tables; energy of a workload that is not in them goes to `other`. Energy that the
 * running totals have beyond what was consumed (the reader was overtaken) goes to its domain's
 * unattributed. Allocates nothing. -EBADMSG: not a frame; nothing was changed. */
int series_consume(struct series *series, const struct ring *ring, const struct frame *frame);

/* ---- State ---- */

/* Most rows that an export can have. */
#define SERIES_ROWS_MAX                                                                            \
    ((size_t)(SERIES_KEYS_MAX + 1) * ENERGY_SOURCES + (size_t)4 * SERIES_DOMAINS_MAX + 2)

/* Writes what changed after `since` as rows to be stored, in an order that depends on the state
 * alone. `since` is the value that series.frames had when the rows stored before were exported, or
 * right after the import; 0: all rows. Returns how many rows there are; beyond capacity they are
 * counted and not written. ret_reset: these are all rows, and stored ones must be forgotten. */
size_t series_export(const struct series *series, uint64_t since, struct store_series *rows,
                     size_t capacity, bool *ret_reset);

/* Resumes from stored rows, in any order. No rows: begins at zero. -EBADMSG: the rows contradict
 * each other, so everything begins at zero. */
int series_import(struct series *series, const struct store_series *rows, size_t n_rows);

/* ---- For those who show it ---- */

static inline bool series_is_shown(const struct series_workload *workload)
{
    return workload->top_ns != 0;
}

/* A domain that can be in the host's total, though it may not be at the moment. */
static inline bool series_may_sum(const struct series_domain *domain)
{
    return domain->kind < DOMAIN_CORE || domain->summed || domain->total.energy_uj != 0;
}

/* A domain that is shown beside the host's total. */
static inline bool series_overlaps(const struct series_domain *domain)
{
    return domain->overlap.energy_uj != 0 || (domain->present && !domain->summed);
}

/* What the workload series that are no longer shown add up to. */
uint64_t series_left_mj(const struct series *series, enum energy_source source);

/* ---- Between the files of this module ---- */

bool series_counts(const struct series *series, const struct series_workload *workload);

/* -1, 0, 1 in the order of series.order. */
int series_compare(const struct series_workload *workload, uint32_t kind, const char *unit,
                   const char *command);

/* find: NULL where there is none. key and domain: made where there is none; NULL: no room. */
struct series_workload *series_find(struct series *series, uint32_t kind, const char *unit,
                                    const char *command);
struct series_workload *series_key(struct series *series, uint32_t kind, const char *unit,
                                   const char *command);
struct series_domain *series_domain(struct series *series, const char *name, uint32_t source);

/* From when on counts what is admitted now. */
uint64_t series_admission(const struct series *series);

void series_publish(struct series *series);
void series_rank(struct series *series);

/* Makes room in a full table: forgets the tenth that matters least. */
void series_forget(struct series *series);

/* Sets weight_q32, and moves the landmark of the scores when it is far behind. */
void series_weigh(struct series *series);
