/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/limits.h"

#include <stdio.h>

struct limits {
    double error, idle, coverage, width;
};

/* The margin is for other compilers and mathematics libraries, not for other algorithms. */
static struct limits limits_of(const struct summary *summary)
{
    return (struct limits){.error = 100 * summary->error[METHOD_GREEND] * 1.05 + 0.3,
                           .idle = 100 * summary->idle_error * 1.10 + 0.3,
                           .coverage = 100 * summary->coverage - 4,
                           .width = summary_width(summary) * 1.15};
}

static const struct summary *find(const struct summary *summaries, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equal(summaries[i].scenario->name, name))
            return &summaries[i];
    }
    return NULL;
}

static bool within(const char *name, const char *what, double value, double limit, bool at_most)
{
    if (at_most ? value <= limit : value >= limit)
        return true;
    printf("%s: %s %.2f, was at %s %.2f\n", name, what, value, at_most ? "most" : "least", limit);
    return false;
}

static bool check_line(const struct summary *summary, const struct limits *limits, bool stated)
{
    const char *name = summary->scenario->name;
    bool well = within(name, "error %", 100 * summary->error[METHOD_GREEND], limits->error, true);
    well = within(name, "idle error %", 100 * summary->idle_error, limits->idle, true) && well;
    if (!stated)
        return well;
    double coverage = summary->stated ? 100 * summary->coverage : 0;
    well = within(name, "coverage %", coverage, limits->coverage, false) && well;
    return within(name, "half-width", summary_width(summary), limits->width, true) && well;
}

/* -EBADMSG, or whether the line's scenario is within its limits (0) or not (1). */
static int take_line(const char *line, const struct summary *summaries, size_t n)
{
    char name[64] = "", coverage[32] = "", width[32] = "";
    struct limits limits = {0};
    if (sscanf(line, "%63s %lf %lf %31s %31s", name, &limits.error, &limits.idle, coverage,
               width) != 5)
        return -EBADMSG;
    const struct summary *summary = find(summaries, n, name);
    if (!summary) {
        printf("%s: not among the scenarios that were run\n", name);
        return 1;
    }
    limits.coverage = strtod(coverage, NULL);
    limits.width = strtod(width, NULL);
    return check_line(summary, &limits, !str_equal(coverage, "-")) ? 0 : 1;
}

int limits_check(const char *path, const struct summary *summaries, size_t n)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        perror(path);
        return -errno;
    }
    char line[256];
    int r = 0;
    size_t lines = 0;
    while (r >= 0 && fgets(line, sizeof(line), file)) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        int one = take_line(line, summaries, n);
        r = one < 0 ? one : MAX(r, one);
        lines++;
    }
    if (r < 0)
        (void)fprintf(stderr, "%s: not understood: %s", path, line);
    (void)fclose(file);
    if (r >= 0 && lines != n) {
        printf("%s has %zu scenarios, %zu were run\n", path, lines, n);
        return 1;
    }
    return r;
}

int limits_write(const char *path, const struct summary *summaries, size_t n)
{
    FILE *file = fopen(path, "we");
    if (!file) {
        perror(path);
        return -errno;
    }
    (void)fprintf(file, "# SPDX-License-Identifier: EUPL-1.2\n"
                        "# SPDX-FileCopyrightText: 2026 The greend authors\n#\n"
                        "# What the attribution must not get worse than: tests/sim/limits.h.\n"
                        "# Written by sh tests/bench/accuracy.sh --limits.\n");
    for (size_t i = 0; i < n; i++) {
        struct limits limits = limits_of(&summaries[i]);
        (void)fprintf(file, "%-20s %6.2f %7.2f", summaries[i].scenario->name, limits.error,
                      limits.idle);
        if (summaries[i].stated)
            (void)fprintf(file, " %6.1f %6.2f\n", limits.coverage, limits.width);
        else
            (void)fprintf(file, " %6s %6s\n", "-", "-");
    }
    bool failed = ferror(file) != 0;
    return fclose(file) != 0 || failed ? -EIO : 0;
}
