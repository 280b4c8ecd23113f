/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Between workload.c (the table) and workload_describe.c (what is in it): for texts that were made
 * before, under other rules or by another daemon. */

#include "core/workload/workload.h"

/* Whether an entry can have been made by greend: its generation, its kind, its texts. */
bool workload_is_sound(const struct workload *entry);

/* Hides what tells persons apart in an entry that may have been made with show_users; false: there
 * was nothing to hide. Where it is not certain, hides. */
bool workload_hide_users(const struct workload_rules *rules, struct workload *workload);
