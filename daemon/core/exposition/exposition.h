/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The text of /metrics: Prometheus text format 0.0.4 and OpenMetrics 1.0. Pure. */

#include "core/series/series.h"
#include "core/text.h"
#include "greend/ring.h"

enum exposition_format { EXPOSITION_PROMETHEUS, EXPOSITION_OPENMETRICS, EXPOSITION_FORMATS };

/* Where a target stands, as part of what is not to be exceeded. */
struct exposition_target {
    char name[48];
    bool projected; /* projected_ppm is known */
    uint64_t projected_ppm;
    uint64_t used_ppm;
};

/* What the host costs beside energy, since the daemon began. Unknown: a factor or a declaration is
 * missing; nothing is shown then, and never a zero. */
struct exposition_amount {
    bool known;
    uint64_t count;
};

enum exposition_phase { EXPOSITION_USE, EXPOSITION_EMBODIED, EXPOSITION_PHASES };

struct exposition_impacts {
    struct exposition_amount co2e_ug[EXPOSITION_PHASES];
    struct exposition_amount primary_energy_mj[EXPOSITION_PHASES]; /* millijoules */
    struct exposition_amount water_ul[EXPOSITION_PHASES];
    struct exposition_amount adp_pg_sb_eq[EXPOSITION_PHASES]; /* minerals and metals */
    /* What the first of them is made from; NULL where it is not known. */
    const char *factors; /* the set of the electricity's factor */
    const char *factors_version;
    const char *country; /* of the factor */
    const char *pue;
    const char *pue_origin; /* "declared", "default" */
    const char *energy;     /* "measured", "modelled", "mixed" */
};

/* What is shown. Names in statuses and sensors need not be clean. Of several entries with the same
 * labels the first is shown. */
struct exposition {
    const struct series *series;
    const char *version;
    int64_t last_frame_real_ns; /* when the newest frame ended; 0: there is none yet */
    const struct ring_status *statuses;
    size_t n_statuses;
    const struct ring_sensor *sensors;
    size_t n_sensors;
    const struct exposition_target *targets; /* names differ and are clean */
    size_t n_targets;
    struct exposition_impacts impacts;
    int64_t certificate_end_s; /* of the server's own, since 1970; 0: none is served */
    uint64_t self_cpu_ns;
    uint64_t self_resident_bytes;
};

/* Appends the whole text. Errors stay in text->error. */
void exposition_render(struct text *text, const struct exposition *exposition,
                       enum exposition_format format);

/* The values of the labels `source` and `kind`. */
const char *exposition_source(uint32_t source);
const char *exposition_kind(uint32_t kind);

/* The value of the Content-Type header. */
const char *exposition_content_type(enum exposition_format format);

/* The format that a request's Accept header prefers (NULL: none was sent). There is always an
 * answer: who accepts neither is shown the older one. */
enum exposition_format exposition_negotiate(const char *accept);

/* Whether a request's Accept-Encoding header (NULL: none) prefers gzip to the plain text. */
bool exposition_accepts_gzip(const char *accept_encoding);
