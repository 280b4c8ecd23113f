/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* hybrid: the barest sweep that knows every process's CPU time, once a second until its standard
 * input ends. /proc is listed where the last PID in /proc/loadavg moved, each process is asked for
 * its CPU clock, stat is read where the clock moved. Nothing is parsed, kept, divided or told: the
 * floor that tests/bench/peers.py holds the whole daemon against. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PID_LIMIT = 4194304, BUFFER_SIZE = 1 << 15, STAT_SIZE = 1024 };

struct hybrid {
    int proc_fd;
    int loadavg_fd;
    char loadavg_end[16]; /* the last PID, as text */
    uint64_t cpu_ns[PID_LIMIT + 1];
    int32_t pids[PID_LIMIT];
    size_t n_pids;
    char buffer[BUFFER_SIZE];
};

static uint64_t clock_of(clockid_t clock, int *ret_error)
{
    struct timespec now = {0};
    *ret_error = clock_gettime(clock, &now) < 0 ? errno : 0;
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int32_t pid_of(const char *name)
{
    int32_t pid = 0;
    for (; *name >= '0' && *name <= '9' && pid < PID_LIMIT / 10; name++)
        pid = pid * 10 + (*name - '0');
    return *name == '\0' ? pid : 0;
}

static void list(struct hybrid *hybrid)
{
    hybrid->n_pids = 0;
    (void)lseek(hybrid->proc_fd, 0, SEEK_SET);
    ssize_t length = 0;
    while ((length = getdents64(hybrid->proc_fd, hybrid->buffer, BUFFER_SIZE)) > 0) {
        for (ssize_t at = 0; at < length;) {
            const struct dirent64 *entry = (const struct dirent64 *)(hybrid->buffer + at);
            int32_t pid = pid_of(entry->d_name);
            if (pid > 0)
                hybrid->pids[hybrid->n_pids++] = pid;
            at += entry->d_reclen;
        }
    }
}

/* Whether the last PID is another than at the look before. */
static int has_moved(struct hybrid *hybrid)
{
    char text[128];
    ssize_t length = pread(hybrid->loadavg_fd, text, sizeof(text) - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    const char *last = strrchr(text, ' ');
    if (!last || strncmp(last, hybrid->loadavg_end, sizeof(hybrid->loadavg_end)) == 0)
        return !last;
    (void)snprintf(hybrid->loadavg_end, sizeof(hybrid->loadavg_end), "%s", last);
    return 1;
}

static void read_stat(const struct hybrid *hybrid, int32_t pid)
{
    char path[32], stat[STAT_SIZE];
    (void)snprintf(path, sizeof(path), "%d/stat", pid);
    int fd = openat(hybrid->proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!read(fd, stat, sizeof(stat));
    (void)close(fd);
}

static void sweep(struct hybrid *hybrid)
{
    if (has_moved(hybrid))
        list(hybrid);
    for (size_t i = 0; i < hybrid->n_pids; i++) {
        int32_t pid = hybrid->pids[i];
        int error = 0;
        uint64_t cpu_ns = clock_of((clockid_t)(~(uint32_t)pid << 3 | 2), &error);
        if (error == 0 && cpu_ns != hybrid->cpu_ns[pid])
            read_stat(hybrid, pid);
        hybrid->cpu_ns[pid] = cpu_ns;
    }
}

int main(void)
{
    struct hybrid *hybrid = calloc(1, sizeof(*hybrid));
    if (!hybrid)
        return 1;
    hybrid->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    hybrid->loadavg_fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
    if (hybrid->proc_fd < 0 || hybrid->loadavg_fd < 0) {
        perror("hybrid: /proc");
        return 1;
    }
    struct timespec next;
    (void)clock_gettime(CLOCK_MONOTONIC, &next);
    struct pollfd end = {.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(&end, 1, 0) == 0) {
        sweep(hybrid);
        next.tv_sec++;
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    free(hybrid);
    return 0;
}
