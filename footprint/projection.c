/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Days to come, from days that were: the mean of each day of the week, and how far single days are
 * from it. Neighbouring days are off alike, so their number says too much: that is what the
 * correlation takes back. */

#include <math.h>

#include "greend/target.h"

#define CORRELATION_MOST 0.9

/* What days of the week have in common, and what is left. */
struct profile {
    unsigned days;
    double covered; /* sum of the days' parts */
    unsigned of_weekday[WEEKDAYS];
    double mean[WEEKDAYS];
    double squares; /* of what days are off by */
    double correlation;
};

static bool counts(const struct day *day)
{
    return day->covered >= DAY_COVERED_LEAST && isfinite(day->value) && day->value >= 0;
}

static double residual(const struct profile *profile, const struct day *day, size_t weekday)
{
    return day->value - profile->mean[weekday];
}

static void find_means(const struct day *days, size_t n, size_t first, struct profile *profile)
{
    for (size_t i = 0; i < n; i++) {
        size_t weekday = (first + i) % WEEKDAYS;
        if (!counts(&days[i]))
            continue;
        profile->mean[weekday] += days[i].value;
        profile->of_weekday[weekday]++;
        profile->covered += days[i].covered;
        profile->days++;
    }
    for (size_t w = 0; w < WEEKDAYS; w++)
        if (profile->of_weekday[w] > 0)
            profile->mean[w] /= profile->of_weekday[w];
}

/* The correlation of neighbours is told too small by few days, the more so as their means were
 * taken from them: the first is put right as in Marriott and Pope (1954), the second by counting
 * the means. */
static void find_spread(const struct day *days, size_t n, size_t first, struct profile *profile)
{
    double products = 0;
    unsigned pairs = 0;
    double before = 0;
    bool had = false;
    for (size_t i = 0; i < n; i++) {
        bool has = counts(&days[i]);
        double off = has ? residual(profile, &days[i], (first + i) % WEEKDAYS) : 0;
        profile->squares += off * off;
        if (has && had) {
            products += off * before;
            pairs++;
        }
        before = off;
        had = has;
    }
    if (profile->squares <= 0 || pairs == 0)
        return;
    double told = products / pairs / (profile->squares / profile->days);
    double weeks = (double)profile->days / WEEKDAYS;
    double put_right = told + (1 + 4 * told) / profile->days + told / weeks;
    profile->correlation = fmin(fmax(put_right, 0), CORRELATION_MOST);
}

static struct profile profile_of(const struct day *days, size_t n, size_t first)
{
    struct profile profile = {0};
    find_means(days, n, first, &profile);
    find_spread(days, n, first, &profile);
    return profile;
}

static bool has_all_weekdays(const struct profile *profile)
{
    for (size_t w = 0; w < WEEKDAYS; w++)
        if (profile->of_weekday[w] < 2)
            return false;
    return true;
}

/* By how much the variance of a sum is more than that of as many independent days. */
static double inflation(const struct profile *profile)
{
    return (1 + profile->correlation) / (1 - profile->correlation);
}

static double freedom(const struct profile *profile)
{
    return fmax((profile->days - WEEKDAYS) / inflation(profile), 3);
}

static double variance(const struct profile *profile)
{
    return profile->squares / (profile->days - WEEKDAYS);
}

double student_95(double degrees)
{
    static const double few[] = {12.706, 4.303, 3.182, 2.776};
    const double z = 1.959964;
    const size_t n_few = ARRAY_SIZE(few);
    if (degrees < (double)n_few + 1)
        return few[degrees < 1 ? 0 : (size_t)degrees - 1];
    /* Abramowitz and Stegun, 26.7.5 */
    double g1 = (pow(z, 3) + z) / 4;
    double g2 = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96;
    double g3 = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384;
    return z + g1 / degrees + g2 / (degrees * degrees) + g3 / pow(degrees, 3);
}

unsigned projection_history(double days_to_come)
{
    if (!(days_to_come > PROJECTION_HISTORY_LEAST))
        return PROJECTION_HISTORY_LEAST;
    if (days_to_come >= PROJECTION_HISTORY_MOST)
        return PROJECTION_HISTORY_MOST;
    return ((unsigned)ceil(days_to_come) + WEEKDAYS - 1) / WEEKDAYS * WEEKDAYS;
}

void projection_make(const struct day *days, size_t n, unsigned first_weekday,
                     const double to_come[WEEKDAYS], struct projection *ret)
{
    struct profile profile = profile_of(days, n, first_weekday);
    double all = 0;
    double of_means = 0; /* variance of the means in the sum, in variances of a day */
    double value = 0;
    for (size_t w = 0; w < WEEKDAYS; w++)
        all += to_come[w];
    *ret = (struct projection){.days = profile.days};
    ret->needed = MAX((unsigned)ceil(all / PROJECTION_REACH), (unsigned)PROJECTION_DAYS_LEAST);
    if (profile.days < ret->needed) {
        ret->lack = PROJECTION_FEW_DAYS;
        return;
    }
    if (!has_all_weekdays(&profile)) {
        ret->lack = PROJECTION_WEEKDAYS;
        return;
    }
    ret->covered = profile.covered / profile.days;
    for (size_t w = 0; w < WEEKDAYS; w++) {
        value += to_come[w] * profile.mean[w];
        of_means += to_come[w] * to_come[w] / profile.of_weekday[w];
        ret->daily += profile.mean[w] / WEEKDAYS;
    }
    ret->value = value;
    ret->correlation = profile.correlation;
    ret->half = student_95(freedom(&profile)) *
                sqrt(variance(&profile) * inflation(&profile) * (of_means + all));
}

static bool trend_counts(const struct profile *profile)
{
    return profile->days * 4 >= 3U * TREND_DAYS && has_all_weekdays(profile);
}

static double mean_day(const struct profile *profile)
{
    double mean = 0;
    for (size_t w = 0; w < WEEKDAYS; w++)
        mean += profile->mean[w] / WEEKDAYS;
    return mean;
}

void trend_make(const struct day *days, size_t n, unsigned first_weekday, struct trend *ret)
{
    *ret = (struct trend){0};
    const size_t days_of_both = 2 * (size_t)TREND_DAYS;
    if (n < days_of_both)
        return;
    /* Whole weeks: both halves begin with the same day of the week. */
    size_t first = (first_weekday + n - days_of_both) % WEEKDAYS;
    const struct day *begin = days + n - days_of_both;
    struct profile before = profile_of(begin, TREND_DAYS, first);
    struct profile last = profile_of(begin + TREND_DAYS, TREND_DAYS, first);
    ret->days[0] = before.days;
    ret->days[1] = last.days;
    if (!trend_counts(&before) || !trend_counts(&last) || !(mean_day(&before) > 0))
        return;
    ret->known = true;
    ret->ratio = mean_day(&last) / mean_day(&before) - 1;
    double share = mean_day(&last) / mean_day(&before);
    double squared = variance(&last) * inflation(&last) / last.days +
                     share * share * variance(&before) * inflation(&before) / before.days;
    ret->half = student_95(freedom(&before) + freedom(&last)) * sqrt(squared) / mean_day(&before);
}
