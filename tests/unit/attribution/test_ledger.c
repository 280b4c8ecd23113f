/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "random.h"
#include "support/ledger_bench.h"

enum { SLOTS = 8192, ACTIVITIES_MAX = 6000 };

static const uint8_t boot_one[16] = "boot one", boot_two[16] = "boot two";

/* A two-socket machine with dram, whose meters are turned by the test, and the ledger that reads
 * it. */
struct machine {
    struct ledger_bench bench;
    struct activity activities[ACTIVITIES_MAX];
    uint64_t true_uj[3];
};

static struct machine *machine_new(void)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    struct ledger_bench *bench = &machine->bench;
    ledger_bench_begin(bench, SLOTS, boot_one);
    (void)ledger_bench_meter(bench, "intel-rapl/package-0", "package-0", DOMAIN_PACKAGE);
    (void)ledger_bench_meter(bench, "intel-rapl/package-1", "package-1", DOMAIN_PACKAGE);
    (void)ledger_bench_meter(bench, "intel-rapl/package-0/dram", "dram-0", DOMAIN_DRAM);
    bench->sample.activities = machine->activities;
    return machine;
}

static void machine_free(struct machine *machine)
{
    ledger_bench_end(&machine->bench);
    free(machine);
}

/* One tick later: each meter used its watts, `n` processes their share of busy time. */
static void machine_tick(struct machine *machine, uint64_t interval_ns, const uint64_t used_uj[3],
                         size_t n, uint64_t busy_ns)
{
    ledger_bench_pass(&machine->bench, interval_ns);
    for (size_t i = 0; i < 3; i++) {
        machine->true_uj[i] += used_uj[i];
        ledger_bench_read(&machine->bench, i, machine->true_uj[i]);
    }
    for (size_t i = 0; i < n; i++)
        machine->activities[i] = (struct activity){
            .pid = (int32_t)i + 2,
            .last_cpu = 0,
            .start_ticks = 1,
            .workload = ring_workload_id(RING_WORKLOAD_FIRST + (uint32_t)(i % 1000), 1),
            .cpu_ns = busy_ns / (n + 1)};
    struct sample *sample = &machine->bench.sample;
    sample->n_activities = n;
    sample->busy = (struct busy){.busy_ns = busy_ns, .elapsed_ns = interval_ns, .cpus = 16};
    ledger_bench_tick(&machine->bench);
}

/* What the frames of the ring from a position on say of each domain. */
struct books {
    uint64_t domain_uj[3], parts_uj[3], idle_uj[3], unattributed_uj[3], workloads_uj[3];
    uint64_t frames;
};

static void read_books(struct machine *machine, uint64_t *position, struct books *books)
{
    struct frame *frame = &machine->bench.frame;
    while (frame_read(&machine->bench.ring, *position, frame) == 0) {
        *position = frame->next;
        books->frames++;
        assert_int_equal(frame->records[0].frame.records, frame->count);
        for (size_t i = 0; i < frame->count; i++) {
            const union ring_record *record = &frame->records[i];
            if (record->type == RING_DOMAIN)
                books->domain_uj[record->domain.domain] += record->domain.energy_uj;
            if (record->type != RING_ENERGY)
                continue;
            assert_int_equal(record->energy.first_domain, 0);
            for (size_t d = 0; d < 3; d++) {
                uint64_t energy = record->energy.energy_uj[d];
                uint32_t slot = ring_workload_slot(record->energy.workload);
                books->parts_uj[d] += energy;
                if (slot == RING_WORKLOAD_IDLE)
                    books->idle_uj[d] += energy;
                else if (slot == RING_WORKLOAD_UNATTRIBUTED)
                    books->unattributed_uj[d] += energy;
                else
                    books->workloads_uj[d] += energy;
            }
        }
    }
}

static void assert_balance(const struct machine *machine, const struct books *books)
{
    for (size_t d = 0; d < 3; d++) {
        assert_int_equal(books->domain_uj[d], machine->true_uj[d]);
        assert_int_equal(books->parts_uj[d], machine->true_uj[d]);
    }
}

/* Thousands of random ticks: what the meters measured is what the frames hold, split without rest.
 */
static void test_measured_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct machine *machine = machine_new();
    const uint64_t none[3] = {0};
    machine_tick(machine, NS_PER_S, none, 0, 0);
    struct books books = {0};
    uint64_t position = 0;
    for (int i = 0; i < 3000; i++) {
        uint64_t interval = 1 + random_below(&random, 3 * NS_PER_S);
        uint64_t used[3];
        for (size_t d = 0; d < 3; d++)
            used[d] = energy_of_power(random_below(&random, 200 * UW_PER_W), interval);
        size_t n = random_index(&random, 10) ? random_index(&random, 60)
                                             : random_index(&random, ACTIVITIES_MAX);
        machine_tick(machine, interval, used, n, random_below(&random, 16 * interval));
        read_books(machine, &position, &books);
    }
    assert_int_equal(books.frames, 3001);
    assert_balance(machine, &books);
    for (size_t d = 0; d < 3; d++)
        assert_true(books.idle_uj[d] > 0 && books.workloads_uj[d] > 0);
    machine_free(machine);
}

/* A daemon that is killed and started again: the time between belongs to the first interval. */
static void test_a_restart_loses_nothing(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    const uint64_t none[3] = {0}, used[3] = {50 * UJ_PER_J, 40 * UJ_PER_J, 7 * UJ_PER_J};
    machine_tick(machine, NS_PER_S, none, 0, 0);
    struct books books = {0};
    uint64_t position = 0;
    for (int i = 0; i < 20; i++) {
        machine_tick(machine, NS_PER_S, used, 5, NS_PER_S);
        if (i % 3 == 0)
            ledger_bench_restart(&machine->bench, boot_one, &nothing_stored);
    }
    read_books(machine, &position, &books);
    assert_balance(machine, &books);
    /* The clock is read a little after the meters, which is no gap. */
    ledger_bench_restart(&machine->bench, boot_one, &nothing_stored);
    machine->bench.clock.real_ns += (int64_t)NS_PER_MS;
    machine_tick(machine, NS_PER_S, used, 5, NS_PER_S);
    assert_int_equal(frame_read(&machine->bench.ring, position, &machine->bench.frame), 0);
    assert_int_equal(machine->bench.frame.records[0].frame.gap_ns, 0);
    machine_free(machine);
}

/* A meter that is away for a whole run of the daemon: when it is back, its domain's running total
 * goes on, and its energy since it was read last is not lost. */
static void test_a_meter_away_for_a_run_goes_on(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    const uint64_t none[3] = {0}, used[3] = {50 * UJ_PER_J, 40 * UJ_PER_J, 7 * UJ_PER_J};
    machine_tick(machine, NS_PER_S, none, 0, 0);
    machine_tick(machine, NS_PER_S, used, 5, NS_PER_S);
    ledger_bench_restart(&machine->bench, boot_one, &nothing_stored);
    machine->bench.sample.meters.count = 2;
    machine_tick(machine, NS_PER_S, used, 5, NS_PER_S);
    ledger_bench_restart(&machine->bench, boot_one, &nothing_stored);
    machine->bench.sample.meters.count = 3;
    machine_tick(machine, NS_PER_S, used, 5, NS_PER_S);
    struct books books = {0};
    uint64_t position = 0;
    read_books(machine, &position, &books);
    assert_balance(machine, &books);
    uint64_t totals_uj[3] = {0};
    assert_int_equal(frame_newest(&machine->bench.ring, &position), 0);
    assert_int_equal(frame_read(&machine->bench.ring, position, &machine->bench.frame), 0);
    for (size_t i = 0; i < machine->bench.frame.count; i++) {
        const union ring_record *record = &machine->bench.frame.records[i];
        if (record->type == RING_DOMAIN)
            totals_uj[record->domain.domain] = record->domain.total_uj;
    }
    for (size_t d = 0; d < 3; d++)
        assert_int_equal(totals_uj[d], machine->true_uj[d]);
    machine_free(machine);
}

/* What a store would have kept of this moment. */
struct stored {
    struct store_meter meters[3];
    struct store_resume resume;
};

static void store_now(const struct machine *machine, const uint8_t boot[16], struct stored *stored)
{
    for (size_t i = 0; i < 3; i++) {
        (void)str_copy(stored->meters[i].key, sizeof(stored->meters[i].key),
                       machine->bench.sample.meters.meters[i].key);
        stored->meters[i].raw_uj = machine->true_uj[i];
        stored->meters[i].mono_ns = machine->bench.clock.mono_ns;
        stored->meters[i].boottime_ns = machine->bench.clock.boottime_ns;
    }
    stored->resume = (struct store_resume){.known = true, .meters = stored->meters, .n_meters = 3};
    stored->resume.position.mono_ns = machine->bench.clock.mono_ns;
    stored->resume.position.boottime_ns = machine->bench.clock.boottime_ns;
    stored->resume.position.real_ns = machine->bench.clock.real_ns;
    memcpy(stored->resume.position.boot_id, boot, 16);
}

static const uint64_t no_energy[3] = {0};
static const uint64_t some_energy[3] = {50 * UJ_PER_J, 40 * UJ_PER_J, 7 * UJ_PER_J};

/* The ring is lost, the store is not: its raw counters are where the next interval begins. */
static void test_the_store_stands_in_for_a_lost_ring(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    machine_tick(machine, NS_PER_S, some_energy, 5, NS_PER_S);
    struct stored stored;
    store_now(machine, boot_one, &stored);
    plain_ring_format(&machine->bench.ring, "another ring");
    ledger_bench_restart(&machine->bench, boot_one, &stored.resume);
    machine_tick(machine, 5 * NS_PER_S, some_energy, 5, NS_PER_S);
    struct books books = {0};
    uint64_t position = 0;
    read_books(machine, &position, &books);
    for (size_t d = 0; d < 3; d++)
        assert_int_equal(books.domain_uj[d], some_energy[d]);
    machine_free(machine);
}

/* The ring is that of a run before the last one: the store is newer, and its energy is booked. */
static void test_the_newer_reading_counts(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    machine_tick(machine, NS_PER_S, some_energy, 5, NS_PER_S);
    uint64_t position = ring_head(&machine->bench.ring);
    /* Two seconds that another ring was told of, up to the store's commit. */
    struct stored stored;
    ledger_bench_pass(&machine->bench, 2 * NS_PER_S);
    for (size_t i = 0; i < 3; i++)
        machine->true_uj[i] += 2 * some_energy[i];
    store_now(machine, boot_one, &stored);
    ledger_bench_restart(&machine->bench, boot_one, &stored.resume);
    machine_tick(machine, NS_PER_S, some_energy, 5, NS_PER_S);
    struct books books = {0};
    read_books(machine, &position, &books);
    for (size_t d = 0; d < 3; d++)
        assert_int_equal(books.domain_uj[d], some_energy[d]);
    machine_free(machine);
}

/* Raw counters of another boot say nothing, though this one's have come further by now. */
static void test_another_boot_is_not_gone_on_from(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    struct stored stored;
    store_now(machine, boot_two, &stored);
    plain_ring_format(&machine->bench.ring, "another ring");
    ledger_bench_restart(&machine->bench, boot_one, &stored.resume);
    machine_tick(machine, 5 * NS_PER_S, some_energy, 5, NS_PER_S);
    struct books books = {0};
    uint64_t position = 0;
    read_books(machine, &position, &books);
    for (size_t d = 0; d < 3; d++)
        assert_int_equal(books.domain_uj[d], 0);
    machine_free(machine);
}

/* After a reboot the counters begin anew: what they held before must not be taken for energy. */
static void test_a_reboot_is_a_gap(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    const uint64_t used[3] = {50 * UJ_PER_J, 40 * UJ_PER_J, 7 * UJ_PER_J};
    machine_tick(machine, NS_PER_S, used, 5, NS_PER_S);
    memset(machine->true_uj, 0, sizeof(machine->true_uj));
    machine->bench.clock.real_ns += 120 * (int64_t)NS_PER_S;
    machine->bench.clock.mono_ns = machine->bench.clock.boottime_ns = 20 * NS_PER_S;
    ledger_bench_restart(&machine->bench, boot_two, &nothing_stored);
    uint64_t position = ring_head(&machine->bench.ring);
    machine_tick(machine, NS_PER_S, used, 5, NS_PER_S);
    assert_int_equal(frame_read(&machine->bench.ring, position, &machine->bench.frame), 0);
    assert_true(machine->bench.frame.records[0].frame.gap_ns >= 120 * NS_PER_S);
    struct books books = {0};
    read_books(machine, &position, &books);
    for (size_t d = 0; d < 3; d++)
        assert_int_equal(books.domain_uj[d], 0);
    machine_free(machine);
}

/* A ring of the boot before, and a store that followed another one in this boot: nobody was away
 * for longer than since the store's last commit. */
static void test_a_gap_begins_where_the_newer_of_the_two_ended(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    machine->bench.clock.real_ns += 7200 * (int64_t)NS_PER_S;
    struct stored stored;
    store_now(machine, boot_two, &stored);
    ledger_bench_restart(&machine->bench, boot_two, &stored.resume);
    uint64_t position = ring_head(&machine->bench.ring);
    machine_tick(machine, 5 * NS_PER_S, some_energy, 5, NS_PER_S);
    assert_int_equal(frame_read(&machine->bench.ring, position, &machine->bench.frame), 0);
    assert_int_equal(machine->bench.frame.records[0].frame.gap_ns, 0);
    struct books books = {0};
    read_books(machine, &position, &books);
    for (size_t d = 0; d < 3; d++)
        assert_int_equal(books.domain_uj[d], some_energy[d]);
    machine_free(machine);
}

/* The last frame was made before the network set the clock: that is no gap of half a century. */
static void test_a_clock_that_was_not_set_makes_no_gap(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    int64_t now_ns = machine->bench.clock.real_ns;
    machine->bench.clock.real_ns = 0;
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    machine->bench.clock.real_ns = now_ns;
    ledger_bench_restart(&machine->bench, boot_two, &nothing_stored);
    uint64_t position = ring_head(&machine->bench.ring);
    machine_tick(machine, NS_PER_S, some_energy, 5, NS_PER_S);
    assert_int_equal(frame_read(&machine->bench.ring, position, &machine->bench.frame), 0);
    assert_int_equal(machine->bench.frame.records[0].frame.gap_ns, 0);
    machine_free(machine);
}

static void test_the_first_frame_is_the_birth_of_a_ring(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    struct ring_birth birth;
    assert_false(ring_get_birth(&machine->bench.ring, &birth));
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    uint64_t mono_ns = machine->bench.clock.mono_ns;
    ledger_bench_restart(&machine->bench, boot_two, &nothing_stored);
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    assert_true(ring_get_birth(&machine->bench.ring, &birth));
    assert_int_equal(birth.mono_ns, mono_ns);
    assert_memory_equal(birth.boot_id, boot_one, sizeof(boot_one));
    machine_free(machine);
}

/* CPU time that no process is known for is nobody's: bystanders get none of its energy. */
static void test_unknown_cpu_time_is_unattributed(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    const uint64_t none[3] = {0}, idle[3] = {30 * UJ_PER_J, 30 * UJ_PER_J, 4 * UJ_PER_J};
    const uint64_t used[3] = {130 * UJ_PER_J, 30 * UJ_PER_J, 4 * UJ_PER_J};
    machine_tick(machine, NS_PER_S, none, 0, 0);
    for (int i = 0; i < 30; i++)
        machine_tick(machine, NS_PER_S, idle, 0, 0);
    uint64_t position = ring_head(&machine->bench.ring);
    machine_tick(machine, NS_PER_S, used, 3, 8 * NS_PER_S); /* 3 x 2 s known, 2 s not */
    struct books books = {0};
    read_books(machine, &position, &books);
    uint64_t dynamic = books.workloads_uj[0] + books.unattributed_uj[0];
    assert_in_range(dynamic, 99 * UJ_PER_J, 101 * UJ_PER_J);
    assert_in_range(books.unattributed_uj[0], dynamic / 4 - 1, dynamic / 4 + 1);
    machine_free(machine);
}

/* The records of reservations in the frames from a position on, without that of `idle`. */
static size_t read_reserved(struct machine *machine, uint64_t position, struct ring_reserved *all,
                            struct reservation *ret_items)
{
    size_t n = 0;
    all->type = 0;
    assert_int_equal(frame_read(&machine->bench.ring, position, &machine->bench.frame), 0);
    assert_int_equal(machine->bench.frame.next, ring_head(&machine->bench.ring));
    for (size_t i = 0; i < machine->bench.frame.count; i++) {
        const struct ring_reserved *record = &machine->bench.frame.records[i].reserved;
        if (record->type != RING_RESERVED)
            continue;
        if (all->type == 0) {
            *all = *record;
            assert_int_equal(record->workload, ring_workload_id(RING_WORKLOAD_IDLE, 1));
            continue;
        }
        assert_int_equal(record->flags, all->flags);
        assert_int_equal(record->interval_ns, all->interval_ns);
        ret_items[n++] = (struct reservation){record->workload, (uint32_t)record->weight_ppb,
                                              record->memory_kib};
    }
    return n;
}

/* What is reserved is told beside the energy, and takes nothing of it. */
static void test_reservations_are_told(void **state)
{
    (void)state;
    struct machine *machine = machine_new();
    const struct reservation items[] = {
        {ring_workload_id(7, 1), 250000000, 1000},
        {ring_workload_id(8, 3), 0,         5   },
    };
    struct reservation found[SLOTS];
    struct ring_reserved all;
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    machine->bench.sample.reservations =
        (struct reservation_set){60 * NS_PER_S, true, false, ARRAY_SIZE(items), items};
    uint64_t position = ring_head(&machine->bench.ring);
    machine_tick(machine, NS_PER_S, some_energy, 5, NS_PER_S);
    assert_int_equal(read_reserved(machine, position, &all, found), 2);
    assert_int_equal(all.flags, RING_RESERVED_MEMORY);
    assert_int_equal(all.interval_ns, 60 * NS_PER_S);
    assert_int_equal(found[0].workload, items[0].workload);
    assert_int_equal(found[0].memory_kib, 1000);
    assert_int_equal(found[0].weight_ppb, 0); /* not known */
    assert_int_equal(found[1].workload, items[1].workload);
    struct books books = {0};
    read_books(machine, &position, &books);
    assert_balance(machine, &books);

    /* Nothing new: nothing is told. */
    machine->bench.sample.reservations.interval_ns = 0;
    machine_tick(machine, NS_PER_S, some_energy, 5, NS_PER_S);
    assert_int_equal(read_reserved(machine, position, &all, found), 0);
    assert_int_equal(all.type, 0);
    machine_free(machine);
}

/* Energy comes first: where a frame has no room for all that is reserved it tells none of it. */
static void test_reservations_without_room(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    struct machine *machine = machine_new();
    struct reservation *items = calloc(MANY, sizeof(*items));
    struct reservation *found = calloc(SLOTS, sizeof(*found));
    assert_true(items && found);
    struct ring_reserved all;
    machine_tick(machine, NS_PER_S, no_energy, 0, 0);
    for (size_t n = 900; n <= 1100; n += 200) {
        machine->bench.sample.reservations =
            (struct reservation_set){60 * NS_PER_S, true, true, MANY, items};
        uint64_t position = ring_head(&machine->bench.ring);
        machine_tick(machine, NS_PER_S, some_energy, n, NS_PER_S);
        assert_int_equal(read_reserved(machine, position, &all, found), n == 900 ? MANY : 0);
        assert_true(machine->bench.frame.count <= SLOTS / 2);
    }
    free(items);
    free(found);
    machine_free(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measured_is_the_sum_of_its_parts),
        cmocka_unit_test(test_a_restart_loses_nothing),
        cmocka_unit_test(test_a_meter_away_for_a_run_goes_on),
        cmocka_unit_test(test_the_store_stands_in_for_a_lost_ring),
        cmocka_unit_test(test_the_newer_reading_counts),
        cmocka_unit_test(test_another_boot_is_not_gone_on_from),
        cmocka_unit_test(test_a_reboot_is_a_gap),
        cmocka_unit_test(test_a_gap_begins_where_the_newer_of_the_two_ended),
        cmocka_unit_test(test_a_clock_that_was_not_set_makes_no_gap),
        cmocka_unit_test(test_the_first_frame_is_the_birth_of_a_ring),
        cmocka_unit_test(test_unknown_cpu_time_is_unattributed),
        cmocka_unit_test(test_reservations_are_told),
        cmocka_unit_test(test_reservations_without_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
