/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/meter/platform.h"

#include "greend/units.h"

#define WINDOW_NS (600 * NS_PER_S)

/* A meter close to the limit must not be believed and refused in turn: an hour without fault. */
enum { WINDOWS_AFTER_REFUSAL = 6 };

static void window_clear(struct platform *platform)
{
    platform->window_ns = platform->seen_uj = platform->reference_uj = platform->waiting_uj = 0;
}

void platform_restart(struct platform *platform)
{
    window_clear(platform);
    platform->aligned = false;
}

static enum platform_verdict judge_window(struct platform *platform)
{
    if (platform->seen_uj < platform->reference_uj) {
        platform->passed = 0;
        return PLATFORM_REFUSED;
    }
    if (platform->verdict == PLATFORM_REFUSED && ++platform->passed < WINDOWS_AFTER_REFUSAL)
        return PLATFORM_REFUSED;
    return PLATFORM_BELIEVED;
}

bool platform_judge(struct platform *platform, uint64_t seen_uj, uint64_t elapsed_ns,
                    uint64_t reference_uj)
{
    platform->waiting_uj = add_saturated(platform->waiting_uj, reference_uj);
    if (elapsed_ns == 0)
        return false;
    if (!platform->aligned) {
        window_clear(platform);
        platform->aligned = true;
        return false;
    }
    platform->seen_uj = add_saturated(platform->seen_uj, seen_uj);
    platform->reference_uj = add_saturated(platform->reference_uj, platform->waiting_uj);
    platform->window_ns = add_saturated(platform->window_ns, elapsed_ns);
    platform->waiting_uj = 0;
    if (platform->window_ns < WINDOW_NS)
        return false;
    enum platform_verdict before = platform->verdict;
    platform->verdict = judge_window(platform);
    window_clear(platform);
    return platform->verdict != before;
}
