/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Marks texts that a person reads, for translation: sources are English, po/ has the others.
 * Until a program enters a language (daemon/shell/language.h) all texts stay as they stand here, so
 * that the log of the daemon is always English. */

#ifdef GREEND_NLS
#include <libintl.h>
#define _(text)              gettext(text)
#define P_(one, many, count) ngettext(one, many, (unsigned long)(count))
#else
#define _(text)              (text)
#define P_(one, many, count) ((count) == 1 ? (one) : (many))
#endif

/* In tables: only marks. Where the text is used: _(row->text), of a text that is not "". */
#define N_(text)       text
#define NP_(one, many) one, many
#define NC_(context, text)                                                                         \
    text /* there: language_in(context, row->text) of daemon/shell/language.h */
