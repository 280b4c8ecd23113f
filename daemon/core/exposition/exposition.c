/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/exposition/exposition.h"

#include "core/exposition/exposition_writer.h"
#include "greend/collector.h"

/* ---- Energy ---- */

const char *exposition_source(uint32_t source)
{
    static const char *const names[ENERGY_SOURCES] = {
        [SOURCE_RAPL] = "rapl", [SOURCE_HWMON] = "hwmon", [SOURCE_ACPI] = "acpi",
        [SOURCE_BMC] = "bmc",   [SOURCE_GPU] = "gpu",     [SOURCE_MODEL] = "model",
    };
    return source < ENERGY_SOURCES ? names[source] : "unknown";
}

const char *exposition_kind(uint32_t kind)
{
    static const char *const names[] = {
        [WORKLOAD_SERVICE] = "service",     [WORKLOAD_USER] = "user",
        [WORKLOAD_CONTAINER] = "container", [WORKLOAD_VM] = "vm",
        [WORKLOAD_KERNEL] = "kernel",       [WORKLOAD_OTHER] = "other",
    };
    return kind < ARRAY_SIZE(names) ? names[kind] : "unknown";
}

static void domain_sample(struct writer *w, const struct series_domain *domain, uint64_t number,
                          unsigned decimals)
{
    writer_begin(w);
    writer_label(w, "domain", domain->name);
    writer_label(w, "source", exposition_source(domain->source));
    writer_value(w, number, decimals, false);
}

/* A sample for each domain that `shows`: the uint64_t at that offset of it. */
static void domain_samples(struct writer *w, bool (*shows)(const struct series_domain *),
                           size_t offset, unsigned decimals)
{
    const struct series *series = w->exposition->series;
    for (size_t i = 0; i < series->n_domains; i++) {
        const struct series_domain *domain = &series->domains[i];
        uint64_t number = 0;
        memcpy(&number, (const char *)domain + offset, sizeof(number));
        if (shows(domain))
            domain_sample(w, domain, number, decimals);
    }
}

static bool in_total(const struct series_domain *domain)
{
    return domain->present && domain->summed;
}

static bool beside_total(const struct series_domain *domain)
{
    return domain->present && !domain->summed;
}

static bool has_uncertainty(const struct series_domain *domain)
{
    return domain->present && domain->uncertainty_ppm != 0;
}

static void energy_samples(struct writer *w)
{
    domain_samples(w, series_may_sum, offsetof(struct series_domain, total.shown_mj), 3);
}

static void idle_samples(struct writer *w)
{
    domain_samples(w, series_may_sum, offsetof(struct series_domain, idle.shown_mj), 3);
}

static void unattributed_samples(struct writer *w)
{
    domain_samples(w, series_may_sum, offsetof(struct series_domain, unattributed.shown_mj), 3);
}

static void overlapping_samples(struct writer *w)
{
    domain_samples(w, series_overlaps, offsetof(struct series_domain, overlap.shown_mj), 3);
}

static void power_samples(struct writer *w)
{
    domain_samples(w, in_total, offsetof(struct series_domain, power_uw), 6);
}

static void overlapping_power_samples(struct writer *w)
{
    domain_samples(w, beside_total, offsetof(struct series_domain, power_uw), 6);
}

static void uncertainty_samples(struct writer *w)
{
    domain_samples(w, has_uncertainty, offsetof(struct series_domain, uncertainty_ppm), 6);
}

/* ---- Workloads ---- */

static void workload_labels(struct writer *w, const char *unit, const char *command, uint32_t kind)
{
    writer_begin(w);
    writer_label(w, "unit", unit);
    writer_label(w, "command", command);
    writer_label(w, "kind", exposition_kind(kind));
}

/* Whether a source has, or may soon have, energy of workloads. */
static bool source_is_used(const struct series *series, uint32_t source)
{
    for (size_t i = 0; i < series->n_domains; i++)
        if (series->domains[i].source == source && series_may_sum(&series->domains[i]))
            return true;
    return false;
}

static void workload_energy_samples(struct writer *w)
{
    const struct series *series = w->exposition->series;
    for (uint32_t source = 0; source < ENERGY_SOURCES; source++) {
        const struct series_other *other = &series->other[source];
        for (size_t i = 0; i < series->n_keys && other->count_ns != 0; i++) {
            const struct series_workload *key = &series->keys[series->order[i]];
            if (!series_is_shown(key))
                continue;
            workload_labels(w, key->unit, key->command, key->kind);
            writer_label(w, "source", exposition_source(source));
            writer_value(w, key->energy[source].shown_mj, 3, false);
        }
        if (!source_is_used(series, source))
            continue;
        workload_labels(w, "other", "", WORKLOAD_OTHER);
        writer_label(w, "source", exposition_source(source));
        writer_value(w, other->energy.shown_mj, 3, false);
    }
}

static void left_samples(struct writer *w)
{
    const struct series *series = w->exposition->series;
    for (uint32_t source = 0; source < ENERGY_SOURCES; source++) {
        if (!source_is_used(series, source))
            continue;
        writer_begin(w);
        writer_label(w, "source", exposition_source(source));
        writer_value(w, series_left_mj(series, (enum energy_source)source), 3, false);
    }
}

static void workload_cpu_samples(struct writer *w)
{
    const struct series *series = w->exposition->series;
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        if (!series_is_shown(key))
            continue;
        workload_labels(w, key->unit, key->command, key->kind);
        writer_value(w, key->cpu_ns / NS_PER_MS, 3, false);
    }
    workload_labels(w, "other", "", WORKLOAD_OTHER);
    writer_value(w, series->other_cpu_ns / NS_PER_MS, 3, false);
}

/* Of what is stated, in parts per million; false: nothing is. */
static bool recent_ppm(const struct series_recent *recent, uint64_t *ret_ppm)
{
    if (recent->energy_uj <= 0)
        return false;
    *ret_ppm = (uint64_t)(recent->half_uj / recent->energy_uj * (double)PPM + 0.5);
    return true;
}

static void workload_uncertainty_samples(struct writer *w)
{
    const struct series *series = w->exposition->series;
    uint64_t ppm = 0;
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        if (!series_is_shown(key) || !recent_ppm(&key->recent, &ppm))
            continue;
        workload_labels(w, key->unit, key->command, key->kind);
        writer_value(w, ppm, 6, false);
    }
    if (recent_ppm(&series->recent_other, &ppm)) {
        workload_labels(w, "other", "", WORKLOAD_OTHER);
        writer_value(w, ppm, 6, false);
    }
}

/* ---- Sensors and collectors ---- */

static bool same_sensor(const struct ring_sensor *a, const struct ring_sensor *b)
{
    return a->quantity == b->quantity && strncmp(a->chip, b->chip, sizeof(a->chip)) == 0 &&
           strncmp(a->label, b->label, sizeof(a->label)) == 0;
}

/* Chips exist that name two of their inputs alike; Prometheus refuses two samples of one name. */
static bool sensor_is_shown(const struct exposition *exposition, size_t i, uint32_t quantity)
{
    const struct ring_sensor *sensor = &exposition->sensors[i];
    if (sensor->chip[0] == '\0' || sensor->quantity != quantity || sensor->error != 0)
        return false;
    for (size_t j = 0; j < i; j++)
        if (same_sensor(&exposition->sensors[j], sensor) && exposition->sensors[j].error == 0)
            return false;
    return true;
}

static void sensor_samples(struct writer *w)
{
    const struct exposition *exposition = w->exposition;
    for (size_t i = 0; i < exposition->n_sensors; i++) {
        const struct ring_sensor *sensor = &exposition->sensors[i];
        bool negative = sensor->value_milli < 0;
        uint64_t magnitude =
            negative ? 0 - (uint64_t)sensor->value_milli : (uint64_t)sensor->value_milli;
        if (!sensor_is_shown(exposition, i, w->metric->quantity) ||
            (negative && w->metric->type == METRIC_COUNTER))
            continue;
        writer_begin(w);
        writer_raw_label(w, "chip", sensor->chip, sizeof(sensor->chip));
        writer_raw_label(w, "sensor", sensor->label, sizeof(sensor->label));
        writer_value(w, magnitude, 3, negative);
    }
}

static bool status_is_shown(const struct exposition *exposition, size_t i, bool whole)
{
    const struct ring_status *status = &exposition->statuses[i];
    if (status->collector[0] == '\0' || (status->item[0] == '\0') != whole ||
        status->health == HEALTH_OFF)
        return false;
    for (size_t j = 0; j < i; j++) {
        const struct ring_status *earlier = &exposition->statuses[j];
        if (strncmp(earlier->collector, status->collector, sizeof(status->collector)) == 0 &&
            strncmp(earlier->item, status->item, sizeof(status->item)) == 0)
            return false;
    }
    return true;
}

static uint64_t collector_success(const struct ring_status *status)
{
    return status->health == HEALTH_WORKING || status->health == HEALTH_DEGRADED ||
           status->health == HEALTH_ABSENT;
}

static uint64_t collector_duration(const struct ring_status *status)
{
    return status->duration_ns;
}

static uint64_t item_success(const struct ring_status *status)
{
    return status->health == HEALTH_WORKING;
}

/* One sample a collector, or one of each of their items. */
static void status_samples(struct writer *w, bool whole,
                           uint64_t (*value)(const struct ring_status *status), int decimals)
{
    const struct exposition *exposition = w->exposition;
    for (size_t i = 0; i < exposition->n_statuses; i++) {
        const struct ring_status *status = &exposition->statuses[i];
        if (!status_is_shown(exposition, i, whole))
            continue;
        writer_begin(w);
        writer_raw_label(w, "collector", status->collector, sizeof(status->collector));
        if (!whole)
            writer_raw_label(w, "item", status->item, sizeof(status->item));
        writer_value(w, value(status), decimals, false);
    }
}

static void collector_success_samples(struct writer *w)
{
    status_samples(w, true, collector_success, 0);
}

static void collector_duration_samples(struct writer *w)
{
    status_samples(w, true, collector_duration, 9);
}

static void item_success_samples(struct writer *w)
{
    status_samples(w, false, item_success, 0);
}

/* ---- The daemon itself ---- */

static void single(struct writer *w, uint64_t number, unsigned decimals)
{
    writer_begin(w);
    writer_value(w, number, decimals, false);
}

static void last_frame_sample(struct writer *w)
{
    if (w->exposition->last_frame_real_ns > 0)
        single(w, (uint64_t)w->exposition->last_frame_real_ns / NS_PER_MS, 3);
}

static void dropped_sample(struct writer *w)
{
    single(w, w->exposition->series->dropped_uj / UJ_PER_MJ, 3);
}

static void gap_sample(struct writer *w)
{
    single(w, w->exposition->series->gap_ns / NS_PER_MS, 3);
}

static void build_sample(struct writer *w)
{
    writer_begin(w);
    writer_label(w, "version", w->exposition->version);
    writer_value(w, 1, 0, false);
}

static void certificate_sample(struct writer *w)
{
    if (w->exposition->certificate_end_s > 0)
        single(w, (uint64_t)w->exposition->certificate_end_s, 0);
}

static void self_cpu_sample(struct writer *w)
{
    single(w, w->exposition->self_cpu_ns / NS_PER_MS, 3);
}

static void self_memory_sample(struct writer *w)
{
    single(w, w->exposition->self_resident_bytes, 0);
}

/* ---- All metrics ---- */

/* clang-format off */
static const struct metric metrics[] = {
    {"greend_energy_joules_total", "joules",
     "Energy of a domain while it was part of the host's total: the sum over all domains is "
     "the host's energy, nothing in it twice. source=model is an estimate.",
     energy_samples, METRIC_COUNTER, 0},
    {"greend_idle_energy_joules_total", "joules",
     "Energy that the domain would have used without any work.",
     idle_samples, METRIC_COUNTER, 0},
    {"greend_unattributed_energy_joules_total", "joules",
     "Energy above idle that no workload is known for.",
     unattributed_samples, METRIC_COUNTER, 0},
    {"greend_overlapping_energy_joules_total", "joules",
     "Energy of a domain while it was not part of the host's total, because other domains "
     "contain it or it contains others. Not to be added to anything.",
     overlapping_samples, METRIC_COUNTER, 0},
    {"greend_workload_energy_joules_total", "joules",
     "Energy above idle that a workload caused, over all domains of the source. kind=other "
     "is all that has no series of its own.",
     workload_energy_samples, METRIC_COUNTER, 0},
    {"greend_workload_left_energy_joules", "joules",
     "Last values of workload series that are no longer shown. With it, idle, unattributed "
     "and workload energy add up to greend_energy_joules_total in each scrape.",
     left_samples, METRIC_GAUGE, 0},
    {"greend_workload_cpu_seconds_total", "seconds",
     "CPU time that a workload used.",
     workload_cpu_samples, METRIC_COUNTER, 0},
    {"greend_workload_energy_uncertainty_ratio", "ratio",
     "Half-width of the 95 % interval of the energy of a workload, as part of that energy, over "
     "about the last hour: what is an hour old counts half, nothing counts from before the last "
     "start. Of what is stated: the error of the split, and that of the meter or model.",
     workload_uncertainty_samples, METRIC_GAUGE, 0},
    {"greend_power_watts", "watts",
     "Mean power of a domain over about the last second. The sum over all domains is the "
     "host's.",
     power_samples, METRIC_GAUGE, 0},
    {"greend_overlapping_power_watts", "watts",
     "Mean power of a domain that is not part of the host's total.",
     overlapping_power_samples, METRIC_GAUGE, 0},
    {"greend_energy_uncertainty_ratio", "ratio",
     "Half-width of the 95 % interval of the domain's energy, where it is stated.",
     uncertainty_samples, METRIC_GAUGE, 0},
    {"greend_co2e_grams_total", "grams",
     "Greenhouse gases of the host since the daemon began. phase=use: energy, PUE and the factor of "
     "the electricity (greend_footprint_info); phase=embodied: the hardware's known parts, "
     "divided over its life.",
     exposition_co2e_samples, METRIC_COUNTER, 0},
    {"greend_primary_energy_joules_total", "joules",
     "Total primary energy, likewise.",
     exposition_primary_energy_samples, METRIC_COUNTER, 0},
    {"greend_water_liters_total", "liters",
     "Blue water consumed, on site and for the electricity.",
     exposition_water_samples, METRIC_COUNTER, 0},
    {"greend_adp_grams_sb_eq_total", "",
     "Use of minerals and metals, in grams of antimony equivalent.",
     exposition_adp_samples, METRIC_COUNTER, 0},
    {"greend_footprint_info", "",
     "What greend_co2e_grams_total{phase=use} is made from: set and version of the factors, "
     "country, PUE and whether that is declared or a default, and whether the energy is measured.",
     exposition_footprint_sample, METRIC_INFO, 0},
    {"greend_target_ratio", "ratio",
     "What a period is projected to end with, as part of the target of [targets]: above 1 it will "
     "be exceeded if days go on as they were. Absent while there is too little data.",
     exposition_target_ratios, METRIC_GAUGE, 0},
    {"greend_target_used_ratio", "ratio",
     "What was used of the target of [targets] since its period began, as part of it.",
     exposition_target_used, METRIC_GAUGE, 0},
    {"greend_sensor_celsius", "celsius",
     "Temperature.",
     sensor_samples, METRIC_GAUGE, SENSOR_TEMPERATURE},
    {"greend_sensor_rpm", "rpm",
     "Fan speed in revolutions per minute.",
     sensor_samples, METRIC_GAUGE, SENSOR_FAN},
    {"greend_sensor_volts", "volts",
     "Voltage.",
     sensor_samples, METRIC_GAUGE, SENSOR_VOLTAGE},
    {"greend_sensor_amperes", "amperes",
     "Current.",
     sensor_samples, METRIC_GAUGE, SENSOR_CURRENT},
    {"greend_sensor_watts", "watts",
     "Power.",
     sensor_samples, METRIC_GAUGE, SENSOR_POWER},
    {"greend_sensor_joules_total", "joules",
     "Energy, counted by the sensor since its own beginning.",
     sensor_samples, METRIC_COUNTER, SENSOR_ENERGY},
    {"greend_collector_success", "",
     "1: the collector works, or has nothing to read on this machine; 0: it failed.",
     collector_success_samples, METRIC_GAUGE, 0},
    {"greend_collector_item_success", "",
     "1: this meter, zone or chip works; 0: it gives less than it could, see greend-ctl "
     "status.",
     item_success_samples, METRIC_GAUGE, 0},
    {"greend_collector_duration_seconds", "seconds",
     "Time that the collector took when it last ran.",
     collector_duration_samples, METRIC_GAUGE, 0},
    {"greend_last_frame_timestamp_seconds", "seconds",
     "When the newest measurement ended.",
     last_frame_sample, METRIC_GAUGE, 0},
    {"greend_ring_dropped_joules_total", "joules",
     "Energy of measurements that were overwritten before they were read. It is counted as "
     "unattributed.",
     dropped_sample, METRIC_COUNTER, 0},
    {"greend_gap_seconds_total", "seconds",
     "Time in which nothing was measured.",
     gap_sample, METRIC_COUNTER, 0},
    {"greend_web_certificate_expiry_timestamp_seconds", "seconds",
     "When the certificate expires that this is served with. Absent in clear text.",
     certificate_sample, METRIC_GAUGE, 0},
    {"greend_build_info", "",
     "Version of greend.",
     build_sample, METRIC_INFO, 0},
    {"greend_self_cpu_seconds_total", "seconds",
     "CPU time that greend itself used.",
     self_cpu_sample, METRIC_COUNTER, 0},
    {"greend_self_resident_memory_bytes", "bytes",
     "Resident memory of greend.",
     self_memory_sample, METRIC_GAUGE, 0},
};
/* clang-format on */

void exposition_render(struct text *text, const struct exposition *exposition,
                       enum exposition_format format)
{
    for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
        struct writer writer = {
            .text = text,
            .exposition = exposition,
            .format = format,
            .metric = &metrics[i],
        };
        metrics[i].samples(&writer);
    }
    if (format == EXPOSITION_OPENMETRICS)
        text_add(text, "# EOF\n");
}

const char *exposition_content_type(enum exposition_format format)
{
    return format == EXPOSITION_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}
