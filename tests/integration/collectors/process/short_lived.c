/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "short_lived.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "burner.h"
#include "greend/units.h"
#include "support/die_with.h"

#define CHILD_NS (20 * NS_PER_MS)

_Atomic uint64_t *orphans_ns;
int short_lived_children = 60;

static int orphans_fd = -1;

void pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

uint64_t timeval_ns(struct timeval time)
{
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * NS_PER_US;
}

/* ---- A program that burns ---- */

static bool map_orphans(int fd)
{
    orphans_ns = mmap(NULL, sizeof(*orphans_ns), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    orphans_fd = fd;
    return orphans_ns != MAP_FAILED;
}

_Noreturn static void leave(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    *orphans_ns += (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
    _exit(0);
}

bool short_lived_begin(int argc, char **argv)
{
    if (argc == 4 && str_equal(argv[1], "burn")) {
        if (!map_orphans(atoi(argv[2])))
            _exit(1);
        burn_ns(strtoull(argv[3], NULL, 10));
        leave();
    }
    int fd = memfd_create("orphans", 0); /* without MFD_CLOEXEC: the program inherits it */
    return fd >= 0 && ftruncate(fd, sizeof(*orphans_ns)) == 0 && map_orphans(fd);
}

_Noreturn static void burn_as_another_program(uint64_t ns)
{
    char fd[16];
    char time[32];
    (void)snprintf(fd, sizeof(fd), "%d", orphans_fd);
    (void)snprintf(time, sizeof(time), "%llu", (unsigned long long)ns);
    (void)execl("/proc/self/exe", "burner", "burn", fd, time, NULL);
    _exit(1);
}

/* ---- The loads ---- */

void loop_of_true(void)
{
    (void)execl("/bin/sh", "sh", "-c", "i=0; while [ $i -lt 700 ]; do /bin/true; i=$((i+1)); done",
                NULL);
}

void pipelines(void)
{
    (void)execl("/bin/sh", "sh", "-c",
                "n=0; while [ $n -lt 40 ]; do echo $n | sed s/1/2/ | cat | tr 2 3 >/dev/null;"
                " n=$((n+1)); done",
                NULL);
}

static void tree(int depth)
{
    for (int i = 0; depth > 0 && i < 3; i++) {
        if (fork() == 0) {
            tree(depth - 1);
            _exit(0);
        }
    }
    burn_ns(depth == 0 ? 12 * NS_PER_MS : 2 * NS_PER_MS);
    while (wait(NULL) > 0)
        ;
}

void tree_as_of_make(void)
{
    tree(3);
}

void ignore_children(void)
{
    (void)signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < short_lived_children; i++) {
        if (fork() == 0) {
            burn_ns(CHILD_NS);
            leave();
        }
        while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
            ;
    }
}

/* ---- Adopted ---- */

/* Forks a child that PID 1 or the nearest subreaper adopts, before it does its work. The descriptor
 * is at its end when the child has ended. */
static int start_adopted(void (*work)(void *data), void *data)
{
    int end[2];
    if (pipe(end) < 0)
        _exit(1);
    pid_t pid = fork();
    if (pid == 0 && fork() == 0) {
        (void)close(end[0]);
        while (getppid() == pid)
            (void)sched_yield();
        work(data);
        _exit(0);
    }
    if (pid == 0)
        _exit(0);
    (void)close(end[1]);
    (void)waitpid(pid, NULL, 0);
    return end[0];
}

static void await_end(int fd)
{
    char byte = 0;
    (void)!read(fd, &byte, 1);
    (void)close(fd);
}

static void burn_and_leave(void *data)
{
    burn_ns(*(uint64_t *)data);
    leave();
}

static void burn_elsewhere(void *data)
{
    burn_as_another_program(*(uint64_t *)data);
}

void fork_twice(void)
{
    uint64_t ns = CHILD_NS;
    for (int i = 0; i < short_lived_children; i++)
        await_end(start_adopted(burn_and_leave, &ns));
}

void fork_twice_and_exec(void)
{
    uint64_t ns = CHILD_NS;
    for (int i = 0; i < short_lived_children; i++)
        await_end(start_adopted(burn_elsewhere, &ns));
}

struct adopted {
    void (*enter)(int number);
    int number;
    uint64_t ns;
};

static void enter_and_burn(void *data)
{
    struct adopted *adopted = data;
    adopted->enter(adopted->number);
    burn_as_another_program(adopted->ns);
}

void run_adopted(void (*enter)(int number), void (*left)(int number), int number, uint64_t ns)
{
    struct adopted adopted = {enter, number, ns};
    await_end(start_adopted(enter_and_burn, &adopted));
    left(number);
}

void fork_twice_below_a_shim(void)
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid = fork();
    if (pid == 0) {
        fork_twice();
        _exit(0);
    }
    while (wait(NULL) > 0)
        ;
    *orphans_ns = 0;
}

pid_t start_bystander(void (*enter)(void))
{
    int ready[2];
    if (pipe(ready) < 0)
        return -1;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid != 0) {
        (void)close(ready[1]);
        await_end(ready[0]);
        return pid;
    }
    (void)setsid();
    (void)prctl(PR_SET_NAME, "bystander");
    die_with(parent);
    if (enter)
        enter();
    (void)close(ready[0]);
    (void)close(ready[1]);
    for (;;) {
        if (fork() == 0) {
            burn_ns(NS_PER_MS);
            _exit(0);
        }
        (void)wait(NULL);
        pause_ms(5);
    }
}
