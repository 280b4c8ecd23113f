/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What counting cgroups costs: CPU time of this thread for collect() with their counters, less
 * collect() without, in turns, by group. Each group has one process, and a tenth of them run
 * between two sweeps. floor: one pread of each counter. Figures, not judgements. The exit status is
 * 77 where no cgroups can be made. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "collectors/cgroup/cgroup_usage.h"
#include "greend/collector.h"
#include "greend/units.h"

extern const struct collector collector_process;

enum { GROUPS = 200, ROUNDS = 101, SKIPPED = 77, PATH_SIZE = 128 };

static pid_t children[GROUPS];
static int orders[GROUPS];
static const char *root;
static bool second;

static uint64_t cpu_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void group_path(char path[PATH_SIZE], int i, const char *file)
{
    (void)snprintf(path, PATH_SIZE, "%s/greendbench.slice/unit%dx.service%s%s", root, i,
                   file ? "/" : "", file ? file : "");
}

static bool make_groups(void)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/greendbench.slice", root);
    bool made = mkdir(path, 0755) == 0 || errno == EEXIST;
    for (int i = 0; i < GROUPS && made; i++) {
        group_path(path, i, NULL);
        made = mkdir(path, 0755) == 0 || errno == EEXIST;
    }
    return made;
}

_Noreturn static void live(int i, int fd)
{
    char path[PATH_SIZE];
    char byte = 0;
    group_path(path, i, "cgroup.procs");
    int procs = open(path, O_WRONLY);
    if (write(procs, "0", 1) != 1)
        _exit(1);
    while (read(fd, &byte, 1) == 1)
        for (volatile int k = 0; k < 100000; k++)
            ;
    _exit(0);
}

static void start_children(void)
{
    for (int i = 0; i < GROUPS; i++) {
        int order[2];
        if (pipe2(order, O_CLOEXEC) < 0)
            exit(2);
        children[i] = fork();
        if (children[i] == 0)
            live(i, order[0]);
        (void)close(order[0]);
        orders[i] = order[1];
    }
}

static void clean_up(void)
{
    char path[PATH_SIZE];
    for (int i = 0; i < GROUPS; i++) {
        if (children[i] > 0) {
            (void)kill(children[i], SIGKILL);
            (void)waitpid(children[i], NULL, 0);
        }
        group_path(path, i, NULL);
        (void)rmdir(path);
    }
    (void)snprintf(path, sizeof(path), "%s/greendbench.slice", root);
    (void)rmdir(path);
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

static void *open_collector(struct collector_env *env, bool groups)
{
    *env = (struct collector_env){
        .sysfs_fd = open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .procfs_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .live_procfs = true,
        .live_sysfs = groups,
        .identify = identify,
        .release = release,
    };
    void *state = NULL;
    return collector_process.open(env, &state) < 0 ? NULL : state;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), compare);
    return values[ROUNDS / 2];
}

static double collect_us(void *state)
{
    static struct sample sample;
    for (int i = 0; i < GROUPS; i += 10)
        if (write(orders[i], "x", 1) != 1)
            exit(2);
    (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    uint64_t begin_ns = cpu_ns();
    (void)collector_process.collect(state, &sample);
    return (double)(cpu_ns() - begin_ns) / 1e3;
}

static double read_us(const int *fds)
{
    uint64_t ns = 0;
    uint64_t begin_ns = cpu_ns();
    for (int i = 0; i < GROUPS; i++)
        (void)cgroup_usage_read(fds[i], &ns);
    return (double)(cpu_ns() - begin_ns) / 1e3;
}

int main(void)
{
    static double with[ROUNDS], without[ROUNDS], floors[ROUNDS];
    static int fds[GROUPS];
    int sysfs = open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct cgroup_usage usage = cgroup_usage_find(sysfs);
    second = usage.hierarchy == CGROUP_HIERARCHY_V2;
    root = !second                                       ? "/sys/fs/cgroup/cpuacct"
           : access("/sys/fs/cgroup/unified", F_OK) == 0 ? "/sys/fs/cgroup/unified"
                                                         : "/sys/fs/cgroup";
    if (usage.hierarchy == CGROUP_HIERARCHY_NONE || !make_groups()) {
        puts("no cgroups can be made here");
        return SKIPPED;
    }
    start_children();
    (void)nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    struct collector_env env[2];
    void *plain = open_collector(&env[0], false);
    void *counting = open_collector(&env[1], true);
    for (int i = 0; i < GROUPS; i++) {
        char path[PATH_SIZE];
        group_path(path, i, NULL);
        fds[i] = cgroup_usage_open(&usage, path + strlen(root));
    }
    for (int i = 0; i < ROUNDS; i++) {
        without[i] = collect_us(plain);
        with[i] = collect_us(counting);
        floors[i] = read_us(fds);
    }
    collector_process.close(plain);
    collector_process.close(counting);
    clean_up();
    printf("%d groups of cgroup %s, %d rounds\n", GROUPS, second ? "v2" : "v1", ROUNDS);
    printf("floor    %6.2f us a group\n", median(floors) / GROUPS);
    printf("counting %6.2f us a group: %.0f us of a sweep of %.0f\n",
           (median(with) - median(without)) / GROUPS, median(with) - median(without), median(with));
    return 0;
}
