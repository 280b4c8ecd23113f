/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Learns, for one energy domain, what part of its power is idle and how many watts each workload
 * takes per busy CPU, from nothing but the domain's own samples. Pure.
 *
 * U is the number of busy CPUs of the domain, u_i that of workload i, N the number of CPUs:
 *
 *     power = idle + a (1 - e^(-U / 0.1)) + b (1 - e^(-U / 0.6)) + c U
 *             + sum of h_j max(0, U - k_j) + phi sum of d_i u_i
 *
 * a and b: the first busy CPU wakes what all share. h_j: above N/8, N/4, N/2 and 3N/4 a further
 * busy CPU costs less (shared cores, lower clocks) or more. d_i: what a workload takes above or
 * below the mean; phi makes it follow the slope of the curve. The fit forgets in half an hour
 * (core/attribution/fit.h); idle power is followed by a level of its own, which learns only while
 * the machine does little. What is above idle is divided in proportion to (c + d_i) u_i. docs/
 * method.md has the whole of it.
 *
 * Memory: 330 KiB a fit where all 192 workloads are in use, in pages that are touched only as they
 * come; two fits up to 64 workloads. Nothing is allocated after estimator_init().
 * Deterministic: same samples, same result. No input makes it divide by zero or give NaN. */

#include "core/attribution/fit.h"
#include "core/attribution/idle_prior.h"
#include "greend/ring.h"

/* A workload in one tick. */
struct estimator_load {
    uint32_t workload; /* ring_workload_id() */
    double cpus;       /* busy CPUs in the interval */
    /* Answers: */
    double weight;      /* watts per busy CPU, relative to each other; above 0 */
    double uncertainty; /* half-width of the 95 % interval as a share of its energy */
};

struct estimator_tick {
    double energy_j, dt_s; /* of the domain; dt_s 0: it has told nothing new */
    double busy_cpus;      /* all busy CPUs, known or not */
    double elapsed_s;      /* the interval that loads and busy_cpus speak of */
    uint32_t cpus;         /* CPUs of the domain */
    struct estimator_load *loads;
    size_t n_loads;
};

struct estimator_answer {
    double idle_j;           /* part of energy_j */
    double idle_uncertainty; /* half-width of its 95 % interval as a share of it */
};

/* What is known of a domain beforehand. */
struct estimator_prior {
    double slope_w, slope_sd_w; /* watts of one more busy CPU */
    double idle_w, idle_sd_w;   /* 0: only what its own samples say */
};

enum { ESTIMATOR_FITS = 2 };

/* What is known of a workload, by column of the fits. */
struct estimator_column {
    uint32_t workload; /* 0: free */
    double usual_w;    /* d_i that forgetting leads back to */
    double error;      /* relative standard error of its watts per CPU */
    double share;      /* of the dynamic energy, over ten minutes */
    uint64_t seen;     /* tick in which it was active last */
};

struct estimator {
    struct estimator_prior prior;
    struct fit fits[ESTIMATOR_FITS]; /* phi: mean slope, local slope of the curve */
    double phi[ESTIMATOR_FITS];
    unsigned chosen; /* the fit that is booked from */
    uint32_t cpus;
    struct idle_prior idle_prior;
    double level_w, level_variance; /* idle power; 0: nothing known */
    double guess_w, guess_sd_w;     /* what idle_prior said last */
    double slope_variance;          /* relative, of the mean watts per busy CPU */
    double power_w;                 /* mean, decayed as the fits */
    double lowest_cpus;             /* lowest U seen, leaking up */
    struct estimator_column columns[FIT_WORKLOADS];
    size_t n_columns;
    uint16_t column_of[RING_WORKLOADS_MAX]; /* by slot: column + 1 */
    uint64_t ticks;
    double age_s, solve_at_s;
    unsigned solutions;
    /* The row that is being gathered. */
    double row_s, row_j, row_elapsed_s;
    double row[ESTIMATOR_FITS][FIT_SIZE];
    struct fit_prior priors[FIT_SIZE];
};

/* -ENOMEM. Zeroes are accepted by estimator_done(). */
int estimator_init(struct estimator *estimator, const struct estimator_prior *prior);
void estimator_done(struct estimator *estimator);

/* Learns from one tick and says how its energy divides. */
void estimator_tick(struct estimator *estimator, const struct estimator_tick *tick,
                    struct estimator_answer *ret_answer);
