/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Which gains of child time, as their ledgers say once all stats were read, may be told in this
 * sweep. Pure; works on the sweep. */

#include "collectors/process/process_sweep.h"

/* Whether what it inherits is its workload's. */
bool process_gains_may_inherit(const struct process_table *table, const struct process *process);

/* Drops what is nobody's. Where parents are hidden, nobody knows what the dead owe to whom. */
void process_gains_refuse(struct process_sweep *sweep);

/* Asks the descendants of each gainer again: who died since they were asked is buried, and owed. */
void process_gains_confirm(struct process_sweep *sweep);
