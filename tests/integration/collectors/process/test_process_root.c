/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What only root can arrange: a PID that is reused at once, and a /proc that hides processes. */
#include "process_watch.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "burner.h"
#include "collectors/parse_proc.h"
#include "collectors/process/stat_files.h"
#include "support/die_with.h"

enum { NOBODY = 65534, SKIPPED = 77 };

#define TICK_NS (10 * NS_PER_MS)

/* Forks a child with a given PID. No other fork sees that: /proc/loadavg does not move. */
static pid_t fork_as(pid_t pid)
{
    struct clone_args arguments = {
        .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&pid, .set_tid_size = 1};
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

/* Forks one with that PID, which uses CPU time and then sleeps until it is killed. */
static void start_as(pid_t pid, uint64_t ns)
{
    int done[2];
    assert_int_equal(pipe2(done, O_CLOEXEC), 0);
    pid_t parent = getpid();
    pid_t child = fork_as(pid);
    if (child == 0) {
        die_with(parent);
        burn_ns(ns);
        (void)!write(done[1], "x", 1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(child, pid);
    char byte = 0;
    assert_int_equal(read(done[0], &byte, 1), 1);
    (void)close(done[0]);
    (void)close(done[1]);
}

static void stop(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void assert_near(uint64_t told_ns, uint64_t used_ns)
{
    if (told_ns > used_ns + 2 * TICK_NS || used_ns > told_ns + 2 * TICK_NS)
        fail_msg("told %.3f ms, used %.3f ms", (double)told_ns / 1e6, (double)used_ns / 1e6);
}

static uint64_t start_ticks_of(struct stat_files *files, int procfs_fd, pid_t pid)
{
    char buffer[1024];
    size_t length = 0;
    struct proc_stat stat;
    assert_int_equal(stat_files_read(files, procfs_fd, pid, buffer, sizeof(buffer), &length), 0);
    assert_int_equal(parse_proc_pid_stat(buffer, length, &stat), 0);
    return stat.start_ticks;
}

/* What is kept open is the first owner's. */
static void test_reuse_of_a_kept_file(void **state)
{
    (void)state;
    int procfs_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat_files *files = stat_files_new();
    assert_non_null(files);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        die_with(parent);
        for (;;)
            (void)pause();
    }
    uint64_t first = start_ticks_of(files, procfs_fd, pid);
    assert_int_equal(start_ticks_of(files, procfs_fd, pid), first);
    assert_int_equal(files->open, 1);
    stop(pid);
    (void)usleep(2 * TICK_NS / 1000); /* start times are in ticks */
    start_as(pid, NS_PER_MS);
    assert_in_range(start_ticks_of(files, procfs_fd, pid), first + 1, UINT64_MAX);
    stop(pid);
    stat_files_free(files);
    (void)close(procfs_fd);
}

/* The second owner of the PID uses less than the first (its clock goes back), or more. */
static void check_reuse(uint64_t second_ns)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    (void)waitpid(pid, NULL, 0);
    struct watch *watch = watch_open(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), true);
    (void)watch_collect(watch);
    start_as(pid, 100 * NS_PER_MS);
    (void)watch_collect(watch);
    assert_near(watch_cpu_ns(watch, pid), 100 * NS_PER_MS);
    uint64_t inherited_ns = watch_child_ns(watch, getpid());
    uint64_t first_start = watch_identity(watch, pid)->identity.start_ticks;
    stop(pid);
    start_as(pid, second_ns);
    (void)watch_collect(watch);
    const struct activity *activity = watch_activity(watch, pid);
    assert_non_null(activity);
    assert_near(activity->cpu_ns, second_ns);
    assert_true(activity->start_ticks > first_start);
    assert_near(watch_child_ns(watch, getpid()), inherited_ns);
    stop(pid);
    watch_close(watch);
}

static void test_reuse(void **state)
{
    (void)state;
    check_reuse(40 * NS_PER_MS);
    check_reuse(200 * NS_PER_MS);
}

/* ---- hidepid ---- */

static void check_hidden(const char *directory, const char *options)
{
    assert_int_equal(mount("proc", directory, "proc", 0, options), 0);
    struct burner stranger = burner_start(NULL);
    assert_int_equal(setgroups(0, NULL), 0);
    assert_int_equal(setresgid(NOBODY, NOBODY, NOBODY), 0);
    assert_int_equal(setresuid(NOBODY, NOBODY, NOBODY), 0);
    assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0); /* setresuid() took it: hidden from itself */
    struct burner friend = burner_start(NULL);
    struct watch *watch = watch_open(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), true);
    (void)watch_collect(watch);
    uint64_t friend_ns = burner_burn(&friend, 50 * NS_PER_MS);
    (void)burner_burn(&stranger, 50 * NS_PER_MS);
    assert_int_equal(watch_collect(watch), 0);
    assert_near(watch_cpu_ns(watch, friend.pid), friend_ns);
    assert_int_equal(watch_identity(watch, friend.pid)->identity.uid, NOBODY);
    bool listed = str_equal(options, "hidepid=1");
    assert_int_equal(watch_activity(watch, stranger.pid) != NULL, listed);
    if (listed) {
        assert_near(watch_cpu_ns(watch, stranger.pid), 50 * NS_PER_MS);
        assert_string_equal(watch_identity(watch, stranger.pid)->identity.comm, "");
        assert_int_equal(watch_identity(watch, stranger.pid)->identity.uid, UINT32_MAX);
    }
    assert_int_equal(watch_health(watch, ""), HEALTH_DEGRADED);
    burner_stop(&friend);
    burner_stop(&stranger);
    watch_close(watch);
}

static bool has_own_mounts(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    (void)waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* In a child with its own mounts, which gives up its rights. */
static int run_hidden(const char *options)
{
    char directory[] = "/tmp/greend-hidepid-XXXXXX";
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chmod(directory, 0755), 0);
    pid_t pid = fork();
    if (pid == 0) {
        assert_true(has_own_mounts());
        check_hidden(directory, options);
        _exit(0);
    }
    int status = wait_for(pid);
    assert_int_equal(rmdir(directory), 0);
    return status;
}

static void test_hidepid(void **state)
{
    (void)state;
    assert_int_equal(run_hidden("hidepid=1"), 0);
    assert_int_equal(run_hidden("hidepid=2"), 0);
}

static bool can_choose_pids(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    (void)wait_for(pid);
    pid_t again = fork_as(pid);
    if (again == 0)
        _exit(0);
    return again == pid && wait_for(again) == 0;
}

static bool can_mount(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(has_own_mounts() ? 0 : 1);
    return wait_for(pid) == 0;
}

int main(void)
{
    if (geteuid() != 0 || !can_choose_pids() || !can_mount()) {
        puts("needs root with all its capabilities: to choose PIDs and to mount /proc");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_reuse_of_a_kept_file),
        cmocka_unit_test(test_hidepid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
