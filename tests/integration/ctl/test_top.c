/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit/unit.h"

#include "golden.h"
#include "machine.h"
#include "top/top.h"

enum { FRAMES = 400, SLOTS = 1 << 14, WORKLOADS = 40 };

/* What a frame used, kept beside the window. */
struct truth {
    uint64_t interval_ns;
    uint64_t total_uj;
    uint64_t idle_uj;
    uint64_t modelled_uj;
    uint64_t cpu_ns;
};

static void name_workloads(struct machine *machine, uint32_t generation, uint32_t *ids)
{
    static const char *const units[] = {"nginx.service", "docker:0123456789ab", "users", "vm:web"};
    static const enum workload_kind kinds[] = {WORKLOAD_SERVICE, WORKLOAD_CONTAINER, WORKLOAD_USER,
                                               WORKLOAD_VM};
    for (uint32_t i = 0; i < WORKLOADS; i++) {
        char command[WORKLOAD_COMMAND_MAX];
        (void)snprintf(command, sizeof(command), "worker%u", i / 4);
        ids[i] = machine_name(machine, RING_WORKLOAD_FIRST + i, generation, kinds[i % 4],
                              units[i % 4], command, i % 3 ? "www-data" : "root");
    }
}

static struct truth make_frame(struct machine *machine, const uint32_t *ids, struct frame *frame)
{
    struct truth truth = {.interval_ns = NS_PER_S / 10 * (1 + machine_random(machine, 20))};
    machine_begin(machine, truth.interval_ns);
    for (uint64_t i = machine_random(machine, 100); i > 0; i--) {
        uint16_t domain = (uint16_t)machine_random(machine, machine->n_domains);
        uint64_t uj = machine_random(machine, 1000000);
        uint64_t cpu_ns = machine_random(machine, NS_PER_S);
        machine->codes = (uint32_t)machine_random(machine, 1 << 20);
        machine_use(machine, domain, ids[machine_random(machine, WORKLOADS)],
                    (int32_t)machine_random(machine, 50) + 1, uj, cpu_ns);
        truth.cpu_ns += uj > 0 || cpu_ns > 0 ? cpu_ns : 0;
    }
    for (uint16_t i = 0; i < machine->n_domains; i++)
        machine_idle(machine, i, machine_random(machine, 5000000));
    machine_use(machine, 0, ring_workload_id(RING_WORKLOAD_UNATTRIBUTED, 1), 0, 777, 0);
    for (uint16_t i = 0; i < machine->n_domains; i++) {
        const struct machine_domain *domain = &machine->domains[i];
        if (!domain->summed)
            continue;
        truth.total_uj += domain->energy_uj;
        truth.idle_uj += domain->idle_uj;
        truth.modelled_uj += domain->entry.source == SOURCE_MODEL ? domain->energy_uj : 0;
    }
    machine_end(machine, frame);
    return truth;
}

static struct machine *make_machine(uint64_t seed, uint32_t *ids)
{
    struct machine *machine = machine_new(SLOTS, seed);
    (void)machine_add_domain(machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    (void)machine_add_domain(machine, "core-0", DOMAIN_CORE, SOURCE_RAPL, false);
    (void)machine_add_domain(machine, "rest", DOMAIN_REST, SOURCE_MODEL, true);
    name_workloads(machine, 1, ids);
    return machine;
}

/* The frames that a window of that length must hold: the last ones that reach it. */
static size_t first_in_window(const struct truth *truths, size_t n, uint64_t length_ns)
{
    uint64_t covered_ns = 0;
    size_t first = n;
    while (first > 0 && covered_ns < length_ns)
        covered_ns += truths[--first].interval_ns;
    return first;
}

static void check_sums(const struct top_window *window, const struct truth *truths, size_t n,
                       uint64_t length_ns)
{
    struct truth sum = {0};
    size_t first = first_in_window(truths, n, length_ns);
    for (size_t i = first; i < n; i++) {
        sum.interval_ns += truths[i].interval_ns;
        sum.total_uj += truths[i].total_uj;
        sum.idle_uj += truths[i].idle_uj;
        sum.modelled_uj += truths[i].modelled_uj;
        sum.cpu_ns += truths[i].cpu_ns;
    }
    struct top_sums sums = {0};
    for (int group = 0; group < TOP_GROUPS; group++) {
        assert_int_equal(top_window_sum(window, (enum top_group)group, &sums), 0);
        uint64_t rows_uj = 0, cpu_ns = 0, sources_uj = 0;
        for (size_t i = 0; i < sums.n; i++) {
            rows_uj += sums.rows[i].energy.uj;
            cpu_ns += sums.rows[i].cpu_ns;
        }
        for (size_t i = 0; i < ENERGY_SOURCES; i++)
            sources_uj += sums.source_uj[i];
        assert_int_equal(sums.frames, n - first);
        assert_int_equal(sums.covered_ns, sum.interval_ns);
        assert_int_equal(sums.total.uj, sum.total_uj);
        assert_int_equal(sums.idle.uj, sum.idle_uj);
        assert_int_equal(sums.unattributed.uj, 777 * (n - first));
        assert_int_equal(rows_uj + sums.idle.uj + sums.unattributed.uj, sums.total.uj);
        assert_int_equal(sources_uj, sums.total.uj);
        assert_int_equal(sums.total.modelled_uj, sum.modelled_uj);
        assert_int_equal(cpu_ns, sum.cpu_ns);
        assert_int_equal(sums.missed_uj, 0);
    }
    top_sums_done(&sums);
}

/* Every microjoule of the window is in one place, whatever the group, also while numbers of
 * workloads are given away. */
static void test_conserves(void **state)
{
    (void)state;
    static struct truth truths[FRAMES];
    for (uint64_t seed = 1; seed <= 5; seed++) {
        uint32_t ids[WORKLOADS];
        CLEANUP(frame_done) struct frame frame = {0};
        struct machine *machine = make_machine(seed, ids);
        uint64_t length_ns = NS_PER_S * (1 + machine_random(machine, 30));
        struct top_window *window = top_window_new(length_ns);
        for (size_t i = 0; i < FRAMES; i++) {
            if (i % 50 == 49)
                name_workloads(machine, (uint32_t)i, ids);
            truths[i] = make_frame(machine, ids, &frame);
            assert_int_equal(top_window_add(window, &machine->ring, &frame), 0);
            if (i % 20 == 0)
                check_sums(window, truths, i + 1, length_ns);
        }
        top_window_set_length(window, NS_PER_S);
        check_sums(window, truths, FRAMES, NS_PER_S);
        window = top_window_free(window);
        machine_free(machine);
    }
}

/* A reader that was overtaken knows how many joules it missed, to the microjoule. */
static void test_missed(void **state)
{
    (void)state;
    uint32_t ids[WORKLOADS];
    CLEANUP(frame_done) struct frame frame = {0};
    struct machine *machine = make_machine(7, ids);
    struct top_window *window = top_window_new(3600 * NS_PER_S);
    struct top_sums sums = {0};
    uint64_t missed_uj = 0, seen_uj = 0;
    for (size_t i = 0; i < 61; i++) {
        struct truth truth = make_frame(machine, ids, &frame);
        if (i % 7 == 3 || i == 20) {
            missed_uj += truth.total_uj;
            continue;
        }
        seen_uj += truth.total_uj;
        assert_int_equal(top_window_add(window, &machine->ring, &frame), 0);
    }
    assert_int_equal(top_window_sum(window, TOP_BY_UNIT, &sums), 0);
    assert_int_equal(sums.missed_uj, missed_uj);
    assert_int_equal(sums.total.uj, seen_uj);
    assert_int_equal(top_window_missed(window), missed_uj);

    /* Another ring counts from zero, or from anywhere. */
    top_window_break(window);
    (void)make_frame(machine, ids, NULL);
    (void)make_frame(machine, ids, &frame);
    assert_int_equal(top_window_add(window, &machine->ring, &frame), 0);
    assert_int_equal(top_window_missed(window), missed_uj);
    top_sums_done(&sums);
    window = top_window_free(window);
    machine_free(machine);
}

static const struct top_row *row_of(const struct top_sums *sums, const char *unit,
                                    const char *command)
{
    for (size_t i = 0; i < sums->n; i++)
        if (str_equal(sums->rows[i].unit, unit) && str_equal(sums->rows[i].command, command))
            return &sums->rows[i];
    fail_msg("no row %s %s", unit, command);
    return NULL;
}

/* Numbers that were given away keep the names that they had when they were read. */
static void test_names(void **state)
{
    (void)state;
    CLEANUP(frame_done) struct frame frame = {0};
    struct machine *machine = machine_new(SLOTS, 3);
    struct top_window *window = top_window_new(60 * NS_PER_S);
    struct top_sums sums = {0};
    (void)machine_add_domain(machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    for (uint32_t i = 1; i <= 3; i++) {
        char unit[32];
        (void)snprintf(unit, sizeof(unit), "unit-%u.service", i);
        uint32_t id = machine_name(machine, 9, i, WORKLOAD_SERVICE, unit, "x", "root");
        machine_begin(machine, NS_PER_S);
        machine_use(machine, 0, id, 10, 1000 * i, 5);
        machine_use(machine, 0, id, 11, 1, 5);
        machine_end(machine, &frame);
        assert_int_equal(top_window_add(window, &machine->ring, &frame), 0);
    }
    assert_int_equal(top_window_sum(window, TOP_BY_WORKLOAD, &sums), 0);
    assert_int_equal(sums.n, 3);
    assert_int_equal(row_of(&sums, "unit-1.service", "x")->energy.uj, 1001);
    assert_int_equal(row_of(&sums, "unit-3.service", "x")->energy.uj, 3001);
    assert_int_equal(top_window_sum(window, TOP_BY_PROCESS, &sums), 0);
    assert_int_equal(sums.n, 6);
    assert_int_equal(top_window_sum(window, TOP_BY_USER, &sums), 0);
    assert_int_equal(sums.n, 1);
    assert_int_equal(top_window_sum(window, TOP_BY_CONTAINER, &sums), 0);
    assert_int_equal(sums.n, 1);
    assert_string_equal(sums.rows[0].unit, "");
    top_sums_done(&sums);
    window = top_window_free(window);
    machine_free(machine);
}

/* A ring file may hold anything: what does not add up is nobody's. */
static void test_hostile_frame(void **state)
{
    (void)state;
    uint32_t ids[WORKLOADS];
    CLEANUP(frame_done) struct frame frame = {0};
    struct machine *machine = make_machine(11, ids);
    struct top_window *window = top_window_new(NS_PER_S);
    struct top_sums sums = {0};
    machine_begin(machine, NS_PER_S);
    machine_use(machine, 0, ids[0], 1, 500, 1);
    machine_use(machine, 2, 0xffffffff, 2, 300, 1);
    machine_end(machine, &frame);
    for (size_t i = 0; i < frame.count; i++) {
        union ring_record *record = &frame.records[i];
        if (record->type == RING_DOMAIN && record->domain.domain == 0)
            record->domain.energy_uj = 501;
        if (record->type == RING_DOMAIN && record->domain.domain == 1)
            record->domain.domain = 65535;
        if (record->type == RING_ENERGY && record->energy.workload == ids[0])
            record->energy.energy_uj[2] = 0;
    }
    assert_int_equal(top_window_add(window, &machine->ring, &frame), 0);
    assert_int_equal(top_window_sum(window, TOP_BY_WORKLOAD, &sums), 0);
    assert_int_equal(sums.total.uj, 801);
    assert_int_equal(sums.unattributed.uj, 501);
    assert_int_equal(row_of(&sums, "", "")->energy.uj, 300); /* no such entry: other */
    top_sums_done(&sums);
    window = top_window_free(window);
    machine_free(machine);
}

/* ---- What is shown ---- */

static const struct style usual = {.width = 80, .utf8 = true};

static struct top_window *fill(struct machine *machine, bool modelled)
{
    CLEANUP(frame_done) struct frame frame = {0};
    struct top_window *window = top_window_new(10 * NS_PER_S);
    (void)machine_add_domain(machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    if (modelled)
        (void)machine_add_domain(machine, "rest", DOMAIN_REST, SOURCE_MODEL, true);
    machine->domains[0].uncertainty_ppm = 20000;
    uint32_t nginx =
        machine_name(machine, 4, 1, WORKLOAD_SERVICE, "nginx.service", "nginx", "www-data");
    uint32_t hostile = machine_name(machine, 5, 1, WORKLOAD_SERVICE, "a\\x2db\x1b[2J.service",
                                    "\xe2\x80\xaex", "root");
    machine->codes = 400; /* some split */
    for (int i = 0; i < 12; i++) {
        machine_begin(machine, NS_PER_S);
        machine_idle(machine, 0, 20 * UJ_PER_J);
        machine_use(machine, 0, nginx, 100, 3333333, 700 * NS_PER_MS);
        machine_use(machine, 0, hostile, 200, 1666667, 30 * NS_PER_MS);
        if (modelled)
            machine_use(machine, 1, nginx, 100, UJ_PER_J, 0);
        machine_end(machine, &frame);
        assert_int_equal(top_window_add(window, &machine->ring, &frame), 0);
    }
    return window;
}

static void render(const struct top_window *window, struct top_view *view, const char *golden,
                   struct text *text)
{
    struct top_sums sums = {0};
    text_clear(text);
    assert_int_equal(top_window_sum(window, view->group, &sums), 0);
    top_sort(&sums, view->order);
    top_render(&sums, view, &usual, text);
    assert_int_equal(text->error, 0);
    assert_null(strchr(text->data, '\x1b'));
    if (golden)
        golden_check(golden, text);
    top_sums_done(&sums);
}

static void test_shown(void **state)
{
    (void)state;
    CLEANUP(text_done) struct text text = {0};
    struct top_view view = {.live = true};
    struct machine *machine = machine_new(SLOTS, 1);
    struct top_window *window = fill(machine, false);
    render(window, &view, "tests/golden/top.txt", &text);
    window = top_window_free(window);
    machine_free(machine);
    machine = machine_new(SLOTS, 1);
    window = fill(machine, true);
    view = (struct top_view){.group = TOP_BY_PROCESS,
                             .order = TOP_ORDER_NAME,
                             .filter = "NGI",
                             .paused = true,
                             .age_ns = 90 * NS_PER_S,
                             .missed_uj = 1234567};
    render(window, &view, "tests/golden/top-modelled.txt", &text);
    window = top_window_free(window);
    machine_free(machine);
}

static void test_nothing(void **state)
{
    (void)state;
    CLEANUP(text_done) struct text text = {0};
    struct top_view view = {0};
    struct top_window *window = top_window_new(NS_PER_S);
    render(window, &view, NULL, &text);
    if (golden_is_english())
        assert_string_equal(text.data, "greend has not measured anything yet.\n");
    window = top_window_free(window);
}

static void test_orders_differ(void **state)
{
    (void)state;
    static const char *const wanted[TOP_ORDERS] = {
        [TOP_ORDER_POWER] = "bac",
        [TOP_ORDER_CPU] = "acb",
        [TOP_ORDER_NAME] = "abc",
    };
    struct top_row rows[] = {
        {.unit = "c", .energy.uj = 1, .cpu_ns = 2},
        {.unit = "a", .energy.uj = 2, .cpu_ns = 3},
        {.unit = "b", .energy.uj = 3, .cpu_ns = 1},
    };
    struct top_sums sums = {.rows = rows, .n = ARRAY_SIZE(rows)};
    for (int order = 0; order < TOP_ORDERS; order++) {
        top_sort(&sums, (enum top_order)order);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
            assert_int_equal(rows[i].unit[0], wanted[order][i]);
    }
}

static void test_order_and_filter(void **state)
{
    (void)state;
    struct top_sums sums = {0};
    struct machine *machine = machine_new(SLOTS, 1);
    struct top_window *window = fill(machine, false);
    assert_int_equal(top_window_sum(window, TOP_BY_UNIT, &sums), 0);
    top_sort(&sums, TOP_ORDER_POWER);
    assert_string_equal(sums.rows[0].unit, "nginx.service");
    top_sort(&sums, TOP_ORDER_NAME);
    assert_string_equal(sums.rows[1].unit, "nginx.service");
    top_sort(&sums, TOP_ORDER_CPU);
    assert_string_equal(sums.rows[0].unit, "nginx.service");
    assert_true(top_matches(&sums.rows[0], "GINX"));
    assert_true(top_matches(&sums.rows[0], ""));
    assert_false(top_matches(&sums.rows[0], "apache"));
    assert_int_equal(top_group_find("process"), TOP_BY_PROCESS);
    assert_int_equal(top_group_find("weather"), -1);
    top_sums_done(&sums);
    window = top_window_free(window);
    machine_free(machine);
}

int main(void)
{
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conserves),     cmocka_unit_test(test_missed),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_hostile_frame),
        cmocka_unit_test(test_shown),         cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_orders_differ), cmocka_unit_test(test_order_and_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
