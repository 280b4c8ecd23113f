/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "core/estimator/fit.h"
#include "random.h"

enum { WORKLOADS = 12, SIZE = FIT_SHAPE + WORKLOADS, A_LOT = 1 << 30 };

/* The features of the tests: a constant, the slope, and the workloads'. */
static const double idle_w = 40, slope_w = 5;

struct world {
    struct random random;
    double theta[SIZE];
    double noise;
    struct fit_prior priors[SIZE];
    struct fit fit;
};

static void world_begin(struct world *world, const char *test, uint64_t seed)
{
    *world = (struct world){.random = random_begin(test, seed)};
    world->theta[CURVE_IDLE] = idle_w;
    world->theta[CURVE_SLOPE] = slope_w;
    for (size_t i = 0; i < WORKLOADS; i++)
        world->theta[FIT_SHAPE + i] = (double)i * 0.5 - 2.5; /* their mean is near 0 */
    for (size_t i = 0; i < SIZE; i++)
        world->priors[i] = (struct fit_prior){0, 1, -HUGE_VAL};
    world->priors[CURVE_IDLE] = (struct fit_prior){30, 20, 0};
    world->priors[CURVE_SLOPE] = (struct fit_prior){4, 3, 1};
    for (size_t i = FIT_SHAPE; i < SIZE; i++)
        world->priors[i] = (struct fit_prior){0.1, 3, -4};
    assert_int_equal(fit_init(&world->fit), 0);
}

static void add_row(struct world *world, double keep)
{
    double x[SIZE] = {0};
    x[CURVE_IDLE] = 1;
    x[CURVE_SLOPE] = 2 * random_unit(&world->random); /* nobody's */
    for (size_t i = FIT_SHAPE; i < SIZE; i++) {
        x[i] = random_below(&world->random, 3) ? 2 * random_unit(&world->random) : 0;
        x[CURVE_SLOPE] += x[i];
    }
    double power_w = triangle_dot(x, world->theta, SIZE);
    double seen_w = power_w * (1 + world->noise * (random_unit(&world->random) - 0.5));
    for (size_t i = 0; i < SIZE; i++)
        x[i] /= power_w;
    fit_add(&world->fit, x, seen_w / power_w, SIZE, keep);
}

static void add_rows(struct world *world, int n)
{
    for (int i = 0; i < n; i++)
        add_row(world, 0.998);
}

static bool solve(struct world *world, size_t budget)
{
    fit_solve_begin(&world->fit, world->priors, SIZE, true);
    for (int i = 0; i < 1000000; i++) {
        bool done = fit_solve_step(&world->fit, budget);
        if (world->fit.stage == FIT_RESTING)
            return done;
    }
    fail_msg("never done");
    return false;
}

static void assert_near(double a, double b, double within)
{
    if (!(fabs(a - b) <= within))
        fail_msg("%.9g is not %.9g", a, b);
}

static void test_it_finds_the_coefficients(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit", 8);
    add_rows(&world, 1500);
    for (int i = 0; i < 4; i++) /* the noise that weighs the priors is found by solving */
        assert_true(solve(&world, A_LOT));
    for (size_t i = 0; i < SIZE; i++)
        assert_near(world.fit.theta[i], world.theta[i], 0.05);

    world.noise = 0.02;
    add_rows(&world, 3000);
    assert_true(solve(&world, A_LOT));
    double sd = 0.02 / sqrt(12);
    assert_near(sqrt(world.fit.noise), sd, 0.1 * sd);
    for (size_t i = 0; i < SIZE; i++) {
        double error = sqrt(world.fit.inverse[i] * world.fit.noise_correlated);
        assert_near(world.fit.theta[i], world.theta[i], 4 * error + 1e-9);
        assert_true(error <= world.priors[i].sd * 1.0001);
    }
    fit_done(&world.fit);
}

static void test_bounds_hold(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, bounds", 9);
    world.theta[FIT_SHAPE] = -4.5; /* below its least, and the others make up for it */
    add_rows(&world, 1000);
    assert_true(solve(&world, 5000));
    assert_true(solve(&world, 5000));
    assert_true(world.fit.theta[FIT_SHAPE] == -4);
    assert_true(world.fit.bound[FIT_SHAPE]);
    assert_true(world.fit.inverse[FIT_SHAPE] == 0);
    for (size_t i = 0; i < SIZE; i++)
        assert_true(world.fit.theta[i] >= world.priors[i].least);
    double v[SIZE] = {[FIT_SHAPE] = 1};
    fit_covariance_times(&world.fit, v);
    for (size_t i = 0; i < SIZE; i++)
        assert_true(v[i] == 0);
    /* It is let go when the samples say so. */
    world.theta[FIT_SHAPE] = -1;
    add_rows(&world, 3000);
    assert_true(solve(&world, 5000));
    assert_false(world.fit.bound[FIT_SHAPE]);
    assert_near(world.fit.theta[FIT_SHAPE], -1, 0.1);
    fit_done(&world.fit);
}

static void test_old_rows_fade(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, forgetting", 10);
    add_rows(&world, 1000);
    world.theta[CURVE_IDLE] = 60;
    add_rows(&world, 8000);
    assert_true(solve(&world, A_LOT));
    assert_true(solve(&world, A_LOT));
    assert_near(world.fit.theta[CURVE_IDLE], 60, 0.1);
    assert_near(world.fit.weight / world.fit.now, 500, 1); /* 1 / (1 - keep) */
    fit_done(&world.fit);
}

/* A long pause forgets all that was before, without a number that is none. */
static void test_a_year_between_rows(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, a year", 11);
    add_rows(&world, 1000);
    world.theta[CURVE_IDLE] = 60;
    add_row(&world, 0);
    add_row(&world, 1e-305);
    assert_true(isfinite(world.fit.now) && world.fit.now > 0);
    assert_near(world.fit.weight / world.fit.now, 1, 1e-9);
    add_rows(&world, 500);
    for (int i = 0; i < 4; i++)
        assert_true(solve(&world, A_LOT));
    assert_near(world.fit.theta[CURVE_IDLE], 60, 0.5);
    fit_done(&world.fit);
}

static void copy_fit(struct fit *to, const struct fit *from)
{
    double *gram = to->gram, *factor = to->factor;
    *to = *from;
    to->gram = gram;
    to->factor = factor;
    memcpy(gram, from->gram, triangle_size(FIT_SIZE) * sizeof(double));
    memcpy(factor, from->factor, triangle_size(FIT_SIZE) * sizeof(double));
}

/* Numbers that have grown are brought down now and then: that changes no answer. */
static void test_scale_is_no_matter(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, scale", 12);
    world.noise = 0.01;
    add_rows(&world, 700);
    struct world other = world;
    assert_int_equal(fit_init(&other.fit), 0);
    copy_fit(&other.fit, &world.fit);
    double by = 1 / other.fit.now;
    for (size_t i = 0; i < triangle_size(SIZE); i++)
        other.fit.gram[i] *= by;
    for (size_t i = 0; i < SIZE; i++)
        other.fit.moment[i] *= by;
    other.fit.yy *= by;
    other.fit.weight *= by;
    other.fit.now = 1;
    assert_true(world.fit.now > 2);
    assert_true(solve(&world, A_LOT));
    assert_true(solve(&other, A_LOT));
    for (size_t i = 0; i < SIZE; i++) {
        assert_near(other.fit.theta[i], world.fit.theta[i], 1e-6);
        assert_near(other.fit.inverse[i], world.fit.inverse[i], 1e-6 * world.fit.inverse[i]);
    }
    fit_done(&world.fit);
    fit_done(&other.fit);
}

/* However little is done at a time, the solution is the same to the bit. */
static void test_steps_are_no_matter(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, steps", 13);
    world.noise = 0.01;
    world.theta[FIT_SHAPE + 3] = -4.8;
    add_rows(&world, 700);
    static const size_t budgets[] = {1, 17, 500, 3000, 60000};
    assert_true(fit_solve_step(&world.fit, 100) == false); /* none was begun */
    for (size_t b = 0; b < ARRAY_SIZE(budgets); b++) {
        struct world other = world;
        struct world at_once = world;
        assert_int_equal(fit_init(&other.fit), 0);
        assert_int_equal(fit_init(&at_once.fit), 0);
        copy_fit(&other.fit, &world.fit);
        copy_fit(&at_once.fit, &world.fit);
        assert_true(solve(&other, budgets[b]));
        assert_true(solve(&at_once, A_LOT));
        assert_memory_equal(other.fit.theta, at_once.fit.theta, SIZE * sizeof(double));
        assert_memory_equal(other.fit.inverse, at_once.fit.inverse, SIZE * sizeof(double));
        fit_done(&other.fit);
        fit_done(&at_once.fit);
    }
    fit_done(&world.fit);
}

/* Takes the noise as it is, so that two solutions weigh their priors alike. */
static void solve_with_noise(struct world *world, double noise)
{
    fit_solve_begin(&world->fit, world->priors, SIZE, true);
    /* Begun anew with that noise: fit_solve_begin() finds its own. */
    world->fit.noise = world->fit.noise_correlated = noise;
    for (size_t i = 0; i < SIZE; i++) {
        double precision = noise / (world->priors[i].sd * world->priors[i].sd);
        memcpy(world->fit.factor + triangle_row(i), world->fit.gram + triangle_row(i),
               (i + 1) * sizeof(double));
        for (size_t j = 0; j <= i; j++)
            world->fit.factor[triangle_row(i) + j] /= world->fit.now;
        world->fit.factor[triangle_row(i) + i] += precision;
        world->fit.right[i] =
            world->fit.moment[i] / world->fit.now + precision * world->priors[i].mean;
    }
    while (world->fit.stage != FIT_RESTING)
        (void)fit_solve_step(&world->fit, A_LOT);
    assert_true(world->fit.solved);
}

/* What is forgotten has explained what it has: the others stay what they were, and as sure. */
static void test_forgetting_is_a_marginal(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, marginal", 14);
    world.noise = 0.05;
    for (size_t i = 0; i < SIZE; i++)
        world.priors[i].least = -HUGE_VAL;
    add_rows(&world, 120);
    solve_with_noise(&world, 1e-3);
    double theta[SIZE], inverse[SIZE];
    memcpy(theta, world.fit.theta, sizeof(theta));
    memcpy(inverse, world.fit.inverse, sizeof(inverse));
    const size_t gone = FIT_SHAPE + 5;
    fit_forget(&world.fit, gone, &world.priors[gone]);
    assert_true(world.fit.theta[gone] == 0 && world.fit.solved);
    solve_with_noise(&world, 1e-3);
    for (size_t i = 0; i < SIZE; i++) {
        if (i == gone)
            continue;
        assert_near(world.fit.theta[i], theta[i], 1e-6);
        assert_near(world.fit.inverse[i], inverse[i], 1e-6 * inverse[i]);
    }
    /* Of who is gone only the prior is left. */
    assert_near(world.fit.theta[gone], world.priors[gone].mean, 1e-9);
    assert_near(world.fit.inverse[gone] * 1e-3, 9, 1e-6);
    fit_done(&world.fit);
}

/* A solution goes on while coefficients are forgotten, and speaks of all others: who makes
 * workloads come and go cannot keep it from ending. */
static void test_forgetting_during_a_solution(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, forgetting while solving", 15);
    world.noise = 0.01;
    add_rows(&world, 1000);
    for (int i = 0; i < 4; i++)
        assert_true(solve(&world, A_LOT));
    double theta[SIZE];
    memcpy(theta, world.fit.theta, sizeof(theta));
    fit_solve_begin(&world.fit, world.priors, SIZE, true);
    bool done = false;
    for (int i = 0; world.fit.stage != FIT_RESTING; i++) {
        if (i == 3)
            fit_forget(&world.fit, FIT_SHAPE + 2, &world.priors[FIT_SHAPE + 2]);
        if (world.fit.stage == FIT_INVERTING && world.fit.at == 3)
            fit_forget(&world.fit, FIT_SHAPE + 4, &world.priors[FIT_SHAPE + 4]);
        done = fit_solve_step(&world.fit, 40);
    }
    assert_true(done);
    for (size_t i = 0; i < SIZE; i++) {
        bool gone = i == FIT_SHAPE + 2 || world.fit.gone[i];
        assert_near(world.fit.theta[i], gone ? 0 : theta[i], 0.02);
        double error = sqrt(world.fit.inverse[i] * world.fit.noise_correlated);
        assert_near(error, gone ? 3 : error, 1e-9);
    }
    /* The covariance knows too. */
    double v[SIZE] = {[FIT_SHAPE + 2] = 2, [CURVE_IDLE] = 1};
    fit_covariance_times(&world.fit, v);
    assert_near(v[FIT_SHAPE + 2], 18, 1e-9);
    assert_true(v[CURVE_IDLE] > 0 && v[CURVE_IDLE] < 1);
    fit_done(&world.fit);
}

/* Of a coefficient that no row had yet, and of the same ones again and again. */
static void test_forgetting_for_ever(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, forgetting for ever", 16);
    fit_forget(&world.fit, FIT_SIZE - 1, &world.priors[FIT_SHAPE]);
    for (int i = 0; i < 5000; i++) {
        add_row(&world, 0.998);
        size_t index = FIT_SHAPE + (size_t)(i % WORKLOADS);
        fit_forget(&world.fit, index, &world.priors[index]);
        fit_forget(&world.fit, FIT_SIZE - 1, &world.priors[index]);
        if (i % 500 == 499)
            assert_true(solve(&world, A_LOT));
        assert_true(world.fit.yy >= 0);
    }
    for (size_t i = 0; i < SIZE; i++)
        assert_true(isfinite(world.fit.theta[i]) && isfinite(world.fit.inverse[i]));
    assert_near(world.fit.theta[CURVE_IDLE], idle_w, 0.3 * idle_w);
    fit_done(&world.fit);
}

/* The last one takes the place of one that is forgotten: nothing of the solution changes but the
 * places, and what comes to the end later finds nothing left there. */
static void test_moving(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, moving", 17);
    world.noise = 0.05;
    for (size_t i = 0; i < SIZE; i++)
        world.priors[i].least = -HUGE_VAL;
    add_rows(&world, 120);
    solve_with_noise(&world, 1e-3);
    const size_t to = FIT_SHAPE + 3, from = SIZE - 1;
    double theta[SIZE], inverse[SIZE];
    memcpy(theta, world.fit.theta, sizeof(theta));
    memcpy(inverse, world.fit.inverse, sizeof(inverse));
    fit_forget(&world.fit, to, &world.priors[to]);
    fit_move(&world.fit, from, to);
    assert_false(world.fit.solved);
    assert_true(world.fit.theta[to] == theta[from] && world.fit.theta[from] == 0);
    assert_true(world.fit.inverse[to] == inverse[from]);
    fit_shrink(&world.fit, from);
    assert_int_equal(world.fit.n, from);
    /* The end comes into use again: as if it had never been. */
    world.fit.n = SIZE;
    solve_with_noise(&world, 1e-3);
    for (size_t i = 0; i < from; i++) {
        size_t was = i == to ? from : i;
        assert_near(world.fit.theta[i], theta[was], 1e-6);
        assert_near(world.fit.inverse[i], inverse[was], 1e-6 * inverse[was]);
    }
    assert_near(world.fit.theta[from], world.priors[from].mean, 1e-9);
    fit_done(&world.fit);
}

/* As a new one, but for what it takes to begin with. */
static void test_beginning_anew(void **state)
{
    (void)state;
    struct world world, other;
    world_begin(&world, "fit, anew", 18);
    world_begin(&other, "fit, anew", 19);
    add_rows(&world, 300);
    assert_true(solve(&world, A_LOT));
    fit_restart(&world.fit);
    assert_false(world.fit.solved);
    assert_true(world.fit.noise == other.fit.noise && world.fit.weight == 0);
    assert_true(world.fit.theta[CURVE_SLOPE] > 1);
    world.random = other.random;
    memcpy(world.fit.theta, other.fit.theta, sizeof(world.fit.theta));
    add_rows(&world, 200);
    add_rows(&other, 200);
    assert_true(solve(&world, A_LOT) && solve(&other, A_LOT));
    assert_memory_equal(world.fit.theta, other.fit.theta, SIZE * sizeof(double));
    assert_true(world.fit.noise == other.fit.noise);
    fit_done(&world.fit);
    fit_done(&other.fit);
}

/* Rows that no machine gives: the coefficients of before stay. */
static void test_what_cannot_be_solved(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, "fit, unsolvable", 17);
    add_rows(&world, 500);
    assert_true(solve(&world, A_LOT));
    double theta[SIZE];
    memcpy(theta, world.fit.theta, sizeof(theta));
    double x[SIZE] = {[CURVE_IDLE] = 1e150, [CURVE_SLOPE] = 1e200, [FIT_SHAPE] = -1e200};
    fit_add(&world.fit, x, 1, SIZE, 0.998);
    assert_false(solve(&world, A_LOT));
    assert_memory_equal(world.fit.theta, theta, sizeof(theta));
    fit_done(&world.fit);

    world_begin(&world, "fit, infinite", 17);
    add_rows(&world, 500);
    assert_true(solve(&world, A_LOT));
    memcpy(theta, world.fit.theta, sizeof(theta));
    double y[SIZE] = {[CURVE_IDLE] = 10};
    fit_add(&world.fit, y, 1e308, SIZE, 0.998);
    assert_false(solve(&world, A_LOT));
    assert_memory_equal(world.fit.theta, theta, sizeof(theta));
    fit_done(&world.fit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_finds_the_coefficients),
        cmocka_unit_test(test_bounds_hold),
        cmocka_unit_test(test_old_rows_fade),
        cmocka_unit_test(test_a_year_between_rows),
        cmocka_unit_test(test_scale_is_no_matter),
        cmocka_unit_test(test_steps_are_no_matter),
        cmocka_unit_test(test_forgetting_is_a_marginal),
        cmocka_unit_test(test_forgetting_during_a_solution),
        cmocka_unit_test(test_forgetting_for_ever),
        cmocka_unit_test(test_moving),
        cmocka_unit_test(test_beginning_anew),
        cmocka_unit_test(test_what_cannot_be_solved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
