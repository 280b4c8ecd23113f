/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Periods: whatever is asked for, each microjoule of the period is in exactly one row. Checked
 * against a model in memory that knows nothing of hours and days. */

#include "store_fixture.h"

enum { MODEL_MAX = 64 * 1024, ROWS_MAX = 16 * 1024 };

struct entry {
    int64_t minute_s;
    uint32_t workload;
    int32_t domain; /* -1: CPU time */
    uint64_t value;
};

struct model {
    struct fixture fixture;
    struct batch *batch;
    struct entry entries[MODEL_MAX];
    size_t count;
    int64_t minutes_kept_s; /* from here on, periods are exact to the minute */
    uint64_t random;
    struct {
        struct store_usage usage;
        uint32_t workload;
        int32_t domain;
    } rows[ROWS_MAX];
    size_t n_rows;
};

static int by_minute(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    return (a->minute_s > b->minute_s) - (a->minute_s < b->minute_s);
}

/* One minute of a few workloads, in the batch and in the model. */
static void add_minute(struct model *model, int64_t minute_s)
{
    for (uint32_t w = 0; w < 4; w++) {
        uint32_t workload = w * 3 + (uint32_t)random_below(&model->random, 3);
        uint32_t domain = (uint32_t)random_below(&model->random, FIXTURE_DOMAINS);
        uint64_t value = random_below(&model->random, UINT64_C(1) << 40);
        batch_energy(model->batch, minute_s, workload, domain, value);
        batch_activity(model->batch, minute_s, workload, value / 7);
        assert_true(model->count + 2 <= MODEL_MAX);
        model->entries[model->count++] = (struct entry){minute_s, workload, (int32_t)domain, value};
        model->entries[model->count++] = (struct entry){minute_s, workload, -1, value / 7};
    }
    batch_span(model->batch, minute_s, 60 * NS_PER_S);
}

/* A stretch of time with holes of all lengths. */
static void add_stretch(struct model *model, int64_t since_s, int64_t until_s)
{
    int64_t at_s = since_s;
    while (at_s < until_s) {
        batch_clear(model->batch);
        for (int i = 0; i < 300 && at_s < until_s; i++, at_s += 60)
            add_minute(model, at_s);
        assert_int_equal(fixture_commit(&model->fixture, model->batch, at_s), 0);
        uint64_t hole = random_below(&model->random, 4);
        at_s += 60 * (int64_t)random_below(&model->random, hole == 0 ? 1500 : hole == 1 ? 100 : 2);
    }
    qsort(model->entries, model->count, sizeof(model->entries[0]), by_minute);
}

static int keep_row(void *userdata, const struct store_usage *usage)
{
    struct model *model = userdata;
    assert_true(model->n_rows < ROWS_MAX);
    model->rows[model->n_rows].usage = *usage;
    int64_t workload = -1, domain = usage->domain ? -2 : -1;
    for (uint32_t w = 0; w < FIXTURE_WORKLOADS; w++)
        if (str_equal(usage->workload->command, model->batch->workloads[w].command))
            workload = w;
    for (int32_t d = 0; usage->domain && d < FIXTURE_DOMAINS; d++)
        if (str_equal(usage->domain->name, model->batch->domains[d].name))
            domain = d;
    assert_true(workload >= 0 && domain >= -1);
    model->rows[model->n_rows].workload = (uint32_t)workload;
    model->rows[model->n_rows++].domain = (int32_t)domain;
    return 0;
}

static size_t first_at(const struct model *model, int64_t minute_s)
{
    size_t low = 0, high = model->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (model->entries[middle].minute_s < minute_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Each row is the model's sum, and together they are all of it. */
static void check_rows(const struct model *model, const struct store_period *period)
{
    size_t found = 0;
    for (size_t i = 0; i < model->n_rows; i++) {
        const struct store_usage *usage = &model->rows[i].usage;
        uint64_t sum = 0;
        assert_true(usage->length_s > 0 && usage->begin_s >= period->since_s &&
                    usage->begin_s + usage->length_s <= period->until_s);
        for (size_t j = first_at(model, usage->begin_s);
             j < model->count && model->entries[j].minute_s < usage->begin_s + usage->length_s;
             j++) {
            if (model->entries[j].workload != model->rows[i].workload ||
                model->entries[j].domain != model->rows[i].domain)
                continue;
            sum += model->entries[j].value;
            found++;
        }
        assert_true(sum == (model->rows[i].domain < 0 ? usage->cpu_ns : usage->energy_uj));
    }
    assert_int_equal(found, first_at(model, period->until_s) - first_at(model, period->since_s));
}

/* An edge as it must be where minutes are kept: outside of the minute that it would cut. */
static int64_t exact_edge(const struct model *model, int64_t edge_s, bool upwards)
{
    int64_t minute_s = edge_s - edge_s % 60;
    size_t index = first_at(model, minute_s);
    bool cut =
        minute_s != edge_s && index < model->count && model->entries[index].minute_s == minute_s;
    return !cut ? edge_s : upwards ? minute_s + 60 : minute_s;
}

static void check_edges(const struct model *model, int64_t since_s, int64_t until_s,
                        const struct store_period *period)
{
    int64_t first_s = model->entries[0].minute_s;
    int64_t last_s = model->entries[model->count - 1].minute_s + 60;
    assert_true(period->since_s <= MAX(since_s, first_s) && period->since_s >= first_s);
    assert_true(period->until_s >= MIN(until_s, last_s) && period->until_s <= last_s);
    assert_true(MAX(since_s, first_s) - period->since_s < 25 * HOUR);
    assert_true(period->until_s - MIN(until_s, last_s) < 25 * HOUR);
    if (since_s >= model->minutes_kept_s)
        assert_int_equal(period->since_s, MAX(first_s, exact_edge(model, since_s, false)));
    if (until_s >= model->minutes_kept_s)
        assert_int_equal(period->until_s, MIN(last_s, exact_edge(model, until_s, true)));
}

struct cover_sum {
    uint64_t covered_ns;
    int64_t end_s;
};

static int add_cover(void *userdata, int64_t begin_s, int64_t length_s, uint64_t covered_ns,
                     uint64_t gap_ns)
{
    struct cover_sum *sum = userdata;
    assert_true(begin_s >= sum->end_s && length_s > 0);
    assert_int_equal(gap_ns, 0);
    sum->end_s = begin_s + length_s;
    sum->covered_ns += covered_ns;
    return 0;
}

static void check_period(struct model *model, struct store_reader *reader, int64_t since_s,
                         int64_t until_s)
{
    struct store_period period, again;
    int r = store_reader_period(reader, since_s, until_s, &period);
    if (r == STORE_NO_DATA) {
        assert_int_equal(first_at(model, since_s - since_s % 60), first_at(model, until_s));
        return;
    }
    assert_int_equal(r, 0);
    check_edges(model, since_s, until_s, &period);
    assert_int_equal(store_reader_period(reader, period.since_s, period.until_s, &again), 0);
    assert_memory_equal(&period, &again, sizeof(period));
    uint64_t minutes = 0;
    for (size_t i = first_at(model, period.since_s); i < first_at(model, period.until_s); i++)
        minutes += i == 0 || model->entries[i].minute_s != model->entries[i - 1].minute_s;
    for (enum store_group group = STORE_BY_WORKLOAD; group <= STORE_BY_DAY; group++) {
        struct cover_sum sum = {0};
        model->n_rows = 0;
        assert_int_equal(store_reader_usage(reader, &period, group, keep_row, model), 0);
        check_rows(model, &period);
        assert_int_equal(store_reader_spans(reader, &period, group, add_cover, &sum), 0);
        assert_int_equal(sum.covered_ns, period.covered_ns);
    }
    assert_true(period.covered_ns >= minutes * 60 * NS_PER_S);
}

static void check_periods(struct model *model, int count)
{
    struct store_reader *reader = NULL;
    int64_t first_s = model->entries[0].minute_s;
    int64_t length_s = model->entries[model->count - 1].minute_s + 60 - first_s;
    assert_int_equal(store_reader_open(&reader, model->fixture.path), 0);
    for (int i = 0; i < count; i++) {
        int64_t reach = random_below(&model->random, 2) ? length_s + 7200 : 5000;
        int64_t since_s =
            first_s - 3600 + (int64_t)random_below(&model->random, (uint64_t)length_s + 7200);
        int64_t until_s = since_s + 1 + (int64_t)random_below(&model->random, (uint64_t)reach);
        if (random_below(&model->random, 4) == 0) {
            since_s -= since_s % 3600;
            until_s += 3600 - until_s % 3600;
        }
        check_period(model, reader, since_s, until_s);
    }
    check_period(model, reader, INT64_MIN, INT64_MAX);
    assert_null(store_reader_close(reader));
}

static struct model *model_new(const char *zone)
{
    struct model *model = calloc(1, sizeof(*model));
    assert_non_null(model);
    model->random = random_seed();
    model->batch = batch_new();
    model->minutes_kept_s = INT64_MIN;
    fixture_zone(zone);
    fixture_begin(&model->fixture);
    fixture_keep_all(&model->fixture);
    return model;
}

static void model_free(struct model *model)
{
    fixture_end(&model->fixture);
    free(model->batch);
    free(model);
}

static void test_all_minutes_kept(void **state)
{
    (void)state;
    struct model *model = model_new("Europe/Paris");
    fixture_open(&model->fixture);
    add_stretch(model, utc("2026-10-23 17:00"), utc("2026-10-27 05:00"));
    check_periods(model, 200);
    model_free(model);
}

static void test_after_pruning(void **state)
{
    (void)state;
    struct model *model = model_new("Pacific/Marquesas");
    model->fixture.options.retention_minutes_s = 86400;
    model->fixture.options.retention_hours_s = 3 * DAY;
    fixture_open(&model->fixture);
    int64_t end_s = utc("2026-10-30 05:00");
    add_stretch(model, utc("2026-10-23 17:00"), end_s);
    model->minutes_kept_s = model->entries[model->count - 1].minute_s - 86400;
    assert_true(fixture_query(&model->fixture, "SELECT count(*) FROM hour_span"
                                               " WHERE minutes_kept = 0") > 0);
    assert_true(fixture_query(&model->fixture, "SELECT count(*) FROM day_span"
                                               " WHERE hours_kept = 0") > 0);
    check_periods(model, 200);
    /* Minutes that come late go into days whose hours are gone. */
    add_stretch(model, utc("2026-10-25 00:00"), utc("2026-10-25 03:00"));
    check_periods(model, 200);
    /* The clock is right again, and what came late is pruned like the rest. */
    add_stretch(model, end_s + 2 * HOUR, end_s + 6 * HOUR);
    add_stretch(model, end_s + 8 * HOUR, end_s + 9 * HOUR);
    model->minutes_kept_s = end_s;
    check_periods(model, 200);
    model_free(model);
}

/* What is committed between two questions changes neither the period nor what lies in it. */
static void test_a_writer_in_between(void **state)
{
    (void)state;
    struct model *model = model_new("Europe/Paris");
    struct store_reader *reader = NULL;
    struct store_period period;
    fixture_open(&model->fixture);
    int64_t begin_s = utc("2026-11-23 12:00");
    add_stretch(model, begin_s, begin_s + 600);
    assert_int_equal(store_reader_open(&reader, model->fixture.path), 0);
    assert_int_equal(store_reader_period(reader, INT64_MIN, INT64_MAX, &period), 0);
    add_stretch(model, begin_s + 600, begin_s + 1200);
    for (enum store_group group = STORE_BY_WORKLOAD; group <= STORE_BY_DAY; group++) {
        model->n_rows = 0;
        assert_int_equal(store_reader_usage(reader, &period, group, keep_row, model), 0);
        check_rows(model, &period);
    }
    assert_null(store_reader_close(reader));
    model_free(model);
}

/* Minutes that are pruned between two questions: the answer is for the hours that are left. */
static void test_pruned_in_between(void **state)
{
    (void)state;
    struct model *model = model_new("Europe/Paris");
    struct store_reader *reader = NULL;
    struct store_period asked, left;
    model->fixture.options.retention_minutes_s = 2 * HOUR;
    fixture_open(&model->fixture);
    int64_t begin_s = utc("2026-11-23 12:00");
    for (int64_t at_s = begin_s; at_s < begin_s + 2 * HOUR; at_s += HOUR)
        add_stretch(model, at_s, at_s + HOUR);
    assert_int_equal(store_reader_open(&reader, model->fixture.path), 0);
    assert_int_equal(store_reader_period(reader, begin_s + 600, begin_s + 4200, &asked), 0);
    for (int64_t at_s = begin_s + 2 * HOUR; at_s < begin_s + 8 * HOUR; at_s += HOUR)
        add_stretch(model, at_s, at_s + HOUR);
    assert_int_equal(store_reader_period(reader, asked.since_s, asked.until_s, &left), 0);
    assert_true(left.since_s < asked.since_s && left.until_s > asked.until_s);
    for (enum store_group group = STORE_BY_WORKLOAD; group <= STORE_BY_DAY; group++) {
        model->n_rows = 0;
        assert_int_equal(store_reader_usage(reader, &asked, group, keep_row, model), 0);
        check_rows(model, &left);
    }
    assert_null(store_reader_close(reader));
    model_free(model);
}

static int stop(void *userdata, const struct store_usage *usage)
{
    (void)usage;
    return ++*(int *)userdata == 3 ? STORE_NO_DATA : 0;
}

static void test_callback_ends_the_query(void **state)
{
    (void)state;
    struct model *model = model_new("Europe/Paris");
    struct store_reader *reader = NULL;
    struct store_period period;
    fixture_open(&model->fixture);
    add_stretch(model, utc("2026-11-23 12:00"), utc("2026-11-23 13:00"));
    assert_int_equal(store_reader_open(&reader, model->fixture.path), 0);
    assert_int_equal(store_reader_period(reader, INT64_MIN, INT64_MAX, &period), 0);
    int calls = 0;
    assert_int_equal(store_reader_usage(reader, &period, STORE_BY_HOUR, stop, &calls), 1);
    assert_int_equal(calls, 3);
    assert_null(store_reader_close(reader));
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_minutes_kept),        cmocka_unit_test(test_after_pruning),
        cmocka_unit_test(test_a_writer_in_between),     cmocka_unit_test(test_pruned_in_between),
        cmocka_unit_test(test_callback_ends_the_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
