/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reads greend.conf and the files of greend.conf.d into settings, and says what is wrong in them.
 */

#include "core/settings/settings.h"
#include "greend/footprint.h"

#define CONFIGURATION_FILE "/etc/greend/greend.conf"

enum {
    CONFIGURATION_BYTES_MAX = 4 << 20, /* of one file */
    CONFIGURATION_ENTRIES_MAX = 1024,  /* in one file */
    CONFIGURATION_FILES_MAX = 256,     /* in the folder */
};

/* What configuration_load() answers besides 0. */
enum { CONFIGURATION_WRONG = 1 /* every error was reported; the settings must not be used */ };

/* Starts from the defaults and reads `file`, then each *.conf of the folder FILE.d by name; a
 * later file wins over an earlier one, within one file a key may stand once. A missing file is an
 * error if `required`; a missing folder never is. report() is called for each error with one line
 * of escaped UTF-8: "FILE:LINE: KEY: what was expected and what was got".
 * 0: ret_settings is to be released with settings_done(). CONFIGURATION_WRONG or -ENOMEM:
 * ret_settings is untouched. */
int configuration_load(const char *file, bool required, struct settings *ret_settings,
                       void (*report)(void *userdata, const char *line), void *userdata);

/* What loaded settings declare. */
void configuration_declared(const struct settings *settings, struct site *ret_site,
                            struct asset *ret_asset);

/* Adds the parts that loaded settings declare, before those that were read. */
void configuration_parts(const struct settings *settings, struct inventory *inventory);

/* Whether this machine knows a time zone of that name (TZDIR, else /usr/share/zoneinfo). UTC is
 * always known. */
bool configuration_timezone_exists(const char *name);
