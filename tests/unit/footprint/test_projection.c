/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "greend/target.h"
#include "random.h"

enum { MONDAY = 1, DAYS_MAX = 400 };

static struct day days[DAYS_MAX];

/* Weeks of which weekdays use 10 and weekends 4, but for what is added. */
static double usual(size_t weekday)
{
    return weekday == 0 || weekday == 6 ? 4 : 10;
}

static void put_weeks(size_t n, unsigned first)
{
    for (size_t i = 0; i < n; i++)
        days[i] = (struct day){usual((first + i) % WEEKDAYS), 1};
}

static struct projection project(size_t n, unsigned first, const double to_come[WEEKDAYS])
{
    struct projection projection;
    projection_make(days, n, first, to_come, &projection);
    return projection;
}

/* Three days to come: what they are matters. */
static void test_weekdays(void **state)
{
    (void)state;
    static const double weekend[WEEKDAYS] = {[0] = 1, [6] = 1, [1] = 0.5};
    static const double work[WEEKDAYS] = {[1] = 1, [2] = 1, [3] = 0.5};
    put_weeks(28, MONDAY);
    struct projection p = project(28, MONDAY, weekend);
    assert_int_equal(p.lack, PROJECTION_DONE);
    assert_int_equal(p.days, 28);
    assert_int_equal(p.needed, 14);
    assert_true(fabs(p.value - 13) < 1e-9);
    assert_true(fabs(p.daily - 58.0 / 7) < 1e-9);
    assert_true(p.half == 0);
    p = project(28, MONDAY, work);
    assert_true(fabs(p.value - 25) < 1e-9);
    /* The days of the week are those of the days, wherever the history begins. */
    put_weeks(30, 6);
    p = project(30, 6, weekend);
    assert_true(fabs(p.value - 13) < 1e-9);
}

/* By hand: two weeks, each day of the week once 9 and once 11 (all in one week, so that neighbours
 * are off alike): means 10, squares 14 x 1, 7 degrees of freedom, variance 2; correlation: 12 pairs
 * of +1 within the weeks, one of -1 between: 11/13 of 1, put right to the most, 0.9: x 19. One
 * Monday to come: 10, variance 2 x 19 x (1/2 + 1); t for 3 degrees of freedom, 3.182. */
static void test_by_hand(void **state)
{
    (void)state;
    static const double monday[WEEKDAYS] = {[1] = 1};
    for (size_t i = 0; i < 14; i++)
        days[i] = (struct day){i < 7 ? 9 : 11, 1};
    struct projection p = project(14, MONDAY, monday);
    assert_int_equal(p.lack, PROJECTION_DONE);
    assert_true(p.value == 10);
    assert_true(fabs(p.correlation - 0.9) < 1e-12);
    assert_true(fabs(p.half - 3.182 * sqrt(2 * 19 * 1.5)) < 1e-9);
}

static void test_lacks(void **state)
{
    (void)state;
    static const double little[WEEKDAYS] = {[1] = 1};
    static const double much[WEEKDAYS] = {11, 11, 11, 11, 11, 10, 10}; /* 75 days: needs 15 */
    static const double year[WEEKDAYS] = {52, 52, 52, 52, 52, 52, 53};
    put_weeks(DAYS_MAX, MONDAY);
    struct projection p = project(13, MONDAY, little);
    assert_int_equal(p.lack, PROJECTION_FEW_DAYS);
    assert_int_equal(p.days, 13);
    assert_int_equal(p.needed, 14);
    assert_int_equal(project(14, MONDAY, little).lack, PROJECTION_DONE);
    p = project(14, MONDAY, much);
    assert_int_equal(p.lack, PROJECTION_FEW_DAYS);
    assert_int_equal(p.needed, 15);
    assert_true(p.value == 0 && p.half == 0);
    assert_int_equal(project(15, MONDAY, much).lack, PROJECTION_DONE);
    assert_int_equal(project(72, MONDAY, year).lack, PROJECTION_FEW_DAYS);
    assert_int_equal(project(73, MONDAY, year).lack, PROJECTION_DONE);
    /* Days that were measured too little count for nothing, whatever they say. */
    days[3] = (struct day){1e9, 0.94};
    p = project(28, MONDAY, little);
    assert_int_equal(p.days, 27);
    assert_true(fabs(p.value - 10) < 1e-9);
    days[3].covered = 0.95;
    assert_int_equal(project(28, MONDAY, little).days, 28);
    days[3] = (struct day){NAN, 1};
    assert_int_equal(project(28, MONDAY, little).days, 27);
    /* No Sunday but one. */
    put_weeks(28, MONDAY);
    days[6].covered = days[13].covered = days[20].covered = 0;
    assert_int_equal(project(28, MONDAY, little).lack, PROJECTION_WEEKDAYS);
    days[13].covered = 1;
    assert_int_equal(project(28, MONDAY, little).lack, PROJECTION_DONE);
    assert_int_equal(project(0, MONDAY, little).lack, PROJECTION_FEW_DAYS);
}

static void test_history(void **state)
{
    (void)state;
    assert_int_equal(projection_history(0), 28);
    assert_int_equal(projection_history(28), 28);
    assert_int_equal(projection_history(28.5), 35);
    assert_int_equal(projection_history(300), 301);
    assert_int_equal(projection_history(366), 364);
    assert_int_equal(projection_history(1e9), 364);
    assert_int_equal(projection_history(NAN), 28);
}

static double normal(struct random *random)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += random_unit(random);
    return sum;
}

/* Machines whose days are off by noise of a known correlation: how often the interval holds what
 * then came. */
static double share_held(double correlation, size_t n, size_t ahead)
{
    enum { MACHINES = 4000 };
    struct random random = random_seeded();
    size_t held = 0;
    for (int machine = 0; machine < MACHINES; machine++) {
        double to_come[WEEKDAYS] = {0};
        double noise = normal(&random);
        double truth = 0;
        for (size_t i = 0; i < n + ahead; i++) {
            double value = 100 + 10 * usual((MONDAY + i) % WEEKDAYS) + 5 * noise;
            if (i < n)
                days[i] = (struct day){value, 1};
            else
                truth += value;
            to_come[(MONDAY + i) % WEEKDAYS] += i >= n;
            noise = correlation * noise + sqrt(1 - correlation * correlation) * normal(&random);
        }
        struct projection p = project(n, MONDAY, to_come);
        assert_int_equal(p.lack, PROJECTION_DONE);
        held += fabs(p.value - truth) <= p.half;
    }
    return (double)held / MACHINES;
}

static void test_interval(void **state)
{
    (void)state;
    static const struct {
        double correlation;
        size_t n, ahead;
        double least, most;
    } cases[] = {
        {0,   14,  7,   0.90, 1   },
        {0,   28,  10,  0.93, 1   },
        {0,   28,  140, 0.93, 1   },
        {0.4, 28,  28,  0.90, 1   },
        {0.4, 28,  140, 0.90, 1   },
        {0.4, 182, 182, 0.92, 0.99},
        {0.7, 28,  28,  0.85, 1   },
        {0.7, 56,  112, 0.85, 1   },
        {0.7, 182, 182, 0.90, 0.99},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        double held = share_held(cases[i].correlation, cases[i].n, cases[i].ahead);
        print_message("correlation %.1f, %zu days, %zu ahead: %.1f %% held\n", cases[i].correlation,
                      cases[i].n, cases[i].ahead, 100 * held);
        assert_true(held >= cases[i].least && held <= cases[i].most);
    }
}

static void test_trend(void **state)
{
    (void)state;
    struct trend trend;
    put_weeks(70, MONDAY);
    for (size_t i = 42; i < 70; i++)
        days[i].value *= 0.9;
    trend_make(days, 70, MONDAY, &trend);
    assert_true(trend.known);
    assert_int_equal(trend.days[0], 28);
    assert_int_equal(trend.days[1], 28);
    assert_true(fabs(trend.ratio + 0.1) < 1e-9);
    assert_true(trend.half < 1e-9);
    trend_make(days + 15, 55, (MONDAY + 15) % WEEKDAYS, &trend);
    assert_false(trend.known);
    /* A quarter may be missing, no more, and it may well be all the quiet days: weekdays are
     * weighed alike. */
    days[47].covered = days[48].covered = days[54].covered = 0;
    trend_make(days, 70, MONDAY, &trend);
    assert_true(trend.known);
    assert_int_equal(trend.days[1], 25);
    assert_true(fabs(trend.ratio + 0.1) < 1e-9);
    for (size_t i = 56; i < 61; i++)
        days[i].covered = 0;
    trend_make(days, 70, MONDAY, &trend);
    assert_false(trend.known);
    assert_int_equal(trend.days[1], 20);
    memset(days, 0, sizeof(days));
    for (size_t i = 0; i < 70; i++)
        days[i].covered = 1;
    trend_make(days, 70, MONDAY, &trend);
    assert_false(trend.known); /* of nothing there is no change */
}

static void test_student(void **state)
{
    (void)state;
    static const struct {
        double degrees, half;
    } cases[] = {
        {1,   12.706},
        {3,   3.182 },
        {5,   2.571 },
        {10,  2.228 },
        {30,  2.042 },
        {1e6, 1.960 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_true(fabs(student_95(cases[i].degrees) - cases[i].half) < 5e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weekdays), cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_lacks),    cmocka_unit_test(test_history),
        cmocka_unit_test(test_interval), cmocka_unit_test(test_trend),
        cmocka_unit_test(test_student),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
