/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* "PID/name", a path below /proc. */

#include "greend/base.h"

enum { PROCESS_PATH_SIZE = 32 }; /* "4194304/status" */

/* Made by hand: snprintf() would be a tenth of the whole sweep. */
static inline void process_path(char path[PROCESS_PATH_SIZE], int32_t pid, const char *name)
{
    char digits[16];
    size_t n = 0;
    for (uint32_t rest = (uint32_t)pid; rest > 0; rest /= 10)
        digits[n++] = (char)('0' + rest % 10);
    size_t at = 0;
    while (n > 0)
        path[at++] = digits[--n];
    path[at++] = '/';
    (void)str_copy(path + at, PROCESS_PATH_SIZE - at, name);
}
