/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Targets for programs: JSON and CSV. */
#include "output/json_facts.h"
#include "render/render.h"
#include "targets/targets_render.h"

static void set_word(json_t *object, const char *key, const char *word)
{
    json_set(object, key, *word ? json_string(word) : json_null());
}

static json_t *baseline_object(const struct target_state *state)
{
    const struct target *target = &state->target;
    char period[16];
    if (!target->relative)
        return json_null();
    json_t *object = json_object();
    (void)snprintf(period, sizeof(period), target->baseline_month > 0 ? "%04d-%02d" : "%04d",
                   target->baseline_year, target->baseline_month);
    json_set(object, "period", json_string(period));
    json_set_number(object, "value", state->limited, state->baseline);
    json_set(object, "coverage_ratio", json_real(state->baseline_covered));
    json_set_number(object, "modelled_ratio", state->limited && state->baseline > 0,
                    state->baseline_modelled);
    json_set(object, "percent_below", json_real(target->percent));
    return object;
}

static json_t *projection_object(const struct target_state *state)
{
    if (!state->projected)
        return json_null();
    json_t *object = json_object();
    json_set(object, "value", json_real(state->value));
    json_set(object, "least", json_real(state->least));
    json_set(object, "most", json_real(state->most));
    json_set(object, "meter_interval_included", json_boolean(state->metered));
    json_set(object, "days_used", json_integer(state->projection.days));
    json_set(object, "day_kwh", json_real(state->projection.daily));
    json_set(object, "to_come_kwh", json_real(state->projection.value));
    json_set(object, "to_come_half_width_kwh", json_real(state->projection.half));
    json_set(object, "correlation", json_real(state->projection.correlation));
    return object;
}

static json_t *trend_object(const struct trend *trend)
{
    if (!trend->known)
        return json_null();
    json_t *object = json_object();
    json_set(object, "change_ratio", json_real(trend->ratio));
    json_set(object, "half_width_ratio", json_real(trend->half));
    return object;
}

static json_t *state_object(const struct target_state *state)
{
    const struct target *target = &state->target;
    bool gap = state->limited && state->projected;
    json_t *object = json_object();
    json_set_text(object, "target", target->name);
    json_set(object, "scope", json_string(target_scope_name(target->scope)));
    if (target->scope != TARGET_HOST)
        json_set_text(object, "what", target->what);
    json_set(object, "unit", json_string(target_unit_name(target->unit)));
    json_set(object, "per", json_string(target_per_name(target->per)));
    json_set_time(object, "since", state->since_s);
    json_set_time(object, "until", state->until_s);
    json_set_time(object, "as_of", state->now_s);
    json_set(object, "coverage_ratio", json_real(state->covered));
    json_set_number(object, "limit", state->limited, state->limit);
    json_set(object, "baseline", baseline_object(state));
    json_set_number(object, "so_far", state->valued, state->so_far);
    json_set_number(object, "so_far_half_width", state->valued && state->metered,
                    state->so_far_half);
    json_set(object, "projected", projection_object(state));
    json_set_number(object, "modelled_ratio", state->valued && state->so_far > 0,
                    state->so_far_modelled);
    json_set(object, "estimate", state->valued ? json_boolean(state->estimate) : json_null());
    json_set_number(object, "gap", gap, state->value - state->limit);
    json_set(object, "trend", trend_object(&state->trend));
    json_set(object, "state", json_string(target_verdict_name(state->verdict)));
    set_word(object, "lack", target_lack_name(state->lack));
    set_word(object, "projection_lack", target_lack_name(state->projection_lack));
    json_set(object, "days_used", json_integer(state->projection.days));
    json_set(object, "days_needed", json_integer(state->projection.needed));
    return object;
}

json_t *targets_json(const struct target_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++)
        (void)json_array_append_new(array, state_object(&list->states[i]));
    return array;
}

void targets_render_json(const struct target_list *list, struct text *text)
{
    json_t *root = json_object();
    const struct figure *gwp = &list->per_kwh.impacts[CRITERION_GWP];
    json_set(root, "format", json_string("greend-targets-1"));
    json_set(root, "greend_version", json_string(GREEND_VERSION));
    json_set_number(root, "pue", list->per_kwh.pue.known, list->per_kwh.pue.value);
    json_set_number(root, "kgco2e_per_machine_kwh", gwp->known, gwp->value);
    json_set(root, "targets", targets_json(list));
    json_finish(root, text);
}

/* ---- CSV ---- */

static void time_cell(struct text *text, int64_t time_s)
{
    char time[RENDER_TIME_MAX];
    render_csv_cell(text, render_time(time, FORM_ISO, time_s), false);
}

void targets_render_csv(const struct target_list *list, struct text *text)
{
    text_add(text, "target,scope,what,unit,per,since,until,as_of,coverage_ratio,limit,baseline,"
                   "so_far,so_far_half_width,projected,projected_least,projected_most,gap,"
                   "trend_ratio,trend_half_width_ratio,state,lack,projection_lack,days_used,"
                   "days_needed,modelled_ratio,estimate\r\n");
    for (size_t i = 0; i < list->n; i++) {
        const struct target_state *state = &list->states[i];
        render_csv_cell(text, state->target.name, true);
        render_csv_cell(text, target_scope_name(state->target.scope), false);
        render_csv_cell(text, state->target.what, false);
        render_csv_cell(text, target_unit_name(state->target.unit), false);
        render_csv_cell(text, target_per_name(state->target.per), false);
        time_cell(text, state->since_s);
        time_cell(text, state->until_s);
        time_cell(text, state->now_s);
        render_csv_number(text, true, state->covered);
        render_csv_number(text, state->limited, state->limit);
        render_csv_number(text, state->limited && state->target.relative, state->baseline);
        render_csv_number(text, state->valued, state->so_far);
        render_csv_number(text, state->valued && state->metered, state->so_far_half);
        render_csv_number(text, state->projected, state->value);
        render_csv_number(text, state->projected, state->least);
        render_csv_number(text, state->projected, state->most);
        render_csv_number(text, state->projected && state->limited, state->value - state->limit);
        render_csv_number(text, state->trend.known, state->trend.ratio);
        render_csv_number(text, state->trend.known, state->trend.half);
        render_csv_cell(text, target_verdict_name(state->verdict), false);
        render_csv_cell(text, target_lack_name(state->lack), false);
        render_csv_cell(text, target_lack_name(state->projection_lack), false);
        text_format(text, ",%u,%u", state->projection.days, state->projection.needed);
        render_csv_number(text, state->valued && state->so_far > 0, state->so_far_modelled);
        text_format(text, ",%s\r\n", !state->valued ? "" : state->estimate ? "true" : "false");
    }
}
