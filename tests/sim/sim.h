/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A simulated machine with a virtual clock. Each step makes what the collectors would read in one
 * second, and what really happened in it: who used which energy. Same scenario and seed, same
 * bytes.
 *
 * The truth, for each domain: power = idle + dynamic. A workload's own power is
 * watts x busy cores x turbo x (1 - discount x crowding); what dynamic power there is beyond the
 * sum of own powers (sleep exit, uncore step, the bend of a curve) is shared in proportion to them.
 */

#include "greend/sample.h"
#include "greend/units.h"
#include "sim/scenarios.h"
#include "support/random.h"

enum {
    SIM_WORKLOADS = 128,
    SIM_PROCESSES = 3, /* of one workload */
    SIM_PACKAGES = 2,
    SIM_DOMAINS = 2 * SIM_PACKAGES,
    SIM_ACTIVITIES = SIM_WORKLOADS * SIM_PROCESSES,
};

enum behaviour { BEHAVIOUR_STEADY, BEHAVIOUR_WANDER, BEHAVIOUR_BURSTY, BEHAVIOUR_PERIODIC };

struct sim_process {
    int32_t pid;
    uint16_t packages;   /* mask of those that it may run on */
    bool threaded;       /* runs on several packages at a time */
    double weight;       /* its part of the workload's CPU time */
    double on_second;    /* the part of its time on package 1 */
    double hop_s;        /* until it moves */
    double cores;        /* in this step */
    double used_s;       /* CPU time since the start, its own */
    double told_s;       /* of it, as read so far */
    double children_s;   /* used by children that still run */
    double reaped_s;     /* CPU time of ended children since the start */
    uint64_t reaped_cs;  /* of it, told so far, in 10 ms */
    double on_package_s; /* where it was when it was read */
};

struct sim_workload {
    enum behaviour behaviour;
    double mean;     /* wanted cores */
    double watts[2]; /* per busy core: of the package, of its memory */
    double discount;
    double phase;    /* factor on watts */
    double phase_s;  /* until it changes */
    double state;    /* logarithm of the wandering factor */
    double memory_s; /* of it */
    bool on;
    double switch_s; /* until it starts or pauses */
    double duty, on_s;
    bool comes_and_goes, here;
    double stay_s;              /* until it comes or goes */
    double wanted;              /* cores in this step */
    double cores[SIM_PACKAGES]; /* got in this step, by package */
    size_t n_processes;
    struct sim_process processes[SIM_PROCESSES];
};

struct sim_domain {
    size_t package;
    bool dram;
    double idle_w; /* at the start */
    double drift_phase;
    double heat_w, air_w; /* dynamic power, followed slowly: leakage, fan */
    bool stepped;         /* of a hysteresis */
    double filter_s, shown_w;
    double energy_j;  /* as its meter would show at this moment */
    double dynamic_w; /* in this step */
};

/* What really was used in a step, in J. Dynamic is workloads + nobody. */
struct sim_truth {
    double idle_j[SIM_DOMAINS];
    double nobody_j[SIM_DOMAINS]; /* dynamic, of time that no process is known for */
    double workload_j[SIM_DOMAINS][SIM_WORKLOADS];
    /* Before what is shared was added, and before the load bends a measured curve. */
    double nobody_own_j[SIM_DOMAINS];
    double own_j[SIM_DOMAINS][SIM_WORKLOADS];
};

struct sim {
    const struct scenario *scenario;
    struct random random;
    double time_s;
    double step_s;
    size_t n_workloads;
    struct sim_workload workloads[SIM_WORKLOADS];
    size_t n_domains;
    struct sim_domain domains[SIM_DOMAINS];
    double mean_watts; /* where the workloads' mix meets the load of a measured curve */
    double lull_s;     /* until a rest begins or ends */
    bool lulled;
    double busy_s[SIM_PACKAGES];  /* since the start */
    double unknown[SIM_PACKAGES]; /* cores in this step that no process is known for */
    uint64_t told_busy_cs;
    double told_busy_s[SIM_PACKAGES];
    uint64_t mono_ns;
    double load; /* busy share of all CPUs in this step */

    struct sim_truth truth; /* of this step */
    struct sample sample;   /* what the collectors read at its end */
    struct activity activities[SIM_ACTIVITIES];
};

/* NULL: no memory. The first sample, where all begins, is made by sim_new(). */
struct sim *sim_new(const struct scenario *scenario, uint64_t seed);
void sim_free(struct sim *sim);

/* One second on. */
void sim_step(struct sim *sim);

/* ---- Its parts ---- */

double sim_normal(struct random *random);
double sim_exponential(struct random *random, double mean);
double sim_range(struct random *random, struct range range);

/* sim_load.c: who wants CPU time, and who gets it where. */
void sim_load_init(struct sim *sim);
void sim_load_step(struct sim *sim);

/* sim_power.c: which power that takes, and whose it is. */
void sim_power_init(struct sim *sim);
void sim_power_step(struct sim *sim);
