/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* One daemon a database. SQLite lets any number of writers take turns, and two daemons that do
 * would each book the host's energy. */

#include "greend/base.h"

/* Takes the lock of the database at that path, a file beside it; held until *ret_fd is closed, or
 * the process ends in whatever way. -EBUSY: another process holds it. */
int store_lock(int *ret_fd, const char *database);

/* Whether a daemon holds it now. Makes no file, which might be one that no daemon can open. */
bool store_lock_is_held(const char *database);
