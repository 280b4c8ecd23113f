/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* How the daemon on this machine is, from its ring: whether it runs, and the health of each
 * collector and zone. */

#include "greend/collector.h"
#include "greend/ring.h"
#include "output/style.h"

enum status_daemon {
    STATUS_RUNNING,
    STATUS_STARTING, /* a ring without a frame */
    STATUS_STALE,    /* its last frame is too old */
    STATUS_REBOOTED, /* its last frame is of before the machine started */
};

/* This moment, as frames tell time. */
struct status_clock {
    uint64_t mono_ns;
    uint8_t boot_id[16];
};

struct status {
    enum status_daemon daemon;
    uint64_t age_ns;      /* of the last frame: STATUS_RUNNING, STATUS_STALE */
    uint64_t interval_ns; /* that the last frame speaks for */
    int64_t last_real_ns; /* when it was made; 0: none */
    struct ring_status items[RING_STATUS_MAX];
    size_t n_items;
    size_t n_busy; /* entries that could not be read */
    size_t by_health[HEALTHS];
};

/* A frame older than this means that the daemon does not work: three of its intervals, at least 5
 * s and at most 3 minutes. */
uint64_t status_fresh_ns(uint64_t interval_ns);

/* Reads the ring. 0 or -ENOMEM. Whatever the memory holds is a status. */
int status_collect(const struct ring *ring, const struct status_clock *now,
                   struct status *ret_status);

/* Now, on this machine. Without a boot id every ring seems to be of another boot: said. */
void status_read_clock(struct status_clock *ret);

/* Why a ring could not be opened, and what to do. */
void status_complain_ring(const char *directory, int error);

/* Whether the daemon works and nothing failed that should work. */
bool status_is_good(const struct status *status);

void status_render_table(const struct status *status, const struct style *style, struct text *text);
void status_render_json(const struct status *status, struct text *text);
void status_render_csv(const struct status *status, struct text *text);
