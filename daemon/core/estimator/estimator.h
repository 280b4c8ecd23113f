/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Learns, for one energy domain, what part of its power is idle and how many watts each workload
 * takes per busy CPU, from nothing but the domain's own samples. Pure. docs/method.md tells the
 * whole of it.
 *
 *     power = curve(U) + phi x sum of d_i u_i            curve: core/estimator/curve.h
 *
 * u_i is the number of CPUs that workload i keeps busy, U that of all, d_i what it takes above or
 * below the mean. Two fits run side by side, and the one that explains the samples better is booked
 * from:
 *   ESTIMATOR_BY_CPUS   U counts busy CPUs; what more CPUs save, they save for all alike (phi: mean
 *                       slope of the curve). Clocks that fall with the number of busy cores.
 *   ESTIMATOR_BY_WATTS  U counts each busy CPU by the watts of its workload, (c + d_i) / c: power
 * is a function of the work done (phi: local slope). Limits of power, fans. Beyond half of them
 * CPUs share cores and do it for less, all alike: that hangs on how many are busy (m). While there
 * are more than 64 workloads only the first one runs.
 *
 * Power that comes at one load and goes at a lower one is looked for in what is not explained
 * (core/estimator/load_switch.h).
 *
 * Idle power is followed by a level of its own, which learns only while the machine does little.
 * What is above idle is divided in proportion to (c + d_i) u_i.
 *
 * Memory: 380 KiB a fit where all 192 workloads are in use, in pages that are touched only as they
 * come. Nothing is allocated after estimator_init(). Deterministic: same samples, same result. No
 * input makes it divide by zero or give NaN. */

#include "core/estimator/fit.h"
#include "core/estimator/idle_prior.h"
#include "core/estimator/load_switch.h"
#include "core/estimator/meter_lag.h"
#include "core/estimator/row_noise.h"
#include "core/estimator/row_pace.h"
#include "greend/ring.h"

struct learned_domain;

/* A workload in one tick. */
struct estimator_load {
    uint32_t workload; /* ring_workload_id() */
    uint32_t column;   /* the estimator's own */
    uint64_t key;      /* learned_key() of it, 0: not known */
    double cpus;       /* busy CPUs in the interval */
    /* Answers: */
    double weight;      /* watts per busy CPU, relative to each other; above 0 */
    double uncertainty; /* half-width of the 95 % interval as a share of its energy */
};

struct estimator_tick {
    double energy_j, dt_s; /* of the domain; dt_s 0: it has told nothing new */
    double busy_cpus;      /* all busy CPUs: the sum over the loads */
    double elapsed_s;      /* the interval that the loads speak of */
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

enum estimator_fit { ESTIMATOR_BY_CPUS, ESTIMATOR_BY_WATTS, ESTIMATOR_FITS };

/* What is known of a workload, by column of the fits. */
struct estimator_column {
    uint32_t workload; /* 0: free */
    uint64_t key;
    double usual;  /* d_i / c that forgetting leads back to */
    double bent;   /* d_i / c by which ESTIMATOR_BY_WATTS counts it */
    double error;  /* relative standard error of its watts per CPU */
    double share;  /* of the dynamic power, in W, over ten minutes */
    uint64_t seen; /* tick in which it was active last */
};

/* What a workload takes above or below the mean that has no column: it was away for long, or not
 * here yet since the daemon began. */
struct estimator_away {
    uint64_t key; /* 0: none */
    double usual;
};

/* One of the two ways to see the samples. */
struct estimator_view {
    struct fit fit;
    struct curve_memory memory;
    double phi;       /* of this tick */
    double offset_w;  /* likewise: phi sum d_i u_i that U has counted already */
    double dynamic_w; /* likewise: power above idle power as the fit sees it */
    double behind_w;  /* likewise: what of it a meter that smooths does not show yet */
    double shown[FIT_SIZE], shown_offset; /* features and offset_w as such a meter shows them */
    double row[FIT_SIZE]; /* features of the row that is being gathered, times seconds */
    double row_offset;    /* offset_w of the row, times seconds */
    double before[FIT_SIZE], before_w; /* the row before it, and its power; 0: there is none */
    struct row_noise noise;
};

/* CPU time that no process is known for: what /proc/stat says beyond them, in its steps of 10 ms.
 */
struct estimator_unknown {
    uint32_t column;       /* FIT_WORKLOADS: none */
    double slow_cpus;      /* mean of a minute or two */
    double cpus, off_cpus; /* in this tick without those steps, and how much that differs */
};

struct estimator {
    struct estimator_prior prior;
    uint32_t cpus;
    struct estimator_view views[ESTIMATOR_FITS];
    enum estimator_fit chosen;

    struct estimator_unknown unknown;
    struct meter_lag lag;
    struct load_switch load_switch;
    double switch_w; /* what was recalled of its power; 0: nothing */
    bool switched;   /* in this tick */
    double crowd;    /* m / c by which ESTIMATOR_BY_WATTS counts CPUs beyond half of them */
    struct row_pace pace;

    struct idle_prior idle_prior;
    struct idle_guess guess;
    double level_w, level_variance; /* idle power; 0: nothing known */
    double slope_variance;          /* relative, of the mean watts per busy CPU */
    double power_w;                 /* mean, decayed over 15 minutes */
    double mean_cpus, crowded_cpus; /* likewise: busy, and of these on a core that is shared */
    double recent_load;             /* highest load of the last seconds, decaying */
    double lowest_cpus;             /* lowest U seen, leaking up */

    struct estimator_column columns[FIT_WORKLOADS];
    size_t n_columns;
    struct estimator_away away[FIT_WORKLOADS];
    size_t next_away;                       /* the place that is written next */
    uint64_t full_until;                    /* tick before which no column becomes free */
    unsigned forgotten;                     /* columns, in this tick */
    uint16_t column_of[RING_WORKLOADS_MAX]; /* by slot: column + 1 */

    uint64_t ticks;
    double age_s, solve_at_s; /* in time that was learned from */
    double choose_at_s;       /* likewise: the second fit knows too little before */
    unsigned solutions;
    double row_s, row_j, row_elapsed_s; /* of the row that is being gathered */
    bool row_absurd;                    /* likewise: more CPUs were busy than there are */
    unsigned odd_rows;                  /* one after the other that were far off */
    struct fit_prior priors[FIT_SIZE];
};

/* -ENOMEM. Zeroes are accepted by estimator_done(). */
int estimator_init(struct estimator *estimator, const struct estimator_prior *prior);
void estimator_done(struct estimator *estimator);

/* Begins with what was learned before (core/estimator/learned.h); right after estimator_init(). */
void estimator_recall(struct estimator *estimator, const struct learned_domain *learned);

/* Fills in what is to be kept. False: nothing was learned yet. */
bool estimator_keep(const struct estimator *estimator, struct learned_domain *ret);

/* Learns from one tick and says how its energy divides. */
void estimator_tick(struct estimator *estimator, const struct estimator_tick *tick,
                    struct estimator_answer *ret_answer);
