/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "unit.h"

#include "greend/units.h"
#include "machines.h"
#include "quality.h"

/* ---- cpuinfo ---- */

static void check_cpuinfo(const struct shape *shape, enum cpu_vendor vendor)
{
    struct cpuinfo info = machine_of(shape, 1).cpu;
    assert_int_equal(info.vendor, vendor);
    assert_int_equal(info.family, shape->family);
    assert_int_equal(info.model, shape->model);
    assert_string_equal(info.name, shape->name);
    assert_int_equal(info.sockets, shape->sockets);
    assert_int_equal(info.cores, shape->sockets * shape->cores);
    assert_int_equal(info.threads, shape->sockets * shape->threads);
    assert_true(info.x86);
    assert_int_equal(info.hypervisor, strstr(shape->flags, "hypervisor") != NULL);
}

static void test_cpuinfo(void **state)
{
    (void)state;
    check_cpuinfo(&xeon_gold, CPU_VENDOR_INTEL);
    check_cpuinfo(&epyc, CPU_VENDOR_AMD);
    check_cpuinfo(&xeon_e3, CPU_VENDOR_INTEL);
    check_cpuinfo(&kvm_epyc, CPU_VENDOR_AMD);

    struct cpuinfo arm = parse(arm_text, strlen(arm_text));
    assert_int_equal(arm.threads, 2);
    assert_int_equal(arm.cores, 2);
    assert_int_equal(arm.sockets, 1);
    assert_false(arm.x86);
    assert_string_equal(arm.name, "");
}

static void test_cpuinfo_odd_texts(void **state)
{
    (void)state;
    assert_int_equal(parse("", 0).threads, 0);
    assert_int_equal(parse("\0\xff:\n::\n\n", 8).threads, 0);

    static const char odd[] = "processor\t: 0\nphysical id\t: 99999999999999999999\nmodel\t: -5\n"
                              "cpu family\t: x\ncpu cores\t: 18446744073709551615\n"
                              "flags\t: nohypervisor hypervisors\nprocessor 1: version = 1";
    struct cpuinfo info = parse(odd, strlen(odd));
    assert_int_equal(info.threads, 2);
    assert_int_equal(info.cores, 2);
    assert_int_equal(info.sockets, 1);
    assert_int_equal(info.family, 0);
    assert_int_equal(info.model, 0);
    assert_false(info.hypervisor);
}

/* The list of flags has grown to 2,000 bytes, and the one that counts may stand anywhere in it. */
static void test_cpuinfo_long_flags(void **state)
{
    (void)state;
    char flags[4096];
    memset(flags, 'f', sizeof(flags));
    memcpy(flags + sizeof(flags) - 12, " hypervisor", 12);
    struct shape guest = kvm_epyc;
    guest.flags = flags;
    assert_true(machine_of(&guest, 1).cpu.hypervisor);
}

/* A machine with cores switched off: "cpu cores" still counts them. */
static void test_cpuinfo_cores_off(void **state)
{
    (void)state;
    static const char text[] = "processor : 0\nphysical id : 0\ncpu cores : 16\n";
    assert_int_equal(parse(text, strlen(text)).cores, 1);
}

static void test_cpuinfo_in_pieces(void **state)
{
    (void)state;
    const unsigned seed = 20261123;
    print_message("seed %u\n", seed);
    unsigned random = seed;
    char *text = cpuinfo_text(&xeon_gold);
    size_t length = strlen(text);
    struct cpuinfo whole = parse(text, length);
    struct cpuinfo_parser *parser = malloc(sizeof(*parser));
    assert_non_null(parser);
    for (int round = 0; round < 50; round++) {
        struct cpuinfo pieces;
        cpuinfo_begin(parser);
        for (size_t at = 0; at < length;) {
            size_t any = (size_t)rand_r(&random) % 700 + 1;
            size_t size = MIN(any, length - at);
            cpuinfo_feed(parser, text + at, size);
            at += size;
        }
        cpuinfo_end(parser, &pieces);
        assert_memory_equal(&pieces, &whole, sizeof(whole));
    }
    /* Any bytes: flips everywhere in a real text. */
    for (int round = 0; round < 300; round++) {
        text[(size_t)rand_r(&random) % length] = (char)rand_r(&random);
        struct cpuinfo info = parse(text, length);
        assert_true(info.sockets >= 1);
        assert_true(info.cores <= info.threads);
    }
    free(parser);
    free(text);
}

/* ---- The table ---- */

static void test_table_is_what_was_derived(void **state)
{
    (void)state;
    static const struct {
        enum estimate_row row;
        uint32_t cores, chips;
        uint64_t gigabytes, idle_uw, full_uw;
    } examples[] = {
#include "model_examples.inc"
    };
    assert_true(ARRAY_SIZE(examples) >= 3);
    for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
        struct machine machine = {
            .cpu = {.cores = examples[i].cores, .sockets = examples[i].chips},
            .memory_kb = examples[i].gigabytes << 20,
        };
        struct estimate estimate;
        estimate_by_row(examples[i].row, &machine, &estimate);
        /* The table's exponents are rounded to millionths. */
        assert_in_range(estimate.idle_uw, examples[i].idle_uw - examples[i].idle_uw / 50000,
                        examples[i].idle_uw + examples[i].idle_uw / 50000);
        assert_in_range(estimate.full_uw, examples[i].full_uw - examples[i].full_uw / 50000,
                        examples[i].full_uw + examples[i].full_uw / 50000);
    }
}

/* Results as published (idle and 100 %, W), inside the interval that the estimate states. */
static void test_known_servers(void **state)
{
    (void)state;
    static const struct shape platinum_8176 = {"GenuineIntel", "", "", 6, 85, 2, 28, 56};
    static const struct shape e5_2660 = {"GenuineIntel", "", "", 6, 45, 2, 8, 16};
    static const struct {
        const struct shape *shape;
        uint64_t memory_gb, idle_uw, full_uw;
    } servers[] = {
        {&platinum_8176, 192, 49400000, 454000000}, /* Inspur NF5280M5, tested April 2018 */
        {&e5_2660,       32,  59700000, 257000000}, /* Huawei RH2288 V2, tested February 2012 */
        {&epyc,          256, 75600000, 460000000}, /* Lenovo ThinkSystem SR645 */
    };
    for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
        struct machine machine = machine_of(servers[i].shape, servers[i].memory_gb);
        struct estimate estimate;
        estimate_by_row(estimate_row_of(&machine), &machine, &estimate);
        uint64_t idle_band = mul_div(estimate.idle_uw, estimate.uncertainty_ppm, PPM);
        uint64_t full_band = mul_div(estimate.full_uw, estimate.uncertainty_ppm, PPM);
        assert_in_range(servers[i].idle_uw, sub_saturated(estimate.idle_uw, idle_band),
                        estimate.idle_uw + idle_band);
        assert_in_range(servers[i].full_uw, sub_saturated(estimate.full_uw, full_band),
                        estimate.full_uw + full_band);
    }
}

static void test_curves(void **state)
{
    (void)state;
    const unsigned seed = 4711;
    print_message("seed %u\n", seed);
    unsigned random = seed;
    for (int round = 0; round < 2000; round++) {
        enum estimate_row row = (enum estimate_row)(rand_r(&random) % ESTIMATE_ROWS);
        struct machine machine = {
            .cpu = {.threads = (uint32_t)rand_r(&random) % 2048,
                    .cores = (uint32_t)rand_r(&random) % 1024,
                    .sockets = (uint32_t)rand_r(&random) % 16},
            .memory_kb = (uint64_t)rand_r(&random) << (rand_r(&random) % 12),
            .guest = rand_r(&random) % 4 == 0,
        };
        struct estimate estimate;
        estimate_by_row(row, &machine, &estimate);
        assert_true(estimate.idle_uw <= estimate.full_uw);
        assert_int_equal(estimate.curve_ppm[0], 0);
        assert_int_equal(estimate.curve_ppm[ESTIMATE_POINTS - 1], PPM);
        assert_int_equal(estimate_power_uw(&estimate, 0), estimate.idle_uw);
        assert_int_equal(estimate_power_uw(&estimate, PPM), estimate.full_uw);
        assert_int_equal(estimate_power_uw(&estimate, UINT64_MAX), estimate.full_uw);
        uint64_t before = 0;
        for (uint64_t busy_ppm = 0; busy_ppm <= PPM; busy_ppm += 4999) {
            uint64_t power_uw = estimate_power_uw(&estimate, busy_ppm);
            assert_true(power_uw >= before);
            before = power_uw;
        }
        /* Half way between two points lies half way between their powers. */
        uint64_t sum = estimate_power_uw(&estimate, 300000) + estimate_power_uw(&estimate, 400000);
        uint64_t slack = sum / 100000 + 4;
        assert_in_range(2 * estimate_power_uw(&estimate, 350000), sub_saturated(sum, slack),
                        sum + slack);
    }
}

/* Every host row has a band and a text that a status can hold. */
static void test_rows_are_complete(void **state)
{
    (void)state;
    for (int row = 0; row < ESTIMATE_ROWS; row++) {
        struct machine machine = {
            .cpu = {.threads = 8, .cores = 4, .sockets = 1}
        };
        struct estimate estimate;
        estimate_by_row((enum estimate_row)row, &machine, &estimate);
        assert_in_range(estimate.uncertainty_ppm, 100000, 3000000);
        assert_true(estimate.idle_uw > UW_PER_W);
        assert_non_null(strstr(estimate.why, "an estimate"));
        assert_true(strlen(estimate.why) < 192);
        machine.guest = true;
        estimate_by_row((enum estimate_row)row, &machine, &estimate);
        assert_non_null(strstr(estimate.why, "a guest's share"));
        uint64_t half_ppm = estimate.uncertainty_ppm ? estimate.uncertainty_ppm : UINT64_MAX;
        assert_int_equal(quality_of(QUALITY_MODELLED, half_ppm), QUALITY_LOW);
    }
}

static void test_rows_by_processor(void **state)
{
    (void)state;
    static const struct {
        struct cpuinfo cpu;
        bool guest;
        enum estimate_row row;
    } cases[] = {
        {{CPU_VENDOR_INTEL, 6, 85, "Xeon Gold 6130", .x86 = true},       false, ESTIMATE_INTEL_SKYLAKE     },
        {{CPU_VENDOR_INTEL, 6, 45, "Xeon E5-2660", .x86 = true},
         false,                                                                 ESTIMATE_INTEL_SANDY_BRIDGE},
        {{CPU_VENDOR_INTEL, 6, 60, "Xeon E3-1230 v3", .x86 = true},
         false,                                                                 ESTIMATE_INTEL_ENTRY_OLD   },
        {{CPU_VENDOR_AMD, 23, 49, "EPYC 7742", .x86 = true},             false, ESTIMATE_AMD_ZEN2          },
        {{CPU_VENDOR_AMD, 25, 1, "EPYC 7763", .x86 = true},              true,  ESTIMATE_AMD_ZEN3          },
 /* a desktop, a server newer than the data, a maker that imitates numbers */
        {{CPU_VENDOR_AMD, 25, 33, "Ryzen 9 5950X", .x86 = true},         false, ESTIMATE_UNKNOWN           },
        {{CPU_VENDOR_INTEL, 6, 143, "Xeon Platinum 8480+", .x86 = true}, false, ESTIMATE_UNKNOWN           },
        {{CPU_VENDOR_OTHER, 6, 85, "", .x86 = true},                     false, ESTIMATE_UNKNOWN           },
 /* guests: QEMU's own names, and a small processor that hosts nobody */
        {{CPU_VENDOR_INTEL, 15, 6, "Common KVM processor", .x86 = true}, true,  ESTIMATE_UNKNOWN           },
        {{CPU_VENDOR_AMD, 15, 107, "QEMU Virtual CPU", .x86 = true},     true,  ESTIMATE_UNKNOWN           },
        {{CPU_VENDOR_INTEL, 6, 60, "Intel Core (Haswell)", .x86 = true}, true,  ESTIMATE_UNKNOWN           },
        {{CPU_VENDOR_OTHER, .x86 = false},                               false, ESTIMATE_FOREIGN           },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct machine machine = {.cpu = cases[i].cpu, .guest = cases[i].guest};
        assert_int_equal(estimate_row_of(&machine), cases[i].row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpuinfo),
        cmocka_unit_test(test_cpuinfo_odd_texts),
        cmocka_unit_test(test_cpuinfo_long_flags),
        cmocka_unit_test(test_cpuinfo_cores_off),
        cmocka_unit_test(test_cpuinfo_in_pieces),
        cmocka_unit_test(test_table_is_what_was_derived),
        cmocka_unit_test(test_known_servers),
        cmocka_unit_test(test_curves),
        cmocka_unit_test(test_rows_are_complete),
        cmocka_unit_test(test_rows_by_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
