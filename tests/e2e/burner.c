/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* burner NAME: a process of that name that uses as much CPU time as it is told to. Each byte on its
 * standard input says how much from now on, in percent of a CPU; it ends with its input. Prints
 * "ready" when it has its name. */

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_MS = 20, FULL = 100 };

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* In user space, as most work is: the clock is asked now and then only. */
static void burn_until(int64_t end_ms)
{
    volatile uint64_t state = 1;
    do {
        for (int i = 0; i < 20000; i++)
            state = state * UINT64_C(6364136223846793005) + 1;
    } while (now_ms() < end_ms);
}

int main(int argc, char *argv[])
{
    if (argc != 2 || prctl(PR_SET_NAME, argv[1]) != 0) {
        (void)fputs("usage: burner NAME\n", stderr);
        return 2;
    }
    (void)puts("ready");
    (void)fflush(stdout);
    unsigned char percent = 0;
    for (;;) {
        int64_t begin_ms = now_ms();
        if (percent > 0)
            burn_until(begin_ms + PERIOD_MS * percent / FULL);
        int64_t left_ms = begin_ms + PERIOD_MS - now_ms();
        struct pollfd told = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&told, 1, percent == 0 ? -1 : left_ms > 0 ? (int)left_ms : 0) == 0)
            continue;
        if (read(STDIN_FILENO, &percent, 1) != 1)
            return 0;
    }
}
