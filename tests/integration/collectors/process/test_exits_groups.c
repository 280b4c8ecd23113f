/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Processes that end between two sweeps and that nobody waits for, on this kernel, in cgroups whose
 * CPU time it counts: told with their own unit, or its slice, and never with a bystander's.
 *
 * The work, the bystander and single units stand in a slice of their own, whose counter is the
 * truth here. What the work used by the rusage and by what the orphans say is printed beside it:
 * what an exit itself costs is only in the counter. What is held back, two ticks for each process
 * on this machine that begins to wait for children meanwhile, is less on a quiet machine. */
#include "process_watch.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "burner.h"
#include "collectors/cgroup/cgroup_usage.h"
#include "short_lived.h"

enum { SKIPPED = 77, SWEEP_MS = 500, PATH_SIZE = 128 };

#define TICK_NS (10 * NS_PER_MS)

static const char slice[] = "greendtest.slice";
static const char ended[] = "ended processes";

static char root[PATH_SIZE]; /* of the hierarchy that is counted */

/* ---- Groups ---- */

static void write_path(char path[PATH_SIZE], const char *unit, const char *file)
{
    int length = snprintf(path, PATH_SIZE, "%s/%s%s%s%s%s", root, slice, unit ? "/" : "",
                          unit ? unit : "", file ? "/" : "", file ? file : "");
    if (length < 0 || length >= PATH_SIZE)
        abort();
}

static bool make_unit(const char *unit)
{
    char path[PATH_SIZE];
    write_path(path, unit, NULL);
    return mkdir(path, 0755) == 0 || errno == EEXIST;
}

static void remove_unit(const char *unit)
{
    char path[PATH_SIZE];
    write_path(path, unit, NULL);
    for (int i = 0; rmdir(path) < 0 && errno == EBUSY && i < 200; i++)
        pause_ms(5);
}

static void enter_unit(const char *unit)
{
    char path[PATH_SIZE];
    write_path(path, unit, "cgroup.procs");
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1)
        _exit(3);
    (void)close(fd);
}

static void enter_bystander(void)
{
    enter_unit("bystander.service");
}

static int setup_groups(void **state)
{
    (void)state;
    return make_unit(NULL) && make_unit("work.service") && make_unit("bystander.service") ? 0 : -1;
}

static int teardown_groups(void **state)
{
    (void)state;
    remove_unit("work.service");
    remove_unit("bystander.service");
    remove_unit(NULL);
    return 0;
}

/* ---- The loads that only groups can tell of ---- */

static void name_one_shot(char unit[PATH_SIZE], int number)
{
    (void)snprintf(unit, PATH_SIZE, "oneshot%c.service", 'a' + number);
}

static void enter_one_shot(int number)
{
    char unit[PATH_SIZE];
    name_one_shot(unit, number);
    if (!make_unit(unit))
        _exit(3);
    enter_unit(unit);
}

static void leave_one_shot(int number)
{
    char unit[PATH_SIZE];
    name_one_shot(unit, number);
    remove_unit(unit);
}

/* Each comes and goes within an interval. */
static void one_shot_units(void)
{
    for (int i = 0; i < 120; i++)
        run_adopted(enter_one_shot, leave_one_shot, i % 20, 30 * NS_PER_MS);
}

static void long_one_shot_unit(void)
{
    run_adopted(enter_one_shot, leave_one_shot, 0, 2 * NS_PER_S);
}

/* ---- What was told ---- */

struct result {
    uint64_t used_ns;
    uint64_t counted_ns; /* what the counters of the slice say, less the bystander's */
    uint64_t own_ns;     /* told with the work's unit, or a unit that it started */
    uint64_t ended_ns;   /* of that, as ended */
    uint64_t slice_ns;
    uint64_t inherited_ns; /* by this process, which is in no group */
    uint64_t bystander_ns, bystander_used_ns;
};

static uint64_t counted_ns(const char *unit)
{
    char path[PATH_SIZE];
    write_path(path, unit, strstr(root, "cpuacct") ? "cpuacct.usage" : "cpu.stat");
    CLEANUP(close_fd_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t ns = 0;
    assert_int_equal(cgroup_usage_read(fd, &ns), 0);
    return ns;
}

static uint64_t one_shots_ns(const struct watch *watch, const char *command)
{
    uint64_t sum_ns = 0;
    for (int i = 0; i < 20; i++) {
        char unit[PATH_SIZE];
        name_one_shot(unit, i);
        sum_ns += watch_unit_ns(watch, unit, command);
    }
    return sum_ns;
}

/* Comes back when it is in its unit: what a sweep sees before that is not its unit's. */
static pid_t start_work(void (*work)(void))
{
    int entered[2];
    assert_int_equal(pipe2(entered, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid != 0) {
        char none;
        (void)close(entered[1]);
        assert_int_equal(read(entered[0], &none, 1), 0);
        (void)close(entered[0]);
        return pid;
    }
    (void)setsid();
    enter_unit("work.service");
    (void)close(entered[0]);
    (void)close(entered[1]);
    work();
    _exit(0);
}

static void run(struct watch *watch, void (*work)(void), struct result *ret)
{
    pid_t bystander = start_bystander(enter_bystander);
    *orphans_ns = 0;
    uint64_t before_ns = counted_ns(NULL) - counted_ns("bystander.service");
    (void)watch_collect(watch);
    pid_t pid = start_work(work);
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
    for (int i = 0; i < 3; i++) {
        pause_ms(50);
        (void)watch_collect(watch);
    }
    (void)kill(bystander, SIGKILL);
    struct rusage bystander_usage;
    (void)wait4(bystander, NULL, 0, &bystander_usage);
    *ret = (struct result){
        .used_ns = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime) + *orphans_ns,
        .counted_ns = counted_ns(NULL) - counted_ns("bystander.service") - before_ns,
        .own_ns = watch_unit_ns(watch, "work.service", NULL) + one_shots_ns(watch, NULL),
        .ended_ns = watch_unit_ns(watch, "work.service", ended) + one_shots_ns(watch, ended),
        .slice_ns = watch_unit_ns(watch, slice, NULL),
        .inherited_ns = watch_child_ns(watch, getpid()),
        .bystander_ns = watch_unit_ns(watch, "bystander.service", NULL),
        .bystander_used_ns =
            timeval_ns(bystander_usage.ru_utime) + timeval_ns(bystander_usage.ru_stime),
    };
}

static double percent(uint64_t part, uint64_t whole)
{
    return 100.0 * (double)part / (double)whole;
}

struct bounds {
    double own_least; /* percent of what was counted */
    double least, most;
};

static void check(void (*work)(void), const char *name, bool exits, struct bounds bounds)
{
    struct watch *watch =
        watch_open_groups(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), true, exits,
                          open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch_health(watch, "cgroup-usage"), HEALTH_WORKING);
    struct result result;
    run(watch, work, &result);
    double own = percent(result.own_ns + result.inherited_ns, result.counted_ns);
    double told = percent(result.own_ns + result.inherited_ns + result.slice_ns, result.counted_ns);
    print_message("%-20s %-7s used %6.1f ms, counted %6.1f, told %5.1f %% (unit %.1f, of that "
                  "ended %.1f; slice "
                  "%.1f); bystander %.1f of %.1f ms\n",
                  name, exits ? "records" : "none", (double)result.used_ns / 1e6,
                  (double)result.counted_ns / 1e6, told, own,
                  percent(result.ended_ns, result.counted_ns),
                  percent(result.slice_ns, result.counted_ns), (double)result.bystander_ns / 1e6,
                  (double)result.bystander_used_ns / 1e6);
    assert_true(result.used_ns > 150 * NS_PER_MS);
    assert_true(told >= bounds.least);
    assert_true(told <= bounds.most);
    assert_true(own >= bounds.own_least);
    assert_true(result.bystander_ns <=
                result.bystander_used_ns + result.bystander_used_ns / 10 + 2 * TICK_NS);
    watch_close(watch);
}

static void check_both(void (*work)(void), const char *name, struct bounds bounds)
{
    check(work, name, false, bounds);
    check(work, name, true, bounds);
}

/* ---- The cases ---- */

static void test_waited_for(void **state)
{
    (void)state;
    static const struct bounds bounds = {0, 75, 103}; /* one that is short may be its slice's */
    check_both(loop_of_true, "loop of true", bounds);
    check_both(pipelines, "pipelines", bounds);
    check_both(tree_as_of_make, "tree as of make", bounds);
}

static void test_nobody_waits(void **state)
{
    (void)state;
    static const struct bounds bounds = {70, 75, 103};
    check_both(ignore_children, "SIGCHLD ignored", bounds);
    check_both(fork_twice, "forked twice", bounds);
    check_both(fork_twice_and_exec, "forked twice, exec", bounds);
    check_both(fork_twice_below_a_shim, "below a subreaper", bounds);
}

static void test_one_shot_units(void **state)
{
    (void)state;
    check_both(one_shot_units, "one-shot units", (struct bounds){0, 75, 103});
    check_both(long_one_shot_unit, "one long unit", (struct bounds){90, 95, 103});
}

/* ---- Both hierarchies ---- */

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup_groups, teardown_groups)

static int run_all(const char *hierarchy)
{
    const struct CMUnitTest tests[] = {TEST(test_waited_for), TEST(test_nobody_waits),
                                       TEST(test_one_shot_units)};
    print_message("%s\n", hierarchy);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

static bool find_root(enum cgroup_hierarchy wanted)
{
    static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
                                        "/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup/cpu,cpuacct"};
    const char *file = wanted == CGROUP_HIERARCHY_V2 ? "cgroup.controllers" : "cpuacct.usage";
    for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof(path), "%s/%s", roots[i], file);
        (void)str_copy(root, sizeof(root), roots[i]);
        if (access(path, F_OK) == 0)
            return true;
    }
    return false;
}

/* In a process of its own, from where version 2 is out of sight. */
static int run_without_v2(void)
{
    pid_t pid = fork();
    int status = 0;
    if (pid == 0) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("none", "/sys/fs/cgroup/unified", "tmpfs", 0, NULL) < 0)
            _exit(SKIPPED);
        _exit(run_all("cgroup v1"));
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
        return 1;
    return WEXITSTATUS(status) == SKIPPED ? 0 : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    if (!short_lived_begin(argc, argv))
        return 1;
    /* What is held back at first (two ticks of each process that waits) is to be little of it. */
    short_lived_children = 200;
    if (geteuid() != 0) {
        puts("needs root: makes cgroups");
        return SKIPPED;
    }
    bool any = false;
    int failed = 0;
    if (find_root(CGROUP_HIERARCHY_CPUACCT) && access("/sys/fs/cgroup/unified", F_OK) == 0) {
        failed += run_without_v2();
        any = true;
    }
    if (find_root(CGROUP_HIERARCHY_V2)) {
        failed += run_all("cgroup v2");
        any = true;
    }
    if (!any)
        puts("no hierarchy of cgroups counts CPU time here");
    return any ? failed : SKIPPED;
}
