/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Processes that end between two sweeps, on this kernel, with its records of exits and without.
 *
 * A "workload" here is one process and all that it forks, in a session of its own. What was told of
 * its session, its parent and everybody else is compared with what the kernel says that it used:
 * processes report to a pipe what they have used when they end, and those that are waited for are
 * in the rusage. What an exit itself costs is in no record, so the children run for a while. */
#include "process_watch.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "burner.h"
#include "short_lived.h"

enum { SKIPPED = 77, NOBODY = 65534, SWEEP_MS = 500 };

#define TICK_NS (10 * NS_PER_MS)

static struct watch *open_watch(bool exits)
{
    struct watch *watch =
        watch_open_exits(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), true, exits);
    assert_int_equal(watch_collect(watch), 0);
    return watch;
}

/* ---- What was told ---- */

struct result {
    uint64_t used_ns;
    uint64_t told_ns; /* of the session, and inherited by this process */
    uint64_t inherited_ns;
    uint64_t bystander_ns, bystander_used_ns;
};

static void run(struct watch *watch, void (*work)(void), struct result *ret)
{
    pid_t bystander = start_bystander(NULL);
    *orphans_ns = 0;
    (void)watch_collect(watch);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)setsid();
        work();
        _exit(0);
    }
    struct rusage usage;
    int status = 0;
    int64_t next_ms = 0;
    while (wait4(pid, &status, WNOHANG, &usage) == 0) {
        if (next_ms-- <= 0) {
            (void)watch_collect(watch);
            next_ms = SWEEP_MS / 10;
        }
        pause_ms(10);
    }
    assert_int_equal(status, 0);
    (void)watch_collect(watch);
    (void)watch_collect(watch);
    (void)kill(bystander, SIGKILL);
    struct rusage bystander_usage;
    (void)wait4(bystander, NULL, 0, &bystander_usage);
    *ret = (struct result){
        .used_ns = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime) + *orphans_ns,
        .told_ns = watch_session_ns(watch, pid) + watch_child_ns(watch, getpid()),
        .inherited_ns = watch_child_ns(watch, getpid()),
        .bystander_ns = watch_session_ns(watch, bystander),
        .bystander_used_ns =
            timeval_ns(bystander_usage.ru_utime) + timeval_ns(bystander_usage.ru_stime),
    };
}

static double percent(uint64_t part, uint64_t whole)
{
    return 100.0 * (double)part / (double)whole;
}

/* least, most: percent of what was used. Without records, children are told that a sweep saw. */
static void check(void (*work)(void), const char *name, bool exits, double least, double most)
{
    struct watch *watch = open_watch(exits);
    if (exits)
        assert_int_equal(watch_health(watch, "exits"), HEALTH_WORKING);
    struct result result;
    run(watch, work, &result);
    double told = percent(result.told_ns, result.used_ns);
    print_message("%-24s %-8s used %.1f ms, told %.1f %%; bystander %.1f of %.1f ms\n", name,
                  exits ? "records" : "none", (double)result.used_ns / 1e6, told,
                  (double)result.bystander_ns / 1e6, (double)result.bystander_used_ns / 1e6);
    assert_true(result.used_ns > 150 * NS_PER_MS);
    assert_true(told >= least);
    assert_true(told <= most);
    /* It used a little more until it was killed. */
    assert_true(result.bystander_ns <=
                result.bystander_used_ns + result.bystander_used_ns / 10 + 2 * TICK_NS);
    watch_close(watch);
}

/* ---- The cases ---- */

static void check_waited_for(void (*work)(void), const char *name)
{
    check(work, name, false, 97, 103);
    check(work, name, true, 97, 108);
}

static void test_loop_of_true(void **state)
{
    (void)state;
    check_waited_for(loop_of_true, "loop of true");
}

static void test_pipelines(void **state)
{
    (void)state;
    check_waited_for(pipelines, "pipelines");
}

static void test_tree_as_of_make(void **state)
{
    (void)state;
    check_waited_for(tree_as_of_make, "tree as of make");
}

static void test_ignored_children(void **state)
{
    (void)state;
    check(ignore_children, "SIGCHLD ignored", false, 0, 75);
    check(ignore_children, "SIGCHLD ignored", true, 96, 103);
}

static void test_forked_twice(void **state)
{
    (void)state;
    check(fork_twice, "forked twice", false, 0, 75);
    /* Less where somebody else with the same command ended in one of the intervals. */
    check(fork_twice, "forked twice", true, 90, 103);
}

static void test_shim(void **state)
{
    (void)state;
    check(fork_twice_below_a_shim, "below a subreaper", true, 97, 106);
}

/* ---- Where the kernel tells nothing ---- */

static void drop_rights(void)
{
    if (prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0 ||
        prctl(PR_SET_DUMPABLE, 1) < 0)
        _exit(2);
}

static void leave_network(void)
{
    if (unshare(CLONE_NEWNET) < 0)
        _exit(2);
}

static void leave_processes(void)
{
    if (unshare(CLONE_NEWPID) < 0)
        _exit(2);
    pid_t pid = fork();
    int status = 0;
    if (pid == 0)
        return;
    (void)waitpid(pid, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
}

/* The status says so, with what mends it, and everything else goes on. */
static void check_refused(void (*give_up)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        give_up();
        struct watch *watch =
            watch_open_exits(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), true, true);
        bool right = watch_health(watch, "exits") == HEALTH_OFF;
        right = watch_collect(watch) == 0 && right;
        burn_ns(20 * NS_PER_MS);
        right = watch_collect(watch) == 0 && right;
        bool told = watch->sample.n_activities > 0;
        watch_close(watch);
        _exit(right && told ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_refused(void **state)
{
    (void)state;
    check_refused(drop_rights);
    check_refused(leave_network);
    check_refused(leave_processes);
}

static void test_switched_off(void **state)
{
    (void)state;
    struct watch *watch = open_watch(false);
    assert_int_equal(watch_health(watch, "exits"), HEALTH_OFF);
    watch_close(watch);
}

/* ---- What is lost ---- */

enum { FORKERS = 4, EXITS = 20000 };

static void fork_and_wait(void)
{
    pid_t pid = vfork();
    if (pid == 0)
        _exit(0);
    (void)waitpid(pid, NULL, 0);
}

/* More exits than the kernel keeps records: what is lost is told as such, and not by guessing. */
static void test_lost(void **state)
{
    (void)state;
    struct watch *watch = open_watch(true);
    pid_t forkers[FORKERS];
    for (int i = 0; i < FORKERS; i++) {
        forkers[i] = fork();
        if (forkers[i] != 0)
            continue;
        for (int k = 0; k < EXITS; k++)
            fork_and_wait();
        _exit(0);
    }
    uint64_t used_ns = 0;
    for (int i = 0; i < FORKERS; i++) {
        struct rusage usage;
        (void)wait4(forkers[i], NULL, 0, &usage);
        used_ns += timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
    }
    (void)watch_collect(watch);
    assert_int_equal(watch_health(watch, "exits"), HEALTH_DEGRADED);
    (void)watch_collect(watch);
    assert_true(watch_child_ns(watch, getpid()) <= used_ns + used_ns / 20);
    watch_close(watch);
}

int main(int argc, char **argv)
{
    if (!short_lived_begin(argc, argv))
        return 1;
    struct watch *watch =
        watch_open_exits(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), true, true);
    enum health health = watch_health(watch, "exits");
    watch_close(watch);
    if (health != HEALTH_WORKING) {
        puts("needs CAP_NET_ADMIN in the initial namespaces, and a kernel with taskstats");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loop_of_true),
        cmocka_unit_test(test_pipelines),
        cmocka_unit_test(test_tree_as_of_make),
        cmocka_unit_test(test_ignored_children),
        cmocka_unit_test(test_forked_twice),
        cmocka_unit_test(test_shim),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_switched_off),
        cmocka_unit_test(test_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
