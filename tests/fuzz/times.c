/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
/* Times, periods, durations and dates as people write them. */
#include "fuzz.h"

#include <inttypes.h>
#include <time.h>

#include "core/settings/duration.h"
#include "ctl/period.h"
#include "ctl/render/render.h"
#include "greend/footprint.h"
#include "greend/units.h"

#define NOW_S  INT64_C(1795431600)
#define LAST_S INT64_C(253402300799) /* of the year 9999 */

static void set_zone(unsigned which)
{
    static const char *const zones[] = {"UTC", "Europe/Paris", "Australia/Lord_Howe",
                                        "America/St_Johns", "Pacific/Apia"};
    static unsigned current = ARRAY_SIZE(zones);
    which %= ARRAY_SIZE(zones);
    if (which == current)
        return;
    current = which;
    (void)setenv("TZ", zones[which], 1);
    tzset();
}

/* A time that was understood reads back from how reports write it, and from its number. */
static void check_time(const char *text)
{
    char shown[RENDER_TIME_MAX];
    int64_t time_s = 4711, again_s = 0;
    if (period_parse(text, NOW_S, &time_s) < 0) {
        REQUIRE(time_s == 4711);
        return;
    }
    if (time_s < 0 || time_s > LAST_S - 2 * 86400)
        return;
    (void)render_time(shown, FORM_ISO, time_s);
    REQUIRE(period_parse(shown, NOW_S, &again_s) == 0 && again_s == time_s);
    (void)snprintf(shown, sizeof(shown), "@%" PRId64, time_s);
    REQUIRE(period_parse(shown, NOW_S, &again_s) == 0 && again_s == time_s);
    int64_t midnight_s = period_midnight(time_s);
    REQUIRE(midnight_s <= time_s && time_s - midnight_s < 26 * 3600 &&
            period_midnight(midnight_s) == midnight_s);
}

static void check_period(const char *since, const char *until)
{
    struct period period;
    const char *wrong = NULL;
    int r = period_resolve(since, until, NOW_S, &period, &wrong);
    REQUIRE(r != 0 || period.since_s < period.until_s);
    REQUIRE(r != -EINVAL || wrong == since || wrong == until);
}

static void check_duration(const char *text)
{
    char shown[64];
    uint64_t ns = 4711, again_ns = 0;
    int r = duration_parse(text, &ns);
    REQUIRE(r == 0 || r == DURATION_NO_UNIT || r == -EINVAL || r == -ERANGE);
    if (r != 0) {
        REQUIRE(ns == 4711);
        return;
    }
    (void)snprintf(shown, sizeof(shown), "%" PRIu64 "s %" PRIu64 "ns", ns / NS_PER_S,
                   ns % NS_PER_S);
    REQUIRE(duration_parse(shown, &again_ns) == 0 && again_ns == ns);
}

static void check_date(const char *text)
{
    char shown[11];
    int32_t day = -1;
    if (date_parse(text, &day) < 0) {
        REQUIRE(day == -1);
        return;
    }
    REQUIRE(day >= 0 && day < 84006); /* of 2200 */
    date_format(day, shown);
    REQUIRE(str_equal(shown, text));
}

/* The first byte chooses the time zone; a second time stands behind a newline. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    set_zone((unsigned)fuzz_take(&input, 1));
    CLEANUP(free_p) char *text = fuzz_string(input.at, input.left);
    char *newline = strchr(text, '\n');
    if (newline)
        *newline = '\0';
    CLEANUP(free_p) char *first = fuzz_string(text, strlen(text));
    check_time(first);
    check_duration(first);
    check_date(first);
    check_period(first, NULL);
    check_period(NULL, first);
    if (newline)
        check_period(first, newline + 1);
    return 0;
}
