/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A small tree of files in a temporary directory, to stand for /sys or /proc. Paths are below its
 * root; folders are made as needed. Whatever fails ends the test program with a message. */

#include <limits.h>

#include "greend/base.h"

struct fixture {
    char root[64];
    int fd; /* of the root */
};

void fixture_make(struct fixture *fixture);

/* Removes the tree. */
void fixture_done(struct fixture *fixture);

/* Writes a file, replacing what stood there by a new one (an open descriptor keeps the old). */
void fixture_write(const struct fixture *fixture, const char *path, const char *text);
void fixture_write_bytes(const struct fixture *fixture, const char *path, const void *bytes,
                         size_t length);

/* Changes a file's content in place, as a kernel's file changes: open descriptors see it. */
void fixture_rewrite(const struct fixture *fixture, const char *path, const char *text);

void fixture_link(const struct fixture *fixture, const char *path, const char *target);
void fixture_fifo(const struct fixture *fixture, const char *path);
void fixture_chmod(const struct fixture *fixture, const char *path, unsigned mode);

/* Removes a file, or a folder with all in it. */
void fixture_remove(const struct fixture *fixture, const char *path);
