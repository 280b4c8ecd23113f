/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/attribution/attribute.h"
#include "core/attribution/uncertainty.h"
#include "random.h"
#include "support/plain_ring.h"

enum { MOST = 5000, SLOTS = 32768, DOMAINS = 4 };

static const uint64_t year_ns = UINT64_C(31557600) * NS_PER_S;

struct bench {
    struct random random;
    struct division division;
    struct busy busy;
    size_t n;
    struct activity activities[MOST];
    struct division_frame frame;
    struct domain_energy domains[DOMAINS];
    struct ring ring;
    struct frame read;
};

static struct bench *bench_new(uint64_t seed)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    bench->random = random_begin("division", seed);
    bench->busy = (struct busy){.elapsed_ns = NS_PER_S, .cpus = 16};
    for (size_t i = 0; i < DOMAINS; i++)
        bench->domains[i] = (struct domain_energy){.kind = DOMAIN_PACKAGE,
                                                   .source = SOURCE_RAPL,
                                                   .package = -1,
                                                   .summed = true,
                                                   .interval_ns = NS_PER_S,
                                                   .idle_uj = COUNTER_IDLE_UNKNOWN};
    bench->ring = plain_ring_new(SLOTS);
    return bench;
}

static void bench_free(struct bench *bench)
{
    division_done(&bench->division);
    frame_done(&bench->read);
    plain_ring_done(&bench->ring);
    free(bench);
}

static uint32_t id_of(size_t i, uint32_t generation)
{
    return ring_workload_id(
        (uint32_t)(RING_WORKLOAD_FIRST + i % (RING_WORKLOADS_MAX - RING_WORKLOAD_FIRST)),
        generation);
}

static void use_time(struct bench *bench, size_t n, uint64_t time_ns)
{
    bench->n = n;
    for (size_t i = 0; i < n; i++)
        bench->activities[i] = (struct activity){
            .package = -1, .threads = 1, .workload = id_of(i, 1), .cpu_ns = time_ns};
}

/* Begins a frame in which unknown_ns are nobody's. */
static void begin(struct bench *bench, uint64_t unknown_ns)
{
    bench->frame = (struct division_frame){bench->activities, bench->n, unknown_ns, &bench->busy};
    division_begin(&bench->division, &bench->frame);
}

static uint64_t divide(struct bench *bench, size_t number, uint64_t energy_uj)
{
    uint64_t idle_uj = division_domain(&bench->division, &bench->frame, number,
                                       &bench->domains[number], energy_uj);
    assert_true(idle_uj <= energy_uj);
    return idle_uj;
}

static uint64_t weight(const struct bench *bench, size_t number, size_t i)
{
    const struct activity *activity = &bench->activities[i];
    return division_weight(&bench->division, number, activity,
                           add_saturated(activity->cpu_ns, activity->child_ns));
}

static void test_weights_are_whole_and_positive(void **state)
{
    (void)state;
    struct bench *bench = bench_new(70);
    for (int t = 0; t < 300; t++) {
        use_time(bench, 20, 100 * NS_PER_MS);
        begin(bench, 50 * NS_PER_MS);
        (void)divide(bench, 0, 80 * UJ_PER_J);
        const struct division_domain *own = bench->division.domains[0];
        uint16_t most = 0;
        assert_true(own->learned);
        for (size_t i = 0; i < 20; i++) {
            uint32_t slot = ring_workload_slot(bench->activities[i].workload);
            assert_true(own->weights[slot] >= 1);
            most = MAX(most, own->weights[slot]);
            assert_int_equal(weight(bench, 0, i), 100 * NS_PER_MS * own->weights[slot]);
            assert_true(division_code(&bench->division, 0, bench->activities[i].workload) != 0);
        }
        assert_true(own->weights[RING_WORKLOAD_UNATTRIBUTED] >= 1);
        assert_int_equal(MAX(most, own->weights[RING_WORKLOAD_UNATTRIBUTED]), UINT16_MAX);
    }
    bench_free(bench);
}

/* Sums of weights, as wide as they are, for restarts after years on the largest machines. */
static void test_no_sum_overflows(void **state)
{
    (void)state;
    struct bench *bench = bench_new(71);
    const struct {
        size_t n;
        uint64_t time_ns, unknown_ns;
    } cases[] = {
        {4096, year_ns,    year_ns   },
        {MOST, UINT64_MAX, UINT64_MAX},
        {1,    UINT64_MAX, 0         },
        {MOST, 1,          0         },
        {0,    0,          UINT64_MAX},
    };
    for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
        bench->busy = (struct busy){.elapsed_ns = year_ns, .cpus = 4096};
        use_time(bench, cases[c].n, cases[c].time_ns);
        begin(bench, cases[c].unknown_ns);
        (void)divide(bench, 0, 1000 * UJ_PER_J);
        for (size_t number = 0; number < 2; number++) { /* the second has no estimator */
            struct wide sum =
                wide_of(division_weight(&bench->division, number, NULL, cases[c].unknown_ns));
            for (size_t i = 0; i < cases[c].n; i++) {
                uint64_t one = weight(bench, number, i);
                assert_true(one > 0);
                sum = wide_add(sum, wide_of(one));
            }
            assert_true(wide_bits(sum) <= 63);
        }
    }
    bench_free(bench);
}

static void test_energy_as_large_as_can_be(void **state)
{
    (void)state;
    struct bench *bench = bench_new(72);
    static const uint64_t energies[] = {0, 1, UINT64_C(1) << 63, UINT64_MAX - 1, UINT64_MAX};
    static const uint64_t intervals[] = {0, 1, NS_PER_S, UINT64_MAX};
    for (int t = 0; t < 200; t++) {
        bench->busy.elapsed_ns = intervals[random_below(&bench->random, 4)];
        bench->busy.cpus = (uint32_t)random_below(&bench->random, 3) * 32767;
        bench->domains[0].interval_ns = intervals[random_below(&bench->random, 4)];
        use_time(bench, random_index(&bench->random, 3), random_bits(&bench->random, 64));
        begin(bench, random_bits(&bench->random, 64));
        (void)divide(bench, 0, energies[random_below(&bench->random, 5)]);
    }
    bench_free(bench);
}

/* A domain of one package sees the time on that package. */
static void test_packages(void **state)
{
    (void)state;
    struct bench *bench = bench_new(73);
    bench->domains[0].package = 0;
    bench->domains[1].package = 1;
    use_time(bench, 2, NS_PER_S);
    bench->activities[0].packages = 1;
    bench->activities[1].packages = 2;
    bench->busy.packages = 2;
    for (size_t i = 0; i < 2; i++) {
        bench->busy.package_cpus[i] = 8;
        bench->busy.package_busy_ns[i] = NS_PER_S;
    }
    begin(bench, 0);
    for (size_t number = 0; number < 2; number++) {
        (void)divide(bench, number, 50 * UJ_PER_J);
        assert_true(weight(bench, number, number) > 0);
        assert_int_equal(weight(bench, number, 1 - number), 0);
        assert_int_equal(bench->division.domains[number]->estimator.cpus, 8);
    }
    /* Dies of another package have joined it: it sees the whole machine now. */
    bench->domains[0].package = -1;
    begin(bench, 0);
    (void)divide(bench, 0, 50 * UJ_PER_J);
    assert_true(weight(bench, 0, 0) > 0 && weight(bench, 0, 1) > 0);
    assert_int_equal(bench->division.domains[0]->estimator.cpus, 16);
    /* More packages than there is room for. */
    bench->busy.packages = 1000;
    bench->domains[0].package = 500;
    begin(bench, 0);
    (void)divide(bench, 0, 50 * UJ_PER_J);
    assert_int_equal(bench->division.domains[0]->estimator.cpus, 16);
    bench_free(bench);
}

/* What a model says is divided by CPU time, also after ticks in which it said nothing. */
static void test_models(void **state)
{
    (void)state;
    struct bench *bench = bench_new(74);
    bench->domains[0].source = SOURCE_MODEL;
    static const uint64_t idles[] = {COUNTER_IDLE_UNKNOWN, 30, COUNTER_IDLE_UNKNOWN, 30, 5000};
    for (size_t t = 0; t < ARRAY_SIZE(idles); t++) {
        use_time(bench, 5, (t + 1) * NS_PER_MS);
        for (size_t i = 0; i < 5; i++)
            bench->activities[i].workload = id_of(5 * t + i, 1);
        begin(bench, 3);
        bench->domains[0].idle_uj = idles[t];
        bool silent = idles[t] == COUNTER_IDLE_UNKNOWN;
        bench->domains[0].interval_ns = silent ? 0 : NS_PER_S;
        assert_int_equal(divide(bench, 0, silent ? 0 : 1000), silent ? 0 : MIN(idles[t], 1000));
        assert_null(bench->division.domains[0]);
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(weight(bench, 0, i), (t + 1) * NS_PER_MS);
        assert_int_equal(division_weight(&bench->division, 0, NULL, 3), 3);
        assert_int_equal(uncertainty_ppm(division_code(&bench->division, 0, 4), 0) / 10000, 68);
    }
    bench_free(bench);
}

/* A number that is another domain's knows nothing of the one before. */
static void test_a_number_is_used_again(void **state)
{
    (void)state;
    struct bench *bench = bench_new(75);
    for (int t = 0; t < 60; t++) {
        use_time(bench, 3, 0);
        begin(bench, NS_PER_MS);
        (void)divide(bench, 2, 40 * UJ_PER_J);
    }
    assert_true(fabs(bench->division.domains[2]->estimator.level_w - 40) < 2);
    division_forget(&bench->division, 2);
    division_forget(&bench->division, 2);
    assert_null(bench->division.domains[2]);
    assert_int_equal(division_weight(&bench->division, 2, NULL, 77), 77);
    begin(bench, NS_PER_MS);
    (void)divide(bench, 2, 9 * UJ_PER_J);
    assert_true(bench->division.domains[2]->estimator.level_w == 0);
    bench_free(bench);
}

/* Neither time nor energy teaches anything: all is nobody's. */
static void test_no_time(void **state)
{
    (void)state;
    struct bench *bench = bench_new(76);
    bench->busy.elapsed_ns = 0;
    bench->domains[0].interval_ns = 0;
    use_time(bench, 3, 5);
    begin(bench, 0);
    assert_int_equal(divide(bench, 0, 123), 123);
    assert_int_equal(weight(bench, 0, 0), 5);
    assert_int_equal(division_code(&bench->division, 0, id_of(0, 1)), 0);
    bench_free(bench);
}

/* ---- To the microjoule ---- */

static void push_frame(struct bench *bench, const struct ledger_domain domains[DOMAINS])
{
    size_t records = 2 + attribute_records(bench->n, DOMAINS);
    union ring_record record = {
        .frame = {.type = RING_FRAME, .records = (uint32_t)records}
    };
    ring_push(&bench->ring, &record);
    record = (union ring_record){.host = {.type = RING_HOST}};
    ring_push(&bench->ring, &record);
    attribute_push(&bench->ring, domains, DOMAINS, &bench->division, &bench->frame);
    ring_publish(&bench->ring);
    uint64_t position = 0;
    assert_int_equal(frame_newest(&bench->ring, &position), 0);
    assert_int_equal(frame_read(&bench->ring, position, &bench->read), 0);
    assert_int_equal(bench->read.count, records);
}

static void assert_exact(struct bench *bench, const struct ledger_domain domains[DOMAINS])
{
    struct wide sums[DOMAINS] = {0};
    for (size_t i = 2; i < bench->read.count; i++) {
        const struct ring_energy *energy = &bench->read.records[i].energy;
        for (size_t lane = 0; lane < RING_LANES && energy->first_domain + lane < DOMAINS; lane++)
            sums[energy->first_domain + lane] =
                wide_add(sums[energy->first_domain + lane], wide_of(energy->energy_uj[lane]));
    }
    for (size_t i = 0; i < DOMAINS; i++)
        assert_true(wide_compare(sums[i], wide_of(domains[i].energy_uj)) == 0);
}

/* Whatever the weights are, what was measured is what was divided. */
static void test_nothing_is_lost(void **state)
{
    (void)state;
    struct bench *bench = bench_new(77);
    struct random *random = &bench->random;
    for (int t = 0; t < 300; t++) {
        use_time(bench, random_index(random, t % 20 == 0 ? MOST : 60), 0);
        int bits = 1 + (int)random_below(random, 64);
        for (size_t i = 0; i < bench->n; i++) {
            bench->activities[i].cpu_ns = random_bits(random, bits);
            bench->activities[i].child_ns = random_below(random, 4) ? 0 : random_bits(random, bits);
            bench->activities[i].package = (int16_t)(random_below(random, 4) - 1);
            bench->activities[i].packages = (uint16_t)random_below(random, 8);
            bench->activities[i].workload =
                id_of(random_index(random, 3000), 1 + (uint32_t)t / 100);
        }
        bench->busy.packages = (uint32_t)random_below(random, 4);
        for (size_t i = 0; i < PACKAGES_MAX; i++) {
            bench->busy.package_cpus[i] = 8;
            bench->busy.package_busy_ns[i] = random_bits(random, bits);
        }
        begin(bench, random_below(random, 3) ? random_bits(random, bits) : 0);
        struct ledger_domain domains[DOMAINS];
        for (size_t i = 0; i < DOMAINS; i++) {
            bench->domains[i].package = (int32_t)i - 1;
            domains[i] = (struct ledger_domain){.present = true,
                                                .summed = i != 2 || t % 3,
                                                .number = DOMAINS - 1 - i,
                                                .energy_uj = random_bits(random, 64)};
            if (random_below(random, 4) == 0)
                domains[i].late_uj = random_below(random, domains[i].energy_uj + 1 ?: 1);
            if (domains[i].summed && random_below(random, 8)) {
                domains[i].idle_uj =
                    divide(bench, domains[i].number, domains[i].energy_uj - domains[i].late_uj);
            }
            if (random_below(random, 50) == 0)
                division_forget(&bench->division, domains[i].number);
        }
        push_frame(bench, domains);
        assert_exact(bench, domains);
    }
    bench_free(bench);
}

/* Equal times divide in proportion to the watts. */
static void test_dynamic_energy_follows_the_weights(void **state)
{
    (void)state;
    struct bench *bench = bench_new(78);
    use_time(bench, 2, NS_PER_S);
    begin(bench, 0);
    struct ledger_domain domains[DOMAINS] = {
        {.present = true, .summed = true, .energy_uj = 90 * UJ_PER_J}
    };
    domains[0].idle_uj = divide(bench, 0, domains[0].energy_uj);
    uint16_t *weights = bench->division.domains[0]->weights;
    weights[RING_WORKLOAD_FIRST] = 20000;
    weights[RING_WORKLOAD_FIRST + 1] = 60000;
    push_frame(bench, domains);
    assert_exact(bench, domains);
    uint64_t parts[2] = {0};
    for (size_t i = 2; i < bench->read.count; i++) {
        const struct ring_energy *energy = &bench->read.records[i].energy;
        uint32_t slot = ring_workload_slot(energy->workload);
        if (energy->first_domain == 0 && slot >= RING_WORKLOAD_FIRST)
            parts[slot - RING_WORKLOAD_FIRST] += energy->energy_uj[0];
    }
    assert_true(parts[0] > 0);
    assert_in_range(parts[1], 3 * parts[0] - 4, 3 * parts[0] + 4);
    bench_free(bench);
}

/* Idle and busy by turns, so that idle power shows: 20 W of 80. */
static void learn(struct bench *bench, size_t domains)
{
    for (int t = 0; t < 600; t++) {
        bool busy = t / 20 % 2;
        use_time(bench, busy ? 8 : 0, NS_PER_S);
        begin(bench, 0);
        for (size_t i = 0; i < domains; i++)
            (void)divide(bench, i, (busy ? 80 : 20) * UJ_PER_J);
    }
}

/* The next daemon begins with what this one has learned, but for names that a text cannot hold. */
static void test_the_next_daemon_begins_with_what_was_learned(void **state)
{
    (void)state;
    static struct learned kept;
    struct topology_result *topology = calloc(1, sizeof(*topology));
    struct workload workload = {1, WORKLOAD_SERVICE, "nginx.service", "nginx", "", 0};
    struct bench *bench = bench_new(79), *next = bench_new(80);
    assert_non_null(topology);
    division_name(&bench->division, RING_WORKLOAD_FIRST, &workload);
    division_name(&bench->division, RING_WORKLOADS_MAX, &workload); /* no such slot */
    learn(bench, 2);
    (void)str_copy(bench->domains[0].name, sizeof(bench->domains[0].name), "package-0");
    (void)str_copy(bench->domains[1].name, sizeof(bench->domains[1].name), "two words");
    topology->n_domains = 3; /* of the third nothing is known */
    for (size_t i = 0; i < topology->n_domains; i++)
        topology->domains[i] = bench->domains[i];
    division_keep(&bench->division, topology, &kept);
    assert_int_equal(kept.n_domains, 1);
    assert_string_equal(kept.domains[0].name, "package-0");
    assert_true(kept.domains[0].level_w > 15 && kept.domains[0].level_w < 25);

    division_recall(&next->division, &kept);
    next->domains[0] = bench->domains[0];
    next->domains[1] = bench->domains[1];
    use_time(next, 8, NS_PER_S);
    begin(next, 0);
    uint64_t recalled_uj = divide(next, 0, 80 * UJ_PER_J);
    uint64_t guessed_uj = divide(next, 1, 80 * UJ_PER_J); /* the first seconds: half */
    assert_in_range(recalled_uj, 15 * UJ_PER_J, 25 * UJ_PER_J);
    assert_in_range(guessed_uj, 35 * UJ_PER_J, 45 * UJ_PER_J);
    bench_free(bench);
    bench_free(next);
    free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_are_whole_and_positive),
        cmocka_unit_test(test_no_sum_overflows),
        cmocka_unit_test(test_energy_as_large_as_can_be),
        cmocka_unit_test(test_packages),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_a_number_is_used_again),
        cmocka_unit_test(test_no_time),
        cmocka_unit_test(test_nothing_is_lost),
        cmocka_unit_test(test_dynamic_energy_follows_the_weights),
        cmocka_unit_test(test_the_next_daemon_begins_with_what_was_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
