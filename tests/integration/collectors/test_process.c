/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The process collector on copies of /proc: CPU times from stat. */
#include "process_watch.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "collectors/parse_proc.h"

enum { TICKS_PER_S = 100 };
#define TICK_NS (NS_PER_S / TICKS_PER_S)

/* ---- A small /proc ---- */

struct copy {
    char path[64];
    int fd;
};

static void copy_write(const struct copy *copy, const char *name, const char *text, size_t length)
{
    int fd = openat(copy->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    assert_int_equal(close(fd), 0);
}

static void copy_text(const struct copy *copy, const char *name, const char *text)
{
    copy_write(copy, name, text, strlen(text));
}

/* What /proc tells of a process; zeroes are plausible. */
struct person {
    int32_t pid, ppid;
    const char *comm, *cgroup;
    uint32_t flags, threads, uid;
    uint64_t user, system, child_user, child_system, start;
    bool only_stat;
};

static void copy_person(const struct copy *copy, struct person person)
{
    char name[64];
    char text[1024];
    (void)snprintf(name, sizeof(name), "%d", person.pid);
    assert_true(mkdirat(copy->fd, name, 0755) == 0 || errno == EEXIST);
    (void)snprintf(text, sizeof(text),
                   "%d (%s) S %d 1 1 0 -1 %u 0 0 0 0 %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                   " 20 0 %u 0 %" PRIu64 " 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0\n",
                   person.pid, person.comm ? person.comm : "some", person.ppid, person.flags,
                   person.user, person.system, person.child_user, person.child_system,
                   person.threads ? person.threads : 1, person.start);
    (void)snprintf(name, sizeof(name), "%d/stat", person.pid);
    copy_text(copy, name, text);
    if (person.only_stat)
        return;
    (void)snprintf(name, sizeof(name), "%d/cgroup", person.pid);
    (void)snprintf(text, sizeof(text), "0::/%s\n", person.cgroup ? person.cgroup : "");
    copy_text(copy, name, text);
    (void)snprintf(name, sizeof(name), "%d/status", person.pid);
    (void)snprintf(text, sizeof(text), "Name:\tx\nUid:\t%u\t0\t0\t0\n", person.uid);
    copy_text(copy, name, text);
}

static void copy_forget(const struct copy *copy, int32_t pid)
{
    static const char *const files[] = {"stat", "cgroup", "status"};
    char name[64];
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        (void)snprintf(name, sizeof(name), "%d/%s", pid, files[i]);
        (void)unlinkat(copy->fd, name, 0);
    }
    (void)snprintf(name, sizeof(name), "%d", pid);
    assert_int_equal(unlinkat(copy->fd, name, AT_REMOVEDIR), 0);
}

static void copy_uptime(const struct copy *copy, uint64_t ticks)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "%" PRIu64 ".%02" PRIu64 " 1.00\n", ticks / TICKS_PER_S,
                   ticks % TICKS_PER_S);
    copy_text(copy, "uptime", text);
}

static void copy_stat(const struct copy *copy, uint64_t user, uint64_t irq, uint64_t guest)
{
    char text[256];
    (void)snprintf(text, sizeof(text),
                   "cpu  %" PRIu64 " 0 0 5000 600 %" PRIu64 " 0 700 %" PRIu64 " 0\n"
                   "cpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\nintr 1 2 3\n",
                   user, irq, guest);
    copy_text(copy, "stat", text);
}

static int copy_setup(void **state)
{
    struct copy *copy = calloc(1, sizeof(*copy));
    assert_non_null(copy);
    (void)str_copy(copy->path, sizeof(copy->path), "/dev/shm/greend-proc-XXXXXX");
    if (!mkdtemp(copy->path)) {
        (void)str_copy(copy->path, sizeof(copy->path), "/tmp/greend-proc-XXXXXX");
        assert_non_null(mkdtemp(copy->path));
    }
    copy->fd = open(copy->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(copy->fd >= 0);
    copy_uptime(copy, 100000);
    copy_stat(copy, 1000, 10, 0);
    *state = copy;
    return 0;
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

static int copy_teardown(void **state)
{
    struct copy *copy = *state;
    assert_int_equal(close(copy->fd), 0);
    assert_int_equal(nftw(copy->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(copy);
    return 0;
}

static struct watch *copy_watch(const struct copy *copy)
{
    return watch_open(open(copy->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), false);
}

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

/* ---- Bad input ---- */

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

/* ---- Size ---- */

static uint64_t allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    allocations++;
    return __real_realloc(pointer, size);
}

static void test_32768_processes(void **state)
{
    const struct copy *copy = *state;
    enum { MANY = 32768, ACTIVE = 500 };
    for (int32_t pid = 1; pid <= MANY; pid++)
        copy_person(copy,
                    (struct person){
                        .pid = pid, .ppid = pid / 2, .start = (uint64_t)pid, .only_stat = true});
    struct watch *watch = copy_watch(copy);
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_processes, MANY);
    assert_true(allocations > 0); /* they are counted */
    uint64_t warm = 0;
    for (int32_t round = 0; round < 3; round++) {
        for (int32_t i = 0; i < ACTIVE; i++) {
            int32_t pid = MANY - ACTIVE + i + 1;
            copy_person(copy, (struct person){.pid = pid,
                                              .ppid = pid / 2,
                                              .start = (uint64_t)pid,
                                              .user = (uint64_t)round + 1,
                                              .only_stat = true});
        }
        if (round == 1)
            warm = allocations;
        assert_int_equal(watch_collect(watch), 0);
        assert_int_equal(watch->sample.n_activities, ACTIVE);
    }
    assert_int_equal(allocations, warm);
    for (int32_t pid = 2; pid <= MANY; pid++)
        copy_forget(copy, pid);
    assert_int_equal(watch_collect(watch), 0);
    assert_int_equal(watch->sample.n_processes, 1);
    assert_int_equal(watch->sample.n_activities, 0);
    assert_int_equal(allocations, warm);
    watch_close(watch);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, copy_setup, copy_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_was_used_since), TEST(test_new_processes), TEST(test_reused_pid),
        TEST(test_inheritance),         TEST(test_unmet_debts),   TEST(test_reaper_of_strangers),
        TEST(test_identities),          TEST(test_bad_stat),      TEST(test_impossible_stat),
        TEST(test_nothing_there),       TEST(test_busy),          TEST(test_32768_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
