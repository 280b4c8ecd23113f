/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Parsers of the kernel's texts. Pure: bytes in, numbers out, no file, no clock. Every one of them
 * accepts any bytes. */

#include "greend/base.h"

/* A decimal number that fills all of text. -ENODATA: empty. -EBADMSG: not a number. -ERANGE. */
int parse_u64(const char *text, size_t length, uint64_t *ret_value);
