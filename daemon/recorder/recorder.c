/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "recorder/recorder.h"

#include <pthread.h>
#include <systemd/sd-id128.h>

#include "core/rollup/rollup.h"
#include "core/series/series.h"
#include "recorder/machine_facts.h"
#include "shell/log.h"
#include "shell/machine_id.h"
#include "storage/writer/store_lock.h"
#include "threads/clock.h"
#include "threads/thread.h"

/* As often as it commits by default: where a quarter of the ring is new before, the bell rings. */
static const uint64_t drain_interval_ns = 60 * NS_PER_S;

static const uint64_t first_flush_ns = 5 * NS_PER_S;

/* With [privacy] users=names, names of persons are kept this long. */
static const uint64_t names_retention_s = UINT64_C(2) * 24 * 3600;

struct recorder {
    const struct settings *settings;
    struct store_facts facts;
    const struct ring *ring;
    struct notebook *notebook;
    struct target_watch *targets;
    int lock_fd; /* of the database, -1 until it could be taken */
    struct store *store;
    struct store_resume resume;
    struct frame frame;
    uint64_t position; /* of the next frame */
    struct rollup *rollup;

    /* The same counters as the exporter's, kept here to be stored. */
    struct series *series;
    bool series_resumed;      /* from the store, at the start */
    bool series_forgotten;    /* stored series of another run are gone from the store */
    bool series_continuous;   /* series took every frame that the exporter took in this run */
    uint64_t series_exported; /* series->frames of the last commit */
    struct store_series *series_rows;
    size_t series_capacity;

    pthread_t thread;
    bool running;
    struct wake stop;
    const struct wake *bell; /* there is much in the ring */
};

/* ---- Opening the store ---- */

static void boot_id(uint8_t ret_id[16])
{
    sd_id128_t id;
    if (sd_id128_get_boot(&id) < 0)
        id = SD_ID128_NULL;
    memcpy(ret_id, id.bytes, sizeof(id.bytes));
}

static const char *mend_of(int error)
{
    switch (error) {
    case -EACCES:
    case -EPERM:
        return "give the user that runs greend write access to its folder, or set [store] "
               "database=";
    case -ENOENT:
        return "make its folder, or set [store] database=";
    case -EROFS:
        return "its file system is read-only";
    case -ENOSPC:
    case -EDQUOT:
        return "make room on its file system";
    case -EBUSY:
        return "another program holds it locked";
    case -EPROTONOSUPPORT:
        return "a newer greend wrote it: install that version, or set [store] database= to a new "
               "file";
    case -EIO:
        return "its disk fails: see the kernel's log (journalctl -k), and keep a copy of what can "
               "be "
               "read: greend-ctl export database --output FILE";
    case -ENOMEM:
        return "the machine, or the service's MemoryMax=, has no memory left";
    default:
        return "see the error";
    }
}

static int lock_store(struct recorder *recorder)
{
    return recorder->lock_fd >= 0 ? 0
                                  : store_lock(&recorder->lock_fd, recorder->settings->database);
}

static int open_store(struct recorder *recorder)
{
    const struct settings *settings = recorder->settings;
    struct store_options options = {
        .path = settings->database,
        .retention_minutes_s = settings->retention_minutes_s,
        .retention_hours_s = settings->retention_hours_s,
        .retention_days_s = settings->retention_days_s,
        .retention_names_s = settings->show_users ? names_retention_s : 0,
        .facts = &recorder->facts,
        .timezone = settings->timezone,
    };
    CLEANUP(free_p) char *aside = NULL;
    int r = machine_id(options.host_id);
    if (r >= 0)
        r = lock_store(recorder);
    if (r >= 0)
        r = store_open(&recorder->store, &options, &aside);
    if (aside)
        log_warning("the database %s was damaged or of another host: kept as %s, a new one begun",
                    settings->database, aside);
    if (r < 0) {
        (void)log_errno(LOG_WARNING, r, "cannot open the database %s: sums wait in memory; %s",
                        settings->database, mend_of(r));
        return r;
    }
    store_resume_done(&recorder->resume);
    r = store_load_resume(recorder->store, &recorder->resume);
    uint8_t boot[16];
    boot_id(boot);
    if (r >= 0)
        r = rollup_resume(recorder->rollup, &recorder->resume, recorder->ring, boot);
    if (r < 0) {
        const char *detail = store_error(recorder->store);
        (void)log_errno(LOG_WARNING, r, "cannot read the last state from %s%s%s",
                        settings->database, *detail ? ": " : "", detail);
        recorder->store = store_close(recorder->store);
    }
    return r;
}

/* Whether every frame since the store's last commit is still at hand, or there was none. */
static bool is_continuous(const struct recorder *recorder)
{
    const struct store_position *position = &recorder->resume.position;
    if (!recorder->resume.known)
        return false;
    uint8_t id[RING_ID_SIZE];
    ring_id(recorder->ring, id);
    if (memcmp(id, position->ring_id, sizeof(id)) == 0)
        return position->series_continuous && position->position >= ring_oldest(recorder->ring) &&
               position->position <= ring_head(recorder->ring);
    return position->series_continuous && position->clean;
}

/* Where the first frame to be taken stands. Without a store, what it has of the ring's frames is
 * not known: begin now, and find the energy of the frames before by their running totals when the
 * store opens. */
static uint64_t first_position(const struct recorder *recorder)
{
    return recorder->store ? rollup_begin(recorder->rollup) : ring_head(recorder->ring);
}

/* ---- Following the ring ---- */

static void take_frame(struct recorder *recorder)
{
    int r = rollup_add(recorder->rollup, recorder->ring, &recorder->frame);
    if (r < 0) /* its energy is found again by the running totals */
        (void)log_errno(LOG_WARNING, r,
                        "cannot add a frame to the sums; its energy will be unattributed");
    if (series_consume(recorder->series, recorder->ring, &recorder->frame) < 0)
        recorder->series_continuous = false;
}

/* Takes in all frames there are. */
static void drain(struct recorder *recorder)
{
    for (;;) {
        int r = frame_read(recorder->ring, recorder->position, &recorder->frame);
        if (r == 0) {
            take_frame(recorder);
            recorder->position = recorder->frame.next;
            continue;
        }
        if (r == RING_EMPTY || r == -ENOMEM)
            return;
        recorder->series_continuous = false;
        if (r == RING_LAPPED)
            log_warning(
                "the recorder was overtaken: the energy of the missed frames is unattributed");
        else
            (void)log_errno(LOG_WARNING, r,
                            "the ring is damaged: what cannot be read is unattributed");
        if (frame_find(recorder->ring, recorder->position + 1, &recorder->position) != 0)
            recorder->position = ring_head(recorder->ring);
    }
}

/* ---- Committing ---- */

static int add_series(struct recorder *recorder, struct store_batch *batch)
{
    for (;;) {
        batch->n_series =
            series_export(recorder->series, recorder->series_exported, recorder->series_rows,
                          recorder->series_capacity, &batch->series_reset);
        batch->series = recorder->series_rows;
        if (batch->n_series <= recorder->series_capacity)
            return 0;
        size_t capacity = batch->n_series + batch->n_series / 2;
        struct store_series *rows = realloc(recorder->series_rows, capacity * sizeof(*rows));
        if (!rows)
            return -ENOMEM;
        recorder->series_rows = rows;
        recorder->series_capacity = capacity;
    }
}

static int commit_batch(struct recorder *recorder, bool clean)
{
    struct store_batch batch;
    int r = rollup_batch(recorder->rollup, &batch);
    if (r >= 0)
        r = add_series(recorder, &batch);
    if (r < 0)
        return r;
    if (batch.position.frame == 0)
        return 0; /* not one frame was ever seen */
    batch.position.clean = clean;
    batch.position.series_continuous = recorder->series_continuous;
    batch.series_reset |= !recorder->series_forgotten;
    r = store_commit(recorder->store, &batch);
    if (r < 0)
        return r;
    rollup_committed(recorder->rollup);
    recorder->series_exported = recorder->series->frames;
    recorder->series_forgotten = true;
    return 0;
}

static void commit(struct recorder *recorder, bool clean)
{
    if (recorder->notebook)
        notebook_write(recorder->notebook);
    if (!recorder->store && open_store(recorder) < 0)
        return;
    int r = commit_batch(recorder, clean);
    if (r == -EUCLEAN) {
        log_error("the database %s is damaged: %s", recorder->settings->database,
                  store_error(recorder->store));
        recorder->store = store_close(recorder->store);
        recorder->series_continuous = false; /* the new database lacks those that rest */
        if (open_store(recorder) < 0)
            return;
        r = commit_batch(recorder, clean);
    }
    if (r < 0)
        (void)log_errno(LOG_WARNING, r,
                        "cannot write to the database %s (%s): %zu sums wait in memory; %s",
                        recorder->settings->database, store_error(recorder->store),
                        rollup_cells(recorder->rollup), mend_of(r));
}

static void *recorder_run(void *userdata)
{
    struct recorder *recorder = userdata;
    uint64_t flush_ns = recorder->settings->flush_ns;
    /* The first commit comes early: it takes back the mark of a stop in order. */
    uint64_t flush = clock_mono_ns() + MIN(flush_ns, first_flush_ns);
    for (;;) {
        uint64_t now = clock_mono_ns();
        enum wake_rang rang =
            wake_wait_either(&recorder->stop, recorder->bell, MIN(flush, now + drain_interval_ns));
        drain(recorder);
        if (rang == WAKE_FIRST)
            return NULL;
        if (clock_mono_ns() >= flush) {
            commit(recorder, false);
            target_watch_refresh(recorder->targets);
            flush = MAX(flush + flush_ns, clock_mono_ns());
        }
    }
}

/* ---- Life ---- */

static void note(struct recorder *recorder, enum store_event_kind kind)
{
    struct store_event event = {.time_s = clock_ns(CLOCK_REALTIME) / (int64_t)NS_PER_S,
                                .kind = kind};
    rollup_event(recorder->rollup, &event);
}

struct recorder *recorder_stop(struct recorder *recorder, bool keep_series)
{
    if (!recorder)
        return NULL;
    if (recorder->running) {
        wake_ring(&recorder->stop);
        (void)pthread_join(recorder->thread, NULL);
        recorder->series_continuous = recorder->series_continuous && keep_series;
        note(recorder, STORE_EVENT_STOP);
        commit(recorder, true);
    }
    recorder->store = store_close(recorder->store);
    store_resume_done(&recorder->resume);
    recorder->rollup = rollup_free(recorder->rollup);
    recorder->series = series_free(recorder->series);
    frame_done(&recorder->frame);
    machine_facts_done(&recorder->facts);
    wake_done(&recorder->stop);
    close_fd_p(&recorder->lock_fd);
    free(recorder->series_rows);
    free(recorder);
    return NULL;
}

static void recorder_stop_p(struct recorder **recorder)
{
    (void)recorder_stop(*recorder, true);
}

int recorder_new(struct recorder **ret_recorder, const struct settings *settings,
                 const struct ring *ring, struct notebook *notebook, struct target_watch *targets)
{
    CLEANUP(recorder_stop_p) struct recorder *recorder = calloc(1, sizeof(*recorder));
    if (!recorder)
        return -ENOMEM;
    recorder->stop.fd = recorder->lock_fd = -1;
    recorder->settings = settings;
    recorder->ring = ring;
    recorder->notebook = notebook;
    recorder->targets = targets;
    recorder->rollup = rollup_new();
    recorder->series = series_new((unsigned)settings->top);
    if (!recorder->rollup || !recorder->series ||
        machine_facts_take(settings, &recorder->facts) < 0)
        return -ENOMEM;

    if (lock_store(recorder) == -EBUSY)
        return log_errno(LOG_ERR, -EBUSY,
                         "another greend writes to [store] database=%s: stop it, or choose another "
                         "database",
                         settings->database);
    (void)open_store(recorder);
    recorder->series_continuous = true;
    recorder->series_resumed =
        is_continuous(recorder) &&
        series_import(recorder->series, recorder->resume.series, recorder->resume.n_series) >= 0;
    recorder->series_forgotten = recorder->series_resumed;
    recorder->position = first_position(recorder);
    *ret_recorder = TAKE_PTR(recorder);
    return 0;
}

void recorder_catch_up(struct recorder *recorder)
{
    drain(recorder);
    note(recorder, STORE_EVENT_START);
}

const struct store_resume *recorder_resume(const struct recorder *recorder)
{
    return &recorder->resume;
}

bool recorder_series_resumed(const struct recorder *recorder)
{
    return recorder->series_resumed;
}

uint64_t recorder_position(const struct recorder *recorder)
{
    return recorder->position;
}

int recorder_start(struct recorder *recorder, const struct wake *bell)
{
    recorder->bell = bell;
    int r = wake_init(&recorder->stop);
    if (r < 0)
        return r;
    r = thread_start(&recorder->thread, "greend-record", recorder_run, recorder);
    if (r < 0)
        return r;
    recorder->running = true;
    return 0;
}
