/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* How long a report over a year takes, with its footprint, as a person and a program get it; how
 * large that year is; and what the commit of a minute writes. */

#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

#include "fault_vfs.h"
#include "greend/units.h"
#include "history.h"
#include "input/factor_files.h"
#include "render/render.h"
#include "report/report_html.h"
#include "scratch.h"
#include "storage/database.h"

enum { RUNS = 9, MIDDLE = RUNS / 2, COMMITS = 180 };

#define DAY_S UINT64_C(86400)

#define END_S INT64_C(1795392000) /* 2026-11-23 00:00 UTC */

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void check(int r, const char *what)
{
    if (r == 0)
        return;
    (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
    exit(1);
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* The median time of a few runs, by a clock. */
static double median_of(clockid_t clock, void (*run)(void *argument), void *argument)
{
    uint64_t times[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        uint64_t begin_ns = now_ns(clock);
        run(argument);
        times[i] = now_ns(clock) - begin_ns;
    }
    qsort(times, RUNS, sizeof(times[0]), compare);
    return (double)times[MIDDLE] / 1e6;
}

static double median_ms(void (*run)(void *argument), void *argument)
{
    return median_of(CLOCK_MONOTONIC, run, argument);
}

struct query {
    const char *path;
    const char *sql; /* for the floor */
    int64_t since_s;
    int64_t until_s;
    enum store_group group;
    uint64_t rows;
    uint64_t total_uj;
};

static int add_row(void *userdata, const struct store_usage *usage)
{
    struct query *query = userdata;
    query->rows++;
    query->total_uj += usage->energy_uj;
    return 0;
}

/* All that `greend-ctl report` asks, from opening to closing. */
static void run_report(void *argument)
{
    struct query *query = argument;
    struct store_reader *reader = NULL;
    struct store_period period;
    query->rows = query->total_uj = 0;
    check(store_reader_open(&reader, query->path), "open");
    check(store_reader_period(reader, query->since_s, query->until_s, &period), "period");
    check(store_reader_usage(reader, &period, query->group, add_row, query), "usage");
    (void)store_reader_close(reader);
}

static void run_floor(void *argument)
{
    struct query *query = argument;
    sqlite3 *db = NULL;
    int64_t sum = 0;
    check(database_open(&db, query->path, SQLITE_OPEN_READONLY, ""), "open");
    check(database_get(db, query->sql, &sum), "sum");
    query->total_uj = (uint64_t)sum;
    database_close_p(&db);
}

static void report(const char *path)
{
    static const char *const names[] = {"by workload", "by hour", "by day"};
    struct query floor = {.path = path, .sql = "SELECT sum(energy_uj) FROM day_energy"};
    double floor_ms = median_ms(run_floor, &floor);
    printf("floor: SELECT sum(energy_uj) over the year's days   %8.2f ms, %.2f ms of CPU\n",
           floor_ms, median_of(CLOCK_PROCESS_CPUTIME_ID, run_floor, &floor));
    struct query grouped = floor;
    grouped.sql = "SELECT sum(e + 0 * u) FROM (SELECT sum(energy_uj) AS e, sum(uncertainty_uj)"
                  " AS u FROM day_energy GROUP BY workload, domain)";
    double grouped_ms = median_ms(run_floor, &grouped);
    printf("the same by workload and domain, GROUP BY           %8.2f ms\n", grouped_ms);
    for (enum store_group group = STORE_BY_WORKLOAD; group <= STORE_BY_DAY; group++) {
        struct query query = {
            .path = path, .since_s = INT64_MIN, .until_s = INT64_MAX, .group = group};
        double ms = median_ms(run_report, &query);
        printf("report over the year, %-11s %8" PRIu64 " rows %10.2f ms, %5.2f times the floor\n",
               names[group], query.rows, ms, ms / floor_ms);
        if (query.total_uj != floor.total_uj)
            check(-EBADMSG, "the report's joules");
    }
    struct query edges = {.path = path,
                          .since_s = END_S - 100 * (int64_t)DAY_S + 1234,
                          .until_s = END_S - 1234,
                          .group = STORE_BY_WORKLOAD};
    printf("report over 100 days, cut in minutes                %8.2f ms\n",
           median_ms(run_report, &edges));
}

/* ---- The whole report ---- */

enum made { MADE_TABLE, MADE_JSON, MADE_CSV, MADE_PAGE, MADES };

struct whole {
    const char *path;
    enum made made;
    size_t top;
    size_t bytes;
};

static void on_factor_error(void *userdata, const char *line)
{
    (void)userdata;
    (void)fprintf(stderr, "%s\n", line);
    exit(1);
}

/* All that greend-ctl does for a report of another machine's year, but for starting it: facts and
 * factors are read each time. */
static void run_whole(void *argument)
{
    static const struct style style = {.width = 120, .utf8 = true};
    struct whole *whole = argument;
    struct store_reader *reader = NULL;
    struct facts *facts = NULL;
    struct report report = {
        .top = whole->top, .since_s = END_S - 365 * (int64_t)DAY_S, .until_s = END_S};
    struct report_footprint footprint;
    CLEANUP(text_done) struct text text = {0};
    check(store_reader_open(&reader, whole->path), "open");
    check(store_reader_info(reader, &report.info), "info");
    check(report_collect(&report, reader), "report");
    check(facts_load_stored(&facts, reader, whole->path), "facts");
    check(facts ? 0 : -EBADMSG, "facts");
    check(factor_files_load(SOURCE_ROOT "/footprint/factors", "boavizta", NULL, 0, &facts->table,
                            on_factor_error, NULL),
          "factors");
    facts_use(facts, facts->table);
    report_footprint_init(&footprint, &report, facts, END_S);
    check(footprint.gaps == FOOTPRINT_INCOMPLETE ? 0 : -EBADMSG, "the footprint");
    if (whole->made == MADE_TABLE)
        render_report_table(&report, &footprint, &style, &text);
    else if (whole->made == MADE_JSON)
        render_report_json(&report, &footprint, &text);
    else if (whole->made == MADE_CSV)
        render_report_csv(&report, &footprint, &text);
    else
        check(report_html(&report, &footprint, reader, NULL, &text), "page");
    check(text.error, "text");
    whole->bytes = text.length;
    report_done(&report);
    (void)facts_free(facts);
    (void)store_reader_close(reader);
}

static void report_whole(const char *path)
{
    static const char *const names[MADES] = {"table", "JSON", "CSV", "page"};
    for (enum made made = 0; made < MADES; made++) {
        struct whole whole = {.path = path, .made = made, .top = REPORT_ROWS_MAX};
        double ms = median_ms(run_whole, &whole);
        double cpu_ms = median_of(CLOCK_PROCESS_CPUTIME_ID, run_whole, &whole);
        printf("with its footprint, %d workloads, as %-6s %8zu bytes %10.2f ms, %.2f ms of CPU\n",
               HISTORY_WORKLOADS, names[made], whole.bytes, ms, cpu_ms);
    }
}

static void commit(struct store *store)
{
    uint64_t slowest_ns = 0, cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    fault_disk = (struct fault_disk){0};
    for (int i = 0; i < COMMITS; i++) {
        struct store_batch batch;
        history_minute(END_S + (int64_t)i * 60, &batch);
        batch.position.real_ns = (END_S + ((int64_t)i + 1) * 60) * (int64_t)NS_PER_S;
        batch.position.mono_ns = (uint64_t)i * 60 * NS_PER_S;
        uint64_t begin_ns = now_ns(CLOCK_MONOTONIC);
        check(store_commit(store, &batch), "commit");
        slowest_ns = MAX(slowest_ns, now_ns(CLOCK_MONOTONIC) - begin_ns);
    }
    cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns;
    printf("commit of a minute, pruning once an hour: %.1f kB written, %.2f syncs, %.2f ms CPU;"
           " slowest %.0f ms\n",
           (double)fault_disk.bytes / COMMITS / 1e3, (double)fault_disk.syncs / COMMITS,
           (double)cpu_ns / COMMITS / 1e6, (double)slowest_ns / 1e6);
    printf("written in a day of minutes: %.0f MB\n",
           (double)fault_disk.bytes / COMMITS * 1440 / 1e6);
}

static void bench(const char *path)
{
    struct store_fact told[] = {
        {"asset.machine",  "physical"  },
        {"asset.purchase", "2024-03-31"},
        {"machine.kind",   "physical"  },
        {"site.country",   "FR"        },
        {"site.wue",       "0.4"       },
    };
    const struct store_facts facts = {
        .facts = told,
        .n_facts = ARRAY_SIZE(told),
        .parts = {{"cpu", "some processor", 2, 0}, {"ram", "", 12, 32}, {"ssd", "", 2, 960}},
        .n_parts = 3,
    };
    const struct store_options options = {.path = path,
                                          .retention_minutes_s = 2 * DAY_S,
                                          .retention_hours_s = 90 * DAY_S,
                                          .retention_days_s = 3650 * DAY_S,
                                          .retention_names_s = 2 * DAY_S,
                                          .timezone = "UTC",
                                          .facts = &facts};
    const struct history history = {path, END_S, 365, 90, 2};
    struct store *store = NULL;
    struct stat status;
    char *aside = NULL;
    uint64_t rows = 0;
    check(store_open(&store, &options, &aside), "open");
    store = store_close(store);
    check(history_make(&history, &rows), "history");
    check(store_open(&store, &options, &aside), "open again");
    check(stat(path, &status) < 0 ? -errno : 0, "stat");
    printf("a year of %d workloads in %d domains: %.1f MB, %" PRIu64 " rows, %.1f bytes a row\n",
           HISTORY_WORKLOADS, HISTORY_DOMAINS, (double)status.st_size / 1e6, rows,
           (double)status.st_size / (double)rows);
    report(path);
    report_whole(path);
    commit(store);
    (void)store_close(store);
    check(stat(path, &status) < 0 ? -errno : 0, "stat");
    printf("after %d more minutes: %.1f MB\n", COMMITS, (double)status.st_size / 1e6);
}

int main(void)
{
    struct scratch scratch = scratch_new();
    char path[sizeof(scratch.path) + sizeof("/greend.db")];
    (void)setenv("TZ", "UTC", 1);
    fault_vfs_register();
    (void)snprintf(path, sizeof(path), "%s/greend.db", scratch.path);
    bench(path);
    scratch_done(&scratch);
    return 0;
}
