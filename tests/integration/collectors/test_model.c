/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "model_world.h"

static void test_estimate_without_meter(void **state)
{
    (void)state;
    struct world *world = world_of(&xeon_gold);
    world_start(world);

    /* Before two readings of the activity there is no power, but the meter is announced. */
    assert_int_equal(collect(world), 0);
    assert_int_equal(added_reading(world)->error, -ENODATA);

    struct machine machine = machine_of(&xeon_gold, 192);
    struct estimate estimate;
    estimate_by_row(ESTIMATE_INTEL_SKYLAKE, &machine, &estimate);
    for (uint64_t percent = 0; percent <= 150; percent += 30) {
        tick(world, 64, percent);
        assert_int_equal(collect(world), 0);
        assert_int_equal(world->sample.meters.count, 1);
        assert_string_equal(added(world)->domain, "platform");
        assert_int_equal(added(world)->kind, DOMAIN_PLATFORM);
        assert_int_equal(added(world)->uncertainty_ppm, estimate.uncertainty_ppm);
        assert_int_equal(added_reading(world)->error, 0);
        assert_int_equal(added_reading(world)->idle_uw, estimate.idle_uw);
        assert_int_equal(added_reading(world)->value,
                         estimate_power_uw(&estimate, percent * 10000));
    }
    struct statuses statuses = status_of(world);
    assert_int_equal(statuses.platform.health, HEALTH_DEGRADED);
    assert_non_null(strstr(statuses.platform.why, "Xeon Scalable"));
    assert_non_null(strstr(statuses.platform.mend, "modprobe intel_rapl_msr"));
    assert_int_equal(statuses.rest.health, HEALTH_ABSENT);
    world_free(world);
}

static void test_estimate_of_a_guest(void **state)
{
    (void)state;
    struct world *world = world_of(&kvm_epyc);
    world_start(world);
    tick(world, 2, 0);
    assert_int_equal(collect(world), 0);
    uint64_t idle_uw = added_reading(world)->value;
    /* Two threads of a host of 256: watts, not the hundred of the host. */
    assert_in_range(idle_uw, UW_PER_W / 2, 2 * UW_PER_W);
    assert_true(added(world)->uncertainty_ppm >= PPM);
    struct statuses statuses = status_of(world);
    assert_int_equal(statuses.platform.health, HEALTH_WORKING);
    assert_non_null(strstr(statuses.platform.why, "guest's share"));
    assert_non_null(strstr(statuses.platform.mend, "host"));
    assert_int_equal(statuses.rest.health, HEALTH_ABSENT);

    /* Two more virtual CPUs are plugged in. */
    struct shape more = kvm_epyc;
    more.cores = more.threads = 4;
    char *text = cpuinfo_text(&more);
    world_put(world, "proc/cpuinfo", text);
    free(text);
    tick(world, 4, 0);
    assert_int_equal(collect(world), 0);
    assert_int_equal(added_reading(world)->value, 2 * idle_uw);
    world_free(world);
}

static void test_estimate_on_arm(void **state)
{
    (void)state;
    struct world *host = world_new(arm_text);
    world_put(host, "sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    world_put(host, "sys/class/dmi/id/product_name", "m6g.metal\n");
    world_start(host);
    tick(host, 2, 0);
    assert_int_equal(collect(host), 0);
    struct statuses statuses = status_of(host);
    assert_non_null(strstr(statuses.platform.why, "which this processor is not"));
    uint64_t host_uw = added_reading(host)->value;
    world_free(host);

    struct world *guest = world_new(arm_text);
    world_put(guest, "sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    world_put(guest, "sys/class/dmi/id/product_name", "m6g.large\n");
    world_start(guest);
    tick(guest, 2, 0);
    assert_int_equal(collect(guest), 0);
    assert_non_null(strstr(status_of(guest).platform.why, "guest's share"));
    assert_true(added_reading(guest)->value < host_uw / 2);
    world_free(guest);
}

static void test_laptop(void **state)
{
    (void)state;
    struct world *world = world_of(&xeon_e3);
    world_put(world, "sys/class/dmi/id/chassis_type", "10\n");
    world_start(world);
    tick(world, 8, 10);
    assert_int_equal(collect(world), 0);
    assert_true(added(world)->uncertainty_ppm >= PPM);
    assert_non_null(strstr(status_of(world).platform.why, "laptop"));
    world_free(world);
}

static void check_no_estimate(const char *text, size_t length, int error)
{
    struct world *world = world_new(NULL);
    if (text)
        world_write(world, "proc/cpuinfo", text, length);
    world_start(world);
    tick(world, 4, 10);
    assert_int_equal(collect(world), error);
    assert_int_equal(world->sample.meters.count, 0);
    struct statuses statuses = status_of(world);
    assert_int_equal(statuses.platform.health, HEALTH_FAILED);
    assert_int_equal(statuses.platform.error, error);
    world_free(world);
}

static void test_unreadable_cpuinfo(void **state)
{
    (void)state;
    size_t size = 1 << 20;
    char *megabyte = malloc(size);
    assert_non_null(megabyte);
    memset(megabyte, 'x', size);
    check_no_estimate(NULL, 0, -ENOENT);
    check_no_estimate("", 0, -EBADMSG);
    check_no_estimate("\xff\0\n:::\nprocessors\n", 18, -EBADMSG);
    check_no_estimate(megabyte, size, -EBADMSG);
    free(megabyte);
}

/* A real cpuinfo of 1 MB is a large machine, and not an error. */
static void test_large_machine(void **state)
{
    (void)state;
    struct shape large = epyc;
    char flags[1800];
    memset(flags, 'f', sizeof(flags) - 1);
    flags[sizeof(flags) - 1] = '\0';
    large.flags = flags;
    large.threads = 256;
    large.cores = 128;
    struct world *world = world_of(&large);
    struct stat stat;
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/proc/cpuinfo", world->path);
    assert_int_equal(lstat(path, &stat), 0);
    assert_true(stat.st_size > 1 << 20);
    world_start(world);
    tick(world, 512, 50);
    assert_int_equal(collect(world), 0);
    struct machine machine = machine_of(&large, 192);
    struct estimate estimate;
    estimate_by_row(ESTIMATE_AMD_ZEN3, &machine, &estimate);
    assert_int_equal(added_reading(world)->value, estimate_power_uw(&estimate, 500000));
    world_free(world);
}

static void test_silent_beside_a_meter(void **state)
{
    (void)state;
    struct world *world = world_of(&epyc);
    world->env.model_rest = false;
    world_start(world);
    tick(world, 256, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 1000);
    assert_int_equal(collect(world), COLLECT_NO_DATA);
    assert_int_equal(world->sample.meters.count, 1);
    assert_int_equal(status_of(world).rest.health, HEALTH_OFF);

    /* It fails for less than a minute: no estimate takes its place. */
    clock_offset_ns = 59 * NS_PER_S;
    tick(world, 256, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 0)->error = -EIO;
    assert_int_equal(collect(world), COLLECT_NO_DATA);
    assert_int_equal(status_of(world).platform.health, HEALTH_DEGRADED);

    clock_offset_ns = 61 * NS_PER_S;
    tick(world, 256, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 0)->error = -EIO;
    assert_int_equal(collect(world), 0);
    assert_string_equal(added(world)->domain, "platform");

    /* And it steps back at once. */
    tick(world, 256, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 2000);
    assert_int_equal(collect(world), COLLECT_NO_DATA);
    world_free(world);
}

/* What is shown and does not carry the host leaves the estimate in place. */
static void test_core_zone_is_no_meter(void **state)
{
    (void)state;
    struct world *world = world_of(&epyc);
    world_start(world);
    tick(world, 256, 10);
    put_meter(world, "core-0", DOMAIN_CORE, 1000);
    assert_int_equal(collect(world), 0);
    assert_string_equal(added(world)->domain, "platform");
    world_free(world);
}

static void check_rest(struct world *world, uint64_t package_dram_uw, uint64_t least_uw)
{
    assert_int_equal(collect(world), 0);
    assert_string_equal(added(world)->domain, "rest");
    assert_int_equal(added(world)->kind, DOMAIN_REST);
    assert_int_equal(added(world)->uncertainty_ppm, PPM);
    assert_int_equal(added_reading(world)->error, 0);
    assert_int_equal(added_reading(world)->value, estimate_rest_uw(2, package_dram_uw));
    assert_int_equal(added_reading(world)->idle_uw, estimate_rest_uw(2, least_uw));
}

static void test_rest(void **state)
{
    (void)state;
    /* docs/model.md: 86.19 W + 0.1438 x 200 W for the two-socket server it comes from. */
    assert_in_range(estimate_rest_uw(2, 200 * UW_PER_W), 114900000, 115000000);
    assert_int_equal(estimate_rest_uw(1, UINT64_MAX), estimate_rest_uw(1, UINT64_MAX));

    struct world *world = world_of(&xeon_gold);
    world_start(world);
    tick(world, 64, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 262143328000);
    put_meter(world, "dram-0", DOMAIN_DRAM, 5000);
    assert_int_equal(collect(world), 0);
    assert_int_equal(added_reading(world)->error, -ENODATA);

    /* 100 W across the counter's wrap (its period is 61 uJ longer than it says), and 20 W. */
    tick(world, 64, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 100000000 - 850 - 61);
    put_meter(world, "dram-0", DOMAIN_DRAM, 20005000);
    check_rest(world, 120 * UW_PER_W, 120 * UW_PER_W);

    /* 50 W; the core zone inside is not counted again, neither is the twin of the package. */
    tick(world, 64, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 130000000 - 911);
    put_meter(world, "dram-0", DOMAIN_DRAM, 40005000);
    put_meter(world, "core-0", DOMAIN_CORE, 77);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 1);
    world->sample.meters.meters[3].mmio = true;
    check_rest(world, 50 * UW_PER_W, 50 * UW_PER_W);
    assert_int_equal(status_of(world).rest.health, HEALTH_WORKING);

    tick(world, 64, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 330000000 - 911);
    put_meter(world, "dram-0", DOMAIN_DRAM, 60005000);
    check_rest(world, 220 * UW_PER_W, 50 * UW_PER_W);

    /* One zone fails: what the rest is cannot be known in this tick, nor in the next. */
    for (int i = 0; i < 2; i++) {
        tick(world, 64, 10);
        put_meter(world, "package-0", DOMAIN_PACKAGE, 430000000);
        put_meter(world, "dram-0", DOMAIN_DRAM, 90000000)->error = i == 0 ? -EIO : 0;
        assert_int_equal(collect(world), 0);
        assert_int_equal(added_reading(world)->error, -ENODATA);
    }

    /* A platform meter measures the rest. */
    tick(world, 64, 10);
    put_meter(world, "package-0", DOMAIN_PACKAGE, 530000000);
    put_meter(world, "platform", DOMAIN_PLATFORM, 1);
    assert_int_equal(collect(world), COLLECT_NO_DATA);
    assert_int_equal(status_of(world).rest.health, HEALTH_ABSENT);
    world_free(world);
}

/* A counter that starts anew is no wrap: neither with a range nor without one. */
static void test_rest_after_a_reset(void **state)
{
    (void)state;
    static const uint64_t ranges[] = {262143328850, 0};
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        struct world *world = world_of(&xeon_gold);
        world_start(world);
        static const uint64_t values[] = {3000000, 1000000, 51000000};
        for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
            tick(world, 64, 10);
            put_meter(world, "package-0", DOMAIN_PACKAGE, values[j]);
            world->sample.meters.meters[0].range_uj = ranges[i];
            assert_int_equal(collect(world), 0);
            assert_int_equal(added_reading(world)->error, j < 2 ? -ENODATA : 0);
        }
        assert_int_equal(added_reading(world)->value, estimate_rest_uw(2, 50 * UW_PER_W));
        world_free(world);
    }
}

/* AMD: each die of a package shows the whole package. */
static void test_rest_counts_mirrored_dies_once(void **state)
{
    (void)state;
    struct world *world = world_of(&epyc);
    world_start(world);
    for (uint64_t i = 0; i < 2; i++) {
        tick(world, 256, 10);
        put_meter(world, "package-0", DOMAIN_PACKAGE, i * 100 * UJ_PER_J);
        world->sample.meters.meters[0].die = 0;
        put_meter(world, "package-0-die-1", DOMAIN_PACKAGE, i * 100 * UJ_PER_J);
        world->sample.meters.meters[1].die = 1;
        assert_int_equal(collect(world), 0);
    }
    assert_int_equal(added_reading(world)->value, estimate_rest_uw(2, 100 * UW_PER_W));
    world_free(world);
}

static void check_no_rest(const struct shape *shape, const char *chassis)
{
    struct world *world = world_of(shape);
    world_put(world, "sys/class/dmi/id/chassis_type", chassis);
    world_start(world);
    for (uint64_t i = 0; i < 2; i++) {
        tick(world, 8, 10);
        put_meter(world, "package-0", DOMAIN_PACKAGE, i * UJ_PER_J);
        assert_int_equal(collect(world), COLLECT_NO_DATA);
        assert_int_equal(world->sample.meters.count, 1);
    }
    assert_int_equal(status_of(world).rest.health, HEALTH_ABSENT);
    world_free(world);
}

static void test_no_rest_without_basis(void **state)
{
    (void)state;
    static const struct shape desktop = {
        "AuthenticAMD", "AMD Ryzen 9 5950X 16-Core Processor", "fpu", 25, 33, 1, 16, 32};
    check_no_rest(&kvm_epyc, "1\n");
    check_no_rest(&xeon_e3, "17\n");
    check_no_rest(&xeon_gold, "9\n");
    check_no_rest(&desktop, "3\n");
}

static void test_no_room(void **state)
{
    (void)state;
    struct world *world = world_of(&xeon_gold);
    world_start(world);
    tick(world, 64, 10);
    char domain[32];
    for (int i = 0; i < METERS_MAX; i++) {
        (void)snprintf(domain, sizeof(domain), "core-%d", i);
        put_meter(world, domain, DOMAIN_CORE, 1);
    }
    assert_int_equal(collect(world), -ENOSPC);
    assert_int_equal(world->sample.meters.count, METERS_MAX);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_estimate_without_meter),
        cmocka_unit_test(test_estimate_of_a_guest),
        cmocka_unit_test(test_estimate_on_arm),
        cmocka_unit_test(test_laptop),
        cmocka_unit_test(test_unreadable_cpuinfo),
        cmocka_unit_test(test_large_machine),
        cmocka_unit_test(test_silent_beside_a_meter),
        cmocka_unit_test(test_core_zone_is_no_meter),
        cmocka_unit_test(test_rest),
        cmocka_unit_test(test_rest_after_a_reset),
        cmocka_unit_test(test_rest_counts_mirrored_dies_once),
        cmocka_unit_test(test_no_rest_without_basis),
        cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
