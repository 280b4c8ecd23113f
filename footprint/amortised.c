/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/footprint.h"

enum { DAY_S = 86400 };

/* The first day behind the life here, or DAY_UNKNOWN. */
static int32_t end_of(const struct factor_table *table, const struct asset *asset,
                      struct amortised *ret)
{
    if (asset->planned_end != DAY_UNKNOWN)
        return asset->planned_end;
    if (asset->life_days > 0)
        return asset->purchase + asset->life_days;
    ret->life = factor_find(table, FACTOR_LIFE, CRITERION_PARAMETER, GEOGRAPHY_WORLD);
    if (!ret->life)
        return DAY_UNKNOWN;
    ret->notes |= AMORTISED_DEFAULT_LIFE;
    return asset->purchase + days_of_years(ret->life->value.value);
}

void amortised_share(const struct factor_table *table, const struct asset *asset, int64_t since_s,
                     int64_t until_s, struct amortised *ret)
{
    *ret = (struct amortised){.begin = asset->purchase, .end = DAY_UNKNOWN};
    if (asset->purchase == DAY_UNKNOWN) {
        ret->notes = AMORTISED_NO_PURCHASE;
        return;
    }
    ret->end = end_of(table, asset, ret);
    if (ret->end == DAY_UNKNOWN || ret->end <= ret->begin)
        return;
    if (asset->refurbished)
        ret->notes |=
            AMORTISED_REFURBISHED | (asset->earlier_days > 0 ? 0 : AMORTISED_NO_EARLIER_USE);
    int64_t begin_s = (int64_t)ret->begin * DAY_S;
    int64_t end_s = (int64_t)ret->end * DAY_S;
    ret->notes |= since_s < begin_s ? AMORTISED_BEFORE_PURCHASE : 0;
    ret->notes |= until_s > end_s ? AMORTISED_PAST_LIFE : 0;
    int64_t from_s = MAX(since_s, begin_s);
    int64_t to_s = MIN(until_s, end_s);
    ret->whole_days = asset->earlier_days + (ret->end - ret->begin) + asset->later_days;
    ret->period_days = to_s > from_s ? (double)(to_s - from_s) / DAY_S : 0;
    ret->share = figure_exact(ret->period_days / ret->whole_days);
}
