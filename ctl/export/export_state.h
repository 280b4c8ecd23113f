/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The files for NumEcoEval and G4IT while they are made: lines are appended, and what is wrong is
 * said and counted. */

#include "export/export.h"
#include "export/export_columns.h"

/* A year is told from no less, unless --partial. */
enum { EXPORT_LEAST_DAYS = 28, EXPORT_LEAST_COVERAGE_PPM = 900000 };

enum { EXPORT_CELL_MAX = STORE_FACT_VALUE_MAX, EXPORT_COMPLAINTS_MAX = 50 };

/* One line to be. */
struct export_cells {
    char text[FIELDS][EXPORT_CELL_MAX];
};

/* A data centre, as the first machine in it declares it. */
struct export_datacentre {
    struct export_cells cells;
    double pue; /* 0: not declared */
    char host[EXPORT_CELL_MAX];
};

/* A name that stands in a file, or of which another line says that it does. */
struct export_name {
    enum export_kind kind;
    char name[EXPORT_CELL_MAX];
    char host[EXPORT_CELL_MAX]; /* who says so */
};

struct export_state {
    const struct export_profile *profile;
    bool partial;
    struct export_file files[KINDS];
    size_t lines[KINDS];
    struct export_datacentre *datacentres;
    size_t n_datacentres;
    void *names;               /* tree of those in the files */
    struct export_name *hosts; /* physical machines that virtual ones say they run on */
    size_t n_hosts;
    size_t complaints;
    int error; /* -ENOMEM */
    struct export_cells cells;
};

/* What is wrong with a host: said, and nothing will be written. The first 50 are said. */
void export_state_complain(struct export_state *state, const struct export_host *host,
                           const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Begins a line: all cells are empty. */
struct export_cells *export_state_begin(struct export_state *state);
void export_cell_set(struct export_cells *cells, enum export_field field, const char *text);

/* Whether all that is mandatory of the line begun is there; what is not is said. vm: the virtual
 * machine that [vm] of the host speaks of; NULL: none. */
bool export_state_check(struct export_state *state, enum export_kind kind,
                        const struct export_host *host, const char *vm);

/* Checks the line begun and appends it. */
void export_state_line(struct export_state *state, enum export_kind kind,
                       const struct export_host *host, const char *vm);

/* export_rows.c: all lines of a host; then those of data centres, and what only shows at the end.
 */
void export_state_host(struct export_state *state, const struct export_host *host);
void export_state_end(struct export_state *state);

void export_state_done(struct export_state *state);
