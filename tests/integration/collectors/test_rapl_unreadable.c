/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What an unprivileged user sees: energy_uj is 0400 root since Linux 5.10. Runs as nobody; a
 * program of its own, since it cannot become root again. */
#include "rapl_machine.h"

static struct rapl_machine machine;

static void test_unreadable(void **state)
{
    (void)state;
    machine_open(&machine);
    (void)machine_collect(&machine);
    assert_int_equal(machine.sample.meters.count, 2);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0", NULL)->error, -EACCES);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-1", NULL)->value, 2000);
    expect_health(&machine, "package-0", HEALTH_FAILED);
    expect_health(&machine, "package-1", HEALTH_WORKING);
    expect_health(&machine, "", HEALTH_DEGRADED);
    assert_non_null(strstr(status_of(&machine, "package-0")->mend, "chgrp greend"));

    /* The administrator mends it while greend runs. */
    fixture_chmod(&machine.fixture, POWERCAP "intel-rapl:0/energy_uj", 0444);
    machine_search_again(&machine);
    assert_int_equal(reading_of(&machine, "intel-rapl/package-0", NULL)->value, 1000);
    expect_health(&machine, "", HEALTH_WORKING);
    collector_rapl.close(machine.state);
    fixture_done(&machine.fixture);
}

int main(void)
{
    const uid_t nobody = 65534;
    if (geteuid() == 0 && setresuid(nobody, nobody, nobody) < 0) {
        printf("skipped: cannot become another user: %s\n", strerror(errno));
        return 77;
    }
    machine_make(&machine);
    zone_make(&machine, "intel-rapl:0", "package-0", "1000\n", "262143328850\n", NULL);
    zone_make(&machine, "intel-rapl:1", "package-1", "2000\n", "262143328850\n", NULL);
    fixture_chmod(&machine.fixture, POWERCAP "intel-rapl:0/energy_uj", 0000);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_unreadable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
