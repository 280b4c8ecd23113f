/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "accuracy_table.h"

#include <stdio.h>

#include "sim/bars.h"

enum { CELL = 64 };

/* Columns, in the order in which they are shown. */
static const char *const titles[] = {"scenario",    "class",     "greend",     "worst workload",
                                     "idle",        "idle seen", "coverage",   "half-width",
                                     "half / p90",  "Kepler",    "Scaphandre", "CPU share",
                                     "equal watts", "floor",     "gain"};
enum { COLUMNS = ARRAY_SIZE(titles) };

static const int widths[COLUMNS] = {20, 12, 11, 14, 11, 9, 8, 10, 10, 11, 11, 13, 11, 9, 5};

struct row {
    char cells[COLUMNS][CELL];
};

static void put_pair(char cell[CELL], double mean, double p90)
{
    (void)snprintf(cell, CELL, "%.1f / %.1f", 100 * mean, 100 * p90);
}

static void put(char cell[CELL], bool known, double value)
{
    if (known)
        (void)snprintf(cell, CELL, "%.1f", value);
    else
        (void)snprintf(cell, CELL, "-");
}

static struct row row_of(const struct summary *s)
{
    struct row row = {0};
    size_t i = 0;
    (void)snprintf(row.cells[i++], CELL, "%s", s->scenario->name);
    (void)snprintf(row.cells[i++], CELL, "%s", class_names[s->scenario->class]);
    put_pair(row.cells[i++], s->error[METHOD_GREEND], s->error_p90[METHOD_GREEND]);
    put_pair(row.cells[i++], s->worst[METHOD_GREEND], s->worst_p90[METHOD_GREEND]);
    put_pair(row.cells[i++], s->idle_error, s->idle_p90);
    put(row.cells[i++], s->idle_seen > 0, 100 * s->seen_error);
    put(row.cells[i++], s->stated, 100 * s->coverage);
    put(row.cells[i++], s->stated, 100 * s->half_width);
    put(row.cells[i++], s->stated, summary_width(s));
    for (size_t m = METHOD_KEPLER; m < METHODS; m++)
        put_pair(row.cells[i++], s->error[m], s->error_p90[m]);
    put(row.cells[i++], true, summary_gain(s));
    return row;
}

static void print_row(const struct row *row, bool markdown)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (markdown)
            printf("| %s ", row->cells[i]);
        else
            printf(i < 2 ? "%-*s " : "%*s ", widths[i], row->cells[i]);
    }
    printf(markdown ? "|\n" : "\n");
}

/* What the others make of the workload that they are most wrong about. */
static void print_worst(const struct summary *summaries, size_t n, bool markdown)
{
    printf(markdown ? "\nWorst workload of each formula, %% (mean / 90th percentile over the "
                      "seeds):\n\n| scenario "
                    : "\nworst workload, %%\n%-20s ",
           "");
    for (size_t m = 0; m < METHOD_EQUAL; m++)
        printf(markdown ? "| %s " : "%15s ", method_names[m]);
    printf(markdown ? "|\n|---|---|---|---|---|\n" : "\n");
    for (size_t i = 0; i < n; i++) {
        printf(markdown ? "| %s " : "%-20s ", summaries[i].scenario->name);
        for (size_t m = 0; m < METHOD_EQUAL; m++) {
            char cell[CELL];
            put_pair(cell, summaries[i].worst[m], summaries[i].worst_p90[m]);
            printf(markdown ? "| %s " : "%15s ", cell);
        }
        printf(markdown ? "|\n" : "\n");
    }
}

void accuracy_table(const struct summary *summaries, size_t n, bool markdown)
{
    struct row head = {0};
    for (size_t i = 0; i < COLUMNS; i++)
        (void)snprintf(head.cells[i], CELL, "%s", titles[i]);
    print_row(&head, markdown);
    if (markdown) {
        for (size_t i = 0; i < COLUMNS; i++)
            printf("|---");
        printf("|\n");
    }
    for (size_t i = 0; i < n; i++) {
        struct row row = row_of(&summaries[i]);
        print_row(&row, markdown);
    }
    print_worst(summaries, n, markdown);
}

/* ---- Bars ---- */

/* One bar over all scenarios. False: some do not meet it. */
static bool print_bar(enum bar_kind kind, const struct summary *summaries, size_t n, bool markdown)
{
    size_t asked = 0, met = 0;
    for (size_t i = 0; i < n; i++) {
        struct bar bars[BARS];
        bars_judge(&summaries[i], bars);
        asked += bars[kind].asked;
        met += bars[kind].asked && bars[kind].met;
    }
    if (asked == 0)
        return true;
    printf("%s%s: %s, %zu of %zu", markdown ? "- " : "", bar_texts[kind],
           met == asked ? "met" : "NOT MET", met, asked);
    for (size_t i = 0, told = 0; i < n && met > 0 && met < asked; i++) {
        struct bar bars[BARS];
        bars_judge(&summaries[i], bars);
        if (!bars[kind].asked || bars[kind].met)
            continue;
        bool percent = kind != BAR_GAIN && kind != BAR_WIDTH && kind != BAR_EXACT;
        printf("%s %s %.1f", told++ ? "," : "; not:", summaries[i].scenario->name,
               bars[kind].value * (percent ? 100 : 1));
    }
    printf("\n");
    return met == asked;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the gains over the better peer. */
static bool print_median(const struct summary *summaries, size_t n, bool markdown)
{
    double *gains = calloc(n, sizeof(*gains));
    if (!gains)
        return false;
    for (size_t i = 0; i < n; i++)
        gains[i] = summary_gain(&summaries[i]);
    qsort(gains, n, sizeof(*gains), compare);
    double median = (gains[(n - 1) / 2] + gains[n / 2]) / 2;
    printf(
        "%serror %.1f times smaller than the better peer's in the median scenario, %.1f times at "
        "least: median of %.0f %s\n",
        markdown ? "- " : "", median, gains[0], bar_median_gain,
        median >= bar_median_gain ? "met" : "NOT MET");
    free(gains);
    return median >= bar_median_gain;
}

void accuracy_bars(const struct summary *summaries, size_t n, bool markdown)
{
    size_t met = 0;
    printf(markdown ? "" : "\n");
    for (size_t kind = 0; kind < BARS; kind++)
        met += print_bar((enum bar_kind)kind, summaries, n, markdown);
    met += print_median(summaries, n, markdown);
    printf("%s%zu of %d bars met\n", markdown ? "\n" : "", met, BARS + 1);
}
