/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Numbers for people, rounded so that what is shown adds up to what is shown. */

#include "core/text.h"

/* parts * numerator / denominator in whole units, by the method of the largest remainder: the sum
 * of the parts is rounded, each part is rounded down, and what is missing then goes one by one to
 * the parts that lost most. A part that lost as much as another and stands before it is served
 * first. Returns the sum in units, which the results add up to exactly. -ENOMEM negative. */
int64_t amount_share_out(const uint64_t *parts, size_t count, uint64_t numerator,
                         uint64_t denominator, uint64_t *ret_units);

/* A unit of energy with a number of decimals. */
struct amount_scale {
    const char *unit;
    uint64_t step_uj; /* the last decimal */
    unsigned decimals;
};

/* The one in which an energy has four or five digits: "212.4 kWh", "1.234 Wh". */
struct amount_scale amount_scale_for(uint64_t energy_uj);

/* Writes steps of a scale as a number of the language: 2124 -> "212.4". At most
 * LANGUAGE_NUMBER_MAX bytes. Returns target. */
const char *amount_format(char *target, size_t size, uint64_t steps, unsigned decimals);

/* Four digits that count, as a number of the language: "967.9", "0.1492", "12870", "-3.120"; below
 * a thousandth with a power of ten: "3.120 × 10⁻⁵", or "3.120 x 10^-5" where characters are no
 * UTF-8. AMOUNT_DOWN, AMOUNT_UP: for the ends of an interval, which is never shown narrower than it
 * is; of values of 0 and more. At most LANGUAGE_NUMBER_MAX bytes. Returns target. */
enum amount_rounding { AMOUNT_NEAREST, AMOUNT_DOWN, AMOUNT_UP };
const char *amount_number(char *target, size_t size, double value, enum amount_rounding rounding);

/* Append such a number; the ends of an interval, rounded outwards ("1.234 to 1.500"); a number with
 * so many decimals; a part of a whole in percent ("12.3 %"). */
void amount_add(struct text *text, double value);
void amount_add_interval(struct text *text, double least, double most);
void amount_add_fixed(struct text *text, double value, int decimals);
void amount_add_percent(struct text *text, double part, int decimals);

/* "3 d 4 h", "25 h", "2 min 5 s", "43.0 s". 48 bytes are enough. Returns target. */
const char *amount_duration(char *target, size_t size, uint64_t time_ns);
