/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The sweep on a simulated kernel that sends records of exits. */
#include "sim_kernel.h"

static void test_tidy(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.records = true});
    sim_kernel_run((struct sim_kind){.records = true, .threads = true});
}

static void test_tidy_with_some_lost(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.records = true, .lossy = true, .threads = true});
}

static void test_ignored_children(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.ignoring = true, .records = true});
    sim_kernel_run((struct sim_kind){.ignoring = true, .records = true, .lossy = true});
}

static void test_orphans(void **state)
{
    (void)state;
    sim_kernel_run((struct sim_kind){.orphans = true, .threads = true, .records = true});
    sim_kernel_run(
        (struct sim_kind){.orphans = true, .threads = true, .records = true, .lossy = true});
}

static void test_everything(void **state)
{
    (void)state;
    struct sim_kind kind = {.orphans = true, .ignoring = true, .strangers = true, .threads = true};
    kind.records = true;
    sim_kernel_run(kind);
    kind.lossy = true;
    sim_kernel_run(kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tidy),
        cmocka_unit_test(test_tidy_with_some_lost),
        cmocka_unit_test(test_ignored_children),
        cmocka_unit_test(test_orphans),
        cmocka_unit_test(test_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
