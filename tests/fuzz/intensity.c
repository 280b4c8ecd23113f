/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Files of the carbon intensity of electricity, in all their forms. */
#include "fuzz.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "clean.h"
#include "core/text.h"
#include "greend/intensity.h"

static void require_told(const struct factor_errors *told)
{
    REQUIRE(told->n <= FACTOR_ERRORS_MAX);
    for (size_t i = 0; i < told->n; i++)
        REQUIRE(told->list[i].line >= 1 && told->list[i].column >= 1 &&
                is_clean(told->list[i].text));
}

static void require_sound(const struct intensity *intensity)
{
    size_t missing = 0;
    REQUIRE(intensity->form < INTENSITY_FORMS && intensity->n_hours > 0);
    REQUIRE(memchr(intensity->zone, '\0', sizeof(intensity->zone)));
    for (size_t i = 0; i < intensity->n_hours; i++) {
        const struct intensity_hour *hour = &intensity->hours[i];
        REQUIRE(hour->begin_s % INTENSITY_HOUR_S == 0);
        REQUIRE(isfinite(hour->grams) && hour->grams >= 0 && hour->grams <= INTENSITY_MOST);
        if (i > 0) {
            REQUIRE(hour->begin_s > hour[-1].begin_s);
            missing += (size_t)((hour->begin_s - hour[-1].begin_s) / INTENSITY_HOUR_S) - 1;
        }
    }
    REQUIRE(missing == intensity->missing);
}

static void check_means(const struct intensity *intensity)
{
    const struct intensity_hour *first = &intensity->hours[0];
    const struct intensity_hour *last = &intensity->hours[intensity->n_hours - 1];
    double grams = -1;
    if (first->begin_s < 0)
        return;
    REQUIRE(intensity_mean(intensity, first->begin_s, INTENSITY_HOUR_S, &grams));
    REQUIRE(fabs(grams - first->grams) <= 1e-9 * INTENSITY_MOST);
    int64_t length_s = last->begin_s + INTENSITY_HOUR_S - first->begin_s;
    REQUIRE(intensity_mean(intensity, first->begin_s, length_s, &grams) ==
            (intensity->missing == 0));
    REQUIRE(grams >= 0 && grams <= INTENSITY_MOST * (1 + 1e-9));
    REQUIRE(!intensity_mean(intensity, last->begin_s, INTENSITY_HOUR_S + 1, &grams));
}

/* Its hours in the plain form read as the same hours. */
static void read_back(const struct intensity *intensity)
{
    static struct factor_errors errors, notes;
    CLEANUP(text_done) struct text text = {0};
    struct intensity again = {.hours = NULL};
    text_add(&text, "time,gCO2e/kWh\n");
    for (size_t i = 0; i < intensity->n_hours; i++) {
        char time[40];
        struct tm wall;
        time_t begin_s = (time_t)intensity->hours[i].begin_s;
        REQUIRE(gmtime_r(&begin_s, &wall));
        REQUIRE(strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%SZ", &wall) > 0);
        text_format(&text, "%s,%.9f\n", time, intensity->hours[i].grams);
    }
    REQUIRE(text.error == 0);
    int r = intensity_parse("again", text.data, text.length, &again, &errors, &notes);
    /* Single hours far apart are refused as no hourly values. */
    if (r == INTENSITY_WRONG && intensity->missing > 0)
        return;
    REQUIRE(r == 0 && again.n_hours == intensity->n_hours && again.missing == intensity->missing);
    for (size_t i = 0; i < again.n_hours; i++)
        REQUIRE(again.hours[i].begin_s == intensity->hours[i].begin_s &&
                fabs(again.hours[i].grams - intensity->hours[i].grams) <= 1e-8);
    intensity_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct factor_errors errors, notes;
    CLEANUP(free_p) char *bytes = fuzz_copy(data, size);
    struct intensity intensity = {.hours = NULL};
    int r = intensity_parse("i.csv", bytes, size, &intensity, &errors, &notes);
    REQUIRE(r == 0 || r == INTENSITY_WRONG);
    REQUIRE((r == 0) == (errors.n == 0));
    require_told(&errors);
    require_told(&notes);
    if (r == 0) {
        require_sound(&intensity);
        check_means(&intensity);
        read_back(&intensity);
    } else {
        REQUIRE(!intensity.hours);
    }
    intensity_done(&intensity);
    return 0;
}
