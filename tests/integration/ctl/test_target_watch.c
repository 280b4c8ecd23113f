/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Where the targets stand, from the recorder's thread to the main one. */
#include "unit/unit.h"

#include <math.h>
#include <pthread.h>
#include <time.h>

#include "greend/units.h"
#include "months.h"
#include "targets/target_watch.h"

enum { ROUNDS = 20, TRIES_MOST = 100000 };

static void *refresh(void *userdata)
{
    target_watch_refresh(userdata);
    target_watch_refresh(userdata); /* within ten minutes: nothing to do */
    return NULL;
}

/* While the recorder evaluates them; a race is for ThreadSanitizer. */
static size_t wait_for_some(struct target_watch *watch, struct exposition_target *ret)
{
    const struct timespec pause = {.tv_nsec = 10000};
    size_t n = 0;
    for (int i = 0; i < TRIES_MOST && n == 0; i++) {
        n = target_watch_get(watch, ret, SETTINGS_TARGETS_MAX);
        (void)nanosleep(&pause, NULL);
    }
    return n;
}

/* Those that have a limit and a value, as greend-ctl says them. */
static void check(const struct exposition_target *targets, size_t n)
{
    size_t expected = 0;
    for (size_t i = 0; i < months_list.n; i++) {
        const struct target_state *state = &months_list.states[i];
        if (!state->limited || !state->valued || state->limit <= 0)
            continue;
        assert_in_range(expected, 0, n - 1);
        const struct exposition_target *target = &targets[expected++];
        assert_string_equal(target->name, state->target.name);
        assert_true(fabs((double)target->used_ppm - state->so_far / state->limit * PPM) <= 1);
        assert_int_equal(target->projected, state->projected);
        if (state->projected)
            assert_true(fabs((double)target->projected_ppm - state->value / state->limit * PPM) <=
                        1);
    }
    assert_int_equal(n, expected);
    assert_true(n >= 4);
}

static void test_from_thread_to_thread(void **state)
{
    (void)state;
    struct exposition_target targets[SETTINGS_TARGETS_MAX];
    months_put();
    months_evaluate(true);
    assert_true(str_copy(months_settings.factors_folder, sizeof(months_settings.factors_folder),
                         SOURCE_ROOT "/footprint/factors"));
    for (int round = 0; round < ROUNDS; round++) {
        struct target_watch *watch = NULL;
        pthread_t recorder;
        assert_int_equal(target_watch_new(&watch, &months_settings), 0);
        assert_int_equal(target_watch_get(watch, targets, SETTINGS_TARGETS_MAX), 0);
        assert_int_equal(pthread_create(&recorder, NULL, refresh, watch), 0);
        size_t n = wait_for_some(watch, targets);
        (void)pthread_join(recorder, NULL);
        check(targets, n);
        assert_int_equal(target_watch_get(watch, targets, 2), 2);
        assert_null(target_watch_free(watch));
    }
}

static void test_no_targets(void **state)
{
    (void)state;
    struct exposition_target target;
    struct target_watch *watch = NULL;
    settings_defaults(&months_settings);
    assert_int_equal(target_watch_new(&watch, &months_settings), 0);
    assert_null(watch);
    target_watch_refresh(watch);
    assert_int_equal(target_watch_get(watch, &target, 1), 0);
    assert_null(target_watch_free(watch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_from_thread_to_thread, months_clean),
        cmocka_unit_test_teardown(test_no_targets, months_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
