/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/figure.h"

#include <assert.h>

enum figure_band figure_band(const struct figure *figure)
{
    if (figure->unbanded)
        return figure->banded ? BAND_PARTIAL : BAND_NONE;
    return BAND_FULL;
}

struct figure figure_exact(double value)
{
    assert(value >= 0);
    return (struct figure){.known = true, .value = value, .min = value, .max = value};
}

struct figure figure_unbanded(double value)
{
    struct figure figure = figure_exact(value);
    figure.unbanded = true;
    return figure;
}

struct figure figure_banded(double value, double min, double max)
{
    assert(0 <= min && min <= value && value <= max);
    return (struct figure){.known = true, .banded = true, .value = value, .min = min, .max = max};
}

/* What a result of both knows and lacks of bands, without its numbers. */
static struct figure joined(struct figure a, struct figure b)
{
    if (!a.known || !b.known)
        return (struct figure){0};
    return (struct figure){
        .known = true,
        .banded = a.banded || b.banded,
        .unbanded = a.unbanded || b.unbanded,
    };
}

struct figure figure_add(struct figure a, struct figure b)
{
    struct figure sum = joined(a, b);
    if (!sum.known)
        return sum;
    sum.value = a.value + b.value;
    sum.min = a.min + b.min;
    sum.max = a.max + b.max;
    return sum;
}

struct figure figure_multiply(struct figure a, struct figure b)
{
    struct figure product = joined(a, b);
    if (!product.known)
        return product;
    product.value = a.value * b.value;
    product.min = a.min * b.min;
    product.max = a.max * b.max;
    return product;
}

struct figure figure_divide(struct figure a, struct figure b)
{
    struct figure quotient = joined(a, b);
    if (!quotient.known || b.min <= 0)
        return (struct figure){0};
    quotient.value = a.value / b.value;
    quotient.min = a.min / b.max;
    quotient.max = a.max / b.min;
    return quotient;
}

struct figure figure_scale(struct figure figure, double k)
{
    return figure_multiply(figure, figure_exact(k));
}
