/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* crowd N [NAME [EVERY]]: N processes that sleep until their standard input ends, one in ten of
 * which, or in so many, works a little ten times a second; all of that name, else of many. Prints
 * "ready" when all are there. */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static void work_a_little(void)
{
    struct timespec begin, now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    do {
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec < 20000);
}

static void live(int number, int every, const char *given)
{
    char name[16];
    if (given)
        (void)snprintf(name, sizeof(name), "%s", given);
    else
        (void)snprintf(name, sizeof(name), "crowd%c%c", 'a' + number / 26 % 26, 'a' + number % 26);
    (void)prctl(PR_SET_NAME, name);
    struct pollfd end = {.fd = STDIN_FILENO, .events = POLLIN};
    int timeout = number % every == 0 ? 100 : -1;
    while (poll(&end, 1, timeout) == 0)
        work_a_little();
    _exit(0);
}

int main(int argc, char *argv[])
{
    int n = argc > 1 ? atoi(argv[1]) : 100;
    int every = argc > 3 ? atoi(argv[3]) : 10;
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid < 0) {
            perror("crowd: fork");
            return 1;
        }
        if (pid == 0)
            live(i, every > 0 ? every : 1, argc > 2 ? argv[2] : NULL);
    }
    (void)puts("ready");
    (void)fflush(stdout);
    struct pollfd end = {.fd = STDIN_FILENO, .events = POLLIN};
    (void)poll(&end, 1, -1);
    return 0;
}
