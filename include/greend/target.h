/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Targets, and where a period will end up if days go on as they were. Pure: text and numbers in,
 * numbers out. docs/method.md is the method. */

#include "greend/base.h"

/* ---- What the operator asks for ---- */

enum { TARGET_NAME_MAX = 48, TARGET_WHAT_MAX = 160, TARGET_ERROR_MAX = 384 };

enum target_scope {
    TARGET_HOST,        /* all of the machine's energy */
    TARGET_UNIT,        /* dynamic energy of units whose name matches a pattern */
    TARGET_ENVIRONMENT, /* likewise, of the units of an environment */
    TARGET_SCOPES
};

enum target_unit { TARGET_KWH, TARGET_KGCO2E, TARGET_UNITS };
enum target_per { TARGET_MONTH, TARGET_YEAR, TARGET_PERS };

struct target {
    char name[TARGET_NAME_MAX];
    char what[TARGET_WHAT_MAX]; /* the pattern (fnmatch(3)) or the environment; "" of the host */
    enum target_scope scope;
    enum target_unit unit;
    enum target_per per;
    bool relative; /* percent below the baseline; else amount */
    double amount; /* kWh or kgCO2e in the period */
    double percent;
    int baseline_year;  /* where relative */
    int baseline_month; /* 1 to 12; 0: the year */
};

/* A line of [targets]. -EINVAL: ret_error (TARGET_ERROR_MAX bytes) says what was expected, in one
 * line of escaped UTF-8. */
int target_parse(const char *name, const char *text, struct target *ret, char *ret_error);

const char *target_scope_name(enum target_scope scope); /* "host", "unit", "environment" */
const char *target_unit_name(enum target_unit unit);    /* "kWh", "kgCO2e" */
const char *target_per_name(enum target_per per);       /* "month", "year" */

/* ---- Days to come ---- */

enum {
    WEEKDAYS = 7,
    PROJECTION_DAYS_LEAST = 14, /* two weeks: each day of the week twice */
    PROJECTION_REACH = 5,       /* at most so many times as far ahead as there are days */
    PROJECTION_HISTORY_LEAST = 28,
    PROJECTION_HISTORY_MOST = 364,
    TREND_DAYS = 28,
};

#define DAY_COVERED_LEAST    0.95 /* a day with less does not count */
#define PERIOD_COVERED_LEAST 0.75 /* a period with less of its past is not projected */

/* One civil day that is over, in the order of time and without holes. */
struct day {
    double value;   /* what 24 h of it used */
    double covered; /* measured or modelled part, 0 to 1 */
};

enum projection_lack {
    PROJECTION_DONE,
    PROJECTION_FEW_DAYS, /* fewer days than it needs */
    PROJECTION_WEEKDAYS, /* some day of the week was not seen twice */
};

struct projection {
    enum projection_lack lack;
    unsigned days;      /* that count */
    unsigned needed;    /* so many are needed */
    double value;       /* of all days to come */
    double half;        /* half-width of its 95 % interval */
    double daily;       /* mean of a day */
    double correlation; /* of what neighbouring days are off by */
    double covered;     /* mean of the days that count */
};

/* How many days before today a projection looks at, for so many days to come. */
unsigned projection_history(double days_to_come);

/* days: the last n that are over; first_weekday: of days[0], 0 to 6. to_come[w]: days of weekday w
 * that are to come, in parts of 24 h. */
void projection_make(const struct day *days, size_t n, unsigned first_weekday,
                     const double to_come[WEEKDAYS], struct projection *ret);

/* The last four weeks against the four before. */
struct trend {
    bool known;       /* both have three quarters of their days, and all days of the week */
    unsigned days[2]; /* that count: of the weeks before, of the last weeks */
    double ratio;     /* change: -0.1 is 10 % less */
    double half;      /* half-width of its 95 % interval */
};

void trend_make(const struct day *days, size_t n, unsigned first_weekday, struct trend *ret);

/* Student's t: the half-width of a 95 % interval in standard errors. freedom >= 1. */
double student_95(double freedom);
