/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/estimator/row_noise.h"

#include <math.h>

/* Of one row after the other: some 100 of them count. */
static const double keep = 0.99, usual_rate = 0.01;

/* Residuals, and sizes of what is new, count up to so many times the usual. */
static const double residual_most = 4, usual_most = 3;

static const double shared_most = 0.95;

/* Full weight up to so many times the usual size, then less with the square. */
static const double full_weight = 1.8;

/* The first rows make the usual size, whatever they are: one that is met by chance would seem to
 * say that all others are odd. No row is odd for less than what no meter is exact to. */
static const double usual_first = 10, usual_least = 0.0003;

/* Of a range some 500 rows of all loads count; before it has some, it is taken for a usual one. */
static const double range_keep = 0.998, range_first = 10, range_share = 0.2;
static const double range_square_least = 1e-10;
static const double load_weight_least = 0.02, load_weight_most = 4;

void row_noise_add(struct row_noise *noise, double residual)
{
    double most = noise->weight > 0 ? residual_most * sqrt(row_noise_variance(noise)) : 1;
    double bounded = fmin(fmax(residual, -most), most);
    noise->square = noise->square * keep + bounded * bounded;
    noise->lagged = noise->lagged * keep + bounded * noise->last;
    noise->weight = noise->weight * keep + 1;
    noise->last = bounded;
}

double row_noise_shared(const struct row_noise *noise)
{
    double shared = noise->square > 0 ? noise->lagged / noise->square : 0;
    return fmin(fmax(shared, 0), shared_most);
}

double row_noise_variance(const struct row_noise *noise)
{
    return noise->weight > 0 ? noise->square / noise->weight : 0;
}

double row_noise_weight(struct row_noise *noise, double fresh)
{
    double size = fabs(fresh);
    noise->sizes = fmin(noise->sizes + 1, 1 / usual_rate);
    double usual = noise->sizes > 1 ? noise->usual : size;
    double most = full_weight * fmax(usual, usual_least);
    double weight = size > most ? (most / size) * (most / size) : 1;
    double bound = noise->sizes > usual_first ? usual_most * fmax(usual, usual_least) : 1;
    noise->usual += (fmin(size, bound) - noise->usual) / noise->sizes;
    return weight;
}

/* The geometric mean of the ranges' squares, each as often as it was met; 0: none was. */
static double usual_square(const struct row_noise *noise)
{
    double logarithms = 0, weight = 0;
    for (size_t i = 0; i < ROW_NOISE_RANGES; i++) {
        const struct row_noise_range *range = &noise->ranges[i];
        if (range->weight > 0) {
            logarithms += range->weight * log(range->square);
            weight += range->weight;
        }
    }
    return weight > 0 ? exp(logarithms / weight) : 0;
}

double row_noise_load_weight(struct row_noise *noise, double load, double fresh)
{
    size_t at = (size_t)fmin(fmax(load, 0) / range_share, ROW_NOISE_RANGES - 1);
    struct row_noise_range *range = &noise->ranges[at];
    double square = fmin(fresh * fresh, 1) + range_square_least;
    double usual = usual_square(noise), weight = 1;
    if (usual > 0) {
        double own =
            (range->square * range->weight + usual * range_first) / (range->weight + range_first);
        weight = fmin(fmax(usual / own, load_weight_least), load_weight_most);
    }
    for (size_t i = 0; i < ROW_NOISE_RANGES; i++)
        noise->ranges[i].weight *= range_keep;
    range->weight++;
    range->square += (square - range->square) / range->weight;
    return weight;
}
