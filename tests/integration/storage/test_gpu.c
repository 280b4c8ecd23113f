/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* An accelerator's meter, from the sample to metrics and store: a domain of its own, in the host's
 * energy, and nobody's by CPU time. No collector reads one yet. */

#include "store_fixture.h"

#include "core/attribution/ledger.h"
#include "core/attribution/uncertainty.h"
#include "core/exposition/exposition.h"
#include "core/rollup/rollup.h"
#include "core/series/series.h"

enum { SLOTS = 8192, TICKS = 400, PACKAGE = 0, DRAM = 1, GPU = 2, METERS = 3, PROCESSES = 2 };

struct machine {
    void *memory;
    struct ring ring;
    struct ledger *ledger;
    struct sample *sample;
    struct activity activities[PROCESSES];
    struct ledger_clock clock;
    uint64_t counters_uj[METERS];
};

static void add_meter(struct sample *sample, const char *key, const char *domain,
                      enum domain_kind kind, enum energy_source source, enum meter_form form)
{
    struct meter *meter = &sample->meters.meters[sample->meters.count++];
    *meter = (struct meter){.kind = kind,
                            .source = source,
                            .form = form,
                            .package = kind == DOMAIN_GPU ? -1 : 0,
                            .die = -1,
                            .range_uj = UINT64_C(262143328850),
                            .max_power_uw = 400 * UW_PER_W};
    (void)str_copy(meter->key, sizeof(meter->key), key);
    (void)str_copy(meter->domain, sizeof(meter->domain), domain);
}

static struct machine *machine_new(bool with_gpu)
{
    static const uint8_t id[RING_ID_SIZE] = "a ring of tests", boot[16] = "a boot";
    static const struct store_resume nothing;
    struct machine *machine = calloc(1, sizeof(*machine));
    size_t size = ring_memory_size(SLOTS);
    assert_non_null(machine);
    machine->memory = aligned_alloc(64, size);
    machine->ledger = calloc(1, sizeof(*machine->ledger));
    machine->sample = calloc(1, sizeof(*machine->sample));
    assert_true(machine->memory && machine->ledger && machine->sample);
    memset(machine->memory, 0, size);
    assert_int_equal(ring_format(&machine->ring, machine->memory, size, SLOTS, id), 0);
    struct frame frame = {0};
    ledger_init(machine->ledger, &machine->ring, boot, 30 * NS_PER_S);
    ledger_resume(machine->ledger, &nothing, &frame);
    frame_done(&frame);
    add_meter(machine->sample, "intel-rapl/package-0", "package-0", DOMAIN_PACKAGE, SOURCE_RAPL,
              METER_COUNTER);
    add_meter(machine->sample, "intel-rapl/package-0/dram", "dram-0", DOMAIN_DRAM, SOURCE_RAPL,
              METER_COUNTER);
    if (with_gpu)
        add_meter(machine->sample, "nvml/gpu-0", "gpu-0", DOMAIN_GPU, SOURCE_GPU, METER_GAUGE);
    machine->sample->activities = machine->activities;
    machine->clock = (struct ledger_clock){NS_PER_S, NS_PER_S, INT64_C(1800000000000000000)};
    for (uint32_t i = 0; i < RING_WORKLOAD_FIRST + PROCESSES; i++) {
        struct workload workload = {.generation = 1,
                                    .kind = i == RING_WORKLOAD_IDLE ? WORKLOAD_IDLE
                                            : i == RING_WORKLOAD_UNATTRIBUTED
                                                ? WORKLOAD_UNATTRIBUTED
                                            : i == RING_WORKLOAD_UNSPLIT ? WORKLOAD_UNSPLIT
                                            : i == RING_WORKLOAD_OTHER   ? WORKLOAD_OTHER
                                                                         : WORKLOAD_SERVICE};
        (void)snprintf(workload.unit, sizeof(workload.unit), "unit-%u.service", i);
        assert_int_equal(ring_table_put(&machine->ring, RING_TABLE_WORKLOAD, i, &workload), 0);
    }
    return machine;
}

static void machine_free(struct machine *machine)
{
    ledger_done(machine->ledger);
    free(machine->ledger);
    free(machine->memory);
    free(machine->sample);
    free(machine);
}

/* A second in which the processes, the package and the accelerator work, each in its own rhythm. */
static void machine_tick(struct machine *machine, int t)
{
    struct sample *sample = machine->sample;
    uint64_t busy_ms = (uint64_t)(t % 40) * 50;
    machine->clock.mono_ns += NS_PER_S;
    machine->clock.boottime_ns += NS_PER_S;
    machine->clock.real_ns += (int64_t)NS_PER_S;
    machine->counters_uj[PACKAGE] += 20 * UJ_PER_J + busy_ms * 10000;
    machine->counters_uj[DRAM] += 3 * UJ_PER_J + busy_ms * 500;
    machine->counters_uj[GPU] = (t % 7 < 3 ? 250 : 30) * UW_PER_W; /* a power */
    for (size_t i = 0; i < sample->meters.count; i++)
        sample->meters.readings[i] = (struct meter_reading){.time_ns = machine->clock.mono_ns,
                                                            .value = machine->counters_uj[i]};
    for (size_t i = 0; i < PROCESSES; i++)
        machine->activities[i] =
            (struct activity){.pid = (int32_t)i + 2,
                              .last_cpu = -1,
                              .package = -1,
                              .start_ticks = 1,
                              .workload = ring_workload_id(RING_WORKLOAD_FIRST + (uint32_t)i, 1),
                              .cpu_ns = busy_ms * NS_PER_MS / PROCESSES};
    sample->n_activities = busy_ms > 0 ? PROCESSES : 0;
    sample->busy = (struct busy){.busy_ns = busy_ms * NS_PER_MS, .elapsed_ns = NS_PER_S, .cpus = 4};
    ledger_tick(machine->ledger, sample, &machine->clock);
}

/* What a frame says of a domain, and of the host. */
struct books {
    uint64_t domain_uj[METERS], idle_uj[METERS], workloads_uj[METERS], unattributed_uj[METERS];
    uint64_t summed_uj;
};

static void add_frame(const struct frame *frame, struct books *books)
{
    for (size_t i = 0; i < frame->count; i++) {
        const union ring_record *record = &frame->records[i];
        if (record->type == RING_DOMAIN && record->domain.flags & RING_DOMAIN_SUMMED)
            books->summed_uj += record->domain.energy_uj;
        if (record->type == RING_DOMAIN)
            books->domain_uj[record->domain.domain] += record->domain.energy_uj;
        for (size_t d = 0; record->type == RING_ENERGY && d < METERS; d++) {
            uint32_t slot = ring_workload_slot(record->energy.workload);
            uint64_t *part = slot == RING_WORKLOAD_IDLE           ? books->idle_uj
                             : slot == RING_WORKLOAD_UNATTRIBUTED ? books->unattributed_uj
                                                                  : books->workloads_uj;
            part[d] += record->energy.energy_uj[d];
            if (d == GPU) /* not split: no split is unsure */
                assert_int_equal(uncertainty_ppm(record->energy.uncertainty, d), 0);
        }
    }
}

static struct frame newest(const struct machine *machine)
{
    struct frame frame = {0};
    uint64_t position = 0;
    assert_int_equal(frame_newest(&machine->ring, &position), 0);
    assert_int_equal(frame_read(&machine->ring, position, &frame), 0);
    return frame;
}

/* What is divided among processes is the same with and without an accelerator beside it. */
static void test_the_split_of_packages(void **state)
{
    (void)state;
    struct machine *with = machine_new(true), *without = machine_new(false);
    struct books all = {0};
    for (int t = 0; t < TICKS; t++) {
        struct books own = {0}, other = {0};
        machine_tick(with, t);
        machine_tick(without, t);
        CLEANUP(frame_done) struct frame frame = newest(with);
        CLEANUP(frame_done) struct frame twin = newest(without);
        add_frame(&frame, &own);
        add_frame(&twin, &other);
        add_frame(&frame, &all);
        for (size_t d = PACKAGE; d <= DRAM; d++) {
            assert_int_equal(own.domain_uj[d], other.domain_uj[d]);
            assert_int_equal(own.idle_uj[d], other.idle_uj[d]);
            assert_int_equal(own.workloads_uj[d], other.workloads_uj[d]);
            assert_int_equal(own.unattributed_uj[d], other.unattributed_uj[d]);
        }
        assert_int_equal(own.summed_uj, other.summed_uj + own.domain_uj[GPU]);
    }
    assert_true(all.domain_uj[GPU] > TICKS * 50 * UJ_PER_J);
    assert_int_equal(all.unattributed_uj[GPU], all.domain_uj[GPU]);
    assert_int_equal(all.workloads_uj[GPU] + all.idle_uj[GPU], 0);
    assert_true(all.workloads_uj[PACKAGE] > 0 && all.workloads_uj[DRAM] > 0);
    machine_free(with);
    machine_free(without);
}

/* ---- Store and metrics ---- */

static uint64_t sample_of(const char *text, const char *series)
{
    const char *found = strstr(text, series);
    if (!found)
        fail_msg("no %s in\n%s", series, text);
    return (uint64_t)(strtod(found + strlen(series), NULL) * 1000 + 0.5);
}

static int add_usage(void *userdata, const struct store_usage *usage)
{
    uint64_t *sums_uj = userdata;
    if (!usage->domain)
        return 0;
    sums_uj[METERS] += usage->energy_uj;
    if (!str_equal(usage->domain->name, "gpu-0"))
        return 0;
    assert_int_equal(usage->domain->kind, DOMAIN_GPU);
    assert_int_equal(usage->domain->source, SOURCE_GPU);
    assert_true(usage->energy_uj == 0 || usage->workload->kind == WORKLOAD_UNATTRIBUTED);
    sums_uj[GPU] += usage->energy_uj;
    return 0;
}

static void check_store(struct rollup *rollup, const struct books *books)
{
    struct fixture fixture;
    struct store_batch batch;
    struct store_reader *reader = NULL;
    struct store_period period;
    uint64_t sums_uj[METERS + 1] = {0};
    fixture_zone("UTC");
    fixture_begin(&fixture);
    fixture_open(&fixture);
    assert_int_equal(rollup_batch(rollup, &batch), 0);
    assert_int_equal(store_commit(fixture.store, &batch), 0);
    assert_int_equal(store_reader_open(&reader, fixture.path), 0);
    assert_int_equal(store_reader_period(reader, INT64_MIN, INT64_MAX, &period), 0);
    assert_int_equal(store_reader_usage(reader, &period, STORE_BY_WORKLOAD, add_usage, sums_uj), 0);
    assert_null(store_reader_close(reader));
    assert_int_equal(sums_uj[GPU], books->domain_uj[GPU]);
    assert_int_equal(sums_uj[METERS], books->summed_uj);
    fixture_end(&fixture);
}

static void check_metrics(const struct series *series, const struct books *books)
{
    CLEANUP(text_done) struct text text = {0};
    const struct exposition exposition = {.series = series, .version = "1"};
    exposition_render(&text, &exposition, EXPOSITION_PROMETHEUS);
    assert_int_equal(text.error, 0);
    uint64_t gpu_mj =
        sample_of(text.data, "\ngreend_energy_joules_total{domain=\"gpu-0\",source=\"gpu\"} ");
    uint64_t package_mj =
        sample_of(text.data, "\ngreend_energy_joules_total{domain=\"package-0\",source=\"rapl\"} ");
    uint64_t dram_mj =
        sample_of(text.data, "\ngreend_energy_joules_total{domain=\"dram-0\",source=\"rapl\"} ");
    assert_int_equal(gpu_mj, books->domain_uj[GPU] / UJ_PER_MJ);
    assert_in_range(gpu_mj + package_mj + dram_mj, books->summed_uj / UJ_PER_MJ - METERS,
                    books->summed_uj / UJ_PER_MJ);
    assert_int_equal(
        sample_of(text.data,
                  "\ngreend_unattributed_energy_joules_total{domain=\"gpu-0\",source=\"gpu\"} "),
        gpu_mj);
    static const char workload[] = "\ngreend_workload_energy_joules_total{";
    for (const char *s = text.data; (s = strstr(s, workload)); s++) {
        const char *end = strchr(s, '}');
        const char *source = strstr(s, "source=\"gpu\"");
        if (source && source < end)
            assert_true(strtod(end + 1, NULL) == 0);
    }
}

static void test_store_and_metrics(void **state)
{
    (void)state;
    struct machine *machine = machine_new(true);
    struct rollup *rollup = rollup_new();
    struct series *series = series_new(10);
    struct books books = {0};
    assert_true(rollup && series);
    for (int t = 0; t < TICKS; t++) {
        machine_tick(machine, t);
        CLEANUP(frame_done) struct frame frame = newest(machine);
        add_frame(&frame, &books);
        assert_int_equal(rollup_add(rollup, &machine->ring, &frame), 0);
        assert_int_equal(series_consume(series, &machine->ring, &frame), 0);
    }
    check_store(rollup, &books);
    check_metrics(series, &books);
    (void)rollup_free(rollup);
    (void)series_free(series);
    machine_free(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_split_of_packages),
        cmocka_unit_test(test_store_and_metrics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
