/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* SQLite with greend's manners: negative errnos, one way to open, one way to bind. */

#include <sqlite3.h>

#include "greend/base.h"

enum { DATABASE_BUSY_TIMEOUT_MS = 3000 };

/* What SQLite's last failure on this connection means. -EUCLEAN: corrupt or not a database;
 * -EINTR: ended by a progress handler. */
int database_error(sqlite3 *db, int result);

/* Opens a file with SQLITE_OPEN_READONLY or SQLITE_OPEN_READWRITE. The file must exist. parameters
 * of SQLite's URI: "" or "immutable=1". A connection belongs to one thread at a time. */
int database_open(sqlite3 **ret_db, const char *path, int flags, const char *parameters);
void database_close_p(sqlite3 **db);

/* Runs statements that answer nothing. */
int database_exec(sqlite3 *db, const char *sql);

/* Takes back what was written since, where a transaction stands open: after some errors SQLite has
 * done so itself. */
int database_rollback(sqlite3 *db);

/* The integer that a statement answers; -ENODATA where it answers none or NULL. */
int database_get(sqlite3 *db, const char *sql, int64_t *ret_value);

/* Prepares a statement that lives long, or that runs once. */
int database_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement);
void database_finalize_p(sqlite3_stmt **statement);

/* Binds parameters from ?1 on. format, one character each: 'i' int64_t, 't' const char * (that
 * stays until the statement is reset), 'n' size_t (length of the text after it: const char *,
 * which may lack its terminator), 'b' const void * and size_t, '0' NULL without an argument.
 * Arguments that the statement has no parameter for are ignored. */
void database_bind(sqlite3_stmt *statement, const char *format, ...);

enum { DATABASE_DONE = 0, DATABASE_ROW = 1 };

/* The next row: DATABASE_ROW, or DATABASE_DONE or an error, both with the statement reset. */
int database_step(sqlite3_stmt *statement);

/* Steps to the end. */
int database_run(sqlite3_stmt *statement);

/* Prepares, binds as database_bind(), and steps to the end. */
int database_do(sqlite3 *db, const char *sql, const char *format, ...);

/* The text of a column, "" for NULL, cut to the target's size. */
void database_text(sqlite3_stmt *statement, int column, char *target, size_t size);

/* What a row comes to, of which r is said by who read it: -ENOMEM where SQLite had no memory for
 * one of its texts, which is "" then. */
int database_row(sqlite3_stmt *statement, int r);

/* A blob of exactly that size; zeros for anything else. */
void database_blob(sqlite3_stmt *statement, int column, void *target, size_t size);
