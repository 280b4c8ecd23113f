/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/attribution/packages.h"

#include <math.h>

/* How likely a process was on another package than the one it was last seen on, before the margins
 * are looked at: the scheduler keeps threads on their socket, but one glance tells of one thread.
 */
static const double elsewhere = 0.1, elsewhere_threaded = 0.6;

/* Each round brings the margins closer by about the share of those who can move. */
enum { ROUNDS = 12 };

static bool is_of(const struct packages_class *class, const struct activity *activity)
{
    return class->package == activity->package && class->packages == activity->packages &&
           class->threaded == (activity->threads > 1);
}

static size_t class_of(const struct packages *packages, const struct activity *activity)
{
    if (!activity)
        return 0;
    for (size_t i = 1; i < packages->n_classes; i++) {
        if (is_of(&packages->classes[i], activity))
            return i;
    }
    return 0;
}

static void add_activity(struct packages *packages, const struct activity *activity)
{
    size_t at = class_of(packages, activity);
    if (at == 0 && packages->n_classes < PACKAGES_CLASSES) {
        at = packages->n_classes++;
        packages->classes[at] = (struct packages_class){.package = activity->package,
                                                        .packages = activity->packages,
                                                        .threaded = activity->threads > 1};
    }
    packages->classes[at].time_ns =
        add_saturated(packages->classes[at].time_ns, activity_time_ns(activity));
}

static void seed_class(struct packages_class *class, const struct busy *busy, uint32_t n)
{
    uint32_t all = (UINT32_C(1) << n) - 1;
    uint32_t allowed = class->packages & all ? class->packages & all : all;
    for (uint32_t i = 0; i < n; i++) {
        class->share[i] = 0;
        if (!(allowed >> i & 1))
            continue;
        class->share[i] = busy->package_cpus[i] ? busy->package_cpus[i] : 1;
        if (class->package >= 0 && class->package != (int32_t)i)
            class->share[i] *= class->threaded ? elsewhere_threaded : elsewhere;
    }
}

static void scale_rows(struct packages *packages)
{
    for (size_t c = 0; c < packages->n_classes; c++) {
        double *share = packages->classes[c].share;
        double sum = 0;
        for (uint32_t i = 0; i < packages->n; i++)
            sum += share[i];
        for (uint32_t i = 0; i < packages->n; i++)
            share[i] = sum > 0 ? share[i] / sum : 1.0 / packages->n;
    }
}

/* A package that was busy although nobody may run there changes nothing. */
static void scale_columns(struct packages *packages, const double *margins)
{
    for (uint32_t i = 0; i < packages->n; i++) {
        double sum = 0;
        for (size_t c = 0; c < packages->n_classes; c++)
            sum += (double)packages->classes[c].time_ns * packages->classes[c].share[i];
        for (size_t c = 0; c < packages->n_classes && sum > 0; c++)
            packages->classes[c].share[i] *= margins[i] / sum;
    }
}

void packages_fit(struct packages *packages, const struct busy *busy,
                  const struct activity *activities, size_t n, uint64_t unknown_ns)
{
    *packages = (struct packages){.n = MIN(busy->packages, PACKAGES_MAX), .n_classes = 1};
    packages->classes[0] = (struct packages_class){.package = -1, .time_ns = unknown_ns};
    if (packages->n < 2)
        return;
    for (size_t i = 0; i < n; i++)
        add_activity(packages, &activities[i]);
    double total = 0, used = 0, margins[PACKAGES_MAX];
    for (size_t c = 0; c < packages->n_classes; c++) {
        used += (double)packages->classes[c].time_ns;
        seed_class(&packages->classes[c], busy, packages->n);
    }
    for (uint32_t i = 0; i < packages->n; i++)
        total += (double)busy->package_busy_ns[i];
    /* Ticks say a little more or less than the processes' clocks. */
    for (uint32_t i = 0; i < packages->n; i++)
        margins[i] = total > 0 ? (double)busy->package_busy_ns[i] * used / total : 0;
    scale_rows(packages);
    for (int round = 0; round < ROUNDS && total > 0; round++) {
        scale_columns(packages, margins);
        scale_rows(packages);
    }
}

double packages_share(const struct packages *packages, const struct activity *activity,
                      int32_t package)
{
    if (packages->n < 2 || package < 0 || package >= (int32_t)packages->n)
        return 1;
    return packages->classes[class_of(packages, activity)].share[package];
}
