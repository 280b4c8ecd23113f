/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Zones that come and go in the life of a ring, more than it has entries for. */
#include "unit.h"

#include "core/attribution/ledger_entries.h"
#include "core/rollup/rollup.h"
#include "core/series/series.h"
#include "support/ledger_bench.h"

enum { SLOTS = 4096, NAMES = 200, TICKS_EACH = 12 };

static const uint8_t boot[16] = "the only boot";
static const uint64_t step_uj = 20 * UJ_PER_J;

/* One package that stays and one that is another after TICKS_EACH ticks. */
struct machine {
    struct ledger_bench bench;
    struct rollup *rollup; /* follows at once */
    struct rollup *late;   /* as late as it can */
    struct series *series;
    uint64_t position, late_position;
    uint64_t stays_uj, moves_uj;
    uint64_t true_uj;
    uint64_t true_of_name[NAMES];
};

static struct machine *machine_new(void)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    ledger_bench_begin(&machine->bench, SLOTS, boot);
    machine->rollup = rollup_new();
    machine->late = rollup_new();
    machine->series = series_new(10);
    assert_true(machine->rollup && machine->late && machine->series);
    machine->bench.sample.busy =
        (struct busy){.busy_ns = NS_PER_S, .elapsed_ns = NS_PER_S, .cpus = 4};
    return machine;
}

static void machine_free(struct machine *machine)
{
    (void)rollup_free(machine->rollup);
    (void)rollup_free(machine->late);
    (void)series_free(machine->series);
    ledger_bench_end(&machine->bench);
    free(machine);
}

static void put_meter(struct machine *machine, const char *name, enum domain_kind kind,
                      uint64_t energy_uj)
{
    size_t meter = ledger_bench_meter(&machine->bench, name, name, kind);
    ledger_bench_read(&machine->bench, meter, energy_uj);
}

static void follow(struct machine *machine, struct rollup *rollup, uint64_t *position,
                   struct series *series)
{
    const struct ring *ring = &machine->bench.ring;
    struct frame *frame = &machine->bench.frame;
    while (frame_read(ring, *position, frame) == 0) {
        *position = frame->next;
        assert_int_equal(rollup_add(rollup, ring, frame), 0);
        if (series)
            assert_int_equal(series_consume(series, ring, frame), 0);
    }
}

static void tick(struct machine *machine, int name, enum domain_kind kind, bool first)
{
    char text[DOMAIN_NAME_MAX];
    (void)snprintf(text, sizeof(text), "zone-%d", name);
    ledger_bench_pass(&machine->bench, NS_PER_S);
    machine->stays_uj += step_uj;
    machine->moves_uj += step_uj;
    machine->bench.sample.meters.count = 0;
    put_meter(machine, "package-0", DOMAIN_PACKAGE, machine->stays_uj);
    put_meter(machine, text, kind, machine->moves_uj);
    ledger_bench_tick(&machine->bench);
    if (!first)
        machine->true_of_name[name] += step_uj;
    if (machine->stays_uj > step_uj)
        machine->true_uj += step_uj;
}

/* Books by name of a whole batch. */
static void assert_books(const struct machine *machine, struct rollup *rollup)
{
    struct store_batch batch;
    assert_int_equal(rollup_batch(rollup, &batch), 0);
    uint64_t stays = 0, named = 0, other = 0, apart = 0, all = 0;
    for (size_t i = 0; i < batch.n_energies; i++) {
        const struct store_energy *energy = &batch.energies[i];
        const char *name = batch.domains[energy->domain].name;
        all += energy->energy_uj;
        if (str_equal(name, "package-0"))
            stays += energy->energy_uj;
        else if (str_equal(name, "other"))
            other += energy->energy_uj;
        else if (str_equal(name, "other-apart"))
            apart += energy->energy_uj;
        else
            named += energy->energy_uj;
    }
    uint64_t expected_named = 0, expected_other = 0;
    for (int i = 0; i < NAMES; i++)
        *(i < LEDGER_NAMES_MAX - 1 ? &expected_named : &expected_other) += machine->true_of_name[i];
    assert_int_equal(stays, machine->true_uj);
    assert_int_equal(named, expected_named);
    assert_int_equal(other + apart, expected_other);
    assert_true(other > 0 && apart > 0);
    assert_int_equal(all, machine->true_uj + expected_named + expected_other);
    for (size_t i = 0; i < batch.n_events; i++)
        assert_int_not_equal(batch.events[i].kind, STORE_EVENT_LOST);
}

/* Each named zone has what was its own. */
static void assert_names(const struct machine *machine, struct rollup *rollup)
{
    struct store_batch batch;
    assert_int_equal(rollup_batch(rollup, &batch), 0);
    for (int i = 0; i < LEDGER_NAMES_MAX - 1; i++) {
        char name[DOMAIN_NAME_MAX];
        (void)snprintf(name, sizeof(name), "zone-%d", i);
        uint64_t sum = 0;
        for (size_t k = 0; k < batch.n_energies; k++)
            if (str_equal(batch.domains[batch.energies[k].domain].name, name))
                sum += batch.energies[k].energy_uj;
        assert_int_equal(sum, machine->true_of_name[i]);
    }
}

/* What the counters of /metrics have, whether summed or not. */
static uint64_t series_uj(const struct series *series)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < series->n_domains; i++)
        sum += series->domains[i].total.energy_uj + series->domains[i].overlap.energy_uj;
    return sum;
}

static void test_two_hundred_names(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    for (int name = 0; name < NAMES; name++) {
        enum domain_kind kind = name % 3 == 2 ? DOMAIN_CORE : DOMAIN_PACKAGE;
        for (int i = 0; i < TICKS_EACH; i++) {
            tick(machine, name, kind, i == 0);
            follow(machine, machine->rollup, &machine->position, machine->series);
            /* A daemon that is killed at any moment goes on from the raw reading of each meter. */
            if ((name * TICKS_EACH + i) % 7 == 3)
                ledger_bench_restart(&machine->bench, boot, &nothing_stored);
        }
        follow(machine, machine->late, &machine->late_position, NULL);
    }
    assert_books(machine, machine->rollup);
    assert_books(machine, machine->late);
    assert_names(machine, machine->rollup);
    uint64_t all = machine->true_uj;
    for (int i = 0; i < NAMES; i++)
        all += machine->true_of_name[i];
    assert_int_equal(series_uj(machine->series), all);
    machine_free(machine);
}

/* Entries of meters are given away; what is stored is never another meter's reading. */
static void test_stored_readings_are_their_own(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    for (int name = 0; name < NAMES; name++) {
        for (int i = 0; i < TICKS_EACH; i++)
            tick(machine, name, DOMAIN_CORE, i == 0);
        follow(machine, machine->late, &machine->late_position, NULL);
        struct store_batch batch;
        assert_int_equal(rollup_batch(machine->late, &batch), 0);
        char key[METER_KEY_MAX];
        (void)snprintf(key, sizeof(key), "zone-%d", name);
        bool found = false;
        for (size_t i = 0; i < batch.n_meters; i++) {
            const struct store_meter *meter = &batch.meters[i];
            for (size_t k = 0; k < i; k++)
                assert_string_not_equal(meter->key, batch.meters[k].key);
            if (!str_equal(meter->key, key))
                continue;
            found = true;
            assert_int_equal(meter->raw_uj, machine->moves_uj);
        }
        assert_true(found);
    }
    machine_free(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_hundred_names),
        cmocka_unit_test(test_stored_readings_are_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
