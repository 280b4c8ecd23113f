/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Good practices, and whether the evidence of one machine speaks of them. A table: each practice
 * has its source and how to apply it; what is not observed is not judged. Pure. docs/method.md has
 * the thresholds. */

#include "greend/figure.h"
#include "greend/inventory.h"
#include "greend/target.h"

enum practice_id {
    PRACTICE_COMATOSE,
    PRACTICE_OVERSIZED_CPU,
    PRACTICE_OVERSIZED_MEMORY,
    PRACTICE_OFF_HOURS,
    PRACTICE_GOVERNOR,
    PRACTICE_IDLE_STATES,
    PRACTICE_POWER_SUPPLY,
    PRACTICE_LIFE,
    PRACTICES
};

struct practice_info {
    const char *id;     /* "comatose": a stable word */
    const char *title;  /* for a person */
    const char *source; /* who asks for it, with its number */
    const char *apply;  /* how */
    const char *needs;  /* the data that a verdict is made from */
    const char *blind;  /* what that data cannot show */
};

const struct practice_info *practice_info(enum practice_id id);

/* Thresholds, as [advise] sets them. */
struct practice_limits {
    unsigned days;         /* of history that a verdict needs */
    double cpu_idle;       /* comatose: 95 % of hours below this part of all CPUs */
    double network_idle;   /* comatose: bytes/s on average since the start */
    double disk_idle;      /* likewise */
    double cpu_low;        /* oversized: 95 % of hours below this part */
    double memory_low;     /* oversized: likewise, of memory held */
    double off_hours_used; /* non-production: on in more than this part of nights and weekends */
    double psu_efficiency; /* least */
    double life_years;     /* a machine should serve at least */
};

/* A number that may not be known. */
struct observation {
    bool known;
    double value;
    const char *why; /* where it is not: a constant */
};

enum { PRACTICE_ENVIRONMENTS_MAX = 16 };

/* Units of an environment that is not production. */
struct practice_environment {
    char name[160];
    unsigned days;               /* whole days of history */
    double used;                 /* part of night and weekend hours in which they used energy */
    struct projection off_hours; /* energy of those hours in a year, kWh */
    struct observation modelled; /* part of that energy that a model says and no meter */
};

struct practice_evidence {
    enum machine machine;
    unsigned days;                  /* whole days of history, of those that were asked for */
    struct observation cpu;         /* 95th percentile of hours, part of all CPUs */
    struct observation memory;      /* likewise, of memory held by units, file caches included */
    struct observation uptime;      /* days since the machine started */
    struct observation network;     /* bytes/s since then, all interfaces but lo */
    struct observation disk;        /* bytes/s read and written since then */
    struct observation performance; /* part of CPUs with governor performance */
    struct observation idle_states; /* part of idle states beyond the first that are disabled */
    const char *idle_word;          /* of the kernel's command line, forbids them; NULL: none */
    struct observation psu;         /* output / input, now */
    struct observation life;        /* years that it is planned to serve in all */
    struct figure embodied;         /* kgCO2e of manufacture; unknown: not known */
    bool embodied_least;            /* parts of the hardware are not counted in it */
    struct projection host;         /* energy of the machine in a year, kWh */
    struct observation modelled;    /* part of that energy that a model says and no meter */
    struct practice_environment environments[PRACTICE_ENVIRONMENTS_MAX];
    size_t n_environments;
    struct observation kg_per_kwh; /* of the machine, PUE included */
};

enum practice_state {
    PRACTICE_ADVISED,        /* the evidence meets the threshold */
    PRACTICE_FINE,           /* it does not */
    PRACTICE_SIGN,           /* a part of the evidence does, and alone is no verdict */
    PRACTICE_NEEDS_DATA,     /* fewer days than it needs */
    PRACTICE_NOT_OBSERVABLE, /* why says what is missing */
};

const char *practice_state_name(enum practice_state state); /* "advised", "not_observable" ... */

/* A year's saving. */
struct practice_saving {
    bool known;
    bool least;        /* at least that: not all of the hardware is counted */
    unsigned days;     /* recorded, that the energy is projected from; 0: none is */
    struct figure kwh; /* of the machine; unknown: it saves none, or none is known */
    struct figure kg;  /* kgCO2e, PUE included. The bands of both are of days going on as they
                          were: neither meters, split, PUE nor factor are in them */
    const char *why;   /* where it is not known: a constant */
    struct observation modelled; /* part of the energy that a model says and no meter */
};

enum { PRACTICE_EVIDENCE_MAX = 512, PRACTICE_RESULTS_MAX = PRACTICES + PRACTICE_ENVIRONMENTS_MAX };

struct practice_result {
    enum practice_id id;
    char subject[160]; /* an environment; "" for the machine */
    enum practice_state state;
    double value;     /* what was compared first; 0 where nothing was */
    double threshold; /* with this */
    unsigned days;
    unsigned days_needed; /* 0: it is of one moment */
    struct practice_saving saving;
    const char *why; /* not observable: what is missing; a sign: what it lacks. Constant */
};

/* Returns how many results there are: one of each practice, of off-hours one of each environment.
 */
size_t practices_judge(const struct practice_evidence *evidence,
                       const struct practice_limits *limits,
                       struct practice_result results[PRACTICE_RESULTS_MAX]);

/* The value below or at which a part of the values lies; values are sorted by this. n > 0. */
double practice_percentile(double *values, size_t n, double part);
