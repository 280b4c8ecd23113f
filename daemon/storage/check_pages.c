/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/check_pages.h"

#include <stdlib.h>

/* SQLite complains of a page that there was no memory for as of one that is damaged. */
static int meaning_of(const char *complaint)
{
    static const char label[] = "error code=";
    const char *code = strstr(complaint, label);
    long number = code ? strtol(code + strlen(label), NULL, 10) : 0;
    return number == SQLITE_NOMEM || number == SQLITE_IOERR_NOMEM ? -ENOMEM : -EUCLEAN;
}

static int check_once(sqlite3 *db, char *ret_complaint, size_t size)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *check = NULL;
    int r = database_prepare(db, "PRAGMA quick_check(1)", &check);
    if (r == 0)
        r = database_step(check);
    if (r != DATABASE_ROW)
        return r < 0 ? r : -EUCLEAN;
    database_text(check, 0, ret_complaint, size);
    return database_row(check, str_equal(ret_complaint, "ok") ? 0 : meaning_of(ret_complaint));
}

/* Not of all such pages it says why: a complaint is believed that comes twice. */
int check_pages(sqlite3 *db, char *ret_complaint, size_t size)
{
    ret_complaint[0] = '\0';
    int r = check_once(db, ret_complaint, size);
    if (r == -EUCLEAN) {
        r = check_once(db, ret_complaint, size);
        r = r == -EINTR ? -EUCLEAN : r; /* what was found stands, though the time is over */
    }
    if (r != -EUCLEAN)
        ret_complaint[0] = '\0';
    return r;
}
