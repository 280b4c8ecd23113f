/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/schema/schema.h"

#include <inttypes.h>

#include "greend/store.h"

static const char *const steps[] = {
#include "schema_v1.inc"
    ,
#include "schema_v2.inc"
    ,
#include "schema_v3.inc"
    ,
#include "schema_v4.inc"
    ,
#include "schema_v5.inc"
};

_Static_assert(ARRAY_SIZE(steps) == STORE_SCHEMA_VERSION, "one step for each version");

const struct schema schema_current = {steps, STORE_SCHEMA_VERSION};

int schema_check(sqlite3 *db, const struct schema *schema)
{
    int64_t application = 0, version = 0, objects = 0;
    int r = database_get(db, "PRAGMA application_id", &application);
    if (r == 0)
        r = database_get(db, "PRAGMA user_version", &version);
    if (r == 0)
        r = database_get(db, "SELECT count(*) FROM sqlite_master", &objects);
    if (r < 0)
        return r;
    if (objects == 0 && version == 0)
        return SCHEMA_OLDER; /* empty, or killed before the first step was taken */
    if (application != SCHEMA_APPLICATION_ID)
        return -EMEDIUMTYPE;
    if (version < 0 || version > schema->version)
        return -EPROTONOSUPPORT;
    return version < schema->version ? SCHEMA_OLDER : 0;
}

static int take_steps(sqlite3 *db, const struct schema *schema)
{
    int64_t version = 0;
    int r = database_get(db, "PRAGMA user_version", &version);
    for (; r == 0 && version < schema->version; version++)
        r = database_exec(db, schema->steps[version]);
    if (r < 0)
        return r;
    char pragmas[128];
    (void)snprintf(pragmas, sizeof(pragmas),
                   "PRAGMA application_id = %" PRId64 "; PRAGMA user_version = %" PRId64 "; COMMIT",
                   SCHEMA_APPLICATION_ID, schema->version);
    return database_exec(db, pragmas);
}

int schema_migrate(sqlite3 *db, const struct schema *schema)
{
    int r = database_exec(db, "BEGIN IMMEDIATE");
    if (r < 0)
        return r;
    r = schema_check(db, schema); /* again: another process may have been faster */
    if (r == SCHEMA_OLDER)
        r = take_steps(db, schema);
    int back = database_rollback(db); /* nothing was to be done, or it failed */
    return r < 0 ? r : back;
}
