/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* How far a meter is behind what it measures. Pure.
 *
 * Meters of server boards smooth: what they show follows the power with a time constant of a second
 * or more. Which one is found by comparing the changes of what they show, from one reading to the
 * next, with the changes of what the machine should draw, smoothed with each of some time
 * constants: with the right one the two go together best. RAPL counters do not smooth: 0.
 *
 * A first-order filter: d shown / dt = (power - shown) / tau. Its mean over an interval h in which
 * the power is p is p - tau / h (shown(h) - shown(0)), shown(h) = p + (shown(0) - p) e^(-h / tau).
 */

#include "greend/base.h"

enum { METER_LAG_TRIED = 12 };

struct meter_lag_trial {
    double shown; /* at the end of the last interval */
    double mean;  /* over it */
    double cross; /* sum of products of both changes */
    double square;
};

struct meter_lag {
    double tau_s;                 /* 0: it shows what is */
    double power_w, power_square; /* of the last interval; of its changes, summed */
    double since_s;               /* it was looked for */
    bool begun;
    struct meter_lag_trial trials[METER_LAG_TRIED];
};

/* One interval: what the meter showed on average, and what should have been drawn, in any unit. */
void meter_lag_learn(struct meter_lag *lag, double power_w, double drawn, double dt_s);

/* Passes the value of one interval through a filter: *shown is its state, the mean over the
 * interval is returned. tau_s 0: the value. */
double meter_lag_mean(double tau_s, double value, double dt_s, double *shown);
