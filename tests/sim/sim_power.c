/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <math.h>

#include "sim/sim.h"

/* Of interrupts and of what else no process is known for. */
static const double unknown_watts[2] = {5, 0.5};

/* Leakage follows a heat sink's temperature, a fan the air's. */
static const double heat_s = 240, air_s = 60;

/* The room's temperature comes and goes in an hour and a half. */
static const double room_s = 5400;

static void add_domain(struct sim *sim, size_t package, bool dram)
{
    const struct scenario *scenario = sim->scenario;
    struct sim_domain *domain = &sim->domains[sim->n_domains];
    *domain = (struct sim_domain){.package = package, .dram = dram};
    domain->idle_w = sim_range(&sim->random, scenario->idle_w);
    if (scenario->curve > 0)
        domain->idle_w = curves[scenario->curve - 1].watts[0];
    if (dram) /* refresh: some watts for the modules of a package */
        domain->idle_w = sim_range(&sim->random, (struct range){1.5, 5});
    domain->drift_phase = 2 * M_PI * random_unit(&sim->random);
    domain->filter_s = sim_range(&sim->random, scenario->filter_s);
    domain->shown_w = domain->idle_w;
    /* Counters have counted before: the first reading is anywhere, and some wrap. */
    domain->energy_j = random_unit(&sim->random) * 262143;

    struct meter *meter = &sim->sample.meters.meters[sim->n_domains];
    *meter = (struct meter){.kind = dram ? DOMAIN_DRAM : DOMAIN_PACKAGE,
                            .source = SOURCE_RAPL,
                            .form = METER_COUNTER,
                            .package = (int32_t)package,
                            .die = -1,
                            .range_uj = UINT64_C(262143328850),
                            .max_power_uw = 800 * UW_PER_W};
    (void)snprintf(meter->domain, sizeof(meter->domain), "%s-%zu", dram ? "dram" : "package",
                   package);
    (void)snprintf(meter->key, sizeof(meter->key), "intel-rapl/package-%zu%s", package,
                   dram ? "/dram" : "");
    sim->sample.meters.count = ++sim->n_domains;
}

void sim_power_init(struct sim *sim)
{
    for (size_t package = 0; package < sim->scenario->packages; package++) {
        add_domain(sim, package, false);
        if (sim->scenario->dram)
            add_domain(sim, package, true);
    }
    double watts = 0, cores = 0;
    for (size_t i = 0; i < sim->n_workloads; i++) {
        watts += sim->workloads[i].mean * sim->workloads[i].watts[0];
        cores += sim->workloads[i].mean;
    }
    sim->mean_watts = watts / cores;
}

/* How crowded the package is, 0 to 1: the share of busy threads whose core is shared, or how much
 * of the memory's bandwidth is wanted at once. */
static double crowding(const struct scenario *scenario, double busy)
{
    double cpus = scenario->cpus;
    if (scenario->smt)
        return busy > cpus / 2 ? 2 * (busy - cpus / 2) / busy : 0;
    return fmax(0, (busy / cpus - 0.3) / 0.7);
}

static double own_power(const struct sim *sim, const struct sim_domain *domain,
                        const struct sim_workload *workload, double busy)
{
    double watts = workload->watts[domain->dram] * workload->phase;
    double cores = workload->cores[domain->package];
    if (domain->dram)
        return watts * cores;
    double turbo = 1 - sim->scenario->turbo * busy / sim->scenario->cpus;
    return watts * cores * turbo * (1 - workload->discount * crowding(sim->scenario, busy));
}

static double smooth_step(double x)
{
    x = fmin(fmax(x, 0), 1);
    return x * x * (3 - 2 * x);
}

/* Dynamic power of the package that nobody uses alone. */
static double shared_power(struct sim *sim, struct sim_domain *domain, double own, double busy)
{
    const struct scenario *scenario = sim->scenario;
    double load = busy / scenario->cpus;
    /* The package sleeps while all its CPUs do. */
    double awake = 1 - pow(1 - fmin(load, 1), scenario->cpus);
    double shared = domain->idle_w * scenario->exit * awake +
                    domain->idle_w * scenario->uncore * smooth_step((load - 0.1) / 0.25);
    if (load > 0.4)
        domain->stepped = true;
    else if (load < 0.25)
        domain->stepped = false;
    if (domain->stepped)
        shared += domain->idle_w * scenario->hysteresis;

    double follow = 1 - exp(-sim->step_s / heat_s);
    shared += scenario->heat * domain->heat_w;
    domain->heat_w += follow * (own + shared - domain->heat_w);
    double speed = fmin(domain->air_w / (5 * scenario->cpus), 1);
    shared += domain->idle_w * scenario->fan * speed * speed * (0.5 + 0.5 * speed);
    domain->air_w += (1 - exp(-sim->step_s / air_s)) * (own + shared - domain->air_w);
    return shared;
}

/* A measured curve's dynamic power, at the load that this mix of workloads is worth. */
static double curve_power(const struct sim *sim, double own)
{
    const struct scenario *scenario = sim->scenario;
    double mean_discount = (scenario->discount.low + scenario->discount.high) / 2;
    /* The load at which workloads of mean watts and discount would have this own power. */
    double cores = own / sim->mean_watts;
    double half = scenario->cpus / 2.0;
    if (cores > half) /* own = mean x (u - d x 2 (u - cpus / 2)) there */
        cores = (cores - 2 * mean_discount * half) / (1 - 2 * mean_discount);
    return curve_dynamic_w(&curves[scenario->curve - 1],
                           fmax(0, fmin(cores / scenario->cpus, 1.1)));
}

/* The energy that the meter shows; a meter that smooths is behind. */
static void turn_meter(struct sim_domain *domain, double power_w, double step_s)
{
    double energy_j = power_w * step_s;
    if (domain->filter_s > 0) {
        double next_w = power_w + (domain->shown_w - power_w) * exp(-step_s / domain->filter_s);
        energy_j -= domain->filter_s * (next_w - domain->shown_w);
        domain->shown_w = next_w;
    }
    domain->energy_j += energy_j;
}

static void step_domain(struct sim *sim, size_t index)
{
    const struct scenario *scenario = sim->scenario;
    struct sim_domain *domain = &sim->domains[index];
    double own[SIM_WORKLOADS];
    double busy = sim->unknown[domain->package];
    for (size_t i = 0; i < sim->n_workloads; i++)
        busy += sim->workloads[i].cores[domain->package];
    double turbo = domain->dram ? 1 : 1 - scenario->turbo * busy / scenario->cpus;
    double unknown = sim->unknown[domain->package] * unknown_watts[domain->dram] * turbo;
    double sum = unknown;
    for (size_t i = 0; i < sim->n_workloads; i++) {
        own[i] = own_power(sim, domain, &sim->workloads[i], busy);
        sum += own[i];
    }
    double dynamic_w = sum;
    if (!domain->dram && scenario->curve > 0)
        dynamic_w = curve_power(sim, sum);
    if (!domain->dram)
        dynamic_w += shared_power(sim, domain, dynamic_w, busy);
    double room = sin(2 * M_PI * sim->time_s / room_s + domain->drift_phase);
    double idle_w = domain->idle_w * (1 + scenario->drift * room);
    turn_meter(domain, idle_w + dynamic_w, sim->step_s);

    sim->truth.idle_j[index] = idle_w * sim->step_s;
    double left_j = dynamic_w * sim->step_s;
    for (size_t i = 0; i < sim->n_workloads && sum > 0; i++) {
        double share_j = dynamic_w * sim->step_s * own[i] / sum;
        sim->truth.workload_j[index][i] = share_j;
        sim->truth.own_j[index][i] = own[i] * sim->step_s;
        left_j -= share_j;
    }
    sim->truth.nobody_j[index] = left_j;
    sim->truth.nobody_own_j[index] = unknown * sim->step_s;
    domain->dynamic_w = dynamic_w;
}

void sim_power_step(struct sim *sim)
{
    sim->truth = (struct sim_truth){0};
    for (size_t i = 0; i < sim->n_domains; i++)
        step_domain(sim, i);
}
