/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The INI dialect of greend.conf: sections, `key = value` lines, and lines of comment that begin
 * with # or ;. Nothing else: no comment behind a value, no continued line, no quotes, so that a
 * value is exactly what stands in its line. Pure. */

#include "greend/base.h"

enum {
    INI_LINE_MAX = 4096,    /* bytes of a line without its end */
    INI_PROBLEMS_MAX = 100, /* reported of one file; parsing ends there */
};

struct ini_handler {
    /* One entry; `section` is "" before the first one. The texts are valid within the call. */
    void (*entry)(void *userdata, size_t line, const char *section, const char *key,
                  const char *value);
    /* A line that is wrong, told in words for a person; `line` is 0 for the file as a whole. */
    void (*problem)(void *userdata, size_t line, const char *text);
    void *userdata;
};

/* Reads a whole file's bytes: any bytes. A byte order mark and CR LF are accepted; the key ends at
 * the first '='. After a wrong section line its entries are skipped, so that one error is reported
 * once. */
void ini_parse(const char *bytes, size_t length, const struct ini_handler *handler);
