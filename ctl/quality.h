/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* How good a figure is, in three classes as the French product category rules for digital services
 * have them (haute, moyenne, basse). Pure. The thresholds are this project's: docs/method.md. */

#include "greend/base.h"

enum quality {
    QUALITY_NONE, /* there is nothing to judge */
    QUALITY_LOW,
    QUALITY_MEDIUM,
    QUALITY_HIGH
};

/* Half-widths of the 95 % interval up to which a figure may be of a class. */
enum { QUALITY_HIGH_PPM = 100000, QUALITY_MEDIUM_PPM = 300000 };

/* What a figure was made from. The model of a virtual machine, whose share of its host nobody
 * knows, states a half-width of 100 % or more: its figures are always low. */
enum quality_origin { QUALITY_MEASURED, QUALITY_MODELLED /* at least in part */ };

/* half_ppm: half-width of the 95 % interval as a part of the figure; UINT64_MAX: not stated. */
enum quality quality_of(enum quality_origin origin, uint64_t half_ppm);

/* "high", "medium", "low"; NULL for QUALITY_NONE. */
const char *quality_name(enum quality quality);
