/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Found before the compiler's own where the ring's source is compiled for its model: each atomic
 * operation, with where it stands and its order, becomes a step of tests/model/memory_model.h. */

#include <stdint.h>

#define _Atomic /* plain words: what others may see of them, the model knows */
#define ATOMIC_LLONG_LOCK_FREE 2

enum memory_order { memory_order_relaxed, memory_order_acquire, memory_order_release };

/* What stands in the source at an operation: tells it from every other. */
struct model_site {
    const char *function;
    const char *word;
    const char *value; /* of a store; "" */
};

uint64_t model_load(const uint64_t *word, enum memory_order order, struct model_site site);
void model_store(uint64_t *word, uint64_t value, enum memory_order order, struct model_site site);

#define atomic_load_explicit(pointer, order)                                                       \
    model_load((pointer), (order), (struct model_site){__func__, #pointer, ""})
#define atomic_store_explicit(pointer, stored, order)                                              \
    model_store((pointer), (stored), (order), (struct model_site){__func__, #pointer, #stored})
