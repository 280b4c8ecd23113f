/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What greend-ctl inventory says of a machine, with the factors that are installed. */
#include "unit/unit.h"

#include <math.h>
#include <sys/stat.h>

#include "capture.h"
#include "golden.h"
#include "input/configuration.h"
#include "input/factor_files.h"
#include "inventory/inventory.h"

static const struct style usual = {.width = 80, .utf8 = true};
static struct factor_table *factors;

static int load_factors(void **state)
{
    (void)state;
    return factor_files_load(SOURCE_ROOT "/footprint/factors", "boavizta", NULL, 0, &factors, NULL,
                             NULL);
}

static int free_factors(void **state)
{
    (void)state;
    factors = factor_table_free(factors);
    return 0;
}

static struct reading server(void)
{
    static const struct inventory_part parts[] = {
        {PART_CPU,  ORIGIN_READ, 2, {ORIGIN_UNKNOWN, 0}, {ORIGIN_UNKNOWN, 0}, "Xeon Gold 6330"  },
        {PART_RAM,  ORIGIN_READ, 4, {ORIGIN_READ, 32},   {ORIGIN_UNKNOWN, 0}, "M393A4K40DB3-CWE"},
        {PART_HDD,  ORIGIN_READ, 1, {ORIGIN_READ, 4000}, {ORIGIN_UNKNOWN, 0}, "HUS726T4TAL"     },
        {PART_PSU,  ORIGIN_READ, 2, {ORIGIN_UNKNOWN, 0}, {ORIGIN_UNKNOWN, 0}, "0CNRJ9A01"       },
        {PART_RACK, ORIGIN_READ, 1, {ORIGIN_UNKNOWN, 0}, {ORIGIN_UNKNOWN, 0}, ""                },
    };
    struct reading reading = {.vendor = "Dell Inc.",
                              .product = "PowerEdge R750",
                              .firmware_date = "2022-03-31",
                              .chassis = "rack mount",
                              .memory_from = "SMBIOS",
                              .memory_slots = 8,
                              .empty_slots = 4};
    reading.inventory.machine = MACHINE_PHYSICAL;
    reading.inventory.machine_origin = ORIGIN_READ;
    memcpy(reading.inventory.parts, parts, sizeof(parts));
    reading.inventory.n_parts = ARRAY_SIZE(parts);
    return reading;
}

/* options: pairs of a key of [asset] or [site] and its value. */
static struct inventory_view view_of(const struct reading *reading, struct settings *settings,
                                     const char *const options[][3], size_t n)
{
    char error[SETTINGS_ERROR_MAX];
    struct inventory_view view = {.reading = reading, .settings = settings, .factors = factors};
    settings_defaults(settings);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(settings_set(settings, options[i][0], options[i][1], options[i][2], error),
                         0);
    configuration_declared(settings, &view.site, &view.asset);
    inventory_compute(&view);
    return view;
}

static const char *const french[][3] = {
    {"site",  "country",  "FR"        },
    {"site",  "wue",      "0.4"       },
    {"asset", "purchase", "2024-03-31"},
};
static const char *const virtual_share[][3] = {
    {"asset", "host_share", "0.25"},
};
static const char *const physical[][3] = {
    {"asset", "machine", "physical"},
};

static void check_table(const struct inventory_view *view, const char *golden)
{
    CLEANUP(text_done) struct text text = {0};
    inventory_render_table(view, &usual, &text);
    assert_int_equal(text.error, 0);
    golden_check(golden, &text);
}

static void check_json(const struct inventory_view *view, const char *golden)
{
    CLEANUP(text_done) struct text text = {0};
    inventory_render_json(view, &text);
    assert_int_equal(text.error, 0);
    golden_check(golden, &text);
}

static void test_server(void **state)
{
    (void)state;
    struct settings settings;
    struct reading reading = server();
    struct inventory_view view = view_of(&reading, &settings, french, ARRAY_SIZE(french));
    check_table(&view, "tests/golden/inventory.txt");
    check_json(&view, "tests/golden/inventory.json");
    double others = 2 * 9.14 + 31.11 + 2 * 2.99 * 24.3 + 150 + 66.1 + 6.68;
    const struct figure *total = &view.embodied.total[CRITERION_GWP];
    assert_true(fabs(total->value - (others + 4 * (32 / 1.244 * 2.20 + 5.22))) < 1e-9);
    assert_true(fabs(total->max - (others + 4 * (32 / 0.625 * 2.20 + 5.22))) < 1e-9);
    assert_true(fabs(total->min - (others + 4 * (32 / 2.375 * 2.20 + 5.22))) < 1e-9);
}

/* A virtual machine has nothing of a host without a declaration, whatever it reads. */
static void test_virtual(void **state)
{
    (void)state;
    struct settings settings;
    struct reading reading = server();
    reading.inventory.machine = MACHINE_VIRTUAL;
    reading_gap(&reading, "psu", "of no matter in a virtual machine", "", 0);
    struct inventory_view view = view_of(&reading, &settings, french, ARRAY_SIZE(french));
    assert_int_equal(view.embodied.n_items, 0);
    for (int c = 0; c < CRITERIA; c++)
        assert_false(view.embodied.total[c].known);
    for (size_t i = 0; i < reading.inventory.n_parts; i++)
        assert_null(inventory_item(&view, &reading.inventory.parts[i]));
    check_table(&view, "tests/golden/inventory-vm.txt");
    check_json(&view, "tests/golden/inventory-vm.json");
    view = view_of(&reading, &settings, virtual_share, ARRAY_SIZE(virtual_share));
    assert_true(fabs(view.embodied.total[CRITERION_GWP].value - 3660 * 0.25) < 1e-9);
    check_table(&view, "tests/golden/inventory-share.txt");
    view = view_of(&reading, &settings, physical, ARRAY_SIZE(physical));
    assert_int_equal(view.machine_origin, ORIGIN_DECLARED);
    struct inventory_gap gaps[INVENTORY_GAPS_MAX];
    assert_int_equal(inventory_gaps(&view, gaps), 5); /* psu, the contradiction, silicon ... */
    assert_non_null(strstr(gaps[1].why, "declared physical"));
}

/* What cannot be read is declared: then it is not missing. */
static void test_declared_parts(void **state)
{
    (void)state;
    static const char *const parts[][3] = {
        {"site",  "country",     "FR"                                       },
        {"asset", "purchase",    "2024-03-31"                               },
        {"asset", "destination", "reuse"                                    },
        {"asset", "mass",        "18.5"                                     },
        {"parts", "memory",      "kind=ram, count=12, size=32, density=1.79"},
        {"parts", "supplies",    "kind=psu, count=2, size=2.99"             },
        {"parts", "disk",        "kind=ssd, size=400, density=50.6"         },
        {"parts", "case",        "kind=rack"                                },
        {"parts", "cpu",         "kind=cpu, count=2, size=588"              },
    };
    struct settings settings;
    struct reading reading = server();
    static const char *const items[] = {"memory", "psu", "case", "cpu", "disk", "firmware tables"};
    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        reading_gap(&reading, items[i], "unreadable", "", -EACCES);
    struct inventory_view view = view_of(&reading, &settings, parts, ARRAY_SIZE(parts));
    struct inventory_gap gaps[INVENTORY_GAPS_MAX];
    assert_int_equal(inventory_gaps(&view, gaps), 6 + 1); /* silicon */
    settings_done(&settings);
    reading = server();
    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        reading_gap(&reading, items[i], "unreadable", "", -EACCES);
    view = view_of(&reading, &settings, parts, ARRAY_SIZE(parts));
    configuration_parts(&settings, &reading.inventory);
    inventory_compute(&view);
    assert_int_equal(inventory_gaps(&view, gaps), 0);
    assert_true(fabs(view.embodied.total[CRITERION_GWP].value - 967.9) < 0.05);
    CLEANUP(text_done) struct text text = {0};
    inventory_render_json(&view, &text);
    assert_non_null(strstr(text.data, "\"origin\": \"declared\""));
    assert_non_null(strstr(text.data, "\"destination\": {\n      \"value\": \"reuse\""));
    assert_non_null(strstr(text.data, "\"value\": \"18.5\""));
    settings_done(&settings);
}

static void test_gaps(void **state)
{
    (void)state;
    struct settings settings;
    struct reading reading = server();
    reading.inventory.machine = MACHINE_UNKNOWN;
    reading.inventory.machine_origin = ORIGIN_UNKNOWN;
    reading.inventory.n_parts = 0;
    for (int i = 0; i < READING_GAPS_MAX + 5; i++)
        reading_gap(&reading, "machine", "why", "how", -EACCES);
    struct inventory_view view = view_of(&reading, &settings, NULL, 0);
    struct inventory_gap gaps[INVENTORY_GAPS_MAX];
    assert_int_equal(inventory_gaps(&view, gaps), READING_GAPS_MAX + 2);
    assert_int_equal(view.embodied.n_items, 0);
    view.factors = NULL;
    inventory_compute(&view);
    assert_int_equal(inventory_gaps(&view, gaps), READING_GAPS_MAX + 3);
    CLEANUP(text_done) struct text text = {0};
    inventory_render_table(&view, &usual, &text);
    assert_non_null(strstr(text.data, "machine: why (Permission denied). To mend it: how"));
    assert_non_null(strstr(text.data, "nothing is computed"));
    text_clear(&text);
    inventory_render_json(&view, &text);
    assert_non_null(strstr(text.data, "\"embodied\": null"));
}

/* Names come from devices that anyone can plug in. */
static void test_hostile(void **state)
{
    (void)state;
    struct settings settings;
    struct reading reading = server();
    (void)str_copy(reading.vendor, sizeof(reading.vendor), "\x1b]0;title\x07\n\xff");
    (void)str_copy(reading.product, sizeof(reading.product), "=cmd()\xe2\x80\xae");
    (void)str_copy(reading.inventory.parts[0].model, 64, "\x1b[2J\r\n\"},{\"");
    memset(reading.inventory.parts[1].model, 0xff, 63);
    struct inventory_view view = view_of(&reading, &settings, NULL, 0);
    CLEANUP(text_done) struct text text = {0};
    inventory_render_table(&view, &usual, &text);
    inventory_render_json(&view, &text);
    assert_int_equal(text.error, 0);
    for (size_t i = 0; i < text.length; i++)
        assert_true(text.data[i] == '\n' || (unsigned char)text.data[i] >= ' ');
    assert_null(strchr(text.data, 0xff));
    assert_null(strstr(text.data, "\xe2\x80\xae"));
    assert_non_null(strstr(text.data, "\\x1b"));
}

static struct captured captured;

#define RUN(...) capture_ctl(&captured, (const char *const[]){__VA_ARGS__, NULL})

static void put(const char *folder, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* The verb on a machine made of files. */
static void test_verb(void **state)
{
    (void)state;
    char folder[] = "/tmp/greend-inventory-XXXXXX";
    char text[512];
    char option[64];
    assert_non_null(mkdtemp(folder));
    put(folder, "cpuinfo",
        "processor : 0\ncpu family : 6\nmodel name : Xeon\nphysical id : 0\ncpu cores : 1\n");
    put(folder, "meminfo", "MemTotal: 33554432 kB\n");
    (void)snprintf(text, sizeof(text),
                   "[sampling]\nprocfs=%s\nsysfs=%s\n[footprint]\nfolder=" SOURCE_ROOT
                   "/footprint/factors\n",
                   folder, folder);
    put(folder, "greend.conf", text);
    (void)snprintf(option, sizeof(option), "--config=%s/greend.conf", folder);
    RUN("inventory", option);
    assert_int_equal(captured.status, 0);
    assert_string_equal(captured.err, "");
    assert_non_null(strstr(captured.out, "a physical machine (read)"));
    assert_non_null(strstr(captured.out, "32.00 GB"));
    assert_non_null(strstr(captured.out, "Factors: defaults "));
    RUN("inventory", option, "--format=json");
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.out, "\"format\": \"greend-inventory-1\""));
    (void)strncat(text, "[parts]\nmemory=kind=ram, count=3, size=16, model=DDR5\n",
                  sizeof(text) - strlen(text) - 1);
    put(folder, "greend.conf", text);
    RUN("inventory", option);
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.out, "16.00 GB"));
    assert_null(strstr(captured.out, "32.00 GB"));
    assert_non_null(strstr(captured.out, "DDR5"));
    RUN("inventory", option, "--format=csv");
    assert_int_equal(captured.status, 2);
    RUN("inventory", option, "--top=3");
    assert_int_equal(captured.status, 2);
    put(folder, "greend.conf", "[footprint]\nfolder=/nonexistent\n[sampling]\nsysfs=/\nprocfs=/\n");
    RUN("inventory", option);
    assert_int_equal(captured.status, 1);
    assert_non_null(strstr(captured.err, "/nonexistent/hardware.csv: cannot be read"));
    assert_non_null(strstr(captured.out, "no impact is computed"));
    static const char *const names[] = {"cpuinfo", "meminfo", "greend.conf", ""};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        assert_int_equal(remove(path), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server),
        cmocka_unit_test(test_virtual),
        cmocka_unit_test(test_hostile),
    };
    const struct CMUnitTest english[] = {cmocka_unit_test(test_gaps), cmocka_unit_test(test_verb),
                                         cmocka_unit_test(test_declared_parts)};
    if (!golden_language()) {
        puts("needs the locale C.UTF-8 and GREEND_LOCALEDIR");
        return 77;
    }
    int failed = cmocka_run_group_tests(tests, load_factors, free_factors);
    return golden_is_english()
               ? failed + cmocka_run_group_tests(english, load_factors, free_factors)
               : failed;
}
