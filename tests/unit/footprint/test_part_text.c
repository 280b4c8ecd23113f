/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "greend/footprint.h"
#include "greend/inventory.h"
#include "random.h"
#include "shipped.h"

static struct inventory_part part_of(const char *text)
{
    char error[PART_ERROR_MAX] = "";
    struct inventory_part part;
    if (part_parse(text, &part, error) < 0)
        fail_msg("%s: %s", text, error);
    assert_int_equal(part.origin, ORIGIN_DECLARED);
    return part;
}

static void parts_are_declared(void **state)
{
    (void)state;
    struct inventory_part part =
        part_of(" kind=ram , count = 12,size=32,\tdensity=1.79, model=DDR5 = fast ");
    assert_int_equal(part.kind, PART_RAM);
    assert_int_equal(part.count, 12);
    assert_int_equal(part.size.origin, ORIGIN_DECLARED);
    assert_true(part.size.value == 32 && part.density.value == 1.79);
    assert_string_equal(part.model, "DDR5 = fast");
    part = part_of("kind=rack");
    assert_int_equal(part.kind, PART_RACK);
    assert_int_equal(part.count, 1);
    assert_int_equal(part.size.origin, ORIGIN_UNKNOWN);
    assert_string_equal(part.model, "");
    (void)part_of("kind=cpu");
    (void)part_of("kind=hdd");
    (void)part_of("count=2, kind=psu, size=2.5");
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    /* clang-format 14 crashes on this table. */
    /* clang-format off */
    static const char *const wrong[][2] = {
        {"",
         "expected kind=cpu, ram, ssd, hdd, psu, gpu, rack or blade"},
        {"count=2",
         "expected kind=cpu, ram, ssd, hdd, psu, gpu, rack or blade"},
        {"kind=disk",
         "kind: expected cpu, ram, ssd, hdd, psu, gpu, rack or blade, got 'disk'"},
        {"kind=ram",
         "size: expected the GB of one module"},
        {"kind=ssd, count=2",
         "size: expected the GB of one disk"},
        {"kind=rack, size=2",
         "size: expected none, for such a part counts by the piece"},
        {"kind=cpu, density=2",
         "density: expected one of ram and ssd alone"},
        {"kind=cpu, count=0",
         "count: expected a whole number from 1 to 1000000, got '0'"},
        {"kind=cpu, count=1000001",
         "count: expected a whole number from 1 to 1000000, got '1000001'"},
        {"kind=cpu, count=1.5",
         "count: expected a whole number from 1 to 1000000, got '1.5'"},
        {"kind=cpu, count=-1",
         "count: expected a whole number from 1 to 1000000, got '-1'"},
        {"kind=cpu, count=1e3",
         "count: expected a whole number from 1 to 1000000, got '1e3'"},
        {"kind=ram, size=0",
         "size: expected a number above 0: mm2 of silicon of a cpu, GB of a ram module or disk, kg of a "
         "psu, got '0'"},
        {"kind=ram, size=32 GB",
         "size: expected a number above 0: mm2 of silicon of a cpu, GB of a ram module or disk, kg of a "
         "psu, got '32 GB'"},
        {"kind=ram, size=1, density=nan",
         "density: expected a number of GB per cm2, above 0, got 'nan'"},
        {"kind=ram, kind=ssd, size=1",
         "kind: expected it once, got 'ssd'"},
        {"kind=ram, size=1,5",
         "expected kind=, count=, size=, density= or model=, with commas between, got '5'"},
        {"kind=ram, \x1b[2J=1",
         "expected kind=, count=, size=, density= or model=, with commas between, got '\\x1b[2J'"},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        char error[PART_ERROR_MAX] = "";
        struct inventory_part part = {.count = 77};
        assert_int_equal(part_parse(wrong[i][0], &part, error), -EINVAL);
        assert_string_equal(error, wrong[i][1]);
        assert_int_equal(part.count, 77);
    }
    char error[PART_ERROR_MAX];
    char longer[512];
    struct inventory_part part;
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(part_parse(longer, &part, error), -EINVAL);
    memcpy(longer, "kind=cpu, model=", 16);
    longer[120] = '\0';
    assert_int_equal(part_parse(longer, &part, error), -EINVAL);
}

static void add_read(struct inventory *inventory, enum part_kind kind, uint32_t count)
{
    inventory->parts[inventory->n_parts++] =
        (struct inventory_part){.kind = kind, .origin = ORIGIN_READ, .count = count};
}

static void declare(struct inventory *inventory, const char *text)
{
    struct inventory_part part = part_of(text);
    inventory_declare(inventory, &part);
}

static uint32_t count_of(const struct inventory *inventory, enum part_kind kind)
{
    uint32_t count = 0;
    for (size_t i = 0; i < inventory->n_parts; i++)
        count += inventory->parts[i].kind == kind ? inventory->parts[i].count : 0;
    return count;
}

static void declared_parts_go_before_read_ones(void **state)
{
    (void)state;
    struct inventory inventory = {.machine = MACHINE_PHYSICAL};
    add_read(&inventory, PART_CPU, 2);
    add_read(&inventory, PART_RAM, 1);
    add_read(&inventory, PART_HDD, 1);
    add_read(&inventory, PART_BLADE, 1);
    assert_false(inventory_declares(&inventory, PART_RAM));
    declare(&inventory, "kind=ram, count=8, size=32");
    declare(&inventory, "kind=ram, count=4, size=64");
    assert_int_equal(count_of(&inventory, PART_RAM), 12);
    assert_int_equal(count_of(&inventory, PART_CPU), 2);
    assert_int_equal(count_of(&inventory, PART_HDD), 1);
    assert_true(inventory_declares(&inventory, PART_RAM));
    /* What was read as one volume are other disks. */
    declare(&inventory, "kind=ssd, count=6, size=960");
    assert_int_equal(count_of(&inventory, PART_HDD), 0);
    declare(&inventory, "kind=hdd, count=3");
    assert_int_equal(count_of(&inventory, PART_HDD), 3);
    assert_int_equal(count_of(&inventory, PART_SSD), 6);
    declare(&inventory, "kind=rack");
    assert_int_equal(count_of(&inventory, PART_BLADE), 0);
    assert_int_equal(count_of(&inventory, PART_RACK), 1);
}

static void more_than_there_is_room_for(void **state)
{
    (void)state;
    struct inventory inventory = {0};
    while (inventory.n_parts < INVENTORY_PARTS_MAX)
        add_read(&inventory, PART_GPU, 1);
    for (int i = 0; i < 2 * INVENTORY_PARTS_MAX; i++) {
        declare(&inventory, "kind=ram, size=1");
        assert_true(inventory.n_parts <= INVENTORY_PARTS_MAX);
        assert_int_equal(count_of(&inventory, PART_RAM), MIN(i + 1, INVENTORY_PARTS_MAX));
    }
}

/* The machine of the method document, all of it declared; and a virtual machine's part of it. */
static void declared_parts_are_counted(void **state)
{
    (void)state;
    struct factor_table *table = shipped_table("boavizta.csv");
    struct inventory inventory = {.machine = MACHINE_PHYSICAL};
    struct asset asset;
    struct embodied embodied;
    asset_undeclared(&asset);
    declare(&inventory, "kind=cpu, count=2, size=588");
    declare(&inventory, "kind=ram, count=12, size=32, density=1.79");
    declare(&inventory, "kind=ssd, size=400, density=50.6");
    declare(&inventory, "kind=psu, count=2, size=2.99");
    declare(&inventory, "kind=rack");
    embodied_impacts(table, &inventory, &asset, EMBODIED_BY_PARTS, &embodied);
    assert_float_equal(embodied.total[CRITERION_GWP].value, 967.9, 0.05);
    assert_true(embodied.complete[CRITERION_GWP]);
    char error[FOOTPRINT_ERROR_MAX];
    inventory.machine = MACHINE_VIRTUAL;
    add_read(&inventory, PART_HDD, 9); /* its hypervisor's invention */
    assert_int_equal(asset_set(&asset, "host_share", "0.25", error), 0);
    embodied_impacts(table, &inventory, &asset, EMBODIED_BY_PARTS, &embodied);
    assert_float_equal(embodied.total[CRITERION_GWP].value, 967.9 / 4, 0.05);
    table = factor_table_free(table);
}

static void hostile_bytes(void **state)
{
    (void)state;
    static const char letters[] = "kindcoutszely=,.0123456789 \t\x01\xff";
    struct random random = random_seeded();
    for (int round = 0; round < 20000; round++) {
        char text[80];
        char error[PART_ERROR_MAX] = "";
        struct inventory_part part;
        size_t length = random_index(&random, sizeof(text));
        for (size_t i = 0; i < length; i++)
            text[i] = letters[random_below(&random, sizeof(letters) - 1)];
        text[length] = '\0';
        int r = part_parse(text, &part, error);
        assert_true(r == 0 || (r == -EINVAL && error[0] != '\0'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_declared),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(declared_parts_go_before_read_ones),
        cmocka_unit_test(more_than_there_is_room_for),
        cmocka_unit_test(declared_parts_are_counted),
        cmocka_unit_test(hostile_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
