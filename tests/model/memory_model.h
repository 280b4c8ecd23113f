/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* All that C11 lets readers of shared words see, one execution after the other.
 *
 * One thread writes (or several, each after the death of the one before); others only read. Each
 * store makes a message in the history of its word, with the writer's view: of each word, the
 * oldest message that whoever acquires this one may still read. A load may read any message that is
 * not older than the reader's view, and an acquiring load of a releasing store takes over its view.
 * That is the axiomatic model of C11 without consume and without its release sequences of plain
 * stores (which C++20 dropped: without them more is allowed). It is complete here: since readers
 * store nothing, no cycle of program order and reads-from exists, so it does not matter when a
 * reader runs, only which messages it reads; and readers cannot influence each other. So the writer
 * runs once, and each reader alone through every choice.
 *
 * The code is the real one: stdatomic.h of shim/ hands its atomic operations over. */

#include "greend/base.h"
#include "shim/stdatomic.h"

/* ---- A defect that is put in on purpose ---- */

enum mutation {
    MUTATION_RELAX,  /* the order becomes relaxed */
    MUTATION_SKIP,   /* the store is left out */
    MUTATION_REPEAT, /* the load answers what the load of that word answered before */
};

struct mutant {
    const char *what;
    enum mutation mutation;
    struct model_site site;
};

/* ---- Running ---- */

/* Forgets all histories; the mutant is in force until the next call. NULL: the code as it is. */
void model_reset(const struct mutant *mutant);

/* Runs the writer; its stores are kept as messages. It dies after so many stores. Returns how many
 * it made. A later writer has seen all of an earlier one. */
enum { MODEL_LIVES = INT32_MAX };
int model_write(void (*writer)(void), int stores);

/* Runs the reader through every execution until one is wrong. words_free: of each cell, how many
 * words of payload are read independently; those behind them come from the same write as the last
 * of these, where that may be. Returns the number of executions; ret_wrong: what was wrong, NULL:
 * nothing. */
uint64_t model_read(void (*reader)(void), unsigned words_free, const char **ret_wrong);

/* For readers. */
unsigned model_choose(unsigned options);

/* Ends this execution: what it did is wrong; or is not looked at. */
_Noreturn void model_wrong(const char *what);
_Noreturn void model_leave(void);

#define MODEL_REQUIRE(condition)                                                                   \
    do {                                                                                           \
        if (!(condition))                                                                          \
            model_wrong(#condition);                                                               \
    } while (0)
