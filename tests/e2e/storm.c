/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* storm NAME WORKERS: so many processes of that name that fork and wait for their child as fast as
 * they can, until their standard input ends. Then prints how many forks there were, and the CPU
 * time of all in nanoseconds. */

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASK_EVERY = 64 };

static int is_over(void)
{
    struct pollfd end = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&end, 1, 0) != 0;
}

/* vfork(2) costs least: the child shares all memory, and does nothing. */
static int fork_once(void)
{
    pid_t child = vfork();
    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

static uint64_t fork_on(void)
{
    uint64_t forks = 0;
    for (uint64_t i = 0; i % ASK_EVERY != 0 || !is_over(); i++)
        forks += (uint64_t)fork_once();
    return forks;
}

static int64_t used_ns(int who)
{
    struct rusage usage;
    if (getrusage(who, &usage) < 0)
        return 0;
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000000) +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * INT64_C(1000);
}

int main(int argc, char *argv[])
{
    int pipes[2];
    if (argc != 3 || prctl(PR_SET_NAME, argv[1]) != 0 || pipe(pipes) != 0) {
        (void)fputs("usage: storm NAME WORKERS\n", stderr);
        return 2;
    }
    int workers = atoi(argv[2]);
    for (int i = 0; i < workers; i++) {
        pid_t worker = fork();
        if (worker == 0) {
            uint64_t forks = fork_on();
            _exit(write(pipes[1], &forks, sizeof(forks)) != sizeof(forks));
        }
        if (worker < 0) {
            perror("storm: fork");
            return 1;
        }
    }
    uint64_t sum = 0;
    uint64_t forks = 0;
    for (int i = 0; i < workers && read(pipes[0], &forks, sizeof(forks)) == sizeof(forks); i++)
        sum += forks;
    while (wait(NULL) > 0)
        continue;
    (void)printf("%llu %lld\n", (unsigned long long)sum,
                 (long long)(used_ns(RUSAGE_SELF) + used_ns(RUSAGE_CHILDREN)));
    return 0;
}
