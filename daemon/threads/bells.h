/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Who reads the ring on the disk's or a scraper's behalf looks into it now and then, so that greend
 * sleeps for most of the time. Where the ring fills faster than that, as when thousands of
 * processes come and go each second, the sampler rings for them before they could be overtaken. */

#include "threads/wake.h"

struct bells {
    struct wake recorder;
    struct wake exporter;
};

/* Negative errno; what was opened is open still. */
static inline int bells_init(struct bells *bells)
{
    int r = wake_init(&bells->recorder);
    return r < 0 ? r : wake_init(&bells->exporter);
}

static inline void bells_done(struct bells *bells)
{
    wake_done(&bells->recorder);
    wake_done(&bells->exporter);
}

static inline void bells_ring(const struct bells *bells)
{
    wake_ring(&bells->recorder);
    wake_ring(&bells->exporter);
}
