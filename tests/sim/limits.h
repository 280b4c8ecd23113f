/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The table that keeps the attribution from getting worse unseen: what a short run came to when it
 * was last written, and a margin. One line a scenario:
 *
 *     NAME ERROR IDLE COVERAGE WIDTH
 *
 * error and idle error at most, in %; coverage at least, in %, and mean half-width over actual
 * error at most, or - where none was stated. */

#include "sim/suite.h"

/* 0: all is within the limits. 1: something is not, as told on stdout. -EBADMSG, or an error of
 * the file: told on stderr. */
int limits_check(const char *path, const struct summary *summaries, size_t n);

/* Writes the table anew from what is now. */
int limits_write(const char *path, const struct summary *summaries, size_t n);
