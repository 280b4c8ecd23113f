/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The way of a joule as threads: sampler -> ring -> recorder and exporter, all made from one set of
 * settings. A reload ends one pipeline and begins the next; nothing is lost in between, as the next
 * one resumes where the last one ended, like a restart. */

#include <systemd/sd-event.h>

#include "core/settings/settings.h"

struct pipeline;
struct web;

/* To whom metrics are served; outlives the pipeline. */
struct pipeline_door {
    const struct web *web; /* NULL: there is no web file */
    bool closed;           /* to nobody: the web file could not be read */
};

/* Opens everything and starts the threads. Sockets given by the service manager stay its own. The
 * settings outlive it. What is optional and fails (the database, a listener) is logged and does
 * without. */
int pipeline_start(struct pipeline **ret_pipeline, const struct settings *settings,
                   const struct pipeline_door *door, sd_event *event);

/* Takes a last sample, writes everything. Accepts NULL, returns NULL. */
struct pipeline *pipeline_stop(struct pipeline *pipeline);

/* Main thread: whether frames appear at the pace of the settings. */
bool pipeline_is_fresh(struct pipeline *pipeline);
