/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A directory of a test's own, removed with all that is in it. */

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "greend/base.h"

struct scratch {
    char path[256];
    int fd;
};

static inline struct scratch scratch_new(void)
{
    struct scratch scratch = {.fd = -1};
    const char *base = getenv("TMPDIR");
    int length =
        snprintf(scratch.path, sizeof(scratch.path), "%s/greend-test-XXXXXX", base ? base : "/tmp");
    if (length < 0 || (size_t)length >= sizeof(scratch.path) || !mkdtemp(scratch.path)) {
        perror("mkdtemp");
        abort();
    }
    scratch.fd = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (scratch.fd < 0)
        abort();
    return scratch;
}

static inline int scratch_remove_one(const char *path, const struct stat *status, int type,
                                     struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void scratch_done(struct scratch *scratch)
{
    (void)close(scratch->fd);
    if (nftw(scratch->path, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
        perror(scratch->path);
}
