/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/attribution/packages.h"
#include "greend/units.h"
#include "random.h"

enum { MOST = 200 };

static struct busy busy_of(uint32_t packages, const uint64_t *busy_ns)
{
    struct busy busy = {.elapsed_ns = NS_PER_S, .cpus = 8 * packages, .packages = packages};
    for (uint32_t i = 0; i < packages; i++) {
        busy.package_cpus[i] = 8;
        busy.package_busy_ns[i] = busy_ns[i];
        busy.busy_ns += busy_ns[i];
    }
    return busy;
}

static double time_of(const struct activity *activity)
{
    return (double)activity->cpu_ns + (double)activity->child_ns;
}

static void assert_rows(const struct packages *packages, const struct activity *activity)
{
    double sum = 0;
    for (uint32_t i = 0; i < packages->n; i++) {
        double share = packages_share(packages, activity, (int32_t)i);
        assert_true(share >= 0 && share <= 1 + 1e-12);
        sum += share;
    }
    assert_true(fabs(sum - 1) < 1e-9);
}

/* A machine whose processes ran where they may: both margins are met. */
static void test_margins(void **state)
{
    (void)state;
    struct random random = random_begin("packages", 6);
    for (int round = 0; round < 300; round++) {
        uint32_t n = 2 + (uint32_t)random_below(&random, 3);
        size_t n_activities = 30 + random_index(&random, MOST - 30);
        struct activity activities[MOST];
        uint64_t busy_ns[PACKAGES_MAX] = {0}, unknown_ns = NS_PER_MS * random_below(&random, 500);
        busy_ns[0] = unknown_ns / 2;
        busy_ns[1] = unknown_ns - unknown_ns / 2;
        for (size_t i = 0; i < n_activities; i++) {
            uint32_t home = (uint32_t)random_below(&random, n);
            activities[i] = (struct activity){.package = (int16_t)home,
                                              .threads = 1 + (uint32_t)random_below(&random, 2),
                                              .cpu_ns = random_below(&random, 50 * NS_PER_MS),
                                              .child_ns = random_below(&random, NS_PER_MS)};
            /* Some are bound; those stay. Others spend a part elsewhere. */
            uint64_t time = activities[i].cpu_ns + activities[i].child_ns;
            bool is_bound = random_below(&random, 4) == 0;
            uint64_t away = is_bound ? 0 : time * random_below(&random, 30) / 100;
            if (is_bound)
                activities[i].packages = (uint16_t)(UINT32_C(1) << home);
            busy_ns[home] += time - away;
            busy_ns[(home + 1) % n] += away;
        }
        struct busy busy = busy_of(n, busy_ns);
        struct packages packages;
        packages_fit(&packages, &busy, activities, n_activities, unknown_ns);
        double used[PACKAGES_MAX] = {0};
        assert_rows(&packages, NULL);
        for (uint32_t p = 0; p < n; p++)
            used[p] = (double)unknown_ns * packages_share(&packages, NULL, (int32_t)p);
        for (size_t i = 0; i < n_activities; i++) {
            assert_rows(&packages, &activities[i]);
            for (uint32_t p = 0; p < n; p++) {
                double share = packages_share(&packages, &activities[i], (int32_t)p);
                used[p] += time_of(&activities[i]) * share;
                if (activities[i].packages && !(activities[i].packages >> p & 1))
                    assert_true(share == 0);
            }
        }
        for (uint32_t p = 0; p < n; p++)
            assert_true(fabs(used[p] - (double)busy_ns[p]) < 0.01 * (double)busy.busy_ns);
    }
}

static void test_affinity(void **state)
{
    (void)state;
    const struct activity activities[] = {
        {.package = 1, .packages = 2, .threads = 1, .cpu_ns = 3 * NS_PER_S},
        {.package = 0, .packages = 3, .threads = 1, .cpu_ns = 3 * NS_PER_S},
    };
    const uint64_t busy_ns[] = {3 * NS_PER_S, 3 * NS_PER_S};
    struct busy busy = busy_of(2, busy_ns);
    struct packages packages;
    packages_fit(&packages, &busy, activities, 2, 0);
    assert_true(packages_share(&packages, &activities[0], 0) == 0);
    assert_true(packages_share(&packages, &activities[0], 1) == 1);
    assert_true(packages_share(&packages, &activities[1], 0) > 0.95);
    /* Where it was last seen counts, the more the fewer its threads. */
    const struct activity free[] = {
        {.package = 0, .threads = 1, .cpu_ns = NS_PER_S},
        {.package = 0, .threads = 4, .cpu_ns = NS_PER_S},
        {.package = 1, .threads = 1, .cpu_ns = NS_PER_S},
        {.package = 1, .threads = 4, .cpu_ns = NS_PER_S},
    };
    const uint64_t even_ns[] = {2 * NS_PER_S, 2 * NS_PER_S};
    busy = busy_of(2, even_ns);
    packages_fit(&packages, &busy, free, 4, 0);
    assert_true(packages_share(&packages, &free[0], 0) > 0.85);
    assert_true(packages_share(&packages, &free[1], 0) > 0.55);
    assert_true(packages_share(&packages, &free[1], 0) < 0.7);
}

static void test_nothing_to_tell_apart(void **state)
{
    (void)state;
    const struct activity activity = {.package = 0, .cpu_ns = NS_PER_S};
    const uint64_t busy_ns[PACKAGES_MAX] = {NS_PER_S};
    for (uint32_t n = 0; n < 2; n++) {
        struct busy busy = busy_of(n, busy_ns);
        struct packages packages;
        packages_fit(&packages, &busy, &activity, 1, 0);
        for (int32_t p = -1; p < 3; p++)
            assert_true(packages_share(&packages, &activity, p) == 1);
        assert_true(packages_share(&packages, NULL, 0) == 1);
    }
    struct busy busy = busy_of(2, busy_ns);
    struct packages packages;
    packages_fit(&packages, &busy, &activity, 1, 0);
    assert_true(packages_share(&packages, &activity, -1) == 1); /* a domain of no package */
    assert_true(packages_share(&packages, &activity, 2) == 1);
}

/* Margins that no table has: all bound to where nothing was busy, no margin, no CPUs, extremes. */
static void test_inconsistent_margins(void **state)
{
    (void)state;
    struct random random = random_begin("packages, inconsistent", 7);
    for (int round = 0; round < 2000; round++) {
        uint64_t busy_ns[PACKAGES_MAX];
        uint32_t n = 2 + (uint32_t)random_below(&random, PACKAGES_MAX - 1);
        for (size_t i = 0; i < PACKAGES_MAX; i++)
            busy_ns[i] = random_below(&random, 3) ? random_bits(&random, 64) : 0;
        struct busy busy = busy_of(n, busy_ns);
        if (random_below(&random, 4) == 0)
            memset(busy.package_cpus, 0, sizeof(busy.package_cpus));
        if (random_below(&random, 8) == 0)
            busy.packages = UINT32_MAX; /* more than there is room for */
        struct activity activities[MOST];
        size_t n_activities = random_index(&random, MOST);
        for (size_t i = 0; i < n_activities; i++)
            activities[i] = (struct activity){.package = (int16_t)random_bits(&random, 16),
                                              .packages = (uint16_t)random_bits(&random, 16),
                                              .threads = (uint32_t)random_below(&random, 3),
                                              .cpu_ns = random_bits(&random, 64),
                                              .child_ns = random_bits(&random, 64)};
        struct packages packages;
        packages_fit(&packages, &busy, activities, n_activities, random_bits(&random, 64));
        assert_rows(&packages, NULL);
        for (size_t i = 0; i < n_activities; i++)
            assert_rows(&packages, &activities[i]);
    }
}

/* Those of one class too many are as those of which nothing is known. */
static void test_more_classes_than_there_are(void **state)
{
    (void)state;
    struct activity activities[2 * PACKAGES_CLASSES];
    uint64_t busy_ns[PACKAGES_MAX], sum_ns = 0;
    for (size_t i = 0; i < ARRAY_SIZE(activities); i++) {
        activities[i] = (struct activity){.package = (int16_t)(i % PACKAGES_MAX),
                                          .packages = (uint16_t)(i + 1),
                                          .threads = 1,
                                          .cpu_ns = 10 * NS_PER_MS};
        sum_ns += activities[i].cpu_ns;
    }
    for (size_t i = 0; i < PACKAGES_MAX; i++)
        busy_ns[i] = sum_ns / PACKAGES_MAX;
    struct busy busy = busy_of(PACKAGES_MAX, busy_ns);
    struct packages packages;
    packages_fit(&packages, &busy, activities, ARRAY_SIZE(activities), 0);
    assert_int_equal(packages.n_classes, PACKAGES_CLASSES);
    uint64_t classes_ns = 0;
    for (size_t i = 0; i < packages.n_classes; i++)
        classes_ns += packages.classes[i].time_ns;
    assert_int_equal(classes_ns, sum_ns);
    for (size_t i = 0; i < ARRAY_SIZE(activities); i++)
        assert_rows(&packages, &activities[i]);
    assert_true(packages_share(&packages, &activities[100], 3) ==
                packages_share(&packages, NULL, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_margins),
        cmocka_unit_test(test_affinity),
        cmocka_unit_test(test_nothing_to_tell_apart),
        cmocka_unit_test(test_inconsistent_margins),
        cmocka_unit_test(test_more_classes_than_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
