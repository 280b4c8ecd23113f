/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The database's schema and how an older one becomes the newest. */

#include "storage/database.h"

/* The header's application_id, by which file(1) and greend know the file: "grnd". */
#define SCHEMA_APPLICATION_ID INT64_C(0x67726e64)

/* A schema is the list of steps that lead to it: steps[v] turns version v into v + 1. A step that
 * was released never changes. */
struct schema {
    const char *const *steps;
    int64_t version;
};

extern const struct schema schema_current;

enum {
    SCHEMA_OLDER = 1, /* not the newest, or an empty file: schema_migrate() */
};

/* Compares the file with a schema. 0: the same. SCHEMA_OLDER. -EPROTONOSUPPORT: newer.
 * -EMEDIUMTYPE: a database, but not greend's. -EUCLEAN: no database or corrupt. Only reads. */
int schema_check(sqlite3 *db, const struct schema *schema);

/* Takes the steps that are missing, in one transaction: all or none. */
int schema_migrate(sqlite3 *db, const struct schema *schema);
