/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/judge.h"

#include <math.h>

#include "sim/floor.h"
#include "sim/peers.h"
#include "sim/pipeline.h"

static const double worst_least = 0.01, interval_least = 0.001;

const char *const method_names[METHODS] = {
    [METHOD_GREEND] = "greend",         [METHOD_KEPLER] = "Kepler",
    [METHOD_SCAPHANDRE] = "Scaphandre", [METHOD_SHARE] = "CPU share",
    [METHOD_EQUAL] = "equal watts",     [METHOD_FLOOR] = "floor",
};

struct run {
    struct sim *sim;
    struct pipeline *pipeline;
    struct peers peers;
    struct floor *floor;
    double idle_j, workload_j[SIM_WORKLOADS]; /* the truth */
    double cpu_s[SIM_WORKLOADS];
    double idle_s;          /* time with less than 1 % of the CPUs busy, from the start */
    double seen_j, seen_uj; /* idle energy since that was enough: truth and estimate */
};

static void add_truth(struct run *run, double booked_idle_uj)
{
    double idle_j = 0;
    for (size_t i = 0; i < run->sim->n_domains; i++)
        idle_j += run->sim->truth.idle_j[i];
    run->idle_j += idle_j;
    if (run->idle_s >= JUDGE_IDLE_S) {
        run->seen_j += idle_j;
        run->seen_uj += booked_idle_uj;
    }
    for (size_t i = 0; i < run->sim->n_workloads; i++) {
        for (size_t p = 0; p < run->sim->scenario->packages; p++)
            run->cpu_s[i] += run->sim->workloads[i].cores[p] * run->sim->step_s;
        for (size_t d = 0; d < run->sim->n_domains; d++)
            run->workload_j[i] += run->sim->truth.workload_j[d][i];
    }
}

static void play(struct run *run, double hours)
{
    pipeline_tick(run->pipeline, run->sim); /* the first readings */
    while (run->sim->time_s < hours * 3600) {
        bool counts = run->sim->time_s >= JUDGE_AFTER_S;
        if (!counts)
            run->pipeline->books = (struct books){0};
        struct books *books = &run->pipeline->books;
        uint64_t measured_uj = books->measured_uj, idle_uj = books->idle_uj;
        sim_step(run->sim);
        pipeline_tick(run->pipeline, run->sim);
        if (run->sim->load < 0.01)
            run->idle_s += run->sim->step_s;
        if (!counts)
            continue;
        peers_tick(&run->peers, &run->sim->sample, books->measured_uj - measured_uj);
        floor_split(run->floor, run->sim);
        add_truth(run, (double)(books->idle_uj - idle_uj));
    }
}

static void judge_workloads(const struct run *run, const double estimate_j[SIM_WORKLOADS],
                            double *ret_error, double *ret_worst)
{
    double sum = 0, off = 0, worst = 0;
    for (size_t i = 0; i < run->sim->n_workloads; i++)
        sum += run->workload_j[i];
    for (size_t i = 0; i < run->sim->n_workloads; i++) {
        double truth = run->workload_j[i];
        double error = fabs(estimate_j[i] - truth);
        off += error;
        if (truth >= worst_least * sum)
            worst = fmax(worst, error / truth);
    }
    *ret_error = sum > 0 ? off / sum : 0;
    *ret_worst = worst;
}

static void judge_intervals(const struct run *run, const double estimate_j[SIM_WORKLOADS],
                            struct verdict *verdict)
{
    const struct books *books = &run->pipeline->books;
    double sum = 0, half = 0, booked = 0, unstated = 0;
    for (size_t i = 0; i < run->sim->n_workloads; i++)
        sum += run->workload_j[i];
    for (size_t i = 0; i < run->sim->n_workloads; i++) {
        double truth = run->workload_j[i];
        double half_j = books->half_uj[i] / 1e6;
        booked += (double)books->workload_uj[i];
        unstated += (double)books->unstated_uj[i];
        if (truth < interval_least * sum || truth <= 0)
            continue;
        double error = fabs(estimate_j[i] - truth);
        verdict->relative[verdict->n++] = error / truth;
        verdict->covered += half_j > 0 && error <= half_j;
        half += half_j / truth;
    }
    verdict->half_width = verdict->n ? half / (double)verdict->n : 0;
    verdict->stated = booked > 0 ? 1 - unstated / booked : 0;
}

static void judge_run(const struct run *run, struct verdict *verdict)
{
    const struct books *books = &run->pipeline->books;
    double estimates_j[METHODS][SIM_WORKLOADS];
    for (size_t i = 0; i < SIM_WORKLOADS; i++) {
        estimates_j[METHOD_GREEND][i] = (double)books->workload_uj[i] / 1e6;
        estimates_j[METHOD_KEPLER][i] = run->peers.kepler_uj[i] / 1e6;
        estimates_j[METHOD_SCAPHANDRE][i] = run->peers.scaphandre_uj[i] / 1e6;
        estimates_j[METHOD_SHARE][i] = run->peers.share_uj[i] / 1e6;
        estimates_j[METHOD_EQUAL][i] = run->floor->equal_j[i];
        estimates_j[METHOD_FLOOR][i] = run->floor->split_j[i];
    }
    for (size_t m = 0; m < METHODS; m++)
        judge_workloads(run, estimates_j[m], &verdict->error[m], &verdict->worst[m]);
    judge_intervals(run, estimates_j[METHOD_GREEND], verdict);
    verdict->exact = run->pipeline->exact;
    verdict->idle_seen = run->seen_j > 0;
    if (verdict->idle_seen)
        verdict->seen_error = fabs(run->seen_uj / 1e6 - run->seen_j) / run->seen_j;
    verdict->idle_error = fabs((double)books->idle_uj / 1e6 - run->idle_j) / run->idle_j;
    verdict->done = true;
}

static struct judged_workload workload_of(const struct run *run, size_t index)
{
    const struct books *books = &run->pipeline->books;
    return (struct judged_workload){.cpu_s = run->cpu_s[index],
                                    .truth_j = run->workload_j[index],
                                    .estimate_j = (double)books->workload_uj[index] / 1e6,
                                    .half_j = books->half_uj[index] / 1e6};
}

bool judge(const struct scenario *scenario, uint64_t seed, double hours, struct verdict *ret,
           struct judged_workload *ret_workloads)
{
    *ret = (struct verdict){0};
    struct run run = {.sim = sim_new(scenario, seed),
                      .pipeline = pipeline_new(),
                      .floor = floor_new(scenario, seed, hours, JUDGE_AFTER_S)};
    bool ready = run.sim && run.pipeline && run.floor;
    if (ready) {
        play(&run, hours);
        judge_run(&run, ret);
        for (size_t i = 0; i < SIM_WORKLOADS && ret_workloads; i++)
            ret_workloads[i] = workload_of(&run, i);
    }
    sim_free(run.sim);
    pipeline_free(run.pipeline);
    free(run.floor);
    return ready;
}
