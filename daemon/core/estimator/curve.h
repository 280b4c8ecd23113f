/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* The form of a domain's power curve: what each of its coefficients is multiplied with. Pure.
 *
 * U is the number of busy CPUs, N that of all.
 *
 *     power = idle                                        leakage, what never sleeps
 *           + a (1 - e^(-U / 0.1)) + b (1 - e^(-U / 0.6)) the first busy CPU wakes what all share
 *           + c U                                         watts of one more busy CPU
 *           + sum of h_j max(0, U - k_j)                  less where cores are shared and clocks
 * are lower, more where voltage rises; k_j = N/8, N/4, N/2, 3N/4
 *           + sum of p_j N/2 form_j(U / N)                how published curves differ from one
 * another
 *           + sum of b_j hat_j(U / N)                     what the form above misses, each small
 *           + sum of l_j (slow_j(U) - U)                  meters that average (3 s), heat (60 s)
 * and fans (300 s) follow the load behind it
 *           + s, while a switch is on                     core/estimator/load_switch.h
 *           + m max(0, CPUs - N/2)                        what shared cores save, where U counts
 * work
 */

#include "greend/base.h"

enum { CURVE_KNEES = 4, CURVE_FORMS = 3, CURVE_HATS = 12, CURVE_LAGGED = 3 };

enum curve_coefficient {
    CURVE_IDLE,
    CURVE_WAKE_FAST,
    CURVE_WAKE_SLOW,
    CURVE_SLOPE,
    CURVE_KNEE,
    CURVE_FORM = CURVE_KNEE + CURVE_KNEES,
    CURVE_HAT = CURVE_FORM + CURVE_FORMS,
    CURVE_LAG = CURVE_HAT + CURVE_HATS,
    CURVE_SWITCH = CURVE_LAG + CURVE_LAGGED,
    CURVE_CROWD,
    CURVE_SIZE,
};

/* How much of what the first busy CPU wakes is awake, of a and of b. */
struct curve_awake {
    double fast, slow;
};

struct curve_awake curve_awake(double busy_cpus);

/* The slow loads. */
struct curve_memory {
    double slow[CURVE_LAGGED];
};

/* Fills x for a load that held for dt_s, and remembers it; the switch is off, and no core
 * is shared. */
void curve_features(struct curve_memory *memory, double busy_cpus, uint32_t cpus, double dt_s,
                    double x[CURVE_SIZE]);

/* What of the power at a load is for having woken what all CPUs share. */
double curve_wake(const double theta[CURVE_SIZE], double busy_cpus);

/* How steep the curve is on average up to a load, in W per CPU, without what all share (wake,
 * hats): what each coefficient is multiplied with. */
void curve_mean_terms(double busy_cpus, uint32_t cpus, double ret[CURVE_SIZE]);

/* How steep it is relative to the slope c, on average up to this load, and just there. Kept within
 * what hardware does, because a fit that believes in its own steepness gains in it. */
double curve_mean_slope(const double theta[CURVE_SIZE], double busy_cpus, uint32_t cpus);
double curve_local_slope(const double theta[CURVE_SIZE], double busy_cpus, uint32_t cpus);
