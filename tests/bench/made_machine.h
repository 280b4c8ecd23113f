/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A machine of any number of processes, made up: the sweep's own work without the kernel's. */

#include "collectors/process/process_sweep.h"

enum { MADE_PROCESSES = 1 << 15, MADE_ACTIVE = 10 /* one in so many */ };

struct made_machine {
    struct process_sweep sweep;
    int processes;
    bool groups; /* one for each process */
    uint64_t boot_ns;
    uint64_t used_ns[MADE_PROCESSES + 1];
};

/* Swept once, so that its processes are known. NULL: no memory. */
struct made_machine *made_machine_new(int processes, bool groups);
void made_machine_free(struct made_machine *machine);

/* One process in MADE_ACTIVE uses so much. */
void made_machine_work(struct made_machine *machine, uint64_t ns);

/* A second later. */
void made_machine_sweep(struct made_machine *machine);
