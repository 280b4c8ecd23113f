/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#pragma once

/* On which packages (sockets) processes used their CPU time. Pure.
 *
 * The kernel does not count it. Known are each process's CPU time, where it was last seen, where it
 * may run, and how busy each package was. Iterative proportional fitting (Deming and Stephan 1940)
 * finds the table that has both margins and is closest to what was seen. Processes of which the
 * same is known are one class: they have the same shares, so that the cost grows with the classes
 * and not with the processes. */

#include "greend/sample.h"
#include "greend/units.h"

enum { PACKAGES_CLASSES = 64 };

struct packages_class {
    int16_t package;   /* where it was last seen, -1: unknown */
    uint16_t packages; /* where it may run */
    bool threaded;
    uint64_t time_ns;
    double share[PACKAGES_MAX]; /* adds up to 1 */
};

/* All CPU time that an activity tells of. */
static inline uint64_t activity_time_ns(const struct activity *activity)
{
    return add_saturated(activity->cpu_ns, activity->child_ns);
}

struct packages {
    uint32_t n; /* below 2: there is nothing to tell apart */
    size_t n_classes;
    struct packages_class classes[PACKAGES_CLASSES]; /* 0: those of which nothing is known */
};

/* unknown_ns: busy time that no process is known for, anywhere. */
void packages_fit(struct packages *packages, const struct busy *busy,
                  const struct activity *activities, size_t n, uint64_t unknown_ns);

/* The part of an activity's time on one package; NULL: of time that no process is known for. 1
 * where packages are not told apart or the domain belongs to none (-1). */
double packages_share(const struct packages *packages, const struct activity *activity,
                      int32_t package);
