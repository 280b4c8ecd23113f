/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Text: making names from the machine fit to be shown, and building long answers. Pure. */

#include <stdarg.h>

#include "greend/base.h"

/* Length of the well-formed UTF-8 sequence at `bytes`, of which left >= 1 are there (RFC 3629: no
 * surrogates, no overlong forms, nothing above U+10FFFF); 0 if there is none. ret_code: its code
 * point. */
size_t text_decode(const char *bytes, size_t left, uint32_t *ret_code);

/* Writes bytes as UTF-8 that is safe in every output: bytes that are not valid UTF-8, control
 * characters, line and paragraph separators and bidirectional overrides become \xNN. Quotes and
 * backslashes stay: each format escapes its own. Cut at a whole character where the target is too
 * small (size >= 1), always terminated. Returns the length written. */
size_t text_escape(char *target, size_t size, const char *bytes, size_t length);

/* How many bytes at the begin may be shown as they are: text_escape() changes the next one. */
size_t text_safe_length(const char *bytes, size_t length);

/* Cuts "key = value" in place, without the blanks around both: *pair becomes the key. Returns the
 * value, "" where there is no '='. */
char *text_split_pair(char **pair);

/* A text that grows. `error` stays -ENOMEM after the first failed allocation, and appends do
 * nothing then: check it once, at the end. */
struct text {
    char *data;
    size_t length;
    size_t capacity;
    int error;
};

/* Whether any text of this process lacked memory since this was asked last: many small texts go
 * into what is printed, and each is shown as far as it got. Who prints asks, and prints nothing
 * then. text_note_lack() is for other libraries' texts. Any thread may call both. */
bool text_lacked_memory(void);
void text_note_lack(void);

void text_done(struct text *text);
void text_clear(struct text *text); /* keeps the memory */
void text_append(struct text *text, const char *bytes, size_t length);
void text_add(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A string of its own, to be freed; NULL: no memory. (asprintf() leaves anything there then.) */
char *text_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An integer number of millionths as a decimal without trailing zeros: 1500000 -> "1.5". */
void text_add_micro(struct text *text, uint64_t millionths);
