/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Machines with several packages: which CPU is where, how busy each package was, and where
 * processes were and may be. On copies of sysfs and /proc. */
#include "unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>

#include "collectors/busy.h"
#include "collectors/process/process_kernel.h"
#include "greend/units.h"
#include "support/fixtures.h"

enum { TICK_NS = 10000000, CPUS = 300 };

extern const struct collector collector_process;

struct machine {
    struct fixture tree; /* both sysfs and /proc: their names do not meet */
    struct collector_env env;
    struct busy_reader reader;
    struct busy busy;
};

static void set_package(const struct machine *machine, int cpu, const char *text)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "devices/system/cpu/cpu%d/topology/physical_package_id",
                   cpu);
    fixture_write(&machine->tree, path, text);
}

static uint32_t identify(void *userdata, const struct process_identity *identity)
{
    (void)userdata;
    (void)identity;
    return 7;
}

static void release(void *userdata, uint32_t workload)
{
    (void)userdata;
    assert_int_equal(workload, 7);
}

/* CPUs 0 and 2 on package 0, CPUs 1 and 3 on package 1. */
static int machine_setup(void **state)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    assert_non_null(machine);
    fixture_make(&machine->tree);
    machine->env = (struct collector_env){.sysfs_fd = machine->tree.fd,
                                          .procfs_fd = machine->tree.fd,
                                          .identify = identify,
                                          .release = release};
    machine->reader.fd = -1;
    for (int cpu = 0; cpu < 4; cpu++)
        set_package(machine, cpu, cpu % 2 ? "1\n" : "0\n");
    fixture_write(&machine->tree, "devices/system/cpu/online", "0-3\n");
    fixture_write(&machine->tree, "devices/system/cpu/cpufreq/boost", "1\n");
    fixture_write(&machine->tree, "devices/system/cpu/cpu1x/topology/physical_package_id", "9\n");
    *state = machine;
    return 0;
}

static int machine_teardown(void **state)
{
    struct machine *machine = *state;
    busy_reader_done(&machine->reader);
    fixture_done(&machine->tree);
    free(machine);
    return 0;
}

/* ---- Topology ---- */

static struct cpu_packages topology;

static uint32_t count_packages(const struct machine *machine)
{
    cpu_packages_read(&topology, machine->tree.fd);
    return topology.packages;
}

static void test_topology(void **state)
{
    const struct machine *machine = *state;
    assert_int_equal(count_packages(machine), 2);
    assert_int_equal(topology.end, 4);
    static const int16_t expected[] = {0, 1, 0, 1, -1};
    for (int32_t cpu = 0; cpu < 5; cpu++)
        assert_int_equal(cpu_packages_of(&topology, cpu), expected[cpu]);
    assert_int_equal(cpu_packages_of(&topology, -1), -1);
    assert_int_equal(cpu_packages_of(&topology, INT32_MAX), -1);
    fixture_remove(&machine->tree, "devices/system/cpu/cpu3/topology"); /* offline */
    assert_int_equal(count_packages(machine), 2);
    assert_int_equal(cpu_packages_of(&topology, 3), -1);
    /* The numbers are those of RAPL, with holes. */
    set_package(machine, 3, "15\n");
    assert_int_equal(count_packages(machine), 16);
    assert_int_equal(cpu_packages_of(&topology, 3), 15);
    assert_int_equal(topology.present, 1 << 15 | 1 << 1 | 1);
}

static void test_one_package(void **state)
{
    const struct machine *machine = *state;
    for (int cpu = 0; cpu < 4; cpu++)
        set_package(machine, cpu, "3\n");
    assert_int_equal(count_packages(machine), 1);
    assert_int_equal(cpu_packages_of(&topology, 2), 3);
}

static void test_topology_unknown(void **state)
{
    const struct machine *machine = *state;
    static const char *const bad[] = {"-1\n", "",     "x\n",   "1 2\n",
                                      "16\n", "36\n", "256\n", "99999999999999999999\n"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        set_package(machine, 3, bad[i]);
        assert_int_equal(count_packages(machine), 0);
        assert_int_equal(cpu_packages_of(&topology, 0), -1);
    }
    set_package(machine, 3, "1\n");
    assert_int_equal(count_packages(machine), 2);
    set_package(machine, CPUS_MAX, "1\n");
    assert_int_equal(count_packages(machine), 0);
    fixture_remove(&machine->tree, "devices");
    assert_int_equal(count_packages(machine), 0);
    cpu_packages_read(&topology, -1);
    assert_int_equal(topology.packages, 0);
}

static uint16_t limit_of(uint64_t cpus)
{
    uint64_t words[2] = {cpus, 0};
    uint16_t mask = cpu_packages_mask(&topology, (const cpu_set_t *)words, sizeof(words));
    return cpu_packages_limit(&topology, mask);
}

static void test_masks(void **state)
{
    const struct machine *machine = *state;
    assert_int_equal(count_packages(machine), 2);
    assert_int_equal(limit_of(1 << 0), 1);
    assert_int_equal(limit_of(1 << 0 | 1 << 2), 1);
    assert_int_equal(limit_of(1 << 3), 2);
    assert_int_equal(limit_of(1 << 0 | 1 << 1), 0); /* any */
    assert_int_equal(limit_of(UINT64_MAX), 0);
    assert_int_equal(limit_of(0), 0);
    assert_int_equal(limit_of(1 << 4), 0); /* a CPU that nobody knows */
    assert_int_equal(limit_of(1 << 4 | 1 << 1), 2);
    set_package(machine, 2, "5\n"); /* a hole is no package to run on */
    assert_int_equal(count_packages(machine), 6);
    assert_int_equal(limit_of(1 << 2), 1 << 5);
    assert_int_equal(limit_of(1 << 0 | 1 << 2), 1 << 5 | 1);
    assert_int_equal(limit_of(1 << 0 | 1 << 1 | 1 << 2), 0);
    /* A set shorter than the machine. */
    topology.of[70] = 1;
    topology.end = 71;
    uint64_t word = 1;
    assert_int_equal(cpu_packages_mask(&topology, (const cpu_set_t *)&word, sizeof(word)), 1);
    for (int cpu = 0; cpu < 4; cpu++)
        set_package(machine, cpu, "0\n");
    assert_int_equal(count_packages(machine), 1);
    assert_int_equal(limit_of(1 << 0), 0);
}

/* ---- How busy each was ---- */

/* Ticks of each CPU; UINT64_MAX: offline. As user and irq time, beside what is not busy time. */
static void set_ticks(const struct machine *machine, const uint64_t *ticks, size_t n)
{
    static char text[CPUS * 96 + 128];
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ticks[i] == UINT64_MAX ? 0 : ticks[i];
    int length = snprintf(text, sizeof(text), "cpu  %lu 0 0 9 9 0 0 9 9 9\n", (unsigned long)sum);
    for (size_t i = 0; i < n; i++) {
        if (ticks[i] != UINT64_MAX)
            length +=
                snprintf(text + length, sizeof(text) - (size_t)length,
                         "cpu%zu %lu 0 0 50 60 %lu 0 70 80 90\n", i,
                         (unsigned long)(ticks[i] - ticks[i] / 2), (unsigned long)(ticks[i] / 2));
    }
    (void)snprintf(text + length, sizeof(text) - (size_t)length, "intr 1 2 3\n");
    fixture_rewrite(&machine->tree, "stat", text);
}

#define TICKS(machine, ...)                                                                        \
    set_ticks(machine, (const uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / 8)

static void assert_busy(struct machine *machine, uint32_t packages, uint64_t first, uint64_t second)
{
    assert_int_equal(busy_reader_read(&machine->reader, &machine->busy), 0);
    assert_int_equal(machine->busy.packages, packages);
    assert_int_equal(machine->busy.package_busy_ns[0], first * TICK_NS);
    assert_int_equal(machine->busy.package_busy_ns[1], second * TICK_NS);
}

static void open_reader(struct machine *machine)
{
    assert_int_equal(busy_reader_init(&machine->reader, &machine->env, TICK_NS), 0);
}

static void test_busy_by_package(void **state)
{
    struct machine *machine = *state;
    fixture_write(&machine->tree, "stat", "");
    TICKS(machine, 100, 200, 300, 400);
    open_reader(machine);
    assert_busy(machine, 2, 0, 0);
    assert_int_equal(machine->busy.package_cpus[0], 2);
    assert_int_equal(machine->busy.package_cpus[1], 2);
    TICKS(machine, 110, 201, 305, 402);
    assert_busy(machine, 2, 15, 3);
    assert_int_equal(machine->busy.busy_ns, UINT64_C(18) * TICK_NS);
    TICKS(machine, 90, 202, 306, 402); /* went back */
    assert_busy(machine, 2, 1, 1);
    TICKS(machine, 91, 202, 306, 402);
    assert_busy(machine, 2, 1, 0);
}

static void test_hotplug(void **state)
{
    struct machine *machine = *state;
    fixture_write(&machine->tree, "stat", "");
    TICKS(machine, 100, 200, 300, UINT64_MAX);
    fixture_remove(&machine->tree, "devices/system/cpu/cpu3/topology");
    open_reader(machine);
    assert_busy(machine, 2, 0, 0);
    assert_int_equal(machine->busy.package_cpus[1], 1);
    /* One comes that was never seen, one goes: as many as before. */
    set_package(machine, 3, "1\n");
    TICKS(machine, 101, 202, UINT64_MAX, 1000);
    assert_busy(machine, 2, 1, 2);
    assert_int_equal(machine->busy.package_cpus[0], 1);
    assert_int_equal(machine->busy.package_cpus[1], 2);
    TICKS(machine, 101, 202, 304, 1005); /* it is back: 4 since it was seen last */
    assert_busy(machine, 2, 4, 5);
    /* The whole second socket goes, and comes back. */
    fixture_remove(&machine->tree, "devices/system/cpu/cpu1/topology");
    fixture_remove(&machine->tree, "devices/system/cpu/cpu3/topology");
    TICKS(machine, 102, UINT64_MAX, 305, UINT64_MAX);
    assert_busy(machine, 1, 0, 0);
    set_package(machine, 1, "1\n");
    set_package(machine, 3, "1\n");
    TICKS(machine, 150, 203, 305, 1006);
    assert_busy(machine, 2, 0, 0);
    TICKS(machine, 151, 205, 305, 1006);
    assert_busy(machine, 2, 1, 2);
}

static void test_busy_unknown(void **state)
{
    struct machine *machine = *state;
    fixture_write(&machine->tree, "stat", "");
    TICKS(machine, 1, 1, 1, 1, 1); /* CPU 4 is on no package that is told */
    open_reader(machine);
    assert_busy(machine, 0, 0, 0);
    TICKS(machine, 2, 2, 2, 2, 2);
    assert_busy(machine, 0, 0, 0);
    assert_int_equal(machine->busy.busy_ns, UINT64_C(5) * TICK_NS);
    assert_int_equal(cpu_packages_of(&machine->reader.topology, 0), -1); /* of processes too */
    TICKS(machine, 3, 3, 3, 3);
    assert_busy(machine, 2, 0, 0);
    TICKS(machine, 4, 5, 3, 3);
    assert_busy(machine, 2, 1, 2);
    static const char *const bad[] = {
        "cpu  1 2 3 4 5 6 7\ncpu0 9 9 9 9 9 9 9\ncpu1 1 2 x 4\ncpu2 0 0 0 0\ncpu3 0 0 0 0\n",
        "cpu  1 2 3 4 5 6 7\ncpu0 9 9 9 9 9 9 9\ncpu1 0 0 0 0\ncpu2 0 0 0 0\ncpu3 5 5 5 5 5",
        "cpu  1 2 3 4 5 6 7\ncpu 9 9 9 9 9 9 9\n",
        "cpu  1 2 3 4 5 6 7\ncpu99999999999 9 9 9 9 9 9 9\n",
        "cpu  1 2 3 4 5 6 7\ncpu4294967295 9 9 9 9 9 9 9\n",
        "cpu  1 2 3 4 5 6 7\ncpu8192 9 9 9 9 9 9 9\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        fixture_rewrite(&machine->tree, "stat", bad[i]);
        assert_busy(machine, 0, 0, 0);
        TICKS(machine, 10, 10, 10, 10);
        assert_busy(machine, 2, 0, 0);
        TICKS(machine, 11, 10, 10, 10);
        assert_busy(machine, 2, 1, 0);
    }
}

static void test_300_cpus(void **state)
{
    struct machine *machine = *state;
    static uint64_t ticks[CPUS];
    for (int cpu = 0; cpu < CPUS; cpu++) {
        set_package(machine, cpu, cpu < 100 ? "0\n" : "1\n");
        ticks[cpu] = UINT64_C(1000000000000) + (uint64_t)cpu;
    }
    fixture_write(&machine->tree, "stat", "");
    set_ticks(machine, ticks, CPUS);
    open_reader(machine);
    assert_busy(machine, 2, 0, 0);
    for (int cpu = 0; cpu < CPUS; cpu++)
        ticks[cpu] += 3;
    set_ticks(machine, ticks, CPUS);
    assert_busy(machine, 2, 300, 600);
    assert_int_equal(machine->busy.cpus, CPUS);
    assert_int_equal(machine->busy.package_cpus[0], 100);
    assert_int_equal(machine->busy.package_cpus[1], 200);
}

/* ---- Processes ---- */

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

#define TEST(function) cmocka_unit_test_setup_teardown(function, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_topology),
        TEST(test_one_package),
        TEST(test_topology_unknown),
        TEST(test_masks),
        TEST(test_busy_by_package),
        TEST(test_hotplug),
        TEST(test_busy_unknown),
        TEST(test_300_cpus),
        TEST(test_where_processes_are),
        TEST(test_collector),
        cmocka_unit_test(test_bound_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
