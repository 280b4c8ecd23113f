/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "workload_fixture.h"

#include "random.h"

static void test_reserved_entries(void **state)
{
    (void)state;
    static const struct {
        uint32_t kind;
        const char *unit;
    } reserved[] = {
        {WORKLOAD_IDLE,         "idle"        },
        {WORKLOAD_UNATTRIBUTED, "unattributed"},
        {WORKLOAD_UNSPLIT,      "unsplit"     },
        {WORKLOAD_OTHER,        "other"       },
    };
    struct workload_table *table = new_table(&hidden);
    for (uint32_t i = 0; i < RING_WORKLOAD_FIRST; i++) {
        const struct workload *entry = workload_get(table, ring_workload_id(i, 1));
        assert_non_null(entry);
        assert_int_equal(entry->kind, reserved[i].kind);
        assert_string_equal(entry->unit, reserved[i].unit);
        uint32_t slot = 99;
        assert_ptr_equal(workload_next_changed(table, &slot), entry);
        assert_int_equal(slot, i);
        workload_release(table, ring_workload_id(i, 1), 0); /* nobody holds them */
    }
    uint32_t slot = 99;
    assert_null(workload_next_changed(table, &slot));
    assert_int_equal(slot, 99);
    assert_null(workload_get(table, 0));
    assert_null(workload_get(table, ring_workload_id(RING_WORKLOAD_FIRST, 0)));
    assert_null(workload_get(table, ring_workload_id(RING_WORKLOAD_FIRST, 1)));
    assert_null(workload_get(table, UINT32_MAX));
    workload_table_free(table);
    assert_null(workload_table_free(NULL));
}

static void test_same_names_same_number(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    forget_changes(table);
    uint32_t nginx = intern(table, "nginx.service", "nginx", 0);
    assert_int_equal(intern(table, "nginx.service", "nginx", 1), nginx);
    assert_int_equal(intern(table, "nginx.service", "nginx: worker", 1), nginx);
    assert_int_not_equal(intern(table, "nginx.service", "sh", 1), nginx);
    assert_int_not_equal(intern(table, "apache2.service", "nginx", 1), nginx);
    struct process_identity process = a_process(CGROUP_SERVICE, "nginx.service", "nginx", 33);
    assert_int_not_equal(workload_intern(table, &process, 1), nginx);
    process = a_process(CGROUP_CONTAINER, "nginx.service", "nginx", 0);
    assert_int_not_equal(workload_intern(table, &process, 1), nginx);
    assert_int_equal(workload_table_counts(table).live, 5);

    assert_string_equal(workload_get(table, nginx)->unit, "nginx.service");
    assert_string_equal(workload_get(table, nginx)->command, "nginx");
    unsigned changed = 0;
    for (uint32_t slot = 0; workload_next_changed(table, &slot); changed++)
        assert_true(slot >= RING_WORKLOAD_FIRST);
    assert_int_equal(changed, 5);
    (void)intern(table, "nginx.service", "nginx", 2);
    uint32_t slot = 0;
    assert_null(workload_next_changed(table, &slot));
    workload_table_free(table);
}

/* Where one name ends and the next begins is part of the identity. */
static void test_fields_do_not_run_together(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    assert_int_not_equal(intern(table, "a", "bc", 0), intern(table, "ab", "c", 0));
    workload_table_free(table);
}

static void fill(struct workload_table *table, uint64_t now_ns, uint32_t ids[WORKLOAD_LIVE_MAX])
{
    for (unsigned i = 0; i < WORKLOAD_LIVE_MAX; i++) {
        ids[i] = intern_nth(table, i, now_ns);
        assert_int_not_equal(ids[i], other_id);
    }
}

static void test_full_table(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    uint32_t ids[WORKLOAD_LIVE_MAX];
    fill(table, 0, ids);
    assert_int_equal(workload_table_counts(table).live, WORKLOAD_LIVE_MAX);
    assert_int_equal(workload_table_counts(table).refused, 0);

    /* Entries with processes are never evicted, however old. */
    assert_int_equal(intern_nth(table, WORKLOAD_LIVE_MAX, 1000 * keep_ns), other_id);
    assert_int_equal(workload_table_counts(table).refused, 1);
    workload_release(table, other_id, 0);
    assert_int_equal(intern_nth(table, 7, 1000 * keep_ns), ids[7]);
    for (unsigned i = 0; i < WORKLOAD_LIVE_MAX; i++)
        assert_non_null(workload_get(table, ids[i]));
    workload_table_free(table);
}

static void test_eviction(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    uint32_t ids[WORKLOAD_LIVE_MAX];
    fill(table, 0, ids);
    forget_changes(table);
    workload_release(table, ids[20], 1000);
    workload_release(table, ids[10], 2000);
    workload_release(table, ids[30], 3000);
    (void)intern_nth(table, 30, 3500); /* used again */

    /* Not before it was unused for long enough... */
    assert_int_equal(intern_nth(table, 5000, 999 + keep_ns), other_id);
    uint32_t slot = 0;
    assert_null(workload_next_changed(table, &slot));
    assert_non_null(workload_get(table, ids[20]));

    /* ... then the one that was unused first, under a new number. */
    uint32_t first = intern_nth(table, 5001, 1000 + keep_ns);
    assert_int_equal(ring_workload_slot(first), ring_workload_slot(ids[20]));
    assert_int_equal(ring_workload_generation(first), 2);
    assert_null(workload_get(table, ids[20]));
    assert_ptr_equal(workload_next_changed(table, &slot), workload_get(table, first));
    assert_int_equal(slot, ring_workload_slot(first));
    assert_null(workload_next_changed(table, &slot));
    assert_int_equal(intern_nth(table, 5002, 1999 + keep_ns), other_id);
    uint32_t second = intern_nth(table, 5003, 2000 + keep_ns);
    assert_int_equal(ring_workload_slot(second), ring_workload_slot(ids[10]));

    /* No third one: 30 is in use. What was evicted is not found any more. */
    assert_int_equal(intern_nth(table, 5004, 9 * keep_ns), other_id);
    assert_int_equal(intern_nth(table, 20, 9 * keep_ns), other_id);
    assert_int_equal(workload_table_counts(table).live, WORKLOAD_LIVE_MAX);

    /* A release that comes late or twice touches nobody else. */
    workload_release(table, ids[20], 9 * keep_ns);
    workload_release(table, first, 9 * keep_ns);
    workload_release(table, first, 10 * keep_ns);
    assert_int_equal(intern_nth(table, 5005, 10 * keep_ns),
                     ring_workload_id(ring_workload_slot(first), 3));
    assert_int_equal(intern_nth(table, 5006, 20 * keep_ns), other_id); /* 5005 is in use */
    workload_table_free(table);
}

/* A process that changes its name all the time, in a table with others in it. */
static void churn(struct workload_table *table, unsigned count, uint64_t begin_ns, uint64_t step_ns)
{
    struct process_identity process = a_process(CGROUP_USER, "session-1.scope", "", 1000);
    uint32_t held = other_id;
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(process.comm, sizeof(process.comm), "%x.x", i);
        uint64_t now_ns = begin_ns + i * step_ns;
        workload_release(table, held, now_ns);
        held = workload_intern(table, &process, now_ns);
        assert_non_null(workload_get(table, held));
    }
    workload_release(table, held, begin_ns + count * step_ns);
}

static void test_hostile_churn(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    uint32_t nginx = intern(table, "nginx.service", "nginx", 0);
    unsigned count = 200000; /* 20 s of 10,000 names a second */
    churn(table, count, NS_PER_S, NS_PER_S / 10000);
    struct workload_counts counts = workload_table_counts(table);

    /* Bounded work: a few comparisons for each name, not one for each entry. */
    assert_true(counts.compared < 4 * (uint64_t)count);
    /* Bounded room: the share of one unit, and one entry for what is beyond. */
    assert_int_equal(counts.live, 1 + WORKLOAD_UNIT_SHARE + 1);
    assert_int_equal(counts.crowded, count - WORKLOAD_UNIT_SHARE);
    assert_int_equal(counts.refused, 0);
    /* Others are not touched, and there is room for new ones. */
    assert_int_equal(intern(table, "nginx.service", "nginx", 21 * NS_PER_S), nginx);
    assert_int_not_equal(intern(table, "cron.service", "cron", 21 * NS_PER_S), other_id);
    workload_table_free(table);
}

static void test_share_of_a_unit(void **state)
{
    (void)state;
    struct workload_table *table = new_table(&hidden);
    churn(table, WORKLOAD_UNIT_SHARE + 10, 0, 1);
    struct process_identity process = a_process(CGROUP_USER, "session-1.scope", "late", 1000);
    uint32_t crowd = workload_intern(table, &process, 1000);
    const struct workload *entry = workload_get(table, crowd);
    assert_string_equal(entry->unit, "users");
    assert_string_equal(entry->command, "*");
    assert_string_equal(entry->user, "*");

    /* Names that were unused for long enough make room in their unit, though the table has more. */
    uint32_t live = workload_table_counts(table).live;
    uint32_t late = workload_intern(table, &process, 2000 + keep_ns);
    assert_string_equal(workload_get(table, late)->command, "late");
    assert_int_equal(ring_workload_generation(late), 2);
    assert_int_equal(workload_table_counts(table).live, live);

    /* Other users are no way around it, nor can they all have entries of their own. */
    process = a_process(CGROUP_CONTAINER, "docker:x", "sh", 0);
    for (uint32_t uid = 1; uid < 990; uid++) {
        process.uid = uid;
        (void)workload_intern(table, &process, 2000 + keep_ns);
    }
    assert_int_equal(workload_table_counts(table).live, live + WORKLOAD_UNIT_SHARE + 1);
    workload_table_free(table);
}

/* ---- Against a model ---- */

enum { MODEL_ENTRIES = RING_WORKLOADS_MAX, MODEL_PROCESSES = 3000 };

struct model_entry {
    struct workload names; /* as workload_describe() says */
    uint32_t id;
    unsigned processes;
    uint64_t since_ns;
};

/* The obvious way: a list that is searched from the front. */
struct model {
    struct model_entry entries[MODEL_ENTRIES];
    size_t count;
    uint32_t held[MODEL_PROCESSES];
    size_t n_held;
    unsigned evicted;
};

static struct model_entry *model_find(struct model *model, const struct workload *names)
{
    for (size_t i = 0; i < model->count; i++)
        if (memcmp(&model->entries[i].names, names, sizeof(*names)) == 0)
            return &model->entries[i];
    return NULL;
}

static struct model_entry *model_by_id(struct model *model, uint32_t id)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->entries[i].id == id)
            return &model->entries[i];
    return NULL;
}

/* The entry that may be reused: the one that is unused for longest, and for long enough. */
static struct model_entry *model_oldest(struct model *model, uint64_t now_ns)
{
    struct model_entry *oldest = NULL;
    for (size_t i = 0; i < model->count; i++) {
        struct model_entry *entry = &model->entries[i];
        if (entry->processes == 0 && entry->since_ns + keep_ns <= now_ns &&
            (!oldest || entry->since_ns < oldest->since_ns))
            oldest = entry;
    }
    return oldest;
}

/* What intern() must have done. Names are spread over so many units that no share is full. */
static void model_intern(struct model *model, const struct workload *names, uint32_t id,
                         uint64_t now_ns)
{
    struct model_entry *entry = model_find(model, names);
    if (entry) {
        assert_int_equal(id, entry->id);
    } else if (model->count < WORKLOAD_LIVE_MAX) {
        assert_null(model_by_id(model, id));
        assert_int_equal(ring_workload_generation(id), 1);
        entry = &model->entries[model->count++];
    } else if ((entry = model_oldest(model, now_ns)) != NULL) {
        assert_int_equal(ring_workload_slot(id), ring_workload_slot(entry->id));
        assert_int_equal(ring_workload_generation(id), ring_workload_generation(entry->id) + 1);
        model->evicted++;
    } else {
        assert_int_equal(id, other_id);
        return;
    }
    if (entry->id != id)
        *entry = (struct model_entry){.names = *names, .id = id};
    entry->processes++;
    model->held[model->n_held++] = id;
}

static void random_intern(struct workload_table *table, struct model *model, struct random *random,
                          uint64_t now_ns)
{
    static const uint32_t uids[] = {0, 33, 1000, 4711};
    char unit[32];
    (void)snprintf(unit, sizeof(unit), "s%u.service", (unsigned)random_below(random, 600));
    struct process_identity process =
        a_process(random_below(random, 2) ? CGROUP_SERVICE : CGROUP_CONTAINER, unit, "", 0);
    process.uid = uids[random_below(random, ARRAY_SIZE(uids))];
    (void)snprintf(process.comm, sizeof(process.comm), "c%u", (unsigned)random_below(random, 3));
    struct workload names;
    workload_describe(&hidden, &process, &names);
    model_intern(model, &names, workload_intern(table, &process, now_ns), now_ns);
}

static void random_release(struct workload_table *table, struct model *model, struct random *random,
                           uint64_t now_ns)
{
    size_t i = random_index(random, model->n_held);
    uint32_t id = model->held[i];
    model->held[i] = model->held[--model->n_held];
    struct model_entry *entry = model_by_id(model, id);
    assert_non_null(entry);
    if (--entry->processes == 0)
        entry->since_ns = now_ns;
    workload_release(table, id, now_ns);
}

static void check_against_model(const struct workload_table *table, const struct model *model)
{
    assert_int_equal(workload_table_counts(table).live, model->count);
    for (size_t i = 0; i < model->count; i++) {
        const struct workload *entry = workload_get(table, model->entries[i].id);
        assert_non_null(entry);
        struct workload names = *entry;
        names.generation = 0;
        assert_memory_equal(&names, &model->entries[i].names, sizeof(names));
    }
}

static void test_against_model(void **state)
{
    (void)state;
    struct random random = random_seeded();
    struct workload_table *table = new_table(&hidden);
    struct model *model = calloc(1, sizeof(*model));
    assert_non_null(model);
    uint64_t now_ns = 0;
    for (int round = 0; round < 40000; round++) {
        now_ns += 1 + random_below(&random, keep_ns / 500); /* no two at the same time */
        bool more = random_below(&random, 100) < (round / 5000 % 2 ? 40 : 70);
        if (model->n_held == 0 || (more && model->n_held < MODEL_PROCESSES))
            random_intern(table, model, &random, now_ns);
        else
            random_release(table, model, &random, now_ns);
        if (round % 2000 == 0)
            check_against_model(table, model);
    }
    check_against_model(table, model);
    assert_int_equal(model->count, WORKLOAD_LIVE_MAX); /* it was full, else this tests too little */
    assert_true(workload_table_counts(table).refused > 0);
    assert_true(model->evicted > 100);
    free(model);
    workload_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserved_entries),
        cmocka_unit_test(test_same_names_same_number),
        cmocka_unit_test(test_fields_do_not_run_together),
        cmocka_unit_test(test_full_table),
        cmocka_unit_test(test_eviction),
        cmocka_unit_test(test_hostile_churn),
        cmocka_unit_test(test_share_of_a_unit),
        cmocka_unit_test(test_against_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
