/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The machines and loads on which the attribution is judged. The parameters were fixed before the
 * attribution was tuned on any of them; whoever changes one says why in the commit. What varies
 * from seed to seed is drawn from the ranges that stand here. */

#include "greend/base.h"

/* What is asked of a scenario: see limits in tests/sim/bars.c. */
enum scenario_class {
    CLASS_IDENTIFIABLE, /* the load varies, and there are CPUs for all that want to run */
    CLASS_SMALL,        /* little energy, or workloads that hardly differ in time */
    CLASS_CONTENDED,    /* logical CPUs share cores, or more wants to run than there are CPUs */
    CLASS_STEADY,       /* nothing ever changes, at low load */
    CLASS_OUTSIDE,      /* the power curve or the meter is of no form that an estimator assumes */
    CLASS_NEVER_IDLE,   /* idle power cannot be seen: steady at 60 to 80 %, or always at work */
    SCENARIO_CLASSES
};

extern const char *const class_names[SCENARIO_CLASSES];

struct range {
    double low, high;
};

/* How many of the workloads, by weight, use the CPU in which way. */
struct mix {
    double steady;   /* always the same, but for 2 % from second to second */
    double wander;   /* around its mean, by a factor of about two, within minutes */
    double bursty;   /* at times at work, for seconds to minutes, at times not at all */
    double periodic; /* the same at fixed intervals: timers, polls, reports */
};

struct scenario {
    const char *name;
    const char *what;
    enum scenario_class class;

    /* The machine. */
    uint32_t packages;
    uint32_t cpus;         /* logical CPUs of a package */
    bool smt;              /* two of them share a core */
    bool dram;             /* each package has a meter of its memory too */
    int curve;             /* 0: the parts below; else the number of a measured curve, from 1 */
    struct range idle_w;   /* of a package */
    double turbo;          /* how much less power per busy core at full load than alone */
    double exit;           /* what leaving the package's sleep costs, as a share of idle power */
    double uncore;         /* step of the uncore clock, as a share of idle power */
    double hysteresis;     /* a step that comes at 40 % load and goes at 25 %, likewise */
    double heat;           /* leakage that follows dynamic power by minutes, as a share of it */
    double drift;          /* idle power's slow change with the room's temperature, as a share */
    double fan;            /* fan at full load, as a share of idle power */
    struct range filter_s; /* time constant of the meter, 0: none */

    /* The workloads. */
    uint32_t workloads;
    double load; /* mean wanted CPU time as a share of all CPUs */
    struct mix mix;
    double spread;      /* of the workloads' sizes: standard deviation of the logarithm */
    struct range watts; /* per busy core, each workload its own */
    struct range
        discount;   /* the part of it that is saved on a shared or crowded core, each its own */
    double begin_s; /* rest before the load begins */
    double lull_every_s; /* mean time between times in which everything rests, 0: never */
    double lull_s;       /* mean length of these */
    double lull_load;    /* what is left of the load then */
    double day_s;        /* length of a day with a night in it, 0: none */
    double phase_s;      /* mean time until a workload's watts per core change, 0: never */
    double churn;        /* share of the workloads that come and go */
    double forked;       /* share of their CPU time that was used by children that have ended */
    double unknown;      /* CPU time that no process is known for, as a share of all that is used */
    bool collinear;      /* the second workload does what the first does */
    bool coarse;         /* CPU times are known to 10 ms, as in fields 14 and 15 of stat */
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

/* NULL: there is none of that name. */
const struct scenario *scenario_find(const char *name);

/* ---- Measured curves ---- */

enum { CURVE_POINTS = 11 };

/* Power of a server in W at active idle and at 10, 20, ... 100 % of the load. */
struct curve {
    const char *server;
    const char *tested;
    double watts[CURVE_POINTS];
};

extern const struct curve curves[];
extern const size_t n_curves;

/* Power above idle at a share of full load, 0 to 1 and a little beyond. */
double curve_dynamic_w(const struct curve *curve, double load);
