/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "sim/scenarios.h"

/* Single servers of unlike shapes, each a published SPECpower_ssj2008 result: average active power
 * at active idle and at target loads of 10 to 100 %. The source of each is spec.org's
 * SPECpower_ssj2008 result of the vendor, model and test date that stand with it
 * (https://www.spec.org/power_ssj2008/results/). The numbers are measured facts as published there;
 * SPEC and SPECpower_ssj are trademarks of the Standard Performance Evaluation Corporation. */
const struct curve curves[] = {
  /* A steep first step, a straight line, a kick in the last tenth. */
    {"Lenovo ThinkSystem SR655, 1 x AMD EPYC 7763, 64 cores, 128 threads",
     "2021-05-23", {52.5, 98.5, 109, 120, 130, 140, 150, 161, 172, 196, 228}     },
 /* Concave: half of the load costs two thirds of the dynamic power. */
    {"HPE ProLiant DL325 Gen10, 1 x AMD EPYC 7702P, 64 cores, 128 threads",
     "2019-07-30", {79.5, 113, 129, 149, 168, 183, 194, 203, 212, 222, 231}      },
 /* Convex: half of the load costs a quarter. */
    {"Fujitsu PRIMERGY TX1330 M4, 1 x Intel Xeon E-2176G, 6 cores, 12 threads",
     "2018-11-22", {14.9, 18.2, 20, 22.8, 26.3, 30.8, 35.8, 42.6, 51, 61.4, 72.9}},
 /* Flat, then a leap of 50 W between 70 and 80 %. */
    {"HPE ProLiant DL110 Gen10 Plus, 1 x Intel Xeon Gold 6314U, 32 cores, 64 threads",
     "2021-07-26", {93.8, 104, 116, 130, 143, 156, 172, 197, 250, 287, 307}      },
 /* Nearly straight, rising a little: the most common shape. */
    {"HPE ProLiant DL360 Gen10, 1 x Intel Xeon Platinum 8180, 28 cores, 56 threads",
     "2018-08-27", {38.9, 68.1, 80.7, 94.1, 109, 126, 144, 163, 191, 217, 237}   },
};
const size_t n_curves = ARRAY_SIZE(curves);

/* Straight between the points: nothing is published of what lies between them. */
double curve_dynamic_w(const struct curve *curve, double load)
{
    double place = load * (CURVE_POINTS - 1);
    size_t i = 0;
    while (i + 2 < CURVE_POINTS && place > (double)(i + 1))
        i++;
    double part = place - (double)i;
    return curve->watts[i] + part * (curve->watts[i + 1] - curve->watts[i]) - curve->watts[0];
}
