/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* How sure the split of a domain's energy is, in the ten bits that a record of the ring has for
 * each lane. Pure.
 *
 * The half-width of the 95 % interval as a share of the energy: a floating-point number of 6 bits
 * of mantissa and 4 of exponent in units of 8 ppm, from 0.05 % to 3,300 %, rounded up by at most
 * 1.6 %. It speaks of the split alone: what the meter itself may be off by comes on top. */

#include "greend/ring.h"
#include "greend/units.h"

enum { UNCERTAINTY_BITS = 10, UNCERTAINTY_MASK = (1 << UNCERTAINTY_BITS) - 1 };

enum { UNCERTAINTY_MANTISSA_BITS = 6, UNCERTAINTY_UNIT_PPM = 8 };

/* Parts per million; 0: not stated. */
static inline uint64_t uncertainty_ppm(uint32_t codes, size_t lane)
{
    uint32_t code = codes >> (lane * UNCERTAINTY_BITS) & UNCERTAINTY_MASK;
    uint64_t mantissa = (1 << UNCERTAINTY_MANTISSA_BITS) | (code & 63);
    return code == 0 ? 0 : (mantissa << (code >> UNCERTAINTY_MANTISSA_BITS)) * UNCERTAINTY_UNIT_PPM;
}

/* The half-width of the interval of an energy, from that of the split and the meter's own, each 0
 * where it is not stated: the half-widths add up, for errors of one estimator go together. The
 * meter alone where the split is not stated; relative to the meter where that states nothing.
 * UINT64_MAX: neither is stated. Rounded up, and at most UINT64_MAX - 1. */
static inline uint64_t uncertainty_uj(uint64_t energy_uj, uint64_t split_ppm, uint64_t meter_ppm)
{
    if (split_ppm == 0 && meter_ppm == 0)
        return UINT64_MAX;
    struct wide product = wide_product(energy_uj, split_ppm + meter_ppm);
    uint64_t half_uj = wide_saturated(wide_div(wide_add(product, wide_of(PPM - 1)), PPM));
    return MIN(half_uj, UINT64_MAX - 1);
}

/* The codes with that of one lane set. ppm 0 becomes the smallest that can be stated. */
static inline uint32_t uncertainty_set(uint32_t codes, size_t lane, uint64_t ppm)
{
    uint64_t units = MIN(ppm, 40 * PPM) / UNCERTAINTY_UNIT_PPM + 1;
    uint32_t exponent = 0;
    while ((units >> exponent) >= 128)
        exponent++;
    uint64_t mantissa = (units + ((UINT64_C(1) << exponent) - 1)) >> exponent;
    if (mantissa == 128) {
        mantissa = 64;
        exponent++;
    }
    uint32_t code = UNCERTAINTY_MASK;
    if (exponent < 16)
        code = exponent << UNCERTAINTY_MANTISSA_BITS |
               (uint32_t)(mantissa > 64 ? mantissa - 64 : exponent == 0);
    size_t shift = lane * UNCERTAINTY_BITS;
    return (codes & ~((uint32_t)UNCERTAINTY_MASK << shift)) | code << shift;
}
