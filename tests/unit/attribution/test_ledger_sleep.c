/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* A machine that sleeps while one of its meters cannot be read, and a daemon that is not the same
 * when the meter is back. */
#include "unit.h"

#include "core/rollup/rollup.h"
#include "support/ledger_bench.h"

enum { METERS = 2, LOST = 1, SLOTS = 4096 };

static const uint8_t boot[16] = "the only boot";

struct machine {
    struct ledger_bench bench;
    struct rollup *rollup;
    uint64_t position;
    uint64_t true_uj[METERS];
    struct store_batch batch;
};

/* What the newest frame says of the meter that was lost. */
struct told {
    uint64_t energy_uj, interval_ns, gap_ns;
};

static struct machine *machine_new(void)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    ledger_bench_begin(&machine->bench, SLOTS, boot);
    (void)ledger_bench_meter(&machine->bench, "stays", "package-0", DOMAIN_PACKAGE);
    (void)ledger_bench_meter(&machine->bench, "lost", "package-1", DOMAIN_PACKAGE);
    machine->bench.sample.busy = (struct busy){.elapsed_ns = NS_PER_S, .cpus = 4};
    machine->rollup = rollup_new();
    assert_non_null(machine->rollup);
    return machine;
}

static void machine_free(struct machine *machine)
{
    (void)rollup_free(machine->rollup);
    ledger_bench_end(&machine->bench);
    free(machine);
}

static struct told machine_tick(struct machine *machine, bool lost)
{
    struct ledger_bench *bench = &machine->bench;
    ledger_bench_pass(bench, NS_PER_S);
    for (size_t i = 0; i < METERS; i++)
        ledger_bench_read(bench, i, machine->true_uj[i] += 10 * UJ_PER_J);
    if (lost)
        bench->sample.meters.readings[LOST] = (struct meter_reading){.error = -EIO};
    uint64_t position = ring_head(&bench->ring);
    ledger_bench_tick(bench);
    struct told told = {0};
    assert_int_equal(frame_read(&bench->ring, position, &bench->frame), 0);
    for (size_t i = 0; i < bench->frame.count; i++) {
        const struct ring_domain *domain = &bench->frame.records[i].domain;
        if (domain->type == RING_DOMAIN && domain->domain == LOST)
            told = (struct told){domain->energy_uj, domain->interval_ns, domain->gap_ns};
    }
    return told;
}

static void machine_sleep(struct machine *machine, uint64_t time_ns)
{
    machine->bench.clock.boottime_ns += time_ns;
    machine->bench.clock.real_ns += (int64_t)time_ns;
}

/* What the store has when all frames are committed. */
static struct store_resume stored(struct machine *machine)
{
    struct frame *frame = &machine->bench.frame;
    while (frame_read(&machine->bench.ring, machine->position, frame) == 0) {
        assert_int_equal(rollup_add(machine->rollup, &machine->bench.ring, frame), 0);
        machine->position = frame->next;
    }
    assert_int_equal(rollup_batch(machine->rollup, &machine->batch), 0);
    struct store_resume resume = {.known = true, .position = machine->batch.position};
    resume.n_meters = machine->batch.n_meters;
    resume.meters = calloc(resume.n_meters, sizeof(*resume.meters));
    assert_non_null(resume.meters);
    memcpy(resume.meters, machine->batch.meters, resume.n_meters * sizeof(*resume.meters));
    return resume;
}

/* The next daemon, with the ring or with what the store has alone. */
static void restart(struct machine *machine, bool with_ring, const struct store_resume *resume)
{
    if (!with_ring)
        plain_ring_format(&machine->bench.ring, "another ring");
    ledger_bench_restart(&machine->bench, boot, resume);
    machine->position = 0;
}

/* Two meters, of which one is lost; half a minute later the machine sleeps, and is awake again for
 * a while. */
static struct machine *machine_that_slept(uint64_t ahead_ns)
{
    struct machine *machine = machine_new();
    machine->bench.clock.mono_ns += ahead_ns;
    (void)machine_tick(machine, false);
    (void)machine_tick(machine, true);
    ledger_bench_pass(&machine->bench, 30 * NS_PER_S);
    machine_sleep(machine, 600 * NS_PER_S);
    struct told told = machine_tick(machine, true);
    assert_int_equal(told.gap_ns, 0); /* nothing is known yet */
    return machine;
}

static void check_its_gap(bool shifted, bool with_ring, int daemons)
{
    struct machine *machine = machine_that_slept(shifted ? 86400 * NS_PER_S : 0);
    uint64_t gap_ns = 632 * NS_PER_S; /* with the two ticks that it was not read in */
    for (int i = 0; i < daemons; i++) {
        struct store_resume resume = stored(machine);
        restart(machine, with_ring, &resume);
        (void)machine_tick(machine, true);
        gap_ns += NS_PER_S;
        free(resume.meters);
    }
    struct told told = machine_tick(machine, false);
    assert_int_equal(told.energy_uj, 0);
    assert_int_equal(told.interval_ns, 0);
    assert_int_equal(told.gap_ns, gap_ns + NS_PER_S);
    assert_int_equal(machine_tick(machine, false).energy_uj, 10 * UJ_PER_J);
    machine_free(machine);
}

/* The same where CLOCK_MONOTONIC is a day ahead, as in a time namespace. */
static void test_its_gap_holds_the_sleep(void **state)
{
    (void)state;
    for (int shifted = 0; shifted < 2; shifted++)
        for (int with_ring = 0; with_ring < 2; with_ring++)
            for (int daemons = 0; daemons < 3; daemons++)
                check_its_gap(shifted, with_ring, daemons);
}

/* Asleep while no daemon runs. */
static void test_sleep_between_two_daemons(void **state)
{
    (void)state;
    for (int with_ring = 0; with_ring < 2; with_ring++) {
        struct machine *machine = machine_that_slept(0);
        struct store_resume resume = stored(machine);
        machine_sleep(machine, 60 * NS_PER_S);
        restart(machine, with_ring, &resume);
        assert_int_equal(machine_tick(machine, false).gap_ns, 693 * NS_PER_S);
        free(resume.meters);
        machine_free(machine);
    }
}

/* It slept before the meter was lost: that is no reason to lose its energy. */
static void test_sleep_before_is_over(void **state)
{
    (void)state;
    for (int with_ring = 0; with_ring < 2; with_ring++) {
        struct machine *machine = machine_that_slept(0);
        (void)machine_tick(machine, false);
        (void)machine_tick(machine, true);
        struct store_resume resume = stored(machine);
        restart(machine, with_ring, &resume);
        struct told told = machine_tick(machine, false);
        assert_int_equal(told.energy_uj, 20 * UJ_PER_J);
        assert_int_equal(told.interval_ns, 2 * NS_PER_S);
        assert_int_equal(told.gap_ns, 0);
        free(resume.meters);
        machine_free(machine);
    }
}

/* A store of a greend that did not tell how long the machine had slept: what was used since its
 * readings may be energy of a sleep, unless the machine never slept. That stays so while the meter
 * is away, whoever runs. */
static void test_a_store_that_does_not_tell(void **state)
{
    (void)state;
    for (int daemons = 1; daemons < 3; daemons++) {
        for (int slept = 0; slept < 2; slept++) {
            struct machine *machine = machine_new();
            if (slept)
                machine_sleep(machine, 60 * NS_PER_S);
            (void)machine_tick(machine, false);
            for (int i = 0; i < daemons; i++) {
                struct store_resume resume = stored(machine);
                for (size_t k = 0; i == 0 && k < resume.n_meters; k++)
                    resume.meters[k].boottime_ns = 0;
                restart(machine, false, &resume);
                (void)machine_tick(machine, true);
                free(resume.meters);
            }
            uint64_t away = (uint64_t)daemons + 1;
            struct told told = machine_tick(machine, false);
            assert_int_equal(told.energy_uj, slept ? 0 : away * 10 * UJ_PER_J);
            assert_int_equal(told.interval_ns, slept ? 0 : away * NS_PER_S);
            assert_int_equal(told.gap_ns, slept ? away * NS_PER_S : 0);
            assert_int_equal(machine_tick(machine, false).energy_uj, 10 * UJ_PER_J);
            machine_free(machine);
        }
    }
}

/* The ring becomes one of a greend that told it of no meter. */
static void forget_boottimes(struct machine *machine)
{
    struct ring *ring = &machine->bench.ring;
    uint64_t position = 0;
    assert_int_equal(frame_newest(ring, &position), 0);
    assert_int_equal(frame_read(ring, position, &machine->bench.frame), 0);
    for (size_t i = 0; i < machine->bench.frame.count; i++) {
        union ring_record record = machine->bench.frame.records[i];
        if (record.type == RING_METER) {
            assert_int_equal(record.meter.error != 0,
                             record.meter.boottime_ns != machine->bench.clock.boottime_ns);
            record.meter.boottime_ns = 0;
        }
        ring_push(ring, &record);
    }
    ring_publish(ring);
}

/* Its last frame tells it of those that were read in it. */
static void test_a_ring_that_does_not_tell(void **state)
{
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        struct machine *machine = machine_that_slept(0);
        (void)machine_tick(machine, false);
        uint64_t gap_ns = 0;
        if (lost) {
            (void)machine_tick(machine, true);
            machine_sleep(machine, 60 * NS_PER_S);
            (void)machine_tick(machine, true);
            gap_ns = 3 * NS_PER_S; /* how long it slept is not known */
        }
        forget_boottimes(machine);
        restart(machine, true, &nothing_stored);
        struct told told = machine_tick(machine, false);
        assert_int_equal(told.energy_uj, lost ? 0 : 10 * UJ_PER_J);
        assert_int_equal(told.gap_ns, gap_ns);
        machine_free(machine);
    }
}

/* By the wall clock an hour went by, or minus one; by the other clocks a minute, of which the
 * meters tell: nobody was away. Nor does a wall clock that went back hide that the meters were. */
static void test_a_clock_set_between_two_daemons(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        for (int with_ring = 0; with_ring < 2; with_ring++) {
            for (int asleep = 0; asleep < 2; asleep++) {
                struct machine *machine = machine_new();
                (void)machine_tick(machine, false);
                struct store_resume resume = stored(machine);
                ledger_bench_pass(&machine->bench, 59 * NS_PER_S);
                if (asleep)
                    machine_sleep(machine, 60 * NS_PER_S);
                machine->bench.clock.real_ns += (int64_t)sign * 3600 * (int64_t)NS_PER_S;
                restart(machine, with_ring, &resume);
                (void)machine_tick(machine, false);
                const struct ring_frame *frame = &machine->bench.frame.records[0].frame;
                assert_int_equal(frame->gap_ns, asleep ? 120 * NS_PER_S : 0);
                assert_int_equal(frame->interval_ns, asleep ? 0 : 60 * NS_PER_S);
                free(resume.meters);
                machine_free(machine);
            }
        }
    }
}

/* The first sweep over all processes takes long, and the clock of the frame is read after it. */
static void test_a_slow_first_sweep_is_no_gap(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    struct ledger_bench *bench = &machine->bench;
    (void)machine_tick(machine, false);
    restart(machine, true, &nothing_stored);
    ledger_bench_pass(bench, NS_PER_S);
    for (size_t i = 0; i < METERS; i++)
        ledger_bench_read(bench, i, machine->true_uj[i] += 10 * UJ_PER_J);
    ledger_bench_look(bench);
    ledger_bench_pass(bench, NS_PER_S);
    uint64_t position = ring_head(&bench->ring);
    ledger_tick(bench->ledger, &bench->sample, &bench->clock);
    assert_int_equal(frame_read(&bench->ring, position, &bench->frame), 0);
    assert_int_equal(bench->frame.records[0].frame.interval_ns, NS_PER_S);
    assert_int_equal(bench->frame.records[0].frame.gap_ns, 0);
    machine_free(machine);
}

/* Where a boot has no id it may be another one. */
static void test_a_boot_without_an_id(void **state)
{
    (void)state;
    static const uint8_t no_boot[16];
    struct machine *machine = machine_new();
    ledger_bench_restart(&machine->bench, no_boot, &nothing_stored);
    (void)machine_tick(machine, false);
    machine->bench.clock.real_ns += 7200 * (int64_t)NS_PER_S;
    machine->bench.clock.mono_ns = machine->bench.clock.boottime_ns = 0;
    ledger_bench_restart(&machine->bench, no_boot, &nothing_stored);
    assert_int_equal(machine_tick(machine, false).energy_uj, 0);
    assert_int_equal(machine->bench.frame.records[0].frame.gap_ns, 7201 * NS_PER_S);
    machine_free(machine);
}

/* A damaged store says that the meter was read later than now: no gap of centuries, no energy of a
 * sleep. */
static void test_a_reading_of_the_future(void **state)
{
    (void)state;
    for (int slept = 0; slept < 2; slept++) {
        struct machine *machine = machine_new();
        if (slept)
            machine_sleep(machine, 60 * NS_PER_S);
        (void)machine_tick(machine, false);
        struct store_resume resume = stored(machine);
        for (size_t i = 0; i < resume.n_meters; i++)
            resume.meters[i].boottime_ns += UINT64_C(1) << 62;
        restart(machine, false, &resume);
        struct told told = machine_tick(machine, false);
        assert_int_equal(told.energy_uj, slept ? 0 : 10 * UJ_PER_J);
        assert_int_equal(told.gap_ns, slept ? NS_PER_S : 0);
        free(resume.meters);
        machine_free(machine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_gap_holds_the_sleep),
        cmocka_unit_test(test_sleep_between_two_daemons),
        cmocka_unit_test(test_sleep_before_is_over),
        cmocka_unit_test(test_a_store_that_does_not_tell),
        cmocka_unit_test(test_a_ring_that_does_not_tell),
        cmocka_unit_test(test_a_clock_set_between_two_daemons),
        cmocka_unit_test(test_a_slow_first_sweep_is_no_gap),
        cmocka_unit_test(test_a_boot_without_an_id),
        cmocka_unit_test(test_a_reading_of_the_future),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
