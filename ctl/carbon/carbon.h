/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The climate impact of use by the hour: energy of each hour times the carbon intensity of that
 * hour, beside the official figure, which goes by one factor for all hours. */

#include "greend/footprint.h"
#include "greend/intensity.h"
#include "greend/store.h"
#include "output/style.h"
#include "report/report.h"

enum {
    HOURS_OF_DAY = 24,
    CARBON_HOURS_LEAST = 7 * HOURS_OF_DAY, /* with a value, before hours of the day are told */
};

struct carbon_hour {
    double kwh;
    double grams; /* kwh times intensity */
};

struct carbon_row {
    enum report_row_type type; /* item: a unit; unattributed, idle, total */
    int kind;                  /* enum workload_kind, or -1 */
    char unit[WORKLOAD_UNIT_MAX];
    uint64_t energy_uj;
    uint64_t modelled_uj;                   /* of it, what a model says and no meter */
    uint64_t known_uj;                      /* of it, in hours whose intensity is known */
    double grams;                           /* of known_uj, at the machine: without PUE */
    struct carbon_hour hours[HOURS_OF_DAY]; /* of known_uj, by hours of the civil day */
};

/* The grid: the mean intensity of hours that the store has something of. */
struct carbon_grid {
    size_t n; /* hours */
    double grams;
};

struct carbon {
    struct store_info info;
    int64_t since_s; /* as asked */
    int64_t until_s;
    struct store_period period;
    const struct intensity *intensity;
    struct use_impacts per_kwh; /* of the machine, with the factors of the configuration */
    char factors[80];           /* name and version of the set that the factor is of */
    struct carbon_row **rows;   /* by energy, then unattributed and idle; owned */
    size_t n_rows;
    size_t capacity;
    struct carbon_row total;
    struct carbon_grid grid;
    struct carbon_grid grid_hours[HOURS_OF_DAY];
};

/* Fills a struct in which info, since_s, until_s, intensity and per_kwh are set. The process is in
 * the store's time zone. 0; STORE_NO_DATA; -ENOMEM; else as the reader's calls. Release in each
 * case. */
int carbon_collect(struct carbon *carbon, struct store_reader *reader);
void carbon_done(struct carbon *carbon);

/* The hours of the day in which the row's energy was cleanest and dirtiest. false: too few hours
 * are known. */
bool carbon_extremes(const struct carbon *carbon, const struct carbon_row *row, int *ret_cleanest,
                     int *ret_dirtiest);

/* Likewise of the grid. */
bool carbon_grid_extremes(const struct carbon *carbon, int *ret_cleanest, int *ret_dirtiest);

/* What the intensities are, in a sentence without its full stop. */
const char *carbon_form_text(enum intensity_form form);

void carbon_render_table(const struct carbon *carbon, size_t top, const struct style *style,
                         struct text *text);
void carbon_render_json(const struct carbon *carbon, struct text *text);
void carbon_render_csv(const struct carbon *carbon, struct text *text);
