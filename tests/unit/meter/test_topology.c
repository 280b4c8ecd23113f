/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "topology_machine.h"

#include "random.h"

static void test_server(void **state)
{
    struct machine *machine = *state;
    add(machine, "p0", "package-0", DOMAIN_PACKAGE, 80)->meter.uncertainty_ppm = 20000;
    add(machine, "p1", "package-1", DOMAIN_PACKAGE, 60);
    add(machine, "d0", "dram-0", DOMAIN_DRAM, 10);
    add(machine, "d1", "dram-1", DOMAIN_DRAM, 12);
    add(machine, "c0", "core-0", DOMAIN_CORE, 50);
    add(machine, "u0", "uncore-0", DOMAIN_UNCORE, 5);
    add_gauge(machine, "g0", "gpu-0", DOMAIN_GPU, SOURCE_GPU, 100);
    struct source *rest = add_gauge(machine, "rest", "rest", DOMAIN_REST, SOURCE_MODEL, 40);
    rest->meter.uncertainty_ppm = 1000000;
    ticks(machine, 2);
    expect(machine, "package-0", true, 80);
    expect(machine, "package-1", true, 60);
    expect(machine, "dram-0", true, 10);
    expect(machine, "dram-1", true, 12);
    expect(machine, "gpu-0", true, 100);
    expect(machine, "rest", true, 40);
    expect(machine, "core-0", false, 50);
    expect(machine, "uncore-0", false, 5);
    assert_int_equal(domain(machine, "package-0")->uncertainty_ppm, 20000);
    assert_int_equal(domain(machine, "package-1")->uncertainty_ppm, 0);
    assert_true(domain(machine, "package-0")->idle_uj == COUNTER_IDLE_UNKNOWN);
    assert_int_equal(domain(machine, "rest")->idle_uj, 20 * UJ_PER_J);
    assert_int_equal(domain(machine, "package-0")->interval_ns, NS_PER_S);
    ticks(machine, 8);
    assert_int_equal(machine->summed_uj, 2718 * UJ_PER_J);
    assert_int_equal(machine->events[TOPOLOGY_SUM_CHANGED], 1);
    assert_int_equal(machine->gap_ns, 0);
}

static void test_failing_zone_degrades_alone(void **state)
{
    struct machine *machine = *state;
    struct source *broken = add(machine, "p0", "package-0", DOMAIN_PACKAGE, 80);
    add(machine, "p1", "package-1", DOMAIN_PACKAGE, 60);
    ticks(machine, 3);
    broken->error = -EIO;
    ticks(machine, 2);
    expect(machine, "package-0", true, 0);
    assert_int_equal(domain(machine, "package-0")->error, -EIO);
    assert_int_equal(domain(machine, "package-0")->interval_ns, 0);
    expect(machine, "package-1", true, 60);
    broken->error = 0;
    ticks(machine, 1); /* the energy of the three ticks */
    expect(machine, "package-0", true, 240);
    assert_int_equal(domain(machine, "package-0")->interval_ns, 3 * NS_PER_S);
    broken->absent = true;
    ticks(machine, 1);
    assert_false(domain(machine, "package-0")->present);
    assert_false(domain(machine, "package-0")->summed);
    machine->set.asleep_ns = 100 * NS_PER_S;
    ticks(machine, 1);
    expect(machine, "package-1", true, 0);
    assert_int_equal(domain(machine, "package-1")->gap_ns, 101 * NS_PER_S);
}

/* Two Intel dies under different load: a few seconds are kept aside and booked late, then each tick
 * is the sum. */
static void test_distinct_dies(void **state)
{
    struct machine *machine = *state;
    struct source *d0 = add(machine, "p0d0", "package-0", DOMAIN_PACKAGE, 80);
    d0->meter.die = 0;
    d0->meter.uncertainty_ppm = 20000; /* of one of two: not stated for the sum */
    add(machine, "p0d1", "package-0", DOMAIN_PACKAGE, 70)->meter.die = 1;
    ticks(machine, 1);
    for (int i = 1; i <= 5; i++) {
        ticks(machine, 1);
        expect(machine, "package-0", true, 80);
    }
    ticks(machine, 1); /* the third window of two seconds: 150 J and 5 x 70 J that waited */
    expect(machine, "package-0", true, 150 + 350);
    assert_int_equal(domain(machine, "package-0")->late_uj, 350 * UJ_PER_J);
    assert_int_equal(domain(machine, "package-0")->uncertainty_ppm, 0);
    assert_int_equal(machine->events[TOPOLOGY_DIES_DISTINCT], 1);
    ticks(machine, 100);
    expect(machine, "package-0", true, 150);
    assert_int_equal(domain(machine, "package-0")->late_uj, 0);
    assert_int_equal(machine->summed_uj, 15900 * UJ_PER_J);
}

/* Another meter stands in before the dies are judged: what is kept aside is that of the other times
 * only. */
static void test_dies_and_platform(void **state)
{
    struct machine *machine = *state;
    struct source *d0 = add(machine, "p0d0", "package-0", DOMAIN_PACKAGE, 80);
    struct source *d1 = add(machine, "p0d1", "package-0", DOMAIN_PACKAGE, 70);
    d0->meter.die = 0;
    d1->meter.die = 1;
    add(machine, "psys", "psys", DOMAIN_PSYS, 150);
    ticks(machine, 4);
    d0->error = d1->error = -EIO;
    ticks(machine, 5);
    expect(machine, "psys", true, 150);
    d0->error = d1->error = 0;
    ticks(machine, 20);
    expect(machine, "package-0", true, 150);
    assert_int_equal(machine->summed_uj, 28 * (150 * UJ_PER_J));
    assert_int_equal(machine->gap_ns, 0);
}

/* Two AMD dies that show the package's counter, read at slightly different moments. */
static void test_mirrored_dies(void **state)
{
    struct machine *machine = *state;
    struct source *d0 = add(machine, "p0d0", "package-0", DOMAIN_PACKAGE, 100);
    struct source *d1 = add(machine, "p0d1", "package-0", DOMAIN_PACKAGE, 100);
    d0->meter.die = 0;
    d1->meter.die = 1;
    struct random random = random_seeded();
    uint64_t first_uj = 0;
    for (int i = 0; i < 1000; i++) {
        d0->power_uw = d1->power_uw = (50 + random_below(&random, 100)) * UW_PER_W;
        /* The second is refreshed up to 2 ms later: what it misses comes with the next. */
        uint64_t lag_uj = energy_of_power(d1->power_uw, random_below(&random, 2 * NS_PER_MS));
        d1->energy_uj -= lag_uj;
        tick_of(machine, NS_PER_S);
        d1->energy_uj += lag_uj;
        if (i == 0)
            first_uj = d0->energy_uj;
    }
    assert_int_equal(machine->events[TOPOLOGY_DIES_MIRRORED], 1);
    assert_int_equal(machine->events[TOPOLOGY_DIES_DISTINCT], 0);
    assert_int_equal(machine->summed_uj, d0->energy_uj - first_uj);

    /* One die fails and recovers: the other stands in, and nothing is booked twice. */
    d0->error = -EIO;
    ticks(machine, 1);
    d0->error = 0;
    ticks(machine, 5);
    uint64_t truth_uj = d0->energy_uj - first_uj, slack_uj = 400000; /* the lag at the handover */
    assert_true(machine->summed_uj <= truth_uj + slack_uj);
    assert_true(machine->summed_uj + slack_uj >= truth_uj);
}

/* Dies that only seemed mirrored are summed once they differ for long; one disturbed reading does
 * not make mirrors distinct. */
static void test_dies_are_judged_again(void **state)
{
    struct machine *machine = *state;
    struct source *d0 = add(machine, "p0d0", "package-0", DOMAIN_PACKAGE, 100);
    struct source *d1 = add(machine, "p0d1", "package-0", DOMAIN_PACKAGE, 100);
    d0->meter.die = 0;
    d1->meter.die = 1;
    ticks(machine, 4);
    d1->energy_uj += 30 * UJ_PER_J;
    ticks(machine, 40);
    assert_int_equal(machine->events[TOPOLOGY_DIES_MIRRORED], 1);
    d1->power_uw = 90 * UW_PER_W;
    ticks(machine, 18);
    expect(machine, "package-0", true, 100);
    ticks(machine, 4);
    expect(machine, "package-0", true, 190);
    assert_int_equal(machine->events[TOPOLOGY_DIES_DISTINCT], 1);
}

static void test_platform_is_believed_after_ten_minutes(void **state)
{
    struct machine *machine = *state;
    add(machine, "p0", "package-0", DOMAIN_PACKAGE, 80);
    add(machine, "d0", "dram-0", DOMAIN_DRAM, 10);
    add(machine, "psys", "psys", DOMAIN_PSYS, 120);
    ticks(machine, 600);
    expect(machine, "package-0", true, 80);
    expect(machine, "psys", false, 120);
    assert_int_equal(domain(machine, "psys")->verdict, PLATFORM_UNJUDGED);
    ticks(machine, 2);
    assert_int_equal(machine->events[TOPOLOGY_PLATFORM_BELIEVED], 1);
    assert_int_equal(domain(machine, "psys")->verdict, PLATFORM_BELIEVED);
    expect(machine, "psys", false, 120); /* from the next frame on */
    uint64_t before_uj = machine->summed_uj;
    assert_int_equal(before_uj, 601 * (90 * UJ_PER_J));
    ticks(machine, 10);
    expect(machine, "psys", true, 120);
    expect(machine, "package-0", false, 80);
    assert_int_equal(machine->summed_uj, before_uj + 10 * (120 * UJ_PER_J));
    assert_int_equal(machine->gap_ns, 0);
}

static void test_platform_that_sees_too_little(void **state)
{
    struct machine *machine = *state;
    add(machine, "p0", "package-0", DOMAIN_PACKAGE, 80);
    struct source *psys = add(machine, "psys", "psys", DOMAIN_PSYS, 79);
    ticks(machine, 1300);
    assert_int_equal(machine->events[TOPOLOGY_PLATFORM_REFUSED], 1);
    assert_int_equal(machine->events[TOPOLOGY_SUM_CHANGED], 1);
    expect(machine, "psys", false, 79);
    expect(machine, "package-0", true, 80);
    psys->power_uw = 90 * UW_PER_W; /* an hour of good windows redeems it */
    ticks(machine, 3000);
    assert_int_equal(machine->events[TOPOLOGY_PLATFORM_BELIEVED], 0);
    ticks(machine, 1300);
    assert_int_equal(machine->events[TOPOLOGY_PLATFORM_BELIEVED], 1);
    expect(machine, "psys", true, 90);
    psys->power_uw = 50 * UW_PER_W; /* and one bad window is enough */
    ticks(machine, 1300);
    expect(machine, "psys", false, 50);
    expect(machine, "package-0", true, 80);
}

/* A meter that came late and is slow: only the same time is compared, so equal powers are equal. */
static void test_slow_platform_is_judged_fairly(void **state)
{
    struct machine *machine = *state;
    add(machine, "p0", "package-0", DOMAIN_PACKAGE, 100);
    struct source *acpi = add_gauge(machine, "acpi", "platform", DOMAIN_PLATFORM, SOURCE_ACPI, 100);
    acpi->every = 10;
    acpi->absent = true;
    ticks(machine, 56);
    acpi->absent = false;
    ticks(machine, 630);
    assert_int_equal(machine->events[TOPOLOGY_PLATFORM_REFUSED], 0);
    assert_int_equal(machine->events[TOPOLOGY_PLATFORM_BELIEVED], 1);
    assert_int_equal(machine->gap_ns, 0);
}

/* Energy that the packages lost by a reset must not make a platform meter look better. */
static void test_gap_begins_a_new_window(void **state)
{
    struct machine *machine = *state;
    struct source *p0 = add(machine, "p0", "package-0", DOMAIN_PACKAGE, 500);
    add(machine, "psys", "psys", DOMAIN_PSYS, 0)->power_uw = 499500 * UW_PER_W / 1000;
    ticks(machine, 300);
    p0->energy_uj = 0;
    ticks(machine, 290);
    assert_int_equal(domain(machine, "psys")->verdict, PLATFORM_UNJUDGED);
    ticks(machine, 320);
    assert_int_equal(machine->events[TOPOLOGY_PLATFORM_BELIEVED], 0);
    assert_int_equal(machine->events[TOPOLOGY_PLATFORM_REFUSED], 1);
}

/* Leaving a slow meter waits for its reading: nothing is lost and nothing is a gap. */
static void test_leaving_a_slow_platform(void **state)
{
    struct machine *machine = *state;
    struct source *acpi = add_gauge(machine, "acpi", "platform", DOMAIN_PLATFORM, SOURCE_ACPI, 100);
    acpi->every = 10;
    struct source *p0 = add(machine, "p0", "package-0", DOMAIN_PACKAGE, 100);
    p0->absent = true;
    ticks(machine, 34);
    p0->absent = false;
    ticks(machine, 17); /* readings of the platform at ticks 0, 10, 20, 30, 40; now it is tick 50 */
    expect(machine, "package-0", true, 100);
    assert_int_equal(machine->summed_uj, 50 * (100 * UJ_PER_J));
    assert_int_equal(machine->gap_ns, 0);
}

static void test_platform_alone_is_used_at_once(void **state)
{
    struct machine *machine = *state;
    add_gauge(machine, "acpi", "platform", DOMAIN_PLATFORM, SOURCE_ACPI, 200);
    struct source *p0 = add(machine, "p0", "package-0", DOMAIN_PACKAGE, 80);
    p0->error = -EACCES;
    ticks(machine, 3);
    expect(machine, "platform", true, 200);
    assert_int_equal(domain(machine, "package-0")->error, -EACCES);
    p0->error = 0; /* made readable: the packages, until the platform is judged */
    ticks(machine, 4);
    expect(machine, "platform", false, 200);
    expect(machine, "package-0", true, 80);
    ticks(machine, 605);
    expect(machine, "platform", true, 200);
    assert_int_equal(machine->gap_ns, 0);
}

/* ACPI before psys, and psys stands in where ACPI fails. */
static void test_two_platforms(void **state)
{
    struct machine *machine = *state;
    add(machine, "psys", "psys", DOMAIN_PSYS, 120);
    struct source *acpi = add_gauge(machine, "acpi", "platform", DOMAIN_PLATFORM, SOURCE_ACPI, 200);
    ticks(machine, 2);
    expect(machine, "platform", true, 200);
    expect(machine, "psys", false, 120);
    acpi->error = -EIO;
    ticks(machine, 1);
    expect(machine, "psys", true, 120);
    acpi->error = 0;
    ticks(machine, 1); /* its delta speaks for the failed tick too, which psys was booked for */
    expect(machine, "platform", false, 400);
    expect(machine, "psys", true, 120);
    ticks(machine, 1);
    expect(machine, "platform", true, 200);
    assert_int_equal(machine->summed_uj, (200 + 120 + 120 + 200) * UJ_PER_J);
}

static void test_model_only_where_nothing_is_measured(void **state)
{
    struct machine *machine = *state;
    struct source *model =
        add_gauge(machine, "model", "platform", DOMAIN_PLATFORM, SOURCE_MODEL, 150);
    model->meter.uncertainty_ppm = 400000;
    struct source *p0 = add(machine, "p0", "package-0", DOMAIN_PACKAGE, 80);
    p0->absent = true;
    ticks(machine, 3);
    expect(machine, "platform", true, 150);
    assert_int_equal(domain(machine, "platform")->idle_uj, 75 * UJ_PER_J);
    assert_int_equal(domain(machine, "platform")->uncertainty_ppm, 400000);
    p0->absent = false;
    ticks(machine, 1); /* the first reading of the package: nothing to book yet */
    expect(machine, "platform", true, 150);
    ticks(machine, 5);
    expect(machine, "platform", false, 150);
    expect(machine, "package-0", true, 80);
    for (size_t i = 0; i < machine->result.n_domains; i++)
        assert_true(!machine->result.domains[i].summed ||
                    machine->result.domains[i].source == SOURCE_RAPL);
}

/* A meter that froze: its last reading comes again and again. */
static void test_silent_platform(void **state)
{
    struct machine *machine = *state;
    struct source *acpi = add_gauge(machine, "acpi", "platform", DOMAIN_PLATFORM, SOURCE_ACPI, 200);
    add(machine, "p0", "package-0", DOMAIN_PACKAGE, 80);
    ticks(machine, 610);
    expect(machine, "platform", true, 200);
    acpi->every = 1 << 30;
    ticks(machine, 121);
    expect(machine, "package-0", true, 80);
    assert_int_equal(machine->gap_ns, 120 * NS_PER_S); /* nobody was booked for that time */
}

static void test_domains_are_bounded(void **state)
{
    struct machine *machine = *state;
    char name[METER_KEY_MAX];
    for (int i = 0; i < METERS_MAX; i++) {
        struct meter *meter = &machine->set.meters[i];
        (void)snprintf(name, sizeof(name), "package-%d", i);
        (void)str_copy(meter->key, sizeof(meter->key), name);
        (void)str_copy(meter->domain, sizeof(meter->domain), name);
        meter->kind = DOMAIN_PACKAGE;
        meter->die = -1;
    }
    machine->set.count = METERS_MAX;
    for (int t = 0; t < 3; t++) {
        for (size_t i = 0; i < METERS_MAX; i++)
            machine->set.readings[i] =
                (struct meter_reading){.value = (uint64_t)t * 5, .time_ns = NS_PER_S + (uint64_t)t};
        metering_update(&machine->metering, &machine->set, machine->deltas);
        topology_update(&machine->topology, &machine->set, machine->deltas, BUSY, &machine->result);
        assert_int_equal(machine->result.n_domains, TOPOLOGY_DOMAINS_MAX);
        assert_int_equal(machine->result.n_events, t == 0 ? TOPOLOGY_EVENTS_MAX : 0);
        assert_int_equal(machine->result.n_refused, METERS_MAX - TOPOLOGY_DOMAINS_MAX);
    }
    assert_true(domain(machine, "package-63")->summed);
    assert_int_equal(domain(machine, "package-63")->energy_uj, 5);
}

/* Zones that come and go, or are renamed all the time: each is told by its own name. */
static void test_domains_come_and_go(void **state)
{
    struct machine *machine = *state;
    char name[DOMAIN_NAME_MAX];
    add(machine, "p0", "package-0", DOMAIN_PACKAGE, 100);
    ticks(machine, 1);
    for (int i = 1; i <= 200; i++) {
        (void)snprintf(name, sizeof(name), "package-%d", i);
        machine->n_sources = 1;
        struct source *source = add(machine, name, name, DOMAIN_PACKAGE, 20);
        source->meter.die = i % 2 ? 0 : -1;
        source->absent = false;
        source->energy_uj = 0;
        ticks(machine, 1);
        assert_int_equal(domain(machine, name)->energy_uj, 0);
        ticks(machine, 2);
        expect(machine, name, true, 20);
        expect(machine, "package-0", true, 100);
    }
    assert_int_equal(machine->events[TOPOLOGY_DOMAINS_FULL], 0);
    assert_int_equal(machine->result.n_domains, TOPOLOGY_DOMAINS_MAX);
    assert_int_equal(machine->result.n_refused, 0);
}

/* Whatever fails, vanishes, freezes or comes back: no time is booked twice. Every meter sees the
 * same 100 W, so the sum can never be more than 100 W x time, and what is missing was declared. */
static void test_no_time_is_booked_twice(void **state)
{
    struct random random = random_seeded();
    for (int run = 0; run < 40; run++) {
        (void)teardown(state);
        (void)setup(state);
        struct machine *machine = *state;
        struct source *sources[] = {
            add(machine, "p0", "package-0", DOMAIN_PACKAGE, 100),
            add(machine, "psys", "psys", DOMAIN_PSYS, 100),
            add_gauge(machine, "acpi", "platform", DOMAIN_PLATFORM, SOURCE_ACPI, 100),
            add_gauge(machine, "model", "platform", DOMAIN_PLATFORM, SOURCE_MODEL, 100),
        };
        sources[2]->every = random_below(&random, 2) ? 5 : 0;
        uint64_t begin_ns = machine->now_ns + NS_PER_S;
        for (int i = 0; i < 3000; i++) {
            struct source *source = sources[random_below(&random, ARRAY_SIZE(sources))];
            if (random_below(&random, 20) == 0)
                source->error = source->error ? 0 : -EIO;
            if (random_below(&random, 100) == 0)
                source->absent = !source->absent;
            tick_of(machine, NS_PER_S);
            uint64_t most_uj = energy_of_power(100 * UW_PER_W, machine->now_ns - begin_ns);
            assert_true(machine->summed_uj <= most_uj);
        }
        assert_true(machine->events[TOPOLOGY_SUM_CHANGED] > 10);
        for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
            sources[i]->error = 0;
            sources[i]->absent = false;
        }
        ticks(machine, 20);
        uint64_t known_uj = machine->summed_uj + energy_of_power(100 * UW_PER_W, machine->gap_ns);
        /* The last reading of a slow meter is up to five ticks old. */
        assert_true(known_uj + 500 * UJ_PER_J >=
                    energy_of_power(100 * UW_PER_W, machine->now_ns - begin_ns));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_zone_degrades_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_distinct_dies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dies_and_platform, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slow_platform_is_judged_fairly, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gap_begins_a_new_window, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leaving_a_slow_platform, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mirrored_dies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dies_are_judged_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_platform_is_believed_after_ten_minutes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_platform_that_sees_too_little, setup, teardown),
        cmocka_unit_test_setup_teardown(test_platform_alone_is_used_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_platforms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_model_only_where_nothing_is_measured, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silent_platform, setup, teardown),
        cmocka_unit_test_setup_teardown(test_domains_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_domains_come_and_go, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_time_is_booked_twice, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
