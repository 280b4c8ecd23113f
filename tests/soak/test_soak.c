/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A year in the life of greend, under a virtual clock, by its own core, ring and store: all that a
 * server does to it, again and again. After each day and each mishap the database holds what went
 * through the meters, but for the gaps that it declares, to the microjoule; memory and database
 * stay bounded. How many days: GREEND_SOAK_DAYS, 4 or 365; how large the file may grow is set for
 * these two. */

#include "unit/unit.h"

#include <malloc.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <time.h>

#include "integration/storage/fault_vfs.h"
#include "soak/soak.h"

enum { FLUSH_TICKS = 60, DENSE_TICKS = 90 };

/* Samples of a second after each midnight, else of any length up to this: within a minute, and over
 * up to six ends of minutes. The counters can speak for a little more: half a period at full
 * power. */
#define SPARSE_MOST_NS (300 * NS_PER_S)

/* What the heap may differ by between two daemons: what SQLite keeps of its own. */
enum { LEAK_MOST = 64 << 10 };

/* mallinfo2() takes what a thread's cache holds for used; and a heap that is given back after each
 * daemon costs as many page faults with the next. */
#define SOAK_TUNABLES                                                                              \
    "glibc.malloc.tcache_count=0:glibc.malloc.trim_threshold=268435456:"                           \
    "glibc.malloc.mmap_threshold=268435456"

/* ---- The database ---- */

/* A connection for each look: the daemon's is another, and what it opens may be a new file. */
static sqlite3 *look(const struct soak *soak)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(soak->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    return statement;
}

static int64_t ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = prepare(db, sql);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return value;
}

static size_t zone_of(const struct soak *soak, const char *domain)
{
    size_t i = 0;
    while (i < SOAK_ZONES && !str_equal(soak->machine.zones[i].meter.domain, domain))
        i++;
    if (i == SOAK_ZONES)
        fail_msg("day %.4f: what is %s?", soak_day(soak), domain);
    return i;
}

/* The sum of rows (name of the domain, value), of each zone. */
static void ask_zones(const struct soak *soak, sqlite3 *db, const char *sql,
                      uint64_t ret_values[SOAK_ZONES])
{
    sqlite3_stmt *statement = prepare(db, sql);
    memset(ret_values, 0, SOAK_ZONES * sizeof(ret_values[0]));
    for (int r; (r = sqlite3_step(statement)) != SQLITE_DONE;) {
        assert_int_equal(r, SQLITE_ROW);
        size_t zone = zone_of(soak, (const char *)sqlite3_column_text(statement, 0));
        ret_values[zone] += (uint64_t)sqlite3_column_int64(statement, 1);
    }
    (void)sqlite3_finalize(statement);
}

int64_t soak_ask(const struct soak *soak, const char *sql)
{
    sqlite3 *db = look(soak);
    int64_t value = ask(db, sql);
    (void)sqlite3_close(db);
    return value;
}

double soak_day(const struct soak *soak)
{
    return (double)soak->machine.elapsed_ns / (double)DAY_NS;
}

static void expect(const struct soak *soak, const char *what, uint64_t database, uint64_t books)
{
    if (database != books)
        fail_msg("day %.4f: %s: %llu in the database, %llu by the books", soak_day(soak), what,
                 (unsigned long long)database, (unsigned long long)books);
}

void soak_check_books(struct soak *soak)
{
    const struct soak_books *books = &soak->committed;
    uint64_t energy_uj[SOAK_ZONES], gap_ns[SOAK_ZONES];
    sqlite3 *db = look(soak);
    soak->checks++;
    /* By hand what GROUP BY would sort a year's rows for. */
    ask_zones(soak, db,
              "SELECT name, energy_uj FROM day_energy JOIN domain ON domain.id = domain"
              " WHERE workload NOT IN (SELECT id FROM workload WHERE kind = 'unsplit')",
              energy_uj);
    ask_zones(soak, db,
              "SELECT subject, sum(duration_ns) FROM event"
              " WHERE kind = 'gap' AND subject <> '' GROUP BY subject",
              gap_ns);
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        expect(soak, soak->machine.zones[i].meter.domain, energy_uj[i], soak_books_uj(books, i));
        expect(soak, "time without this meter", gap_ns[i], books->zone_gap_ns[i]);
    }
    expect(soak, "gaps",
           (uint64_t)ask(db, "SELECT count(*) FROM event WHERE kind = 'gap' AND subject = ''"),
           books->gaps);
    expect(soak, "time in gaps", (uint64_t)ask(db, "SELECT coalesce(sum(gap_ns), 0) FROM day_span"),
           books->gap_ns);
    (void)sqlite3_close(db);
}

/* ---- The daemon ---- */

void soak_start(struct soak *soak)
{
    fault_disk = (struct fault_disk){0};
    soak->disk_full_until_ns = 0;
    soak_daemon_start(&soak->daemon, &soak->machine, &soak->run, &soak->options);
    soak->starts++;
}

void soak_tick(struct soak *soak, uint64_t time_ns)
{
    bool first = soak->daemon.ticked_ns == 0;
    soak_machine_run(&soak->machine, time_ns);
    soak_daemon_tick(&soak->daemon);
    soak_books_tick(&soak->books, &soak->machine, first);
    soak->ticks++;
}

static void measure_heap(struct soak *soak)
{
    struct mallinfo2 info = mallinfo2();
    size_t heap = info.uordblks + info.hblkhd;
    bool early = soak->machine.elapsed_ns < soak->days * DAY_NS / 2;
    size_t *most = early ? &soak->heap_most_early : &soak->heap_most_late;
    *most = MAX(*most, heap);
}

void soak_commit(struct soak *soak)
{
    int r = soak_daemon_commit(&soak->daemon, false);
    soak->lapped += soak->daemon.lapped;
    soak->daemon.lapped = 0;
    measure_heap(soak);
    if (r < 0) {
        assert_int_equal(r, -ENOSPC);
        assert_true(soak->disk_full_until_ns != 0 && strlen(store_error(soak->daemon.store)) > 0);
        soak->refused++;
        return;
    }
    soak->committed = soak->books;
    soak->commits++;
}

void soak_stop(struct soak *soak)
{
    fault_disk = (struct fault_disk){0};
    soak_daemon_stop(&soak->daemon);
    soak_books_tick(&soak->books, &soak->machine, false);
    soak->committed = soak->books;
    soak_check_books(soak);
}

/* Nothing is left of a daemon that ended. */
static void check_leaks(struct soak *soak)
{
    size_t heap = mallinfo2().uordblks;
    if (soak->heap_without == 0)
        soak->heap_without = heap;
    if (heap > soak->heap_without + LEAK_MOST)
        fail_msg("day %.2f: %zu bytes of heap without a daemon, %zu at first", soak_day(soak), heap,
                 soak->heap_without);
}

void soak_start_again(struct soak *soak)
{
    check_leaks(soak);
    soak_start(soak);
    soak_tick(soak, random_below(&soak->machine.random, 2 * NS_PER_S));
    soak_commit(soak);
    soak_check_books(soak);
}

/* ---- Bounds ---- */

static void check_size(struct soak *soak)
{
    int64_t size = soak_ask(soak, "SELECT page_count * page_size FROM pragma_page_count,"
                                  " pragma_page_size");
    soak->file_most = MAX(soak->file_most, size);
    if (soak->machine.elapsed_ns < soak->days * DAY_NS / 2)
        soak->file_early = soak->file_most;
}

static void end_of_day(struct soak *soak)
{
    if (soak->disk_full_until_ns == 0) {
        soak_commit(soak);
        soak_check_books(soak);
    }
    check_size(soak);
}

static void run_days(struct soak *soak)
{
    uint64_t next_day_ns = DAY_NS, until_commit = FLUSH_TICKS, dense = 0;
    struct random *random = &soak->machine.random;
    soak_plan(soak);
    while (soak->machine.elapsed_ns < soak->days * DAY_NS) {
        soak_tick(soak, dense > 0 ? NS_PER_S : NS_PER_S + random_below(random, SPARSE_MOST_NS));
        dense -= dense > 0;
        if (random_below(random, 3) == 0)
            soak_daemon_drain(&soak->daemon);
        if (--until_commit == 0) {
            soak_commit(soak);
            until_commit = FLUSH_TICKS;
        }
        soak_let_happen(soak);
        if (soak->machine.elapsed_ns < next_day_ns)
            continue;
        end_of_day(soak);
        next_day_ns += DAY_NS;
        dense = DENSE_TICKS;
    }
}

static void tell(const struct soak *soak)
{
    struct rusage usage;
    uint64_t wraps = 0;
    double lost_j = 0, all_j = 0;
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        wraps += soak->machine.zones[i].wraps;
        lost_j += (double)soak->committed.lost_uj[i] / 1e6;
        all_j += (double)soak->machine.zones[i].true_uj / 1e6;
    }
    (void)getrusage(RUSAGE_SELF, &usage);
    print_message("%u days, %llu ticks, %llu commits (%llu refused), %llu starts, %llu wraps,"
                  " %llu times overtaken; books checked %llu times\n",
                  soak->days, (unsigned long long)soak->ticks, (unsigned long long)soak->commits,
                  (unsigned long long)soak->refused, (unsigned long long)soak->starts,
                  (unsigned long long)wraps, (unsigned long long)soak->lapped,
                  (unsigned long long)soak->checks);
    for (size_t i = 0; i < SOAK_HAPPENINGS; i++)
        print_message("%6u x %s\n", soak_happenings[i].count, soak_happenings[i].name);
    print_message("%.0f J went through the meters, %.3f %% of it in declared gaps\n", all_j,
                  100 * lost_j / all_j);
    print_message("heap at most %zu B in the first half, %zu in the second; file %lld and %lld B;"
                  " resident at most %ld KiB; CPU %lld.%02lld s\n",
                  soak->heap_most_early, soak->heap_most_late, (long long)soak->file_early,
                  (long long)soak->file_most, usage.ru_maxrss,
                  (long long)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec,
                  (long long)usage.ru_utime.tv_usec / 10000);
}

static void test_soak(void **state)
{
    static struct soak soak;
    const char *days = getenv("GREEND_SOAK_DAYS");
    (void)state;
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    soak.scratch = scratch_new();
    soak.days = days ? (unsigned)strtoul(days, NULL, 10) : 4;
    (void)snprintf(soak.path, sizeof(soak.path), "%s/greend.db", soak.scratch.path);
    bool year = soak.days > 180;
    soak.options = (struct store_options){.path = soak.path,
                                          .retention_minutes_s = year ? 172800 : 7200,
                                          .retention_hours_s = year ? 90 * 86400 : 86400,
                                          .retention_days_s = UINT64_C(3650) * 86400,
                                          .retention_names_s = 172800,
                                          .timezone = "Europe/Paris"};
    soak_machine_init(&soak.machine, 1);
    soak_ring_new(&soak.run, SLOTS);
    soak_start(&soak);
    soak_tick(&soak, NS_PER_S);
    run_days(&soak);
    soak_stop(&soak);
    check_leaks(&soak);
    tell(&soak);
    for (size_t i = 0; i < SOAK_HAPPENINGS; i++)
        assert_true(soak_happenings[i].count > 0);
    assert_true(soak.refused > 0 && soak.lapped > 0);
    /* Four days have few peaks: how high they are differs by compiler. */
    assert_true(soak.heap_most_late <=
                soak.heap_most_early + soak.heap_most_early / (year ? 4 : 2));
    assert_true(soak.file_most <= soak.file_early + soak.file_early / 4);
    soak_ring_done(&soak.run);
    scratch_done(&soak.scratch);
}

int main(int argc, char **argv)
{
    (void)argc;
    /* Read before main() is. */
    if (!getenv("GLIBC_TUNABLES")) {
        (void)setenv("GLIBC_TUNABLES", SOAK_TUNABLES, 1);
        (void)execv("/proc/self/exe", argv);
    }
    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    fault_vfs_register();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_soak)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
