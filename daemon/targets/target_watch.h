/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Where the targets stand, for /metrics: evaluated by the recorder's thread, which touches the disk
 * anyhow, and kept for the main thread. */

#include "core/exposition/exposition.h"
#include "core/settings/settings.h"

struct target_watch;

/* *ret_watch is NULL where the settings, which outlive the watch, have no targets. Says what is
 * wrong with the factors: targets in kgCO2e have no value then. -ENOMEM. */
int target_watch_new(struct target_watch **ret_watch, const struct settings *settings);

/* Accepts NULL, returns NULL. */
struct target_watch *target_watch_free(struct target_watch *watch);

/* Recorder: evaluates the targets anew, unless that was done within the last ten minutes. Accepts
 * NULL. */
void target_watch_refresh(struct target_watch *watch);

/* Main thread: the last values; returns how many. Waits for no disk. userdata: the watch, or NULL.
 */
size_t target_watch_get(void *userdata, struct exposition_target *ret, size_t max);
