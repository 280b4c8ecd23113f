/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A terminal that is drawn on: keys come one by one, and what was there before comes back in the
 * end, also where a signal ends the program.
 *
 * Six sequences of ECMA-48 that all terminals of today know, so no library: lines come from the
 * same table as all of greend-ctl's, and are written over those before. */

#include "output/style.h"

enum terminal_key {
    KEY_NONE = -1, /* time is over, or a signal came: see terminal_ended() */
    KEY_UP = 256,
    KEY_DOWN,
    KEY_ESCAPE,
};

/* -ENOTTY: standard input or output is none. Once in a program. */
int terminal_open(void);
void terminal_close(void);

/* Rows and columns now. */
void terminal_size(size_t *ret_rows, size_t *ret_columns);

/* Draws lines from the top of the screen, each cut by who made them, and clears the rest. */
void terminal_draw(const char *lines);

/* The next key; KEY_NONE after so long, or when the size changed, or the program goes on after a
 * stop. */
int terminal_key(int timeout_ms);

/* Whether, since it was asked before, the size changed or the screen was given back: draw anew. */
bool terminal_changed(void);

/* The signal that asks the program to end; 0: none. */
int terminal_ended(void);
