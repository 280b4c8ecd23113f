/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The process collector on this kernel, against what the kernel says that children used. */
#include "process_watch.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "burner.h"

/* What a running process used since the last tick of its CPU is not in any clock yet; the longest
 * tick of a kernel is 10 ms. What has gone to sleep is told exactly, but for the nanoseconds
 * between its last look at its own clock and its sleep. */
#define TICK_NS (10 * NS_PER_MS)

static struct watch *live_watch(void)
{
    int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    struct watch *watch = watch_open(fd, true);
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_activities, 0); /* the first sweep tells nothing */
    return watch;
}

static void assert_near(uint64_t told_ns, uint64_t used_ns, uint64_t slack_ns)
{
    if (told_ns > used_ns + slack_ns || used_ns > told_ns + slack_ns)
        fail_msg("told %.3f ms, used %.3f ms", (double)told_ns / 1e6, (double)used_ns / 1e6);
}

static void pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

/* ---- CPU time ---- */

static void test_burner(void **state)
{
    (void)state;
    struct burner old = burner_start(NULL);
    uint64_t before_ns = burner_burn(&old, 30 * NS_PER_MS);
    struct watch *watch = live_watch();
    uint64_t used_ns = burner_burn(&old, 100 * NS_PER_MS) - before_ns;
    struct burner new = burner_start(NULL);
    uint64_t new_ns = burner_burn(&new, 40 * NS_PER_MS);
    assert_int_equal(watch_collect(watch), 0);
    const struct activity *activity = watch_activity(watch, old.pid);
    assert_non_null(activity);
    assert_near(activity->cpu_ns, used_ns, TICK_NS);
    assert_in_range(activity->last_cpu, 0, sysconf(_SC_NPROCESSORS_CONF) - 1);
    assert_int_equal(activity->threads, 1);
    assert_non_null(watch_activity(watch, new.pid));
    assert_near(watch_activity(watch, new.pid)->cpu_ns, new_ns, TICK_NS);
    assert_int_equal(watch_identity(watch, new.pid)->identity.uid, getuid());

    assert_int_equal(watch_collect(watch), 0);
    assert_null(watch_activity(watch, old.pid));
    assert_true(watch->sample.busy.elapsed_ns > 0);
    assert_int_equal(watch->sample.busy.cpus, sysconf(_SC_NPROCESSORS_ONLN));
    assert_int_equal(watch_health(watch, "cpu-clock"), HEALTH_WORKING);
    assert_int_equal(watch_health(watch, "busy"), HEALTH_WORKING);
    burner_stop(&old);
    burner_stop(&new);
    watch_close(watch);
}

static void test_clock_and_stat_agree(void **state)
{
    (void)state;
    struct burner burner = burner_start(NULL);
    struct watch *clock = live_watch();
    struct watch *stat = watch_open(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), false);
    (void)watch_collect(stat);
    for (int i = 0; i < 10; i++) {
        (void)burner_burn(&burner, 7 * NS_PER_MS);
        (void)watch_collect(clock);
        (void)watch_collect(stat);
    }
    assert_true(watch_cpu_ns(clock, burner.pid) >= 70 * NS_PER_MS);
    /* utime and stime are cut to ticks, each at both ends. */
    assert_near(watch_cpu_ns(stat, burner.pid), watch_cpu_ns(clock, burner.pid), 2 * TICK_NS);
    assert_int_equal(watch_health(stat, "cpu-clock"), HEALTH_DEGRADED);
    burner_stop(&burner);
    watch_close(clock);
    watch_close(stat);
}

static void *burn_a_little(void *data)
{
    (void)data;
    for (int i = 0; i < 20000; i++)
        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &(struct timespec){0});
    (void)pause();
    return NULL;
}

static void start_threads(void)
{
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, 1 << 16);
    for (int i = 0; i < 400; i++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, burn_a_little, NULL) != 0)
            _exit(1);
    }
}

/* A process of 400 threads is not asked before 100 ms have passed, but then for all of the time. */
static void test_many_threads(void **state)
{
    (void)state;
    struct watch *watch = live_watch();
    struct burner burner = burner_start(start_threads);
    uint64_t used_ns = 0;
    uint32_t told = 0;
    for (int i = 0; i < 100; i++) {
        used_ns = burner_burn(&burner, NS_PER_MS / 2);
        (void)watch_collect(watch);
        told += watch_activity(watch, burner.pid) != NULL;
        pause_ms(5);
    }
    assert_in_range(told, 1, 50);
    for (int i = 0; i < 300 && watch_cpu_ns(watch, burner.pid) + TICK_NS < used_ns; i++) {
        used_ns = burner_burn(&burner, NS_PER_MS / 2);
        pause_ms(10);
        (void)watch_collect(watch);
    }
    assert_true(watch_cpu_ns(watch, burner.pid) + TICK_NS >= used_ns);
    used_ns = burner_burn(&burner, 0); /* the threads went on */
    assert_true(watch_cpu_ns(watch, burner.pid) <= used_ns + NS_PER_US);
    burner_stop(&burner);
    watch_close(watch);
}

/* ---- Short-lived processes ---- */

/* Runs work() in a session of its own while sweeping, and gives what it and all its descendants
 * used. */
static uint64_t run_session(struct watch *watch, void (*work)(void), pid_t *ret_session)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)setsid();
        work();
        _exit(0);
    }
    struct rusage usage;
    int status = 0;
    while (wait4(pid, &status, WNOHANG, &usage) == 0) {
        (void)watch_collect(watch);
        pause_ms(40);
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    (void)watch_collect(watch);
    *ret_session = pid;
    uint64_t us = (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S + us * NS_PER_US;
}

/* What its processes were told to use, and what this process inherited from them; never more than
 * they used. */
static bool is_captured(void (*work)(void))
{
    struct watch *watch = live_watch();
    pid_t session = -1;
    uint64_t used_ns = run_session(watch, work, &session);
    uint64_t told_ns = watch_session_ns(watch, session) + watch_child_ns(watch, getpid());
    uint64_t polled_ns = 0;
    for (size_t i = 0; i < watch->n_told; i++) {
        if (watch->identities[watch->told[i].workload].session == session)
            polled_ns += watch->told[i].cpu_ns;
    }
    print_message("used %.1f ms, told %.1f ms, of which polled %.1f ms\n", (double)used_ns / 1e6,
                  (double)told_ns / 1e6, (double)polled_ns / 1e6);
    assert_true(used_ns > 200 * NS_PER_MS);
    /* The fraction of a tick that this process had inherited before the first sweep counts as
     * inherited after. */
    assert_true(told_ns <= used_ns + 2 * TICK_NS);
    watch_close(watch);
    return told_ns + used_ns / 100 + 2 * TICK_NS >= used_ns;
}

/* A whole family that dies between two questions of one sweep is shown as unattributed: that is
 * rare, and rarer three times in a row. */
static void assert_captured(void (*work)(void))
{
    if (!is_captured(work) && !is_captured(work))
        assert_true(is_captured(work));
}

static void run_script(const char *script)
{
    (void)execl("/bin/sh", "sh", "-c", script, NULL);
    _exit(127);
}

static void loop_of_true(void)
{
    run_script("i=0; while [ $i -lt 2500 ]; do /bin/true; i=$((i+1)); done");
}

#define SPIN "i=0; while [ $i -lt 40000 ]; do i=$((i+1)); done"

static void pipelines(void)
{
    run_script("n=0; while [ $n -lt 20 ]; do"
               " echo $n | sed s/1/2/ | { cat; " SPIN "; } | tr 2 3 >/dev/null;"
               " n=$((n+1)); done");
}

static void run_tree(int depth)
{
    for (int i = 0; depth > 0 && i < 3; i++) {
        if (fork() == 0) {
            run_tree(depth - 1);
            _exit(0);
        }
    }
    burn_ns((depth == 0 ? 12 : 2) * NS_PER_MS);
    while (wait(NULL) > 0)
        ;
}

static void tree_as_of_make(void)
{
    for (int i = 0; i < 3; i++)
        run_tree(3);
}

static void test_loop_of_true(void **state)
{
    (void)state;
    assert_captured(loop_of_true);
}

static void test_pipelines(void **state)
{
    (void)state;
    assert_captured(pipelines);
}

static void test_tree_as_of_make(void **state)
{
    (void)state;
    assert_captured(tree_as_of_make);
}

/* Children whose parent ignores SIGCHLD are nobody's inheritance: they are told while they are
 * seen, never more than they used, and not as time of their parent's children. */
static void ignore_children(void)
{
    (void)signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 30; i++) {
        if (fork() == 0) {
            burn_ns((uint64_t)(i + 1) * NS_PER_MS);
            _exit(0);
        }
    }
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
}

static void test_ignored_children(void **state)
{
    (void)state;
    struct watch *watch = live_watch();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        ignore_children();
        _exit(0);
    }
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        (void)watch_collect(watch);
        pause_ms(20);
    }
    (void)watch_collect(watch);
    assert_int_equal(watch_child_ns(watch, pid), 0);
    /* This process inherits the parent, of whose children the kernel forgot. */
    assert_true(watch_child_ns(watch, getpid()) < 30 * NS_PER_MS);
    watch_close(watch);
}

/* ---- Identity ---- */

static const char hostile_name[] = ") R 1 (\n\xff"; /* TASK_COMM_LEN is 16 */

static void take_hostile_name(void)
{
    (void)prctl(PR_SET_NAME, hostile_name);
}

static void test_hostile_name(void **state)
{
    (void)state;
    struct burner burner = burner_start(take_hostile_name);
    struct watch *watch = live_watch();
    (void)burner_burn(&burner, 20 * NS_PER_MS);
    (void)watch_collect(watch);
    assert_string_equal(watch_identity(watch, burner.pid)->identity.comm, hostile_name);
    assert_near(watch_cpu_ns(watch, burner.pid), 20 * NS_PER_MS, TICK_NS);
    burner_stop(&burner);
    watch_close(watch);
}

static void test_exec(void **state)
{
    (void)state;
    struct watch *watch = live_watch();
    int go[2];
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_NAME, "before");
        burn_ns(15 * NS_PER_MS);
        char byte = 0;
        (void)!read(go[0], &byte, 1);
        (void)execl("/bin/sh", "sh", "-c", SPIN "; read line", NULL);
        _exit(127);
    }
    for (int i = 0; i < 500 && watch_cpu_ns(watch, pid) < 15 * NS_PER_MS; i++) {
        pause_ms(10);
        (void)watch_collect(watch);
    }
    const struct watch_identity *before = watch_identity(watch, pid);
    assert_string_equal(before->identity.comm, "before");
    assert_int_equal(write(go[1], "x", 1), 1);
    for (int i = 0; i < 500 && !before->released; i++) {
        pause_ms(10);
        (void)watch_collect(watch);
    }
    assert_true(before->released);
    assert_string_equal(watch_identity(watch, pid)->identity.comm, "sh");
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    (void)close(go[0]);
    (void)close(go[1]);
    watch_close(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burner),
        cmocka_unit_test(test_clock_and_stat_agree),
        cmocka_unit_test(test_many_threads),
        cmocka_unit_test(test_loop_of_true),
        cmocka_unit_test(test_tree_as_of_make),
        cmocka_unit_test(test_pipelines),
        cmocka_unit_test(test_ignored_children),
        cmocka_unit_test(test_hostile_name),
        cmocka_unit_test(test_exec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
