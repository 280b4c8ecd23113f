/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Which files of processes are kept open, and that those tell what new ones would. */
#include "unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "collectors/parse_proc.h"
#include "collectors/process/stat_files.h"
#include "collectors/source.h"
#include "support/die_with.h"
#include "support/fixtures.h"

enum { PID = 7, OTHER = PID + STAT_FILES }; /* both want one place */

struct proc {
    struct fixture fixture;
    struct stat_files *files;
};

static int setup(void **state)
{
    struct proc *proc = calloc(1, sizeof(*proc));
    assert_non_null(proc);
    fixture_make(&proc->fixture);
    proc->files = stat_files_new();
    assert_non_null(proc->files);
    *state = proc;
    return 0;
}

static int teardown(void **state)
{
    struct proc *proc = *state;
    stat_files_free(proc->files);
    fixture_done(&proc->fixture);
    free(proc);
    return 0;
}

static void write_stat(const struct proc *proc, int32_t pid, const char *text)
{
    char path[32];
    assert_true(snprintf(path, sizeof(path), "%d/stat", pid) > 0);
    fixture_write(&proc->fixture, path, text);
}

/* A new file in the place of one that is kept is not seen: so it tells which are. */
static void assert_told(struct proc *proc, int32_t pid, const char *text)
{
    char buffer[64] = "";
    size_t length = 0;
    assert_int_equal(
        stat_files_read(proc->files, proc->fixture.fd, pid, buffer, sizeof(buffer) - 1, &length),
        0);
    assert_int_equal(length, strlen(text));
    assert_string_equal(buffer, text);
}

static void test_kept_from_the_second_time_on(void **state)
{
    struct proc *proc = *state;
    write_stat(proc, PID, "first");
    assert_told(proc, PID, "first");
    assert_int_equal(proc->files->open, 0);
    write_stat(proc, PID, "second");
    assert_told(proc, PID, "second");
    assert_int_equal(proc->files->open, 1);
    write_stat(proc, PID, "third");
    assert_told(proc, PID, "second");
    assert_int_equal(proc->files->open, 1);
}

static void test_who_reads_often_keeps_the_place(void **state)
{
    struct proc *proc = *state;
    write_stat(proc, PID, "a");
    write_stat(proc, OTHER, "b");
    assert_told(proc, PID, "a");
    assert_told(proc, PID, "a");
    for (int i = 0; i < 3; i++) {
        assert_told(proc, OTHER, "b");
        assert_told(proc, PID, "a");
    }
    write_stat(proc, PID, "new");
    assert_told(proc, PID, "a"); /* it is still kept */
    assert_told(proc, OTHER, "b");
    assert_told(proc, OTHER, "b"); /* the place is free now */
    assert_int_equal(proc->files->open, 0);
    assert_told(proc, OTHER, "b");
    assert_int_equal(proc->files->open, 1);
    assert_told(proc, PID, "new");
}

static int count_one(void *userdata, const char *name)
{
    (void)name;
    ++*(size_t *)userdata;
    return 0;
}

static size_t count_descriptors(void)
{
    size_t n = 0;
    assert_int_equal(source_list(AT_FDCWD, "/proc/self/fd", count_one, &n), 0);
    return n;
}

static void test_no_more_than_may_be(void **state)
{
    struct proc *proc = *state;
    size_t before = count_descriptors();
    proc->files->open_most = 2;
    for (int32_t pid = 1; pid <= 3; pid++) {
        write_stat(proc, pid, "old");
        assert_told(proc, pid, "old");
        assert_told(proc, pid, "old");
        write_stat(proc, pid, "new");
    }
    assert_int_equal(proc->files->open, 2);
    assert_int_equal(count_descriptors(), before + 2);
    assert_told(proc, 1, "old");
    assert_told(proc, 2, "old");
    assert_told(proc, 3, "new");
}

static void test_an_eighth_of_the_descriptors(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = {.rlim_cur = 80, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct stat_files *files = stat_files_new();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_non_null(files);
    assert_int_equal(files->open_most, 10);
    stat_files_free(files);
    stat_files_free(NULL);
}

static void test_absent(void **state)
{
    struct proc *proc = *state;
    char buffer[8];
    size_t length = 0;
    assert_int_equal(
        stat_files_read(proc->files, proc->fixture.fd, PID, buffer, sizeof(buffer), &length),
        -ESRCH);
}

/* ---- This kernel ---- */

static int read_live(struct stat_files *files, pid_t pid, struct proc_stat *ret_stat)
{
    char buffer[1024];
    size_t length = 0;
    int procfs_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(procfs_fd >= 0);
    int r = stat_files_read(files, procfs_fd, pid, buffer, sizeof(buffer), &length);
    assert_int_equal(close(procfs_fd), 0);
    return r < 0 ? r : parse_proc_pid_stat(buffer, length, ret_stat);
}

static void test_kept_and_alive(void **state)
{
    const struct proc *proc = *state;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        die_with(parent);
        for (;;) /* works */
            ;
    }
    struct proc_stat stat = {0};
    assert_int_equal(read_live(proc->files, pid, &stat), 0);
    assert_int_equal(read_live(proc->files, pid, &stat), 0);
    assert_int_equal(proc->files->open, 1);
    uint64_t before = stat.user_ticks;
    for (int i = 0; i < 3000 && stat.user_ticks == before; i++) {
        (void)usleep(10000);
        assert_int_equal(read_live(proc->files, pid, &stat), 0);
    }
    assert_in_range(stat.user_ticks, before + 1, UINT64_MAX); /* each time it tells anew */
    assert_int_equal(proc->files->open, 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(read_live(proc->files, pid, &stat), -ESRCH);
    assert_int_equal(proc->files->open, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kept_from_the_second_time_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_reads_often_keeps_the_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_more_than_may_be, setup, teardown),
        cmocka_unit_test(test_an_eighth_of_the_descriptors),
        cmocka_unit_test_setup_teardown(test_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kept_and_alive, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
