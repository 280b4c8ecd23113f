/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The sweep on a simulated kernel that counts what cgroups use. */
#include "sim_kernel.h"

static void test_groups(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.groups = true});
    sim_kernel_run((struct sim_kind){.groups = true, .threads = true});
    sim_kernel_run((struct sim_kind){.groups = true, .ignoring = true});
    sim_kernel_run((struct sim_kind){.groups = true, .orphans = true, .ignoring = true});
}

static void test_groups_with_strangers(void **state)
{
    (void)state;
    struct sim_kind kind = {.groups = true, .orphans = true, .ignoring = true, .strangers = true};
    sim_kernel_run(kind);
    kind.movers = true;
    sim_kernel_run(kind);
    kind.rooted = true;
    sim_kernel_run(kind);
    kind.counted = true;
    sim_kernel_run(kind);
}

static void test_groups_with_records(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.groups = true, .records = true});
    struct sim_kind kind = {.groups = true, .orphans = true, .ignoring = true, .records = true};
    sim_kernel_run(kind);
    kind.lossy = kind.threads = true;
    sim_kernel_run(kind);
    kind.strangers = kind.movers = true;
    sim_kernel_run(kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_groups_with_strangers),
        cmocka_unit_test(test_groups_with_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
