/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Runs greend-ctl within the test and catches what it says. Include after unit.h. */

#include <fcntl.h>

#include "ctl.h"

struct captured {
    int status; /* what it exits with */
    char out[1 << 16];
    char err[1 << 13];
};

static inline int capture_stream(int stream, int *ret_before)
{
    int file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    *ret_before = dup(stream);
    if (file < 0 || *ret_before < 0 || dup2(file, stream) < 0)
        abort();
    return file;
}

static inline void capture_back(int stream, int before, int file, char *ret_text, size_t size)
{
    ssize_t length = pread(file, ret_text, size - 1, 0);
    if (dup2(before, stream) < 0 || length < 0)
        abort();
    ret_text[length] = '\0';
    (void)close(before);
    (void)close(file);
}

/* The words behind "greend-ctl", ended by NULL; at most 15. */
static inline void capture_ctl(struct captured *captured, const char *const words[])
{
    char *argv[17] = {strdup("greend-ctl")};
    int argc = 1;
    for (; words[argc - 1] && argc < 16; argc++)
        argv[argc] = strdup(words[argc - 1]);
    int out_before = -1;
    int err_before = -1;
    (void)fflush(stdout);
    int out = capture_stream(STDOUT_FILENO, &out_before);
    int err = capture_stream(STDERR_FILENO, &err_before);
    captured->status = ctl_main(argc, argv);
    (void)fflush(stdout);
    (void)fflush(stderr);
    capture_back(STDOUT_FILENO, out_before, out, captured->out, sizeof(captured->out));
    capture_back(STDERR_FILENO, err_before, err, captured->err, sizeof(captured->err));
    for (int i = 0; i < argc; i++)
        free(argv[i]);
}

/* How it ended, and what must stand in what it said; in_err "": nothing there. */
static inline void captured_expect(const struct captured *captured, int status, const char *in_out,
                                   const char *in_err)
{
    if (captured->status != status || !strstr(captured->out, in_out) ||
        (*in_err ? !strstr(captured->err, in_err) : *captured->err != '\0'))
        fail_msg("exit %d, expected %d; out:\n%s\nerr:\n%s", captured->status, status,
                 captured->out, captured->err);
}
