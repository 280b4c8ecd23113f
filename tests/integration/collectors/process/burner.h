/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A child process that uses CPU time on command. */

#include "greend/base.h"

struct burner {
    pid_t pid;
    int order_fd, answer_fd;
};

/* Uses that much CPU time in the calling process. */
void burn_ns(uint64_t ns);

/* Forks one. setup() runs in the child before it waits for orders; may be NULL. */
struct burner burner_start(void (*setup)(void));

/* Lets it use CPU time; returns when it sleeps again, with all that it ever used (getrusage). */
uint64_t burner_burn(const struct burner *burner, uint64_t ns);

/* Lets it end, with or without waiting for it. */
void burner_leave(struct burner *burner);
void burner_stop(struct burner *burner);
