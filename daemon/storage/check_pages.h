/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

#include "storage/database.h"

/* Whether every page can be read and is linked once (PRAGMA quick_check). 0; -EUCLEAN, and what is
 * wrong, of which the first is enough ("" with all else); -EINTR where a progress handler ended it;
 * -ENOMEM; else as database_step(). */
int check_pages(sqlite3 *db, char *ret_complaint, size_t size);
