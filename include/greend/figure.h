/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* A number that is not negative, with what is known of its uncertainty. A figure that nobody
 * published or declared stays unknown through every operation, and is never a zero; a band that
 * nobody published stays missing. Pure. */

#include "greend/base.h"

struct figure {
    bool known;    /* false: all else is 0 and means nothing */
    bool banded;   /* min and max tell of something uncertain */
    bool unbanded; /* something uncertain is not in them: nobody published its band */
    double value;
    double min; /* the value where !banded */
    double max;
};

enum figure_band {
    BAND_NONE,    /* not published: show none */
    BAND_PARTIAL, /* of what is banded alone */
    BAND_FULL,    /* also of an exact number, where min and max are the value */
};

enum figure_band figure_band(const struct figure *figure);

/* A count, or what an operator declares: taken as it is. */
struct figure figure_exact(double value);

/* A value that was published without a band, and one with. min <= value <= max. */
struct figure figure_unbanded(double value);
struct figure figure_banded(double value, double min, double max);

/* Unknown where an operand is. A sum's or product's band goes from its least to its greatest:
 * errors are taken to go together, so it is never too narrow. */
struct figure figure_add(struct figure a, struct figure b);
struct figure figure_multiply(struct figure a, struct figure b);

/* Unknown also where b can be 0. */
struct figure figure_divide(struct figure a, struct figure b);

/* k >= 0 */
struct figure figure_scale(struct figure figure, double k);
