/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What the machine is and what is declared of it: written by the daemon, told to readers. */

#include <math.h>

#include "storage/reader/reader_internal.h"

static int put_fact(sqlite3_stmt *statement, const struct store_fact *fact)
{
    if (fact->value[0] == '\0')
        return 0;
    database_bind(statement, "tt", fact->key, fact->value);
    return database_run(statement);
}

static int put_part(sqlite3_stmt *statement, size_t place, const struct store_part *part)
{
    database_bind(statement, "itti", (int64_t)place, part->kind, part->model, (int64_t)part->count);
    (void)sqlite3_bind_null(statement, 5);
    if (part->size > 0)
        (void)sqlite3_bind_double(statement, 5, part->size);
    return database_run(statement);
}

static int put_all(sqlite3 *db, const struct store_facts *facts)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *fact = NULL;
    CLEANUP(database_finalize_p) sqlite3_stmt *part = NULL;
    int r = database_exec(db, "DELETE FROM fact; DELETE FROM part");
    if (r == 0)
        r = database_prepare(db, "INSERT INTO fact (key, value) VALUES (?1, ?2)", &fact);
    if (r == 0)
        r = database_prepare(db,
                             "INSERT INTO part (place, kind, model, count, size)"
                             " VALUES (?1, ?2, ?3, ?4, ?5)",
                             &part);
    for (size_t i = 0; r == 0 && i < facts->n_facts; i++)
        r = put_fact(fact, &facts->facts[i]);
    for (size_t i = 0; r == 0 && i < facts->n_parts; i++)
        r = put_part(part, i, &facts->parts[i]);
    return r;
}

int store_facts_put(sqlite3 *db, const struct store_facts *facts)
{
    int r = database_exec(db, "BEGIN IMMEDIATE");
    if (r < 0)
        return r;
    r = put_all(db, facts);
    if (r == 0)
        r = database_exec(db, "COMMIT");
    (void)database_rollback(db);
    return r;
}

/* ---- Reading ---- */

enum { VERSION_FACTS = 4 };

/* A file may have been written by anyone: texts are cut to their room, numbers held to their
 * bounds. */
static void read_part(sqlite3_stmt *row, struct store_part *part)
{
    double size = sqlite3_column_double(row, 3);
    *part = (struct store_part){
        .count = (uint32_t)MAX(MIN(sqlite3_column_int64(row, 2), (sqlite3_int64)UINT32_MAX), 0),
        .size = isfinite(size) && size > 0 ? size : 0,
    };
    database_text(row, 0, part->kind, sizeof(part->kind));
    database_text(row, 1, part->model, sizeof(part->model));
}

static int tell_facts(struct store_reader *reader,
                      int (*fact)(void *userdata, const struct store_fact *fact), void *userdata,
                      int *ret_answer)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *rows = NULL;
    int r = database_prepare(reader->db, "SELECT key, value FROM fact ORDER BY key", &rows);
    while (r >= 0 && *ret_answer == 0 && (r = database_step(rows)) == DATABASE_ROW) {
        struct store_fact told;
        database_text(rows, 0, told.key, sizeof(told.key));
        database_text(rows, 1, told.value, sizeof(told.value));
        *ret_answer = fact(userdata, &told);
    }
    return r < 0 ? r : 0;
}

static int tell_parts(struct store_reader *reader,
                      int (*part)(void *userdata, const struct store_part *part), void *userdata,
                      int *ret_answer)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *rows = NULL;
    int r = database_prepare(reader->db, "SELECT kind, model, count, size FROM part ORDER BY place",
                             &rows);
    while (r >= 0 && *ret_answer == 0 && (r = database_step(rows)) == DATABASE_ROW) {
        struct store_part told;
        read_part(rows, &told);
        *ret_answer = part(userdata, &told);
    }
    return r < 0 ? r : 0;
}

int store_reader_facts(struct store_reader *reader,
                       int (*fact)(void *userdata, const struct store_fact *fact),
                       int (*part)(void *userdata, const struct store_part *part), void *userdata)
{
    int answer = 0;
    if (reader->version < VERSION_FACTS)
        return 0;
    int r = reader_begin(reader); /* facts and parts of one moment */
    if (r < 0)
        return r;
    r = tell_facts(reader, fact, userdata, &answer);
    if (r == 0 && answer == 0)
        r = tell_parts(reader, part, userdata, &answer);
    r = reader_end(reader, r);
    return answer ? answer : r;
}
