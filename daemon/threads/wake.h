/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* How one thread tells another to stop, or to do its work now: a bell that is rung once and heard
 * once. */

#include "greend/base.h"

struct wake {
    int fd; /* eventfd */
};

int wake_init(struct wake *wake);
void wake_done(struct wake *wake);

/* Any thread, also a signal handler. */
void wake_ring(const struct wake *wake);

/* Whether it rang since it was last heard; for an event loop that looks at the descriptor. */
bool wake_hear(const struct wake *wake);

/* Waits until the bell rings or CLOCK_MONOTONIC reaches a time. true: it rang. */
bool wake_wait(const struct wake *wake, uint64_t until_mono_ns);

enum wake_rang { WAKE_NONE, WAKE_FIRST, WAKE_SECOND };

/* The same for two bells, the second of which may be NULL. Where both ring the first is heard. */
enum wake_rang wake_wait_either(const struct wake *first, const struct wake *second,
                                uint64_t until_mono_ns);
