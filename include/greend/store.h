/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The store: the history in SQLite. One writer (the recorder thread), any number of readers
 * (greend-ctl), also on a copy of the file on another machine.
 *
 * Time: every begin is a UNIX time in seconds, UTC. Minutes are UTC minutes. An hour or a day is a
 * civil one of the store's time zone: spans never overlap and never leave a hole; a changed time
 * zone begins when the current day ends, and the day between is shorter or longer. A bucket belongs
 * to the span that contains its minute, even after the clock was set back.
 *
 * Exactly once: the sums, the ring position they were made from and the raw counters of that moment
 * are committed in one transaction, which is on the disk when store_commit() returns.
 *
 * Sums stop at 2^63 - 1, which in microjoules is a kilowatt for 292 years; they never wrap. */

#include "greend/base.h"
#include "greend/ring.h"

enum { STORE_SCHEMA_VERSION = 5, STORE_HOST_ID_SIZE = 16 };

/* Zeroes: it is not known whose a history is. */
static inline bool store_host_is_known(const uint8_t host_id[STORE_HOST_ID_SIZE])
{
    static const uint8_t unknown[STORE_HOST_ID_SIZE];
    return memcmp(host_id, unknown, STORE_HOST_ID_SIZE) != 0;
}

/* ---- What the machine is ---- */

enum {
    STORE_FACT_KEY_MAX = 16 + WORKLOAD_UNIT_MAX,
    STORE_FACT_VALUE_MAX = 256,
    STORE_FACTS_MAX = 2048,
    STORE_PARTS_MAX = 64,
};

/* "site.country" and "FR". Texts are escaped UTF-8; an empty value is not kept. */
struct store_fact {
    char key[STORE_FACT_KEY_MAX];
    char value[STORE_FACT_VALUE_MAX];
};

/* Parts that are alike; kind is a word of part_name(). */
struct store_part {
    char kind[16];
    char model[64];
    uint32_t count;
    double size; /* of one, as in struct inventory_part; 0: not told */
};

struct store_facts {
    struct store_fact *facts; /* each key once */
    size_t n_facts;
    struct store_part parts[STORE_PARTS_MAX];
    size_t n_parts;
};

/* ---- Writer ---- */

struct store;

struct store_options {
    const char *path;
    /* How long minute, hour and day buckets are kept: minutes by whole hours, hours by whole days;
     * a longer bucket is never kept shorter than a finer one. */
    uint64_t retention_minutes_s;
    uint64_t retention_hours_s;
    uint64_t retention_days_s;
    /* How long workloads of kind USER keep their user and unit, to the hour: then both are "users",
     * in every bucket that began before. 0: they are never recorded, and series with such names are
     * not resumed. */
    uint64_t retention_names_s;
    uint8_t host_id[STORE_HOST_ID_SIZE]; /* salted hash of the machine-id; zeros: unknown */
    const struct store_facts *facts;     /* replace those that stand there; NULL: they stay */
    const char *timezone; /* name for readers, "Europe/Paris"; the process runs in it (TZ). NULL:
                             the one that stands there stays */
};

/* What store_open() answers besides 0. */
enum {
    STORE_SET_ASIDE = 1, /* what stood there was corrupt or of another host: renamed (ret_aside) and
                            a new database begun */
};

/* Opens or makes the database. Folders must exist. Modes: 0640, also of -wal and -shm.
 * -EPROTONOSUPPORT: written by a newer greend; left alone. -EMEDIUMTYPE: another program's
 * database, or no regular file; left alone. -EBUSY: locked by someone else for longer than a few
 * seconds. -EOPNOTSUPP: a file system without shared memory. -ENOENT, -EISDIR, -ENOSPC, -EACCES,
 * -EROFS, -EIO, -ENOMEM as usual; 0 or STORE_SET_ASIDE otherwise. ret_aside: the name that the old
 * file was given, to be freed, also where no new one could be made then; NULL otherwise:
 * PATH.corrupt-TIME or PATH.host-XXXXXXXX-TIME, its -wal with it. */
int store_open(struct store **ret_store, const struct store_options *options, char **ret_aside);

/* Opens a database that is there, beside a daemon that may be writing to it: for
 * store_forget_user(). Nothing is made, set aside or configured. -ENOENT; -EUCLEAN: corrupt, or of
 * no greend; else as store_open(). */
int store_open_existing(struct store **ret_store, const char *path);

/* Checkpoints and closes. Accepts NULL, returns NULL. */
struct store *store_close(struct store *store);

/* The text of SQLite's last error, for the log. */
const char *store_error(const struct store *store);

/* Energy of one workload in one domain in one minute. */
struct store_energy {
    int64_t begin_s;
    uint32_t workload; /* index into store_batch.workloads */
    uint32_t domain;   /* index into store_batch.domains */
    uint64_t energy_uj;
    uint64_t uncertainty_uj; /* half-width of the 95 % interval; UINT64_MAX: not stated. Of
                                WORKLOAD_UNSPLIT: of the domain as a whole, also where its energy
                                stands in other rows and this one has none */
};

struct store_activity {
    int64_t begin_s;
    uint32_t workload;
    uint64_t cpu_ns;
};

/* What a workload kept for itself in one minute, whether it worked or not. */
struct store_reservation {
    int64_t begin_s;
    uint32_t workload;
    uint64_t memory_kib_s; /* KiB that it held, times seconds; UINT64_MAX: not known */
    uint64_t weight_ppb_s; /* part of RESERVED_WEIGHT_ALL that its CPU weight stands for, times
                              seconds; UINT64_MAX: not known */
};

/* What a minute was made of. */
struct store_span {
    int64_t begin_s;
    uint64_t covered_ns; /* time that was measured or modelled */
    uint64_t gap_ns;     /* time known to be missing */
    uint64_t memory_ns;  /* time for which it is known what memory all workloads held */
    uint64_t weight_ns;  /* likewise their CPU weights */
};

enum store_event_kind {
    STORE_EVENT_START, /* greend started */
    STORE_EVENT_STOP,  /* and stopped in order */
    STORE_EVENT_GAP,   /* time without measurement, energy unknown */
    STORE_EVENT_LOST,  /* energy known, but not whose: the recorder was overtaken */
    STORE_EVENT_RESET, /* a counter went back */
    STORE_EVENT_CLOCK, /* the clock was set */
    STORE_EVENT_REBOOT,
    STORE_EVENT_KINDS
};

struct store_event {
    int64_t time_s;
    enum store_event_kind kind;
    char subject[METER_KEY_MAX]; /* domain or meter, "" for the host */
    uint64_t duration_ns;
    uint64_t energy_uj;
};

/* Where the next interval of a meter begins. */
struct store_meter {
    char key[METER_KEY_MAX];
    uint64_t raw_uj;
    uint64_t mono_ns;
    uint64_t boottime_ns; /* CLOCK_BOOTTIME at mono_ns; 0: not known, of schema 4 or before */
};

/* The exporter's counters, so that they resume where they were. What else stands in such rows
 * (totals of domains, clocks) is the business of core/series/series_state.c: the store keeps them
 * as they are, each (kind, unit, command, domain, source) once. */
struct store_series {
    uint32_t kind; /* enum workload_kind */
    char unit[WORKLOAD_UNIT_MAX];
    char command[WORKLOAD_COMMAND_MAX];
    char domain[DOMAIN_NAME_MAX]; /* "" for a workload: its domains are one */
    uint32_t source;              /* enum energy_source */
    uint64_t energy_uj;           /* exact */
    uint64_t shown_mj;            /* as last published */
    uint64_t cpu_ns;
    uint64_t score;           /* decayed energy, for ranking */
    int64_t admitted_mono_ns; /* series clock from which it counts, or was last in the top;
                                 negative: it ceased to; 0: not shown */
};

/* Which frame the sums of a batch end with. */
struct store_position {
    uint8_t ring_id[RING_ID_SIZE];
    uint64_t position; /* in the ring, behind the frame */
    uint64_t frame;    /* its number */
    uint64_t total_uj; /* running total after it */
    int64_t real_ns;
    uint8_t boot_id[16];
    uint64_t mono_ns;
    uint64_t boottime_ns;   /* 0: not known, of schema 4 or before */
    bool clean;             /* greend stopped in order right after this */
    bool series_continuous; /* series hold every frame up to here */
};

/* All that one transaction brings. The arrays belong to the caller. energies are sorted by
 * (begin_s, workload, domain) and name each combination once; the other arrays likewise. */
struct store_batch {
    const struct workload *workloads;
    size_t n_workloads;
    const struct ring_domain_entry *domains;
    size_t n_domains;
    const struct store_energy *energies;
    size_t n_energies;
    const struct store_activity *activities;
    size_t n_activities;
    const struct store_reservation *reservations;
    size_t n_reservations;
    const struct store_span *spans;
    size_t n_spans;
    const struct store_event *events;
    size_t n_events;
    const struct store_meter *meters; /* all known meters, replaces what was stored */
    size_t n_meters;
    const struct store_series *series; /* those that changed; added to or replacing stored ones */
    size_t n_series;
    bool series_reset; /* forget all stored series first */
    struct store_position position;
};

/* Adds the batch to the minute, hour and day buckets and prunes what is past its retention: one
 * transaction, on the disk when this returns. Every ten minutes of the positions' clock, or 4 MB,
 * it moves from the -wal into the file, where a reader of the file alone finds it. On any negative
 * return nothing was changed and the same batch may be given again: -EBUSY, -ENOSPC, -EIO, -EROFS,
 * -ENOMEM;
 * -EUCLEAN: the database is corrupt or was removed, close it and open it anew. -EINVAL: the batch
 * breaks its contract and will never be taken.
 *
 * Pruning goes by the position's real_ns, at most once an hour; names are looked for in the first
 * commit as well. A clock that jumps ahead by more
 * than a day is believed when it has stood for a day, so that a wrong one does not empty the
 * history. */
int store_commit(struct store *store, const struct store_batch *batch);

/* What a daemon that starts goes on from. */
struct store_resume {
    bool known; /* false: a new database */
    struct store_position position;
    struct store_meter *meters;
    size_t n_meters;
    struct store_series *series;
    size_t n_series;
};

int store_load_resume(struct store *store, struct store_resume *ret_resume);
void store_resume_done(struct store_resume *resume);

/* Replaces the user name and the units named after that user by "users" in all history: RGPD. Units
 * of the user's own become "users"; in others the name is replaced where it stands as a word:
 * "sync@alice.service" becomes "sync@users.service". Where any was found all series go as well: a
 * daemon that runs puts no more, and the next one begins its counters anew. Nothing of the name is
 * left in the files when this returns 0. -EBUSY: a reader or writer is at work; if a reader, the
 * names are gone from the database but not yet from its -wal: call again. ret_changed: workloads
 * that were renamed. */
int store_forget_user(struct store *store, const char *user, uint64_t *ret_changed);

/* ---- Readers ---- */

struct store_reader;

/* Opens read-only: while the daemon runs, after it stopped, after it was killed, and on a copy
 * (also on read-only media), also one of an older schema. -ENOENT, -EACCES, -EISDIR,
 * -EPROTONOSUPPORT (newer schema), -EUCLEAN (not a greend database, or corrupt), -EBUSY; -EROFS: a
 * copy with a -wal that can only be read where its -shm stands beside it or can be made: copy it to
 * a folder that can be written. */
int store_reader_open(struct store_reader **ret_reader, const char *path);
struct store_reader *store_reader_close(struct store_reader *reader);
const char *store_reader_error(const struct store_reader *reader);

struct store_info {
    uint8_t host_id[STORE_HOST_ID_SIZE];
    char timezone[64];
    int64_t first_s;     /* begin of the oldest minute recorded; INT64_MAX where there is none */
    int64_t last_s;      /* end of the newest minute recorded; INT64_MIN where there is none */
    int64_t committed_s; /* time of the last frame in the store */
};

int store_reader_info(struct store_reader *reader, struct store_info *ret_info);

/* Looks through the file for damage, for so long at most: SQLite's quick_check. 0: sound.
 * STORE_CHECK_UNFINISHED: none found in that time. -EUCLEAN: damaged, ret_complaint says where in
 * SQLite's words; else as the reader's calls. */
enum { STORE_CHECK_UNFINISHED = 1 };
int store_reader_check(struct store_reader *reader, uint64_t most_ns, char *ret_complaint,
                       size_t size);

/* Calls fact() for each fact in the order of keys, then part() for each part in their order; a
 * non-zero return ends it and is returned. Nothing before version 4. */
int store_reader_facts(struct store_reader *reader,
                       int (*fact)(void *userdata, const struct store_fact *fact),
                       int (*part)(void *userdata, const struct store_part *part), void *userdata);

/* A period as asked for, and as the kept buckets allow: the asked one widened to the finest spans
 * that are still there at its two edges, never beyond the data. */
struct store_period {
    int64_t since_s;
    int64_t until_s; /* exclusive */
    uint64_t covered_ns;
    uint64_t gap_ns;
    uint64_t memory_ns; /* as in struct store_span; 0 in what was recorded before version 3 */
    uint64_t weight_ns;
};

/* 0, or STORE_NO_DATA. ret_period->since_s and until_s are those of what will be summed: whole
 * minutes, or whole hours or days (from their first to their last recorded minute) where finer
 * buckets are pruned. An edge in time without any record stays where it was asked. */
enum { STORE_NO_DATA = 1 };
int store_reader_period(struct store_reader *reader, int64_t since_s, int64_t until_s,
                        struct store_period *ret_period);

enum store_group {
    STORE_BY_WORKLOAD, /* a row per workload and domain; begin_s and length_s are the period's */
    STORE_BY_HOUR,     /* a row per civil hour (day, where hours are pruned), workload and domain */
    STORE_BY_DAY,      /* a row per civil day, workload and domain */
};

/* One row of an answer. Pointers are valid within the callback only. */
struct store_usage {
    int64_t begin_s; /* of the hour or day, cut to the period */
    int64_t length_s;
    int64_t workload_id; /* stable within this database */
    const struct workload *workload;
    const struct ring_domain_entry *domain; /* NULL: the row with the workload's CPU time and what
                                               it reserved */
    uint64_t energy_uj;
    uint64_t uncertainty_uj; /* UINT64_MAX: not stated for some part. Of WORKLOAD_UNSPLIT: of the
                                domain as a whole, which is not split. A database that no daemon
                                has opened since version 2 has no such rows for what was split */
    uint64_t cpu_ns;
    uint64_t memory_kib_s; /* 0: none that is known of */
    uint64_t weight_ppb_s;
    /* Of all workloads, in the time of the row. */
    uint64_t covered_ns;
    uint64_t memory_ns;
    uint64_t weight_ns;
};

/* Whether a model says the row's energy and no meter: a source that this program does not know is
 * not called measured. */
static inline bool store_usage_modelled(const struct store_usage *usage)
{
    return usage->domain &&
           (usage->domain->source == SOURCE_MODEL || usage->domain->source >= ENERGY_SOURCES);
}

/* Calls row() for each row, in the order of begin_s, workload_id and domain; its non-zero return
 * ends the query and is returned. All rows of one call come from one snapshot of the database, in
 * which the period is looked up again: should its edges have been pruned since, it is widened.
 * Every microjoule recorded in the period is in exactly one row. */
int store_reader_usage(struct store_reader *reader, const struct store_period *period,
                       enum store_group group,
                       int (*row)(void *userdata, const struct store_usage *usage), void *userdata);

/* The coverage of each civil hour or day in the period, cut to it as in struct store_usage; hours
 * and days without any record are left out. */
int store_reader_spans(struct store_reader *reader, const struct store_period *period,
                       enum store_group group,
                       int (*row)(void *userdata, int64_t begin_s, int64_t length_s,
                                  uint64_t covered_ns, uint64_t gap_ns),
                       void *userdata);

/* The events in the period, in the order of time. Kept as long as days, 100,000 at most. */
int store_reader_events(struct store_reader *reader, const struct store_period *period,
                        int (*row)(void *userdata, const struct store_event *event),
                        void *userdata);
