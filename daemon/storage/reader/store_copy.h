/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A copy of a history that is perhaps being written: a backup. */

#include "greend/base.h"

struct store_copy {
    uint64_t bytes;
    bool target_failed; /* what failed is the copy and not the history */
};

/* Copies the history at `path`, as it is at one moment, to `target`, which must not exist: a file
 * of its own without a -wal, mode 0640. It is checked before it gets its name. Errors are those of
 * store_reader_open(), and of the target: -EEXIST, -ENOSPC, ... */
int store_copy(const char *path, const char *target, struct store_copy *ret);
