/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The words that stand in the database for greend's enumerations. They are part of the file's
 * format: never change one. */

#include "greend/base.h"

struct vocabulary {
    const char *const *words;
    uint32_t count;
};

extern const struct vocabulary vocabulary_workload; /* enum workload_kind */
extern const struct vocabulary vocabulary_domain;   /* enum domain_kind */
extern const struct vocabulary vocabulary_source;   /* enum energy_source */
extern const struct vocabulary vocabulary_event;    /* enum store_event_kind */

/* The word for a value, NULL where there is none. */
const char *vocabulary_word(const struct vocabulary *vocabulary, uint32_t value);

/* The value of a word read from a file. -EUCLEAN: unknown. */
int vocabulary_value(const struct vocabulary *vocabulary, const char *word, uint32_t *ret_value);
