/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Frames that are whole and say anything: what the readers of the ring make of them. The books must
 * balance, and what is shown must be as its formats want it. */
#include "fuzz.h"

#include "clean.h"
#include "core/exposition/exposition.h"
#include "core/exposition/page.h"
#include "core/rollup/rollup.h"
#include "core/series/series.h"
#include "greend/units.h"

static void require(bool condition)
{
    REQUIRE(condition);
}
#define assert_true require
#include "support/books.h"

static struct ring ring;

static void new_ring(void)
{
    static const uint8_t id[RING_ID_SIZE] = "a hostile ring";
    size_t size = ring_memory_size(RING_SLOTS_MIN);
    void *memory = ring.memory ? ring.memory : aligned_alloc(64, size);
    REQUIRE(memory);
    memset(memory, 0, size);
    REQUIRE(ring_format(&ring, memory, size, RING_SLOTS_MIN, id) == 0);
}

/* Small numbers mostly, and sometimes any. */
static uint64_t take_number(struct fuzz_input *input)
{
    unsigned bytes = (unsigned)fuzz_take(input, 1);
    return bytes < 0xf0 ? fuzz_take(input, 1 + bytes % 5) : fuzz_take(input, 8);
}

/* Up to a minute mostly: a longer frame is spread over many minutes, which takes its time. */
static uint64_t take_interval(struct fuzz_input *input)
{
    unsigned seconds = (unsigned)fuzz_take(input, 1);
    return seconds < 0xf0 ? (seconds % 60 + 1) * NS_PER_S : take_number(input);
}

/* ---- Names ---- */

static void put_names(struct fuzz_input *input)
{
    for (uint32_t i = 0; i < 4; i++) {
        struct ring_domain_entry domain = {.used = 1};
        fuzz_take_text(input, domain.name, sizeof(domain.name));
        domain.kind = (uint32_t)fuzz_below(input, DOMAIN_KINDS + 1);
        domain.source = (uint32_t)fuzz_below(input, ENERGY_SOURCES + 1);
        REQUIRE(ring_table_put(&ring, RING_TABLE_DOMAIN, i, &domain) == 0);
    }
    for (uint32_t i = 0; i < 8; i++) {
        struct workload workload = {.generation = 1};
        workload.kind = (uint32_t)fuzz_below(input, WORKLOAD_KINDS + 1);
        fuzz_take_text(input, workload.unit, sizeof(workload.unit));
        fuzz_take_text(input, workload.command, sizeof(workload.command));
        REQUIRE(ring_table_put(&ring, RING_TABLE_WORKLOAD, i, &workload) == 0);
    }
    struct ring_status status = {.health = (uint32_t)fuzz_take(input, 1)};
    fuzz_take_text(input, status.collector, sizeof(status.collector));
    fuzz_take_text(input, status.item, sizeof(status.item));
    REQUIRE(ring_table_put(&ring, RING_TABLE_STATUS, 0, &status) == 0);
    struct ring_sensor sensor = {.quantity = (uint32_t)fuzz_take(input, 1)};
    fuzz_take_text(input, sensor.chip, sizeof(sensor.chip));
    fuzz_take_text(input, sensor.label, sizeof(sensor.label));
    sensor.value_milli = (int64_t)fuzz_take(input, 8);
    REQUIRE(ring_table_put(&ring, RING_TABLE_SENSOR, 0, &sensor) == 0);
}

/* ---- Records ---- */

static void take_domain(struct fuzz_input *input, union ring_record *record)
{
    record->domain = (struct ring_domain){
        .type = RING_DOMAIN,
        .flags = (uint8_t)fuzz_take(input, 1),
        .domain = (uint16_t)fuzz_below(input, 6),
        .uncertainty_ppm = (uint32_t)fuzz_take(input, 3),
        .energy_uj = take_number(input),
        .interval_ns = NS_PER_S,
    };
    record->domain.idle_uj = take_number(input);
    record->domain.total_uj = take_number(input);
}

static void take_energy(struct fuzz_input *input, union ring_record *record)
{
    record->energy = (struct ring_energy){
        .type = RING_ENERGY,
        .first_domain = (uint16_t)fuzz_below(input, 6),
        .pid = (int32_t)fuzz_take(input, 1),
        .workload = ring_workload_id((uint32_t)fuzz_below(input, 10), 1),
        .uncertainty = (uint32_t)fuzz_take(input, 4),
        .cpu_ns = take_number(input),
    };
    for (size_t lane = 0; lane < RING_LANES; lane++)
        record->energy.energy_uj[lane] = take_number(input);
}

static void take_other(struct fuzz_input *input, union ring_record *record)
{
    for (size_t i = 0; i < ARRAY_SIZE(record->words); i++)
        record->words[i] = take_number(input);
    if (record->type == RING_FRAME || record->type == RING_HOST)
        record->type = RING_RESERVED;
}

static void push_frame(struct fuzz_input *input, uint64_t number)
{
    union ring_record record;
    uint32_t records = 2 + (uint32_t)fuzz_below(input, 12);
    memset(&record, 0, sizeof(record));
    record.frame = (struct ring_frame){.type = RING_FRAME, .records = records, .number = number};
    record.frame.domains = (uint16_t)fuzz_take(input, 1);
    record.frame.mono_ns = take_number(input) + number * NS_PER_S;
    record.frame.real_ns = (int64_t)(take_number(input) + number * NS_PER_S);
    record.frame.interval_ns = take_interval(input);
    record.frame.gap_ns = take_number(input);
    record.frame.total_uj = take_number(input);
    ring_push(&ring, &record);
    memset(&record, 0, sizeof(record));
    record.host = (struct ring_host){.type = RING_HOST, .cpus = 2};
    record.host.boot_id[0] = (uint8_t)fuzz_below(input, 3);
    record.host.busy_ns = take_number(input);
    ring_push(&ring, &record);
    for (uint32_t i = 2; i < records; i++) {
        unsigned kind = (unsigned)fuzz_take(input, 1);
        memset(&record, 0, sizeof(record));
        if (kind % 4 == 0)
            take_domain(input, &record);
        else if (kind % 4 == 3)
            take_other(input, &record);
        else
            take_energy(input, &record);
        ring_push(&ring, &record);
    }
    ring_publish(&ring);
}

/* ---- What is made of them ---- */

/* A sample line is a name, labels and a number. */
static void check_exposition(const char *text, size_t length, bool openmetrics)
{
    REQUIRE(are_clean_lines(text, length));
    for (const char *line = text; line < text + length;) {
        const char *end = strchr(line, '\n');
        if (*line != '#') {
            const char *value = memrchr(line, ' ', (size_t)(end - line));
            REQUIRE(value && str_starts(line, "greend_"));
            REQUIRE(strspn(value + 1, "0123456789.e+-") == (size_t)(end - value - 1));
            const char *brace = memchr(line, '{', (size_t)(value - line));
            REQUIRE(!brace || value[-1] == '}');
        }
        line = end + 1;
    }
    REQUIRE(!openmetrics || memmem(text, length, "\n# EOF\n", 7));
}

static void show(const struct series *series)
{
    static struct ring_status statuses[1];
    static struct ring_sensor sensors[1];
    CLEANUP(text_done) struct text text = {0};
    CLEANUP(text_done) struct text page = {0};
    REQUIRE(ring_table_get(&ring, RING_TABLE_STATUS, 0, &statuses[0]) == 0 &&
            ring_table_get(&ring, RING_TABLE_SENSOR, 0, &sensors[0]) == 0);
    const struct exposition exposition = {.series = series,
                                          .version = "0",
                                          .statuses = statuses,
                                          .n_statuses = 1,
                                          .sensors = sensors,
                                          .n_sensors = 1};
    for (int format = 0; format < EXPOSITION_FORMATS; format++) {
        text_clear(&text);
        exposition_render(&text, &exposition, (enum exposition_format)format);
        REQUIRE(text.error == 0);
        check_exposition(text.data, text.length, format == EXPOSITION_OPENMETRICS);
    }
    page_render(&page, &(struct page){.series = series, .version = "0"});
    REQUIRE(page.error == 0 && are_clean_lines(page.data, page.length) &&
            !memmem(page.data, page.length, "<script", 7));
}

/* No energy of a domain is in more places than the store is told. */
static void check_batch(struct rollup *rollup)
{
    struct store_batch batch;
    REQUIRE(rollup_batch(rollup, &batch) == 0);
    for (size_t i = 0; i < batch.n_energies; i++)
        REQUIRE(batch.energies[i].workload < batch.n_workloads &&
                batch.energies[i].domain < batch.n_domains);
    for (size_t i = 0; i < batch.n_activities; i++)
        REQUIRE(batch.activities[i].workload < batch.n_workloads);
    REQUIRE(batch.n_events <= ROLLUP_EVENTS_MAX);
    rollup_committed(rollup);
    REQUIRE(rollup_batch(rollup, &batch) == 0 && batch.n_energies == 0 && batch.n_events == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { FRAMES_MAX = 8 };
    struct fuzz_input input = {data, size};
    struct frame frame = {0};
    struct series *series = series_new(2);
    struct rollup *rollup = rollup_new();
    REQUIRE(series && rollup);
    new_ring();
    put_names(&input);
    for (uint64_t number = 1; input.left > 0 && number <= FRAMES_MAX; number++) {
        uint64_t position = ring_head(&ring);
        push_frame(&input, number);
        REQUIRE(frame_read(&ring, position, &frame) == 0);
        int r = series_consume(series, &ring, &frame);
        REQUIRE(r == 0 || r == -EBADMSG);
        r = rollup_add(rollup, &ring, &frame);
        REQUIRE(r == 0 || r == -ENOMEM);
        for (uint32_t source = 0; source < ENERGY_SOURCES; source++)
            books_check_source(series, source);
    }
    show(series);
    check_batch(rollup);
    frame_done(&frame);
    (void)series_free(series);
    (void)rollup_free(rollup);
    return 0;
}
