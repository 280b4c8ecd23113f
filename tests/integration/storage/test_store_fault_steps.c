/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A disk that fails, and memory that is refused, in all that the store does besides a plain commit,
 * which test_store_fault.c and test_store_memory.c look at: migrating, pruning, forgetting,
 * copying, closing. For each of them every write, truncation, sync and request for memory fails in
 * turn; what was there stays whole, the error says what is wrong, and when all works again the same
 * call succeeds. */

#include "store_fixture.h"

#include <dirent.h>
#include <sqlite3.h>

#include "fault_memory.h"
#include "fault_vfs.h"
#include "storage/reader/store_copy.h"

struct step {
    const char *name;
    void (*prepare)(struct fixture *fixture);
    int (*run)(struct fixture *fixture);
    void (*check_refused)(struct fixture *fixture); /* all is as before */
    void (*check_done)(struct fixture *fixture);
    bool quiet; /* has no way to tell of an error */
};

/* All of it only where $GREEND_FAULTS is "all", in the suite `long`: else three kinds of disk, and
 * one of so many requests for memory. */
enum { DISKS = 3, MEMORY_STEP = 61 };

static const struct kind {
    const char *name;
    int error; /* 0: memory is refused */
    bool stays, torn;
    int expected;
} kinds[] = {
    {"torn write",               SQLITE_IOERR_WRITE, false, true,  -EIO   },
    {"disk that stays broken",   SQLITE_IOERR_FSYNC, true,  false, -EIO   },
    {"full disk",                SQLITE_FULL,        true,  true,  -ENOSPC},
    {"I/O error",                SQLITE_IOERR_WRITE, false, false, -EIO   },
    {"full disk for one moment", SQLITE_FULL,        false, false, -ENOSPC},
    {"memory for one moment",    0,                  false, false, -ENOMEM},
    {"no memory from then on",   0,                  true,  false, -ENOMEM},
};

/* ---- What fails ---- */

static uint64_t kept_disk, kept_memory;

static void fault_set(const struct kind *kind, uint64_t n)
{
    fault_disk = (struct fault_disk){.fail_at = kind->error ? n : 0,
                                     .stays = kind->stays,
                                     .torn = kind->torn,
                                     .error = kind->error};
    fault_memory = (struct fault_memory){.fail_at = kind->error ? 0 : n, .stays = kind->stays};
}

static bool fault_end(void)
{
    bool fired = fault_disk.fired || fault_memory.fired;
    fault_disk = (struct fault_disk){0};
    fault_memory = (struct fault_memory){0};
    return fired;
}

/* Nothing fails until it goes on, counting from there. */
static void fault_pause(void)
{
    kept_disk = fault_disk.fail_at;
    kept_memory = fault_memory.fail_at;
    fault_disk.fail_at = fault_memory.fail_at = 0;
}

static void fault_go_on(void)
{
    fault_disk.operations = fault_memory.asked = 0;
    fault_disk.fail_at = kept_disk;
    fault_memory.fail_at = kept_memory;
}

/* ---- One step, again and again ---- */

/* The files of the database, as they are before each try: making them anew would take most of the
 * time. */
static struct kept {
    size_t size;
    bool there;
    char bytes[1 << 20];
} kept[3];
static const char *const suffixes[] = {"", "-wal", "-shm"};

static void keep(const struct fixture *fixture)
{
    for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
        char name[128];
        (void)snprintf(name, sizeof(name), "%s%s", fixture->path, suffixes[i]);
        CLEANUP(fclose_p) FILE *file = fopen(name, "re");
        kept[i].there = file != NULL;
        kept[i].size = file ? fread(kept[i].bytes, 1, sizeof(kept[i].bytes), file) : 0;
        assert_true(kept[i].size < sizeof(kept[i].bytes));
    }
}

/* No connection of this process may be open: closing a file drops its locks. */
static void bring_back(const struct fixture *fixture)
{
    char name[400];
    DIR *folder = opendir(fixture->directory);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        (void)snprintf(name, sizeof(name), "%s/%s", fixture->directory, entry->d_name);
        if (entry->d_name[0] != '.')
            assert_int_equal(unlink(name), 0);
    }
    (void)closedir(folder);
    for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
        if (!kept[i].there)
            continue;
        (void)snprintf(name, sizeof(name), "%s%s", fixture->path, suffixes[i]);
        CLEANUP(fclose_p) FILE *file = fopen(name, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(kept[i].bytes, 1, kept[i].size, file), kept[i].size);
    }
}

/* Whether bytes stand anywhere in a file. */
static bool holds(const char *path, const char *suffix, const char *text)
{
    char name[128];
    static char bytes[1 << 20];
    (void)snprintf(name, sizeof(name), "%s%s", path, suffix);
    CLEANUP(fclose_p) FILE *file = fopen(name, "re");
    size_t size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
    return size > 0 && memmem(bytes, size, text, strlen(text)) != NULL;
}

/* One try with the n-th operation failing; whether there was an n-th. */
static bool try_once(const struct step *step, const struct fixture *prepared,
                     const struct kind *kind, uint64_t n, int *refused)
{
    struct fixture fixture = *prepared;
    bring_back(&fixture);
    fault_set(kind, n);
    int r = step->run(&fixture);
    bool fired = fault_end();
    if (r != 0 && (r != kind->expected || !fired))
        fail_msg("%s, %s at %d: %d", step->name, kind->name, (int)n, r);
    if (r != 0) {
        ++*refused;
        step->check_refused(&fixture);
        assert_int_equal(step->run(&fixture), 0);
    }
    step->check_done(&fixture);
    fixture_close(&fixture);
    return fired;
}

static void try_all(const struct step *step)
{
    struct fixture fixture;
    fixture_zone("UTC");
    fixture_begin(&fixture);
    (void)fault_end();
    step->prepare(&fixture);
    keep(&fixture);
    bool all = getenv("GREEND_FAULTS") != NULL;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (!all && i >= DISKS && kinds[i].error)
            continue;
        uint64_t n = 1, step_n = all || kinds[i].error ? 1 : MEMORY_STEP;
        int refused = 0;
        while (try_once(step, &fixture, &kinds[i], n, &refused))
            n += step_n;
        print_message("%s, %s: %d of %d refuse it\n", step->name, kinds[i].name, refused,
                      (int)((n - 1) / step_n));
        assert_true(step->quiet ? n > 1 || !kinds[i].error : n > 2 && refused > 0);
    }
    fixture_end(&fixture);
}

/* ---- Migrating ---- */

static void prepare_migration(struct fixture *fixture)
{
    sqlite3 *db = NULL;
    memset(fixture->options.host_id, 0, sizeof(fixture->options.host_id));
    fixture_make_version(fixture->path, 1);
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static int run_open(struct fixture *fixture)
{
    char *aside = NULL;
    int r = store_open(&fixture->store, &fixture->options, &aside);
    assert_null(aside);
    if (r < 0)
        assert_null(fixture->store);
    return r;
}

static void check_version_1(struct fixture *fixture)
{
    int64_t version = fixture_query(fixture, "PRAGMA user_version");
    assert_true(version == 1 || version == STORE_SCHEMA_VERSION);
    assert_int_equal(fixture_query(fixture, "SELECT sum(energy_uj) FROM minute_energy"), 1840);
}

static void check_migrated(struct fixture *fixture)
{
    assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    assert_int_equal(fixture_query(fixture, "SELECT sum(energy_uj) FROM day_energy"), 1840);
    assert_int_equal(fixture_query(fixture, "SELECT uncertainty_uj FROM minute_energy AS e JOIN "
                                            "workload AS w ON w.id = e.workload WHERE w.kind = "
                                            "'unsplit' AND e.domain = 1"),
                     60);
}

static void test_migration(void **state)
{
    static const struct step step = {"migration",     prepare_migration, run_open,
                                     check_version_1, check_migrated,    false};
    (void)state;
    try_all(&step);
}

/* ---- Opening one that is there: what the machine is ---- */

static void prepare_hour(struct fixture *fixture)
{
    fixture_keep_all(fixture);
    fixture_open_hour(fixture);
    fixture_close(fixture);
}

static int run_open_facts(struct fixture *fixture)
{
    static struct store_fact fact = {"site.country", "FR"};
    static const struct store_facts facts = {.facts = &fact, .n_facts = 1};
    fixture->options.facts = &facts;
    fixture->options.path = fixture->path;
    return run_open(fixture);
}

static void check_hour(struct fixture *fixture)
{
    fixture_check(fixture);
}

static void check_facts(struct fixture *fixture)
{
    fixture_check(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM fact"), 1);
}

static void test_opening_with_facts(void **state)
{
    static const struct step step = {"opening with facts", prepare_hour, run_open_facts,
                                     check_hour,           check_facts,  false};
    (void)state;
    try_all(&step);
}

/* ---- Pruning, and names past their time ---- */

static void prepare_pruning(struct fixture *fixture)
{
    struct batch *batch = batch_new();
    fixture->options.retention_names_s = DAY;
    fixture_open(fixture);
    for (int64_t day = 0; day < 3; day++) {
        batch_clear(batch);
        batch_minutes(batch, NOON + day * DAY, NOON + day * DAY + HOUR / 2, 1000);
        batch_energy(batch, NOON + day * DAY + HOUR / 2, 8, 0, 1000);
        assert_int_equal(fixture_commit(fixture, batch, NOON + day * DAY + HOUR / 2), 0);
    }
    fixture_close(fixture);
    free(batch);
}

static int run_pruning(struct fixture *fixture)
{
    struct batch *batch = batch_new();
    if (!fixture->store) {
        fault_pause();
        fixture->options.path = fixture->path;
        fixture_open(fixture);
        fault_go_on();
    }
    batch_minutes(batch, NOON + 3 * DAY, NOON + 3 * DAY + 60, 1000);
    int r = fixture_commit(fixture, batch, NOON + 3 * DAY);
    free(batch);
    return r;
}

static void check_unpruned(struct fixture *fixture)
{
    assert_true(strlen(store_error(fixture->store)) > 0);
    fixture_check(fixture);
}

static void check_pruned(struct fixture *fixture)
{
    assert_int_equal(fixture_query(fixture, "SELECT sum(energy_uj) FROM day_energy"),
                     fixture->total_uj);
    assert_int_equal(fixture_query(fixture, "SELECT sum(energy_uj) FROM hour_energy"),
                     fixture->total_uj);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM minute_energy WHERE begin_s < "
                                            "(SELECT min(begin_s) + 86400 FROM day_span)"),
                     0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM day_energy AS e JOIN workload AS "
                                            "w ON w.id = e.workload WHERE w.user = 'alice' AND "
                                            "e.begin_s < (SELECT max(begin_s) - 172800 FROM "
                                            "day_span)"),
                     0);
}

static void test_pruning(void **state)
{
    static const struct step step = {"pruning",      prepare_pruning, run_pruning,
                                     check_unpruned, check_pruned,    false};
    (void)state;
    try_all(&step);
}

/* ---- greend-ctl forget ---- */

static void prepare_person(struct fixture *fixture)
{
    struct batch *batch = batch_new();
    fixture_keep_all(fixture);
    fixture_open(fixture);
    batch_energy(batch, NOON, 8, 0, 1000);
    assert_int_equal(fixture_commit(fixture, batch, NOON + HOUR), 0);
    fixture_close(fixture);
    free(batch);
}

static int run_forget(struct fixture *fixture)
{
    uint64_t changed = 0;
    int r = fixture->store ? 0 : store_open_existing(&fixture->store, fixture->path);
    if (r == 0)
        r = store_forget_user(fixture->store, "alice", &changed);
    fixture_close(fixture);
    return r;
}

static void check_forgotten(struct fixture *fixture)
{
    fixture_check(fixture);
    assert_false(holds(fixture->path, "", "alice"));
    assert_false(holds(fixture->path, "-wal", "alice"));
}

static void test_forgetting(void **state)
{
    static const struct step step = {"forgetting", prepare_person,  run_forget,
                                     check_hour,   check_forgotten, false};
    (void)state;
    try_all(&step);
}

/* ---- greend-ctl export database ---- */

/* Also what a copy that failed might leave. */
static int count_copies(const struct fixture *fixture)
{
    DIR *folder = opendir(fixture->directory);
    int n = 0;
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        n += str_starts(entry->d_name, "copy.db");
    (void)closedir(folder);
    return n;
}

static void copy_name(const struct fixture *fixture, char name[96])
{
    (void)snprintf(name, 96, "%.40s/copy.db", fixture->directory);
}

static int run_copy(struct fixture *fixture)
{
    char name[96];
    struct store_copy copy;
    copy_name(fixture, name);
    int r = store_copy(fixture->path, name, &copy);
    if (r < 0 && r != -ENOMEM) /* which may be missed on both sides */
        assert_true(copy.target_failed);
    return r;
}

static void check_no_copy(struct fixture *fixture)
{
    fixture_check(fixture);
    assert_int_equal(count_copies(fixture), 0);
}

static void check_copy(struct fixture *fixture)
{
    struct fixture copy = *fixture;
    copy_name(fixture, copy.path);
    fixture_check(&copy);
    assert_int_equal(count_copies(fixture), 1);
}

static void test_copying(void **state)
{
    static const struct step step = {"copying",     prepare_hour, run_copy,
                                     check_no_copy, check_copy,   false};
    (void)state;
    try_all(&step);
}

/* ---- A stop ---- */

static int run_close(struct fixture *fixture)
{
    struct batch *batch = batch_new();
    fault_pause();
    fixture->options.path = fixture->path;
    fixture_open(fixture);
    batch_minutes(batch, NOON + HOUR, NOON + 2 * HOUR, 1000);
    assert_int_equal(fixture_commit(fixture, batch, NOON + 2 * HOUR), 0);
    free(batch);
    fault_go_on();
    fixture_close(fixture);
    return 0;
}

static void check_closed(struct fixture *fixture)
{
    fixture_check(fixture);
    fixture_open(fixture);
    fixture_check(fixture);
}

static void test_closing(void **state)
{
    static const struct step step = {"closing", prepare_hour, run_close, NULL, check_closed, true};
    (void)state;
    try_all(&step);
}

int main(void)
{
    fault_memory_register();
    fault_vfs_register();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_migration), cmocka_unit_test(test_opening_with_facts),
        cmocka_unit_test(test_pruning),   cmocka_unit_test(test_forgetting),
        cmocka_unit_test(test_copying),   cmocka_unit_test(test_closing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
