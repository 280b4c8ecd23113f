/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What happens to the machine and to its daemon. */

#include "unit/unit.h"

#include <sqlite3.h>

#include "integration/storage/fault_vfs.h"
#include "soak/soak.h"

static uint64_t pick(struct soak *soak, uint64_t least_ns, uint64_t most_ns)
{
    return least_ns + random_below(&soak->machine.random, most_ns - least_ns);
}

static void happens_kill(struct soak *soak)
{
    soak_daemon_kill(&soak->daemon);
    soak_machine_run(&soak->machine, pick(soak, 1, 90 * NS_PER_S));
    soak_start_again(soak);
}

/* Killed again and again before it comes to commit. */
static void happens_crash_loop(struct soak *soak)
{
    for (int i = 0; i < 5; i++) {
        soak_daemon_kill(&soak->daemon);
        soak_machine_run(&soak->machine, pick(soak, 1, 20 * NS_PER_S));
        soak_start(soak);
        soak_tick(soak, NS_PER_S);
    }
    soak_commit(soak);
    soak_check_books(soak);
}

static void happens_restart(struct soak *soak)
{
    soak_stop(soak);
    soak_machine_run(&soak->machine, pick(soak, 1, 90 * NS_PER_S));
    soak_start_again(soak);
}

/* Longer than counters speak for, or nearly. */
static void happens_away(struct soak *soak)
{
    if (random_below(&soak->machine.random, 2))
        soak_stop(soak);
    else
        soak_daemon_kill(&soak->daemon);
    soak_machine_run(&soak->machine, pick(soak, 4 * MINUTE_NS, HOUR_NS));
    soak_start_again(soak);
}

static void happens_boot(struct soak *soak)
{
    soak_stop(soak);
    soak_machine_boot(&soak->machine, pick(soak, 40 * NS_PER_S, 20 * MINUTE_NS));
    soak_ring_new(&soak->run, SLOTS);
    soak_start_again(soak);
}

/* What was not committed goes with the ring. */
static void happens_power_cut(struct soak *soak)
{
    soak_daemon_kill(&soak->daemon);
    soak->books = soak->committed;
    soak_machine_boot(&soak->machine, pick(soak, 40 * NS_PER_S, 6 * HOUR_NS));
    soak_ring_new(&soak->run, SLOTS);
    soak_start_again(soak);
}

/* /run was cleared, or the ring is of another version: the store's readings are what is left. */
static void happens_ring_lost(struct soak *soak)
{
    if (random_below(&soak->machine.random, 2))
        soak_commit(soak);
    soak_daemon_kill(&soak->daemon);
    soak->books = soak->committed;
    soak_machine_run(&soak->machine, pick(soak, 1, 60 * NS_PER_S));
    soak_ring_new(&soak->run, random_below(&soak->machine.random, 2) ? SLOTS : 2 * SLOTS);
    soak_start_again(soak);
}

static void happens_suspend(struct soak *soak)
{
    soak_machine_sleep(&soak->machine, pick(soak, 2 * NS_PER_S, 10 * HOUR_NS),
                       random_below(&soak->machine.random, 2));
    soak_tick(soak, pick(soak, NS_PER_S, MINUTE_NS));
}

/* Asleep while no daemon runs. */
static void happens_suspend_unseen(struct soak *soak)
{
    soak_daemon_kill(&soak->daemon);
    soak_machine_sleep(&soak->machine, pick(soak, MINUTE_NS, HOUR_NS), false);
    soak_start_again(soak);
}

/* By hours, or by a month ahead and back after some hours: it is believed after a day. */
static void happens_clock_set(struct soak *soak)
{
    int64_t month_ns = INT64_C(30) * (int64_t)DAY_NS;
    bool far = random_below(&soak->machine.random, 4) == 0;
    int64_t step_ns = far ? month_ns : (int64_t)pick(soak, 0, 4 * HOUR_NS) - 2 * (int64_t)HOUR_NS;
    soak->machine.real_ns += step_ns;
    for (int i = 0; i < 5; i++)
        soak_tick(soak, MINUTE_NS);
    if (far)
        soak->machine.real_ns -= step_ns;
    soak_tick(soak, MINUTE_NS);
    soak_commit(soak);
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
        soak_tick(soak, NS_PER_S);
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
    soak_commit(soak);
    while (ring_oldest(&soak->run.ring) <= soak->daemon.position)
        soak_tick(soak, NS_PER_S);
    soak_commit(soak);
    soak_check_books(soak);
}

/* The same while no daemon runs. */
static void happens_clock_set_unseen(struct soak *soak)
{
    soak_daemon_kill(&soak->daemon);
    soak_machine_run(&soak->machine, pick(soak, 1, 60 * NS_PER_S));
    soak->machine.real_ns += (int64_t)pick(soak, 0, 4 * HOUR_NS) - 2 * (int64_t)HOUR_NS;
    soak_start_again(soak);
}

/* From the version before: neither its database nor its ring tells of each meter how long the
 * machine had slept when it was read, but the ring's last frame does of those that were read in it.
 * It may be lost. */
static void happens_upgrade(struct soak *soak)
{
    sqlite3 *db = NULL;
    if (random_below(&soak->machine.random, 2)) { /* a meter is away meanwhile */
        happens_meter_gone(soak);
        soak_tick(soak, NS_PER_S);
    }
    soak_stop(soak);
    assert_int_equal(sqlite3_open(soak->path, &db), SQLITE_OK);
    /* SQLite 3.34 cannot drop a column. */
    assert_int_equal(
        sqlite3_exec(db,
                     "CREATE TABLE old AS SELECT * FROM meter; DROP TABLE meter;"
                     "CREATE TABLE meter (key TEXT PRIMARY KEY, raw_uj INTEGER NOT NULL,"
                     " mono_ns INTEGER NOT NULL) WITHOUT ROWID;"
                     "INSERT INTO meter SELECT key, raw_uj, mono_ns FROM old; DROP TABLE old;"
                     "CREATE TABLE old AS SELECT * FROM state; DROP TABLE state;"
                     "CREATE TABLE state (only_row INTEGER PRIMARY KEY CHECK (only_row = 1),"
                     " host_id BLOB, timezone TEXT NOT NULL DEFAULT '', ring_id BLOB,"
                     " position INTEGER NOT NULL DEFAULT 0, frame INTEGER NOT NULL DEFAULT 0,"
                     " total_uj INTEGER NOT NULL DEFAULT 0, real_ns INTEGER NOT NULL DEFAULT 0,"
                     " boot_id BLOB, mono_ns INTEGER NOT NULL DEFAULT 0,"
                     " clean INTEGER NOT NULL DEFAULT 0,"
                     " series_continuous INTEGER NOT NULL DEFAULT 0,"
                     " prune_due_s INTEGER NOT NULL DEFAULT 0,"
                     " names_due_s INTEGER NOT NULL DEFAULT 0);"
                     "INSERT INTO state SELECT only_row, host_id, timezone, ring_id, position,"
                     " frame, total_uj, real_ns, boot_id, mono_ns, clean, series_continuous,"
                     " prune_due_s, names_due_s FROM old; DROP TABLE old;"
                     "PRAGMA user_version = 4",
                     NULL, NULL, NULL),
        SQLITE_OK);
    bool ring_lost = random_below(&soak->machine.random, 2);
    for (size_t i = 0; i < SOAK_ZONES; i++)
        soak->books.last[i].asleep_unknown = ring_lost || soak->machine.zones[i].failing;
    soak->books.boottime_unknown = ring_lost;
    (void)sqlite3_close(db);
    soak_machine_run(&soak->machine, pick(soak, 1, 60 * NS_PER_S));
    if (ring_lost)
        soak_ring_new(&soak->run, SLOTS);
    else
        soak_ring_of_before(&soak->run);
    soak_start_again(soak);
    assert_int_equal(soak_ask(soak, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
}

struct happening soak_happenings[SOAK_HAPPENINGS] = {
    {"kill -9",                         happens_kill,             500, 0, 0},
    {"crash loop",                      happens_crash_loop,       20,  0, 0},
    {"restart",                         happens_restart,          100, 0, 0},
    {"stopped for long",                happens_away,             50,  0, 0},
    {"reboot",                          happens_boot,             24,  0, 0},
    {"power cut",                       happens_power_cut,        12,  0, 0},
    {"ring lost",                       happens_ring_lost,        24,  0, 0},
    {"suspend",                         happens_suspend,          200, 0, 0},
    {"suspend without a daemon",        happens_suspend_unseen,   20,  0, 0},
    {"clock set",                       happens_clock_set,        50,  0, 0},
    {"clock set without a daemon",      happens_clock_set_unseen, 20,  0, 0},
    {"counter begun anew",              happens_counter_reset,    50,  0, 0},
    {"meter unreadable",                happens_meter_gone,       50,  0, 0},
    {"disk full",                       happens_disk_full,        20,  0, 0},
    {"recorder overtaken",              happens_stall,            12,  0, 0},
    {"upgrade from the version before", happens_upgrade,          12,  0, 0},
};

static void plan(struct soak *soak, struct happening *happening)
{
    uint64_t most = (uint64_t)soak->days * DAY_NS;
    unsigned count = MAX(happening->a_year * soak->days / 365, 3U);
    happening->next_ns = soak->machine.elapsed_ns + pick(soak, 1, 2 * most / (count + 1));
}

void soak_let_happen(struct soak *soak)
{
    struct soak_machine *machine = &soak->machine;
    if (soak->disk_full_until_ns != 0 && machine->elapsed_ns >= soak->disk_full_until_ns) {
        fault_disk = (struct fault_disk){0};
        soak->disk_full_until_ns = 0;
        soak_commit(soak);
        soak_check_books(soak);
    }
    if (soak->fail_until_ns != 0 && machine->elapsed_ns >= soak->fail_until_ns) {
        for (size_t i = 0; i < SOAK_ZONES; i++)
            machine->zones[i].failing = false;
        soak->fail_until_ns = 0;
    }
    for (size_t i = 0; i < SOAK_HAPPENINGS; i++) {
        struct happening *happening = &soak_happenings[i];
        if (machine->elapsed_ns < happening->next_ns)
            continue;
        if (getenv("GREEND_SOAK_TELL"))
            print_message("day %.4f: %s\n", soak_day(soak), happening->name);
        happening->happen(soak);
        happening->count++;
        plan(soak, happening);
    }
}

void soak_plan(struct soak *soak)
{
    for (size_t i = 0; i < SOAK_HAPPENINGS; i++)
        plan(soak, &soak_happenings[i]);
}
