/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A ring that holds what a test puts into it: the newest frame and the table of status, linked
 * instead of the real ones. */

#include "greend/ring.h"

struct fake_ring {
    int open_result;
    bool has_frame;
    int frame_result; /* of frame_read() */
    struct ring_frame frame;
    struct ring_host host;
    const struct ring_status *items;
    uint32_t n_items;
    uint32_t busy_item; /* index for which ring_table_get() says -EAGAIN; UINT32_MAX: none */
    char opened[256];   /* the directory that was opened */
};

extern struct fake_ring fake_ring;
