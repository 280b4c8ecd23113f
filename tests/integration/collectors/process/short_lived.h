/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Loads of processes that end before anybody can look at them. Each runs in the calling process,
 * and may end it. */

#include <sys/time.h>

#include "greend/base.h"

/* What the processes that nobody waits for have used, as they say themselves when they end. What an
 * exit itself costs is not in it. */
extern _Atomic uint64_t *orphans_ns;

/* To be called first in main(): serves as the program that some loads start. false: no memory. */
bool short_lived_begin(int argc, char **argv);

/* All of these are waited for. */
void loop_of_true(void);
void pipelines(void);
void tree_as_of_make(void);

/* None of these: so many children of 20 ms each. */
extern int short_lived_children;
void ignore_children(void);
void fork_twice(void);          /* adopted by PID 1 or the nearest subreaper */
void fork_twice_and_exec(void); /* and another program by then */

/* It waits for all of them, so they are in its rusage. */
void fork_twice_below_a_shim(void);

/* Ends after so much time, without being waited for by whoever called. Before it, in a process of
 * its own that is adopted, calls enter(), and afterwards leave(). */
void run_adopted(void (*enter)(int number), void (*leave)(int number), int number, uint64_t ns);

/* Nobody's, and many of them: what they use must not be given to them or by them. */
pid_t start_bystander(void (*enter)(void));

void pause_ms(long ms);
uint64_t timeval_ns(struct timeval time);
