/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/database.h"

#include <assert.h>
#include <stdarg.h>

int database_error(sqlite3 *db, int result)
{
    int system = db ? sqlite3_system_errno(db) : 0;
    switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_INTERRUPT:
        return -EINTR;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    case SQLITE_CANTOPEN:
        return system > 0 ? -system : -EACCES;
    case SQLITE_IOERR: /* of the -shm file a full disk comes as an I/O error */
        return system == ENOSPC || system == EDQUOT ? -ENOSPC : system == ENOMEM ? -ENOMEM : -EIO;
    default:
        return -EIO;
    }
}

/* "file:" and the path, with what has a meaning in a URI escaped; "//" keeps SQLite from reading
 * the begin of an absolute path as a host. */
static char *database_uri(const char *path, const char *parameters)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = strlen(path) * 3 + strlen(parameters) + sizeof("file://?");
    char *uri = malloc(size);
    if (!uri)
        return NULL;
    char *end = stpcpy(uri, path[0] == '/' ? "file://" : "file:");
    for (const char *c = path; *c; c++) {
        if (!strchr("%?#", *c)) {
            *end++ = *c;
            continue;
        }
        *end++ = '%';
        *end++ = digits[(unsigned char)*c >> 4];
        *end++ = digits[*c & 0xf];
    }
    *end++ = '?';
    (void)stpcpy(end, parameters);
    return uri;
}

/* What a file may make SQLite do is limited: it may come from anywhere. */
static int database_harden(sqlite3 *db)
{
    (void)sqlite3_extended_result_codes(db, 1);
    (void)sqlite3_busy_timeout(db, DATABASE_BUSY_TIMEOUT_MS);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return database_exec(db, "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;");
}

int database_open(sqlite3 **ret_db, const char *path, int flags, const char *parameters)
{
    CLEANUP(database_close_p) sqlite3 *db = NULL;
    char *uri = database_uri(path, parameters);
    if (!uri)
        return -ENOMEM;
    int result = sqlite3_open_v2(uri, &db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    free(uri);
    if (result != SQLITE_OK)
        return db ? database_error(db, result) : -ENOMEM;
    int r = database_harden(db);
    if (r < 0)
        return r;
    *ret_db = TAKE_PTR(db);
    return 0;
}

void database_close_p(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}

int database_exec(sqlite3 *db, const char *sql)
{
    return database_error(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int database_rollback(sqlite3 *db)
{
    return sqlite3_get_autocommit(db) ? 0 : database_exec(db, "ROLLBACK");
}

int database_get(sqlite3 *db, const char *sql, int64_t *ret_value)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *statement = NULL;
    int r = database_prepare(db, sql, &statement);
    if (r < 0)
        return r;
    r = database_step(statement);
    if (r < 0)
        return r;
    if (r == DATABASE_DONE || sqlite3_column_type(statement, 0) == SQLITE_NULL)
        return -ENODATA;
    *ret_value = sqlite3_column_int64(statement, 0);
    return 0;
}

int database_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement)
{
    int result = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, NULL);
    /* The statements are ours and right: a missing table or column is the file's fault. */
    return (result & 0xff) == SQLITE_ERROR ? -EUCLEAN : database_error(db, result);
}

void database_finalize_p(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
}

static void bind_arguments(sqlite3_stmt *statement, const char *format, va_list arguments)
{
    int index = 1;
    int result = SQLITE_OK;
    for (const char *type = format; *type; type++, index++) {
        size_t length = 0;
        const void *bytes = NULL;
        switch (*type) {
        case 'i':
            result = sqlite3_bind_int64(statement, index, va_arg(arguments, int64_t));
            break;
        case 't':
            result = sqlite3_bind_text(statement, index, va_arg(arguments, const char *), -1,
                                       SQLITE_STATIC);
            break;
        case 'n':
            length = va_arg(arguments, size_t);
            bytes = va_arg(arguments, const char *);
            result = sqlite3_bind_text64(statement, index, bytes, strnlen(bytes, length),
                                         SQLITE_STATIC, SQLITE_UTF8);
            break;
        case 'b':
            bytes = va_arg(arguments, const void *);
            length = va_arg(arguments, size_t);
            result = sqlite3_bind_blob64(statement, index, bytes, length, SQLITE_STATIC);
            break;
        default:
            result = sqlite3_bind_null(statement, index);
        }
        assert(result == SQLITE_OK || result == SQLITE_RANGE);
    }
}

void database_bind(sqlite3_stmt *statement, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bind_arguments(statement, format, arguments);
    va_end(arguments);
}

int database_step(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        return DATABASE_ROW;
    int r = database_error(sqlite3_db_handle(statement), result);
    (void)sqlite3_reset(statement);
    return r;
}

int database_run(sqlite3_stmt *statement)
{
    int r = DATABASE_ROW;
    while (r == DATABASE_ROW)
        r = database_step(statement);
    return r;
}

int database_do(sqlite3 *db, const char *sql, const char *format, ...)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *statement = NULL;
    int r = database_prepare(db, sql, &statement);
    if (r < 0)
        return r;
    va_list arguments;
    va_start(arguments, format);
    bind_arguments(statement, format, arguments);
    va_end(arguments);
    return database_run(statement);
}

void database_text(sqlite3_stmt *statement, int column, char *target, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    (void)str_copy(target, size, text ? text : "");
}

int database_row(sqlite3_stmt *statement, int r)
{
    return sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM ? -ENOMEM : r;
}

void database_blob(sqlite3_stmt *statement, int column, void *target, size_t size)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    memset(target, 0, size);
    if (bytes && (size_t)sqlite3_column_bytes(statement, column) == size)
        memcpy(target, bytes, size);
}
