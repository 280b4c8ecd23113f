/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the tests of the rollup stand on, for cmocka tests: include unit.h first. */

#include "core/rollup/rollup.h"
#include "greend/units.h"
#include "support/plain_ring.h"

enum { DOMAINS = 4, SLOTS = 4096 };

/* A ring with a producer that makes frames of known energy, and a rollup that reads it. */
struct bench {
    struct ring ring;
    struct rollup *rollup;
    struct frame frame;
    uint64_t position;
    uint64_t number;
    uint64_t totals_uj[DOMAINS];
    int64_t real_ns;
    uint64_t mono_ns;
    uint64_t asleep_ns;
    uint64_t gap_ns;             /* of the next frames */
    uint32_t meter_ppm[DOMAINS]; /* how sure the next frames' meters are */
    uint32_t codes;              /* and the split of their lines */
    uint8_t boot_id[16];
    struct store_resume stored; /* what the next daemon finds in the store */
    struct store_meter meters[2 * DOMAINS];
};

static inline void put_names(struct bench *bench)
{
    for (uint32_t i = 0; i < DOMAINS; i++) {
        struct ring_domain_entry domain = {
            .kind = DOMAIN_PACKAGE, .source = SOURCE_RAPL, .used = 1};
        (void)snprintf(domain.name, sizeof(domain.name), "package-%u", i);
        assert_int_equal(ring_table_put(&bench->ring, RING_TABLE_DOMAIN, i, &domain), 0);
    }
    for (uint32_t i = 0; i < RING_WORKLOADS_MAX; i++) {
        struct workload workload = {.generation = 1,
                                    .kind = i == RING_WORKLOAD_IDLE ? WORKLOAD_IDLE
                                            : i == RING_WORKLOAD_UNATTRIBUTED
                                                ? WORKLOAD_UNATTRIBUTED
                                            : i == RING_WORKLOAD_UNSPLIT ? WORKLOAD_UNSPLIT
                                            : i == RING_WORKLOAD_OTHER   ? WORKLOAD_OTHER
                                                                         : WORKLOAD_SERVICE};
        (void)snprintf(workload.unit, sizeof(workload.unit), "unit-%u.service", i);
        assert_int_equal(ring_table_put(&bench->ring, RING_TABLE_WORKLOAD, i, &workload), 0);
    }
}

static inline void bench_begin(struct bench *bench)
{
    *bench = (struct bench){
        .ring = plain_ring_new(SLOTS),
        .real_ns = INT64_C(1800000000000000000),
        .mono_ns = NS_PER_S,
        .meter_ppm = {50000, 50000, 50000, 50000}
    };
    put_names(bench);
    bench->rollup = rollup_new();
    assert_non_null(bench->rollup);
}

static inline void bench_end(struct bench *bench)
{
    bench->rollup = rollup_free(bench->rollup);
    frame_done(&bench->frame);
    plain_ring_done(&bench->ring);
}

/* Pushes a frame in which `workloads` workloads from `first` on use energies[d] each in domain d.
 */
static inline void push_frame(struct bench *bench, uint64_t interval_ns, uint32_t first,
                              uint32_t workloads, const uint64_t energies_uj[DOMAINS],
                              uint64_t lie_uj)
{
    uint32_t lines = workloads * ((DOMAINS + RING_LANES - 1) / RING_LANES);
    uint64_t total = 0;
    for (int d = 0; d < DOMAINS; d++)
        total += bench->totals_uj[d];
    union ring_record record = {
        .frame = {.type = RING_FRAME,
                  .domains = DOMAINS,
                  .records = 2 + DOMAINS + lines,
                  .number = ++bench->number,
                  .mono_ns = bench->mono_ns += interval_ns,
                  .real_ns = bench->real_ns += (int64_t)interval_ns,
                  .interval_ns = interval_ns,
                  .gap_ns = bench->gap_ns,
                  .total_uj = total}
    };
    ring_push(&bench->ring, &record);
    record = (union ring_record){
        .host = {.type = RING_HOST, .cpus = 4, .boottime_ns = bench->mono_ns + bench->asleep_ns}
    };
    memcpy(record.host.boot_id, bench->boot_id, sizeof(bench->boot_id));
    ring_push(&bench->ring, &record);
    for (uint16_t d = 0; d < DOMAINS; d++) {
        uint64_t energy = energies_uj[d] * workloads + lie_uj;
        bench->totals_uj[d] += energy;
        record = (union ring_record){
            .domain = {.type = RING_DOMAIN,
                       .flags = RING_DOMAIN_SUMMED,
                       .domain = d,
                       .uncertainty_ppm = bench->meter_ppm[d],
                       .energy_uj = energy,
                       .total_uj = bench->totals_uj[d],
                       .interval_ns = interval_ns}
        };
        ring_push(&bench->ring, &record);
    }
    for (uint32_t w = 0; w < workloads; w++) {
        for (uint16_t d = 0; d < DOMAINS; d = (uint16_t)(d + RING_LANES)) {
            record = (union ring_record){
                .energy = {.type = RING_ENERGY,
                           .first_domain = d,
                           .workload = ring_workload_id(first + w, 1),
                           .uncertainty = bench->codes,
                           .cpu_ns = d == 0 ? 1000 : 0}
            };
            for (int lane = 0; lane < RING_LANES && d + lane < DOMAINS; lane++)
                record.energy.energy_uj[lane] = energies_uj[d + lane];
            ring_push(&bench->ring, &record);
        }
    }
    ring_publish(&bench->ring);
}

/* Takes in every frame there is; returns how often it was overtaken. */
static inline int read_all(struct bench *bench)
{
    int lapped = 0;
    for (;;) {
        int r = frame_read(&bench->ring, bench->position, &bench->frame);
        if (r == RING_EMPTY)
            return lapped;
        if (r == RING_LAPPED) {
            assert_int_equal(frame_oldest(&bench->ring, &bench->position), 0);
            lapped++;
            continue;
        }
        assert_int_equal(r, 0);
        assert_int_equal(rollup_add(bench->rollup, &bench->ring, &bench->frame), 0);
        bench->position = bench->frame.next;
    }
}

static inline uint64_t batch_uj(const struct store_batch *batch, int domain, int kind)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < batch->n_energies; i++) {
        const struct store_energy *energy = &batch->energies[i];
        if ((int)energy->domain == domain &&
            (kind < 0 || batch->workloads[energy->workload].kind == (uint32_t)kind))
            sum += energy->energy_uj;
    }
    return sum;
}

static inline void assert_exact(struct bench *bench)
{
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    for (int d = 0; d < DOMAINS; d++)
        assert_int_equal(batch_uj(&batch, d, -1), bench->totals_uj[d]);
}

/* The store takes all that the rollup has. */
static inline void bench_commit(struct bench *bench)
{
    struct store_batch batch;
    assert_int_equal(rollup_batch(bench->rollup, &batch), 0);
    assert_in_range(batch.n_meters, 0, ARRAY_SIZE(bench->meters));
    memcpy(bench->meters, batch.meters, batch.n_meters * sizeof(bench->meters[0]));
    bench->stored = (struct store_resume){.known = true,
                                          .position = batch.position,
                                          .meters = bench->meters,
                                          .n_meters = batch.n_meters};
}

/* What is stored is of another ring, which nobody has any more. */
static inline void bench_forget_ring(struct bench *bench)
{
    memset(bench->stored.position.ring_id, 'x', sizeof(bench->stored.position.ring_id));
}

/* The store opens when the rollup has begun without it. */
static inline void bench_resume(struct bench *bench)
{
    assert_int_equal(rollup_resume(bench->rollup, &bench->stored, &bench->ring, bench->boot_id), 0);
}

/* The next daemon: another rollup that goes on from what is stored. */
static inline void next_daemon(struct bench *bench)
{
    (void)rollup_free(bench->rollup);
    bench->rollup = rollup_new();
    assert_non_null(bench->rollup);
    bench_resume(bench);
    bench->position = rollup_begin(bench->rollup);
}
