/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The sections [environments] and [targets], whose keys are the operator's. Each sets one line, as
 * settings_set(). */

#include "core/settings/settings.h"

/* name=PATTERN... */
int settings_set_environment(struct settings *settings, const char *name, const char *patterns,
                             char *ret_error);

/* name=TEXT */
int settings_set_target(struct settings *settings, const char *name, const char *text,
                        char *ret_error);

/* Releases both. */
void settings_targets_done(struct settings *settings);
