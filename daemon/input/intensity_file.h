/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reads a file of hourly carbon intensity; what stands in it is the business of greend/intensity.h.
 */

#include "greend/intensity.h"

/* report() is called with one line of escaped UTF-8 for each error, and for each note (gaps, what
 * was left out; wrong is false then): "FILE:LINE:COLUMN: ...". 0: ret is to be released with
 * intensity_done(). INTENSITY_WRONG, every error was reported, or -ENOMEM: ret is untouched. */
int intensity_file_load(const char *path, struct intensity *ret,
                        void (*report)(void *userdata, const char *line, bool wrong),
                        void *userdata);
