/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Decimal numbers with a point, whatever the locale. Pure. */

#include "greend/base.h"

enum { DECIMAL_DIGITS_MAX = 17 /* significant ones */ };

/* A number as 0.098, 11 or 4.85798e-8, that fills the text: the nearest
 * double up to 15 digits, else within one unit in the last place. -EINVAL: none, or
 * negative, or of another form ("0,098", "1 000", "nan", "0x1p3"). -ERANGE: more significant digits
 * than a double tells apart, or 1e20 and above, or not 0 and below 1e-20. */
int decimal_parse(const char *text, size_t length, double *ret_value);

/* The number of exactly so many digits (at most 9) that a text begins with; -1 for anything else.
 */
int digits_parse(const char *text, size_t digits);
