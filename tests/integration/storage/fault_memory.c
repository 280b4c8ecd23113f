/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "fault_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>

struct fault_memory fault_memory;

static sqlite3_mem_methods beneath;

static bool refuses(void)
{
    fault_memory.asked++;
    if (fault_memory.fail_at == 0 || fault_memory.asked < fault_memory.fail_at ||
        (!fault_memory.stays && fault_memory.asked > fault_memory.fail_at))
        return false;
    fault_memory.fired = true;
    return true;
}

static void *allocate(int size)
{
    return refuses() ? NULL : beneath.xMalloc(size);
}

static void *allocate_again(void *memory, int size)
{
    return refuses() ? NULL : beneath.xRealloc(memory, size);
}

void fault_memory_register(void)
{
    sqlite3_mem_methods methods;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &beneath), SQLITE_OK);
    methods = beneath;
    methods.xMalloc = allocate;
    methods.xRealloc = allocate_again;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
}
