/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The sweep on a simulated kernel, told of CPU time by processes and their parents alone. */
#include "sim_kernel.h"

static void test_tidy(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.ticks = false});
}

static void test_tidy_many_threads(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.threads = true});
}

static void test_tidy_in_ticks(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.ticks = true});
}

static void test_orphans(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.orphans = true, .threads = true});
}

static void test_ignored_children(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.ignoring = true});
}

static void test_everything(void **state)
{
    (void)state;
    sim_kernel_run(
        (struct sim_kind){.orphans = true, .ignoring = true, .strangers = true, .threads = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tidy),
        cmocka_unit_test(test_tidy_many_threads),
        cmocka_unit_test(test_tidy_in_ticks),
        cmocka_unit_test(test_orphans),
        cmocka_unit_test(test_ignored_children),
        cmocka_unit_test(test_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
