/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "core/attribution/attribute.h"
#include "greend/units.h"
#include "support/plain_ring.h"

enum { SLOTS = 4096, ENTRIES = 5 };

struct bench {
    struct ring ring;
    struct frame frame;
};

static void bench_begin(struct bench *bench)
{
    *bench = (struct bench){.ring = plain_ring_new(SLOTS)};
}

static void bench_end(struct bench *bench)
{
    frame_done(&bench->frame);
    plain_ring_done(&bench->ring);
}

/* What the records say of one workload. */
struct share {
    uint64_t energy_uj[ENTRIES];
    uint64_t cpu_ns;
};

/* Makes a frame of the domains and activities and adds its records up by workload slot. */
static void attribute(struct bench *bench, const struct ledger_domain domains[ENTRIES],
                      const struct activity *activities, size_t n, uint64_t busy_ns,
                      struct share shares[16])
{
    struct attribute_time time =
        attribute_time(activities, n, busy_ns, &(struct attribute_balance){0});
    size_t records = 2 + attribute_records(n, ENTRIES);
    union ring_record record = {
        .frame = {.type = RING_FRAME, .records = (uint32_t)records}
    };
    ring_push(&bench->ring, &record);
    record = (union ring_record){.host = {.type = RING_HOST}};
    ring_push(&bench->ring, &record);
    static const struct busy busy;
    static const struct division by_time; /* no estimator: CPU time alone divides */
    struct division_frame frame = {activities, n, time.unattributed_ns, &busy};
    attribute_push(&bench->ring, domains, ENTRIES, &by_time, &frame);
    ring_publish(&bench->ring);

    uint64_t position = 0;
    assert_int_equal(frame_newest(&bench->ring, &position), 0);
    assert_int_equal(frame_read(&bench->ring, position, &bench->frame), 0);
    assert_int_equal(bench->frame.count, records);
    memset(shares, 0, 16 * sizeof(*shares));
    for (size_t i = 2; i < bench->frame.count; i++) {
        const struct ring_energy *energy = &bench->frame.records[i].energy;
        struct share *share = &shares[ring_workload_slot(energy->workload)];
        share->cpu_ns += energy->cpu_ns;
        for (size_t lane = 0; lane < RING_LANES && energy->first_domain + lane < ENTRIES; lane++)
            share->energy_uj[energy->first_domain + lane] += energy->energy_uj[lane];
    }
}

static const struct activity two[] = {
    {.pid = 10, .workload = (1U << 12) | 4, .cpu_ns = 1000, .child_ns = 500},
    {.pid = 11,         .workload = (1U << 12) | 5,                           .cpu_ns = 500      },
};

static void test_every_part_has_its_place(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const struct ledger_domain domains[ENTRIES] = {
        {.present = true,    .summed = true,   .energy_uj = 1000, .idle_uj = 300, .late_uj = 200},
        {.present = true,    .summed = true,                    .energy_uj = 77,                       .idle_uj = 77},
        {.present = true,   .energy_uj = 5000,.idle_uj = 100},
        {0},
        {.present = true,                    .summed = true,               .energy_uj = 4000                                                  },
    };
    struct share shares[16];
    attribute(&bench, domains, two, 2, 4000, shares);
    /* Of 4000 ns, 2000 are nobody's; of 500 uJ dynamic energy then 250, and the late 200. */
    const struct share *idle = &shares[RING_WORKLOAD_IDLE];
    const struct share *unattributed = &shares[RING_WORKLOAD_UNATTRIBUTED];
    assert_int_equal(idle->energy_uj[0], 300);
    assert_int_equal(shares[4].energy_uj[0], 187);
    assert_int_equal(shares[5].energy_uj[0], 63);
    assert_int_equal(unattributed->energy_uj[0], 450);
    assert_int_equal(idle->energy_uj[1], 77);
    assert_int_equal(shares[RING_WORKLOAD_UNSPLIT].energy_uj[2], 5000);
    assert_int_equal(idle->energy_uj[2] + shares[4].energy_uj[2], 0);
    assert_int_equal(shares[4].energy_uj[4], 1500);
    assert_int_equal(unattributed->energy_uj[4], 2000);
    /* CPU time is told once, though five domains need two records. */
    assert_int_equal(shares[4].cpu_ns, 1500);
    assert_int_equal(shares[5].cpu_ns, 500);
    assert_int_equal(unattributed->cpu_ns, 2000);
    assert_int_equal(idle->cpu_ns, 0);
    bench_end(&bench);
}

static void test_time_nobody_measured(void **state)
{
    (void)state;
    struct attribute_balance balance = {0};
    struct attribute_time time = attribute_time(two, 2, 9000, &balance);
    assert_int_equal(time.busy_ns, 9000);
    assert_int_equal(time.unattributed_ns, 7000);
    assert_int_equal(time.skew_ns, 0);
    /* Less than the processes used: not yet counted, for it counts in steps. */
    time = attribute_time(two, 2, 1500, &balance);
    assert_int_equal(time.busy_ns, 2000);
    assert_int_equal(time.unattributed_ns, 0);
    assert_int_equal(time.skew_ns, 0);
    time = attribute_time(two, 2, 2700, &balance);
    assert_int_equal(time.busy_ns, 2200);
    assert_int_equal(time.unattributed_ns, 200);
}

/* What is told early is told once; what is told for ever too much is skew. */
static void test_time_that_comes_early(void **state)
{
    (void)state;
    const uint64_t ms = NS_PER_MS;
    struct attribute_balance balance = {0};
    struct activity one = {.pid = 10, .workload = (1U << 12) | 4, .cpu_ns = 300 * ms};
    uint64_t nobody_ns = 0, skew_ns = 0;
    for (int t = 0; t < 100; t++) {
        one.cpu_ns = (300 + (t % 2 ? 9 : -9)) * ms; /* /proc/stat: 300 and 300 */
        struct attribute_time time = attribute_time(&one, 1, 300 * ms, &balance);
        assert_int_equal(time.busy_ns, one.cpu_ns + time.unattributed_ns);
        nobody_ns += time.unattributed_ns;
        skew_ns += time.skew_ns;
    }
    assert_int_equal(nobody_ns, 9 * ms); /* once: nobody knows what the first was */
    assert_int_equal(skew_ns, 0);

    /* Children of 200 ms, reaped every fourth second. */
    nobody_ns = 0;
    for (int t = 0; t < 100; t++) {
        one.cpu_ns = 100 * ms;
        one.child_ns = t % 4 == 0 ? 800 * ms : 0;
        nobody_ns += attribute_time(&one, 1, 300 * ms, &balance).unattributed_ns;
    }
    assert_true(nobody_ns < 1000 * ms); /* of 20 s */

    /* A kernel that counts ticks says less for ever. */
    skew_ns = 0;
    one = (struct activity){.pid = 10, .workload = (1U << 12) | 4, .cpu_ns = 330 * ms};
    for (int t = 0; t < 100; t++)
        skew_ns += attribute_time(&one, 1, 300 * ms, &balance).skew_ns;
    assert_true(skew_ns > 2900 * ms && skew_ns <= 3000 * ms + 800 * ms);
    /* And what nobody is known for shows at once, but for two steps. */
    one.cpu_ns = 100 * ms;
    assert_int_equal(attribute_time(&one, 1, 300 * ms, &balance).unattributed_ns, 180 * ms);
}

/* The first interval after a restart: energy, and no CPU time to divide it by. */
static void test_nobody_to_give_to(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    const struct ledger_domain domains[ENTRIES] = {
        {.present = true, .summed = true, .energy_uj = 1000, .idle_uj = 300},
    };
    struct share shares[16];
    attribute(&bench, domains, NULL, 0, 0, shares);
    assert_int_equal(shares[RING_WORKLOAD_IDLE].energy_uj[0], 300);
    assert_int_equal(shares[RING_WORKLOAD_UNATTRIBUTED].energy_uj[0], 700);
    bench_end(&bench);
}

/* A model states its idle part with its own band: what the split adds is the error of sharing out
 * the rest. */
static void test_the_idle_part_of_a_model(void **state)
{
    (void)state;
    static const struct division by_time;
    uint32_t idle = ring_workload_id(RING_WORKLOAD_IDLE, 1);
    assert_int_equal(division_code(&by_time, 0, idle), 0);
    assert_true(division_code(&by_time, 0, ring_workload_id(RING_WORKLOAD_FIRST, 1)) != 0);
}

/* The first reading of a model has no idle part to state yet. Were it then learned from, those who
 * come later would have no weight in what was learned, for ever. */
static void test_nothing_is_learned_of_a_model(void **state)
{
    (void)state;
    const struct busy busy = {.busy_ns = NS_PER_S, .elapsed_ns = NS_PER_S, .cpus = 2};
    const struct activity one = {.workload = ring_workload_id(RING_WORKLOAD_FIRST, 1),
                                 .cpu_ns = NS_PER_S,
                                 .last_cpu = -1,
                                 .package = -1};
    struct activity later = one;
    later.workload = ring_workload_id(RING_WORKLOAD_FIRST + 1, 1);
    const struct division_frame first = {&one, 1, 0, &busy};
    const struct division_frame second = {&later, 1, 0, &busy};
    struct domain_energy domain = {.source = SOURCE_MODEL,
                                   .kind = DOMAIN_PLATFORM,
                                   .package = -1,
                                   .idle_uj = COUNTER_IDLE_UNKNOWN};
    struct division *division = calloc(1, sizeof(*division));
    assert_non_null(division);
    division_begin(division, &first);
    (void)division_domain(division, &first, 0, &domain, 0);
    domain.idle_uj = 40;
    domain.interval_ns = NS_PER_S;
    division_begin(division, &second);
    assert_int_equal(division_domain(division, &second, 0, &domain, 100), 40);
    assert_int_equal(division_weight(division, 0, &later, NS_PER_S), NS_PER_S);
    assert_true(division_code(division, 0, later.workload) != 0);
    division_done(division);
    free(division);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_part_has_its_place),
        cmocka_unit_test(test_time_nobody_measured),
        cmocka_unit_test(test_time_that_comes_early),
        cmocka_unit_test(test_nobody_to_give_to),
        cmocka_unit_test(test_the_idle_part_of_a_model),
        cmocka_unit_test(test_nothing_is_learned_of_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
