/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What the machine is and what its operator declares of it, for the store: a copy of the database
 * then tells elsewhere what an export needs. */

#include "core/settings/settings.h"
#include "greend/store.h"

/* Reads the machine below [sampling] procfs and sysfs; what cannot be read is left out. 0: release
 * with machine_facts_done(). -ENOMEM. */
int machine_facts_take(const struct settings *settings, struct store_facts *ret_facts);

/* Accepts zeroed facts. */
void machine_facts_done(struct store_facts *facts);
