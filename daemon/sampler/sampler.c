/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sampler/sampler.h"

#include <fcntl.h>
#include <pthread.h>
#include <systemd/sd-id128.h>

#include "core/attribution/ledger.h"
#include "core/text.h"
#include "core/workload/reservations.h"
#include "greend/collector.h"
#include "sampler/board.h"
#include "sampler/helper.h"
#include "sampler/identity.h"
#include "shell/log.h"
#include "threads/clock.h"
#include "threads/thread.h"
#include "threads/wake.h"

enum { FAST_MAX = 16, READERS_ROUSED = 4 /* times in each turn of the ring */ };

static const uint64_t board_interval_ns = 5 * NS_PER_S;

/* How often what was learned is put down for the disk. */
static const uint64_t keep_interval_ns = 600 * NS_PER_S;

/* How long a start waits for slow meters; one that is slower joins later. */
static const uint64_t first_wait_ns = 2 * NS_PER_S;

/* A gauge that was not read for longer than this, or than three intervals, leaves a gap. */
static const uint64_t stale_least_ns = 10 * NS_PER_S;

struct fast {
    const struct collector *collector;
    void *state;
    int result;
    uint64_t duration_ns;
};

struct sampler {
    const struct settings *settings;
    struct collector_env env;
    struct ring *ring;
    struct identity *identity;
    struct ledger ledger;
    struct sample sample;

    struct fast fast[FAST_MAX];
    size_t n_fast;
    struct helper *helper;
    struct helper_result slow;
    struct reserved_set reserved;
    struct reservations reservations;
    struct board board;
    uint64_t board_next_ns;
    int64_t certificate_end_s;
    struct notebook *notebook;
    uint64_t keep_next_ns;
    const struct bells *bells;
    uint64_t rung; /* where the ring's head stood then */

    pthread_t thread;
    bool running;
    struct wake stop;
};

/* ---- Identity ---- */

static uint32_t identify(void *userdata, const struct process_identity *identity)
{
    struct sampler *sampler = userdata;
    return workload_intern(identity_workloads(sampler->identity), identity, clock_mono_ns());
}

static void release(void *userdata, uint32_t workload)
{
    struct sampler *sampler = userdata;
    workload_release(identity_workloads(sampler->identity), workload, clock_mono_ns());
}

/* Names stand in the ring before the frame that uses them. */
static void publish_names(struct sampler *sampler)
{
    struct workload_table *workloads = identity_workloads(sampler->identity);
    const struct workload *entry = NULL;
    for (uint32_t slot = 0; (entry = workload_next_changed(workloads, &slot));) {
        (void)ring_table_put(sampler->ring, RING_TABLE_WORKLOAD, slot, entry);
        ledger_name(&sampler->ledger, slot, entry);
    }
}

/* ---- One tick ---- */

static void collect(struct sampler *sampler)
{
    struct sample *sample = &sampler->sample;
    sample->meters.count = 0;
    sample->meters.boottime_ns = clock_boottime_ns(&sample->meters.asleep_ns);
    sample->activities = NULL;
    sample->n_activities = 0;
    /* The slow meters first: the model is to see that there is one. */
    for (size_t i = 0; i < sampler->slow.meters.count && i < METERS_MAX; i++) {
        sample->meters.meters[i] = sampler->slow.meters.meters[i];
        sample->meters.readings[i] = sampler->slow.meters.readings[i];
        sample->meters.count++;
    }
    for (size_t i = 0; i < sampler->n_fast; i++) {
        struct fast *fast = &sampler->fast[i];
        uint64_t begin = clock_mono_ns();
        fast->result = fast->collector->collect(fast->state, sample);
        fast->duration_ns = clock_mono_ns() - begin;
    }
}

static void publish_sensors(struct sampler *sampler)
{
    const struct sensor_set *sensors = &sampler->slow.sensors;
    for (uint32_t i = 0; i < ring_table_count(RING_TABLE_SENSOR); i++) {
        struct ring_sensor entry = {0};
        if (i < sensors->count) {
            const struct sensor_reading *reading = &sensors->readings[i];
            (void)text_escape(entry.chip, sizeof(entry.chip), reading->chip, strlen(reading->chip));
            (void)text_escape(entry.label, sizeof(entry.label), reading->label,
                              strlen(reading->label));
            entry.quantity = (uint32_t)reading->quantity;
            entry.error = reading->error;
            entry.value_milli = reading->value_milli;
        }
        (void)ring_table_put(sampler->ring, RING_TABLE_SENSOR, i, &entry);
    }
}

static void publish_board(struct sampler *sampler, uint64_t now_ns)
{
    if (now_ns < sampler->board_next_ns)
        return;
    sampler->board_next_ns = now_ns + board_interval_ns;
    sampler->board.count = 0;
    for (size_t i = 0; i < sampler->n_fast; i++) {
        struct fast *fast = &sampler->fast[i];
        board_add(&sampler->board, fast->collector, fast->state, fast->result, fast->duration_ns,
                  now_ns);
    }
    if (sampler->ledger.result.n_refused > 0) {
        static const struct collector_status full = {
            .item = "domains",
            .health = HEALTH_DEGRADED,
            .error = -ENOSPC,
            .why = N_("more than 64 energy domains at a time: what the others use is not counted"),
            .mend = N_("report it with the list of /sys/class/powercap")};
        board_note(&sampler->board, "meters", &full, now_ns);
    }
    board_certificate(&sampler->board, sampler->certificate_end_s,
                      clock_ns(CLOCK_REALTIME) / (int64_t)NS_PER_S, now_ns);
    board_publish(&sampler->board, &sampler->slow.board, sampler->ring);
}

/* If the recorder is at it, the next tick tries again. */
static void keep_learned(struct sampler *sampler, uint64_t now_ns)
{
    if (!sampler->notebook || now_ns < sampler->keep_next_ns)
        return;
    struct learned *learned = notebook_take(sampler->notebook);
    if (!learned)
        return;
    ledger_keep(&sampler->ledger, learned);
    notebook_give(sampler->notebook);
    sampler->keep_next_ns = now_ns + keep_interval_ns;
}

/* Once a minute: in the other ticks there is nothing to tell. */
static void take_reserved(struct sampler *sampler)
{
    sampler->sample.reservations = (struct reservation_set){0};
    if (helper_take_reserved(sampler->helper, &sampler->reserved))
        sampler->sample.reservations =
            reservations_take(&sampler->reservations, identity_workloads(sampler->identity),
                              &sampler->reserved, clock_mono_ns());
}

static void rouse_readers(struct sampler *sampler)
{
    uint64_t head = ring_head(sampler->ring);
    if (head - sampler->rung < sampler->ring->slots / READERS_ROUSED)
        return;
    sampler->rung = head;
    bells_ring(sampler->bells);
}

static void tick(struct sampler *sampler)
{
    if (helper_take(sampler->helper, &sampler->slow))
        publish_sensors(sampler);
    take_reserved(sampler);
    collect(sampler);
    struct ledger_clock clock = {.mono_ns = clock_mono_ns(),
                                 .boottime_ns = (uint64_t)clock_ns(CLOCK_BOOTTIME),
                                 .real_ns = clock_ns(CLOCK_REALTIME)};
    publish_names(sampler);
    ledger_tick(&sampler->ledger, &sampler->sample, &clock);
    rouse_readers(sampler);
    publish_board(sampler, clock.mono_ns);
    keep_learned(sampler, clock.mono_ns);
}

static void *sampler_run(void *userdata)
{
    struct sampler *sampler = userdata;
    uint64_t next = clock_mono_ns();
    for (;;) {
        uint64_t interval_ns =
            MIN(sampler->settings->interval_ns, ledger_poll_interval(&sampler->sample));
        next += interval_ns;
        /* Late by more than an interval (suspend, an overloaded machine): no burst to catch up. */
        if (clock_mono_ns() > next + interval_ns)
            next = clock_mono_ns() + interval_ns;
        bool stop = wake_wait(&sampler->stop, next);
        tick(sampler);
        if (stop)
            return NULL;
    }
}

/* ---- Life ---- */

void sampler_halt(struct sampler *sampler)
{
    if (!sampler->running)
        return;
    wake_ring(&sampler->stop);
    (void)pthread_join(sampler->thread, NULL);
    sampler->running = false;
    sampler->keep_next_ns = 0;
    keep_learned(sampler, clock_mono_ns());
}

struct sampler *sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return NULL;
    sampler_halt(sampler);
    sampler->helper = helper_stop(sampler->helper);
    for (size_t i = 0; i < sampler->n_fast; i++)
        sampler->fast[i].collector->close(sampler->fast[i].state);
    close_fd_p(&sampler->env.sysfs_fd);
    close_fd_p(&sampler->env.procfs_fd);
    sampler->identity = identity_free(sampler->identity);
    ledger_done(&sampler->ledger);
    wake_done(&sampler->stop);
    free(sampler);
    return NULL;
}

static void sampler_free_p(struct sampler **sampler)
{
    (void)sampler_free(*sampler);
}

static int open_roots(struct sampler *sampler)
{
    const struct settings *settings = sampler->settings;
    struct collector_env *env = &sampler->env;
    env->sysfs_fd = open(settings->sysfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (env->sysfs_fd < 0)
        (void)log_errno(LOG_WARNING, -errno,
                        "cannot open [sampling] sysfs=%s: no meters or sensors are read",
                        settings->sysfs);
    env->procfs_fd = open(settings->procfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (env->procfs_fd < 0) {
        int error = -errno;
        (void)log_errno(LOG_ERR, error, "cannot open [sampling] procfs=%s: mount it or set procfs=",
                        settings->procfs);
        return error;
    }
    env->live_sysfs = str_equal(settings->sysfs, "/sys");
    env->live_procfs = str_equal(settings->procfs, "/proc");
    env->model_rest = settings->model_rest;
    env->exits = settings->exits;
    env->interval_ns = settings->interval_ns;
    env->identify = identify;
    env->release = release;
    env->userdata = sampler;
    return 0;
}

static int open_collectors(struct sampler *sampler, struct chores *chores)
{
    for (size_t i = 0; collectors[i] && sampler->n_fast < FAST_MAX; i++) {
        if (collectors[i]->slow)
            continue;
        struct fast *fast = &sampler->fast[sampler->n_fast];
        fast->collector = collectors[i];
        int r = collectors[i]->open(&sampler->env, &fast->state);
        if (r < 0) {
            (void)log_errno(LOG_ERR, r, "cannot start the collector %s", collectors[i]->name);
            return r;
        }
        sampler->n_fast++;
    }
    return helper_start(&sampler->helper, &sampler->env, chores);
}

int sampler_new(struct sampler **ret_sampler, const struct settings *settings, struct ring *ring,
                const struct store_resume *resume, struct notebook *notebook, struct chores *chores)
{
    CLEANUP(sampler_free_p) struct sampler *sampler = calloc(1, sizeof(*sampler));
    if (!sampler)
        return -ENOMEM;
    sampler->settings = settings;
    sampler->ring = ring;
    sampler->stop.fd = -1;
    sampler->env.sysfs_fd = sampler->env.procfs_fd = -1;

    sd_id128_t boot;
    if (sd_id128_get_boot(&boot) < 0)
        boot = SD_ID128_NULL;
    ledger_init(&sampler->ledger, ring, boot.bytes, MAX(3 * settings->interval_ns, stale_least_ns));
    sampler->notebook = notebook;
    sampler->keep_next_ns = clock_mono_ns() + keep_interval_ns;
    ledger_recall(&sampler->ledger, notebook ? notebook_recalled(notebook) : NULL);
    struct frame frame = {0};
    ledger_resume(&sampler->ledger, resume, &frame);
    frame_done(&frame);

    int r = identity_new(&sampler->identity, settings, ring, clock_mono_ns());
    if (r >= 0)
        r = open_roots(sampler);
    if (r < 0)
        return r;
    r = open_collectors(sampler, chores);
    if (r < 0)
        return r;
    *ret_sampler = TAKE_PTR(sampler);
    return 0;
}

void sampler_tell_certificate(struct sampler *sampler, int64_t end_s)
{
    sampler->certificate_end_s = end_s;
}

int sampler_start(struct sampler *sampler, const struct bells *bells)
{
    sampler->bells = bells;
    sampler->rung = ring_head(sampler->ring);
    int r = wake_init(&sampler->stop);
    if (r < 0)
        return r;
    helper_wait_first(sampler->helper, clock_mono_ns() + first_wait_ns);
    tick(sampler);
    r = thread_start(&sampler->thread, "greend-sampler", sampler_run, sampler);
    if (r < 0)
        return r;
    sampler->running = true;
    return 0;
}
