/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Impact factors: what a kilowatt-hour or a part of a server costs, each value with its source.
 * They are data: files of rows, of which a later one replaces rows of an earlier. Pure: text in,
 * rows and errors out; daemon/input/factor_files.h reads the files. docs/method.md has the format.
 */

#include "greend/figure.h"

/* What is counted: the criteria of the French product category rules for data centres and cloud
 * (2025), and water. */
enum criterion {
    CRITERION_GWP,
    CRITERION_ADPE,
    CRITERION_AP,
    CRITERION_PM,
    CRITERION_IR,
    CRITERION_PE,
    CRITERION_WATER,
    CRITERIA,
    CRITERION_PARAMETER = CRITERIA, /* of a factor: no impact, but a number of the method */
};

struct criterion_info {
    const char *id;   /* "GWP" */
    const char *name; /* "climate change" */
    const char *unit; /* "kgCO2e" */
    bool flow;        /* counted as a flow, not as an impact */
};

const struct criterion_info *criterion_info(enum criterion criterion);

enum phase { PHASE_USE, PHASE_EMBODIED };
const char *phase_name(enum phase phase); /* "use", "embodied" */

/* ---- Where ---- */

enum { GEOGRAPHY_UNKNOWN = -1, GEOGRAPHY_WORLD = 0, GEOGRAPHY_EUROPE = 1, GEOGRAPHIES = 251 };

struct geography_info {
    char alpha3[4]; /* "FRA"; "WOR": the world, "EEE": Europe */
    char alpha2[3]; /* "FR"; "" for those two */
    const char *name;
};

/* By either code or by English name, letters of both cases alike; GEOGRAPHY_UNKNOWN. */
int geography_find(const char *text, size_t length);
const struct geography_info *geography_info(int geography);

/* ---- Factors ---- */

enum factor_id {
    FACTOR_ELECTRICITY, /* per kWh at the socket */
    FACTOR_CPU,         /* per piece, beside its silicon */
    FACTOR_CPU_DIE,     /* per mm2 of silicon */
    FACTOR_RAM,
    FACTOR_RAM_DIE, /* per cm2 */
    FACTOR_SSD,
    FACTOR_SSD_DIE,
    FACTOR_HDD,
    FACTOR_GPU,
    FACTOR_MOTHERBOARD,
    FACTOR_PSU, /* per kg */
    FACTOR_CASE_RACK,
    FACTOR_CASE_BLADE,
    FACTOR_CHASSIS_BLADE, /* shared by FACTOR_BLADE_SLOTS blades */
    FACTOR_ASSEMBLY,
    FACTOR_SERVER, /* a whole one, where its parts are not known */
    /* parameters */
    FACTOR_PUE,
    FACTOR_RAM_DENSITY, /* GB per cm2 */
    FACTOR_SSD_DENSITY,
    FACTOR_PSU_MASS, /* kg */
    FACTOR_BLADE_SLOTS,
    FACTOR_LIFE, /* years */
    FACTOR_SHARE_RAM,
    FACTOR_SHARE_CPU,
    FACTOR_SHARE_STORAGE,
    FACTORS
};

const char *factor_name(enum factor_id id); /* "electricity", "ram-die" */
enum phase factor_phase(enum factor_id id);
bool factor_is_parameter(enum factor_id id);

/* A file of rows: where a row comes from. */
struct factor_set {
    char name[33];    /* "boavizta" */
    char version[33]; /* "2026.1" */
    const char *file;
    size_t rows;
};

struct factor {
    enum factor_id id;
    enum criterion criterion;
    int geography;
    struct figure value;
    char unit[24]; /* "kgCO2e/kWh" */
    int year;      /* that the value speaks of */
    const char *source;
    const char *licence; /* "": not stated */
    const char *method;  /* "": not stated */
    const struct factor_set *set;
    unsigned line; /* in the set's file */
};

struct factor_table;

/* NULL: out of memory. Free accepts NULL and returns NULL. */
struct factor_table *factor_table_new(void);
struct factor_table *factor_table_free(struct factor_table *table);

enum {
    FACTOR_FILE_MAX = 1 << 20, /* bytes */
    FACTOR_SETS_MAX = 16,
    FACTOR_ERRORS_MAX = 20,
    FACTOR_ERROR_MAX = 512,
};

/* What is wrong with a file, one error a row. */
struct factor_errors {
    struct {
        unsigned line;               /* from 1 */
        unsigned column;             /* in characters, from 1 */
        char text[FACTOR_ERROR_MAX]; /* "mine.csv:7:32: value: ...", escaped, one line */
    } list[FACTOR_ERRORS_MAX];
    size_t n;
    size_t more; /* errors that had no room */
};

enum { FACTORS_WRONG = 1 };

/* Adds the rows of a file; those of the same id, criterion, phase and geography as earlier ones
 * replace them. Bytes may be anything. 0; FACTORS_WRONG: nothing was added, and ret_errors says
 * why; -ENOMEM. Pointers to factors, and what they point to, are valid until the table is freed; a
 * pointer got before may be of a row that was replaced. name: what the file is called in errors. */
int factor_table_add(struct factor_table *table, const char *name, const char *bytes, size_t length,
                     struct factor_errors *ret_errors);

/* NULL: nobody published it, or it was not loaded (table may be NULL). Never that of another
 * country. */
const struct factor *factor_find(const struct factor_table *table, enum factor_id id,
                                 enum criterion criterion, int geography);

/* A factor's value; unknown for NULL. */
struct figure factor_value(const struct factor *factor);

/* All factors in force, by id, criterion and geography; NULL behind the last. Start with *cursor =
 * 0. */
const struct factor *factor_next(const struct factor_table *table, size_t *cursor);

/* The sets in the order they were added; NULL behind the last. */
const struct factor_set *factor_table_set(const struct factor_table *table, size_t index);
