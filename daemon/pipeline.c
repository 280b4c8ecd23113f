/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "pipeline.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "exporter/exporter.h"
#include "exporter/http/sockets.h"
#include "exporter/impacts.h"
#include "exporter/web/web.h"
#include "recorder/recorder.h"
#include "sampler/sampler.h"
#include "shell/log.h"
#include "storage/ring_file.h"
#include "targets/target_watch.h"
#include "threads/bells.h"
#include "threads/chores.h"
#include "threads/clock.h"

enum {
    /* A process that is active in a tick has a record, or two on machines of many domains; few of
     * all processes are active in one second. */
    RECORDS_PER_PROCESS = 2,
    PROCESSES_PER_ACTIVE = 10,
    RECORDS_OF_A_FRAME = 64,
};

static const uint64_t ring_time_ns = 60 * NS_PER_S;

struct pipeline {
    const struct settings *settings;
    struct ring_file *ring_file;
    /* Where no ring file can be made: the same ring in memory of this process alone. */
    void *memory;
    size_t memory_size;
    struct ring memory_producer;
    struct ring *producer;
    const struct ring *reader;

    struct bells bells;
    struct notebook *notebook;
    struct target_watch *targets; /* NULL: there are none */
    struct recorder *recorder;
    struct impacts *impacts;
    struct chores *chores; /* of the exporter, for the sampler's helper; NULL: there are none */
    struct exporter *exporter;
    struct sampler *sampler;
};

/* ---- The ring ---- */

static uint64_t count_processes(const char *procfs)
{
    DIR *directory = opendir(procfs);
    if (!directory)
        return 0;
    uint64_t n = 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        n += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
    (void)closedir(directory);
    return n;
}

/* Slots for 60 s of this machine's active processes. */
static uint64_t slots_needed(const struct settings *settings)
{
    uint64_t records = RECORDS_OF_A_FRAME + count_processes(settings->procfs) *
                                                RECORDS_PER_PROCESS / PROCESSES_PER_ACTIVE;
    uint64_t frames = ring_time_ns / settings->interval_ns + 1;
    uint64_t slots = RING_SLOTS_DEFAULT;
    while (slots < records * frames && slots < RING_SLOTS_MAX)
        slots *= 2;
    return slots;
}

/* A ring that is there keeps its size, so that what it holds is not lost, unless another is asked
 * for or it is much too small. */
static uint64_t slots_wanted(const struct settings *settings)
{
    if (settings->ring_slots != 0)
        return settings->ring_slots;
    uint64_t slots = slots_needed(settings);
    struct ring_file *old = NULL;
    if (ring_file_open(&old, settings->runtime_directory) == 0 && slots / 4 <= old->reader.slots)
        slots = old->reader.slots;
    (void)ring_file_close(old);
    return slots;
}

static int open_memory_ring(struct pipeline *pipeline)
{
    uint64_t slots = slots_needed(pipeline->settings);
    pipeline->memory_size = ring_memory_size(slots);
    void *memory = mmap(NULL, pipeline->memory_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return -errno;
    pipeline->memory = memory;
    uint8_t id[RING_ID_SIZE];
    if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
        return -EIO;
    int r = ring_format(&pipeline->memory_producer, memory, pipeline->memory_size, slots, id);
    pipeline->producer = &pipeline->memory_producer;
    pipeline->reader = &pipeline->memory_producer;
    return r;
}

static int open_ring_file(struct pipeline *pipeline)
{
    const char *directory = pipeline->settings->runtime_directory;
    if (mkdir(directory, 0750) < 0 && errno != EEXIST)
        return -errno;
    CLEANUP(close_fd_p) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = ring_file_create_or_attach(&pipeline->ring_file, fd, slots_wanted(pipeline->settings));
    if (r < 0)
        return r;
    if (r == RING_FILE_REPLACED)
        log_notice("the ring in %s was of another version or size: a new one is begun", directory);
    pipeline->producer = &pipeline->ring_file->producer;
    pipeline->reader = &pipeline->ring_file->reader;
    return 0;
}

static int open_ring(struct pipeline *pipeline)
{
    const char *directory = pipeline->settings->runtime_directory;
    int r = open_ring_file(pipeline);
    if (r == -EBUSY)
        return log_errno(
            LOG_ERR, r,
            "another greend runs with [runtime] directory=%s: stop it, or choose another "
            "directory",
            directory);
    if (r >= 0)
        return 0;
    (void)log_errno(
        LOG_WARNING, r,
        "cannot make the ring in [runtime] directory=%s: it is kept in memory, so "
        "greend-ctl status cannot see it and a crash loses up to [store] flush=. Give the "
        "user that runs greend that directory",
        directory);
    r = open_memory_ring(pipeline);
    return r < 0 ? log_errno(LOG_ERR, r, "cannot make a ring in memory") : 0;
}

/* ---- The listener ---- */

static void log_http(void *userdata, const char *message)
{
    (void)userdata;
    log_debug("http: %s", message);
}

static int listen_on(struct pipeline *pipeline, const struct pipeline_door *door, sd_event *event)
{
    int fds[SETTINGS_LISTEN_MAX];
    struct exporter_http_options http = {
        .fds = fds, .bell = &pipeline->bells.exporter, .log = log_http, .web = door->web};
    if (door->closed)
        log_error(
            "metrics are not served, as the web file is wrong: mend it, then systemctl reload "
            "greend");
    else
        http.n_fds = sockets_open(pipeline->settings, web_is_encrypted(door->web), fds);
    if (web_asks_password(door->web)) {
        int r = chores_new(&pipeline->chores);
        if (r < 0)
            return log_errno(LOG_ERR, r, "cannot start the exporter");
    }
    http.chores = pipeline->chores;
    int r = exporter_listen(pipeline->exporter, event, &http);
    if (r < 0)
        (void)log_errno(LOG_WARNING, r, "metrics are not served");
    return 0;
}

static int start_exporter(struct pipeline *pipeline, const struct pipeline_door *door,
                          sd_event *event)
{
    const struct settings *settings = pipeline->settings;
    int r = impacts_new(&pipeline->impacts, settings, clock_ns(CLOCK_REALTIME) / (int64_t)NS_PER_S);
    if (r < 0)
        return log_errno(LOG_ERR, r, "cannot start the exporter");
    const struct exporter_options options = {.ring = pipeline->reader,
                                             .position = recorder_position(pipeline->recorder),
                                             .interval_ns = settings->interval_ns,
                                             .top = (unsigned)settings->top,
                                             .version = GREEND_VERSION,
                                             .impacts = pipeline->impacts,
                                             .targets = target_watch_get,
                                             .targets_userdata = pipeline->targets};
    r = exporter_new(&pipeline->exporter, &options);
    if (r < 0)
        return log_errno(LOG_ERR, r, "cannot start the exporter");
    const struct store_resume *resume = recorder_resume(pipeline->recorder);
    if (recorder_series_resumed(pipeline->recorder))
        (void)exporter_resume(pipeline->exporter, resume->series, resume->n_series,
                              recorder_position(pipeline->recorder));
    /* The names in old frames are those of the daemon before, and stand until the sampler starts.
     */
    (void)exporter_drain(pipeline->exporter);
    return listen_on(pipeline, door, event);
}

/* ---- Life ---- */

bool pipeline_is_fresh(struct pipeline *pipeline)
{
    (void)exporter_drain(pipeline->exporter);
    return exporter_trouble(pipeline->exporter) == NULL;
}

struct pipeline *pipeline_stop(struct pipeline *pipeline)
{
    if (!pipeline)
        return NULL;
    bool keep_series = pipeline->exporter && !exporter_has_missed(pipeline->exporter);
    pipeline->exporter = exporter_free(pipeline->exporter);
    pipeline->impacts = impacts_free(pipeline->impacts);
    /* Everything is on disk before a slow sensor is waited for. */
    if (pipeline->sampler)
        sampler_halt(pipeline->sampler);
    pipeline->recorder = recorder_stop(pipeline->recorder, keep_series);
    pipeline->sampler = sampler_free(pipeline->sampler);
    pipeline->chores = chores_free(pipeline->chores);
    pipeline->notebook = notebook_free(pipeline->notebook);
    pipeline->targets = target_watch_free(pipeline->targets);
    bells_done(&pipeline->bells);
    pipeline->ring_file = ring_file_close(pipeline->ring_file);
    if (pipeline->memory)
        (void)munmap(pipeline->memory, pipeline->memory_size);
    free(pipeline);
    return NULL;
}

static void pipeline_stop_p(struct pipeline **pipeline)
{
    (void)pipeline_stop(*pipeline);
}

int pipeline_start(struct pipeline **ret_pipeline, const struct settings *settings,
                   const struct pipeline_door *door, sd_event *event)
{
    CLEANUP(pipeline_stop_p) struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
    if (!pipeline)
        return log_errno(LOG_ERR, -ENOMEM, "cannot start");
    pipeline->settings = settings;
    pipeline->bells.recorder.fd = pipeline->bells.exporter.fd = -1;
    int r = bells_init(&pipeline->bells);
    if (r < 0)
        return log_errno(LOG_ERR, r, "cannot start");
    r = open_ring(pipeline);
    if (r < 0)
        return r;
    r = notebook_open(&pipeline->notebook, settings->database, settings->procfs);
    if (r < 0)
        return log_errno(LOG_ERR, r, "cannot start");
    r = target_watch_new(&pipeline->targets, settings);
    if (r < 0)
        return log_errno(LOG_ERR, r, "cannot start");
    r = recorder_new(&pipeline->recorder, settings, pipeline->reader, pipeline->notebook,
                     pipeline->targets);
    if (r < 0)
        return log_errno(LOG_ERR, r, "cannot start the recorder");
    r = start_exporter(pipeline, door, event);
    if (r < 0)
        return r;
    recorder_catch_up(pipeline->recorder);
    r = sampler_new(&pipeline->sampler, settings, pipeline->producer,
                    recorder_resume(pipeline->recorder), pipeline->notebook, pipeline->chores);
    if (r >= 0) {
        sampler_tell_certificate(pipeline->sampler, web_certificate_end_s(door->web));
        r = sampler_start(pipeline->sampler, &pipeline->bells);
    }
    if (r >= 0)
        r = recorder_start(pipeline->recorder, &pipeline->bells.recorder);
    if (r < 0)
        return log_errno(LOG_ERR, r, "cannot start");
    (void)exporter_drain(pipeline->exporter);
    *ret_pipeline = TAKE_PTR(pipeline);
    return 0;
}
