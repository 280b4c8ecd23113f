/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The status board: how each collector and each of its items is doing, collected by the thread that
 * runs the collector and shown in the ring's status table. */

#include "greend/collector.h"
#include "greend/ring.h"

struct board {
    size_t count;
    struct ring_status entries[RING_STATUS_MAX];
};

/* Asks a collector for its items and appends them, below an entry for the collector itself:
 * `result` of its last collect(), which took duration_ns. */
void board_add(struct board *board, const struct collector *collector, void *state, int result,
               uint64_t duration_ns, uint64_t mono_ns);

/* Appends one item that no collector speaks for. */
void board_note(struct board *board, const char *collector, const struct collector_status *status,
                uint64_t mono_ns);

/* Notes the certificate that metrics are served with: until when it is good, since 1970 as is the
 * time of now; 0: there is none. */
void board_certificate(struct board *board, int64_t end_s, int64_t now_s, uint64_t mono_ns);

/* Writes two boards, one behind the other, to the ring's table and frees the other entries. */
void board_publish(const struct board *first, const struct board *second, struct ring *ring);
