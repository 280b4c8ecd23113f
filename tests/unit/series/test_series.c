/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "books.h"
#include "core/attribution/uncertainty.h"
#include "core/series/series.h"

#define J UJ_PER_J

enum { MINUTE_S = 60, DAY_S = 86400 };

/* A machine with one measured domain, and the series that follow it. */
struct bench {
    struct machine *machine;
    struct series *series;
    struct frame frame;
    uint16_t package;
};

static struct bench bench_new(unsigned top)
{
    struct bench bench = {.machine = machine_new(RING_SLOTS_DEFAULT, 1), .series = series_new(top)};
    bench.package = machine_add_domain(bench.machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, 1);
    return bench;
}

static void bench_done(struct bench *bench)
{
    frame_done(&bench->frame);
    bench->series = series_free(bench->series);
    machine_free(bench->machine);
}

/* One frame in which a workload (0: none) uses some energy. */
static void tick(struct bench *bench, uint64_t seconds, uint32_t workload, uint64_t energy_uj)
{
    machine_begin(bench->machine, seconds * NS_PER_S);
    if (workload != 0)
        machine_use(bench->machine, bench->package, workload, 100, energy_uj, NS_PER_S);
    machine_end(bench->machine, &bench->frame);
    assert_int_equal(series_consume(bench->series, &bench->machine->ring, &bench->frame), 0);
    books_check(bench->series, bench->machine);
}

static uint32_t service(struct bench *bench, uint32_t slot, const char *unit)
{
    return machine_name(bench->machine, slot, 1, WORKLOAD_SERVICE, unit, "main", "root");
}

static const struct series_workload *find(const struct bench *bench, const char *unit)
{
    return series_find(bench->series, WORKLOAD_SERVICE, unit, "main");
}

static uint64_t shown_mj(const struct bench *bench, const char *unit)
{
    return find(bench, unit)->energy[SOURCE_RAPL].shown_mj;
}

/* Past the first minute, in which nothing has a past. */
static void pass_beginning(struct bench *bench)
{
    for (int i = 0; i < 2; i++)
        tick(bench, MINUTE_S, 0, 0);
}

static void test_newcomer_begins_at_zero(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    pass_beginning(&bench);
    uint32_t a = service(&bench, 10, "a");
    tick(&bench, 1, a, 5 * J);
    assert_true(series_is_shown(find(&bench, "a")));
    assert_int_equal(shown_mj(&bench, "a"), 0);
    assert_int_equal(bench.series->other[SOURCE_RAPL].energy.shown_mj, 5000);
    for (int second = 0; second < 65; second++) /* noticed, not yet counted */
        tick(&bench, 1, a, 5 * J);
    assert_int_equal(shown_mj(&bench, "a"), 0);
    tick(&bench, 1, a, 5 * J);
    assert_int_equal(shown_mj(&bench, "a"), 5000);
    assert_int_equal(bench.series->other[SOURCE_RAPL].energy.shown_mj, 66 * 5000);
    assert_int_equal(find(&bench, "a")->cpu_ns, NS_PER_S);
    bench_done(&bench);
}

static void test_beginning_has_no_past(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t a = service(&bench, 10, "a");
    tick(&bench, 1, a, 5 * J);
    tick(&bench, 1, a, 7 * J);
    assert_int_equal(shown_mj(&bench, "a"), 7000);
    bench_done(&bench);
}

static void test_users_are_one_series(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t root = machine_name(bench.machine, 10, 1, WORKLOAD_SERVICE, "a", "main", "root");
    uint32_t other = machine_name(bench.machine, 11, 1, WORKLOAD_SERVICE, "a", "main", "alice");
    tick(&bench, 1, root, 0);
    tick(&bench, 1, root, J);
    tick(&bench, 1, other, J);
    tick(&bench, 1, root, J);
    assert_int_equal(bench.series->n_keys, 1);
    assert_int_equal(shown_mj(&bench, "a"), 2000);
    bench_done(&bench);
}

/* An entry of the ring's table that names someone else by now. */
static void test_reused_entry(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t gone = service(&bench, 10, "a");
    (void)machine_name(bench.machine, 10, 2, WORKLOAD_SERVICE, "b", "main", "");
    tick(&bench, 1, gone, J);
    assert_int_equal(bench.series->n_keys, 0);
    assert_int_equal(bench.series->other[SOURCE_RAPL].energy.shown_mj, 1000);
    bench_done(&bench);
}

/* A year in minutes and hours: leaving after a day, coming back at the last value. */
static void test_leaving_and_return(void **state)
{
    (void)state;
    struct bench bench = bench_new(1);
    uint32_t a = service(&bench, 10, "a");
    uint32_t b = service(&bench, 11, "b");
    tick(&bench, 1, a, J);
    tick(&bench, 1, a, 9 * J);
    for (int minute = 0; minute < 24 * 60; minute++)
        tick(&bench, MINUTE_S, b, 100 * J);
    assert_true(series_is_shown(find(&bench, "a")));
    assert_true(series_is_shown(find(&bench, "b")));
    for (int minute = 0; minute < 24 * 60 && series_is_shown(find(&bench, "a")); minute++)
        tick(&bench, MINUTE_S, b, 100 * J);
    assert_false(series_is_shown(find(&bench, "a")));
    assert_int_equal(shown_mj(&bench, "a"), 9000);
    assert_int_equal(series_left_mj(bench.series, SOURCE_RAPL), 9000);
    uint64_t other_mj = bench.series->other[SOURCE_RAPL].energy.shown_mj;
    tick(&bench, MINUTE_S, a, 1000 * J);
    assert_int_equal(bench.series->other[SOURCE_RAPL].energy.shown_mj, other_mj + 1000000);
    for (int minute = 0; minute < 5; minute++)
        tick(&bench, MINUTE_S, a, 100000 * J);
    assert_true(series_is_shown(find(&bench, "a")));
    assert_in_range(shown_mj(&bench, "a"), 9000 + 100000000, 9000 + 500000000);
    assert_int_equal(series_left_mj(bench.series, SOURCE_RAPL), 0);
    bench_done(&bench);
}

/* A new best each two minutes: four times `top` are shown and no more. */
static void test_places_are_limited(void **state)
{
    (void)state;
    enum { TOP = 3, WORKLOADS = 200 };
    struct bench bench = bench_new(TOP);
    size_t most = 0;
    for (uint32_t i = 0; i < WORKLOADS; i++) {
        char unit[16];
        (void)snprintf(unit, sizeof(unit), "unit-%u", i);
        uint32_t id = service(&bench, 10 + i, unit);
        for (int j = 0; j < 4; j++) {
            tick(&bench, 30, id, (i + 1) * 100 * J);
            size_t shown = 0;
            for (size_t k = 0; k < bench.series->n_keys; k++)
                shown += series_is_shown(&bench.series->keys[bench.series->order[k]]);
            most = MAX(most, shown);
        }
    }
    assert_int_equal(most, 4 * TOP);
    bench_done(&bench);
}

static void test_overtaken_reader(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t a = service(&bench, 10, "a");
    tick(&bench, 1, a, J);
    for (int i = 0; i < 10; i++) { /* ten frames that nobody reads */
        machine_begin(bench.machine, NS_PER_S);
        machine_use(bench.machine, bench.package, a, 100, 3 * J, 0);
        machine_end(bench.machine, NULL);
    }
    tick(&bench, 1, a, J);
    assert_int_equal(bench.series->dropped_uj, 30 * J);
    assert_int_equal(bench.series->domains[0].unattributed.shown_mj, 30000);
    assert_int_equal(bench.series->domains[0].total.shown_mj, 32000);
    bench_done(&bench);
}

static void test_domain_that_comes_and_goes(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint16_t platform =
        machine_add_domain(bench.machine, "platform", DOMAIN_PLATFORM, SOURCE_ACPI, false);
    uint32_t a = service(&bench, 10, "a");
    uint64_t host_uj = 0;
    for (int minute = 0; minute < 100; minute++) {
        bool by_platform = minute / 10 % 2 == 1;
        bench.machine->domains[platform].summed = by_platform;
        bench.machine->domains[bench.package].summed = !by_platform;
        machine_begin(bench.machine, MINUTE_S * NS_PER_S);
        machine_idle(bench.machine, platform, 50 * J);
        machine_use(bench.machine, platform, a, 1, 40 * J, 0);
        machine_use(bench.machine, bench.package, a, 1, 30 * J, 0);
        machine_end(bench.machine, &bench.frame);
        assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
        books_check(bench.series, bench.machine);
        host_uj += by_platform ? 90 * J : 30 * J;
    }
    const struct series_domain *domains = bench.series->domains;
    assert_int_equal(bench.series->n_domains, 2);
    assert_int_equal(domains[0].total.energy_uj + domains[1].total.energy_uj, host_uj);
    assert_int_equal(domains[1].overlap.energy_uj, 50 * 90 * J);
    bench_done(&bench);
}

/* A frame that says less than the truth about its parts, or more. */
static void test_contradictions(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t a = service(&bench, 10, "a");
    tick(&bench, 1, a, J);
    machine_begin(bench.machine, NS_PER_S);
    machine_use(bench.machine, bench.package, a, 1, 5 * J, 0);
    machine_end(bench.machine, &bench.frame);
    bench.frame.records[3].energy.energy_uj[0] = 6 * J; /* more than the domain has */
    assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
    books_check(bench.series, bench.machine);
    assert_int_equal(bench.series->domains[0].unattributed.energy_uj, 5 * J);
    machine_begin(bench.machine, NS_PER_S);
    machine_use(bench.machine, bench.package, a, 1, 5 * J, 0);
    machine_end(bench.machine, &bench.frame);
    bench.frame.records[3].energy.energy_uj[0] = 2 * J; /* less */
    assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
    books_check(bench.series, bench.machine);
    assert_int_equal(bench.series->domains[0].unattributed.energy_uj, 8 * J);
    bench.frame.count = 0;
    assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), -EBADMSG);
    bench_done(&bench);
}

static void test_published_once_a_second(void **state)
{
    (void)state;
    struct bench bench = bench_new(2);
    uint32_t a = service(&bench, 10, "a");
    for (int i = 0; i < 100; i++) {
        machine_begin(bench.machine, 100 * NS_PER_MS);
        machine_use(bench.machine, bench.package, a, 1, J, 0);
        machine_end(bench.machine, &bench.frame);
        assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
        assert_int_equal(bench.series->publications, (uint64_t)(i + 1) / 10);
    }
    assert_int_equal(bench.series->domains[0].power_uw, 10 * UW_PER_W);
    bench_done(&bench);
}

/* More names than are remembered: the books stay exact, the great ones are kept. */
static void test_many_names(void **state)
{
    (void)state;
    struct bench bench = bench_new(5);
    uint32_t great = service(&bench, 2000, "great");
    for (uint32_t i = 0; i < 3 * SERIES_KEYS_MAX; i++) {
        char unit[16];
        (void)snprintf(unit, sizeof(unit), "unit-%u", i);
        uint32_t id = machine_name(bench.machine, 10 + i % 500, 1 + i / 500, WORKLOAD_SERVICE, unit,
                                   "main", "");
        machine_begin(bench.machine, NS_PER_S);
        machine_use(bench.machine, bench.package, id, 1, 1 + i % 5000, 1);
        machine_use(bench.machine, bench.package, great, 1, 2 * J, 1);
        machine_end(bench.machine, &bench.frame);
        assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
        if (i % 100 == 0)
            books_check(bench.series, bench.machine);
    }
    assert_true(bench.series->n_keys <= SERIES_KEYS_MAX);
    assert_true(bench.series->forgotten > 1);
    assert_true(shown_mj(&bench, "great") > 10000000);
    books_check(bench.series, bench.machine);
    bench_done(&bench);
}

/* Scores halve in an hour: what was used ten hours ago weighs a thousandth. */
static void test_decay(void **state)
{
    (void)state;
    struct bench bench = bench_new(1);
    uint32_t a = service(&bench, 10, "a");
    uint32_t b = service(&bench, 11, "b");
    tick(&bench, 1, a, 1000 * J);
    for (int minute = 0; minute < 600; minute++)
        tick(&bench, MINUTE_S, 0, 0);
    tick(&bench, 1, b, J);
    assert_in_range(find(&bench, "b")->score * 1000 / find(&bench, "a")->score, 1020, 1028);
    for (int hour = 0; hour < 100; hour++)
        tick(&bench, 3600, b, J);
    assert_int_equal(find(&bench, "a")->score, 0);
    assert_true(find(&bench, "b")->score > J);
    bench_done(&bench);
}

/* 146 years at 1 kW: a counter that cannot go on begins again. */
static double ratio(const struct series_recent *recent)
{
    return recent->half_uj / recent->energy_uj;
}

/* How sure a workload's energy is: that of the last hour, more or less. */
static void test_recent_uncertainty(void **state)
{
    (void)state;
    struct bench bench = bench_new(1);
    uint32_t id = service(&bench, 10, "a");
    tick(&bench, 1, id, 10 * J); /* neither split nor meter is stated */
    assert_true(find(&bench, "a")->recent.energy_uj == 0);
    bench.machine->codes = uncertainty_set(0, 0, 200000);
    double first = (double)uncertainty_ppm(bench.machine->codes, 0) / (double)PPM;
    tick(&bench, 60, id, 10 * J);
    assert_true(fabs(ratio(&find(&bench, "a")->recent) - first) < 1e-9);
    bench.machine->domains[bench.package].uncertainty_ppm = 50000;
    tick(&bench, 1, id, 10 * J);
    assert_true(fabs(ratio(&find(&bench, "a")->recent) - first - 0.025) < 0.001);
    for (int i = 0; i < 20; i++) /* long ago does not count any more, and the landmark moved */
        tick(&bench, 3600, id, 10 * J);
    assert_true(fabs(ratio(&find(&bench, "a")->recent) - first - 0.05) < 1e-5);
    /* An hour ago counts half, two a quarter...: now counts as much as all before. */
    bench.machine->domains[bench.package].uncertainty_ppm = 350000;
    tick(&bench, 1, id, 10 * J);
    double now = ratio(&find(&bench, "a")->recent) - first - 0.05;
    assert_true(now > 0.14 && now < 0.16);
    /* Another, of a series of its own or not, has its own. */
    bench.machine->codes = uncertainty_set(0, 0, 20000);
    bench.machine->domains[bench.package].uncertainty_ppm = 0;
    tick(&bench, 1, service(&bench, 11, "b"), 1 * J);
    double little = (double)uncertainty_ppm(bench.machine->codes, 0) / (double)PPM;
    assert_true(fabs(ratio(&bench.series->recent_other) - little) < 0.15);
    assert_true(fabs(ratio(&find(&bench, "b")->recent) - little) < 1e-9);
    bench_done(&bench);
}

static void test_limit(void **state)
{
    (void)state;
    struct bench bench = bench_new(1);
    uint32_t a = service(&bench, 10, "a");
    for (int i = 0; i < 257; i++) {
        machine_begin(bench.machine, 180 * (uint64_t)DAY_S * NS_PER_S);
        machine_use(bench.machine, bench.package, a, 1, SERIES_FRAME_LIMIT_UJ, UINT64_MAX / 2);
        machine_end(bench.machine, &bench.frame);
        assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
    }
    assert_int_equal(bench.series->n_domains, 0);
    assert_int_equal(bench.series->clock_ns, SERIES_BEGIN_NS);
    machine_begin(bench.machine, NS_PER_S);
    machine_use(bench.machine, bench.package, a, 1, SERIES_FRAME_LIMIT_UJ + 1, 0);
    machine_end(bench.machine, &bench.frame);
    assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
    assert_int_equal(bench.series->domains[0].total.energy_uj, 0);
    bench_done(&bench);
}

/* A row more than there were workloads is refused; two that the store merged are not. */
static void test_import_of_merged_rows(void **state)
{
    (void)state;
    static struct store_series rows[64];
    struct bench bench = bench_new(2);
    uint32_t a = service(&bench, 10, "a");
    uint32_t b = service(&bench, 11, "b");
    for (int i = 0; i < 4; i++)
        tick(&bench, 1, i % 2 ? a : b, 1234567);
    bool reset = false;
    size_t n = series_export(bench.series, 0, rows, ARRAY_SIZE(rows), &reset);
    assert_in_range(n, 4, ARRAY_SIZE(rows) - 1);
    assert_string_equal(rows[n - 2].unit, "a");
    assert_string_equal(rows[n - 1].unit, "b");
    rows[n] = (struct store_series){.unit = "c"};
    assert_int_equal(series_import(bench.series, rows, n), 0);
    assert_int_equal(series_import(bench.series, rows, n + 1), -EBADMSG);
    rows[n - 2].energy_uj += rows[n - 1].energy_uj;
    rows[n - 2].shown_mj += rows[n - 1].shown_mj;
    assert_int_equal(series_import(bench.series, rows, n - 1), 0);
    assert_int_equal(shown_mj(&bench, "a"), rows[n - 2].shown_mj);
    books_check(bench.series, bench.machine);
    bench_done(&bench);
}

/* ---- Memory ---- */

static size_t allocations;

/* The linker sends the core's calls here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    allocations++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    allocations++;
    return __real_realloc(pointer, size);
}

/* Two hours with new names, changes of rank and forgetting: nothing is allocated. */
static void test_allocates_nothing(void **state)
{
    (void)state;
    size_t before = allocations;
    struct bench bench = bench_new(3);
    assert_true(allocations > before); /* they are counted */
    for (uint32_t i = 0; i < 7200; i++) {
        char unit[16];
        (void)snprintf(unit, sizeof(unit), "unit-%u", i);
        uint32_t id = machine_name(bench.machine, 10 + i % 2000, 1 + i / 2000, WORKLOAD_SERVICE,
                                   unit, "main", "");
        machine_begin(bench.machine, NS_PER_S);
        machine_use(bench.machine, bench.package, id, 1, i * UJ_PER_MJ, 1);
        machine_end(bench.machine, &bench.frame);
        size_t reading = allocations; /* the frame's own buffer */
        assert_int_equal(series_consume(bench.series, &bench.machine->ring, &bench.frame), 0);
        assert_int_equal(allocations, reading);
    }
    bench_done(&bench);
}

/* Domains that have other names after each start of the machine: when there are too many to
 * remember, the counters begin again, and none goes uncounted. */
static void test_more_domains_than_can_be_remembered(void **state)
{
    (void)state;
    enum { BOOTS = 60, AT_A_TIME = 5 };
    struct series *series = series_new(10);
    struct frame frame = {0};
    for (int boot = 0; boot < BOOTS; boot++) {
        struct machine *machine = machine_new(RING_SLOTS_MIN, 1);
        uint16_t numbers[AT_A_TIME];
        for (int i = 0; i < AT_A_TIME; i++) {
            char name[DOMAIN_NAME_MAX];
            (void)snprintf(name, sizeof(name), "zone-%d-%d", boot, i);
            numbers[i] = machine_add_domain(machine, name, DOMAIN_PACKAGE, SOURCE_RAPL, true);
        }
        for (int tick = 0; tick < 3; tick++) {
            machine_begin(machine, NS_PER_S);
            for (int i = 0; i < AT_A_TIME; i++)
                machine_idle(machine, numbers[i], J);
            machine_end(machine, &frame);
            assert_int_equal(series_consume(series, &machine->ring, &frame), 0);
        }
        size_t counted = 0;
        for (size_t i = 0; i < series->n_domains; i++) {
            char prefix[DOMAIN_NAME_MAX];
            (void)snprintf(prefix, sizeof(prefix), "zone-%d-", boot);
            counted += str_starts(series->domains[i].name, prefix) &&
                       series->domains[i].total.energy_uj >= 2 * J;
        }
        assert_int_equal(counted, AT_A_TIME);
        machine_free(machine);
    }
    frame_done(&frame);
    (void)series_free(series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_domains_than_can_be_remembered),
        cmocka_unit_test(test_newcomer_begins_at_zero),
        cmocka_unit_test(test_beginning_has_no_past),
        cmocka_unit_test(test_users_are_one_series),
        cmocka_unit_test(test_reused_entry),
        cmocka_unit_test(test_leaving_and_return),
        cmocka_unit_test(test_places_are_limited),
        cmocka_unit_test(test_overtaken_reader),
        cmocka_unit_test(test_domain_that_comes_and_goes),
        cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_published_once_a_second),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_decay),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_recent_uncertainty),
        cmocka_unit_test(test_import_of_merged_rows),
        cmocka_unit_test(test_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
