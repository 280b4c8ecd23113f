/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "burner.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "greend/units.h"

static uint64_t own_cpu_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void burn_ns(uint64_t ns)
{
    uint64_t end_ns = own_cpu_ns() + ns;
    while (own_cpu_ns() < end_ns)
        ;
}

static uint64_t used_ns(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return 0;
    uint64_t us = (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S + us * NS_PER_US;
}

/* The end of the pipe would not tell: other burners hold copies of its descriptor. */
static const uint64_t LEAVE = UINT64_MAX;

_Noreturn static void serve(int order_fd, int answer_fd)
{
    uint64_t ns = 0;
    while (read(order_fd, &ns, sizeof(ns)) == sizeof(ns) && ns != LEAVE) {
        burn_ns(ns);
        uint64_t answer = used_ns();
        if (write(answer_fd, &answer, sizeof(answer)) != sizeof(answer))
            break;
    }
    _exit(0);
}

static void die_unless(bool condition, const char *what)
{
    if (condition)
        return;
    perror(what);
    exit(1);
}

struct burner burner_start(void (*setup)(void))
{
    int order[2];
    int answer[2];
    die_unless(pipe2(order, O_CLOEXEC) == 0 && pipe2(answer, O_CLOEXEC) == 0, "pipe");
    pid_t pid = fork();
    die_unless(pid >= 0, "fork");
    if (pid == 0) {
        (void)close(order[1]);
        (void)close(answer[0]);
        if (setup)
            setup();
        serve(order[0], answer[1]);
    }
    (void)close(order[0]);
    (void)close(answer[1]);
    struct burner burner = {pid, order[1], answer[0]};
    (void)burner_burn(&burner, 0); /* it has set itself up */
    return burner;
}

uint64_t burner_burn(const struct burner *burner, uint64_t ns)
{
    uint64_t used = 0;
    die_unless(write(burner->order_fd, &ns, sizeof(ns)) == sizeof(ns), "write");
    die_unless(read(burner->answer_fd, &used, sizeof(used)) == sizeof(used), "read");
    return used;
}

void burner_leave(struct burner *burner)
{
    die_unless(write(burner->order_fd, &LEAVE, sizeof(LEAVE)) == sizeof(LEAVE), "write");
    close_fd_p(&burner->order_fd);
    close_fd_p(&burner->answer_fd);
    burner->order_fd = burner->answer_fd = -1;
}

void burner_stop(struct burner *burner)
{
    burner_leave(burner);
    (void)waitpid(burner->pid, NULL, 0);
    burner->pid = -1;
}
