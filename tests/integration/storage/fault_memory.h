/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Memory that SQLite is refused: a layer over its allocator that counts what is asked for, and
 * refuses the n-th request. */

#include <stdbool.h>
#include <stdint.h>

struct fault_memory {
    uint64_t asked;   /* requests so far */
    uint64_t fail_at; /* the request that is refused, 0: none */
    bool stays;       /* so are all after it */
    bool fired;
};

extern struct fault_memory fault_memory;

/* Before anything of SQLite is used. Small requests are seen as well: SQLite keeps no memory of its
 * own for them. */
void fault_memory_register(void);
