/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* What the counters hold, whatever the frames say. */
#include "unit.h"

#include <math.h>

#include "core/attribution/uncertainty.h"
#include "series_bench.h"

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

/* 146 years at 1 kW: a counter that cannot go on begins again. */
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

/* Rows that are not those of one moment, though their sums may be right. */
static void test_import_of_other_rows(void **state)
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
    struct store_series last = rows[n - 1];
    rows[n - 2].energy_uj += last.energy_uj;
    rows[n - 2].shown_mj += last.shown_mj;
    assert_int_equal(series_import(bench.series, rows, n - 1), -EBADMSG);
    rows[n - 2].energy_uj -= last.energy_uj;
    rows[n - 2].shown_mj -= last.shown_mj;
    assert_int_equal(series_import(bench.series, rows, n), 0);
    assert_int_equal(shown_mj(&bench, "a"), rows[n - 2].shown_mj);
    books_check(bench.series, bench.machine);
    bench_done(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overtaken_reader),
        cmocka_unit_test(test_domain_that_comes_and_goes),
        cmocka_unit_test(test_more_domains_than_can_be_remembered),
        cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_published_once_a_second),
        cmocka_unit_test(test_recent_uncertainty),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_import_of_other_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
