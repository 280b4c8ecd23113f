/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "shell/bus_error.h"

#include <signal.h>

#include "greend/base.h"

static const char *line;
static void (*volatile first)(void);

static void on_bus_error(int signal, siginfo_t *info, void *context)
{
    (void)context;
    struct sigaction action = {.sa_handler = SIG_DFL};
    if (info->si_code != BUS_ADRERR) { /* no file: the instruction fails again, and says so */
        (void)sigaction(signal, &action, NULL);
        return;
    }
    if (first)
        first();
    if (write(STDERR_FILENO, line, strlen(line)) < 0)
        _exit(EXIT_FAILURE);
    _exit(EXIT_FAILURE);
}

void bus_error_catch(const char *message)
{
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_RESETHAND};
    line = message;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGBUS, &action, NULL);
}

void bus_error_before(void (*before)(void))
{
    first = before;
}
