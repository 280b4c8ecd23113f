/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Reads along in the ring of a daemon that may die, come back, or make another ring. Its memory is
 * mapped read-only: the daemon notices nothing. */

#include <limits.h>
#include <sys/types.h>

#include "status/status.h"
#include "top/window.h"

struct ring_file;

/* Zeroed but for the directory: not open. */
struct top_follower {
    char directory[PATH_MAX];
    struct ring_file *file;
    dev_t device;
    ino_t inode;
    uint64_t position;
    struct frame frame;
    uint64_t last_mono_ns; /* of the last frame */
    uint64_t last_interval_ns;
    uint8_t last_boot_id[16];
};

/* The ring, from its oldest frame on. 0 or as ring_file_open(). */
int top_follower_open(struct top_follower *follower);
void top_follower_done(struct top_follower *follower);

/* Adds all frames that are there now and were not read yet, also those of another ring that took
 * the name. -ENOMEM. */
int top_follow(struct top_follower *follower, struct top_window *window);

/* Whether the last frame is of now; ret_age_ns: since when it stands. */
bool top_is_live(const struct top_follower *follower, const struct status_clock *now,
                 uint64_t *ret_age_ns);
