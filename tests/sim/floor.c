/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/floor.h"

/* Own energy so far stands in `watts`, CPU time here. */
struct times {
    double cpu_s[SIM_DOMAINS][SIM_WORKLOADS];
    double nobody_s[SIM_DOMAINS];
};

static void add_step(struct floor *floor, struct times *times, const struct sim *sim)
{
    for (size_t d = 0; d < sim->n_domains; d++) {
        size_t package = sim->domains[d].package;
        floor->nobody_watts[d] += sim->truth.nobody_own_j[d];
        times->nobody_s[d] += sim->unknown[package] * sim->step_s;
        for (size_t i = 0; i < sim->n_workloads; i++) {
            floor->watts[d][i] += sim->truth.own_j[d][i];
            times->cpu_s[d][i] += sim->workloads[i].cores[package] * sim->step_s;
        }
    }
}

static void divide(struct floor *floor, const struct times *times)
{
    for (size_t d = 0; d < SIM_DOMAINS; d++) {
        floor->nobody_watts[d] /= times->nobody_s[d] > 0 ? times->nobody_s[d] : 1;
        for (size_t i = 0; i < SIM_WORKLOADS; i++)
            floor->watts[d][i] /= times->cpu_s[d][i] > 0 ? times->cpu_s[d][i] : 1;
    }
}

struct floor *floor_new(const struct scenario *scenario, uint64_t seed, double hours,
                        double after_s)
{
    struct floor *floor = calloc(1, sizeof(*floor));
    struct times *times = calloc(1, sizeof(*times));
    struct sim *sim = sim_new(scenario, seed);
    bool ready = floor && times && sim;
    while (ready && sim->time_s < hours * 3600) {
        bool counts = sim->time_s >= after_s;
        sim_step(sim);
        if (counts)
            add_step(floor, times, sim);
    }
    if (ready)
        divide(floor, times);
    sim_free(sim);
    free(times);
    if (ready)
        return floor;
    free(floor);
    return NULL;
}

/* Divides the true dynamic energy of a domain by watts x cores; NULL: the same watts for all. */
static void split(double split_j[SIM_WORKLOADS], const struct sim *sim, size_t d,
                  const double *watts, double nobody_watts)
{
    size_t package = sim->domains[d].package;
    double weights[SIM_WORKLOADS];
    double sum = nobody_watts * sim->unknown[package];
    for (size_t i = 0; i < sim->n_workloads; i++) {
        weights[i] = (watts ? watts[i] : 1) * sim->workloads[i].cores[package];
        sum += weights[i];
    }
    for (size_t i = 0; i < sim->n_workloads && sum > 0; i++)
        split_j[i] += sim->domains[d].dynamic_w * sim->step_s * weights[i] / sum;
}

void floor_split(struct floor *floor, const struct sim *sim)
{
    for (size_t d = 0; d < sim->n_domains; d++) {
        split(floor->split_j, sim, d, floor->watts[d], floor->nobody_watts[d]);
        split(floor->equal_j, sim, d, NULL, 1);
    }
}
