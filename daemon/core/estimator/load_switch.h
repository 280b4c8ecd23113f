/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* Power that comes at one load and goes at a lower one: a clock, a voltage, a fan of two speeds.
 * Pure.
 *
 * Between the two loads power hangs on where the load came from, which no curve can say. Which
 * loads they are is found by trying all pairs of a grid: with the right pair, what is not explained
 * of the power jumps by the same whenever the switch turns. It must explain more than any single
 * load at which power would come and go: that a curve can say, or a workload that comes and goes.
 */

#include "greend/base.h"

/* Loads are multiples of 1 / LOAD_SWITCH_STEPS. */
enum {
    LOAD_SWITCH_STEPS = 50,
    LOAD_SWITCH_PAIRS = LOAD_SWITCH_STEPS * (LOAD_SWITCH_STEPS + 1) / 2
};

/* Of the intervals in which a switch would have turned: the jumps up less those down, their
 * squares, and how many they were. */
struct load_switch_pair {
    float jumps_w, squares, turns;
};

struct load_switch {
    uint8_t low, high; /* in steps; 0: there is no such switch */
    /* The highest load since it was last below each step: now, and in the two intervals before. */
    uint8_t reached[3][LOAD_SWITCH_STEPS];
    double rests_w[2];              /* of the two intervals before */
    unsigned told;                  /* how many of them were told */
    bool telling;                   /* this one was */
    double since_s;                 /* pairs were compared */
    double changes, change_squares; /* of all intervals: how many, and their squares */
    struct load_switch_pair pairs[LOAD_SWITCH_PAIRS];
};

/* One interval: the load as a share of all CPUs. Returns whether the switch is on. */
bool load_switch_turn(struct load_switch *own, double load);

/* The same interval, where it can be told: what of its power is not explained, or only by the
 * switch. True: another switch was found, or there is none any more. */
bool load_switch_learn(struct load_switch *own, double rest_w, double dt_s);
