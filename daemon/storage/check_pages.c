/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "storage/check_pages.h"

static int check_once(sqlite3 *db, char *ret_complaint, size_t size)
{
    CLEANUP(database_finalize_p) sqlite3_stmt *check = NULL;
    int r = database_prepare(db, "PRAGMA quick_check(1)", &check);
    if (r == 0)
        r = database_step(check);
    if (r != DATABASE_ROW)
        return r < 0 ? r : -EUCLEAN;
    database_text(check, 0, ret_complaint, size);
    r = database_row(check, str_equal(ret_complaint, "ok") ? 0 : -EUCLEAN);
    if (r == 0)
        ret_complaint[0] = '\0';
    return r;
}

/* SQLite complains of a page that there was no memory for as of one that is damaged, and does not
 * always say so: a complaint is believed that comes twice. */
int check_pages(sqlite3 *db, char *ret_complaint, size_t size)
{
    int r = check_once(db, ret_complaint, size);
    return r == -EUCLEAN ? check_once(db, ret_complaint, size) : r;
}
