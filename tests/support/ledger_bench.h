/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A ledger that writes into a ring in memory, on a clock that the test moves. For cmocka tests:
 * include unit.h first. */

#include "core/attribution/ledger.h"
#include "greend/units.h"
#include "support/plain_ring.h"

struct ledger_bench {
    struct ring ring;
    struct ledger *ledger;
    struct frame frame;
    struct sample sample;
    struct ledger_clock clock;
};

static const struct store_resume nothing_stored;

/* The next daemon: it knows what the ring and the store hold, and nothing else. */
static inline void ledger_bench_restart(struct ledger_bench *bench, const uint8_t boot[16],
                                        const struct store_resume *resume)
{
    if (bench->ledger)
        ledger_done(bench->ledger);
    free(bench->ledger);
    bench->ledger = calloc(1, sizeof(*bench->ledger));
    assert_non_null(bench->ledger);
    ledger_init(bench->ledger, &bench->ring, boot, 30 * NS_PER_S);
    ledger_resume(bench->ledger, resume, &bench->frame);
}

static inline void ledger_bench_begin(struct ledger_bench *bench, uint64_t slots,
                                      const uint8_t boot[16])
{
    *bench = (struct ledger_bench){
        .ring = plain_ring_new(slots), .clock = {NS_PER_S, NS_PER_S, INT64_C(1800000000000000000)}
    };
    ledger_bench_restart(bench, boot, &nothing_stored);
}

static inline void ledger_bench_end(struct ledger_bench *bench)
{
    frame_done(&bench->frame);
    ledger_done(bench->ledger);
    free(bench->ledger);
    plain_ring_done(&bench->ring);
}

/* One more counter of RAPL; returns its number. */
static inline size_t ledger_bench_meter(struct ledger_bench *bench, const char *key,
                                        const char *domain, enum domain_kind kind)
{
    size_t number = bench->sample.meters.count++;
    struct meter *meter = &bench->sample.meters.meters[number];
    *meter = (struct meter){.kind = kind,
                            .source = SOURCE_RAPL,
                            .form = METER_COUNTER,
                            .die = -1,
                            .range_uj = UINT64_C(262143328850),
                            .max_power_uw = 400 * UW_PER_W,
                            .uncertainty_ppm = 50000};
    (void)str_copy(meter->key, sizeof(meter->key), key);
    (void)str_copy(meter->domain, sizeof(meter->domain), domain);
    return number;
}

/* What the counter shows now, after so much energy in all. */
static inline void ledger_bench_read(struct ledger_bench *bench, size_t meter, uint64_t energy_uj)
{
    static const uint64_t period_uj = UINT64_C(262143328850) + UINT64_C(262143328850) / UINT32_MAX;
    bench->sample.meters.readings[meter] =
        (struct meter_reading){.time_ns = bench->clock.mono_ns, .value = energy_uj % period_uj};
}

static inline void ledger_bench_pass(struct ledger_bench *bench, uint64_t time_ns)
{
    bench->clock.mono_ns += time_ns;
    bench->clock.boottime_ns += time_ns;
    bench->clock.real_ns += (int64_t)time_ns;
}

/* The clocks just before the meters are read. */
static inline void ledger_bench_look(struct ledger_bench *bench)
{
    bench->sample.meters.boottime_ns = bench->clock.boottime_ns;
    bench->sample.meters.asleep_ns = bench->clock.boottime_ns - bench->clock.mono_ns;
}

static inline void ledger_bench_tick(struct ledger_bench *bench)
{
    ledger_bench_look(bench);
    ledger_tick(bench->ledger, &bench->sample, &bench->clock);
}
