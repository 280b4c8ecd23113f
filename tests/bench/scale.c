/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* How the cost of each part of a tick, of a scrape, of a commit and of a report grows: CPU time of
 * this thread, the least of some runs, on machines and histories that are made up. The order is the
 * slope of a line through the logarithms: 0 is constant, 1 linear, 2 quadratic. That of the last
 * three sizes is told besides, since what is quadratic shows late. Prints rows of a table in
 * Markdown; exit status 1 where either is above ORDER_BAR.
 *
 *   scale [NAME...]   the curves of these names, all without any */

#include "scale.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#define ORDER_BAR 1.5 /* caches that no longer hold it all make linear ones seem steeper */

static const struct curve *const curves[] = {
    &scale_sweep,  &scale_groups, &scale_reserved, &scale_ledger_workloads, &scale_ledger_domains,
    &scale_scrape, &scale_rollup, &scale_report,   &scale_commit,
};

void scale_die(const char *what)
{
    (void)fprintf(stderr, "scale: %s\n", what);
    exit(2);
}

static uint64_t cpu_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static double cost_us(const struct curve *curve, int size)
{
    void *made = curve->make(size);
    if (!made)
        return 0;
    curve->run(made); /* warm-up */
    uint64_t least_ns = UINT64_MAX;
    for (int i = 0; i < curve->runs; i++) {
        uint64_t begin_ns = cpu_ns();
        curve->run(made);
        least_ns = MIN(least_ns, cpu_ns() - begin_ns);
    }
    curve->done(made);
    return (double)least_ns / 1e3 / curve->times;
}

static double order_between(const double sizes[], const double costs[], int from, int to)
{
    double x = 0, y = 0, xx = 0, xy = 0, n = to - from;
    for (int i = from; i < to; i++) {
        double a = log(sizes[i]), b = log(costs[i]);
        x += a;
        y += b;
        xx += a * a;
        xy += a * b;
    }
    return (n * xy - x * y) / (n * xx - x * x);
}

static bool measure(const struct curve *curve)
{
    double sizes[SCALE_SIZES], costs[SCALE_SIZES];
    int n = 0;
    printf("| %s | %s | ", curve->what, curve->of);
    for (; n < SCALE_SIZES && curve->sizes[n] != 0; n++) {
        sizes[n] = curve->sizes[n];
        costs[n] = cost_us(curve, curve->sizes[n]);
        if (costs[n] == 0) {
            printf("cannot be made here | - | - |\n");
            return true;
        }
        printf("%s%d: %.3g ms", n ? ", " : "", curve->sizes[n], costs[n] / 1e3);
        (void)fflush(stdout);
    }
    double all = order_between(sizes, costs, 0, n), late = order_between(sizes, costs, n - 3, n);
    printf(" | %.2f | %.2f |\n", all, late);
    return all <= ORDER_BAR && late <= ORDER_BAR;
}

static bool is_asked_for(const char *name, int argc, char *argv[])
{
    for (int i = 1; i < argc; i++)
        if (str_equal(argv[i], name))
            return true;
    return argc < 2;
}

int main(int argc, char *argv[])
{
    bool good = true;
    (void)setenv("TZ", "UTC", 1);
    for (size_t i = 0; i < ARRAY_SIZE(curves); i++)
        if (is_asked_for(curves[i]->name, argc, argv))
            good = measure(curves[i]) && good;
    return good ? 0 : 1;
}
