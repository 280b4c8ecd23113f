/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A simulated machine: writes frames into a ring as the sampler would, and keeps what the meters
 * would say. */

#include "greend/ring.h"
#include "greend/units.h"

enum { MACHINE_DOMAINS = 8, MACHINE_ENERGIES = 12000 };

struct machine {
    struct ring ring;
    uint64_t random; /* state of machine_random() */
    uint64_t mono_ns;
    int64_t real_ns;
    uint64_t number;
    uint64_t interval_ns; /* of the frame being made */
    uint64_t gap_ns;
    uint64_t total_uj; /* of all frames before */
    uint32_t codes;    /* how sure the next energies' split is: core/attribution/uncertainty.h */
    struct machine_domain {
        struct ring_domain_entry entry;
        bool summed;
        uint64_t total_uj;        /* running */
        uint64_t summed_total_uj; /* of the frames in which it was summed */
        uint64_t energy_uj;       /* of the frame being made */
        uint64_t idle_uj;
        uint32_t uncertainty_ppm;
    } domains[MACHINE_DOMAINS];
    size_t n_domains;
    struct ring_energy energies[MACHINE_ENERGIES];
    size_t n_energies;
};

struct machine *machine_new(uint64_t slots, uint64_t seed);
void machine_free(struct machine *machine);

/* A number below `below`: xorshift64*. */
uint64_t machine_random(struct machine *machine, uint64_t below);

/* Adds a domain; returns its number. */
uint16_t machine_add_domain(struct machine *machine, const char *name, enum domain_kind kind,
                            enum energy_source source, bool summed);

/* Names a workload in a slot of the ring's table; returns its id in records. */
uint32_t machine_name(struct machine *machine, uint32_t slot, uint32_t generation,
                      enum workload_kind kind, const char *unit, const char *command,
                      const char *user);

/* A frame: begin, what was used, end. end() publishes it and copies it to *frame if not NULL. */
void machine_begin(struct machine *machine, uint64_t interval_ns);
void machine_idle(struct machine *machine, uint16_t domain, uint64_t energy_uj);
void machine_use(struct machine *machine, uint16_t domain, uint32_t workload, int32_t pid,
                 uint64_t energy_uj, uint64_t cpu_ns);
void machine_end(struct machine *machine, struct frame *frame);
