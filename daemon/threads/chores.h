/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Work that is too slow for the main thread, which posts it; the helper thread does it, one piece
 * after the other, and the main thread takes it back. The memory of a chore stays its owner's, who
 * must not touch it until it came back or was withdrawn. */

#include "threads/wake.h"

struct chore {
    void (*work)(struct chore *chore); /* helper thread */
    struct chore *next;
};

struct chores;

int chores_new(struct chores **ret_chores);

/* All chores were taken back or withdrawn, and no thread works. Accepts NULL, returns NULL. */
struct chores *chores_free(struct chores *chores);

/* ---- Main thread ---- */

void chores_post(struct chores *chores, struct chore *chore);

/* Readable when something may have been done. */
int chores_done_fd(const struct chores *chores);

/* A chore that was done, in the order of posting; NULL: none, until the descriptor is readable. */
struct chore *chores_take(struct chores *chores);

/* Takes it back, done or not. Waits where it is being done just now. */
void chores_withdraw(struct chores *chores, struct chore *chore);

/* ---- Helper thread ---- */

/* Rings when something was posted. */
const struct wake *chores_posted(const struct chores *chores);

/* Does the oldest. false: there was none. */
bool chores_do(struct chores *chores);
