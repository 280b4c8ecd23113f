/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A scraper as Prometheus is one: reads the exposition strictly, keeps the last value of each
 * series for ever, and computes increase() from one scrape to the next: a value below the last one
 * is a counter that began again at zero, a first value is the past. Values are thousandths. */

#include "greend/base.h"

enum { SCRAPER_SERIES = 1 << 15 };

struct scraper_series {
    char *name; /* with labels, as written */
    uint64_t value_milli;
    uint64_t increase_milli;
    uint64_t scrape; /* the last one that it was in */
    bool negative;
};

struct scraper {
    uint64_t scrapes;
    size_t n;
    struct scraper_series series[SCRAPER_SERIES]; /* a hash table */
    uint64_t falls;                               /* times that a counter went down */
    char error[256];                              /* what is wrong with the text; "": nothing */
};

struct scraper *scraper_new(void);
void scraper_free(struct scraper *scraper);

/* Takes a whole scrape in; false, with error, where the text is not what the format asks for. */
bool scraper_take(struct scraper *scraper, const char *text, bool openmetrics);

/* Forgets all increases: measuring begins now. */
void scraper_begin(struct scraper *scraper);

/* Sums over the series whose name begins with `prefix` and contains `with`: of increases, and of
 * values in the last scrape. */
uint64_t scraper_increase(const struct scraper *scraper, const char *prefix, const char *with);
uint64_t scraper_value(const struct scraper *scraper, const char *prefix, const char *with);

/* How many series of the last scrape begin so. */
size_t scraper_count(const struct scraper *scraper, const char *prefix);
