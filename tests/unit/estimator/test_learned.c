/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include <math.h>

#include "core/estimator/learned.h"
#include "random.h"

static struct learned *make_learned(void)
{
    struct learned *learned = calloc(1, sizeof(*learned));
    assert_non_null(learned);
    learned->hardware = UINT64_C(0xfedcba9876543210);
    learned->n_domains = 2;
    for (size_t d = 0; d < 2; d++) {
        struct learned_domain *domain = &learned->domains[d];
        (void)snprintf(domain->name, sizeof(domain->name), "package-%zu", d);
        domain->source = SOURCE_RAPL;
        domain->level_w = 31.25;
        domain->level_variance = 0.0625;
        domain->slope_w = 4.5;
        if (d == 0) {
            domain->switch_low = 12;
            domain->switch_high = 20;
            domain->switch_w = -3.5;
        }
        domain->idle_prior.bins[0] = (struct idle_prior_bin){100, 31, 0.001};
        domain->idle_prior.bins[9] = (struct idle_prior_bin){7, 80.5, 0.375};
        domain->n_workloads = 3;
        for (size_t i = 0; i < 3; i++)
            domain->workloads[i] =
                (struct learned_workload){.key = UINT64_MAX - i, .usual = 0.25 * (double)i - 0.25};
    }
    return learned;
}

static void test_comes_back(void **state)
{
    (void)state;
    struct learned *learned = make_learned();
    struct learned *read = calloc(1, sizeof(*read));
    struct text text = {0};
    learned_write(learned, &text);
    assert_int_equal(learned_read(text.data, text.length, read), 0);
    assert_memory_equal(learned, read, sizeof(*read));
    assert_ptr_equal(learned_find(read, "package-1", SOURCE_RAPL), &read->domains[1]);
    assert_null(learned_find(read, "package-1", SOURCE_MODEL));
    assert_null(learned_find(read, "dram-0", SOURCE_RAPL));
    text_done(&text);
    free(learned);
    free(read);
}

/* A changed byte, a lost end and bytes behind the end are seen. */
static void test_damage(void **state)
{
    (void)state;
    struct learned *learned = make_learned();
    struct learned *read = calloc(1, sizeof(*read));
    struct text text = {0};
    learned_write(learned, &text);
    for (size_t i = 0; i < text.length; i++) {
        assert_int_equal(learned_read(text.data, i, read), -EBADMSG);
        for (int bit = 0; bit < 8; bit++) {
            text.data[i] ^= (char)(1 << bit);
            int r = learned_read(text.data, text.length, read);
            /* Upper and lower case of the last hash are the same number. */
            assert_true(r == -EBADMSG || (bit == 5 && i + 18 > text.length));
            text.data[i] ^= (char)(1 << bit);
        }
    }
    text_add(&text, "x");
    assert_int_equal(learned_read(text.data, text.length, read), -EBADMSG);
    text_done(&text);
    free(learned);
    free(read);
}

/* Lines below the right head, with the right hash. */
static int read_lines(const char *lines, struct learned *ret)
{
    struct text text = {0};
    text_format(&text, "greend-learned 1\nhardware 1\n%s\n", lines);
    text_format(&text, "end %016llx\n",
                (unsigned long long)hash_bytes(HASH_BEGIN, text.data, text.length));
    int r = learned_read(text.data, text.length, ret);
    text_done(&text);
    return r;
}

/* A text with the right hash, by hand or by another program, with what greend never writes. */
static void test_hostile(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "domain package-0 0 nan 1 5",
        "domain package-0 0 inf 1 5",
        "domain package-0 0 -1 1 5",
        "domain package-0 99 30 1 5",
        "domain package-0 0 30 1e300 5",
        "domain package-0 0 30 1",
        "domain package-0 0 30 1 5 6",
        "domain a-name-that-is-longer-than-any-of-them 0 30 1 5",
        "workload 1 0.5",
        "low 0 1 1 1",
        "hardware",
        "",
        "anything",
    };
    static const char *const of_domain[] = {
        "switch 0 20 5",    "switch 20 19 5", "switch 20 50 5", "switch 1 2",   "switch 1 2 nan",
        "switch 1 2 1e300", "switch -1 2 5",  "switch 1 2 5 6", "low 0 1 1 -1", "workload 1 -2",
    };
    struct learned *read = calloc(1, sizeof(*read));
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        assert_int_equal(read_lines(lines[i], read), -EBADMSG);
    for (size_t i = 0; i < ARRAY_SIZE(of_domain); i++) {
        char both[200];
        (void)snprintf(both, sizeof(both), "domain package-0 0 30 1 5\n%s", of_domain[i]);
        assert_int_equal(read_lines(both, read), -EBADMSG);
    }
    assert_int_equal(read_lines("domain package-0 0 30 1 5\nswitch 20 20 5", read), 0);
    struct text many = {0};
    text_add(&many, "greend-learned 1\nhardware 1\n");
    for (int i = 0; i < 20; i++)
        text_add(&many, "domain package-0 0 30 1 5\n");
    text_format(&many, "end %016llx\n",
                (unsigned long long)hash_bytes(HASH_BEGIN, many.data, many.length));
    assert_int_equal(learned_read(many.data, many.length, read), -EBADMSG);
    text_done(&many);
    free(read);
}

static void test_random_bytes(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct learned *read = calloc(1, sizeof(*read));
    for (int i = 0; i < 20000; i++) {
        char bytes[300];
        size_t length = random_index(&random, sizeof(bytes));
        for (size_t k = 0; k < length; k++)
            bytes[k] = (char)random_next(&random);
        if (length > 17)
            memcpy(bytes, "greend-learned 1\n", 17);
        assert_int_equal(learned_read(bytes, length, read), -EBADMSG);
    }
    free(read);
}

/* ---- An estimator that goes on ---- */

enum { LOADS = 4 };

struct machine {
    struct estimator estimator;
    struct random random;
    double used[LOADS]; /* energy booked */
    double idle_j;
};

static const double watts[LOADS] = {3, 5, 7, 10};

static void run(struct machine *machine, int ticks, bool count)
{
    for (int t = 0; t < ticks; t++) {
        struct estimator_load loads[LOADS];
        struct estimator_tick tick = {.energy_j = 30, .dt_s = 1, .elapsed_s = 1, .cpus = 8};
        for (size_t i = 0; i < LOADS; i++) {
            loads[i] = (struct estimator_load){
                .workload = ring_workload_id((uint32_t)(RING_WORKLOAD_FIRST + i), 1),
                .key = 100 + i,
                .cpus = t % 60 < 10 ? 0.001 : 1.5 * random_unit(&machine->random)};
            tick.busy_cpus += loads[i].cpus;
            tick.energy_j += watts[i] * loads[i].cpus;
        }
        tick.loads = loads;
        tick.n_loads = LOADS;
        struct estimator_answer answer;
        estimator_tick(&machine->estimator, &tick, &answer);
        machine->idle_j += count ? answer.idle_j : 0;
        double weight = 0;
        for (size_t i = 0; i < LOADS; i++)
            weight += loads[i].weight * loads[i].cpus;
        for (size_t i = 0; i < LOADS && count; i++)
            machine->used[i] +=
                (tick.energy_j - answer.idle_j) * loads[i].weight * loads[i].cpus / weight;
    }
}

/* What a restart would have to learn anew is known from the first second on. */
static void test_an_estimator_goes_on(void **state)
{
    (void)state;
    const struct estimator_prior prior = {.slope_w = 5, .slope_sd_w = 3};
    struct learned_domain *domain = calloc(1, sizeof(*domain));
    struct machine *before = calloc(1, sizeof(*before));
    assert_int_equal(estimator_init(&before->estimator, &prior), 0);
    assert_false(estimator_keep(&before->estimator, domain));
    run(before, 7200, false);
    assert_true(estimator_keep(&before->estimator, domain));
    assert_true(fabs(domain->level_w - 30) < 1);
    assert_int_equal(domain->n_workloads, LOADS);

    double off[2];
    for (int recalled = 0; recalled < 2; recalled++) {
        struct machine *after = calloc(1, sizeof(*after));
        assert_int_equal(estimator_init(&after->estimator, &prior), 0);
        if (recalled)
            estimator_recall(&after->estimator, domain);
        run(after, 50, true);
        off[recalled] = fabs(after->used[3] / after->used[0] - watts[3] / watts[0]);
        if (recalled)
            assert_true(fabs(after->idle_j / 50 - 30) < 1.5);
        estimator_done(&after->estimator);
        free(after);
    }
    assert_true(off[1] < off[0] / 2);
    estimator_done(&before->estimator);
    free(before);
    free(domain);
}

/* ---- A switch ---- */

/* Power of two heights, by where the load came from: see load_switch.h. */
struct fan {
    struct estimator estimator;
    struct random random;
    double load;
    bool on;
};

enum { FAN_CPUS = 8, FAN_W = 12 };

/* How far the model is off the dynamic power, as a share of it. */
static double run_fan(struct fan *fan, int ticks)
{
    double off_j = 0, dynamic_j = 0;
    for (int t = 0; t < ticks; t++) {
        if (random_below(&fan->random, 5) == 0)
            fan->load = random_unit(&fan->random) * 0.8;
        fan->on = fan->load > 0.48 || (fan->on && fan->load >= 0.24);
        struct estimator_load load = {.workload = ring_workload_id(RING_WORKLOAD_FIRST, 1),
                                      .key = 100,
                                      .cpus = t % 60 < 10 ? 0.001 : fan->load * FAN_CPUS};
        struct estimator_tick tick = {.energy_j = 30 + 5 * load.cpus + (fan->on ? FAN_W : 0),
                                      .dt_s = 1,
                                      .elapsed_s = 1,
                                      .cpus = FAN_CPUS,
                                      .busy_cpus = load.cpus,
                                      .loads = &load,
                                      .n_loads = 1};
        fan->on = fan->on && t % 60 >= 10;
        struct estimator_answer answer;
        estimator_tick(&fan->estimator, &tick, &answer);
        double model_w = fan->estimator.views[fan->estimator.chosen].dynamic_w;
        off_j += fabs(model_w - (tick.energy_j - 30));
        dynamic_j += tick.energy_j - 30;
    }
    return off_j / dynamic_j;
}

static struct fan *fan_new(const struct learned_domain *learned, uint64_t seed)
{
    const struct estimator_prior prior = {.slope_w = 5, .slope_sd_w = 3};
    struct fan *fan = calloc(1, sizeof(*fan));
    assert_non_null(fan);
    fan->random = random_begin("fan", seed);
    assert_int_equal(estimator_init(&fan->estimator, &prior), 0);
    if (learned)
        estimator_recall(&fan->estimator, learned);
    return fan;
}

static void fan_free(struct fan *fan)
{
    estimator_done(&fan->estimator);
    free(fan);
}

struct switched {
    size_t found;
    double off, off_without; /* sums over the machines whose switch was found */
};

static void keep_a_switch(uint64_t seed, struct switched *sum)
{
    struct learned_domain *domain = calloc(1, sizeof(*domain));
    struct fan *before = fan_new(NULL, seed);
    (void)run_fan(before, 7200);
    if (before->estimator.load_switch.high > 0) {
        assert_true(estimator_keep(&before->estimator, domain));
        print_message("switch %u %u of %.2f W\n", domain->switch_low, domain->switch_high,
                      domain->switch_w);
        assert_int_equal(domain->switch_high, before->estimator.load_switch.high);
        assert_true(fabs(domain->switch_w - FAN_W) < FAN_W / 4.0);
        struct fan *after = fan_new(domain, seed);
        double off = run_fan(after, 300);
        domain->switch_low = domain->switch_high = 0;
        domain->switch_w = 0;
        struct fan *without = fan_new(domain, seed);
        double off_without = run_fan(without, 300);
        print_message("off %.4f, without %.4f\n", off, off_without);
        assert_true(after->estimator.load_switch.high > 0);
        sum->found++;
        sum->off += off;
        sum->off_without += off_without;
        fan_free(after);
        fan_free(without);
    }
    fan_free(before);
    free(domain);
}

/* It is found on some four of ten such machines; what it spares differs from one to another.
 */
static void test_a_switch_is_kept(void **state)
{
    (void)state;
    struct switched sum = {0};
    for (uint64_t seed = 1; seed <= 20; seed++)
        keep_a_switch(seed, &sum);
    assert_true(sum.found >= 6);
    assert_true(sum.off < 0.85 * sum.off_without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_an_estimator_goes_on),
        cmocka_unit_test(test_a_switch_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
