/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* By which weights the dynamic energy of each domain is divided in a frame. Pure.
 *
 * A measured domain has an estimator, which learns; a modelled one divides by CPU time. An
 * accelerator is used by whoever uses it, which no CPU time tells: its energy is nobody's that is
 * known, and no part of it is called idle. Weights are whole numbers, so that the split
 * (core/attribution/split.h) stays exact. */

#include "core/attribution/packages.h"
#include "core/estimator/learned.h"
#include "core/meter/topology.h"

/* One domain. What is said of workloads is by slot, true for those that were active. */
struct division_domain {
    struct estimator estimator;
    bool learned; /* the estimator spoke in this frame */
    int32_t package;
    uint16_t idle_code;
    uint16_t weights[RING_WORKLOADS_MAX]; /* watts per busy CPU, relative; 1 to UINT16_MAX */
    uint16_t codes[RING_WORKLOADS_MAX];   /* core/attribution/uncertainty.h */
};

struct division {
    struct division_domain *domains[TOPOLOGY_DOMAINS_MAX]; /* by number in the topology */
    bool apart[TOPOLOGY_DOMAINS_MAX];  /* what CPU time says nothing of: nobody's */
    const struct learned *recalled;    /* NULL: nothing */
    uint64_t keys[RING_WORKLOADS_MAX]; /* of workloads, by slot: learned_key() */
    struct packages packages;
    unsigned shift; /* of times, so that no sum of weights overflows */
    /* The frame's activities by workload. */
    size_t n_loads;
    struct estimator_load loads[RING_WORKLOADS_MAX];
    double load_ns[RING_WORKLOADS_MAX];
    uint16_t load_of[RING_WORKLOADS_MAX]; /* by slot: index + 1 */
};

/* Time that one frame divides. */
struct division_frame {
    const struct activity *activities;
    size_t n_activities;
    uint64_t unknown_ns; /* busy time that no process is known for */
    const struct busy *busy;
};

void division_done(struct division *division);

/* The number is another domain's from now on. */
void division_forget(struct division *division, size_t number);

/* The domains that appear from now on begin with what was learned before; learned outlives the
 * division. */
void division_recall(struct division *division, const struct learned *learned);

/* What a slot stands for from now on. */
void division_name(struct division *division, uint32_t slot, const struct workload *workload);

/* Fills in what is to be kept of all domains. */
void division_keep(const struct division *division, const struct topology_result *topology,
                   struct learned *ret);

/* Begins a frame. */
void division_begin(struct division *division, const struct division_frame *frame);

/* Finds the idle part of one domain's energy (energy_uj: that of this interval) and the weights of
 * the rest. */
uint64_t division_domain(struct division *division, const struct division_frame *frame,
                         size_t number, const struct domain_energy *domain, uint64_t energy_uj);

/* The weight of an activity's time in a domain; NULL: of time that no process is known for. */
uint64_t division_weight(const struct division *division, size_t number,
                         const struct activity *activity, uint64_t time_ns);

/* How sure that is, and how sure the idle part: ten bits, 0 where it is not stated. */
uint32_t division_code(const struct division *division, size_t number, uint32_t workload);
