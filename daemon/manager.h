/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The manager: puts the parts together, runs the main loop, and answers signals.
 *
 *     SIGTERM, SIGINT  take a last sample, write everything, end
 *     SIGHUP           read the configuration again; a wrong one is refused and the old one stays
 *
 * It tells systemd when greend is ready, and that it is alive as long as fresh frames appear. */

#include "core/settings/settings.h"

/* Where settings come from: the configuration and the command line. Reports every error as a line;
 * 0, or what configuration_load() answers. */
struct manager_source {
    const char *file;
    bool file_required;
    const char *sysfs;  /* NULL: as the file says */
    const char *procfs; /* likewise */
};

int manager_load(const struct manager_source *source, struct settings *ret_settings,
                 void (*report)(void *userdata, const char *line), void *userdata);

/* Runs until a signal ends it. Owns the settings (on the heap) from here on.
 * 0, or a negative errno when it could not start (logged). */
int manager_run(struct settings *settings, const struct manager_source *source);
