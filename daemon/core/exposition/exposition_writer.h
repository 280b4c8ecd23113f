/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Writing samples in either format of the exposition. For exposition.c. */

#include "core/exposition/exposition.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_INFO };

struct writer;

/* One row for each metric, in the order of the output. */
struct metric {
    const char *name; /* as Prometheus stores it, "_total" or "_info" included */
    const char *unit; /* the last word of the name but for "_total"; "": it has none */
    const char *help; /* free of backslashes, quotes and newlines: no format escapes it */
    void (*samples)(struct writer *writer);
    enum metric_type type;
    uint32_t quantity; /* enum sensor_quantity, for samples of sensors */
};

struct writer {
    struct text *text;
    const struct exposition *exposition;
    enum exposition_format format;
    const struct metric *metric;
    bool described; /* HELP and TYPE stand already: a metric without samples has none */
    bool labelled;  /* a label of this sample stands already */
};

/* Samples of other files than exposition.c. */
void exposition_target_ratios(struct writer *writer);
void exposition_target_used(struct writer *writer);

/* Begins a sample; the metric is described before its first one, so one without samples is not. */
void writer_begin(struct writer *w);

/* Adds a label. Both formats escape backslash, quote and newline, and nothing else. */
void writer_label(struct writer *w, const char *name, const char *value);

/* A label whose value may hold any bytes, with or without a NUL within size. */
void writer_raw_label(struct writer *w, const char *name, const char *value, size_t size);

/* Ends the sample with magnitude / 10^decimals, exactly. */
void writer_value(struct writer *w, uint64_t magnitude, unsigned decimals, bool negative);

/* exposition_footprint.c: the samples of its metrics. */
void exposition_co2e_samples(struct writer *w);
void exposition_primary_energy_samples(struct writer *w);
void exposition_water_samples(struct writer *w);
void exposition_adp_samples(struct writer *w);
void exposition_footprint_sample(struct writer *w);
