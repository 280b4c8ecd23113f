/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Where targets stand: amounts, baselines, projections, and what is missing. */
#include "unit/unit.h"

#include "golden.h"
#include "input/configuration.h"
#include "months.h"

static void test_host(void **unused)
{
    (void)unused;
    months_put();
    months_evaluate(true);
    const struct target_state *s = months_state("energy");
    assert_int_equal(s->since_s, months_midnight(MONTHS_DAYS - 22));
    assert_int_equal(s->until_s, months_midnight(MONTHS_DAYS - 22 + 30));
    assert_near(s->so_far, months_november(true, 0));
    assert_near(s->covered, 1);
    assert_false(s->stated);
    /* 10 h of a Sunday and eight days, of which a Saturday and a Sunday: means of the last 28. */
    double ahead = 0;
    for (int day = MONTHS_DAYS - 1; day < MONTHS_DAYS - 1 + 9; day++) {
        double mean = 0;
        int first = day - 7 >= MONTHS_DAYS - 1 ? 2 : 1; /* weeks ago: the last that is over */
        for (int week = first; week < first + 4; week++)
            for (int w = 0; w < MONTHS_UNSPLIT; w++)
                mean += months_kwh(w, day - 7 * week) / 4 / months_length(day - 7 * week);
        ahead += mean * (day == MONTHS_DAYS - 1 ? 10.0 / 24 : 1);
    }
    assert_true(s->projected);
    assert_int_equal(s->projection.days, 28);
    assert_near(s->value, s->so_far + ahead);
    assert_near(s->most - s->value, s->projection.half);
    assert_near(s->value - s->least, s->projection.half);
    assert_int_equal(s->verdict, s->most <= 160 ? TARGET_ON_COURSE : TARGET_UNCERTAIN);
    assert_true(s->trend.known);
}

/* Units have what they caused, without idle energy; baselines likewise. */
static void test_units(void **unused)
{
    (void)unused;
    months_put();
    months_evaluate(true);
    const struct target_state *s = months_state("web");
    double october = 0;
    for (int day = 61; day < 92; day++)
        october += months_kwh(MONTHS_NGINX, day);
    assert_near(s->so_far, months_november(false, MONTHS_NGINX));
    assert_near(s->baseline, october);
    assert_near(s->limit, october * 0.95);
    assert_near(s->baseline_covered, 1);
    s = months_state("tests");
    assert_near(s->so_far, months_november(false, MONTHS_TEST) * 1.46 * 0.098);
    s = months_state("units");
    assert_near(s->so_far,
                months_november(false, MONTHS_NGINX) + months_november(false, MONTHS_TEST));
}

static void test_climate(void **unused)
{
    (void)unused;
    months_put();
    months_evaluate(true);
    const struct target_state *s = months_state("climate");
    double all = 0;
    for (int day = 0; day < MONTHS_DAYS; day++)
        for (int w = 0; w < MONTHS_UNSPLIT; w++)
            all += months_kwh(w, day) * months_part(day);
    assert_near(s->so_far, all * 1.46 * 0.098);
    /* Nothing is said of a year of which only August on was measured. */
    assert_near(s->covered,
                (double)(s->now_s - months_midnight(0)) / (double)(s->now_s - s->since_s));
    assert_false(s->projected);
    assert_int_equal(s->projection_lack, TARGET_UNCOVERED);
    assert_int_equal(s->verdict, TARGET_UNKNOWN);
    months_clean(NULL);
    months_evaluate(false);
    s = months_state("climate");
    assert_false(s->valued);
    assert_int_equal(s->lack, TARGET_NO_FACTOR);
    assert_true(months_state("energy")->projected);
}

static void test_baselines(void **unused)
{
    (void)unused;
    months_put();
    months_evaluate(true);
    assert_int_equal(months_state("old")->lack, TARGET_BASELINE_MISSING);
    assert_false(months_state("old")->limited);
    assert_int_equal(months_state("ahead")->lack, TARGET_BASELINE_AHEAD);
    for (size_t i = 61; i < 65; i++) /* four days of October */
        months_spans[i].covered_ns = 0;
    months_clean(NULL);
    months_evaluate(true);
    const struct target_state *s = months_state("web");
    assert_int_equal(s->lack, TARGET_BASELINE_PARTIAL);
    assert_false(s->limited);
    assert_int_equal(s->verdict, TARGET_UNKNOWN);
    assert_true(s->projected);
}

/* A baseline that is over is read once, for all of its targets, and a day later again. */
static void test_baselines_kept(void **unused)
{
    (void)unused;
    static struct target_baselines kept;
    months_baselines = &kept;
    months_put();
    fake_store.usage_calls = 0;
    months_evaluate(true);
    double october = months_state("web")->baseline;
    assert_near(months_state("again")->limit, october * 0.9);
    assert_int_equal(fake_store.usage_calls, 2); /* what was so far, and October */
    months_clean(NULL);
    months_evaluate(true);
    assert_int_equal(fake_store.usage_calls, 3);
    assert_near(months_state("web")->baseline, october);
    assert_near(months_state("web")->baseline_covered, 1);
    assert_int_equal(months_state("old")->lack, TARGET_BASELINE_MISSING);
    months_clean(NULL);
    for (int i = 61 * MONTHS_WORKLOADS; i < 92 * MONTHS_WORKLOADS; i++) /* October */
        months_usages[i].energy_uj *= 2;
    fake_store.info.last_s += 86400;
    months_evaluate(true);
    assert_int_equal(fake_store.usage_calls, 5);
    assert_near(months_state("web")->baseline, 2 * october);
    months_baselines = NULL;
}

/* What was not measured may have been as much as on other days. */
static void test_missing(void **unused)
{
    (void)unused;
    months_put();
    months_evaluate(true);
    double most = months_state("energy")->most, least = months_state("energy")->least;
    months_clean(NULL);
    months_spans[MONTHS_DAYS - 10].covered_ns = 0;
    for (size_t w = 0; w < MONTHS_WORKLOADS; w++)
        months_usages[(MONTHS_DAYS - 10) * MONTHS_WORKLOADS + w].energy_uj = 0;
    months_evaluate(true);
    const struct target_state *s = months_state("energy");
    double lost = months_kwh(MONTHS_NGINX, MONTHS_DAYS - 10) + 3.5;
    assert_int_equal(s->projection.days, 27);
    assert_true(s->most > most - 1 && s->least < least - lost + 1);
    assert_near(s->most - s->value - s->projection.half,
                (1 - s->covered) * (double)(s->now_s - s->since_s) / 86400 * s->projection.daily);
    for (int day = MONTHS_DAYS - 10; day < MONTHS_DAYS - 4; day++)
        months_spans[day].covered_ns = 0;
    months_clean(NULL);
    months_evaluate(true);
    assert_int_equal(months_state("energy")->projection_lack, TARGET_UNCOVERED);
}

/* Days that count may lack a little, and so do those that are projected from them. */
static void test_missing_ahead(void **unused)
{
    (void)unused;
    months_put();
    for (int day = 0; day < MONTHS_DAYS; day++)
        months_spans[day].covered_ns = months_spans[day].covered_ns / 100 * 96;
    months_evaluate(true);
    const struct target_state *s = months_state("energy");
    assert_near(s->covered, 0.96);
    assert_near(s->projection.covered, 0.96);
    assert_int_equal(s->projection.days, 28);
    double past = 0.04 * (double)(s->now_s - s->since_s) / 86400 * s->projection.daily;
    double ahead = (s->value - s->so_far) * (1 / 0.96 - 1);
    assert_near(s->most - s->value - s->projection.half, past + ahead);
    assert_near(s->value - s->least, s->projection.half);
}

/* The host's interval is that of whole domains, a unit's that of its parts. */
static void test_stated(void **unused)
{
    (void)unused;
    months_stated = true;
    months_put();
    months_evaluate(true);
    const struct target_state *s = months_state("energy");
    assert_true(s->stated);
    assert_near(s->so_far_half, 0.02 * months_november(true, 0));
    assert_near(s->most - s->value, s->projection.half + 0.02 * s->value);
    s = months_state("web");
    assert_near(s->so_far_half, 0.1 * months_november(false, MONTHS_NGINX));
    months_stated = false;
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    if (!configuration_timezone_exists("Europe/Paris")) {
        puts("no time zones on this machine: install tzdata");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_host, months_clean),
        cmocka_unit_test_teardown(test_units, months_clean),
        cmocka_unit_test_teardown(test_climate, months_clean),
        cmocka_unit_test_teardown(test_baselines, months_clean),
        cmocka_unit_test_teardown(test_baselines_kept, months_clean),
        cmocka_unit_test_teardown(test_missing, months_clean),
        cmocka_unit_test_teardown(test_missing_ahead, months_clean),
        cmocka_unit_test_teardown(test_stated, months_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
