/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include <math.h>

#include "greend/footprint.h"
#include "random.h"
#include "shipped.h"

static struct factor_table *table;
static struct asset nothing_declared;

static int set_up(void **state)
{
    (void)state;
    asset_undeclared(&nothing_declared);
    table = shipped_table("boavizta.csv");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    table = factor_table_free(table);
    return 0;
}

static struct trait declared(double value)
{
    return (struct trait){ORIGIN_DECLARED, value};
}

static void add(struct inventory *inventory, enum part_kind kind, uint32_t count, struct trait size,
                struct trait density)
{
    inventory->parts[inventory->n_parts++] = (struct inventory_part){
        .kind = kind, .origin = ORIGIN_DECLARED, .count = count, .size = size, .density = density};
}

/* The worked example: 2 CPUs of 24 x 24.5 mm2, 12 x 32 GB at 1.79 GB/cm2, one SSD of 400 GB
 * at 50.6, 2 power supplies of 2.99 kg, a rack. */
static struct inventory worked_example(void)
{
    static const struct trait none;
    struct inventory inventory = {.machine = MACHINE_PHYSICAL};
    add(&inventory, PART_CPU, 2, declared(24 * 24.5), none);
    add(&inventory, PART_RAM, 12, declared(32), declared(1.79));
    add(&inventory, PART_SSD, 1, declared(400), declared(50.6));
    add(&inventory, PART_PSU, 2, declared(2.99), none);
    add(&inventory, PART_RACK, 1, none, none);
    return inventory;
}

static struct embodied embodied_of(const struct inventory *inventory)
{
    struct embodied embodied;
    embodied_impacts(table, inventory, &nothing_declared, EMBODIED_BY_PARTS, &embodied);
    return embodied;
}

static void assert_within(double got, double wanted, double part)
{
    if (fabs(got - wanted) > wanted * part)
        print_error("%.17g, expected %.17g\n", got, wanted);
    assert_true(fabs(got - wanted) <= wanted * part);
}

static void test_worked_example(void **state)
{
    (void)state;
    struct inventory inventory = worked_example();
    struct embodied e = embodied_of(&inventory);
    assert_within(e.total[CRITERION_GWP].value, 967.9, 1e-3);
    assert_within(e.total[CRITERION_ADPE].value, 0.1492, 1e-3);
    assert_within(e.total[CRITERION_PE].value, 12870, 1e-3);
    assert_true(e.complete[CRITERION_GWP] && e.complete[CRITERION_ADPE] &&
                e.complete[CRITERION_PE]);
    assert_int_equal(e.gaps, 0);
    assert_false(e.whole);
    assert_int_equal(e.n_items, 7);
    for (int c = 0; c < CRITERIA; c++) { /* what nobody published is not 0 */
        bool known = c == CRITERION_GWP || c == CRITERION_ADPE || c == CRITERION_PE;
        assert_int_equal(e.total[c].known, known);
        assert_int_equal(e.complete[c], known);
        assert_int_equal(figure_band(&e.total[c]), known ? BAND_NONE : BAND_FULL);
    }
}

/* Each line of the sum, as an auditor would do it. */
static void test_by_hand(void **state)
{
    (void)state;
    struct inventory inventory = worked_example();
    struct embodied e = embodied_of(&inventory);
    const double gwp[] = {
        2 * (588 * 0.0197 + 9.14),
        12 * (32 / 1.79 * 2.20 + 5.22),
        400 / 50.6 * 2.20 + 6.34,
        2 * 2.99 * 24.3,
        150,
        66.1,
        6.68,
    };
    const double pe[] = {
        2 * (588 * 0.265 + 156),
        12 * (32 / 1.79 * 27.3 + 74),
        400 / 50.6 * 27.3 + 73.98,
        2 * 2.99 * 352,
        2200,
        836,
        68.6,
    };
    double sum = 0;
    for (size_t i = 0; i < e.n_items; i++) {
        assert_within(e.items[i].impacts[CRITERION_GWP].value, gwp[i], 1e-12);
        assert_within(e.items[i].impacts[CRITERION_PE].value, pe[i], 1e-12);
        sum += gwp[i];
    }
    assert_within(e.total[CRITERION_GWP].value, sum, 1e-12);
    const struct embodied_item *ram = &e.items[1];
    assert_ptr_equal(ram->part, &inventory.parts[1]);
    assert_int_equal(ram->id, FACTOR_RAM);
    assert_within(ram->amount.value, 32 / 1.79, 1e-12);
    assert_int_equal(ram->density_origin, ORIGIN_DECLARED);
    assert_null(ram->default_density);
    assert_true(ram->by_amount[CRITERION_GWP]->value.value == 2.20);
    assert_true(ram->by_piece[CRITERION_GWP]->value.value == 5.22);
    assert_int_equal(e.items[3].id, FACTOR_PSU);
    assert_null(e.items[3].by_piece[CRITERION_GWP]);
    assert_int_equal(e.items[5].id, FACTOR_MOTHERBOARD);
    assert_int_equal(e.items[6].id, FACTOR_ASSEMBLY);
    assert_null(e.items[6].part);
}

/* Densities that are not known: the method's, from the least to the greatest. */
static void test_density_bands(void **state)
{
    (void)state;
    struct inventory inventory = worked_example();
    inventory.parts[1].density = (struct trait){0};
    inventory.parts[1].origin = ORIGIN_READ;
    inventory.parts[2].density = (struct trait){0};
    inventory.parts[3].size = (struct trait){0};
    struct embodied e = embodied_of(&inventory);
    struct figure ram = e.items[1].impacts[CRITERION_GWP];
    assert_within(ram.value, 12 * (32 / 1.244 * 2.20 + 5.22), 1e-12);
    assert_within(ram.min, 12 * (32 / 2.375 * 2.20 + 5.22), 1e-12);
    assert_within(ram.max, 12 * (32 / 0.625 * 2.20 + 5.22), 1e-12);
    assert_int_equal(figure_band(&ram), BAND_PARTIAL);
    assert_int_equal(e.items[1].density_origin, ORIGIN_DEFAULT);
    assert_string_equal(e.items[1].default_density->set->name, "defaults");
    struct figure ssd = e.items[2].impacts[CRITERION_PE];
    assert_within(ssd.value, 400 / 54.9 * 27.3 + 73.98, 1e-12);
    assert_within(ssd.min, 400.0 / 128 * 27.3 + 73.98, 1e-12);
    assert_within(ssd.max, 400 / 16.4 * 27.3 + 73.98, 1e-12);
    assert_int_equal(e.items[3].size_origin, ORIGIN_DEFAULT); /* 2.99 kg, no band published */
    assert_within(e.items[3].impacts[CRITERION_GWP].value, 2 * 2.99 * 24.3, 1e-12);
    assert_int_equal(figure_band(&e.items[3].impacts[CRITERION_GWP]), BAND_NONE);
    struct figure total = e.total[CRITERION_GWP];
    assert_true(total.min < total.value && total.value < total.max);
    assert_int_equal(figure_band(&total), BAND_PARTIAL);
    assert_true(e.complete[CRITERION_GWP]);
    assert_int_equal(e.gaps, 0);
}

/* A CPU whose silicon is not known counts for its package, and the sum says that it lacks
 * something. */
static void test_gaps(void **state)
{
    (void)state;
    static const double nonsense[] = {0, -3, 1e300, NAN, INFINITY};
    struct inventory inventory = worked_example();
    inventory.parts[0].size.origin = ORIGIN_UNKNOWN;
    struct embodied e = embodied_of(&inventory);
    assert_within(e.items[0].impacts[CRITERION_GWP].value, 2 * 9.14, 1e-12);
    assert_int_equal(e.items[0].gaps, EMBODIED_NO_SIZE);
    assert_int_equal(e.gaps, EMBODIED_NO_SIZE);
    assert_true(e.total[CRITERION_GWP].known);
    assert_false(e.complete[CRITERION_GWP]);
    for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
        inventory = worked_example();
        inventory.parts[0].size.value = nonsense[i];
        e = embodied_of(&inventory);
        assert_int_equal(e.gaps, EMBODIED_NO_SIZE);
    }
    inventory = worked_example();
    inventory.n_parts = 3; /* neither power supplies nor a case */
    e = embodied_of(&inventory);
    assert_int_equal(e.gaps, EMBODIED_NO_PSU | EMBODIED_NO_CASE);
    assert_false(e.complete[CRITERION_GWP]);
    inventory = worked_example();
    inventory.parts[0].count = 0;
    e = embodied_of(&inventory);
    assert_int_equal(e.gaps, EMBODIED_NO_CPU);
    assert_int_equal(e.n_items, 6);
    inventory = worked_example();
    inventory.parts[1].origin = ORIGIN_UNKNOWN;
    assert_int_equal(embodied_of(&inventory).gaps, EMBODIED_NO_RAM);
    inventory.parts[1].origin = ORIGIN_READ;
    inventory.parts[1].kind = (enum part_kind)99;
    assert_int_equal(embodied_of(&inventory).gaps, EMBODIED_NO_RAM);
}

/* Nobody published a GPU: told, until an operator's file has one. */
static void test_part_without_factor(void **state)
{
    (void)state;
    static const char text[] =
        "# set: mine\n# version: 1\nid;criterion;phase;geography;value;unit;min;max;source;year;"
        "licence;method\ngpu;GWP;embodied;WOR;150;kgCO2e/piece;;;me;2025;;\n";
    static const struct trait none;
    struct factor_errors errors;
    struct inventory inventory = worked_example();
    add(&inventory, PART_GPU, 4, none, none);
    struct embodied e = embodied_of(&inventory);
    assert_within(e.total[CRITERION_GWP].value, 967.9, 1e-3);
    assert_false(e.complete[CRITERION_GWP]);
    assert_false(e.items[5].impacts[CRITERION_GWP].known);
    assert_int_equal(e.items[5].gaps, EMBODIED_NO_FACTOR);
    assert_int_equal(e.items[0].gaps, 0);
    assert_int_equal(factor_table_add(table, "mine.csv", text, strlen(text), &errors), 0);
    e = embodied_of(&inventory);
    assert_within(e.total[CRITERION_GWP].value, 1567.9, 1e-3);
    assert_true(e.complete[CRITERION_GWP]);
    assert_false(e.complete[CRITERION_PE]);
    assert_int_equal(e.gaps, EMBODIED_NO_FACTOR);
}

static void test_blade(void **state)
{
    (void)state;
    static const struct trait none;
    struct inventory inventory = worked_example();
    inventory.n_parts = 4;
    add(&inventory, PART_BLADE, 1, none, none);
    struct embodied e = embodied_of(&inventory);
    struct embodied_item *blade = &e.items[4];
    assert_within(blade->impacts[CRITERION_GWP].value, 30.9 + 880.0 / 16, 1e-12);
    assert_within(blade->impacts[CRITERION_ADPE].value, 6.72e-4 + 0.432 / 16, 1e-12);
    assert_within(blade->impacts[CRITERION_PE].value, 435 + 12700.0 / 16, 1e-12);
    assert_int_equal(e.gaps, 0);
}

static void test_whole_server(void **state)
{
    (void)state;
    static const struct trait none;
    struct inventory inventory = worked_example();
    struct embodied e;
    embodied_impacts(table, &inventory, &nothing_declared, EMBODIED_BY_SERVER, &e);
    assert_true(e.whole);
    assert_true(e.total[CRITERION_GWP].value == 3660 && e.complete[CRITERION_GWP]);
    assert_true(e.total[CRITERION_ADPE].value == 0.0378);
    assert_false(e.total[CRITERION_PE].known);
    inventory = (struct inventory){.machine = MACHINE_PHYSICAL};
    add(&inventory, PART_SSD, 1, declared(400), none);
    e = embodied_of(&inventory); /* nothing to add up */
    assert_true(e.whole);
    assert_true(e.total[CRITERION_GWP].value == 3660);
    assert_int_equal(e.n_items, 1);
    assert_int_equal(e.items[0].id, FACTOR_SERVER);
}

/* A virtual machine has nothing of its host but what is declared. */
static void test_virtual_machine(void **state)
{
    (void)state;
    char error[FOOTPRINT_ERROR_MAX];
    struct inventory inventory = worked_example();
    struct asset asset = nothing_declared;
    struct embodied e;
    inventory.machine = MACHINE_VIRTUAL;
    e = embodied_of(&inventory);
    assert_int_equal(e.gaps, EMBODIED_NO_SHARE);
    assert_int_equal(e.n_items, 0);
    for (int c = 0; c < CRITERIA; c++)
        assert_false(e.total[c].known || e.complete[c]);
    assert_int_equal(asset_set(&asset, "host_share", "0.125", error), 0);
    embodied_impacts(table, &inventory, &asset, EMBODIED_BY_PARTS, &e); /* declared parts */
    assert_within(e.total[CRITERION_GWP].value, 967.9 / 8, 1e-3);
    for (size_t i = 0; i < inventory.n_parts; i++)
        inventory.parts[i].origin = ORIGIN_READ;
    embodied_impacts(table, &inventory, &asset, EMBODIED_BY_PARTS, &e); /* the hypervisor's tale */
    assert_true(e.whole);
    assert_true(e.total[CRITERION_GWP].value == 3660.0 / 8);
    assert_true(e.share.value == 0.125);
    inventory.machine = MACHINE_UNKNOWN;
    e = embodied_of(&inventory);
    assert_int_equal(e.gaps, EMBODIED_NO_MACHINE);
    assert_false(e.total[CRITERION_GWP].known);
    asset.machine =
        MACHINE_PHYSICAL; /* a declaration goes first, and a physical machine is whole */
    embodied_impacts(table, &inventory, &asset, EMBODIED_BY_PARTS, &e);
    assert_within(e.total[CRITERION_GWP].value, 967.9, 1e-3);
    assert_true(e.share.value == 1);
}

static void test_share_by_reservation(void **state)
{
    (void)state;
    struct figure share = host_share_by_reservation(table, 0.25, 0.5, 0.1);
    assert_within(share.value, 0.85 * 0.25 + 0.02 * 0.5 + 0.13 * 0.1, 1e-12);
    assert_true(host_share_by_reservation(table, 0, 0, 0).known);
    assert_within(host_share_by_reservation(table, 1, 1, 1).value, 1, 1e-12);
    assert_false(host_share_by_reservation(table, 1.1, 0, 0).known);
    assert_false(host_share_by_reservation(table, 0, -0.1, 0).known);
    assert_false(host_share_by_reservation(table, 0, 0, NAN).known);
}

/* Nothing in the table: nothing is known, and nothing is 0. */
static void test_empty_table(void **state)
{
    (void)state;
    struct factor_table *empty = factor_table_new();
    struct inventory inventory = worked_example();
    struct embodied e;
    inventory.parts[1].density = (struct trait){0};
    for (int by = EMBODIED_BY_PARTS; by <= EMBODIED_BY_SERVER; by++) {
        embodied_impacts(empty, &inventory, &nothing_declared, (enum embodied_by)by, &e);
        for (int c = 0; c < CRITERIA; c++)
            assert_false(e.total[c].known || e.complete[c]);
    }
    assert_false(host_share_by_reservation(empty, 0.5, 0.5, 0.5).known);
    (void)factor_table_free(empty);
}

/* Factors of parts without the method's defaults: what needs one is told as missing. */
static void test_no_defaults(void **state)
{
    (void)state;
    struct factor_table *bare = factor_table_new();
    struct inventory inventory = worked_example();
    struct embodied e;
    shipped_add(bare, "hardware.csv");
    inventory.parts[1].density = (struct trait){0};
    inventory.parts[3].size = (struct trait){0};
    embodied_impacts(bare, &inventory, &nothing_declared, EMBODIED_BY_PARTS, &e);
    assert_within(e.items[1].impacts[CRITERION_GWP].value, 12 * 5.22, 1e-12);
    assert_int_equal(e.items[1].gaps, EMBODIED_NO_SIZE);
    assert_false(e.items[3].impacts[CRITERION_GWP].known); /* by mass alone */
    assert_int_equal(e.items[3].size_origin, ORIGIN_UNKNOWN);
    assert_int_equal(e.items[3].gaps, EMBODIED_NO_SIZE | EMBODIED_NO_FACTOR);
    assert_false(e.complete[CRITERION_GWP]);
    (void)factor_table_free(bare);
}

static struct trait random_trait(struct random *random)
{
    static const enum origin origins[] = {ORIGIN_UNKNOWN, ORIGIN_READ, ORIGIN_DECLARED};
    return (struct trait){origins[random_below(random, 3)], random_unit(random) * 1000};
}

/* Any inventory: bounds hold, the items add up to the total, and one part more is never less. */
static void test_any_inventory(void **state)
{
    (void)state;
    struct random random = random_seeded();
    for (int round = 0; round < 2000; round++) {
        struct inventory inventory = {.machine = MACHINE_PHYSICAL};
        size_t n = random_index(&random, INVENTORY_PARTS_MAX);
        for (size_t i = 0; i < n; i++)
            add(&inventory, (enum part_kind)random_below(&random, PARTS),
                (uint32_t)random_bits(&random, 32), random_trait(&random), random_trait(&random));
        add(&inventory, PART_CPU, 1, random_trait(&random), random_trait(&random));
        struct embodied all = embodied_of(&inventory);
        inventory.n_parts--;
        struct embodied fewer = embodied_of(&inventory);
        for (int c = 0; c < CRITERIA; c++) {
            struct figure total = all.total[c];
            double sum = 0;
            for (size_t i = 0; i < all.n_items; i++)
                sum += all.items[i].impacts[c].value;
            assert_true(sum == total.value); /* in the order of the items */
            assert_true(total.min <= total.value && total.value <= total.max);
            if (!all.whole && !fewer.whole)
                assert_true(fewer.total[c].value <= total.value * (1 + 1e-12));
        }
    }
}

/* More parts than there is room for are an error of who filled it, and no overrun. */
static void test_too_many_parts(void **state)
{
    (void)state;
    static const struct trait none;
    struct inventory inventory = worked_example();
    while (inventory.n_parts < INVENTORY_PARTS_MAX)
        add(&inventory, PART_HDD, 1, none, none);
    double full = embodied_of(&inventory).total[CRITERION_GWP].value;
    inventory.n_parts = 100000;
    assert_true(embodied_of(&inventory).total[CRITERION_GWP].value == full);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < PARTS; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(part_name((enum part_kind)i), part_name((enum part_kind)j));
    assert_string_equal(origin_name(ORIGIN_READ), "read");
    assert_string_equal(origin_name(ORIGIN_UNKNOWN), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_worked_example, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_by_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_density_bands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gaps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_part_without_factor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_blade, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_whole_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_virtual_machine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_share_by_reservation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_empty_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_any_inventory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_many_parts, set_up, tear_down),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("embodied", tests, NULL, NULL);
}
