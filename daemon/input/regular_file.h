/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Files that an operator names, as a whole. */

#include "greend/base.h"

/* ret_bytes: to be freed, without a NUL behind them. At most a byte more than `most`, so that a
 * longer file is told. -EISDIR; -EBADMSG: not a regular file; else as open(2) and read(2); -ENOMEM.
 */
int regular_file_read(const char *path, size_t most, char **ret_bytes, size_t *ret_length);
