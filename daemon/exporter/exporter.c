/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/exporter.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include "collectors/source.h"
#include "core/exposition/page.h"
#include "exporter/http/exporter_http.h"
#include "exporter/impacts.h"
#include "exporter/web/web.h"
#include "threads/clock.h"
#include "threads/wake.h"

enum { TARGETS_MAX = 32 };

#define FRESH_NS (5 * NS_PER_S)

/* More than the usual interval of scrapes, each of which reads as well, or of systemd's watchdog:
 * then the timer never wakes anyone. */
#define DRAIN_NS (20 * NS_PER_S)

struct exporter {
    struct ring ring;
    uint64_t position;
    uint64_t interval_ns;
    const char *version;
    size_t (*targets)(void *userdata, struct exposition_target *ret, size_t max);
    void *targets_userdata;
    struct impacts *impacts;
    uint64_t begin_boot_ns;
    int64_t certificate_end_s;
    struct series *series;
    struct frame frame;
    struct ring_frame last; /* head of the newest frame; number 0: none yet */
    bool missed;

    struct text text;
    struct ring_status statuses[RING_STATUS_MAX];
    struct ring_sensor sensors[SENSORS_MAX];
    struct exposition_target target_states[TARGETS_MAX];

    sd_event_source *timer; /* NULL before exporter_listen() */
    sd_event_source *rung;
    const struct wake *bell;
    struct exporter_http *http;
};

int exporter_new(struct exporter **ret_exporter, const struct exporter_options *options)
{
    struct exporter *exporter = calloc(1, sizeof(*exporter));
    struct series *series = series_new(options->top);
    if (!exporter || !series) {
        free(exporter);
        (void)series_free(series);
        return -ENOMEM;
    }
    exporter->ring = *options->ring;
    exporter->position = options->position;
    exporter->interval_ns = options->interval_ns;
    exporter->version = options->version;
    exporter->targets = options->targets;
    exporter->targets_userdata = options->targets_userdata;
    exporter->impacts = options->impacts;
    exporter->begin_boot_ns = (uint64_t)clock_ns(CLOCK_BOOTTIME);
    exporter->series = series;
    *ret_exporter = exporter;
    return 0;
}

struct exporter *exporter_free(struct exporter *exporter)
{
    if (!exporter)
        return NULL;
    exporter->http = exporter_http_free(exporter->http);
    exporter->timer = sd_event_source_disable_unref(exporter->timer);
    exporter->rung = sd_event_source_disable_unref(exporter->rung);
    exporter->series = series_free(exporter->series);
    frame_done(&exporter->frame);
    text_done(&exporter->text);
    free(exporter);
    return NULL;
}

int exporter_resume(struct exporter *exporter, const struct store_series *rows, size_t n_rows,
                    uint64_t position)
{
    exporter->position = position;
    return series_import(exporter->series, rows, n_rows);
}

/* ---- Following the ring ---- */

/* Where to go on after the position was overwritten or is no frame: the oldest frame that can
 * still be read, or where that is gone as well, the newest. */
static int skip(struct exporter *exporter, bool to_newest)
{
    exporter->missed = true;
    uint64_t position = 0;
    int result = to_newest ? frame_newest(&exporter->ring, &position)
                           : frame_oldest(&exporter->ring, &position);
    if (result != 0)
        return result;
    /* Backwards would count twice. */
    exporter->position = MAX(position, exporter->position);
    return 0;
}

static void take_frame(struct exporter *exporter)
{
    exporter->position = exporter->frame.next;
    exporter->last = exporter->frame.records[0].frame;
    (void)series_consume(exporter->series, &exporter->ring, &exporter->frame);
}

static int read_ring(struct exporter *exporter)
{
    enum { SKIPS_MAX = 4 };
    bool damaged = false;
    for (int skips = 0;;) {
        int result = frame_read(&exporter->ring, exporter->position, &exporter->frame);
        if (result == 0) {
            take_frame(exporter);
            continue;
        }
        if (result == RING_EMPTY)
            return damaged ? -EBADMSG : 0;
        if (result != RING_LAPPED && result != -EBADMSG)
            return result;
        damaged |= result == -EBADMSG;
        if (++skips > SKIPS_MAX)
            return -EBADMSG;
        if (skip(exporter, result == -EBADMSG || skips > 1) != 0)
            return damaged ? -EBADMSG : 0;
    }
}

int exporter_drain(struct exporter *exporter)
{
    if (exporter->timer)
        (void)sd_event_source_set_time(exporter->timer, (clock_mono_ns() + DRAIN_NS) / NS_PER_US);
    return read_ring(exporter);
}

bool exporter_has_missed(const struct exporter *exporter)
{
    return exporter->missed;
}

const char *exporter_trouble(const struct exporter *exporter)
{
    uint64_t allowed_ns =
        MAX(add_saturated(exporter->interval_ns, 2 * exporter->interval_ns), FRESH_NS);
    uint64_t now = clock_mono_ns();
    if (exporter->last.number == 0)
        return "no measurement yet";
    return sub_saturated(now, exporter->last.mono_ns) <= allowed_ns
               ? NULL
               : "the last measurement is too old: the sampler does not keep up or has stopped";
}

const struct series *exporter_series(const struct exporter *exporter)
{
    return exporter->series;
}

/* ---- Answers ---- */

uint64_t exporter_edition(const struct exporter *exporter)
{
    return 2 * exporter->series->publications + (exporter_trouble(exporter) ? 1 : 0);
}

/* Fields of /proc/self/statm are pages; the second is the resident ones. 0: not known. */
static uint64_t resident_bytes(void)
{
    char line[128];
    if (source_read(AT_FDCWD, "/proc/self/statm", line, sizeof(line), NULL) != 0)
        return 0;
    const char *second = strchr(line, ' ');
    return second ? strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static uint64_t self_cpu_ns(void)
{
    return (uint64_t)clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* Copies what can be read of a table; returns how many entries. */
static size_t copy_table(const struct ring *ring, enum ring_table table, void *entries,
                         size_t entry_size, size_t capacity)
{
    size_t n = 0;
    uint32_t count = ring_table_count(table);
    for (uint32_t i = 0; i < count && n < capacity; i++)
        if (ring_table_get(ring, table, i, (char *)entries + n * entry_size) == 0)
            n++;
    return n;
}

static const char *energy_word(const struct series *series)
{
    bool measured = false, modelled = false;
    for (size_t i = 0; i < series->n_domains; i++) {
        const struct series_domain *domain = &series->domains[i];
        bool counts = (domain->present && domain->summed) || domain->total.shown_mj > 0;
        measured |= counts && domain->source != SOURCE_MODEL;
        modelled |= counts && domain->source == SOURCE_MODEL;
    }
    return measured && modelled ? "mixed"
           : measured           ? "measured"
           : modelled           ? "modelled"
                                : "unknown";
}

static struct exposition_impacts count_impacts(struct exporter *exporter)
{
    struct exposition_impacts counted = {.factors = NULL};
    uint64_t total_mj = 0;
    for (size_t i = 0; i < exporter->series->n_domains; i++) {
        const struct series_domain *domain = &exporter->series->domains[i];
        if (series_may_sum(domain))
            total_mj = add_saturated(total_mj, domain->total.shown_mj);
    }
    if (exporter->impacts)
        impacts_count(exporter->impacts, total_mj,
                      ((uint64_t)clock_ns(CLOCK_BOOTTIME) - exporter->begin_boot_ns) / NS_PER_S,
                      &counted);
    counted.energy = energy_word(exporter->series);
    return counted;
}

static void render_metrics(struct exporter *exporter, enum exposition_format format)
{
    struct exposition exposition = {
        .series = exporter->series,
        .version = exporter->version,
        .last_frame_real_ns = exporter->last.real_ns,
        .statuses = exporter->statuses,
        .sensors = exporter->sensors,
        .targets = exporter->target_states,
        .impacts = count_impacts(exporter),
        .certificate_end_s = exporter->certificate_end_s,
        .self_cpu_ns = self_cpu_ns(),
        .self_resident_bytes = resident_bytes(),
    };
    exposition.n_statuses = copy_table(&exporter->ring, RING_TABLE_STATUS, exporter->statuses,
                                       sizeof(exporter->statuses[0]), RING_STATUS_MAX);
    exposition.n_sensors = copy_table(&exporter->ring, RING_TABLE_SENSOR, exporter->sensors,
                                      sizeof(exporter->sensors[0]), SENSORS_MAX);
    if (exporter->targets)
        exposition.n_targets =
            exporter->targets(exporter->targets_userdata, exporter->target_states, TARGETS_MAX);
    exposition_render(&exporter->text, &exposition, format);
}

int exporter_render(struct exporter *exporter, enum exporter_body body,
                    const struct text **ret_text)
{
    text_clear(&exporter->text);
    if (body == EXPORTER_PAGE)
        page_render(&exporter->text, &(struct page){
                                         .series = exporter->series,
                                         .version = exporter->version,
                                         .trouble = exporter_trouble(exporter),
                                         .impacts = count_impacts(exporter),
                                     });
    else
        render_metrics(exporter, (enum exposition_format)body);
    if (exporter->text.error != 0)
        return exporter->text.error;
    *ret_text = &exporter->text;
    return 0;
}

/* ---- Within the event loop ---- */

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    (void)exporter_drain(userdata);
    return 0;
}

static int on_bell(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    const struct exporter *exporter = userdata;
    (void)source;
    (void)fd;
    (void)events;
    (void)wake_hear(exporter->bell);
    (void)exporter_drain(userdata);
    return 0;
}

int exporter_listen(struct exporter *exporter, sd_event *event,
                    const struct exporter_http_options *options)
{
    (void)count_impacts(exporter); /* what the counters have by now is of before */
    exporter->certificate_end_s = web_certificate_end_s(options->web);
    int result = exporter_http_new(&exporter->http, exporter, event, options);
    if (result < 0)
        return result;
    result = sd_event_add_time(event, &exporter->timer, CLOCK_MONOTONIC,
                               clock_mono_ns() / NS_PER_US, 0, on_timer, exporter);
    if (result < 0)
        return result;
    result = sd_event_source_set_enabled(exporter->timer, SD_EVENT_ON);
    exporter->bell = options->bell;
    if (result >= 0 && exporter->bell)
        result =
            sd_event_add_io(event, &exporter->rung, exporter->bell->fd, EPOLLIN, on_bell, exporter);
    return result < 0 ? result : 0;
}
