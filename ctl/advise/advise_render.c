/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <inttypes.h>
#include <math.h>

#include "advise/advise.h"
#include "ctl.h"
#include "output/amount.h"
#include "output/json.h"
#include "output/json_facts.h"

struct practice_limits advise_limits(const struct settings *settings)
{
    const struct settings_advise *advise = &settings->advise;
    return (struct practice_limits){
        .days = (unsigned)advise->days,
        .cpu_idle = (double)advise->cpu_idle / 100,
        .network_idle = (double)advise->network_idle,
        .disk_idle = (double)advise->disk_idle,
        .cpu_low = (double)advise->cpu_low / 100,
        .memory_low = (double)advise->memory_low / 100,
        .off_hours_used = (double)advise->off_hours_used / 100,
        .psu_efficiency = (double)advise->psu_efficiency / 100,
        .life_years = (double)advise->life_years,
    };
}

/* ---- Evidence ---- */

static void add_rate(struct text *text, const char *what, const struct observation *rate)
{
    if (!rate->known)
        return;
    text_format(text, ", %s ", what);
    amount_add_fixed(text, rate->value, 0);
    text_format(text, "%s%s", language_blank(), _("bytes/s"));
}

/* "95 % of hours used less than 3.1 % of the CPUs" */
static void add_cpu(const struct practice_evidence *evidence, struct text *text)
{
    amount_add_percent(text, 0.95, 0);
    text_add(text, _(" of hours used less than "));
    amount_add_percent(text, evidence->cpu.value, 1);
    text_add(text, _(" of the CPUs"));
}

static void add_comatose(const struct practice_evidence *evidence, struct text *text)
{
    add_cpu(evidence, text);
    if (!evidence->uptime.known)
        return;
    text_add(text, _("; since the machine started "));
    amount_add_fixed(text, evidence->uptime.value, 0);
    text_add(text, P_(" day ago", " days ago", (unsigned long)llround(evidence->uptime.value)));
    add_rate(text, _("network"), &evidence->network);
    add_rate(text, _("disks"), &evidence->disk);
}

void advise_add_evidence(const struct advice *advice, const struct practice_result *result,
                         struct text *text)
{
    const struct practice_evidence *evidence = &advice->evidence;
    if (result->state == PRACTICE_NEEDS_DATA) {
        text_format(text, _("needs %u days of which "), result->days_needed);
        amount_add_percent(text, DAY_COVERED_LEAST, 0);
        text_format(text, _(" were recorded, has %u"), result->days);
        return;
    }
    if (result->state == PRACTICE_NOT_OBSERVABLE) {
        text_format(text, _("not observable: %s"), _(result->why));
        return;
    }
    switch (result->id) {
    case PRACTICE_COMATOSE:
        add_comatose(evidence, text);
        break;
    case PRACTICE_OVERSIZED_CPU:
        add_cpu(evidence, text);
        if (evidence->memory.known) {
            text_add(text, _(", and units held less than "));
            amount_add_percent(text, evidence->memory.value, 1);
            text_add(text, _(" of the memory"));
        }
        break;
    case PRACTICE_OVERSIZED_MEMORY:
        text_add(text, _("in "));
        amount_add_percent(text, 0.95, 0);
        text_add(text, _(" of hours units held less than "));
        amount_add_percent(text, result->value, 1);
        text_add(text, _(" of the memory, file caches included"));
        break;
    case PRACTICE_OFF_HOURS:
        text_add(text, _("used energy in "));
        amount_add_percent(text, result->value, 1);
        text_add(text, _(" of the hours of nights and weekends (public holidays are not known)"));
        break;
    case PRACTICE_GOVERNOR:
        amount_add_percent(text, result->value, 1);
        text_add(text, _(" of the CPUs have the governor performance"));
        break;
    case PRACTICE_IDLE_STATES:
        if (!evidence->idle_states.known) {
            text_format(text,
                        _("no idle states beyond the first, and the kernel was started with "
                          "%s"),
                        evidence->idle_word ? evidence->idle_word : "");
            break;
        }
        amount_add_percent(text, result->value, 1);
        text_add(text, _(" of the idle states beyond the first are disabled"));
        break;
    case PRACTICE_POWER_SUPPLY:
        text_add(text, _("now "));
        amount_add_percent(text, result->value, 1);
        text_add(text, _(" of what goes in comes out"));
        break;
    case PRACTICE_LIFE:
        text_add(text, _("planned to serve "));
        amount_add_fixed(text, result->value, 1);
        text_add(text, _(" years in all"));
        break;
    case PRACTICES:
        break;
    }
    if (result->state == PRACTICE_SIGN)
        text_format(text, _(". Not judged: %s"), _(result->why));
}

static void add_threshold(const struct practice_result *result, struct text *text)
{
    switch (result->id) {
    case PRACTICE_LIFE:
        text_add(text, _("below "));
        amount_add_fixed(text, result->threshold, 0);
        text_format(text, "%s%s", language_blank(), _("years"));
        break;
    case PRACTICE_GOVERNOR:
    case PRACTICE_IDLE_STATES:
        text_add(text, _("any"));
        break;
    case PRACTICE_OFF_HOURS:
        text_add(text, _("above "));
        amount_add_percent(text, result->threshold, 0);
        break;
    default:
        text_add(text, _("below "));
        amount_add_percent(text, result->threshold, 0);
        break;
    }
}

/* ---- The table ---- */

static const char *state_text(enum practice_state state)
{
    switch (state) {
    case PRACTICE_ADVISED:
        return _("ADVISED");
    case PRACTICE_FINE:
        return _("fine");
    case PRACTICE_SIGN:
        return _("a sign, not judged");
    case PRACTICE_NEEDS_DATA:
        return _("not enough data");
    case PRACTICE_NOT_OBSERVABLE:
        break;
    }
    return _("not observable");
}

static void add_figure(struct text *text, const struct figure *figure, const char *unit)
{
    if (!figure->known)
        return;
    text_add(text, " ");
    amount_add(text, figure->value);
    text_format(text, "%s%s", language_blank(), unit);
    if (figure_band(figure) == BAND_NONE)
        return;
    text_add(text, " (");
    amount_add_interval(text, figure->min, figure->max);
    text_add(text, ")");
}

static void add_saving(const struct practice_saving *saving, struct text *text)
{
    if (!saving->known) {
        text_format(text, _("Saving: not estimated, %s."), _(saving->why));
        return;
    }
    bool estimate = saving->modelled.known && saving->modelled.value > 0;
    text_add(text, saving->kwh.known ? _("Saving a year, at most:")
                   : saving->least   ? _("Saving a year, at least:")
                                     : _("Saving a year:"));
    add_figure(text, &saving->kwh, _("kWh"));
    text_add(text, saving->kwh.known && saving->kg.known ? "," : "");
    add_figure(text, &saving->kg, _("kgCO2e"));
    if (saving->kwh.known)
        text_format(text, _("; projected from %u days; kWh are the machine's"), saving->days);
    if (saving->kwh.known && saving->kg.known)
        text_add(text, _(", kgCO2e are with the PUE"));
    if (saving->kwh.known)
        text_add(text, _("; the interval is of days alone, without that of meters, split, PUE and "
                         "factor"));
    if (estimate) {
        text_add(text, _("; an ESTIMATE, of this energy modelled: "));
        amount_add_percent(text, saving->modelled.value, 1);
    }
    text_add(text, ".");
}

static void add_paragraph(const struct style *style, struct text *text, struct text *line)
{
    text_add(line, "");
    style_add_paragraph(style, text, 4, line->data ? line->data : "");
    text_clear(line);
}

static void add_result(const struct advice *advice, const struct practice_result *result,
                       const struct style *style, struct text *text)
{
    const struct practice_info *info = practice_info(result->id);
    bool advised = result->state == PRACTICE_ADVISED;
    CLEANUP(text_done) struct text line = {0};
    style_add_colour(style, text, advised ? COLOUR_BOLD : COLOUR_PLAIN);
    text_format(text, "%s%s%s", info->id, _(": "), _(info->title));
    if (result->subject[0] != '\0') {
        text_add(text, " (");
        style_add_text(style, text, result->subject);
        text_add(text, ")");
    }
    text_format(text, "%s%s", _(": "), state_text(result->state));
    style_add_colour(style, text, COLOUR_PLAIN);
    text_add(text, "\n");
    advise_add_evidence(advice, result, &line);
    text_add(&line, _(". Threshold: "));
    add_threshold(result, &line);
    text_add(&line, ".");
    add_paragraph(style, text, &line);
    if (!advised && result->state != PRACTICE_SIGN) {
        text_add(text, "\n");
        return;
    }
    add_saving(&result->saving, &line);
    add_paragraph(style, text, &line);
    text_format(&line, _("Data: %s. What it cannot show: %s."), _(info->needs), _(info->blind));
    add_paragraph(style, text, &line);
    text_format(&line, _("To apply it: %s."), _(info->apply));
    add_paragraph(style, text, &line);
    text_format(&line, _("Source: %s."), _(info->source));
    add_paragraph(style, text, &line);
    text_add(text, "\n");
}

void advise_render_table(const struct advice *advice, const struct style *style, struct text *text)
{
    static const enum practice_state order[] = {PRACTICE_ADVISED, PRACTICE_SIGN,
                                                PRACTICE_NEEDS_DATA, PRACTICE_NOT_OBSERVABLE,
                                                PRACTICE_FINE};
    size_t advised = 0;
    for (size_t i = 0; i < advice->n; i++)
        advised += advice->results[i].state == PRACTICE_ADVISED;
    style_add_colour(style, text, COLOUR_BOLD);
    text_format(text,
                P_("%zu practice is advised, of %zu looked at",
                   "%zu practices are advised, of %zu looked at", advised),
                advised, advice->n);
    text_add(text, "\n\n");
    style_add_colour(style, text, COLOUR_PLAIN);
    for (size_t o = 0; o < ARRAY_SIZE(order); o++)
        for (size_t i = 0; i < advice->n; i++)
            if (advice->results[i].state == order[o])
                add_result(advice, &advice->results[i], style, text);
}

/* ---- JSON ---- */

static json_t *saving_object(const struct practice_saving *saving)
{
    json_t *object = json_object();
    json_set(object, "kwh_per_year", json_figure(&saving->kwh));
    json_set(object, "kgco2e_per_year", json_figure(&saving->kg));
    json_set(object, "bound",
             !saving->known      ? json_null()
             : saving->kwh.known ? json_string("most")
             : saving->least     ? json_string("least")
                                 : json_null());
    json_set(object, "days_used", saving->days > 0 ? json_integer(saving->days) : json_null());
    json_set(object, "modelled_ratio",
             saving->known && saving->modelled.known ? json_real(saving->modelled.value)
                                                     : json_null());
    json_set(object, "why_not", saving->known ? json_null() : json_string(saving->why));
    return object;
}

static json_t *result_object(const struct advice *advice, const struct practice_result *result)
{
    const struct practice_info *info = practice_info(result->id);
    bool compared = result->state == PRACTICE_ADVISED || result->state == PRACTICE_FINE ||
                    result->state == PRACTICE_SIGN;
    if (result->id == PRACTICE_IDLE_STATES)
        compared &= advice->evidence.idle_states.known; /* a word is no figure */
    CLEANUP(text_done) struct text evidence = {0};
    json_t *object = json_object();
    text_add(&evidence, "");
    advise_add_evidence(advice, result, &evidence);
    json_set(object, "practice", json_string(info->id));
    json_set(object, "title", json_string(info->title));
    if (result->subject[0] != '\0')
        json_set_text(object, "environment", result->subject);
    json_set(object, "state", json_string(practice_state_name(result->state)));
    json_set(object, "evidence", json_string(evidence.data ? evidence.data : ""));
    json_set(object, "value", compared ? json_real(result->value) : json_null());
    json_set(object, "threshold", json_real(result->threshold));
    json_set(object, "days", result->days_needed > 0 ? json_integer(result->days) : json_null());
    json_set(object, "days_needed",
             result->days_needed > 0 ? json_integer(result->days_needed) : json_null());
    json_set(object, "why", result->why && *result->why ? json_string(result->why) : json_null());
    json_set(object, "needs", json_string(info->needs));
    json_set(object, "cannot_show", json_string(info->blind));
    json_set(object, "source", json_string(info->source));
    json_set(object, "saving", saving_object(&result->saving));
    json_set(object, "apply", json_string(info->apply));
    return object;
}

static void set_observation(json_t *object, const char *key, const struct observation *observation)
{
    json_set(object, key, observation->known ? json_real(observation->value) : json_null());
}

void advise_render_json(const struct advice *advice, struct text *text)
{
    const struct practice_evidence *evidence = &advice->evidence;
    json_t *root = json_object();
    json_t *results = json_array();
    json_t *observed = json_object();
    json_set(root, "format", json_string("greend-advise-1"));
    json_set(root, "greend_version", json_string(GREEND_VERSION));
    json_set(observed, "days", json_integer(evidence->days));
    set_observation(observed, "cpu_p95_ratio", &evidence->cpu);
    set_observation(observed, "memory_held_p95_ratio", &evidence->memory);
    set_observation(observed, "uptime_days", &evidence->uptime);
    set_observation(observed, "network_bytes_per_second", &evidence->network);
    set_observation(observed, "disk_bytes_per_second", &evidence->disk);
    set_observation(observed, "governor_performance_ratio", &evidence->performance);
    set_observation(observed, "idle_states_disabled_ratio", &evidence->idle_states);
    json_set(observed, "idle_states_forbidden_by",
             evidence->idle_word ? json_string(evidence->idle_word) : json_null());
    set_observation(observed, "power_supply_efficiency_ratio", &evidence->psu);
    set_observation(observed, "planned_life_years", &evidence->life);
    json_set(root, "observed", observed);
    for (size_t i = 0; i < advice->n; i++)
        (void)json_array_append_new(results, result_object(advice, &advice->results[i]));
    json_set(root, "practices", results);
    json_finish(root, text);
}
