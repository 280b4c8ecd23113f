/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The stat of processes, kept open while they work: three system calls become one, which is what
 * most of a sweep over a busy machine costs. A file of /proc belongs to its process, not to the
 * PID: when the process is gone it tells so, whoever has the PID then.
 *
 * One place for each PID modulo STAT_FILES, so nothing is searched. A file is kept from the second
 * time on that it is read: of processes that come and go none is. Who reads often keeps the place.
 * One thread. */

#include <sys/types.h>

#include "greend/base.h"

enum {
    STAT_FILES = 1024,
    STAT_FILES_OPEN_MAX = 512, /* each holds a page of the kernel's memory */
};

struct stat_file {
    int32_t pid; /* who read here last; 0: nobody */
    int fd;      /* -1: not kept */
    bool used;   /* since another process wanted the place */
};

struct stat_files {
    uint32_t open, open_most;
    struct stat_file files[STAT_FILES];
};

/* Keeps at most an eighth of the descriptors that this process may have. NULL: no memory. */
struct stat_files *stat_files_new(void);
void stat_files_free(struct stat_files *files);

/* source_read_begin() of /proc/PID/stat. -ESRCH: there is no such process, or it is hidden. */
int stat_files_read(struct stat_files *files, int procfs_fd, int32_t pid, char *buffer, size_t size,
                    size_t *ret_length);
