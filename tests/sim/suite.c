/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/suite.h"

#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* What the processes share: which job is next, and a verdict for each. */
struct board {
    size_t next;
    struct verdict verdicts[];
};

struct plan {
    const struct suite *suite;
    const struct scenario *first;
    size_t n_scenarios;
    struct board *board;
};

static void work(const struct plan *plan)
{
    size_t n = plan->n_scenarios * plan->suite->seeds;
    for (;;) {
        size_t job = __atomic_fetch_add(&plan->board->next, 1, __ATOMIC_RELAXED);
        if (job >= n)
            return;
        (void)judge(&plan->first[job / plan->suite->seeds],
                    plan->suite->first_seed + job % plan->suite->seeds, plan->suite->hours,
                    &plan->board->verdicts[job], NULL);
    }
}

static bool work_together(const struct plan *plan)
{
    bool well = true;
    (void)fflush(NULL);
    for (size_t i = 0; i < plan->suite->jobs; i++) {
        pid_t pid = fork();
        if (pid < 0) {
            perror("fork");
            well = false;
        }
        if (pid == 0) {
            work(plan);
            _exit(0);
        }
    }
    int status = 0;
    while (wait(&status) > 0)
        well = well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return well;
}

/* ---- What it comes to ---- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The smallest that nine tenths of them do not exceed. Sorts them. */
static double percentile_90(double *values, size_t n)
{
    if (n == 0)
        return 0;
    qsort(values, n, sizeof(*values), compare);
    return values[(n * 9 + 9) / 10 - 1];
}

static void sum_methods(struct summary *summary, const struct verdict *verdicts, size_t n)
{
    double errors[SUITE_SEEDS_MAX], worst[SUITE_SEEDS_MAX];
    for (size_t m = 0; m < METHODS; m++) {
        for (size_t i = 0; i < n; i++) {
            errors[i] = verdicts[i].error[m];
            worst[i] = verdicts[i].worst[m];
            summary->error[m] += errors[i] / (double)n;
            summary->worst[m] += worst[i] / (double)n;
        }
        summary->error_p90[m] = percentile_90(errors, n);
        summary->worst_p90[m] = percentile_90(worst, n);
    }
}

static bool sum_workloads(struct summary *summary, const struct verdict *verdicts, size_t n)
{
    double *relative = calloc(n * SIM_WORKLOADS, sizeof(*relative));
    if (!relative)
        return false;
    size_t workloads = 0, covered = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(relative + workloads, verdicts[i].relative, verdicts[i].n * sizeof(*relative));
        workloads += verdicts[i].n;
        covered += verdicts[i].covered;
    }
    summary->relative_p90 = percentile_90(relative, workloads);
    summary->coverage = workloads ? (double)covered / (double)workloads : 0;
    free(relative);
    return true;
}

static bool sum_up(struct summary *summary, const struct verdict *verdicts, size_t n)
{
    summary->exact = true;
    double stated = 0, idle[SUITE_SEEDS_MAX];
    for (size_t i = 0; i < n; i++) {
        const struct verdict *verdict = &verdicts[i];
        if (!verdict->done)
            return false;
        summary->exact = summary->exact && verdict->exact;
        idle[i] = verdict->idle_error;
        summary->idle_error += idle[i] / (double)n;
        summary->idle_seen += verdict->idle_seen;
        summary->seen_error += verdict->seen_error;
        summary->half_width += verdict->half_width / (double)n;
        stated += verdict->stated / (double)n;
    }
    summary->stated = stated > 0.9;
    summary->idle_p90 = percentile_90(idle, n);
    if (summary->idle_seen)
        summary->seen_error /= (double)summary->idle_seen;
    sum_methods(summary, verdicts, n);
    return sum_workloads(summary, verdicts, n);
}

size_t suite_run(const struct suite *suite, struct summary *ret, size_t room)
{
    struct plan plan = {.suite = suite, .first = scenarios, .n_scenarios = n_scenarios};
    if (suite->scenario) {
        plan.first = scenario_find(suite->scenario);
        plan.n_scenarios = plan.first != NULL;
    }
    size_t n = MIN(plan.n_scenarios, room);
    size_t size = sizeof(struct board) + n * suite->seeds * sizeof(struct verdict);
    plan.n_scenarios = n;
    plan.board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (n == 0 || plan.board == MAP_FAILED) {
        (void)fprintf(stderr, "no such scenario, or no memory\n");
        return 0;
    }
    bool well = work_together(&plan);
    for (size_t i = 0; i < n && well; i++) {
        ret[i] = (struct summary){.scenario = &plan.first[i]};
        well = sum_up(&ret[i], &plan.board->verdicts[i * suite->seeds], suite->seeds);
    }
    (void)munmap(plan.board, size);
    if (!well)
        (void)fprintf(stderr, "a run failed\n");
    return well ? n : 0;
}

double summary_peer_error(const struct summary *summary)
{
    return fmin(summary->error[METHOD_KEPLER], summary->error[METHOD_SCAPHANDRE]);
}

double summary_gain(const struct summary *summary)
{
    return summary_peer_error(summary) / fmax(summary->error[METHOD_GREEND], 1e-6);
}

double summary_width(const struct summary *summary)
{
    return summary->half_width / fmax(summary->relative_p90, 1e-6);
}
