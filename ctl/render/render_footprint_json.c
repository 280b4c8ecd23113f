/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <time.h>

#include "greend/units.h"
#include "output/json_facts.h"
#include "render/render_fleet.h"
#include "render/render_footprint.h"
#include "report/fleet.h"

void footprint_set_civil(json_t *object, const char *key, int64_t civil_s)
{
    char text[32] = "?";
    time_t time = (time_t)civil_s;
    struct tm wall;
    if (gmtime_r(&time, &wall))
        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &wall);
    json_set(object, key, json_string(text));
}

static void set_span(const struct report_footprint *footprint, const struct report_row *row,
                     json_t *object)
{
    int64_t since_s = 0;
    int64_t until_s = 0;
    report_footprint_span_time(footprint, row, &since_s, &until_s);
    json_set(object, "state",
             json_string(footprint_state_name(report_footprint_span(footprint, row))));
    footprint_set_civil(object, "since_civil", since_s);
    footprint_set_civil(object, "until_civil", until_s);
}

void footprint_set_impacts(json_t *object, const struct impacts *impacts, bool shared)
{
    json_set(object, "energy_kwh", json_figure(&impacts->use.energy_kwh));
    json_set(object, "facility_energy_kwh", json_figure(&impacts->use.facility_kwh));
    json_set(object, "use", json_impacts(impacts->use.impacts));
    json_set(object, "water_on_site_m3", json_figure(&impacts->use.water_on_site));
    json_set(object, "water_upstream_m3", json_figure(&impacts->use.water_upstream));
    json_set(object, "embodied_share_ratio",
             shared ? json_real(impacts->embodied_share) : json_null());
    json_set(object, "embodied", json_impacts(impacts->embodied));
    json_set(object, "total", json_impacts(impacts->sum));
}

json_t *footprint_row_json(const struct report_footprint *footprint, const struct report_row *row)
{
    struct impacts impacts;
    if (!report_footprint_row(footprint, row, &impacts))
        return NULL;
    bool total = row->type == REPORT_ROW_TOTAL;
    json_t *object = json_object();
    if (row->type == REPORT_ROW_ITEM && report_group_is_span(footprint->report->group))
        set_span(footprint, row, object);
    footprint_set_impacts(object, &impacts, !footprint->fleet || total);
    if (footprint->fleet && !total)
        json_set(object, "by_host", fleet_row_json(footprint, row));
    return object;
}

json_t *footprint_complete_json(const bool complete[CRITERIA])
{
    json_t *object = json_object();
    for (int c = 0; c < CRITERIA; c++)
        json_set(object, criterion_info((enum criterion)c)->id, json_boolean(complete[c]));
    return object;
}

static json_t *quality_object(const struct report_footprint *footprint)
{
    json_t *object = json_object();
    json_set_u64(object, "high_microjoules", footprint->quality_uj[QUALITY_HIGH]);
    json_set_u64(object, "medium_microjoules", footprint->quality_uj[QUALITY_MEDIUM]);
    json_set_u64(object, "low_microjoules", footprint->quality_uj[QUALITY_LOW]);
    return object;
}

json_t *footprint_json(const struct report_footprint *footprint)
{
    struct inventory_gap gaps[FOOTPRINT_EXCLUSIONS_MAX];
    size_t n = report_footprint_exclusions(footprint, gaps);
    json_t *object = json_object();
    json_set(object, "made_at_unix_seconds", json_integer(footprint->now_s));
    json_set(object, "state", json_string(footprint_state_name(footprint->state)));
    json_set(object, "asked_coverage_ratio",
             json_real((double)footprint->asked_covered_ppm / (double)PPM));
    json_set(object, "extrapolated", json_false());
    json_set(object, "factor_sets", json_factor_sets(report_footprint_factors(footprint)));
    json_set(object, "quality", quality_object(footprint));
    json_set(object, "embodied_shared_by", json_string(footprint_sharing_name(footprint->sharing)));
    json_set(object, "embodied_unshared_ratio",
             footprint->fleet ? json_null() : json_real(footprint->unshared));
    json_set(object, "use_complete",
             footprint->gaps & FOOTPRINT_GAPS_USE
                 ? json_null()
                 : footprint_complete_json(footprint->use_complete));
    json_set(object, "embodied_complete",
             footprint->gaps & FOOTPRINT_GAPS_EMBODIED
                 ? json_null()
                 : footprint_complete_json(footprint->embodied_complete));
    if (footprint->fleet)
        fleet_set_json(object, footprint->fleet);
    json_set(object, "exclusions", json_gaps(gaps, n));
    return object;
}
