/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The process collector on copies of /proc: CPU times from stat, and whose they are. */
#include "proc_copy.h"

#include "collectors/parse_proc.h"

/* ---- CPU time ---- */

static void test_what_was_used_since(void **state)
{
    const struct copy *copy = *state;
    copy_person(copy, (struct person){.pid = 10,
                                      .ppid = 1,
                                      .user = 500,
                                      .start = 50,
                                      .uid = 33,
                                      .comm = "nginx",
                                      .cgroup = "system.slice/nginx.service"});
    copy_person(copy, (struct person){.pid = 11, .ppid = 1, .user = 7, .start = 51});
    struct watch *watch = copy_watch(copy);
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_activities, 0);
    assert_int_equal(watch->sample.n_processes, 2);

    copy_person(copy, (struct person){.pid = 10,
                                      .ppid = 1,
                                      .user = 520,
                                      .system = 3,
                                      .start = 50,
                                      .threads = 4,
                                      .uid = 33,
                                      .comm = "nginx",
                                      .cgroup = "system.slice/nginx.service"});
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_activities, 1);
    const struct activity *activity = watch_activity(watch, 10);
    assert_non_null(activity);
    assert_int_equal(activity->cpu_ns, 23 * TICK_NS);
    assert_int_equal(activity->child_ns, 0);
    assert_int_equal(activity->start_ticks, 50);
    assert_int_equal(activity->threads, 4);
    assert_int_equal(activity->last_cpu, 1);
    const struct process_identity *identity = &watch_identity(watch, 10)->identity;
    assert_string_equal(identity->comm, "nginx");
    assert_string_equal(identity->cgroup.unit, "nginx.service");
    assert_int_equal(identity->uid, 33);
    assert_int_equal(identity->start_ticks, 50);
    assert_false(identity->kernel_thread);

    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_activities, 0);
    watch_close(watch);
}

static void test_new_processes(void **state)
{
    const struct copy *copy = *state;
    copy_person(copy, (struct person){.pid = 10, .start = 50});
    struct watch *watch = copy_watch(copy);
    (void)watch_collect(watch);
    /* Up for 100,000 ticks at the sweep before: one started before it, one in its tick, one after.
     */
    copy_uptime(copy, 100100);
    copy_person(copy, (struct person){.pid = 20, .ppid = 10, .user = 30, .start = 99999});
    copy_person(copy, (struct person){.pid = 21, .ppid = 10, .user = 31, .start = 100000});
    copy_person(
        copy, (struct person){.pid = 22, .ppid = 10, .user = 32, .start = 100050, .child_user = 5});
    assert_int_equal(watch_collect(watch), 0);
    assert_null(watch_activity(watch, 20));
    assert_int_equal(watch_activity(watch, 21)->cpu_ns, 31 * TICK_NS);
    assert_int_equal(watch_activity(watch, 22)->cpu_ns, 32 * TICK_NS);
    assert_int_equal(watch_activity(watch, 22)->child_ns, 5 * TICK_NS);
    copy_person(copy, (struct person){.pid = 20, .ppid = 10, .user = 33, .start = 99999});
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch_activity(watch, 20)->cpu_ns, 3 * TICK_NS);
    assert_int_equal(watch->sample.n_activities, 1);
    watch_close(watch);
}

static void test_reused_pid(void **state)
{
    const struct copy *copy = *state;
    copy_person(copy, (struct person){.pid = 10, .start = 50});
    copy_person(copy, (struct person){.pid = 20, .ppid = 10, .user = 100, .start = 60});
    copy_person(copy, (struct person){.pid = 21, .ppid = 10, .user = 100, .start = 61});
    struct watch *watch = copy_watch(copy);
    (void)watch_collect(watch);
    copy_uptime(copy, 100100);
    /* Other processes with the same PIDs: one used less than its predecessor, one more. Their
     * predecessors used 1 tick each after they were seen last, which 10 inherits. */
    copy_forget(copy, 20);
    copy_person(copy, (struct person){.pid = 20, .ppid = 10, .user = 40, .start = 100010});
    copy_person(copy, (struct person){.pid = 21, .ppid = 10, .user = 300, .start = 100020});
    copy_person(copy, (struct person){.pid = 10, .start = 50, .child_user = 202});
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch_activity(watch, 20)->cpu_ns, 40 * TICK_NS);
    assert_int_equal(watch_activity(watch, 20)->start_ticks, 100010);
    assert_int_equal(watch_activity(watch, 21)->cpu_ns, 300 * TICK_NS);
    assert_int_equal(watch->sample.n_processes, 3);
    watch_close(watch);
}

/* ---- Child time ---- */

static void test_inheritance(void **state)
{
    const struct copy *copy = *state;
    copy_person(copy, (struct person){.pid = 1});
    copy_person(copy, (struct person){.pid = 10, .ppid = 1, .start = 50, .child_user = 7});
    copy_person(copy, (struct person){.pid = 20, .ppid = 10, .start = 60, .user = 100});
    copy_person(copy, (struct person){.pid = 30, .ppid = 20, .start = 70, .user = 10});
    struct watch *watch = copy_watch(copy);
    (void)watch_collect(watch);

    /* 10 waited for children that nobody saw. So did PID 1, but its children are anybody's. */
    copy_person(copy, (struct person){.pid = 1, .child_user = 90});
    copy_person(copy, (struct person){.pid = 10, .ppid = 1, .start = 50, .child_user = 27});
    (void)watch_collect(watch);
    assert_int_equal(watch->sample.n_activities, 1);
    assert_int_equal(watch_activity(watch, 10)->child_ns, 20 * TICK_NS);
    assert_int_equal(watch_activity(watch, 10)->cpu_ns, 0);

    /* 30 runs, dies and is waited for by 20, which dies too: 10 inherits what both used since they
     * were seen: 15 + 5 of 25 + 105 and 8 that 20 inherited from children unseen. */
    copy_person(copy, (struct person){.pid = 30, .ppid = 20, .start = 70, .user = 20});
    (void)watch_collect(watch);
    assert_int_equal(watch_cpu_ns(watch, 30), 10 * TICK_NS);
    copy_forget(copy, 30);
    copy_forget(copy, 20);
    copy_person(
        copy, (struct person){.pid = 10, .ppid = 1, .start = 50, .child_user = 27 + 25 + 105 + 8});
    (void)watch_collect(watch);
    assert_int_equal(watch_activity(watch, 10)->child_ns, (5 + 5 + 8) * TICK_NS);
    assert_int_equal(watch->sample.n_activities, 1);
    watch_close(watch);
}

/* A parent that ignores SIGCHLD inherits nothing: what its dead children owe is forgiven, and does
 * not eat what it inherits later, but for two ticks. */
static void test_unmet_debts(void **state)
{
    const struct copy *copy = *state;
    copy_person(copy, (struct person){.pid = 10, .ppid = 1, .start = 50});
    copy_person(copy, (struct person){.pid = 20, .ppid = 10, .start = 60, .user = 1000});
    struct watch *watch = copy_watch(copy);
    (void)watch_collect(watch);
    copy_forget(copy, 20);
    (void)watch_collect(watch);
    (void)watch_collect(watch);
    assert_int_equal(watch->sample.n_activities, 0);
    copy_person(copy, (struct person){.pid = 10, .ppid = 1, .start = 50, .child_user = 40});
    (void)watch_collect(watch);
    assert_int_equal(watch_activity(watch, 10)->child_ns, 38 * TICK_NS);
    watch_close(watch);
}

static void test_reaper_of_strangers(void **state)
{
    const struct copy *copy = *state;
    static const char shim[] = "system.slice/containerd.service";
    static const char container[] = "system.slice/docker-1234.scope";
    copy_person(copy, (struct person){.pid = 10, .ppid = 1, .start = 50, .cgroup = shim});
    copy_person(copy, (struct person){.pid = 20, .ppid = 10, .start = 60, .cgroup = container});
    copy_person(copy, (struct person){.pid = 21, .ppid = 20, .start = 61, .cgroup = container});
    struct watch *watch = copy_watch(copy);
    (void)watch_collect(watch);
    /* What the shim inherits is not its own; what the container's first process does, is. */
    copy_person(
        copy, (struct person){.pid = 10, .ppid = 1, .start = 50, .child_user = 50, .cgroup = shim});
    copy_person(
        copy,
        (struct person){.pid = 20, .ppid = 10, .start = 60, .child_user = 60, .cgroup = container});
    (void)watch_collect(watch);
    assert_null(watch_activity(watch, 10));
    assert_int_equal(watch_activity(watch, 20)->child_ns, 60 * TICK_NS);
    /* In the sweep in which the stranger dies, too. */
    copy_forget(copy, 20);
    copy_forget(copy, 21);
    copy_person(copy, (struct person){
                          .pid = 10, .ppid = 1, .start = 50, .child_user = 250, .cgroup = shim});
    (void)watch_collect(watch);
    assert_int_equal(watch->sample.n_activities, 0);
    /* Without strangers it inherits again. */
    copy_person(copy, (struct person){
                          .pid = 10, .ppid = 1, .start = 50, .child_user = 260, .cgroup = shim});
    (void)watch_collect(watch);
    assert_int_equal(watch_activity(watch, 10)->child_ns, 10 * TICK_NS);
    watch_close(watch);
}

/* ---- Identity ---- */

static void test_identities(void **state)
{
    const struct copy *copy = *state;
    copy_person(
        copy,
        (struct person){.pid = 2, .start = 1, .flags = PROC_KTHREAD, .comm = "kthreadd", .uid = 5});
    copy_person(copy, (struct person){.pid = 10, .start = 50, .comm = "sh"});
    struct watch *watch = copy_watch(copy);
    (void)watch_collect(watch);
    assert_int_equal(watch->n_identities, 0); /* none was active */
    copy_person(copy, (struct person){.pid = 2,
                                      .start = 1,
                                      .flags = PROC_KTHREAD,
                                      .user = 1,
                                      .comm = "kworker/0:1-events",
                                      .uid = 5});
    copy_person(copy, (struct person){.pid = 10, .start = 50, .user = 1, .comm = "sh"});
    (void)watch_collect(watch);
    assert_true(watch_identity(watch, 2)->identity.kernel_thread);
    assert_int_equal(watch_identity(watch, 2)->identity.uid, 0);
    assert_string_equal(watch_identity(watch, 10)->identity.comm, "sh");
    assert_int_equal(watch->n_identities, 2);
    const struct watch_identity *before = watch_identity(watch, 10);
    /* exec makes another workload; another work item does not. */
    copy_person(copy, (struct person){.pid = 2,
                                      .start = 1,
                                      .flags = PROC_KTHREAD,
                                      .user = 2,
                                      .comm = "kworker/0:1-mm_percpu_wq",
                                      .uid = 5});
    copy_person(copy, (struct person){.pid = 10, .start = 50, .user = 2, .comm = ") (R\n\xff 1"});
    (void)watch_collect(watch);
    assert_int_equal(watch->n_identities, 3);
    assert_string_equal(watch_identity(watch, 10)->identity.comm, ") (R\n\xff 1");
    assert_true(before->released);
    assert_int_equal(watch_activity(watch, 10)->workload, 2);
    /* systemd moves it, a while later. */
    copy_uptime(copy, 106000);
    copy_person(
        copy, (struct person){
                  .pid = 10, .start = 50, .user = 3, .comm = ") (R\n\xff 1", .cgroup = "a.scope"});
    (void)watch_collect(watch);
    assert_int_equal(watch->n_identities, 4);
    assert_string_equal(watch_identity(watch, 10)->identity.cgroup.unit, "a.scope");
    /* The workload of a dead process lives as long as the sample that names it. */
    copy_forget(copy, 10);
    (void)watch_collect(watch);
    assert_false(watch->identities[3].released);
    (void)watch_collect(watch);
    assert_true(watch->identities[3].released);
    watch_close(watch);
}

/* ---- The whole machine ---- */

static void test_busy(void **state)
{
    const struct copy *copy = *state;
    copy_person(copy, (struct person){.pid = 10});
    struct watch *watch = copy_watch(copy);
    (void)watch_collect(watch);
    assert_int_equal(watch->sample.busy.busy_ns, 0);
    assert_int_equal(watch->sample.busy.cpus, 2);
    copy_stat(copy, 1060, 13, 50);
    (void)watch_collect(watch);
    assert_int_equal(watch->sample.busy.busy_ns, 63 * TICK_NS); /* guest time is in user time */
    assert_true(watch->sample.busy.elapsed_ns > 0);
    copy_stat(copy, 1000, 13, 50); /* a CPU went offline: its time is not used back */
    (void)watch_collect(watch);
    assert_int_equal(watch->sample.busy.busy_ns, 0);
    copy_text(copy, "stat", "garbage");
    (void)watch_collect(watch);
    assert_int_equal(watch->sample.busy.busy_ns, 0);
    assert_int_equal(watch->sample.busy.cpus, 2);
    assert_int_equal(watch_health(watch, "busy"), HEALTH_FAILED);
    copy_stat(copy, 1100, 13, 50);
    (void)watch_collect(watch);
    assert_int_equal(watch->sample.busy.busy_ns, 100 * TICK_NS);
    assert_int_equal(watch_health(watch, "busy"), HEALTH_WORKING);
    watch_close(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COPY_TEST(test_what_was_used_since), COPY_TEST(test_new_processes),
        COPY_TEST(test_reused_pid),          COPY_TEST(test_inheritance),
        COPY_TEST(test_unmet_debts),         COPY_TEST(test_reaper_of_strangers),
        COPY_TEST(test_identities),          COPY_TEST(test_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
