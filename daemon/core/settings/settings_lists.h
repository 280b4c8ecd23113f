/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The sections whose keys are the operator's: [names], [vm] and [parts]. Each sets one line, as
 * settings_set(). */

#include "core/settings/settings.h"

/* name=PATTERN... */
int settings_set_name(struct settings *settings, const char *name, const char *patterns,
                      char *ret_error);

/* NAME=FACTS, as in core/settings/vm_facts.h. */
int settings_set_vm(struct settings *settings, const char *name, const char *facts,
                    char *ret_error);

/* NAME=TEXT */
int settings_set_part(struct settings *settings, const char *name, const char *text,
                      char *ret_error);
