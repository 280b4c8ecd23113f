/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a report's energy and the machine's hardware cost, as a whole and row by row. Facts alone:
 * nothing is printed and no file is read. docs/method.md, 10 to 14, is the method. */

#include "hosts/facts.h"
#include "report/report.h"

/* Why something is not told. */
enum footprint_gap {
    FOOTPRINT_NOT_DECLARED = 1 << 0, /* the configuration of the measured machine was not read */
    FOOTPRINT_NO_FACTORS = 1 << 1,   /* they cannot be read, or are wrong */
    /* no impact of use: */
    FOOTPRINT_NO_COUNTRY = 1 << 2, /* not declared */
    FOOTPRINT_NO_PUE = 1 << 3,     /* not declared, and there is no default for the country */
    FOOTPRINT_NO_MIX = 1 << 4,     /* no factor of the country's electricity is in the set */
    /* no impact of hardware: */
    FOOTPRINT_ELSEWHERE = 1 << 5,   /* the measured machine is another: its parts are not known */
    FOOTPRINT_NO_MACHINE = 1 << 6,  /* whether it is physical is not known */
    FOOTPRINT_NO_SHARE = 1 << 7,    /* virtual, without a declared part of its host */
    FOOTPRINT_NO_PURCHASE = 1 << 8, /* no date is declared */
    FOOTPRINT_PURCHASE_AHEAD = 1 << 9, /* one that is still to come, which cannot be */
    FOOTPRINT_NO_LIFE = 1 << 10,       /* none is declared, and no factor has a default */
    /* impacts are told, but less than all of them: */
    FOOTPRINT_BEFORE_PURCHASE = 1 << 11, /* a part of the period, or all of it: counts 0 */
    FOOTPRINT_PAST_LIFE = 1 << 12,       /* likewise */
    FOOTPRINT_INCOMPLETE = 1 << 13,      /* some part of the hardware is not counted */
};

enum {
    FOOTPRINT_GAPS_USE = FOOTPRINT_NOT_DECLARED | FOOTPRINT_NO_FACTORS | FOOTPRINT_NO_COUNTRY |
                         FOOTPRINT_NO_PUE | FOOTPRINT_NO_MIX,
    FOOTPRINT_GAPS_EMBODIED = FOOTPRINT_NOT_DECLARED | FOOTPRINT_NO_FACTORS | FOOTPRINT_ELSEWHERE |
                              FOOTPRINT_NO_MACHINE | FOOTPRINT_NO_SHARE | FOOTPRINT_NO_PURCHASE |
                              FOOTPRINT_PURCHASE_AHEAD | FOOTPRINT_NO_LIFE,
};

/* What a period that was asked for is so far. Nothing is ever extrapolated from a part. */
enum footprint_state {
    FOOTPRINT_WHOLE,       /* over, and measured but for a minute or two at its edges */
    FOOTPRINT_PARTIAL,     /* over, and not all of it was measured */
    FOOTPRINT_IN_PROGRESS, /* not over */
};

/* How rows share the hardware's impacts of the period. */
enum footprint_sharing {
    FOOTPRINT_BY_ENERGY, /* as the energy, idle energy by the report's policy */
    FOOTPRINT_BY_TIME,   /* hours, days and months: each its own time of the machine's life */
    FOOTPRINT_UNSHARED,  /* domains are meters and use no hardware */
};

struct impacts {
    struct use_impacts use;
    struct figure embodied[CRITERIA]; /* of the period */
    double embodied_share;            /* a row's part of the total's, 0 to 1 */
    struct figure sum[CRITERIA];      /* unknown where one of the two is */
};

struct report_footprint {
    const struct report *report;
    const struct facts *facts; /* of one host; of several none are declared or read */
    const struct fleet *fleet; /* of several; NULL: of one */
    int64_t now_s;
    unsigned gaps; /* FOOTPRINT_* */
    enum footprint_state state;
    uint64_t asked_covered_ppm; /* measured part of the period that was asked for */
    enum footprint_sharing sharing;
    struct amortised amortised;
    int64_t since_s; /* of the period, by the machine's civil clock, seconds since 1970 there */
    int64_t until_s;
    int64_t life_s; /* of it, within the machine's life */
    int64_t rest_s; /* of life_s: of rows of spans that are folded into one */
    struct impacts total;
    /* Whether a sum holds all: false: it is the least, for something is not counted in it. */
    bool use_complete[CRITERIA];
    bool embodied_complete[CRITERIA];
    double unshared;                       /* part of the hardware that no row has */
    uint64_t quality_uj[QUALITY_HIGH + 1]; /* of the energy, by the kind of its meters */
};

/* report: collected, in the time zone of the process. The result points into report and facts. Of
 * several hosts facts are of no host: each has its own in report->fleet. */
void report_footprint_init(struct report_footprint *ret, const struct report *report,
                           const struct facts *facts, int64_t now_s);

/* Of a row of the report. false: the row is in no total (REPORT_ROW_NOT_SUMMED), and has none. Use,
 * and hardware by their shares, add up to the total but for the rounding of doubles; least and
 * greatest need not: the errors of a split cancel in its sum. */
bool report_footprint_row(const struct report_footprint *footprint, const struct report_row *row,
                          struct impacts *ret);

/* Of a row of a span: what its hour, day or month is so far. */
enum footprint_state report_footprint_span(const struct report_footprint *footprint,
                                           const struct report_row *row);

/* The civil time of such a row, cut to the period; seconds as since_s. */
void report_footprint_span_time(const struct report_footprint *footprint,
                                const struct report_row *row, int64_t *ret_since_s,
                                int64_t *ret_until_s);

/* The factors that it is made with; NULL: none. */
const struct factor_table *report_footprint_factors(const struct report_footprint *footprint);

/* What some energy of the report costs. */
void report_footprint_use(const struct report_footprint *footprint, const struct report_sum *sum,
                          struct use_impacts *ret);

enum { FOOTPRINT_EXCLUSIONS_MAX = INVENTORY_GAPS_MAX + 2 * CRITERIA + 16 };

/* All that is not in the figures, as texts for a person; returns how many. */
size_t report_footprint_exclusions(const struct report_footprint *footprint,
                                   struct inventory_gap ret[FOOTPRINT_EXCLUSIONS_MAX]);

/* What a single FOOTPRINT_* means, as a text for a person; NULL: FOOTPRINT_INCOMPLETE, of which
 * `greend-ctl inventory` tells. */
const struct inventory_gap *report_footprint_gap(unsigned gap);

/* Words for programs: "whole", "partial", "in_progress"; "energy", "time", "none". */
const char *footprint_state_name(enum footprint_state state);
const char *footprint_sharing_name(enum footprint_sharing sharing);

/* A time by the civil clock of the process, as if that were UTC: lives begin with civil days. */
int64_t report_civil_s(int64_t time_s);
