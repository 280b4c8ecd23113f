/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* One way to break each thing that doctor looks at, and what it says then. */

#include "doctor_machine.h"

struct doctor_broken {
    const char *id;
    void (*breaks)(void);
    enum doctor_verdict verdict;
    const char *detail; /* part of it */
    const char *command;
};

extern const struct doctor_broken doctor_broken[];
extern const size_t doctor_broken_count;

/* Those that tests also break several of. */
void doctor_make_virtual(void);
void doctor_no_exits(void);
void doctor_hidden(void);
void doctor_no_reader(void);
void doctor_no_module(void);
void doctor_old_history(void);
