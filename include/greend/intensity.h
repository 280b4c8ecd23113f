/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Carbon intensity of electricity hour by hour, from an operator's file: the plain form, an export
 * of Electricity Maps, or of RTE's eCO2mix. Pure: bytes in, hours and errors out; docs/method.md
 * has the forms. */

#include "greend/factors.h"

enum {
    INTENSITY_FILE_MAX = 32 << 20, /* bytes: ten years by the quarter of an hour */
    INTENSITY_HOUR_S = 3600,
};

#define INTENSITY_MOST 3000.0 /* g/kWh: what is above is another unit */

enum intensity_form {
    INTENSITY_PLAIN,            /* what the operator says */
    INTENSITY_ELECTRICITY_MAPS, /* life cycle, of consumption */
    INTENSITY_ECO2MIX,          /* RTE: of production in France alone */
    INTENSITY_FORMS
};

/* Stable words: "plain", "electricity-maps", "eco2mix". */
const char *intensity_form_name(enum intensity_form form);

struct intensity_hour {
    int64_t begin_s; /* UTC, a whole hour */
    double grams;    /* CO2e per kWh: mean of the hour's values */
};

struct intensity {
    enum intensity_form form;
    char zone[32];                /* as Electricity Maps calls it; "" where the form has none */
    struct intensity_hour *hours; /* by time; owned */
    size_t n_hours;
    size_t missing;   /* hours between the first and the last without any value */
    size_t valueless; /* rows without a value */
    size_t estimated; /* rows whose file says so */
};

/* The answers of intensity_parse() besides 0 and -ENOMEM. */
enum { INTENSITY_WRONG = 1 /* ret_errors says why */ };

/* name: what the file is called in errors and notes. ret_errors: what is wrong, by line and column.
 * ret_notes: gaps, and what was left out; also where 0 is returned. Bytes may be anything. 0:
 * release with intensity_done(). */
int intensity_parse(const char *name, const char *bytes, size_t length, struct intensity *ret,
                    struct factor_errors *ret_errors, struct factor_errors *ret_notes);

/* Accepts what was zeroed. */
void intensity_done(struct intensity *intensity);

/* The mean over a time, by seconds. false: for some of it there is no value. */
bool intensity_mean(const struct intensity *intensity, int64_t begin_s, int64_t length_s,
                    double *ret_grams);
