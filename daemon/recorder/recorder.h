/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The recorder: the only thread that touches the disk. It follows the ring, sums frames into
 * minutes, and commits them once a flush interval together with its position in the ring.
 *
 * What happens when the disk does not do its part: the sums wait in memory, bounded, and go with
 * the next commit that succeeds. */

#include "core/settings/settings.h"
#include "greend/ring.h"
#include "greend/store.h"
#include "recorder/notebook.h"
#include "targets/target_watch.h"
#include "threads/wake.h"

struct recorder;

/* Opens the store, tells it what the machine is (machine_facts.h) and finds where to go on. Runs on
 * the caller's thread. A store that cannot be opened is logged and tried again later: no error.
 * `ring` is a view of the recorder's own; settings, ring, notebook and targets (NULL: none)
 * outlive the recorder. -ENOMEM. */
int recorder_new(struct recorder **ret_recorder, const struct settings *settings,
                 const struct ring *ring, struct notebook *notebook, struct target_watch *targets);

/* Before recorder_start(): what the store knew when it was opened (nothing where it could not be),
 * the position in the ring that it goes on from, and whether the stored series go on there: if not,
 * they begin again at zero. */
const struct store_resume *recorder_resume(const struct recorder *recorder);
uint64_t recorder_position(const struct recorder *recorder);
bool recorder_series_resumed(const struct recorder *recorder);

/* Takes in what a former daemon left in the ring, while the names it used are still there: before
 * the sampler starts. */
void recorder_catch_up(struct recorder *recorder);

/* Starts the thread, which reads the ring now and then, and when the bell rings, which outlives it.
 */
int recorder_start(struct recorder *recorder, const struct wake *bell);

/* Takes in the last frames, commits them as a stop in order, closes the store. keep_series: the
 * exporter took every frame too, so that the stored series are what it showed; else they begin
 * again at zero. Accepts NULL, returns NULL. */
struct recorder *recorder_stop(struct recorder *recorder, bool keep_series);
