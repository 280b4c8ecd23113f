/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The INI dialect of greend.conf: what inih reads. Sections, `key = value` lines, lines of comment
 * that begin with # or ;, and comments behind " ;". What inih would pass over in silence (a line
 * that it cuts, a section name that it cuts, control characters) is a problem here, told with its
 * line. */

#include "greend/base.h"

enum {
    INI_TEXT_LINE_MAX = 197,    /* bytes of a line: inih is built with room for 200 */
    INI_TEXT_SECTION_MAX = 48,  /* and for 50 of a section's name */
    INI_TEXT_PROBLEMS_MAX = 100 /* reported of one file; reading ends there */
};

struct ini_text_handler {
    /* One entry; `section` is "" before the first one. The texts are valid within the call. */
    void (*entry)(void *userdata, size_t line, const char *section, const char *key,
                  const char *value);
    /* A line that is wrong, told in words for a person; `line` is 0 for the file as a whole. */
    void (*problem)(void *userdata, size_t line, const char *text);
    void *userdata;
};

/* Reads a whole file's bytes: any bytes. A byte order mark and CR LF are accepted. */
void ini_text_parse(const char *bytes, size_t length, const struct ini_text_handler *handler);
