/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The language of what people read. One thread: setlocale(3) and setenv(3) are called here. JSON,
 * CSV and the daemon's log know nothing of it. */

#include "greend/base.h"
#include "greend/language.h"

/* The language that the environment asks for, as gettext(3) reads it: LANGUAGE, LC_ALL,
 * LC_MESSAGES, LANG. Also where its locale is not installed, as on most servers. */
void language_of_environment(void);

/* "en" or "fr", whatever the environment says. -EINVAL: no such language. -ENOENT: its texts are
 * not installed; they stay English then. */
int language_set(const char *code);

/* Whether code is a language that language_set() may know. */
bool language_exists(const char *code);

/* What the texts are in now: "en", "fr". */
const char *language_code(void);

/* All texts in UTF-8 from now on, whatever the terminal can show: for files. */
void language_utf8(void);

/* Whether texts are shown in UTF-8, so that any sign can be. */
bool language_is_utf8(void);

/* The translation of a text that has several meanings. */
const char *language_in(const char *context, const char *text) __attribute__((format_arg(2)));

/* The translation of a text from a table; "" stays "". */
const char *language_text(const char *text) __attribute__((format_arg(1)));

/* What the system calls an error (positive errno), translated where it is a common one. */
const char *language_error(int error);

/* Signs of numbers: "." or ","; between thousands: "" or a narrow blank; before a unit: " " or a
 * no-break one; " %" with the blank that belongs before it. */
const char *language_decimal(void);
const char *language_thousands(void);
const char *language_blank(void);
const char *language_percent(void);

/* Appends the decimal digits of a number ("1234567.25") with the signs of the language. */
enum { LANGUAGE_NUMBER_MAX = 64 };
const char *language_number(char target[LANGUAGE_NUMBER_MAX], const char *digits);
