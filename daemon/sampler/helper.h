/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The helper thread: reads the slow collectors (sensors behind a slow bus, hundreds of control
 * groups), so that the sampler never waits for them. The sampler takes the newest finished results.
 * Between two rounds it does chores for the main thread. */

#include "greend/collector.h"
#include "sampler/board.h"
#include "threads/chores.h"

struct helper;

/* Opens the slow collectors and starts the thread; without any, and without chores (NULL), there is
 * no thread and *ret_helper is NULL. The env and the chores outlive the helper. */
int helper_start(struct helper **ret_helper, const struct collector_env *env,
                 struct chores *chores);

/* Waits for the first round, at most until a moment of CLOCK_MONOTONIC, so that the first frame
 * knows which meters there are. Accepts NULL. */
void helper_wait_first(struct helper *helper, uint64_t until_mono_ns);

/* Waits for the read in progress and ends the thread. Accepts NULL, returns NULL. */
struct helper *helper_stop(struct helper *helper);

/* What one round of slow reads found. */
struct helper_result {
    struct meter_set meters;
    struct sensor_set sensors;
    struct board board;
};

/* Sampler: replaces *result where a round has finished since the last call; true then. Never waits.
 */
bool helper_take(struct helper *helper, struct helper_result *result);

/* Sampler: the same for what units reserve, which is read less often. */
bool helper_take_reserved(struct helper *helper, struct reserved_set *ret_set);
