/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <jansson.h>

#include "greend/units.h"
#include "output/json_facts.h"
#include "render/render.h"
#include "render/render_footprint.h"
#include "targets/targets_render.h"

/* Keys are stable: a program may depend on them. New ones may come, so unknown ones are to be
 * ignored. Integers in microjoules are exact; joules are there for convenience. */

static void set_sum(json_t *object, const struct report_sum *sum)
{
    bool stated = sum->unstated_uj < sum->energy_uj;
    json_set_u64(object, "energy_microjoules", sum->energy_uj);
    json_set(object, "energy_joules", json_real((double)sum->energy_uj / (double)UJ_PER_J));
    json_set(object, "source", json_string(render_origin(sum)));
    json_set_u64(object, "modelled_microjoules", sum->modelled_uj);
    if (stated)
        json_set_u64(object, "uncertainty_microjoules", sum->uncertainty_uj);
    else
        json_set(object, "uncertainty_microjoules", json_null());
    json_set_u64(object, "uncertainty_unstated_microjoules", sum->unstated_uj);
    json_set_u64(object, "idle_microjoules", sum->idle_uj);
    json_set_u64(object, "idle_unowned_microjoules", sum->unowned_uj);
    json_set_u64(object, "unattributed_microjoules", sum->unattributed_uj);
    json_set(object, "cpu_seconds", json_real((double)sum->cpu_ns / (double)NS_PER_S));
}

static void set_name(json_t *object, const char *key, const char *raw)
{
    if (raw && *raw)
        json_set_text(object, key, raw);
}

static void set_coverage(json_t *object, uint64_t covered_ns, uint64_t gap_ns, uint64_t ppm)
{
    json_set(object, "covered_seconds", json_real((double)covered_ns / (double)NS_PER_S));
    json_set(object, "gap_seconds", json_real((double)gap_ns / (double)NS_PER_S));
    json_set(object, "coverage_ratio", json_real((double)ppm / (double)PPM));
}

static json_t *row_object(const struct report *report, const struct report_footprint *footprint,
                          const struct report_row *row)
{
    json_t *object = json_object();
    json_set(object, "row", json_string(render_row_type(row->type)));
    set_name(object, "kind", render_kind(row->kind));
    set_name(object, "unit", row->unit);
    set_name(object, "command", row->command);
    set_name(object, "user", row->user);
    set_name(object, "domain", row->domain);
    set_name(object, "meter", render_energy_source(row->source));
    if (row->type == REPORT_ROW_REST)
        json_set_u64(object, "items", row->items);
    if (row->type == REPORT_ROW_ITEM && report_group_is_span(report->group)) {
        json_set_time(object, "begin", row->begin_s);
        json_set(object, "length_seconds", json_integer(row->length_s));
        set_coverage(object, row->covered_ns, row->gap_ns, report_row_coverage_ppm(report, row));
    }
    if (row->type != REPORT_ROW_NOT_SUMMED)
        json_set(object, "share_ratio", json_real((double)row->share_ppm / (double)PPM));
    set_sum(object, &row->sum);
    const char *quality = quality_name(report_row_quality(report, row));
    json_set(object, "quality", quality ? json_string(quality) : json_null());
    json_t *impacts = footprint ? footprint_row_json(footprint, row) : NULL;
    if (impacts)
        json_set(object, "footprint", impacts);
    return object;
}

static json_t *rows_array(const struct report *report, const struct report_footprint *footprint,
                          struct report_row *const *rows, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, row_object(report, footprint, rows[i]));
    return array;
}

static json_t *period_object(const struct report *report)
{
    const struct store_period *period = &report->period;
    uint64_t summed = render_coverage_ppm(period->covered_ns, period->until_s - period->since_s);
    json_t *object = json_object();
    json_set_time(object, "asked_since", report->since_s);
    json_set_time(object, "asked_until", report->until_s);
    json_set_time(object, "since", period->since_s);
    json_set_time(object, "until", period->until_s);
    json_set(object, "since_unix_seconds", json_integer(period->since_s));
    json_set(object, "until_unix_seconds", json_integer(period->until_s));
    set_coverage(object, period->covered_ns, period->gap_ns, report_coverage_ppm(report));
    json_set(object, "summed_coverage_ratio", json_real((double)summed / (double)PPM));
    json_set(
        object, "before_first_record_seconds",
        json_integer(report_unrecorded_s(report->since_s, report->until_s, report->info.first_s)));
    json_set(object, "memory_known_seconds",
             json_real((double)period->memory_ns / (double)NS_PER_S));
    json_set(object, "weight_known_seconds",
             json_real((double)period->weight_ns / (double)NS_PER_S));
    return object;
}

static json_t *sources_object(const struct report *report)
{
    json_t *object = json_object();
    for (int i = 0; i < ENERGY_SOURCES; i++)
        if (report->by_source_uj[i] > 0)
            json_set_u64(object, render_energy_source(i), report->by_source_uj[i]);
    return object;
}

static json_t *events_object(const struct report *report)
{
    static const char *const names[STORE_EVENT_KINDS] = {
        [STORE_EVENT_START] = "start",   [STORE_EVENT_STOP] = "stop",
        [STORE_EVENT_GAP] = "gap",       [STORE_EVENT_LOST] = "lost",
        [STORE_EVENT_RESET] = "reset",   [STORE_EVENT_CLOCK] = "clock",
        [STORE_EVENT_REBOOT] = "reboot",
    };
    json_t *object = json_object();
    for (int i = 0; i < STORE_EVENT_KINDS; i++)
        json_set_u64(object, names[i], report->events[i]);
    json_set_u64(object, "lost_microjoules", report->lost_uj);
    return object;
}

static void set_host(json_t *object, const uint8_t id[STORE_HOST_ID_SIZE])
{
    char hex[2 * STORE_HOST_ID_SIZE + 1];
    bool known = false;
    for (int i = 0; i < STORE_HOST_ID_SIZE; i++) {
        (void)snprintf(hex + (size_t)2 * i, 3, "%02x", id[i]);
        known |= id[i] != 0;
    }
    json_set(object, "host_id", known ? json_string(hex) : json_null());
}

void render_report_json(const struct report *report, const struct report_footprint *footprint,
                        struct text *text)
{
    json_t *root = json_object();
    json_set(root, "format", json_string("greend-report-1"));
    json_set(root, "greend_version", json_string(GREEND_VERSION));
    set_host(root, report->info.host_id);
    json_set(root, "hosts", json_integer((json_int_t)report->hosts));
    json_set_text(root, "timezone", report->info.timezone);
    json_set(root, "by", json_string(report_group_name(report->group)));
    json_set(root, "idle_policy", json_string(report_idle_name(report->idle)));
    json_set(root, "period", period_object(report));
    json_set(root, "total", row_object(report, footprint, &report->total));
    json_set(root, "rows", rows_array(report, footprint, report->rows, report->n_rows));
    json_set(root, "not_summed", rows_array(report, footprint, report->apart, report->n_apart));
    json_set(root, "energy_by_meter_microjoules", sources_object(report));
    json_set(root, "events", events_object(report));
    if (report->targets)
        json_set(root, "targets", targets_json(report->targets));
    if (footprint) {
        json_set(root, "footprint", footprint_json(footprint));
        json_set(root, "method", footprint_method_json(footprint));
    }
    json_finish(root, text);
}
