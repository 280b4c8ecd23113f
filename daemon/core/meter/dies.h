/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Whether the dies of one package count their own energy, or each of them the whole package's.
 * Pure.
 *
 * Intel's dies count their own: the package is their sum. On AMD the package's counter is seen
 * through each die: the sum would be a multiple of the truth. The kernel shows both alike, so the
 * readings must tell: mirrored dies agree within 0.5 % whatever the load, real ones do not.
 *
 * What is booked stays exact throughout: as long as it is undecided, one die is booked and the
 * energy of the others is kept aside. It is booked, late, once the dies prove to be distinct (some
 * seconds after the start), and forgotten once they prove to be mirrors. */

#include "greend/base.h"

enum dies_verdict { DIES_UNDECIDED, DIES_DISTINCT, DIES_MIRRORED };

enum { DIES_MAX = 16 };

struct dies_reading {
    bool given; /* the meter brought energy for a time, perhaps 0 uJ */
    uint64_t energy_uj;
    uint64_t elapsed_ns;
};

struct dies {
    enum dies_verdict verdict;
    uint32_t agreed;   /* windows under load, in a row */
    uint32_t differed; /* windows, in a row */
    uint64_t aside_uj; /* what is not booked while undecided */
    size_t leader;     /* the die that is booked */
    uint64_t busy_ppm_ns;
    struct dies_reading window[DIES_MAX]; /* sums of the window at hand */
};

/* What to book in this tick. */
struct dies_booking {
    uint64_t energy_uj;
    uint64_t late_uj; /* of energy_uj: what was used before this interval */
    size_t leader;    /* the die whose interval it is, unless all are summed */
    bool changed;     /* the verdict is new */
};

/* Takes one tick's readings of all `count` dies, always in the same order. busy_ppm: share of the
 * machine's CPU time that was in use: only load makes agreement a proof. keep: energy may be kept
 * aside; false where another meter is booked for this time. */
struct dies_booking dies_book(struct dies *dies, const struct dies_reading readings[], size_t count,
                              uint32_t busy_ppm, bool keep);
