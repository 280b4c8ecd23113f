/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <math.h>

#include "sim/sim.h"

static double capacity(const struct sim *sim)
{
    return (double)sim->scenario->cpus * sim->scenario->packages;
}

static enum behaviour draw_behaviour(struct sim *sim)
{
    const struct mix *mix = &sim->scenario->mix;
    const double weights[] = {mix->steady, mix->wander, mix->bursty, mix->periodic};
    double sum = 0;
    for (size_t i = 0; i < ARRAY_SIZE(weights); i++)
        sum += weights[i];
    double place = random_unit(&sim->random) * sum;
    size_t i = 0;
    while (i + 1 < ARRAY_SIZE(weights) && place >= weights[i])
        place -= weights[i++];
    return (enum behaviour)i;
}

/* A third of the workloads of a machine with two packages is bound to the first, a third to the
 * second; the others move, or have threads on both. */
static void draw_processes(struct sim *sim, size_t index)
{
    struct sim_workload *workload = &sim->workloads[index];
    struct random *random = &sim->random;
    uint64_t place = random_below(random, 3);
    double sum = 0;
    workload->n_processes = 1 + random_index(random, SIM_PROCESSES);
    for (size_t i = 0; i < workload->n_processes; i++) {
        struct sim_process *process = &workload->processes[i];
        *process = (struct sim_process){.pid = (int32_t)(100 + index * SIM_PROCESSES + i),
                                        .weight = 0.2 + random_unit(random)};
        sum += process->weight;
        if (sim->scenario->packages == 1)
            continue;
        process->packages = (uint16_t)(place == 2 ? 0U : 1U << place);
        process->threaded = place == 2 && random_below(random, 2);
        process->on_second = place == 2 ? (double)random_below(random, 2) : (double)place;
        process->hop_s = sim_exponential(random, 60);
    }
    for (size_t i = 0; i < workload->n_processes; i++)
        workload->processes[i].weight /= sum;
}

static void draw_times(struct sim *sim, struct sim_workload *workload)
{
    struct random *random = &sim->random;
    workload->memory_s = sim_range(random, (struct range){20, 300});
    workload->duty = sim_range(random, (struct range){0.1, 0.5});
    workload->on_s = exp(sim_range(random, (struct range){log(3), log(90)}));
    workload->on = random_unit(random) < workload->duty;
    workload->switch_s = random_unit(random) * workload->on_s / workload->duty;
    workload->state = sim_normal(random) * 0.5;
    workload->phase = 1;
    workload->phase_s =
        sim->scenario->phase_s > 0 ? sim_exponential(random, sim->scenario->phase_s) : 0;
    workload->here = true;
}

void sim_load_init(struct sim *sim)
{
    const struct scenario *scenario = sim->scenario;
    struct random *random = &sim->random;
    double sum = 0;
    sim->n_workloads = scenario->workloads;
    for (size_t i = 0; i < sim->n_workloads; i++) {
        struct sim_workload *workload = &sim->workloads[i];
        workload->behaviour = draw_behaviour(sim);
        workload->mean = exp(scenario->spread * sim_normal(random));
        workload->watts[0] = sim_range(random, scenario->watts);
        workload->watts[1] = sim_range(random, (struct range){0.2, 2});
        workload->discount = sim_range(random, scenario->discount);
        draw_times(sim, workload);
        draw_processes(sim, i);
        sum += workload->mean;
        workload->comes_and_goes = (double)i < scenario->churn * (double)sim->n_workloads;
        if (workload->comes_and_goes)
            workload->stay_s = sim_exponential(random, 600);
    }
    for (size_t i = 0; i < sim->n_workloads; i++)
        sim->workloads[i].mean *= scenario->load * capacity(sim) / sum;
    /* At the quarters of the range: a fit that cannot tell them is found out, and no fit can. */
    if (scenario->collinear) {
        sim->workloads[1].mean = sim->workloads[0].mean;
        double quarter = (scenario->watts.high - scenario->watts.low) / 4;
        sim->workloads[0].watts[0] = scenario->watts.low + quarter;
        sim->workloads[1].watts[0] = scenario->watts.high - quarter;
    }
    if (scenario->lull_every_s > 0)
        sim->lull_s = sim_exponential(random, scenario->lull_every_s);
}

/* ---- What is wanted ---- */

/* Starts or pauses; the lengths are the same each time, or drawn anew. */
static void switch_over(struct sim *sim, struct sim_workload *workload)
{
    workload->switch_s -= sim->step_s;
    if (workload->switch_s > 0)
        return;
    workload->on = !workload->on;
    double off_s = workload->on_s * (1 / workload->duty - 1);
    double mean_s = workload->on ? workload->on_s : off_s;
    workload->switch_s =
        workload->behaviour == BEHAVIOUR_PERIODIC ? mean_s : sim_exponential(&sim->random, mean_s);
}

static double behave(struct sim *sim, struct sim_workload *workload)
{
    double noise = sim_normal(&sim->random);
    double keep = exp(-sim->step_s / workload->memory_s);
    switch (workload->behaviour) {
    case BEHAVIOUR_STEADY:
        return fmax(0, 1 + 0.02 * noise);
    case BEHAVIOUR_WANDER:
        workload->state = workload->state * keep + noise * 0.6 * sqrt(1 - keep * keep);
        return exp(workload->state - 0.18); /* its mean is 1 */
    case BEHAVIOUR_BURSTY:
    case BEHAVIOUR_PERIODIC:
        switch_over(sim, workload);
        return workload->on ? fmax(0, 1 + 0.1 * noise) / workload->duty : 0;
    }
    return 0;
}

/* Whether it is here; if not it neither wants nor changes anything. */
static bool come_or_go(struct sim *sim, struct sim_workload *workload)
{
    if (!workload->comes_and_goes)
        return true;
    workload->stay_s -= sim->step_s;
    if (workload->stay_s <= 0) {
        workload->here = !workload->here;
        workload->stay_s = sim_exponential(&sim->random, 600);
    }
    return workload->here;
}

/* What the whole machine's load is multiplied with. */
static double common_factor(struct sim *sim)
{
    const struct scenario *scenario = sim->scenario;
    double factor = 1;
    if (scenario->day_s > 0)
        factor = 1 - 0.9 * cos(2 * M_PI * sim->time_s / scenario->day_s);
    if (sim->time_s < scenario->begin_s)
        return 0;
    if (scenario->lull_every_s <= 0)
        return factor;
    sim->lull_s -= sim->step_s;
    if (sim->lull_s <= 0) {
        sim->lulled = !sim->lulled;
        sim->lull_s =
            sim_exponential(&sim->random, sim->lulled ? scenario->lull_s : scenario->lull_every_s);
    }
    return sim->lulled ? factor * scenario->lull_load : factor;
}

static void change_phase(struct sim *sim, struct sim_workload *workload)
{
    if (sim->scenario->phase_s <= 0)
        return;
    workload->phase_s -= sim->step_s;
    if (workload->phase_s > 0)
        return;
    workload->phase = sim_range(&sim->random, (struct range){0.6, 1.6});
    workload->phase_s = sim_exponential(&sim->random, sim->scenario->phase_s);
}

/* ---- What is got, and where ---- */

static void move(struct sim *sim, struct sim_process *process)
{
    if (process->packages != 0 || sim->scenario->packages == 1)
        return;
    if (process->threaded) {
        double next = process->on_second + 0.05 * sim_normal(&sim->random);
        process->on_second = fmin(fmax(next, 0.1), 0.9);
        return;
    }
    process->hop_s -= sim->step_s;
    if (process->hop_s <= 0) {
        process->on_second = 1 - process->on_second;
        process->hop_s = sim_exponential(&sim->random, 60);
    }
}

static double part_on(const struct sim_process *process, size_t package)
{
    return package == 1 ? process->on_second : 1 - process->on_second;
}

/* Each gets what it wants, or its part of the package where more is wanted than there is. */
static void share_package(struct sim *sim, size_t package)
{
    double unknown = sim->scenario->unknown;
    double wanted = 0;
    for (size_t i = 0; i < sim->n_workloads; i++) {
        const struct sim_workload *workload = &sim->workloads[i];
        for (size_t k = 0; k < workload->n_processes; k++)
            wanted += workload->wanted * workload->processes[k].weight *
                      part_on(&workload->processes[k], package);
    }
    double most = (double)sim->scenario->cpus * (1 - unknown);
    double got = wanted > most ? most / wanted : 1;
    for (size_t i = 0; i < sim->n_workloads; i++) {
        struct sim_workload *workload = &sim->workloads[i];
        for (size_t k = 0; k < workload->n_processes; k++) {
            struct sim_process *process = &workload->processes[k];
            double cores = workload->wanted * process->weight * part_on(process, package) * got;
            process->cores += cores;
            workload->cores[package] += cores;
        }
    }
    sim->unknown[package] = fmin(wanted, most) * unknown / (1 - unknown);
}

void sim_load_step(struct sim *sim)
{
    double factor = common_factor(sim);
    for (size_t i = 0; i < sim->n_workloads; i++) {
        struct sim_workload *workload = &sim->workloads[i];
        memset(workload->cores, 0, sizeof(workload->cores));
        double wanted = come_or_go(sim, workload) ? workload->mean * behave(sim, workload) : 0;
        workload->wanted = fmin(wanted * factor, capacity(sim));
        if (i == 1 && sim->scenario->collinear)
            workload->wanted = sim->workloads[0].wanted;
        change_phase(sim, workload);
        for (size_t k = 0; k < workload->n_processes; k++) {
            workload->processes[k].cores = 0;
            move(sim, &workload->processes[k]);
        }
    }
    double busy = 0;
    for (size_t package = 0; package < sim->scenario->packages; package++) {
        share_package(sim, package);
        busy += sim->unknown[package];
        for (size_t i = 0; i < sim->n_workloads; i++)
            busy += sim->workloads[i].cores[package];
    }
    sim->load = busy / capacity(sim);
}
