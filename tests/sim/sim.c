/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/sim.h"

#include <math.h>

#include "greend/ring.h"

double sim_normal(struct random *random)
{
    double u = 1 - random_unit(random); /* never 0 */
    return sqrt(-2 * log(u)) * cos(2 * M_PI * random_unit(random));
}

double sim_exponential(struct random *random, double mean)
{
    return -mean * log(1 - random_unit(random));
}

double sim_range(struct random *random, struct range range)
{
    return range.low + (range.high - range.low) * random_unit(random);
}

/* ---- What the collectors read ---- */

/* RAPL counts units of 2^-14 J in 32 bits, refreshed about once a millisecond; the kernel takes a
 * unit for 61.035 uJ and rounds down. */
static void read_meters(struct sim *sim)
{
    for (size_t i = 0; i < sim->n_domains; i++) {
        const struct sim_domain *domain = &sim->domains[i];
        double late_s = random_unit(&sim->random) * 0.001;
        double seen_j = domain->energy_j - late_s * (domain->idle_w + domain->dynamic_w);
        uint64_t units = (uint64_t)(fmax(seen_j, 0) * 16384);
        sim->sample.meters.readings[i] = (struct meter_reading){
            .time_ns = sim->mono_ns, .value = (units & UINT32_MAX) * 61035 / 1000};
    }
}

/* Processes are read one after the other, within some milliseconds. */
static uint64_t read_own_ns(struct sim *sim, struct sim_process *process)
{
    double seen_s = process->used_s + random_unit(&sim->random) * 0.003 * process->cores;
    if (sim->scenario->coarse)
        seen_s = floor(seen_s * 100) / 100;
    double gained_s = fmax(0, seen_s - process->told_s);
    process->told_s += gained_s;
    return (uint64_t)(gained_s * 1e9);
}

/* Children run on for a while, and are counted in 10 ms once they were reaped. */
static uint64_t read_children_ns(struct sim *sim, struct sim_process *process)
{
    double ended_s = process->children_s * (0.3 + 0.7 * random_unit(&sim->random));
    process->children_s -= ended_s;
    process->reaped_s += ended_s;
    uint64_t reaped_cs = (uint64_t)(process->reaped_s * 100);
    uint64_t gained_cs = reaped_cs - process->reaped_cs;
    process->reaped_cs = reaped_cs;
    return gained_cs * 10 * NS_PER_MS;
}

static void read_process(struct sim *sim, size_t index, struct sim_process *process)
{
    double used_s = process->cores * sim->step_s;
    process->used_s += used_s * (1 - sim->scenario->forked);
    process->children_s += used_s * sim->scenario->forked;
    uint64_t cpu_ns = read_own_ns(sim, process);
    uint64_t child_ns = read_children_ns(sim, process);
    if (cpu_ns == 0 && child_ns == 0)
        return;
    bool second = random_unit(&sim->random) < process->on_second;
    sim->activities[sim->sample.n_activities++] =
        (struct activity){.pid = process->pid,
                          .last_cpu = second ? (int32_t)sim->scenario->cpus : 0,
                          .start_ticks = 1,
                          .workload = ring_workload_id(RING_WORKLOAD_FIRST + (uint32_t)index, 1),
                          .threads = process->threaded ? 16 : 1,
                          .package = second,
                          .packages = process->packages,
                          .cpu_ns = cpu_ns,
                          .child_ns = child_ns};
}

static void read_processes(struct sim *sim)
{
    sim->sample.n_activities = 0;
    for (size_t i = 0; i < sim->n_workloads; i++) {
        struct sim_workload *workload = &sim->workloads[i];
        for (size_t k = 0; k < workload->n_processes; k++)
            read_process(sim, i, &workload->processes[k]);
    }
    sim->sample.activities = sim->activities;
    sim->sample.n_processes = (uint32_t)sim->sample.n_activities + 200;
}

/* /proc/stat counts 10 ms: the machine's line the sum, each CPU's line its own. */
static void read_busy(struct sim *sim)
{
    struct busy *busy = &sim->sample.busy;
    uint32_t cpus = sim->scenario->cpus;
    *busy = (struct busy){.elapsed_ns = (uint64_t)(sim->step_s * 1e9),
                          .cpus = cpus * sim->scenario->packages,
                          .packages = sim->scenario->packages};
    double sum_s = 0;
    for (size_t package = 0; package < sim->scenario->packages; package++) {
        double cores = sim->unknown[package];
        for (size_t i = 0; i < sim->n_workloads; i++)
            cores += sim->workloads[i].cores[package];
        sim->busy_s[package] += cores * sim->step_s;
        sum_s += sim->busy_s[package];
        /* What is below 10 ms of each CPU is not seen yet: on average half of it. */
        double unseen_s = 0.01 * (cpus / 2.0 + sqrt(cpus / 12.0) * sim_normal(&sim->random));
        double seen_s = sim->busy_s[package] - fmax(unseen_s, 0);
        double gained_s = floor(fmax(0, seen_s - sim->told_busy_s[package]) * 100) / 100;
        sim->told_busy_s[package] += gained_s;
        busy->package_cpus[package] = cpus;
        busy->package_busy_ns[package] = (uint64_t)(gained_s * 1e9);
    }
    uint64_t told_cs = (uint64_t)(sum_s * 100);
    busy->busy_ns = (told_cs - sim->told_busy_cs) * 10 * NS_PER_MS;
    sim->told_busy_cs = told_cs;
}

/* ---- The machine ---- */

struct sim *sim_new(const struct scenario *scenario, uint64_t seed)
{
    struct sim *sim = calloc(1, sizeof(*sim));
    if (!sim)
        return NULL;
    sim->scenario = scenario;
    /* Scenarios of one seed have nothing in common. */
    uint64_t state = seed;
    for (const char *c = scenario->name; *c; c++)
        state = random_mix(state ^ (uint64_t)(unsigned char)*c);
    sim->random = (struct random){.state = state};
    sim->mono_ns = 100 * NS_PER_S;
    sim_load_init(sim);
    sim_power_init(sim);
    read_meters(sim);
    sim->sample.activities = sim->activities;
    return sim;
}

void sim_free(struct sim *sim)
{
    free(sim);
}

void sim_step(struct sim *sim)
{
    /* Timers are late by up to some milliseconds. */
    uint64_t step_ns = NS_PER_S - 2 * NS_PER_MS + random_below(&sim->random, 4 * NS_PER_MS);
    sim->step_s = (double)step_ns / 1e9;
    sim->time_s += sim->step_s;
    sim->mono_ns += step_ns;
    sim_load_step(sim);
    sim_power_step(sim);
    read_processes(sim);
    read_busy(sim);
    read_meters(sim);
}
