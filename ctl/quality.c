/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "quality.h"

#include "greend/language.h"

enum quality quality_of(enum quality_origin origin, uint64_t half_ppm)
{
    /* The best that each origin can be, by the half-width. */
    static const enum quality table[][3] = {
        [QUALITY_MEASURED] = {QUALITY_HIGH,   QUALITY_MEDIUM, QUALITY_LOW},
        [QUALITY_MODELLED] = {QUALITY_MEDIUM, QUALITY_MEDIUM, QUALITY_LOW},
    };
    size_t width = half_ppm <= QUALITY_HIGH_PPM ? 0 : half_ppm <= QUALITY_MEDIUM_PPM ? 1 : 2;
    return table[origin][width];
}

const char *quality_name(enum quality quality)
{
    static const char *const names[] = {
        [QUALITY_LOW] = NC_("quality", "low"),
        [QUALITY_MEDIUM] = NC_("quality", "medium"),
        [QUALITY_HIGH] = NC_("quality", "high"),
    };
    return names[quality];
}
