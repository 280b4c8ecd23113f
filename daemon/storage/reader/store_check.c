/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Readers: whether the file is sound. */

#include <time.h>

#include "greend/units.h"
#include "storage/reader/reader_internal.h"

enum { STEPS = 10000 /* of SQLite's machine between two looks at the clock */ };

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int on_progress(void *userdata)
{
    const uint64_t *end_ns = userdata;
    return now_ns() >= *end_ns;
}

/* "ok", or what is wrong, of which the first is enough. */
static int check(struct store_reader *reader, char *ret_complaint, size_t size)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *statement = NULL;
    int r = database_prepare(reader->db, "PRAGMA quick_check(1)", &statement);
    if (r < 0)
        return r;
    r = sqlite3_step(statement);
    if (r == SQLITE_INTERRUPT)
        return STORE_CHECK_UNFINISHED;
    if (r != SQLITE_ROW)
        return database_error(reader->db, r);
    database_text(statement, 0, ret_complaint, size);
    if (!str_equal(ret_complaint, "ok"))
        return -EUCLEAN;
    ret_complaint[0] = '\0';
    return 0;
}

int store_reader_check(struct store_reader *reader, uint64_t most_ns, char *ret_complaint,
                       size_t size)
{
    uint64_t end_ns = add_saturated(now_ns(), most_ns);
    ret_complaint[0] = '\0';
    sqlite3_progress_handler(reader->db, STEPS, on_progress, &end_ns);
    int r = check(reader, ret_complaint, size);
    sqlite3_progress_handler(reader->db, 0, NULL, NULL);
    if (r < 0 && ret_complaint[0] == '\0')
        (void)str_copy(ret_complaint, size, sqlite3_errmsg(reader->db));
    return r;
}
