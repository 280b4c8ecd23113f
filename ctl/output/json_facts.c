/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "output/json_facts.h"

#include "render/render.h"

void json_set_number(json_t *object, const char *key, bool known, double value)
{
    json_set(object, key, known ? json_real(value) : json_null());
}

void json_set_time(json_t *object, const char *key, int64_t time_s)
{
    char time[RENDER_TIME_MAX];
    json_set(object, key, json_string(render_time(time, FORM_ISO, time_s)));
}

json_t *json_figure(const struct figure *figure)
{
    static const char *const bands[] = {
        [BAND_NONE] = "none", [BAND_PARTIAL] = "partial", [BAND_FULL] = "full"};
    if (!figure->known)
        return json_null();
    json_t *object = json_object();
    enum figure_band band = figure_band(figure);
    json_set(object, "value", json_real(figure->value));
    json_set(object, "min", band == BAND_NONE ? json_null() : json_real(figure->min));
    json_set(object, "max", band == BAND_NONE ? json_null() : json_real(figure->max));
    json_set(object, "band", json_string(bands[band]));
    return object;
}

json_t *json_impacts(const struct figure impacts[CRITERIA])
{
    json_t *object = json_object();
    for (int c = 0; c < CRITERIA; c++)
        json_set(object, criterion_info((enum criterion)c)->id, json_figure(&impacts[c]));
    return object;
}

json_t *json_factor_sets(const struct factor_table *table)
{
    const struct factor_set *set = NULL;
    json_t *array = json_array();
    for (size_t i = 0; table && (set = factor_table_set(table, i)); i++) {
        json_t *object = json_object();
        json_set_text(object, "name", set->name);
        json_set_text(object, "version", set->version);
        (void)json_array_append_new(array, object);
    }
    return array;
}

json_t *json_gaps(const struct inventory_gap *gaps, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *object = json_object();
        json_set_text(object, "item", gaps[i].item);
        json_set_text(object, "why", gaps[i].why);
        json_set_text(object, "mend", gaps[i].mend);
        json_set(object, "errno", json_integer(gaps[i].error < 0 ? -gaps[i].error : 0));
        (void)json_array_append_new(array, object);
    }
    return array;
}
