/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <assert.h>
#include <strings.h>

#include "greend/factors.h"

/* The places that are no country are called as in BoaviztAPI, whose tables operators load. */
static const struct geography_info places[] = {
    [GEOGRAPHY_WORLD] = {"WOR", "", "World" },
    [GEOGRAPHY_EUROPE] = {"EEE", "", "Europe"},
#include "countries.inc"
};

static_assert(ARRAY_SIZE(places) == GEOGRAPHIES, "a place has no number");

static bool is_called(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncasecmp(name, text, length) == 0;
}

int geography_find(const char *text, size_t length)
{
    if (length == 0)
        return GEOGRAPHY_UNKNOWN;
    for (int i = 0; i < GEOGRAPHIES; i++)
        if (is_called(places[i].alpha3, text, length) ||
            is_called(places[i].alpha2, text, length) || is_called(places[i].name, text, length))
            return i;
    return GEOGRAPHY_UNKNOWN;
}

const struct geography_info *geography_info(int geography)
{
    assert(0 <= geography && geography < GEOGRAPHIES);
    return &places[geography];
}
