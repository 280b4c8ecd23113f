/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/pipeline.h"

#include "core/attribution/uncertainty.h"

enum { SLOTS = 1 << 12 };

struct pipeline *pipeline_new(void)
{
    struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
    if (!pipeline)
        return NULL;
    size_t size = ring_memory_size(SLOTS);
    pipeline->memory = aligned_alloc(64, size);
    pipeline->ledger = calloc(1, sizeof(*pipeline->ledger));
    static const uint8_t id[RING_ID_SIZE] = "a simulated one", boot[16] = "a simulated one";
    if (!pipeline->memory || !pipeline->ledger)
        goto fail;
    memset(pipeline->memory, 0, size);
    if (ring_format(&pipeline->ring, pipeline->memory, size, SLOTS, id) != 0)
        goto fail;
    ledger_init(pipeline->ledger, &pipeline->ring, boot, 30 * NS_PER_S);
    pipeline->exact = true;
    return pipeline;
fail:
    pipeline_free(pipeline);
    return NULL;
}

void pipeline_free(struct pipeline *pipeline)
{
    if (!pipeline)
        return;
    frame_done(&pipeline->frame);
    if (pipeline->ledger)
        ledger_done(pipeline->ledger);
    free(pipeline->ledger);
    free(pipeline->memory);
    free(pipeline);
}

/* What the meters counted since the tick before: docs/method.md, section 1. */
static uint64_t metered_uj(struct pipeline *pipeline, const struct sample *sample)
{
    uint64_t sum_uj = 0;
    for (size_t i = 0; i < sample->meters.count; i++) {
        uint64_t range_uj = sample->meters.meters[i].range_uj;
        uint64_t period_uj = range_uj + range_uj / UINT32_MAX;
        uint64_t from = pipeline->last_uj[i], to = sample->meters.readings[i].value;
        pipeline->last_uj[i] = to;
        sum_uj += to >= from ? to - from : period_uj - from + to;
    }
    uint64_t counted_uj = pipeline->begun ? sum_uj : 0;
    pipeline->begun = true;
    return counted_uj;
}

static void book_energy(struct books *books, const struct ring_energy *energy)
{
    uint32_t slot = ring_workload_slot(energy->workload);
    uint64_t sum_uj = 0;
    for (size_t lane = 0; lane < RING_LANES; lane++)
        sum_uj += energy->energy_uj[lane];
    if (slot == RING_WORKLOAD_IDLE)
        books->idle_uj += sum_uj;
    else if (slot < RING_WORKLOAD_FIRST || slot - RING_WORKLOAD_FIRST >= SIM_WORKLOADS)
        books->nobody_uj += sum_uj;
    if (slot < RING_WORKLOAD_FIRST || slot - RING_WORKLOAD_FIRST >= SIM_WORKLOADS)
        return;
    size_t index = slot - RING_WORKLOAD_FIRST;
    books->workload_uj[index] += sum_uj;
    for (size_t lane = 0; lane < RING_LANES; lane++) {
        uint64_t ppm = uncertainty_ppm(energy->uncertainty, lane);
        if (ppm == 0)
            books->unstated_uj[index] += energy->energy_uj[lane];
        books->half_uj[index] += (double)energy->energy_uj[lane] * (double)ppm / (double)PPM;
    }
}

static uint64_t parts_uj(const struct books *books)
{
    uint64_t sum_uj = books->idle_uj + books->nobody_uj;
    for (size_t i = 0; i < SIM_WORKLOADS; i++)
        sum_uj += books->workload_uj[i];
    return sum_uj;
}

void pipeline_tick(struct pipeline *pipeline, const struct sim *sim)
{
    struct ledger_clock clock = {sim->mono_ns, sim->mono_ns,
                                 INT64_C(1800000000000000000) + (int64_t)sim->mono_ns};
    uint64_t position = ring_head(&pipeline->ring);
    ledger_tick(pipeline->ledger, &sim->sample, &clock);
    uint64_t metered = metered_uj(pipeline, &sim->sample);
    if (frame_read(&pipeline->ring, position, &pipeline->frame) != 0) {
        pipeline->exact = false;
        return;
    }
    struct books *books = &pipeline->books;
    uint64_t before = books->measured_uj;
    for (size_t i = 0; i < pipeline->frame.count; i++) {
        const union ring_record *record = &pipeline->frame.records[i];
        if (record->type == RING_DOMAIN)
            books->measured_uj += record->domain.energy_uj;
        else if (record->type == RING_ENERGY)
            book_energy(books, &record->energy);
    }
    if (books->measured_uj - before != metered || books->measured_uj != parts_uj(books))
        pipeline->exact = false;
}
