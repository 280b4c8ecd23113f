/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What the estimator costs: ticks of one domain with so many active workloads.
 *
 *     estimator [WORKLOADS] [TICKS]
 *
 * Time is told beside a floor, the row that every least-squares fit must add: p (p + 1) / 2
 * multiplications. tests/bench/estimator.sh counts its instructions. */

#include <time.h>

#include "core/estimator/estimator.h"
#include "support/random.h"

enum { MOST = RING_WORKLOADS_MAX - RING_WORKLOAD_FIRST };

static double now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void make_tick(struct random *random, size_t n, struct estimator_load *loads,
                      struct estimator_tick *tick)
{
    double power_w = 40;
    double busy_cpus = 0;
    for (size_t i = 0; i < n; i++) {
        loads[i] = (struct estimator_load){
            .workload = ring_workload_id((uint32_t)(RING_WORKLOAD_FIRST + i), 1),
            .cpus = random_unit(random) * 32 / (double)n};
        busy_cpus += loads[i].cpus;
        power_w += loads[i].cpus * (3 + (double)(i % 8));
    }
    *tick = (struct estimator_tick){power_w, 1, busy_cpus, 1, 64, loads, n};
}

static double floor_s(size_t ticks)
{
    static double gram[FIT_SIZE * (FIT_SIZE + 1) / 2];
    double x[FIT_SIZE];
    for (size_t i = 0; i < FIT_SIZE; i++)
        x[i] = 1 + (double)i;
    double begin_s = now_s();
    for (size_t t = 0; t < ticks; t += 2)
        triangle_add_square(gram, x, 1e-3, FIT_SIZE);
    return now_s() - begin_s;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? (size_t)atoi(argv[1]) : 200;
    size_t ticks = argc > 2 ? (size_t)atoi(argv[2]) : 3600;
    static struct estimator_load loads[MOST];
    static struct estimator estimator;
    const struct estimator_prior prior = {.slope_w = 5, .slope_sd_w = 3};
    struct random random = {.state = 1};
    if (n > MOST || estimator_init(&estimator, &prior) < 0)
        return 1;
    double spent_s = 0, longest_s = 0;
    for (size_t t = 0; t < ticks; t++) {
        struct estimator_tick tick;
        struct estimator_answer answer;
        make_tick(&random, n, loads, &tick);
        double begin_s = now_s();
        estimator_tick(&estimator, &tick, &answer);
        double tick_s = now_s() - begin_s;
        spent_s += tick_s;
        longest_s = tick_s > longest_s ? tick_s : longest_s;
    }
    double least_s = floor_s(ticks);
    printf("%zu workloads, %zu ticks: %.1f us a tick, longest %.0f us, %.1f times the rows alone\n",
           n, ticks, spent_s / (double)ticks * 1e6, longest_s * 1e6, spent_s / least_s);
    estimator_done(&estimator);
    return 0;
}
