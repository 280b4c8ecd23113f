/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "workload_fixture.h"

/* ---- A table that goes on where another daemon stopped ---- */

static struct workload an_entry(uint32_t generation, uint32_t kind, const char *unit,
                                const char *command, const char *user)
{
    struct workload entry;
    memset(&entry, 0xa5, sizeof(entry)); /* behind its texts a foreign entry may hold anything */
    entry.generation = generation;
    entry.kind = kind;
    (void)str_copy(entry.unit, sizeof(entry.unit), unit);
    (void)str_copy(entry.command, sizeof(entry.command), command);
    (void)str_copy(entry.user, sizeof(entry.user), user);
    return entry;
}

static void test_restore(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    forget_changes(table);
    struct workload entry = an_entry(7, WORKLOAD_SERVICE, "nginx.service", "nginx", "root");
    workload_table_restore(table, 5, &entry, 0);
    workload_table_restore(table, 4, &(struct workload){0}, 0); /* was free */
    workload_table_restore(table, 6, NULL, 0);                  /* torn */
    workload_table_restore(table, RING_WORKLOAD_OTHER, &entry, 0);
    workload_table_restore(table, RING_WORKLOADS_MAX, &entry, 0);
    workload_table_restore(table, 5, &entry, 0); /* twice */

    assert_int_equal(workload_table_counts(table).live, 1);
    uint32_t slot = 0;
    assert_null(workload_next_changed(table, &slot));
    assert_string_equal(workload_get(table, ring_workload_id(5, 7))->command, "nginx");
    assert_int_equal(intern(table, "nginx.service", "nginx", 1), ring_workload_id(5, 7));
    assert_int_equal(intern(table, "a.service", "a", 1), ring_workload_id(4, 1));
    assert_int_equal(intern(table, "b.service", "b", 1), ring_workload_id(7, 1));
    workload_table_free(table);
}

static void test_restored_entries_are_evicted_too(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    char unit[32];
    for (uint32_t i = RING_WORKLOAD_FIRST; i < RING_WORKLOADS_MAX; i++) {
        (void)snprintf(unit, sizeof(unit), "old-%u.service", i);
        struct workload entry = an_entry(9, WORKLOAD_SERVICE, unit, "sh", "root");
        workload_table_restore(table, i, &entry, 500);
    }
    assert_int_equal(intern(table, "new.service", "sh", 499 + keep_ns), other_id);
    assert_int_equal(intern(table, "new.service", "sh", 500 + keep_ns),
                     ring_workload_id(RING_WORKLOAD_FIRST, 10));
    workload_table_free(table);
}

static void test_generation_wraps(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    uint32_t last = ring_workload_generation(UINT32_MAX);
    for (uint32_t i = RING_WORKLOAD_FIRST; i < RING_WORKLOADS_MAX; i++) {
        struct workload entry = an_entry(last, WORKLOAD_SERVICE, "x.service", "sh", "root");
        (void)snprintf(entry.command, sizeof(entry.command), "%u", i);
        workload_table_restore(table, i, &entry, 0);
    }
    assert_non_null(workload_get(table, ring_workload_id(4, last)));
    uint32_t id = intern(table, "new.service", "sh", keep_ns);
    assert_int_equal(id, ring_workload_id(4, 1)); /* 0 means a free entry */
    workload_table_free(table);
}

static void test_unsound_entries_are_not_restored(void **state)
{
    (void)state;
    struct workload entries[8];
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
        entries[i] = an_entry(3, WORKLOAD_SERVICE, "x.service", "x", "root");
    entries[0].generation = 1U << 20;
    entries[1].kind = WORKLOAD_OTHER;
    entries[2].kind = UINT32_MAX;
    memset(entries[3].unit, 'x', sizeof(entries[3].unit));
    memset(entries[4].command, 'x', sizeof(entries[4].command));
    memset(entries[5].user, 'x', sizeof(entries[5].user));
    (void)str_copy(entries[6].command, sizeof(entries[6].command), "a\nb");
    entries[7].unit[0] = '\0';
    struct workload_table *table = new_table(&hidden);
    for (uint32_t i = 0; i < ARRAY_SIZE(entries); i++)
        workload_table_restore(table, RING_WORKLOAD_FIRST + i, &entries[i], 0);
    assert_int_equal(workload_table_counts(table).live, 0);
    /* Which numbers they had is not known: none is used again. */
    assert_int_equal(ring_workload_slot(intern(table, "x.service", "x", 0)),
                     RING_WORKLOAD_FIRST + ARRAY_SIZE(entries));
    workload_table_free(table);
}

/* ---- Hiding what is there already ---- */

static void check_entry(const struct workload_table *table, uint32_t id, uint32_t kind,
                        const char *unit, const char *user)
{
    const struct workload *entry = workload_get(table, id);
    assert_non_null(entry);
    assert_int_equal(entry->kind, kind);
    assert_string_equal(entry->unit, unit);
    assert_string_equal(entry->user, user);
}

static void test_restore_hides(void **state)
{
    (void)state;
    enum hides { NOTHING, USER, BOTH };
    static const struct {
        const char *unit, *user;
        uint32_t kind;
        enum hides hides;
    } cases[] = {
        {"cron.service",    "root",      WORKLOAD_SERVICE,   NOTHING},
        {"cron.service",    "www-data",  WORKLOAD_SERVICE,   NOTHING},
        {"cron.service",    "uid:61200", WORKLOAD_SERVICE,   NOTHING},
        {"cron.service",    "*",         WORKLOAD_SERVICE,   NOTHING},
        {"cron.service",    "?",         WORKLOAD_SERVICE,   NOTHING},
        {"cron.service",    "alice",     WORKLOAD_SERVICE,   BOTH   },
        {"cron.service",    "uid:4711",  WORKLOAD_SERVICE,   BOTH   },
        {"cron.service",    "gone",      WORKLOAD_SERVICE,   BOTH   },
        {"session-*.scope", "root",      WORKLOAD_USER,      BOTH   },
        {"session-*.scope", "*",         WORKLOAD_USER,      BOTH   },
        {"users",           "alice",     WORKLOAD_USER,      USER   },
        {"users",           "users",     WORKLOAD_USER,      NOTHING},
        {"users",           "*",         WORKLOAD_USER,      NOTHING},
        {"docker:a",        "alice",     WORKLOAD_CONTAINER, USER   },
        {"docker:a",        "users",     WORKLOAD_CONTAINER, NOTHING},
        {"vm:a",            "root",      WORKLOAD_VM,        NOTHING},
        {"kernel",          "root",      WORKLOAD_KERNEL,    NOTHING},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct workload_table *table = new_table(&hidden);
        forget_changes(table);
        struct workload entry = an_entry(7, cases[i].kind, cases[i].unit, "sh", cases[i].user);
        workload_table_restore(table, 5, &entry, 0);
        check_entry(table, ring_workload_id(5, 7),
                    cases[i].hides == BOTH ? WORKLOAD_USER : cases[i].kind,
                    cases[i].hides == BOTH ? "users" : cases[i].unit,
                    cases[i].hides == NOTHING ? cases[i].user : "users");
        uint32_t slot = 0;
        assert_int_equal(workload_next_changed(table, &slot) == NULL, cases[i].hides == NOTHING);
        workload_table_free(table);
    }
}

/* An account of the system is known by its name as the field has it: cut. */
static void test_restore_knows_long_names(void **state)
{
    (void)state;
    struct process_identity process = a_process(CGROUP_SERVICE, "x.service", "sh", 998);
    struct workload entry;
    workload_describe(&hidden, &process, &entry);
    entry.generation = 7;
    struct workload_table *table = new_table(&hidden);
    workload_table_restore(table, 5, &entry, 0);
    check_entry(table, ring_workload_id(5, 7), WORKLOAD_SERVICE, "x.service", entry.user);
    workload_table_free(table);
}

static void test_hiding_later(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&shown);
    struct process_identity session = a_process(CGROUP_USER, "session-1.scope", "sh", 1000);
    struct process_identity job = a_process(CGROUP_SERVICE, "cron.service", "sh", 1000);
    struct process_identity daemon = a_service("cron.service", "cron");
    session.cgroup.owner = 1000;
    uint32_t session_id = workload_intern(table, &session, 0);
    uint32_t job_id = workload_intern(table, &job, 0);
    uint32_t daemon_id = workload_intern(table, &daemon, 0);
    check_entry(table, session_id, WORKLOAD_USER, "session-*.scope", "alice");
    check_entry(table, job_id, WORKLOAD_SERVICE, "cron.service", "alice");
    workload_release(table, job_id, 10); /* hidden too, though nobody holds it */
    forget_changes(table);

    workload_table_set_rules(table, &hidden);
    check_entry(table, session_id, WORKLOAD_USER, "users", "users");
    check_entry(table, job_id, WORKLOAD_USER, "users", "users");
    check_entry(table, daemon_id, WORKLOAD_SERVICE, "cron.service", "root");
    uint32_t slot = 0;
    assert_non_null(workload_next_changed(table, &slot));
    assert_non_null(workload_next_changed(table, &slot));
    assert_null(workload_next_changed(table, &slot));

    /* Two entries of one name now: new processes all get the same one, both can be released. */
    uint32_t id = workload_intern(table, &session, 20);
    assert_int_equal(workload_intern(table, &job, 20), id);
    assert_true(id == session_id || id == job_id);
    workload_release(table, session_id, 30);
    workload_release(table, id, 30);
    workload_release(table, id, 30);
    for (unsigned i = 0; i < WORKLOAD_LIVE_MAX - 1; i++)
        assert_int_not_equal(intern_nth(table, i, 30 + keep_ns), other_id);
    assert_null(workload_get(table, session_id));
    assert_null(workload_get(table, job_id));
    assert_int_equal(intern_nth(table, 9999, 30 + keep_ns), other_id);

    /* And back: what is there stays hidden, what comes has names. */
    workload_release(table, daemon_id, 40);
    workload_table_set_rules(table, &shown);
    check_entry(table, workload_intern(table, &session, 40 + keep_ns), WORKLOAD_USER,
                "session-*.scope", "alice");
    workload_table_free(table);
}

/* A hidden entry is no more its old unit's to reuse, but its new one's. */
static void test_hidden_entries_change_units(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&shown);
    struct process_identity job = a_process(CGROUP_SERVICE, "cron.service", "sh", 1000);
    uint32_t job_id = workload_intern(table, &job, 0);
    workload_release(table, job_id, 0);
    workload_table_set_rules(table, &hidden);

    static const char *const units[] = {"cron.service", "users"};
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        struct process_identity process =
            a_process(i == 0 ? CGROUP_SERVICE : CGROUP_USER, "cron.service", "", 0);
        const struct workload *entry = NULL;
        for (unsigned n = 0; n <= WORKLOAD_UNIT_SHARE; n++) {
            (void)snprintf(process.comm, sizeof(process.comm), "c%u", n);
            entry = workload_get(table, workload_intern(table, &process, keep_ns));
            assert_string_equal(entry->unit, units[i]);
        }
        assert_string_equal(entry->command, "*");
        assert_int_equal(workload_get(table, job_id) == NULL, i == 1);
    }
    workload_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_restored_entries_are_evicted_too),
        cmocka_unit_test(test_generation_wraps),
        cmocka_unit_test(test_unsound_entries_are_not_restored),
        cmocka_unit_test(test_restore_hides),
        cmocka_unit_test(test_restore_knows_long_names),
        cmocka_unit_test(test_hiding_later),
        cmocka_unit_test(test_hidden_entries_change_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
