/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* gzip for answers; built as gzip.c, or as gzip_off.c where there is no zlib. */

#include "greend/base.h"

/* Compresses bytes into *ret_data, to be freed by the caller. -EOPNOTSUPP: built without zlib.
 * -ENOMEM. */
int gzip_compress(const char *bytes, size_t length, char **ret_data, size_t *ret_length);
