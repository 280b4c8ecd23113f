/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The process collector on copies of /proc that say what no kernel says, or nothing. */
#include "proc_copy.h"

#include <sys/stat.h>

static void test_bad_stat(void **state)
{
    const struct copy *copy = *state;
    struct person good = {.pid = 10, .start = 50, .user = 1};
    copy_person(copy, good);
    static const char *const bad[] = {"", "x", "20 (", "20 (a) S 1 2 3", "20 (a) S -1 1 1 1 1 1 1"};
    char name[32];
    for (int32_t i = 0; i < (int32_t)ARRAY_SIZE(bad); i++) {
        copy_person(copy, (struct person){.pid = 20 + i, .start = 60});
        (void)snprintf(name, sizeof(name), "%d/stat", 20 + i);
        copy_text(copy, name, bad[i]);
    }
    copy_person(copy, (struct person){.pid = 30, .start = 60});
    char large[4096];
    memset(large, '1', sizeof(large));
    copy_write(copy, "30/stat", large, sizeof(large));
    assert_int_equal(mkdirat(copy->fd, "31", 0755), 0);
    assert_int_equal(mkdirat(copy->fd, "31/stat", 0755), 0);
    assert_int_equal(mkdirat(copy->fd, "32", 0755), 0);
    assert_int_equal(mkfifoat(copy->fd, "32/stat", 0644), 0);
    assert_int_equal(mkdirat(copy->fd, "99999999999", 0755), 0);
    struct watch *watch = copy_watch(copy);
    assert_int_equal(watch_collect(watch), 0);
    good.user = 3;
    copy_person(copy, good);
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_activities, 1);
    assert_int_equal(watch_activity(watch, 10)->cpu_ns, 2 * TICK_NS);
    assert_int_equal(watch_health(watch, ""), HEALTH_DEGRADED);
    /* A stat that mends is measured from then on. */
    copy_person(copy, (struct person){.pid = 20, .start = 60, .user = 5});
    assert_int_equal(watch_collect(watch), 0);
    copy_person(copy, (struct person){.pid = 20, .start = 60, .user = 9});
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch_cpu_ns(watch, 20), 4 * TICK_NS);
    watch_close(watch);
}

/* Parents in a circle, and numbers at the end of their range. */
static void test_impossible_stat(void **state)
{
    const struct copy *copy = *state;
    copy_person(copy, (struct person){.pid = 10, .ppid = 11, .start = 50});
    copy_person(copy, (struct person){.pid = 11, .ppid = 12, .start = 50});
    copy_person(copy, (struct person){.pid = 12, .ppid = 10, .start = 50});
    copy_person(copy, (struct person){.pid = 13, .ppid = 13, .start = 50});
    struct watch *watch = copy_watch(copy);
    (void)watch_collect(watch);
    for (int32_t pid = 10; pid <= 13; pid++)
        copy_person(copy, (struct person){.pid = pid,
                                          .ppid = pid == 12 ? 10 : pid + 1,
                                          .start = 50,
                                          .user = UINT64_MAX,
                                          .system = UINT64_MAX,
                                          .child_user = UINT64_MAX,
                                          .child_system = UINT64_MAX});
    assert_int_equal(watch_collect(watch), 0);
    assert_true(watch->sample.n_activities >= 3);
    copy_forget(copy, 11);
    copy_forget(copy, 13);
    assert_int_equal(watch_collect(watch), 0);
    copy_forget(copy, 10);
    copy_forget(copy, 12);
    assert_int_equal(watch_collect(watch), COLLECT_NO_DATA);
    watch_close(watch);
}

static void test_nothing_there(void **state)
{
    const struct copy *copy = *state;
    assert_int_equal(unlinkat(copy->fd, "uptime", 0), 0);
    assert_int_equal(unlinkat(copy->fd, "stat", 0), 0);
    struct watch *watch = copy_watch(copy);
    assert_int_equal(watch_collect(watch), COLLECT_NO_DATA);
    assert_int_equal(watch->sample.busy.busy_ns, 0);
    assert_int_equal(watch_health(watch, ""), HEALTH_ABSENT);
    assert_int_equal(watch_health(watch, "cpu-clock"), HEALTH_DEGRADED);
    assert_int_equal(watch_health(watch, "busy"), HEALTH_FAILED);
    watch_close(watch);
    watch = watch_open(-1, false);
    assert_int_equal(watch_collect(watch), -EBADF);
    assert_int_equal(watch_health(watch, ""), HEALTH_FAILED);
    watch_close(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COPY_TEST(test_bad_stat),
        COPY_TEST(test_impossible_stat),
        COPY_TEST(test_nothing_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
