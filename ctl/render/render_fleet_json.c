/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/units.h"
#include "output/json_facts.h"
#include "render/render.h"
#include "render/render_fleet.h"
#include "render/render_footprint.h"

static void set_id(json_t *object, const uint8_t id[STORE_HOST_ID_SIZE])
{
    char hex[2 * STORE_HOST_ID_SIZE + 1];
    for (size_t i = 0; i < STORE_HOST_ID_SIZE; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id[i]);
    json_set(object, "host_id", json_string(hex));
}

static void set_energy(json_t *object, uint64_t energy_uj, uint64_t uncertainty_uj,
                       uint64_t unstated_uj)
{
    json_set_u64(object, "energy_microjoules", energy_uj);
    if (unstated_uj < energy_uj)
        json_set_u64(object, "uncertainty_microjoules", uncertainty_uj);
    else
        json_set(object, "uncertainty_microjoules", json_null());
    json_set_u64(object, "uncertainty_unstated_microjoules", unstated_uj);
}

static json_t *complete_or_null(unsigned gaps, const bool complete[CRITERIA])
{
    return gaps ? json_null() : footprint_complete_json(complete);
}

static json_t *host_object(const struct fleet_host *host)
{
    struct inventory_gap gaps[FOOTPRINT_EXCLUSIONS_MAX];
    const struct report_footprint *footprint = &host->footprint;
    const struct report_sum *sum = &host->report.total.sum;
    json_t *object = json_object();
    json_t *impacts = json_object();
    set_id(object, host->report.info.host_id);
    json_set_text(object, "timezone", host->report.info.timezone);
    footprint_set_civil(object, "since_civil", footprint->since_s);
    footprint_set_civil(object, "until_civil", footprint->until_s);
    json_set(object, "covered_seconds",
             json_real((double)host->report.period.covered_ns / (double)NS_PER_S));
    json_set(object, "asked_coverage_ratio",
             json_real((double)footprint->asked_covered_ppm / (double)PPM));
    json_set(object, "state", json_string(footprint_state_name(footprint->state)));
    set_energy(object, sum->energy_uj, sum->uncertainty_uj, sum->unstated_uj);
    footprint_set_facts(object, footprint);
    footprint_set_impacts(impacts, &footprint->total, true);
    json_set(object, "footprint", impacts);
    json_set(object, "embodied_unshared_ratio", json_real(footprint->unshared));
    json_set(object, "use_complete",
             complete_or_null(footprint->gaps & FOOTPRINT_GAPS_USE, footprint->use_complete));
    json_set(
        object, "embodied_complete",
        complete_or_null(footprint->gaps & FOOTPRINT_GAPS_EMBODIED, footprint->embodied_complete));
    json_set(object, "exclusions", json_gaps(gaps, report_footprint_exclusions(footprint, gaps)));
    return object;
}

json_t *fleet_json(const struct fleet *fleet)
{
    json_t *array = json_array();
    for (size_t i = 0; i < fleet->n; i++)
        (void)json_array_append_new(array, host_object(fleet->hosts[i]));
    return array;
}

void fleet_set_json(json_t *object, const struct fleet *fleet)
{
    json_t *contained = json_array();
    for (size_t i = 0; i < fleet->n_contained; i++) {
        json_t *guest = json_object();
        json_set_text(guest, "name", fleet->contained[i].name);
        json_set_text(guest, "host", fleet->contained[i].host);
        (void)json_array_append_new(contained, guest);
    }
    json_set_u64(object, "hosts_without_data", fleet->silent);
    json_set(object, "contained", contained);
    json_set_u64(object, "virtual_without_host", fleet->unplaced);
}

json_t *fleet_row_json(const struct report_footprint *footprint, const struct report_row *row)
{
    bool span = report_group_is_span(footprint->report->group) && row->type == REPORT_ROW_ITEM;
    json_t *array = json_array();
    for (size_t i = 0; i < row->n_parts; i++) {
        const struct report_part *part = &row->parts[i];
        json_t *object = json_object();
        json_set_u64(object, "host", part->host);
        set_energy(object, part->energy_uj, part->uncertainty_uj, part->unstated_uj);
        json_set(object, "embodied_share_ratio", json_real(part->embodied_share));
        if (span) {
            footprint_set_civil(object, "since_civil", part->since_s);
            footprint_set_civil(object, "until_civil", part->until_s);
        }
        (void)json_array_append_new(array, object);
    }
    return array;
}
