/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A test that fails leaves no child behind. */

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* In the child, with the PID of who forked it, which may have ended before this is asked for. */
static inline void die_with(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
}
