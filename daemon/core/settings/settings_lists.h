/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The section [names], whose keys are the operator's. Sets one line, as settings_set(). */

#include "core/settings/settings.h"

/* name=PATTERN... */
int settings_set_name(struct settings *settings, const char *name, const char *patterns,
                      char *ret_error);
