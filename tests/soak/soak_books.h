/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* What a database must say, from the machine and the rules of docs/method.md alone: nothing here
 * asks greend. An interval between two readings is measured, unless the machine booted or slept in
 * it (or may have, where nobody wrote down whether), the counter began anew, or it was so long that
 * the counter may have wrapped unseen: then its energy is lost, and its time is a gap. */

#include "soak/soak_machine.h"

struct soak_reading {
    uint64_t boot; /* 0: none yet */
    uint64_t mono_ns;
    uint64_t asleep_ns;
    uint64_t true_uj;
    bool asleep_unknown; /* a greend of before wrote it down */
};

struct soak_books {
    struct soak_reading last[SOAK_ZONES];
    bool began_anew[SOAK_ZONES];    /* the counter, since that reading */
    uint64_t before_uj[SOAK_ZONES]; /* went through before the first reading of all */
    uint64_t lost_uj[SOAK_ZONES];
    uint64_t gaps; /* of the host: ticks with one, and all their time */
    uint64_t gap_ns;
    uint64_t zone_gap_ns[SOAK_ZONES];
    /* The last tick. */
    uint64_t boot; /* 0: none yet */
    uint64_t boottime_ns;
    int64_t real_ns;
    bool boottime_unknown; /* likewise */
};

/* What a sample of the machine as it is now adds. first: of a daemon. */
void soak_books_tick(struct soak_books *books, const struct soak_machine *machine, bool first);

/* What the database must hold of a zone after a commit of all that was sampled. */
static inline uint64_t soak_books_uj(const struct soak_books *books, size_t zone)
{
    return books->last[zone].true_uj - books->before_uj[zone] - books->lost_uj[zone];
}
