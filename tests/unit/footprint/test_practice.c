/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "greend/practice.h"

static const struct practice_limits limits = {
    .days = 30,
    .cpu_idle = 0.05,
    .network_idle = 1024,
    .disk_idle = 10240,
    .cpu_low = 0.2,
    .memory_low = 0.4,
    .off_hours_used = 0.5,
    .psu_efficiency = 0.9,
    .life_years = 8,
};

static struct observation seen(double value)
{
    return (struct observation){.known = true, .value = value};
}

static struct projection year(double value, double half)
{
    return (struct projection){.lack = PROJECTION_DONE, .days = 80, .value = value, .half = half};
}

/* A busy machine in order. */
static struct practice_evidence usual(void)
{
    return (struct practice_evidence){
        .machine = MACHINE_PHYSICAL,
        .days = 30,
        .cpu = seen(0.6),
        .memory = seen(0.7),
        .uptime = seen(100),
        .network = seen(1e6),
        .disk = seen(1e6),
        .performance = seen(0),
        .idle_states = seen(0),
        .psu = seen(0.93),
        .life = seen(8),
        .embodied = figure_banded(1000, 800, 1500),
        .host = year(1000, 100),
        .kg_per_kwh = seen(0.1),
    };
}

static struct practice_result results[PRACTICE_RESULTS_MAX];

static const struct practice_result *judged(const struct practice_evidence *evidence,
                                            enum practice_id id)
{
    size_t n = practices_judge(evidence, &limits, results);
    assert_true(n >= PRACTICES && n <= PRACTICE_RESULTS_MAX);
    for (size_t i = 0; i < n; i++) {
        assert_true(results[i].saving.known || results[i].saving.why);
        if (results[i].id == id)
            return &results[i];
    }
    fail();
    return NULL;
}

static void expect(const struct practice_evidence *evidence, enum practice_id id,
                   enum practice_state state)
{
    enum practice_state found = judged(evidence, id)->state;
    if (found != state)
        fail_msg("%s is %s, expected %s", practice_info(id)->id, practice_state_name(found),
                 practice_state_name(state));
}

static void test_in_order(void **state)
{
    (void)state;
    struct practice_evidence e = usual();
    for (int id = 0; id < PRACTICES; id++) {
        if (id != PRACTICE_OFF_HOURS)
            expect(&e, (enum practice_id)id, PRACTICE_FINE);
        assert_true(strlen(practice_info((enum practice_id)id)->source) > 0);
        assert_true(strlen(practice_info((enum practice_id)id)->apply) > 0);
    }
    expect(&e, PRACTICE_OFF_HOURS, PRACTICE_NOT_OBSERVABLE);
}

/* The CPU alone is no verdict. */
static void test_comatose(void **state)
{
    (void)state;
    struct practice_evidence e = usual();
    e.cpu = seen(0.049);
    expect(&e, PRACTICE_COMATOSE, PRACTICE_SIGN);
    assert_non_null(strstr(judged(&e, PRACTICE_COMATOSE)->why, "network was used"));
    e.network = seen(1023);
    expect(&e, PRACTICE_COMATOSE, PRACTICE_SIGN);
    assert_non_null(strstr(judged(&e, PRACTICE_COMATOSE)->why, "disks were used"));
    e.disk = seen(10239);
    const struct practice_result *r = judged(&e, PRACTICE_COMATOSE);
    assert_int_equal(r->state, PRACTICE_ADVISED);
    assert_true(r->value == 0.049 && r->threshold == 0.05);
    assert_true(r->saving.known);
    assert_true(fabs(r->saving.kwh.value - 1000) < 1e-9);
    assert_true(fabs(r->saving.kwh.min - 900) < 1e-9 && fabs(r->saving.kwh.max - 1100) < 1e-9);
    assert_true(fabs(r->saving.kg.value - 100) < 1e-9);
    /* Of days alone: nothing of meters, PUE and factor is in it. */
    assert_int_equal(figure_band(&r->saving.kwh), BAND_PARTIAL);
    assert_int_equal(figure_band(&r->saving.kg), BAND_PARTIAL);
    assert_int_equal(r->saving.days, 80);
    e.cpu = seen(0.05);
    expect(&e, PRACTICE_COMATOSE, PRACTICE_FINE);
    e.cpu = seen(0.01);
    e.uptime = seen(29);
    expect(&e, PRACTICE_COMATOSE, PRACTICE_SIGN);
    e.uptime = seen(30);
    expect(&e, PRACTICE_COMATOSE, PRACTICE_ADVISED);
    e.network = (struct observation){.why = "why"};
    expect(&e, PRACTICE_COMATOSE, PRACTICE_SIGN);
    e = usual();
    e.cpu = (struct observation){.why = "no CPUs"};
    expect(&e, PRACTICE_COMATOSE, PRACTICE_NOT_OBSERVABLE);
    assert_string_equal(judged(&e, PRACTICE_COMATOSE)->why, "no CPUs");
}

/* Nothing is claimed on less data than it needs, not even that all is well. */
static void test_days(void **state)
{
    (void)state;
    struct practice_evidence e = usual();
    e.days = 29;
    e.cpu = seen(0);
    e.memory = seen(0);
    e.network = e.disk = seen(0);
    expect(&e, PRACTICE_COMATOSE, PRACTICE_NEEDS_DATA);
    expect(&e, PRACTICE_OVERSIZED_CPU, PRACTICE_NEEDS_DATA);
    expect(&e, PRACTICE_OVERSIZED_MEMORY, PRACTICE_NEEDS_DATA);
    assert_int_equal(judged(&e, PRACTICE_COMATOSE)->days, 29);
    assert_int_equal(judged(&e, PRACTICE_COMATOSE)->days_needed, 30);
    e.days = 30;
    expect(&e, PRACTICE_COMATOSE, PRACTICE_ADVISED);
    /* The advice stands, its saving does not. */
    e.host.lack = PROJECTION_FEW_DAYS;
    const struct practice_result *r = judged(&e, PRACTICE_COMATOSE);
    assert_int_equal(r->state, PRACTICE_ADVISED);
    assert_false(r->saving.known);
    assert_non_null(strstr(r->saving.why, "73"));
    e.host = year(10, 30);
    e.kg_per_kwh.known = false;
    r = judged(&e, PRACTICE_COMATOSE);
    assert_true(r->saving.kwh.min == 0);
    assert_false(r->saving.kg.known);
}

static void test_oversized(void **state)
{
    (void)state;
    struct practice_evidence e = usual();
    e.cpu = seen(0.19);
    expect(&e, PRACTICE_OVERSIZED_CPU, PRACTICE_SIGN);
    expect(&e, PRACTICE_OVERSIZED_MEMORY, PRACTICE_FINE);
    e.memory = seen(0.39);
    expect(&e, PRACTICE_OVERSIZED_CPU, PRACTICE_ADVISED);
    expect(&e, PRACTICE_OVERSIZED_MEMORY, PRACTICE_ADVISED);
    assert_false(judged(&e, PRACTICE_OVERSIZED_CPU)->saving.known);
    e.cpu = seen(0.2);
    expect(&e, PRACTICE_OVERSIZED_CPU, PRACTICE_FINE);
    expect(&e, PRACTICE_OVERSIZED_MEMORY, PRACTICE_ADVISED);
    e.cpu = seen(0.1);
    e.memory = (struct observation){.why = "no controller"};
    expect(&e, PRACTICE_OVERSIZED_CPU, PRACTICE_SIGN);
    expect(&e, PRACTICE_OVERSIZED_MEMORY, PRACTICE_NOT_OBSERVABLE);
}

static void test_off_hours(void **state)
{
    (void)state;
    struct practice_evidence e = usual();
    e.n_environments = 3;
    e.environments[0] = (struct practice_environment){
        .name = "test", .days = 30, .used = 0.51, .off_hours = year(200, 20)};
    e.environments[1] = (struct practice_environment){
        .name = "training", .days = 30, .used = 0.5, .off_hours = year(1, 1)};
    e.environments[2] = (struct practice_environment){
        .name = "demo", .days = 12, .used = 1, .off_hours = year(1, 1)};
    size_t n = practices_judge(&e, &limits, results);
    assert_int_equal(n, PRACTICES + 2);
    const struct practice_result *r = judged(&e, PRACTICE_OFF_HOURS);
    assert_string_equal(r[0].subject, "test");
    assert_int_equal(r[0].state, PRACTICE_ADVISED);
    assert_true(fabs(r[0].saving.kg.max - 22) < 1e-9);
    assert_string_equal(r[1].subject, "training");
    assert_int_equal(r[1].state, PRACTICE_FINE);
    assert_false(r[1].saving.known);
    assert_string_equal(r[2].subject, "demo");
    assert_int_equal(r[2].state, PRACTICE_NEEDS_DATA);
    assert_int_equal(r[3].id, PRACTICE_GOVERNOR);
}

static void test_moments(void **state)
{
    (void)state;
    struct practice_evidence e = usual();
    e.days = 0; /* they need none */
    e.performance = seen(0.25);
    e.idle_states = seen(1);
    e.psu = seen(0.899);
    expect(&e, PRACTICE_GOVERNOR, PRACTICE_ADVISED);
    expect(&e, PRACTICE_IDLE_STATES, PRACTICE_ADVISED);
    expect(&e, PRACTICE_POWER_SUPPLY, PRACTICE_ADVISED);
    assert_int_equal(judged(&e, PRACTICE_GOVERNOR)->days_needed, 0);
    e.psu = (struct observation){.why = "no sensor"};
    expect(&e, PRACTICE_POWER_SUPPLY, PRACTICE_NOT_OBSERVABLE);
    /* 1000 kg over 5 years less over 8: 75 a year. */
    e.life = seen(5);
    const struct practice_result *r = judged(&e, PRACTICE_LIFE);
    assert_int_equal(r->state, PRACTICE_ADVISED);
    assert_true(fabs(r->saving.kg.value - 75) < 1e-9);
    assert_true(fabs(r->saving.kg.min - 60) < 1e-9 && fabs(r->saving.kg.max - 112.5) < 1e-9);
    assert_false(r->saving.kwh.known);
    assert_false(r->saving.least);
    e.embodied_least = true;
    assert_true(judged(&e, PRACTICE_LIFE)->saving.least);
    e.embodied_least = false;
    e.embodied = (struct figure){0};
    assert_false(judged(&e, PRACTICE_LIFE)->saving.known);
    expect(&e, PRACTICE_LIFE, PRACTICE_ADVISED);
}

static void test_percentile(void **state)
{
    (void)state;
    double values[100];
    for (int i = 0; i < 100; i++)
        values[i] = 99 - i;
    assert_true(practice_percentile(values, 100, 0.95) == 94);
    assert_true(practice_percentile(values, 100, 1) == 99);
    assert_true(practice_percentile(values, 100, 0) == 0);
    assert_true(practice_percentile(values, 1, 0.95) == 0);
    assert_true(practice_percentile(values, 19, 0.95) == 18);
    assert_true(practice_percentile(values, 20, 0.95) == 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),   cmocka_unit_test(test_comatose),
        cmocka_unit_test(test_days),       cmocka_unit_test(test_oversized),
        cmocka_unit_test(test_off_hours),  cmocka_unit_test(test_moments),
        cmocka_unit_test(test_percentile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
