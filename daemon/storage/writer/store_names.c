/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Names of persons: folding them into "users" when they are past their retention, or when a person
 * asks to be forgotten. What they used stays, to the microjoule. */

#include <ctype.h>

#include "storage/store_internal.h"
#include "storage/vocabulary.h"

bool store_names_person(const struct workload *workload)
{
    return workload->kind == WORKLOAD_USER &&
           strncmp(workload->user, "users", sizeof(workload->user)) != 0;
}

/* ---- Units named after a user ---- */

enum { ESCAPED_MAX = 4 * WORKLOAD_USER_MAX };

/* The way systemd writes a name within a unit's: "jean-paul" is jean\x2dpaul. */
static void escape_name(const char *name, char escaped[ESCAPED_MAX])
{
    size_t length = 0;
    for (; *name && length + 5 < ESCAPED_MAX; name++) {
        unsigned char c = (unsigned char)*name;
        if (isalnum(c) || strchr(":_.", c))
            escaped[length++] = *name;
        else
            length += (size_t)snprintf(escaped + length, 5, "\\x%02x", c);
    }
    escaped[length] = '\0';
}

static bool is_edge(char c)
{
    return strchr("@-:/.", c) != NULL; /* also the end of the text */
}

/* Writes unit with each `name` that stands as a whole word in it replaced by "users". */
static void replace_name(const char *unit, const char *name, char *target, size_t size)
{
    size_t length = strlen(name), written = 0;
    for (const char *c = unit; *c && written + sizeof("users") < size;) {
        bool starts = length > 0 && (c == unit || is_edge(c[-1]));
        if (starts && str_starts(c, name) && is_edge(c[length])) {
            written = (size_t)(stpcpy(target + written, "users") - target);
            c += length;
        } else {
            target[written++] = *c++;
        }
    }
    target[written] = '\0';
}

/* SQL: users_unit(unit, user). */
static void users_unit(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *unit = (const char *)sqlite3_value_text(values[0]);
    const char *user = (const char *)sqlite3_value_text(values[1]);
    if (count != 2 || !unit || !user)
        return; /* NULL */
    char escaped[ESCAPED_MAX], once[2 * WORKLOAD_UNIT_MAX], twice[2 * WORKLOAD_UNIT_MAX];
    escape_name(user, escaped);
    replace_name(unit, user, once, sizeof(once));
    replace_name(once, escaped, twice, sizeof(twice));
    sqlite3_result_text(context, twice, -1, SQLITE_TRANSIENT);
}

int store_names_register(sqlite3 *db)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    int result =
        sqlite3_create_function_v2(db, "users_unit", 2, flags, NULL, users_unit, NULL, NULL, NULL);
    if (result != SQLITE_OK)
        return database_error(db, result);
    return database_exec(db, "CREATE TEMP TABLE renaming (old INTEGER PRIMARY KEY, new INTEGER)");
}

/* ---- Folding ---- */

#define MOVE_ENERGY(level)                                                                         \
    "INSERT INTO " level "_energy (begin_s, workload, domain, energy_uj, uncertainty_uj)"          \
    " SELECT e.begin_s, r.new, e.domain, e.energy_uj, e.uncertainty_uj"                            \
    " FROM " level "_energy AS e CROSS JOIN temp.renaming AS r ON r.old = e.workload"              \
    " WHERE e.begin_s BETWEEN ?1 AND ?2 ON CONFLICT (begin_s, workload, domain)"                   \
    " DO UPDATE SET " STORE_ADD("energy_uj") ", " STORE_ADD("uncertainty_uj"),                     \
        "DELETE FROM " level "_energy WHERE begin_s BETWEEN ?1 AND ?2"                             \
        " AND workload IN (SELECT old FROM temp.renaming)"

#define MOVE_CPU(level)                                                                            \
    "INSERT INTO " level "_cpu (begin_s, workload, cpu_ns)"                                        \
    " SELECT e.begin_s, r.new, e.cpu_ns"                                                           \
    " FROM " level "_cpu AS e CROSS JOIN temp.renaming AS r ON r.old = e.workload"                 \
    " WHERE e.begin_s BETWEEN ?1 AND ?2 ON CONFLICT (begin_s, workload)"                           \
    " DO UPDATE SET " STORE_ADD("cpu_ns"),                                                         \
        "DELETE FROM " level "_cpu WHERE begin_s BETWEEN ?1 AND ?2"                                \
        " AND workload IN (SELECT old FROM temp.renaming)"

#define MOVE_RESERVED(level)                                                                       \
    "INSERT INTO " level "_reserved (begin_s, workload, memory_kib_s, weight_ppb_s)"               \
    " SELECT e.begin_s, r.new, e.memory_kib_s, e.weight_ppb_s"                                     \
    " FROM " level "_reserved AS e CROSS JOIN temp.renaming AS r ON r.old = e.workload"            \
    " WHERE e.begin_s BETWEEN ?1 AND ?2 ON CONFLICT (begin_s, workload)"                           \
    " DO UPDATE SET " STORE_ADD_KNOWN("memory_kib_s") ", " STORE_ADD_KNOWN("weight_ppb_s"),        \
        "DELETE FROM " level "_reserved WHERE begin_s BETWEEN ?1 AND ?2"                           \
        " AND workload IN (SELECT old FROM temp.renaming)"

/* Gives all buckets that began from ?1 to ?2 to the workload's new number. */
static int move_buckets(sqlite3 *db, int64_t since_s, int64_t until_s)
{
    static const char *const statements[] = {
        MOVE_ENERGY("minute"),   MOVE_ENERGY("hour"),   MOVE_ENERGY("day"),
        MOVE_CPU("minute"),      MOVE_CPU("hour"),      MOVE_CPU("day"),
        MOVE_RESERVED("minute"), MOVE_RESERVED("hour"), MOVE_RESERVED("day"),
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_SIZE(statements); i++)
        r = database_do(db, statements[i], "ii", since_s, until_s);
    return r;
}

/* What is done with the workloads that `who` describes: ?1 the name, ?2 the end of the period. */
#define NEW_WORKLOADS(who, unit, user)                                                             \
    "INSERT OR IGNORE INTO workload (kind, unit, command, user, first_day_s, last_day_s)"          \
    " SELECT kind, " unit ", command, " user ", first_day_s, first_day_s"                          \
    " FROM workload AS w WHERE " who

#define NEW_NUMBERS(who, unit, user)                                                               \
    "INSERT INTO temp.renaming (old, new) SELECT w.id, t.id FROM workload AS w"                    \
    " JOIN workload AS t ON t.kind = w.kind AND t.unit = " unit                                    \
    " AND t.command = w.command AND t.user = " user " WHERE " who

/* The workloads that take over have been seen in all days that are moved to them. */
#define SEEN                                                                                       \
    "UPDATE workload SET"                                                                          \
    " first_day_s = min(first_day_s, (SELECT min(o.first_day_s) FROM temp.renaming"                \
    "  JOIN workload AS o ON o.id = old WHERE new = workload.id)),"                                \
    " last_day_s = max(last_day_s, (SELECT min(max(o.last_day_s), ?2) FROM temp.renaming"          \
    "  JOIN workload AS o ON o.id = old WHERE new = workload.id))"                                 \
    " WHERE id IN (SELECT new FROM temp.renaming)"

static int run_all(sqlite3 *db, const char *const *statements, size_t count, const char *name,
                   int64_t day_s)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = database_do(db, statements[i], "ti", name, day_s);
    return r;
}

/* ---- Past their retention ---- */

#define OLD_NAMES "w.kind = 'user' AND w.user <> 'users' AND w.first_day_s <= ?2"

#define STAYING(level)                                                                             \
    "SELECT workload FROM " level "_energy WHERE begin_s > ?1"                                     \
    " UNION SELECT workload FROM " level "_cpu WHERE begin_s > ?1"                                 \
    " UNION SELECT workload FROM " level "_reserved WHERE begin_s > ?1"

#define UNUSED_NAMES                                                                               \
    "DELETE FROM workload WHERE last_day_s <= ?2 AND id IN (SELECT old FROM temp.renaming)"        \
    " AND id NOT IN (" STAYING("minute") " UNION " STAYING("hour") " UNION " STAYING("day") ")"

static int forget_unused_names(sqlite3 *db, int64_t until_s, int64_t day_s)
{
    int r = database_do(db,
                        "UPDATE workload SET first_day_s = max(first_day_s, ?1)"
                        " WHERE id IN (SELECT old FROM temp.renaming)",
                        "i", day_s);
    return r < 0 ? r : database_do(db, UNUSED_NAMES, "ii", until_s, day_s);
}

int store_names_fold(struct store *store, int64_t until_s)
{
    static const char *const rename[] = {
        "DELETE FROM temp.renaming",
        NEW_WORKLOADS(OLD_NAMES, "'users'", "'users'"),
        NEW_NUMBERS(OLD_NAMES, "'users'", "'users'"),
        SEEN,
    };
    sqlite3 *db = store->db;
    int64_t first_s = 0, day_s = 0;
    int r = database_get(db,
                         "SELECT min(first_day_s) FROM workload WHERE kind = 'user'"
                         " AND user <> 'users'",
                         &first_s);
    if (r < 0 || first_s > until_s)
        return r == -ENODATA ? 0 : r;
    /* The last day that is folded, for the workloads that take it over. */
    CLEANUP(database_finalize_p) sqlite3_stmt *day = NULL;
    r = database_prepare(db, store_sql[STORE_SPAN_BEFORE + LEVEL_DAY], &day);
    if (r < 0)
        return r;
    database_bind(day, "i", until_s);
    r = database_step(day);
    if (r != DATABASE_ROW)
        return r;
    day_s = sqlite3_column_int64(day, 0);
    (void)sqlite3_reset(day);
    r = run_all(db, rename, ARRAY_SIZE(rename), "", day_s);
    if (r == 0)
        r = move_buckets(db, first_s, until_s);
    if (r == 0)
        r = forget_unused_names(db, until_s, day_s);
    store->wal_has_names = true;
    return r;
}

/* ---- On request ---- */

#define PERSON "(w.user = ?1 OR users_unit(w.unit, ?1) <> w.unit)"
#define PERSON_UNIT                                                                                \
    "CASE WHEN w.kind = 'user' AND w.user = ?1 THEN 'users' ELSE users_unit(w.unit, ?1) END"
#define PERSON_USER "CASE w.user WHEN ?1 THEN 'users' ELSE w.user END"

/* The counters of /metrics hold the name as well, and what one of them showed cannot be another's:
 * they begin anew with the next daemon. */
static int forget_series(sqlite3 *db)
{
    int r = database_exec(db, "DELETE FROM series");
    return r < 0 ? r : database_exec(db, "UPDATE state SET series_continuous = 0");
}

static int forget(struct store *store, const char *user, uint64_t *ret_changed)
{
    static const char *const before[] = {
        "DELETE FROM temp.renaming",
        NEW_WORKLOADS(PERSON, PERSON_UNIT, PERSON_USER),
        NEW_NUMBERS(PERSON, PERSON_UNIT, PERSON_USER),
        SEEN,
    };
    sqlite3 *db = store->db;
    int64_t changed = 0;
    int r = run_all(db, before, ARRAY_SIZE(before), user, INT64_MAX);
    if (r == 0)
        r = database_get(db, "SELECT count(*) FROM temp.renaming", &changed);
    if (r == 0 && changed > 0)
        r = move_buckets(db, INT64_MIN, INT64_MAX);
    if (r == 0)
        r = database_exec(db, "DELETE FROM workload WHERE id IN (SELECT old FROM temp.renaming)");
    if (r == 0 && changed > 0)
        r = forget_series(db);
    if (r == 0)
        *ret_changed = (uint64_t)changed;
    return r;
}

int store_forget_user(struct store *store, const char *user, uint64_t *ret_changed)
{
    uint64_t changed = 0;
    if (user[0] == '\0' || str_equal(user, "users")) {
        *ret_changed = 0;
        return 0;
    }
    int r = store_begin(store);
    if (r < 0)
        return r;
    r = store_end(store, forget(store, user, &changed));
    if (r == 0)
        r = store_wipe_wal(store);
    if (r == 0)
        *ret_changed = changed;
    return r;
}
