/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/footprint.h"
#include "greend/units.h"

struct figure energy_figure(uint64_t energy_uj, uint64_t uncertainty_uj)
{
    double kwh = (double)energy_uj / (double)UJ_PER_KWH;
    if (uncertainty_uj == UINT64_MAX)
        return figure_unbanded(kwh);
    return figure_banded(kwh, (double)sub_saturated(energy_uj, uncertainty_uj) / (double)UJ_PER_KWH,
                         (double)add_saturated(energy_uj, uncertainty_uj) / (double)UJ_PER_KWH);
}

void use_impacts_of(const struct factor_table *table, const struct site *site,
                    struct figure energy_kwh, struct use_impacts *ret)
{
    enum { LITRES_PER_M3 = 1000 };
    *ret = (struct use_impacts){.energy_kwh = energy_kwh};
    ret->pue = site->pue;
    if (!site->pue.known) {
        ret->pue_by = factor_find(table, FACTOR_PUE, CRITERION_PARAMETER, site->geography);
        ret->pue = factor_value(ret->pue_by);
    }
    ret->facility_kwh = figure_multiply(ret->energy_kwh, ret->pue);
    for (int c = 0; c < CRITERIA; c++) {
        ret->factors[c] =
            factor_find(table, FACTOR_ELECTRICITY, (enum criterion)c, site->geography);
        ret->impacts[c] = figure_multiply(ret->facility_kwh, factor_value(ret->factors[c]));
    }
    ret->water_upstream = ret->impacts[CRITERION_WATER];
    ret->water_on_site =
        figure_divide(figure_multiply(ret->energy_kwh, site->wue), figure_exact(LITRES_PER_M3));
    ret->impacts[CRITERION_WATER] = figure_add(ret->water_on_site, ret->water_upstream);
}

void use_impacts(const struct factor_table *table, const struct site *site, uint64_t energy_uj,
                 uint64_t uncertainty_uj, struct use_impacts *ret)
{
    use_impacts_of(table, site, energy_figure(energy_uj, uncertainty_uj), ret);
}

struct figure carbon_intensity(struct figure energy_kwh, struct figure intensity,
                               struct figure embodied, uint64_t units)
{
    struct figure sum = figure_add(figure_multiply(energy_kwh, intensity), embodied);
    return figure_divide(sum, figure_exact((double)units));
}
