/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A year in the life of greend, under a virtual clock, by its own core, ring and store: all that a
 * server does to it, again and again. After each day and each mishap the database holds what went
 * through the meters, but for the gaps that it declares, to the microjoule; memory and database
 * stay bounded. How many days: GREEND_SOAK_DAYS. */

#include "unit/unit.h"

#include <malloc.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <time.h>

#include "integration/storage/fault_vfs.h"
#include "soak/soak_books.h"
#include "soak/soak_daemon.h"
#include "support/scratch.h"

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS   (60 * MINUTE_NS)
#define DAY_NS    (24 * HOUR_NS)

enum { SLOTS = 1 << 15, FLUSH_TICKS = 30, DENSE_TICKS = 90 };

/* What the heap may differ by between two daemons: what SQLite keeps of its own. */
enum { LEAK_MOST = 64 << 10 };

struct soak {
    struct scratch scratch;
    char path[300];
    struct store_options options;
    unsigned days;
    struct soak_machine machine;
    struct soak_run run;
    struct soak_daemon daemon;
    struct soak_books books, committed;
    uint64_t ticks, commits, refused, starts, checks;
    uint64_t lapped;
    uint64_t disk_full_until_ns, fail_until_ns;
    /* Bytes. */
    size_t heap_most_early, heap_most_late; /* while a daemon runs: first and second half */
    size_t heap_without;                    /* between the first two daemons */
    int64_t file_early, file_most;
};

/* ---- The database ---- */

static int64_t ask(const struct soak *soak, const char *sql, const char *text)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(soak->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (text)
        (void)sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return value;
}

static double day_of(const struct soak *soak)
{
    return (double)soak->machine.elapsed_ns / (double)DAY_NS;
}

static void expect(const struct soak *soak, const char *what, uint64_t database, uint64_t books)
{
    if (database != books)
        fail_msg("day %.4f: %s: %llu in the database, %llu by the books", day_of(soak), what,
                 (unsigned long long)database, (unsigned long long)books);
}

static void check_books(struct soak *soak)
{
    const struct soak_books *books = &soak->committed;
    soak->checks++;
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        const char *domain = soak->machine.zones[i].meter.domain;
        expect(soak, domain,
               (uint64_t)ask(soak,
                             "SELECT coalesce(sum(e.energy_uj), 0) FROM day_energy AS e JOIN "
                             "domain AS d ON d.id = e.domain JOIN workload AS w ON w.id = "
                             "e.workload WHERE w.kind <> 'unsplit' AND d.name = ?1",
                             domain),
               soak_books_uj(books, i));
        expect(soak, "time without this meter",
               (uint64_t)ask(soak,
                             "SELECT coalesce(sum(duration_ns), 0) FROM event"
                             " WHERE kind = 'gap' AND subject = ?1",
                             domain),
               books->zone_gap_ns[i]);
    }
    expect(
        soak, "gaps",
        (uint64_t)ask(soak, "SELECT count(*) FROM event WHERE kind = 'gap' AND subject = ''", NULL),
        books->gaps);
    expect(soak, "time in gaps",
           (uint64_t)ask(soak, "SELECT coalesce(sum(gap_ns), 0) FROM day_span", NULL),
           books->gap_ns);
}

/* ---- The daemon ---- */

static void start(struct soak *soak)
{
    fault_disk = (struct fault_disk){0};
    soak->disk_full_until_ns = 0;
    soak_daemon_start(&soak->daemon, &soak->machine, &soak->run, &soak->options);
    soak->starts++;
}

static void tick(struct soak *soak, uint64_t time_ns)
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

static void commit(struct soak *soak)
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

static void kill_daemon(struct soak *soak)
{
    soak_daemon_kill(&soak->daemon);
}

static void stop_daemon(struct soak *soak)
{
    fault_disk = (struct fault_disk){0};
    soak_daemon_stop(&soak->daemon);
    soak_books_tick(&soak->books, &soak->machine, false);
    soak->committed = soak->books;
    check_books(soak);
}

/* Nothing is left of a daemon that ended. */
static void check_leaks(struct soak *soak)
{
    size_t heap = mallinfo2().uordblks;
    if (soak->heap_without == 0)
        soak->heap_without = heap;
    if (heap > soak->heap_without + LEAK_MOST)
        fail_msg("day %.2f: %zu bytes of heap without a daemon, %zu at first", day_of(soak), heap,
                 soak->heap_without);
}

static void start_again(struct soak *soak)
{
    check_leaks(soak);
    start(soak);
    tick(soak, random_below(&soak->machine.random, 2 * NS_PER_S));
    commit(soak);
    check_books(soak);
}

/* ---- What happens to it ---- */

static uint64_t pick(struct soak *soak, uint64_t least_ns, uint64_t most_ns)
{
    return least_ns + random_below(&soak->machine.random, most_ns - least_ns);
}

static void happens_kill(struct soak *soak)
{
    kill_daemon(soak);
    soak_machine_run(&soak->machine, pick(soak, 1, 90 * NS_PER_S));
    start_again(soak);
}

/* Killed again and again before it comes to commit. */
static void happens_crash_loop(struct soak *soak)
{
    for (int i = 0; i < 5; i++) {
        kill_daemon(soak);
        soak_machine_run(&soak->machine, pick(soak, 1, 20 * NS_PER_S));
        start(soak);
        tick(soak, NS_PER_S);
    }
    commit(soak);
    check_books(soak);
}

static void happens_restart(struct soak *soak)
{
    stop_daemon(soak);
    soak_machine_run(&soak->machine, pick(soak, 1, 90 * NS_PER_S));
    start_again(soak);
}

/* Longer than counters speak for, or nearly. */
static void happens_away(struct soak *soak)
{
    if (random_below(&soak->machine.random, 2))
        stop_daemon(soak);
    else
        kill_daemon(soak);
    soak_machine_run(&soak->machine, pick(soak, 4 * MINUTE_NS, HOUR_NS));
    start_again(soak);
}

static void happens_boot(struct soak *soak)
{
    stop_daemon(soak);
    soak_machine_boot(&soak->machine, pick(soak, 40 * NS_PER_S, 20 * MINUTE_NS));
    soak_ring_new(&soak->run, SLOTS);
    start_again(soak);
}

/* What was not committed goes with the ring. */
static void happens_power_cut(struct soak *soak)
{
    kill_daemon(soak);
    soak->books = soak->committed;
    soak_machine_boot(&soak->machine, pick(soak, 40 * NS_PER_S, 6 * HOUR_NS));
    soak_ring_new(&soak->run, SLOTS);
    start_again(soak);
}

/* /run was cleared, or the ring is of another version: the store's readings are what is left. */
static void happens_ring_lost(struct soak *soak)
{
    if (random_below(&soak->machine.random, 2))
        commit(soak);
    kill_daemon(soak);
    soak->books = soak->committed;
    soak_machine_run(&soak->machine, pick(soak, 1, 60 * NS_PER_S));
    soak_ring_new(&soak->run, random_below(&soak->machine.random, 2) ? SLOTS : 2 * SLOTS);
    start_again(soak);
}

static void happens_suspend(struct soak *soak)
{
    soak_machine_sleep(&soak->machine, pick(soak, 2 * NS_PER_S, 10 * HOUR_NS),
                       random_below(&soak->machine.random, 2));
    tick(soak, pick(soak, NS_PER_S, MINUTE_NS));
}

/* Asleep while no daemon runs. */
static void happens_suspend_unseen(struct soak *soak)
{
    kill_daemon(soak);
    soak_machine_sleep(&soak->machine, pick(soak, MINUTE_NS, HOUR_NS), false);
    start_again(soak);
}

/* By hours, or by a month ahead and back after some hours: it is believed after a day. */
static void happens_clock_set(struct soak *soak)
{
    int64_t month_ns = INT64_C(30) * (int64_t)DAY_NS;
    bool far = random_below(&soak->machine.random, 4) == 0;
    int64_t step_ns = far ? month_ns : (int64_t)pick(soak, 0, 4 * HOUR_NS) - 2 * (int64_t)HOUR_NS;
    soak->machine.real_ns += step_ns;
    for (int i = 0; i < 5; i++)
        tick(soak, MINUTE_NS);
    if (far)
        soak->machine.real_ns -= step_ns;
    tick(soak, MINUTE_NS);
    commit(soak);
}

/* In the middle of its range, so that it does not look like a wrap. */
static void happens_counter_reset(struct soak *soak)
{
    for (size_t i = 0; i < SOAK_ZONES; i++) {
        struct soak_zone *zone = &soak->machine.zones[i];
        uint64_t period_uj = soak_period_uj(&zone->meter);
        if (zone->failing || zone->count_uj < period_uj * 3 / 10 ||
            zone->count_uj > period_uj * 6 / 10)
            continue;
        zone->count_uj = 0;
        soak->books.began_anew[i] = true;
        tick(soak, NS_PER_S);
        return;
    }
}

static void happens_meter_gone(struct soak *soak)
{
    soak->machine.zones[random_below(&soak->machine.random, SOAK_ZONES)].failing = true;
    soak->fail_until_ns = soak->machine.elapsed_ns + pick(soak, MINUTE_NS, 20 * MINUTE_NS);
}

static void happens_disk_full(struct soak *soak)
{
    fault_disk = (struct fault_disk){.fail_at = 1, .stays = true, .error = SQLITE_FULL};
    soak->disk_full_until_ns = soak->machine.elapsed_ns + pick(soak, MINUTE_NS, 6 * HOUR_NS);
}

/* The recorder does nothing until the sampler has overtaken it. */
static void happens_stall(struct soak *soak)
{
    if (soak->disk_full_until_ns != 0)
        return;
    commit(soak);
    while (ring_oldest(&soak->run.ring) <= soak->daemon.position)
        tick(soak, NS_PER_S);
    commit(soak);
    check_books(soak);
}

/* From the version before: its database has neither facts nor parts, its ring another size. */
static void happens_upgrade(struct soak *soak)
{
    sqlite3 *db = NULL;
    stop_daemon(soak);
    assert_int_equal(sqlite3_open(soak->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP TABLE fact; DROP TABLE part; PRAGMA user_version = 3",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(db);
    soak_machine_run(&soak->machine, pick(soak, 1, 60 * NS_PER_S));
    soak_ring_new(&soak->run, SLOTS);
    start_again(soak);
    assert_int_equal(ask(soak, "PRAGMA user_version", NULL), STORE_SCHEMA_VERSION);
}

static struct happening {
    const char *name;
    void (*happen)(struct soak *soak);
    unsigned a_year;
    uint64_t next_ns;
    unsigned count;
} happenings[] = {
    {"kill -9",                         happens_kill,           500, 0, 0},
    {"crash loop",                      happens_crash_loop,     20,  0, 0},
    {"restart",                         happens_restart,        100, 0, 0},
    {"stopped for long",                happens_away,           50,  0, 0},
    {"reboot",                          happens_boot,           24,  0, 0},
    {"power cut",                       happens_power_cut,      12,  0, 0},
    {"ring lost",                       happens_ring_lost,      24,  0, 0},
    {"suspend",                         happens_suspend,        200, 0, 0},
    {"suspend without a daemon",        happens_suspend_unseen, 20,  0, 0},
    {"clock set",                       happens_clock_set,      50,  0, 0},
    {"counter begun anew",              happens_counter_reset,  50,  0, 0},
    {"meter unreadable",                happens_meter_gone,     50,  0, 0},
    {"disk full",                       happens_disk_full,      20,  0, 0},
    {"recorder overtaken",              happens_stall,          12,  0, 0},
    {"upgrade from the version before", happens_upgrade,        12,  0, 0},
};

static void plan(struct soak *soak, struct happening *happening)
{
    uint64_t most = (uint64_t)soak->days * DAY_NS;
    unsigned count = MAX(happening->a_year * soak->days / 365, 3U);
    happening->next_ns = soak->machine.elapsed_ns + pick(soak, 1, 2 * most / (count + 1));
}

static void let_happen(struct soak *soak)
{
    struct soak_machine *machine = &soak->machine;
    if (soak->disk_full_until_ns != 0 && machine->elapsed_ns >= soak->disk_full_until_ns) {
        fault_disk = (struct fault_disk){0};
        soak->disk_full_until_ns = 0;
        commit(soak);
        check_books(soak);
    }
    if (soak->fail_until_ns != 0 && machine->elapsed_ns >= soak->fail_until_ns) {
        for (size_t i = 0; i < SOAK_ZONES; i++)
            machine->zones[i].failing = false;
        soak->fail_until_ns = 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(happenings); i++) {
        struct happening *happening = &happenings[i];
        if (machine->elapsed_ns < happening->next_ns)
            continue;
        if (getenv("GREEND_SOAK_TELL"))
            print_message("day %.4f: %s\n", day_of(soak), happening->name);
        happening->happen(soak);
        happening->count++;
        plan(soak, happening);
    }
}

/* ---- Bounds ---- */

static void check_size(struct soak *soak)
{
    int64_t size = ask(soak,
                       "SELECT page_count * page_size FROM pragma_page_count,"
                       " pragma_page_size",
                       NULL);
    soak->file_most = MAX(soak->file_most, size);
    if (soak->machine.elapsed_ns < soak->days * DAY_NS / 2)
        soak->file_early = soak->file_most;
}

static void end_of_day(struct soak *soak)
{
    if (soak->disk_full_until_ns == 0) {
        commit(soak);
        check_books(soak);
    }
    check_size(soak);
}

static void run_days(struct soak *soak)
{
    uint64_t next_day_ns = DAY_NS, until_commit = FLUSH_TICKS, dense = 0;
    for (size_t i = 0; i < ARRAY_SIZE(happenings); i++)
        plan(soak, &happenings[i]);
    while (soak->machine.elapsed_ns < soak->days * DAY_NS) {
        tick(soak, dense > 0 ? NS_PER_S : MINUTE_NS);
        dense -= dense > 0;
        if (random_below(&soak->machine.random, 3) == 0)
            soak_daemon_drain(&soak->daemon);
        if (--until_commit == 0) {
            commit(soak);
            until_commit = FLUSH_TICKS;
        }
        let_happen(soak);
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
    for (size_t i = 0; i < ARRAY_SIZE(happenings); i++)
        print_message("%6u x %s\n", happenings[i].count, happenings[i].name);
    print_message("%.0f J went through the meters, %.3f %% of it in declared gaps\n", all_j,
                  100 * lost_j / all_j);
    print_message("heap at most %zu B in the first half, %zu in the second; file %lld and %lld B;"
                  " resident at most %ld KiB; CPU %ld.%02ld s\n",
                  soak->heap_most_early, soak->heap_most_late, (long long)soak->file_early,
                  (long long)soak->file_most, usage.ru_maxrss,
                  usage.ru_utime.tv_sec + usage.ru_stime.tv_sec, usage.ru_utime.tv_usec / 10000);
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
    start(&soak);
    tick(&soak, NS_PER_S);
    run_days(&soak);
    stop_daemon(&soak);
    check_leaks(&soak);
    tell(&soak);
    for (size_t i = 0; i < ARRAY_SIZE(happenings); i++)
        assert_true(happenings[i].count > 0);
    assert_true(soak.refused > 0 && soak.lapped > 0);
    /* Peaks of four days differ by a quarter from one compiler to the other; a leak has no bound.
     */
    assert_true(soak.heap_most_late <= soak.heap_most_early + soak.heap_most_early / 2);
    assert_true(soak.file_most <= soak.file_early + soak.file_early / 4);
    soak_ring_done(&soak.run);
    scratch_done(&soak.scratch);
}

int main(int argc, char **argv)
{
    (void)argc;
    /* mallinfo2() takes what a thread's cache holds for used. Read before main() is. */
    if (!getenv("GLIBC_TUNABLES")) {
        (void)setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
        (void)execv("/proc/self/exe", argv);
    }
    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    fault_vfs_register();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_soak)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
