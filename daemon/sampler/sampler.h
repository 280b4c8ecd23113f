/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The sampler: once an interval it collects, divides, and pushes one frame into the ring. It never
 * waits for a disk, a client or a slow sensor. The helper thread for slow collectors is its own. */

#include "core/settings/settings.h"
#include "greend/ring.h"
#include "greend/store.h"
#include "recorder/notebook.h"
#include "threads/bells.h"
#include "threads/chores.h"

struct sampler;

/* Opens the collectors. Goes on from the last frame in the ring, or from the store. The ring is the
 * producer's view; settings, ring, notebook (NULL: none) and chores for the helper (NULL: none)
 * outlive the sampler. -ENOMEM; -ENOENT, -EACCES: [sampling] procfs= cannot be opened. */
int sampler_new(struct sampler **ret_sampler, const struct settings *settings, struct ring *ring,
                const struct store_resume *resume, struct notebook *notebook,
                struct chores *chores);

/* Before the start: when the certificate ends that metrics are served with, for the status board;
 * since 1970, 0: none. */
void sampler_tell_certificate(struct sampler *sampler, int64_t end_s);

/* Takes the first sample, then starts the thread. The bells, which outlive it, ring whenever a
 * quarter of the ring is new. */
int sampler_start(struct sampler *sampler, const struct bells *bells);

/* Takes a last sample, so that nothing up to now is missing, and ends the thread. The ring is not
 * written from here on. */
void sampler_halt(struct sampler *sampler);

/* Halts, waits for slow reads in progress, and closes the collectors. Accepts NULL, returns NULL.
 */
struct sampler *sampler_free(struct sampler *sampler);
