/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* How long the recorder's thread is kept by targets: 32 of them, each against a baseline, on ten
 * years of days. */

#include <time.h>

#include "greend/units.h"
#include "history.h"
#include "scratch.h"
#include "targets/targets.h"

enum { TARGETS = 32, RUNS = 5, BASELINES = 4 };

#define DAY_S UINT64_C(86400)
#define END_S INT64_C(1795392000) /* 2026-11-23 00:00 UTC */

static void check(int r, const char *what)
{
    if (r == 0)
        return;
    (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
    exit(1);
}

static double now_ms(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void evaluate(const char *path, const struct settings *settings,
                     struct target_baselines *baselines, const char *what)
{
    struct store_reader *reader = NULL;
    struct target_list list;
    double begin_ms = now_ms(CLOCK_MONOTONIC), cpu_ms = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    check(store_reader_open(&reader, path), "open");
    check(targets_evaluate(reader, settings, NULL, NULL, baselines, &list), "evaluate");
    (void)store_reader_close(reader);
    cpu_ms = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_ms;
    begin_ms = now_ms(CLOCK_MONOTONIC) - begin_ms;
    check(list.n == TARGETS && list.states[TARGETS - 1].limited ? 0 : -EBADMSG, "targets");
    printf("%d targets, %-32s %8.1f ms, %.1f ms of CPU\n", TARGETS, what, begin_ms, cpu_ms);
    target_list_done(&list);
}

static void bench(const char *path)
{
    const struct store_options options = {.path = path,
                                          .retention_minutes_s = 2 * DAY_S,
                                          .retention_hours_s = 90 * DAY_S,
                                          .retention_days_s = 3660 * DAY_S,
                                          .retention_names_s = 2 * DAY_S,
                                          .timezone = "UTC"};
    const struct history history = {path, END_S, 3650, 90, 2};
    CLEANUP(settings_done) struct settings settings = {0};
    struct target_baselines baselines = {0};
    struct store *store = NULL;
    char *aside = NULL;
    uint64_t rows = 0;
    char error[SETTINGS_ERROR_MAX];
    settings_defaults(&settings);
    for (int i = 0; i < TARGETS; i++) {
        char name[16];
        char text[64];
        (void)snprintf(name, sizeof(name), "target-%d", i);
        (void)snprintf(text, sizeof(text), "unit application-%d.service 5%% below %d in kWh", i,
                       2025 - i % BASELINES);
        check(settings_set(&settings, "targets", name, text, error), error);
    }
    check(store_open(&store, &options, &aside), "open");
    store = store_close(store);
    check(history_make(&history, &rows), "history");
    printf("ten years of %d workloads in %d domains, %d baselines of a year\n", HISTORY_WORKLOADS,
           HISTORY_DOMAINS, BASELINES);
    evaluate(path, &settings, &baselines, "first");
    for (int i = 0; i < RUNS; i++)
        evaluate(path, &settings, &baselines, "again, within a day");
}

int main(void)
{
    struct scratch scratch = scratch_new();
    char path[sizeof(scratch.path) + sizeof("/greend.db")];
    (void)setenv("TZ", "UTC", 1);
    tzset();
    (void)snprintf(path, sizeof(path), "%s/greend.db", scratch.path);
    bench(path);
    scratch_done(&scratch);
    return 0;
}
