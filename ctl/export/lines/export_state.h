/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The files for NumEcoEval and G4IT while they are made: lines are appended, and what is wrong is
 * said and counted. */

#include "export/export.h"
#include "export/lines/export_columns.h"
#include "hosts/kin.h"

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

/* A name that stands in a file. */
struct export_name {
    enum export_kind kind;
    char name[EXPORT_CELL_MAX];
    char host[EXPORT_CELL_MAX];   /* who says so */
    char source[EXPORT_CELL_MAX]; /* nomSourceDonnee of its line */
};

/* A virtual machine that a greend runs in and its host's sees: the host's figures, until the facts
 * are read that it tells of itself. */
struct export_seen {
    size_t guest; /* its place in the kin */
    struct export_cells cells;
    struct vm_facts facts; /* of [vm] on the host */
    bool told;             /* by [vm] */
};

/* What a virtual machine has of a physical one. */
struct export_share {
    char physical[EXPORT_CELL_MAX];
    char name[EXPORT_CELL_MAX];
    uint64_t ppb;
};

struct export_state {
    const struct export_profile *profile;
    bool partial;
    struct export_file files[KINDS];
    size_t lines[KINDS];
    struct export_datacentre *datacentres;
    size_t n_datacentres;
    void *names; /* tree of those in the files */
    struct export_seen *seen;
    size_t n_seen;
    struct export_share *shares;
    size_t n_shares;
    const struct kin *kin;
    const struct hosts *hosts;
    size_t host; /* that is being added */
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

static inline const char *export_first(const char *first, const char *second)
{
    return *first ? first : second;
}

void export_state_done(struct export_state *state);

/* ---- export_cells.c ---- */

void export_cells_energy(struct export_cells *cells, const struct export_host *host,
                         uint64_t energy_uj);
void export_cells_number(struct export_cells *cells, enum export_field field,
                         const struct figure *figure);
void export_cells_months(struct export_cells *cells, enum export_field field, int32_t days);
void export_cells_quality(struct export_cells *cells, int quality);
void export_cells_common(struct export_cells *cells, const struct export_host *host);
int export_quality(const struct report *report);
uint64_t export_coverage_ppm(const struct report *report);

/* ---- export_names.c ---- */

/* Notes a name of the line begun last; complains where it stands in the file already. */
void export_state_name(struct export_state *state, const struct export_host *host,
                       enum export_kind kind, const char *text);

bool export_state_has(const struct export_state *state, enum export_kind kind, const char *text);

/* nomSourceDonnee of a physical machine; "": there is none of that name. */
const char *export_state_source(const struct export_state *state, const char *text);

/* vm: whose line was the last one; NULL where the application is the machine's own. vm_section: the
 * name in [vm] of the host that speaks of it; NULL: none does. */
void export_state_application(struct export_state *state, const struct export_host *host,
                              const char *physical, const char *vm, const struct vm_facts *facts,
                              const char *vm_section);

/* What [asset] says of the application of the machine itself. */
struct vm_facts export_own_application(const struct export_host *host);

/* ---- export_guests.c ---- */

/* A virtual machine that the host's greend saw from outside, a row of its report; and state->host,
 * that greend runs in. */
void export_state_seen(struct export_state *state, const struct export_host *host,
                       const struct report_row *row);
void export_state_guest(struct export_state *state, const struct export_host *host);
bool export_state_is_seen(const struct export_state *state); /* state->host, by its host */
void export_state_check_shares(struct export_state *state);

/* ---- export_rows.c ---- */

/* All lines of a host, state->host, physical ones before virtual ones; then those of data centres,
 * and what only shows at the end. */
void export_state_host(struct export_state *state, const struct export_host *host);
void export_state_end(struct export_state *state);
