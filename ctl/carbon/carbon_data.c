/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The climate impact by the hour for programs: JSON and CSV. */
#include <inttypes.h>

#include "carbon/carbon.h"
#include "greend/units.h"
#include "output/json_facts.h"
#include "render/render.h"

static double kwh(uint64_t energy_uj)
{
    return (double)energy_uj / (double)UJ_PER_KWH;
}

static double ratio(const struct carbon_row *row)
{
    return row->energy_uj > 0 ? (double)mul_div(row->known_uj, PPM, row->energy_uj) / (double)PPM
                              : 0;
}

/* Of the energy, what a model says and no meter. */
static double modelled(const struct carbon_row *row)
{
    return row->energy_uj > 0 ? (double)row->modelled_uj / (double)row->energy_uj : 0;
}

static json_t *hours_array(const struct carbon_row *row)
{
    json_t *array = json_array();
    for (int hour = 0; hour < HOURS_OF_DAY; hour++) {
        const struct carbon_hour *of = &row->hours[hour];
        json_t *object = json_object();
        if (!(of->kwh > 0)) {
            json_decref(object);
            continue;
        }
        json_set(object, "hour", json_integer(hour));
        json_set(object, "kwh", json_real(of->kwh));
        json_set(object, "g_per_kwh", json_real(of->grams / of->kwh));
        (void)json_array_append_new(array, object);
    }
    return array;
}

static void set_extremes(json_t *object, bool told, int cleanest, int dirtiest)
{
    json_set(object, "cleanest_hour", told ? json_integer(cleanest) : json_null());
    json_set(object, "dirtiest_hour", told ? json_integer(dirtiest) : json_null());
}

static json_t *row_object(const struct carbon *carbon, const struct carbon_row *row)
{
    const struct figure *gwp = &carbon->per_kwh.impacts[CRITERION_GWP];
    const struct figure *pue = &carbon->per_kwh.pue;
    bool some = row->known_uj > 0;
    int cleanest = 0, dirtiest = 0;
    json_t *object = json_object();
    json_set(object, "row", json_string(render_row_type(row->type)));
    if (row->type == REPORT_ROW_ITEM) {
        const char *kind = render_kind(row->kind);
        json_set(object, "kind", kind ? json_string(kind) : json_null());
        json_set_text(object, "unit", row->unit);
    }
    json_set_u64(object, "energy_microjoules", row->energy_uj);
    json_set_number(object, "modelled_ratio", row->energy_uj > 0, modelled(row));
    json_set_u64(object, "known_microjoules", row->known_uj);
    json_set(object, "known_ratio", json_real(ratio(row)));
    json_set_number(object, "kgco2e_by_hour", some && pue->known, row->grams * pue->value / 1000);
    json_set_number(object, "kgco2e_by_factor_of_known", some && gwp->known,
                    kwh(row->known_uj) * gwp->value);
    json_set_number(object, "kgco2e_by_factor", gwp->known, kwh(row->energy_uj) * gwp->value);
    json_set_number(object, "g_per_kwh", some, some ? row->grams / kwh(row->known_uj) : 0);
    bool told = carbon_extremes(carbon, row, &cleanest, &dirtiest);
    set_extremes(object, told, cleanest, dirtiest);
    json_set(object, "hours_of_day", hours_array(row));
    return object;
}

static json_t *intensity_object(const struct intensity *intensity)
{
    json_t *object = json_object();
    json_set(object, "form", json_string(intensity_form_name(intensity->form)));
    json_set(object, "production_only", json_boolean(intensity->form == INTENSITY_ECO2MIX));
    json_set(object, "zone", intensity->zone[0] ? json_string(intensity->zone) : json_null());
    json_set_u64(object, "hours", intensity->n_hours);
    json_set_u64(object, "hours_missing", intensity->missing);
    json_set_u64(object, "values_estimated", intensity->estimated);
    json_set_time(object, "since", intensity->hours[0].begin_s);
    json_set_time(object, "until",
                  intensity->hours[intensity->n_hours - 1].begin_s + INTENSITY_HOUR_S);
    return object;
}

static json_t *grid_object(const struct carbon *carbon)
{
    int cleanest = 0, dirtiest = 0;
    json_t *object = json_object();
    json_set_u64(object, "hours", carbon->grid.n);
    json_set_number(object, "g_per_kwh", carbon->grid.n > 0,
                    carbon->grid.n > 0 ? carbon->grid.grams / (double)carbon->grid.n : 0);
    bool told = carbon_grid_extremes(carbon, &cleanest, &dirtiest);
    set_extremes(object, told, cleanest, dirtiest);
    return object;
}

void carbon_render_json(const struct carbon *carbon, struct text *text)
{
    const struct use_impacts *use = &carbon->per_kwh;
    const struct factor *gwp = use->factors[CRITERION_GWP];
    json_t *root = json_object();
    json_t *rows = json_array();
    json_set(root, "format", json_string("greend-carbon-1"));
    json_set(root, "greend_version", json_string(GREEND_VERSION));
    json_set(root, "official", json_false());
    json_set_time(root, "since", carbon->period.since_s);
    json_set_time(root, "until", carbon->period.until_s);
    json_set(root, "intensity", intensity_object(carbon->intensity));
    json_set(root, "grid", grid_object(carbon));
    json_set_number(root, "pue", use->pue.known, use->pue.value);
    json_set_number(root, "factor_kgco2e_per_kwh", gwp != NULL, gwp ? gwp->value.value : 0);
    json_set(root, "factor_set", carbon->factors[0] ? json_string(carbon->factors) : json_null());
    json_set(root, "total", row_object(carbon, &carbon->total));
    for (size_t i = 0; i < carbon->n_rows; i++)
        (void)json_array_append_new(rows, row_object(carbon, carbon->rows[i]));
    json_set(root, "rows", rows);
    json_finish(root, text);
}

/* ---- CSV ---- */

static void hour_cell(struct text *text, bool known, int hour)
{
    text_add(text, ",");
    if (known)
        text_format(text, "%d", hour);
}

static void csv_row(const struct carbon *carbon, const struct carbon_row *row, struct text *text)
{
    const struct figure *gwp = &carbon->per_kwh.impacts[CRITERION_GWP];
    const struct figure *pue = &carbon->per_kwh.pue;
    const char *kind = render_kind(row->kind);
    bool some = row->known_uj > 0;
    int cleanest = 0, dirtiest = 0;
    render_csv_cell(text, render_row_type(row->type), true);
    render_csv_cell(text, kind ? kind : "", false);
    render_csv_cell(text, row->unit, false);
    text_format(text, ",%" PRIu64 ",%" PRIu64, row->energy_uj, row->known_uj);
    render_csv_number(text, true, ratio(row));
    render_csv_number(text, some && pue->known, row->grams * pue->value / 1000);
    render_csv_number(text, some && gwp->known, kwh(row->known_uj) * gwp->value);
    render_csv_number(text, gwp->known, kwh(row->energy_uj) * gwp->value);
    render_csv_number(text, some, some ? row->grams / kwh(row->known_uj) : 0);
    bool told = carbon_extremes(carbon, row, &cleanest, &dirtiest);
    hour_cell(text, told, cleanest);
    hour_cell(text, told, dirtiest);
    render_csv_cell(text, intensity_form_name(carbon->intensity->form), false);
    render_csv_number(text, row->energy_uj > 0, modelled(row));
    text_add(text, "\r\n");
}

void carbon_render_csv(const struct carbon *carbon, struct text *text)
{
    text_add(text, "row,kind,unit,energy_microjoules,known_microjoules,known_ratio,kgco2e_by_hour,"
                   "kgco2e_by_factor_of_known,kgco2e_by_factor,g_per_kwh,cleanest_hour,"
                   "dirtiest_hour,intensity,modelled_ratio\r\n");
    for (size_t i = 0; i < carbon->n_rows; i++)
        csv_row(carbon, carbon->rows[i], text);
    csv_row(carbon, &carbon->total, text);
}
