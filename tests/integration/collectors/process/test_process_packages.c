/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* On which packages processes were, and may be. */
#include "integration/collectors/packages_machine.h"

#include <fcntl.h>
#include <pthread.h>

#include "collectors/process/process_kernel.h"
#include "collectors/process/process_sweep.h"

extern const struct collector collector_process;

struct one {
    uint64_t cpu_ns;
    int32_t last_cpu;
    int asked;
};

static int one_cpu(void *userdata, int32_t pid, uint64_t *ret_cpu_ns)
{
    *ret_cpu_ns = ((struct one *)userdata)->cpu_ns;
    return pid == 10 ? 0 : -ESRCH;
}

static int one_exists(void *userdata, int32_t pid)
{
    (void)userdata;
    return pid == 10 ? 0 : -ESRCH;
}

static int one_stat(void *userdata, int32_t pid, struct proc_stat *ret_stat)
{
    *ret_stat = (struct proc_stat){
        .comm = "one", .threads = 3, .last_cpu = ((struct one *)userdata)->last_cpu};
    return pid == 10 ? 0 : -ESRCH;
}

static int one_cgroup(void *userdata, int32_t pid, struct cgroup_identity *ret_cgroup,
                      char path[GROUP_PATH_MAX])
{
    (void)ret_cgroup;
    (void)path;
    return one_exists(userdata, pid);
}

static int one_uid(void *userdata, int32_t pid, uint32_t *ret_uid)
{
    *ret_uid = 0;
    return one_exists(userdata, pid);
}

static uint16_t one_packages(void *userdata, int32_t pid, uint32_t threads,
                             const struct cpu_packages *known)
{
    assert_int_equal(pid, 10);
    assert_int_equal(threads, 3);
    assert_true(known->packages >= 2);
    ((struct one *)userdata)->asked++;
    return 2;
}

static const struct activity *sweep_at(struct process_sweep *sweep, uint64_t seconds)
{
    process_sweep_begin(sweep, seconds * NS_PER_S);
    process_sweep_see(sweep, 10, 1);
    process_sweep_ask(sweep);
    assert_int_equal(process_sweep_tell(sweep), 0);
    return sweep->n_activities ? &sweep->activities[0] : NULL;
}

static void test_where_processes_are(void **state)
{
    struct machine *machine = *state;
    static const struct process_kernel kernel = {.cpu = one_cpu,
                                                 .exists = one_exists,
                                                 .stat = one_stat,
                                                 .cgroup = one_cgroup,
                                                 .uid = one_uid,
                                                 .packages = one_packages};
    assert_int_equal(count_packages(machine), 2);
    static struct process_sweep sweep;
    struct one one = {.cpu_ns = 5};
    process_sweep_init(&sweep, &kernel, &one, &machine->env, TICK_NS);
    sweep.topology = &topology;
    assert_null(sweep_at(&sweep, 100));
    assert_int_equal(one.asked, 0); /* it was not active */
    static const int32_t cpus[] = {1, 2, 4, -1, INT32_MAX, 65536};
    static const int16_t packages[] = {1, 0, -1, -1, -1, -1};
    for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
        one.cpu_ns++;
        one.last_cpu = cpus[i];
        const struct activity *activity = sweep_at(&sweep, 200);
        assert_non_null(activity);
        assert_int_equal(activity->package, packages[i]);
        assert_int_equal(activity->packages, 2);
        assert_int_equal(one.asked, 1); /* once in a while */
    }
    one.cpu_ns++;
    assert_non_null(sweep_at(&sweep, 300));
    assert_int_equal(one.asked, 2);
    topology.packages = 1; /* there is nothing to ask about any more */
    one.cpu_ns++;
    assert_int_equal(sweep_at(&sweep, 400)->packages, 0);
    assert_int_equal(one.asked, 2);
    process_sweep_done(&sweep);
}

/* All the way: what the collector puts into a sample. */
static void test_collector(void **state)
{
    struct machine *machine = *state;
    fixture_write(&machine->tree, "uptime", "1000.00 1.00\n");
    fixture_write(&machine->tree, "stat", "");
    TICKS(machine, 1, 1, 1, 1);
    static const char form[] = "10 (x) S 1 1 1 0 -1 0 0 0 0 0 %d 0 0 0 20 0 1 0 5 0 0 0 0 0 0 0 0 "
                               "0 0 0 0 0 0 0 17 3 0 0\n";
    static struct sample sample;
    void *collector = NULL;
    char text[256];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(text, sizeof(text), form, i);
        fixture_write(&machine->tree, "10/stat", text);
        if (i == 0)
            assert_int_equal(collector_process.open(&machine->env, &collector), 0);
        assert_int_equal(collector_process.collect(collector, &sample), 0);
        TICKS(machine, 1, 1, 1, 2);
    }
    assert_int_equal(sample.n_activities, 1);
    assert_int_equal(sample.activities[0].package, 1);
    assert_int_equal(sample.busy.packages, 2);
    assert_int_equal(sample.busy.package_busy_ns[0], 0);
    assert_true(sample.busy.package_busy_ns[1] > 0);
    collector_process.close(collector);
}

/* ---- Real threads, on a machine of two packages that is made up ---- */

struct bound_thread {
    int cpu;
    pthread_barrier_t barrier;
};

static void bind_to(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void *run_thread(void *userdata)
{
    struct bound_thread *thread = userdata;
    bind_to(thread->cpu);
    (void)pthread_barrier_wait(&thread->barrier); /* it is bound */
    (void)pthread_barrier_wait(&thread->barrier); /* it may end */
    return NULL;
}

static uint16_t ask_self(uint32_t threads)
{
    struct process_proc proc = {.procfs_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    uint16_t mask = process_kernel_clock.packages(&proc, getpid(), threads, &topology);
    assert_int_equal(close(proc.procfs_fd), 0);
    return mask;
}

static void test_bound_threads(void **state)
{
    (void)state;
    cpu_set_t all;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    if (CPU_COUNT(&all) < 2)
        skip();
    int cpus[2];
    for (int cpu = 0, n = 0; n < 2; cpu++) {
        if (CPU_ISSET(cpu, &all))
            cpus[n++] = cpu;
    }
    topology = (struct cpu_packages){.packages = 2, .end = CPU_SETSIZE, .present = 3};
    topology.of[cpus[1]] = 1;
    assert_int_equal(ask_self(1), 0);
    bind_to(cpus[1]);
    assert_int_equal(ask_self(1), 2);
    assert_int_equal(ask_self(2), 2);
    assert_int_equal(ask_self(1000), 0); /* too many to ask */
    struct bound_thread thread = {.cpu = cpus[0]};
    pthread_t id;
    assert_int_equal(pthread_barrier_init(&thread.barrier, NULL, 2), 0);
    assert_int_equal(pthread_create(&id, NULL, run_thread, &thread), 0);
    (void)pthread_barrier_wait(&thread.barrier);
    assert_int_equal(ask_self(2), 0); /* the other one runs elsewhere */
    (void)pthread_barrier_wait(&thread.barrier);
    assert_int_equal(pthread_join(id, NULL), 0);
    assert_int_equal(pthread_barrier_destroy(&thread.barrier), 0);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    struct process_proc proc = {.procfs_fd = -1};
    assert_int_equal(process_kernel_clock.packages(&proc, PID_LIMIT, 1, &topology), 0); /* gone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(test_where_processes_are),
        MACHINE_TEST(test_collector),
        cmocka_unit_test(test_bound_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
