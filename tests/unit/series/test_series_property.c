/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "books.h"
#include "core/exposition/exposition.h"
#include "core/series/series.h"
#include "scraper.h"

/* Random machines and random scrapers. SEED=n repeats one run. */

enum { WORKLOADS = 400, SLOTS = RING_WORKLOADS_MAX - RING_WORKLOAD_FIRST };

struct world {
    struct machine *machine;
    struct frame frame;
    uint32_t ids[WORKLOADS];
    struct {
        uint32_t generation;
        uint64_t free; /* from this frame on: as in truth, an entry is not used again soon */
    } entries[SLOTS];
    unsigned heat[WORKLOADS]; /* how much each uses at the moment */
    unsigned names;           /* how many names there are to choose from */
    bool fast;                /* frames are seconds, not up to a minute */
};

static uint64_t first_seed;

static void rename_workload(struct world *world, size_t i)
{
    char unit[32];
    uint64_t name = machine_random(world->machine, world->names);
    (void)snprintf(unit, sizeof(unit), "unit-%u.service", (unsigned)name);
    if (world->ids[i] != 0)
        world->entries[ring_workload_slot(world->ids[i]) - RING_WORKLOAD_FIRST].free =
            world->machine->number + 700;
    uint32_t slot = 0;
    while (world->entries[slot].free > world->machine->number)
        slot++;
    world->entries[slot].free = UINT64_MAX;
    world->ids[i] =
        machine_name(world->machine, RING_WORKLOAD_FIRST + slot, ++world->entries[slot].generation,
                     (enum workload_kind)(name % WORKLOAD_OTHER), unit, "main", "");
    world->heat[i] = (unsigned)machine_random(world->machine, 3);
}

static void world_init(struct world *world, uint64_t seed)
{
    *world = (struct world){.machine = machine_new(RING_SLOTS_DEFAULT, seed)};
    struct machine *machine = world->machine;
    (void)machine_add_domain(machine, "package-0", DOMAIN_PACKAGE, SOURCE_RAPL, true);
    (void)machine_add_domain(machine, "dram-0", DOMAIN_DRAM, SOURCE_RAPL, true);
    (void)machine_add_domain(machine, "rest", DOMAIN_REST, SOURCE_MODEL, true);
    (void)machine_add_domain(machine, "core-0", DOMAIN_CORE, SOURCE_RAPL, false);
    (void)machine_add_domain(machine, "platform", DOMAIN_PLATFORM, SOURCE_ACPI, false);
    world->names = seed % 2 ? 300 : 5000;
    world->fast = seed % 4 < 2;
    for (size_t i = 0; i < WORKLOADS; i++)
        rename_workload(world, i);
}

static void world_done(struct world *world)
{
    frame_done(&world->frame);
    machine_free(world->machine);
}

/* Sometimes the platform meter takes the place of the others. */
static void turn_platform(struct machine *machine)
{
    for (size_t i = 0; i < 5; i++)
        if (i != 3)
            machine->domains[i].summed = !machine->domains[i].summed;
}

static void world_step(struct world *world)
{
    struct machine *machine = world->machine;
    for (uint64_t n = machine_random(machine, 4); n > 0; n--)
        rename_workload(world, (size_t)machine_random(machine, WORKLOADS));
    for (uint64_t n = machine_random(machine, 16); n > 0; n--)
        world->heat[machine_random(machine, WORKLOADS)] = (unsigned)machine_random(machine, 24);
    if (machine_random(machine, 500) == 0)
        turn_platform(machine);
    static const uint64_t intervals_ms[] = {100, 500, 1000, 1000, 5000, 20000, 60000, 60000};
    size_t n_intervals = world->fast ? 5 : ARRAY_SIZE(intervals_ms);
    uint64_t interval_ms = intervals_ms[machine_random(machine, n_intervals)];
    machine_begin(machine, interval_ms * NS_PER_MS);
    machine->gap_ns =
        machine->number > 2000 && machine_random(machine, 300) == 0 ? 3600 * NS_PER_S : 0;
    for (uint16_t domain = 0; domain < machine->n_domains; domain++)
        machine_idle(machine, domain, machine_random(machine, 20000) * interval_ms);
    for (uint64_t n = machine_random(machine, 60); n > 0; n--) {
        size_t i = (size_t)machine_random(machine, WORKLOADS);
        uint64_t most_uj = (UINT64_C(1) << world->heat[i]) + 1;
        machine_use(machine, (uint16_t)machine_random(machine, 5), world->ids[i], 1,
                    machine_random(machine, most_uj), machine_random(machine, NS_PER_S));
    }
    machine_use(machine, 0, ring_workload_id(RING_WORKLOAD_UNATTRIBUTED, 1), 0,
                machine_random(machine, 5000), 0);
    machine_end(machine, &world->frame);
}

/* ---- Increase ---- */

struct rank_changes {
    bool shown[SERIES_KEYS_MAX];
    uint64_t admitted;
};

static void count_changes(struct rank_changes *changes, const struct series *series)
{
    for (size_t i = 0; i < series->n_keys; i++) {
        size_t index = series->order[i];
        bool shown = series_is_shown(&series->keys[index]);
        changes->admitted += shown && !changes->shown[index];
        changes->shown[index] = shown;
    }
}

static void scrape(struct scraper *scraper, const struct series *series, struct text *text)
{
    text_clear(text);
    exposition_render(text, &(struct exposition){.series = series, .version = "1"},
                      EXPOSITION_OPENMETRICS);
    if (!scraper_take(scraper, text->data, true))
        fail_msg("%s", scraper->error);
}

#define TOTAL    "greend_energy_joules_total{"
#define IDLE     "greend_idle_energy_joules_total{"
#define UNKNOWN  "greend_unattributed_energy_joules_total{"
#define WORKLOAD "greend_workload_energy_joules_total{"
#define LEFT     "greend_workload_left_energy_joules{"

static void check_scrape(const struct scraper *scraper)
{
    static const char *const sources[] = {"source=\"rapl\"", "source=\"model\"", "source=\"acpi\""};
    for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
        const char *source = sources[i];
        assert_true(scraper_value(scraper, TOTAL, source) ==
                    scraper_value(scraper, IDLE, source) + scraper_value(scraper, UNKNOWN, source) +
                        scraper_value(scraper, WORKLOAD, source) +
                        scraper_value(scraper, LEFT, source));
        assert_true(scraper_increase(scraper, TOTAL, source) ==
                    scraper_increase(scraper, IDLE, source) +
                        scraper_increase(scraper, UNKNOWN, source) +
                        scraper_increase(scraper, WORKLOAD, source));
    }
}

/* Each domain's increase() is its meter's energy, rounded down. */
static void check_meters(const struct scraper *scraper, const struct machine *machine,
                         const uint64_t *before_uj)
{
    for (size_t i = 0; i < machine->n_domains; i++) {
        char label[64];
        (void)snprintf(label, sizeof(label), "domain=\"%s\"", machine->domains[i].entry.name);
        uint64_t meter_mj = (machine->domains[i].summed_total_uj - before_uj[i]) / UJ_PER_MJ;
        uint64_t increase_mj = scraper_increase(scraper, TOTAL, label);
        assert_int_equal(increase_mj, meter_mj);
    }
}

/* A world of hours (of fast frames, scraped each up to 60 seconds) or of weeks (scraped at each
 * publication). ret_admitted: changes of rank. */
static void run_increase(uint64_t seed, uint64_t *ret_admitted)
{
    struct world world;
    world_init(&world, seed);
    struct series *series = series_new(1 + (unsigned)(seed % 20));
    struct scraper *scraper = scraper_new();
    struct rank_changes changes = {0};
    struct text text = {0};
    uint64_t before_uj[MACHINE_DOMAINS] = {0};
    uint64_t scraped_ns = 0;
    uint64_t wait_ns = 0;
    for (int step = 0; step < 16000; step++) {
        world_step(&world);
        uint64_t publications = series->publications;
        assert_int_equal(series_consume(series, &world.machine->ring, &world.frame), 0);
        if (step % 97 == 0)
            books_check(series, world.machine);
        if (series->publications == publications)
            continue;
        count_changes(&changes, series);
        bool beginning = series->clock_ns < SERIES_BEGIN_NS + 2 * SERIES_NOTICE_NS;
        if (!beginning && series->clock_ns - scraped_ns < wait_ns)
            continue;
        scrape(scraper, series, &text);
        scraped_ns = series->clock_ns;
        wait_ns = world.fast ? machine_random(world.machine, 55) * NS_PER_S : 0;
        if (beginning) {
            scraper_begin(scraper);
            for (size_t i = 0; i < world.machine->n_domains; i++)
                before_uj[i] =
                    series->n_domains ? world.machine->domains[i].summed_total_uj / 1000 * 1000 : 0;
        } else if (scraper->scrapes % 200 == 0) {
            check_scrape(scraper);
            check_meters(scraper, world.machine, before_uj);
        }
    }
    if (world.names < 1000)
        assert_int_equal(scraper->falls, 0);
    *ret_admitted += changes.admitted;
    text_done(&text);
    scraper_free(scraper);
    series_free(series);
    world_done(&world);
}

static void test_increase_is_the_meters(void **state)
{
    (void)state;
    uint64_t admitted = 0;
    for (uint64_t seed = first_seed; seed < first_seed + 5; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        run_increase(seed, &admitted);
    }
    print_message("%llu changes of rank\n", (unsigned long long)admitted);
    assert_true(admitted >= 1000);
}

/* ---- Resuming ---- */

/* What the store does with exported rows. */
struct shelf {
    struct store_series *rows;
    size_t n;
    uint64_t mark; /* series.frames of the last export */
    uint64_t position;
};

static bool same_row(const struct store_series *a, const struct store_series *b)
{
    return a->kind == b->kind && a->source == b->source && str_equal(a->unit, b->unit) &&
           str_equal(a->command, b->command) && str_equal(a->domain, b->domain);
}

static void shelf_put(struct shelf *shelf, const struct series *series, uint64_t position)
{
    static struct store_series rows[SERIES_ROWS_MAX];
    bool reset = false;
    size_t n = series_export(series, shelf->mark, rows, SERIES_ROWS_MAX, &reset);
    assert_true(n <= SERIES_ROWS_MAX);
    if (reset)
        shelf->n = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while (at < shelf->n && !same_row(&shelf->rows[at], &rows[i]))
            at++;
        shelf->rows[at] = rows[i];
        shelf->n = MAX(shelf->n, at + 1);
    }
    shelf->mark = series->frames;
    shelf->position = position;
}

/* Rows come back from the database in an order of its own. */
static void shuffle(struct shelf *shelf, struct machine *machine)
{
    for (size_t i = shelf->n; i > 1; i--) {
        size_t j = (size_t)machine_random(machine, i);
        struct store_series swap = shelf->rows[i - 1];
        shelf->rows[i - 1] = shelf->rows[j];
        shelf->rows[j] = swap;
    }
}

static void assert_same_state(const struct series *a, const struct series *b)
{
    static struct store_series rows_a[SERIES_ROWS_MAX];
    static struct store_series rows_b[SERIES_ROWS_MAX];
    bool reset = false;
    size_t n_a = series_export(a, 0, rows_a, SERIES_ROWS_MAX, &reset);
    size_t n_b = series_export(b, 0, rows_b, SERIES_ROWS_MAX, &reset);
    assert_int_equal(n_a, n_b);
    for (size_t i = 0; i < n_a; i++)
        assert_memory_equal(&rows_a[i], &rows_b[i], sizeof(rows_a[i]));
}

/* Consumes what the ring has from a position on. */
static void replay(struct series *series, const struct ring *ring, uint64_t position)
{
    struct frame frame = {0};
    while (frame_read(ring, position, &frame) == 0) {
        assert_int_equal(series_consume(series, ring, &frame), 0);
        position = frame.next;
    }
    frame_done(&frame);
}

static void run_resume(uint64_t seed)
{
    struct world world;
    world_init(&world, seed);
    struct series *first = series_new(5);
    struct shelf shelf = {.rows = calloc(SERIES_ROWS_MAX, sizeof(struct store_series))};
    assert_non_null(shelf.rows);
    for (int step = 0; step < 6000; step++) {
        world_step(&world);
        assert_int_equal(series_consume(first, &world.machine->ring, &world.frame), 0);
        if (machine_random(world.machine, 60) == 0)
            shelf_put(&shelf, first, world.frame.next);
        if (shelf.n == 0 || machine_random(world.machine, 400) != 0)
            continue;
        /* killed: begin from what is stored and what the ring still has */
        struct series *second = series_new(5);
        shuffle(&shelf, world.machine);
        assert_int_equal(series_import(second, shelf.rows, shelf.n), 0);
        shelf.mark = second->frames;
        replay(second, &world.machine->ring, shelf.position);
        assert_same_state(first, second);
        books_check(second, world.machine);
        series_free(first);
        first = second;
    }
    free(shelf.rows);
    series_free(first);
    world_done(&world);
}

static void test_resume(void **state)
{
    (void)state;
    for (uint64_t seed = first_seed; seed < first_seed + 4; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        run_resume(seed);
    }
}

/* ---- Hostile input ---- */

/* One random byte of the stored rows is not what it was: refused, or consistent. */
static void test_import_of_damaged_rows(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, first_seed);
    struct series *series = series_new(3);
    for (int step = 0; step < 300; step++) {
        world_step(&world);
        (void)series_consume(series, &world.machine->ring, &world.frame);
    }
    struct store_series *rows = calloc(SERIES_ROWS_MAX, sizeof(*rows));
    struct store_series *damaged = calloc(SERIES_ROWS_MAX, sizeof(*rows));
    assert_true(rows && damaged);
    bool reset = false;
    size_t n = series_export(series, 0, rows, SERIES_ROWS_MAX, &reset);
    for (size_t i = 0; i < 2; i++) { /* the clocks */
        struct store_series lost = rows[i];
        rows[i] = rows[n - 1];
        assert_int_equal(series_import(series, rows, n - 1), -EBADMSG);
        rows[i] = lost;
    }
    size_t refused = 0;
    for (int i = 0; i < 500; i++) {
        memcpy(damaged, rows, n * sizeof(*rows));
        size_t at = (size_t)machine_random(world.machine, n * sizeof(*rows));
        ((uint8_t *)damaged)[at] ^= (uint8_t)(1 + machine_random(world.machine, 255));
        int result = series_import(series, damaged, n);
        assert_true(result == 0 || result == -EBADMSG);
        refused += result != 0;
        assert_true(result == 0 || series->n_keys == 0);
        for (uint32_t source = 0; source < ENERGY_SOURCES; source++)
            books_check_source(series, source);
    }
    print_message("%zu of 500 refused\n", refused);
    assert_true(refused > 30);
    free(rows);
    free(damaged);
    series_free(series);
    world_done(&world);
}

/* Frames of noise between true ones: the books stay books. */
static void test_noise(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, first_seed);
    struct machine *machine = world.machine;
    struct series *series = series_new(3);
    struct text text = {0};
    struct scraper *scraper = scraper_new();
    for (int step = 0; step < 5000; step++) {
        world_step(&world);
        for (uint64_t n = machine_random(machine, 20); n > 0; n--) {
            union ring_record *record =
                &world.frame.records[machine_random(machine, world.frame.count)];
            size_t at = (size_t)machine_random(machine, sizeof(*record));
            ((uint8_t *)record)[at] = (uint8_t)machine_random(machine, 256);
        }
        int result = series_consume(series, &machine->ring, &world.frame);
        assert_true(result == 0 || result == -EBADMSG);
        for (uint32_t source = 0; source < ENERGY_SOURCES; source++)
            books_check_source(series, source);
        if (step % 100 == 0)
            scrape(scraper, series, &text);
    }
    text_done(&text);
    scraper_free(scraper);
    series_free(series);
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_increase_is_the_meters),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_import_of_damaged_rows),
        cmocka_unit_test(test_noise),
    };
    const char *seed = getenv("SEED");
    first_seed = seed ? strtoull(seed, NULL, 10) : 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
