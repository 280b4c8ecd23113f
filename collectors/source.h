/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reading small files below a root directory (/sys, /proc or a fixture). Nothing read is trusted.
 */

#include "greend/base.h"

/* Opens a file read-only below a root. Symbolic links are followed: sysfs is made of them. */
int source_open(int root_fd, const char *path);

/* Reads a whole file from offset 0 into buffer and terminates it. ret_length may be NULL.
 * -EFBIG: the file has more than size - 1 bytes. -errno of pread(2) otherwise. */
int source_read_fd(int fd, char *buffer, size_t size, size_t *ret_length);

/* source_open() and source_read_fd() in one. */
int source_read(int root_fd, const char *path, char *buffer, size_t size, size_t *ret_length);

/* The beginning of a file, as much as one read from offset 0 gives and fits; terminated. For files
 * of /proc and of control groups whose end nobody needs. */
int source_read_begin_fd(int fd, char *buffer, size_t size, size_t *ret_length);
int source_read_begin(int root_fd, const char *path, char *buffer, size_t size, size_t *ret_length);

/* The decimal number that a file consists of, with an optional final newline.
 * -ENODATA: empty. -EBADMSG: anything else than a number. -ERANGE: above 64 bits. */
int source_read_u64_fd(int fd, uint64_t *ret_value);
int source_read_u64(int root_fd, const char *path, uint64_t *ret_value);

/* The first line of a file without its newline. -ENODATA: empty. */
int source_read_line(int root_fd, const char *path, char *buffer, size_t size);

/* Calls entry() for each name in a directory, without "." and "..", in no order. Its non-zero
 * return ends the walk and is returned. */
int source_list(int root_fd, const char *path, int (*entry)(void *userdata, const char *name),
                void *userdata);

/* The same for its folders alone; symbolic links are none. */
int source_list_folders(int root_fd, const char *path,
                        int (*entry)(void *userdata, const char *name), void *userdata);
