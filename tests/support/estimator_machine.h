/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine of 16 CPUs for the tests of the estimator. */

#include "unit.h"

#include <math.h>

#include "core/estimator/estimator_internal.h"
#include "random.h"

enum { CPUS = 16, MOST = RING_WORKLOADS_MAX - RING_WORKLOAD_FIRST };

static const struct estimator_prior prior = {.slope_w = 5, .slope_sd_w = 3};

/* A machine of 40 W idle power, whose workloads take 3 to 7 W per busy CPU. */
struct machine {
    struct random random;
    struct estimator *estimator;
    struct estimator_load loads[MOST];
    struct estimator_tick tick;
    struct estimator_answer answer;
};

static const double idle_power_w = 40;

static inline double watts_of(size_t i)
{
    return 3 + (double)(i % 5);
}

static inline struct machine *machine_new(uint64_t seed)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    machine->random = random_begin("estimator", seed);
    machine->estimator = malloc(sizeof(*machine->estimator));
    assert_non_null(machine->estimator);
    assert_int_equal(estimator_init(machine->estimator, &prior), 0);
    return machine;
}

static inline void machine_free(struct machine *machine)
{
    estimator_done(machine->estimator);
    free(machine->estimator);
    free(machine);
}

static inline uint32_t id_of(size_t i)
{
    return ring_workload_id((uint32_t)(RING_WORKLOAD_FIRST + i), 1);
}

/* A second in which n workloads use about `load` of the CPUs. */
static inline void make_tick(struct machine *machine, size_t n, double load)
{
    double power_w = idle_power_w;
    machine->tick = (struct estimator_tick){
        .dt_s = 1, .elapsed_s = 1, .cpus = CPUS, .loads = machine->loads, .n_loads = n};
    for (size_t i = 0; i < n; i++) {
        double cpus = 2 * random_unit(&machine->random) * load * CPUS / (double)n;
        machine->loads[i] = (struct estimator_load){.workload = id_of(i), .cpus = cpus};
        machine->tick.busy_cpus += cpus;
        power_w += cpus * watts_of(i);
    }
    machine->tick.energy_j = power_w;
}

/* No answer is anything but a number, and all energy is idle or dynamic. */
static inline void run_tick(struct machine *machine)
{
    estimator_tick(machine->estimator, &machine->tick, &machine->answer);
    const struct estimator_answer *answer = &machine->answer;
    assert_true(isfinite(answer->idle_j) && isfinite(answer->idle_uncertainty));
    assert_true(answer->idle_j >= 0);
    assert_true(answer->idle_j <= machine->tick.energy_j * (1 + 1e-9));
    assert_true(answer->idle_uncertainty >= 0);
    for (size_t i = 0; i < machine->tick.n_loads; i++) {
        const struct estimator_load *load = &machine->loads[i];
        assert_true(isfinite(load->weight) && load->weight > 0);
        assert_true(isfinite(load->uncertainty) && load->uncertainty > 0);
        assert_true(load->column <= FIT_WORKLOADS);
    }
}

static inline void run(struct machine *machine, int ticks, size_t n, double load)
{
    for (int t = 0; t < ticks; t++) {
        make_tick(machine, n, load);
        run_tick(machine);
    }
}

/* Weight of a workload relative to that of the first. */
static inline double relative(const struct machine *machine, size_t i)
{
    return machine->loads[i].weight / machine->loads[0].weight;
}
