/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* SipHash-2-4 (Aumasson, Bernstein 2012): a hash whose collisions cannot be made on purpose by who
 * does not know the key. Hash tables of names from the machine need that: processes choose their
 * names. Pure. */

#include "greend/base.h"

struct siphash_key {
    uint64_t words[2];
};

uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t length);
