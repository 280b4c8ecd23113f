/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The sections whose keys are the operator's. Each function sets one line, as settings_set(). */

#include "core/settings/settings.h"

/* [names] and [environments], name=PATTERN...: the name is the key, since a container's pattern
 * holds the ':' that ends a key. */
int settings_set_name(struct settings *settings, const char *name, const char *patterns,
                      char *ret_error);
int settings_set_environment(struct settings *settings, const char *name, const char *patterns,
                             char *ret_error);

/* [targets], [vm] and [parts], NAME=TEXT; of [vm] as core/settings/vm_facts.h has it, of the others
 * any text but none: who uses them checks. */
int settings_set_target(struct settings *settings, const char *name, const char *text,
                        char *ret_error);
int settings_set_vm(struct settings *settings, const char *name, const char *facts,
                    char *ret_error);
int settings_set_part(struct settings *settings, const char *name, const char *text,
                      char *ret_error);
