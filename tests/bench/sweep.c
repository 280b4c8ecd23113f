/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What a sweep over 1,000 and 5,000 processes costs, measured beside its floor in the same run.
 *
 *   sweep  collect() of the process collector
 *   floor  getdents64, one clock_gettime a process, one stat read an active process; no parsing
 *   peers  open, read and close of every /proc/PID/stat, as others do; no parsing
 *
 * Ten of the processes have 1,000 threads each. A tenth of the processes are active: before each
 * measurement each of them uses 200 us of CPU, which it is told by a byte in a pipe, and goes back
 * to sleep. Two worlds: in the quiet one nobody forks; in the forking one a process comes and goes
 * before each measurement, so that /proc must be listed. The methods take turns; what is told is
 * the CPU time of this thread, median and quartiles. The exit status is 1 where a bar is missed. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "greend/collector.h"
#include "greend/units.h"

extern const struct collector collector_process;

enum { ROUNDS = 60, THREADED = 10, THREADS = 1000, PID_LIMIT = 4194304, STAT_SIZE = 1024 };

#define BAR_FLOOR 1.5
#define BAR_PEERS 0.25

static void die_unless(bool condition, const char *what)
{
    if (condition)
        return;
    perror(what);
    exit(2);
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- The processes ---- */

struct crowd {
    pid_t *pids;
    int count, active;
    int orders[2][2]; /* pipes: even and odd rounds, so that nobody takes two orders of a round */
    int forks[2];     /* orders for the one that forks */
    int answers[2];
    int round;
};

static void *sleep_forever(void *data)
{
    (void)data;
    while (pause() < 0)
        ;
    return NULL;
}

static void start_threads(void)
{
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, 16384);
    for (int i = 1; i < THREADS; i++) {
        pthread_t thread;
        die_unless(pthread_create(&thread, &attributes, sleep_forever, NULL) == 0, "thread");
    }
}

static void be_active(const struct crowd *crowd)
{
    char byte = 0;
    for (int round = 0; read(crowd->orders[round & 1][0], &byte, 1) == 1; round++) {
        uint64_t end_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + 200 * NS_PER_US;
        while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end_ns)
            ;
        die_unless(write(crowd->answers[1], &byte, 1) == 1, "answer");
    }
}

static void take_answers(const struct crowd *crowd, int count)
{
    char bytes[512];
    while (count > 0) {
        ssize_t got = read(crowd->answers[0], bytes, (size_t)MIN(count, (int)sizeof(bytes)));
        die_unless(got > 0, "answer");
        count -= (int)got;
    }
}

/* Another process does that, for after a fork the first write to each page costs a fault. */
static void be_forking(const struct crowd *crowd)
{
    char byte = 0;
    while (read(crowd->forks[0], &byte, 1) == 1) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        (void)waitpid(pid, NULL, 0);
        die_unless(write(crowd->answers[1], &byte, 1) == 1, "answer");
    }
}

static void crowd_start(struct crowd *crowd, int count)
{
    *crowd = (struct crowd){.count = count, .active = count / 10};
    crowd->pids = calloc((size_t)count, sizeof(*crowd->pids));
    die_unless(crowd->pids && pipe(crowd->orders[0]) == 0 && pipe(crowd->orders[1]) == 0 &&
                   pipe(crowd->answers) == 0 && pipe(crowd->forks) == 0,
               "pipe");
    for (int i = 0; i < count; i++) {
        crowd->pids[i] = fork();
        die_unless(crowd->pids[i] >= 0, "fork");
        if (crowd->pids[i] > 0)
            continue;
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (i < THREADED)
            start_threads();
        if (i < THREADED)
            die_unless(write(crowd->answers[1], "t", 1) == 1, "answer");
        if (i == THREADED)
            be_forking(crowd);
        if (i >= count - crowd->active)
            be_active(crowd);
        (void)sleep_forever(NULL);
    }
    take_answers(crowd, THREADED);
}

static void crowd_stop(struct crowd *crowd)
{
    for (int i = 0; i < crowd->count; i++)
        (void)kill(crowd->pids[i], SIGKILL);
    for (int i = 0; i < crowd->count; i++)
        (void)waitpid(crowd->pids[i], NULL, 0);
    for (int i = 0; i < 2; i++) {
        (void)close(crowd->orders[0][i]);
        (void)close(crowd->orders[1][i]);
        (void)close(crowd->answers[i]);
        (void)close(crowd->forks[i]);
    }
    free(crowd->pids);
}

/* Every active process works once. */
static void crowd_work(struct crowd *crowd, bool forking)
{
    static const char bytes[1024];
    int order = crowd->orders[crowd->round++ & 1][1];
    die_unless(write(order, bytes, (size_t)crowd->active) == crowd->active, "order");
    take_answers(crowd, crowd->active);
    if (!forking)
        return;
    die_unless(write(crowd->forks[1], bytes, 1) == 1, "fork order");
    take_answers(crowd, 1);
}

/* ---- The three methods ---- */

struct method {
    const char *name;
    void (*run)(void *data);
    void *data;
    uint64_t cost_ns[ROUNDS];
};

struct sweep {
    void *state;
    struct sample *sample;
};

static void run_sweep(void *data)
{
    const struct sweep *sweep = data;
    die_unless(collector_process.collect(sweep->state, sweep->sample) == 0, "collect");
}

struct loop {
    int procfs_fd;
    bool clocks;
    uint64_t *cpu_ns; /* by PID */
    unsigned stats;
    char entries[1 << 15];
};

static void read_stat(struct loop *loop, const char *pid)
{
    char path[32];
    char stat[STAT_SIZE];
    size_t length = strlen(pid);
    (void)str_copy(path, sizeof(path), pid);
    (void)str_copy(path + length, sizeof(path) - length, "/stat");
    int fd = openat(loop->procfs_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    loop->stats += read(fd, stat, sizeof(stat)) > 0;
    (void)close(fd);
}

static void visit(struct loop *loop, const char *name)
{
    int pid = 0;
    for (const char *digit = name; *digit; digit++) {
        if (*digit < '0' || *digit > '9')
            return;
        pid = pid * 10 + (*digit - '0');
    }
    if (!loop->clocks) {
        read_stat(loop, name);
        return;
    }
    uint64_t cpu_ns = clock_ns((clockid_t)(~(uint32_t)pid << 3 | 2));
    if (cpu_ns != loop->cpu_ns[pid])
        read_stat(loop, name);
    loop->cpu_ns[pid] = cpu_ns;
}

static void run_loop(void *data)
{
    struct loop *loop = data;
    loop->stats = 0;
    (void)lseek(loop->procfs_fd, 0, SEEK_SET);
    for (;;) {
        ssize_t length = getdents64(loop->procfs_fd, loop->entries, sizeof(loop->entries));
        die_unless(length >= 0, "getdents64");
        if (length == 0)
            break;
        for (ssize_t at = 0; at < length;) {
            const struct dirent64 *entry = (const struct dirent64 *)(loop->entries + at);
            visit(loop, entry->d_name);
            at += entry->d_reclen;
        }
    }
}

/* ---- Measuring ---- */

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static double quantile_us(const struct method *method, int percent)
{
    int at = (ROUNDS - 1) * percent / 100;
    return (double)method->cost_ns[at] / 1e3;
}

static void measure(struct crowd *crowd, struct method *methods, int count, bool forking)
{
    for (int round = -2; round < ROUNDS; round++) {
        for (int i = 0; i < count; i++) {
            struct method *method = &methods[(i + round + count) % count];
            crowd_work(crowd, forking);
            uint64_t begin_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
            method->run(method->data);
            if (round >= 0) /* the first two are warm-up */
                method->cost_ns[round] = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
        }
    }
    for (int i = 0; i < count; i++)
        qsort(methods[i].cost_ns, ROUNDS, sizeof(methods[i].cost_ns[0]), compare_u64);
}

static bool report(const struct method methods[3], unsigned processes, bool forking)
{
    printf("%u processes, %s\n", processes, forking ? "forking" : "quiet");
    for (int i = 0; i < 3; i++)
        printf("  %-6s %8.0f us (quartiles %.0f to %.0f)  %.3f us a process\n", methods[i].name,
               quantile_us(&methods[i], 50), quantile_us(&methods[i], 25),
               quantile_us(&methods[i], 75), quantile_us(&methods[i], 50) / processes);
    double floor = quantile_us(&methods[0], 50) / quantile_us(&methods[1], 50);
    double peers = quantile_us(&methods[0], 50) / quantile_us(&methods[2], 50);
    printf("  sweep / floor %.2f (bar %.2f)   sweep / peers %.3f (bar %.2f)\n", floor, BAR_FLOOR,
           peers, BAR_PEERS);
    return floor <= BAR_FLOOR && peers <= BAR_PEERS;
}

static uint32_t identify(void *userdata, const struct process_identity *identity)
{
    (void)userdata;
    return (uint32_t)identity->pid;
}

static void release(void *userdata, uint32_t workload)
{
    (void)userdata;
    (void)workload;
}

static bool bench(int count)
{
    struct crowd crowd;
    crowd_start(&crowd, count);
    int procfs_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct collector_env env = {.sysfs_fd = -1,
                                .procfs_fd = procfs_fd,
                                .live_procfs = true,
                                .identify = identify,
                                .release = release};
    struct sweep sweep = {.sample = calloc(1, sizeof(struct sample))};
    struct loop *floor = calloc(1, sizeof(*floor));
    struct loop *peers = calloc(1, sizeof(*peers));
    die_unless(sweep.sample && floor && peers && procfs_fd >= 0, "start");
    floor->cpu_ns = calloc(PID_LIMIT + 1, sizeof(*floor->cpu_ns));
    floor->clocks = true;
    floor->procfs_fd = openat(procfs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    peers->procfs_fd = openat(procfs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    die_unless(floor->cpu_ns && collector_process.open(&env, &sweep.state) == 0, "open");

    struct method methods[3] = {
        {.name = "sweep", .run = run_sweep, .data = &sweep},
        {.name = "floor", .run = run_loop,  .data = floor },
        {.name = "peers", .run = run_loop,  .data = peers }
    };
    bool good = true;
    for (int forking = 0; forking < 2; forking++) {
        measure(&crowd, methods, 3, forking);
        good = report(methods, sweep.sample->n_processes, forking) && good;
        printf("  active: %zu told, %u stats read by the floor\n", sweep.sample->n_activities,
               floor->stats);
    }
    collector_process.close(sweep.state);
    (void)close(floor->procfs_fd);
    (void)close(peers->procfs_fd);
    (void)close(procfs_fd);
    free(floor->cpu_ns);
    free(floor);
    free(peers);
    free(sweep.sample);
    crowd_stop(&crowd);
    return good;
}

int main(void)
{
    bool good = bench(1000);
    good = bench(5000) && good;
    return good ? 0 : 1;
}
