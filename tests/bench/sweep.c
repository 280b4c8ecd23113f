/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What a sweep over all processes costs, beside two loops in the same run, in CPU time of the
 * thread: floor  getdents64 of /proc, one clock_gettime for each process, and one open, read and
 * close of stat for each process whose clock moved: bar 1.5 stat   open, read and close of every
 * /proc/PID/stat, as most tools do: bar 0.25
 *
 * sweep [ROUNDS]: 1,000 and 5,000 processes, ten of which have 1,000 threads. Before each round one
 * in ten is woken through a pipe and burns 200 us. The three take turns in going first. Fails if a
 * bar is missed. */

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "greend/collector.h"
#include "greend/units.h"

enum {
    PROCESSES_MAX = 5000,
    THREADS = 1000,
    THREADED = 10,
    ROUNDS_MAX = 1000,
    PID_LIMIT = 1 << 22
};

extern const struct collector collector_process;

static int wake_pipe[PROCESSES_MAX][2]; /* of the active ones */
static int done_pipe[2];
static pid_t children[PROCESSES_MAX];

static uint64_t now_ns(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void *sleep_for_ever(void *nothing)
{
    (void)nothing;
    for (;;)
        (void)pause();
    return NULL;
}

static void live(int number, bool active)
{
    if (number < THREADED) {
        pthread_attr_t attributes;
        (void)pthread_attr_init(&attributes);
        (void)pthread_attr_setstacksize(&attributes, 1 << 16);
        for (int i = 1; i < THREADS; i++) {
            pthread_t thread;
            (void)pthread_create(&thread, &attributes, sleep_for_ever, NULL);
        }
    }
    if (write(done_pipe[1], "r", 1) != 1)
        _exit(1);
    char byte;
    while (active && read(wake_pipe[number][0], &byte, 1) == 1) {
        uint64_t begin = now_ns(CLOCK_PROCESS_CPUTIME_ID);
        while (now_ns(CLOCK_PROCESS_CPUTIME_ID) - begin < 200 * NS_PER_US) {
        }
        if (write(done_pipe[1], "d", 1) != 1)
            _exit(1);
    }
    (void)sleep_for_ever(NULL);
}

static bool is_active(int number)
{
    return number % 10 == 5;
}

static void wait_for(int n)
{
    char bytes[256];
    while (n > 0) {
        ssize_t got = read(done_pipe[0], bytes, (size_t)MIN(n, (int)sizeof(bytes)));
        if (got <= 0)
            exit(EXIT_FAILURE);
        n -= (int)got;
    }
}

static void start(int n)
{
    if (pipe2(done_pipe, O_CLOEXEC) < 0)
        exit(EXIT_FAILURE);
    for (int i = 0; i < n; i++) {
        if (is_active(i) && pipe2(wake_pipe[i], O_CLOEXEC) < 0)
            exit(EXIT_FAILURE);
        children[i] = fork();
        if (children[i] < 0) {
            perror("sweep: fork");
            exit(EXIT_FAILURE);
        }
        if (children[i] == 0)
            live(i, is_active(i));
    }
    wait_for(n);
}

static void stop(int n)
{
    for (int i = 0; i < n; i++)
        (void)kill(children[i], SIGKILL);
    for (int i = 0; i < n; i++)
        (void)waitpid(children[i], NULL, 0);
    for (int i = 0; i < n; i++) {
        if (is_active(i)) {
            (void)close(wake_pipe[i][0]);
            (void)close(wake_pipe[i][1]);
        }
    }
    (void)close(done_pipe[0]);
    (void)close(done_pipe[1]);
}

static void work(int n)
{
    int woken = 0;
    for (int i = 0; i < n; i++) {
        if (is_active(i))
            woken += write(wake_pipe[i][1], "w", 1) == 1;
    }
    wait_for(woken);
}

/* ---- The floor ---- */

static int proc_fd;
static uint64_t clocks_ns[PID_LIMIT];

static void read_stat(int pid)
{
    char path[32], text[1024];
    (void)snprintf(path, sizeof(path), "%d/stat", pid);
    int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!read(fd, text, sizeof(text));
    (void)close(fd);
}

struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short length;
    unsigned char type;
    char name[];
};

static void each_process(void (*visit)(int pid))
{
    static char buffer[1 << 15] __attribute__((aligned(8)));
    (void)lseek(proc_fd, 0, SEEK_SET);
    for (;;) {
        long got = syscall(SYS_getdents64, proc_fd, buffer, sizeof(buffer));
        if (got <= 0)
            return;
        for (long at = 0; at < got;) {
            const struct entry *entry = (const void *)(buffer + at);
            at += entry->length;
            if (entry->name[0] >= '1' && entry->name[0] <= '9')
                visit(atoi(entry->name));
        }
    }
}

static void ask_clock(int pid)
{
    struct timespec t;
    clockid_t clock = (clockid_t)((~(unsigned)pid << 3) | 2); /* CPUCLOCK_SCHED of a process */
    if (clock_gettime(clock, &t) < 0)
        return;
    uint64_t used = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
    if (used != clocks_ns[pid])
        read_stat(pid);
    clocks_ns[pid] = used;
}

/* ---- One run ---- */

enum { SWEEP, FLOOR, STAT, WAYS };

static struct sample sample;
static void *process_state;

static uint64_t cost_of(int way)
{
    uint64_t begin = now_ns(CLOCK_THREAD_CPUTIME_ID);
    if (way == SWEEP)
        (void)collector_process.collect(process_state, &sample);
    else
        each_process(way == FLOOR ? ask_clock : read_stat);
    return now_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double quantile(double *values, int n, double q)
{
    qsort(values, (size_t)n, sizeof(*values), compare);
    return values[(int)(q * (n - 1))];
}

static bool judge(const char *name, double *ratios, int n, double bar)
{
    double median = quantile(ratios, n, 0.5);
    (void)printf("  sweep / %-5s %.2f  (5-95 %%: %.2f to %.2f)  bar %.2f%s\n", name, median,
                 quantile(ratios, n, 0.05), quantile(ratios, n, 0.95), bar,
                 median > bar ? "  MISSED" : "");
    return median <= bar;
}

static bool run(int processes, int rounds)
{
    static double to_floor[ROUNDS_MAX], to_stat[ROUNDS_MAX], sweep_us[ROUNDS_MAX];
    start(processes);
    size_t active = 0;
    for (int round = -5; round < rounds; round++) { /* the first five warm up */
        work(processes);
        uint64_t cost[WAYS];
        for (int i = 0; i < WAYS; i++)
            cost[(round + 5 + i) % WAYS] = cost_of((round + 5 + i) % WAYS);
        active += sample.n_activities;
        if (round < 0)
            continue;
        to_floor[round] = (double)cost[SWEEP] / (double)cost[FLOOR];
        to_stat[round] = (double)cost[SWEEP] / (double)cost[STAT];
        sweep_us[round] = (double)cost[SWEEP] / 1000;
    }
    (void)printf("%d processes, %zu told active in a sweep, %.2f us a process\n", processes,
                 active / (size_t)(rounds + 5),
                 quantile(sweep_us, rounds, 0.5) / (double)sample.n_processes);
    bool met = judge("floor", to_floor, rounds, 1.5);
    met = judge("stat", to_stat, rounds, 0.25) && met;
    stop(processes);
    return met;
}

static uint32_t identify(void *nothing, const struct process_identity *identity)
{
    (void)nothing;
    (void)identity;
    return 1;
}

static void release(void *nothing, uint32_t workload)
{
    (void)nothing;
    (void)workload;
}

int main(int argc, char *argv[])
{
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    rounds = MAX(1, MIN(rounds, ROUNDS_MAX));
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct collector_env env = {.sysfs_fd = -1,
                                .procfs_fd = proc_fd,
                                .live_procfs = true,
                                .interval_ns = NS_PER_S,
                                .identify = identify,
                                .release = release};
    env.procfs_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc_fd < 0 || env.procfs_fd < 0 || collector_process.open(&env, &process_state) < 0)
        return EXIT_FAILURE;
    bool met = run(1000, rounds);
    met = run(5000, rounds) && met;
    collector_process.close(process_state);
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
