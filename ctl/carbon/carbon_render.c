/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <inttypes.h>

#include "carbon/carbon.h"
#include "ctl.h"
#include "greend/units.h"
#include "output/amount.h"
#include "output/table.h"
#include "render/render.h"

/* estimate: a model says so, at least in part. */
static void number_cell(struct table *table, bool known, double value, bool estimate)
{
    CLEANUP(text_done) struct text cell = {0};
    if (known && estimate)
        text_add(&cell, "~");
    if (known)
        amount_add(&cell, value);
    table_take_cell(table, &cell);
}

static const char *row_name(const struct carbon_row *row)
{
    switch (row->type) {
    case REPORT_ROW_IDLE:
        return _("idle");
    case REPORT_ROW_UNATTRIBUTED:
        return _("unattributed");
    case REPORT_ROW_TOTAL:
        return _("total");
    default:
        return *row->unit ? row->unit : _("(none)");
    }
}

static void add_hour(struct text *text, int hour)
{
    text_format(text, "%02d%s%s", hour, language_blank(), _("h"));
}

static void add_line(const struct carbon *carbon, const struct style *style, struct table *table,
                     const struct carbon_row *row)
{
    CLEANUP(text_done) struct text cell = {0};
    const struct figure *gwp = &carbon->per_kwh.impacts[CRITERION_GWP];
    const struct figure *pue = &carbon->per_kwh.pue;
    double known_kwh = (double)row->known_uj / (double)UJ_PER_KWH;
    int cleanest = 0, dirtiest = 0;
    bool told = carbon_extremes(carbon, row, &cleanest, &dirtiest);
    bool estimate = row->modelled_uj > 0;
    table_line(table, row->type == REPORT_ROW_TOTAL ? COLOUR_BOLD : COLOUR_PLAIN,
               row->type == REPORT_ROW_TOTAL);
    style_add_text(style, &cell, row_name(row));
    table_take_cell(table, &cell);
    number_cell(table, true, (double)row->energy_uj / (double)UJ_PER_KWH, estimate);
    number_cell(table, pue->known && row->known_uj > 0, row->grams * pue->value / 1000, estimate);
    number_cell(table, gwp->known && row->known_uj > 0, known_kwh * gwp->value, estimate);
    number_cell(table, row->known_uj > 0, known_kwh > 0 ? row->grams / known_kwh : 0, estimate);
    if (told)
        add_hour(&cell, cleanest);
    table_take_cell(table, &cell);
    if (told)
        add_hour(&cell, dirtiest);
    table_take_cell(table, &cell);
}

static void add_rows(const struct carbon *carbon, size_t top, const struct style *style,
                     struct text *text)
{
    CLEANUP(table_done)
    struct table table = {
        .columns = {{.title = _("UNIT"), .least = 8},
                    {.title = _("kWh"), .right = true},
                    {.title = _("kgCO2e BY HOUR"), .right = true},
                    {.title = _("BY FACTOR"), .right = true, .drop = 1},
                    {.title = _("g/kWh"), .right = true},
                    {.title = _("CLEANEST"), .right = true},
                    {.title = _("DIRTIEST"), .right = true}},
        .n_columns = 7,
    };
    size_t items = 0;
    for (size_t i = 0; i < carbon->n_rows; i++) {
        bool item = carbon->rows[i]->type == REPORT_ROW_ITEM;
        if (!item || items < top)
            add_line(carbon, style, &table, carbon->rows[i]);
        items += item;
    }
    add_line(carbon, style, &table, &carbon->total);
    table_render(&table, style, text);
    text_add(text, "\n");
    if (items > top)
        text_format(text, _("%zu more units: --top N shows them.\n"), items - top);
}

/* What share of the energy has an intensity, in tenths of a percent, rounded down. */
static uint64_t known_tenths(const struct carbon_row *row)
{
    return row->energy_uj > 0 ? mul_div(row->known_uj, 1000, row->energy_uj) : 0;
}

static void add_title(const struct carbon *carbon, const struct style *style, struct text *text)
{
    char since[RENDER_TIME_MAX];
    char until[RENDER_TIME_MAX];
    char number[LANGUAGE_NUMBER_MAX];
    uint64_t tenths = known_tenths(&carbon->total);
    CLEANUP(text_done) struct text line = {0};
    style_add_colour(style, text, COLOUR_BOLD);
    text_format(text, _("Climate impact by the hour, %s to %s"),
                render_time(since, FORM_MOMENT, carbon->period.since_s),
                render_time(until, FORM_MOMENT, carbon->period.until_s));
    style_add_colour(style, text, COLOUR_PLAIN);
    text_add(text, "\n");
    text_add(&line, _("A second figure, beside the official one: "));
    text_format(&line, "%s%s", amount_format(number, sizeof(number), tenths, 1),
                language_percent());
    text_format(&line,
                _(" of the energy was used in hours whose intensity is known, and all of what "
                  "follows but kWh is of those. Intensities: %s."),
                carbon_form_text(carbon->intensity->form));
    style_add_paragraph(style, text, 0, line.data ? line.data : "");
    text_add(text, "\n");
}

static void add_grid(const struct carbon *carbon, struct text *line)
{
    int cleanest = 0, dirtiest = 0;
    if (carbon->grid.n == 0)
        return;
    text_add(line, _("Mean of the grid in these hours: "));
    amount_add(line, carbon->grid.grams / (double)carbon->grid.n);
    text_format(line, "%s%s", language_blank(), _("g/kWh"));
    if (carbon_grid_extremes(carbon, &cleanest, &dirtiest)) {
        text_add(line, _("; cleanest at "));
        add_hour(line, cleanest);
        text_add(line, _(", dirtiest at "));
        add_hour(line, dirtiest);
        text_add(line, _(" of the day. "));
    } else {
        text_format(line, _(". Hours of the day are told from %d hours on, there are %zu. "),
                    CARBON_HOURS_LEAST, carbon->grid.n);
    }
}

static void add_notes(const struct carbon *carbon, const struct style *style, struct text *text)
{
    CLEANUP(text_done) struct text line = {0};
    const struct use_impacts *use = &carbon->per_kwh;
    text_add(&line, "");
    if (carbon->total.modelled_uj > 0)
        text_add(&line, _("~ ESTIMATE: a model says so and no meter, at least in part. "));
    add_grid(carbon, &line);
    if (use->pue.known) {
        text_add(&line, _("PUE "));
        amount_add(&line, use->pue.value);
        text_format(&line, " (%s). ", use->pue_by ? _("default") : _("declared"));
    } else {
        text_add(&line, _("No kgCO2e: expected country= (and outside of France pue=) in [site]. "));
    }
    if (use->impacts[CRITERION_GWP].known) {
        text_format(&line, _("By factor: the same energy by the yearly factor of %s, "),
                    carbon->factors);
        amount_add(&line, use->factors[CRITERION_GWP]->value.value);
        text_add(&line, _(" kgCO2e/kWh, which is what to report officially. "));
    }
    if (carbon->intensity->estimated > 0)
        text_format(&line, _("The file says that %zu of its values are estimates. "),
                    carbon->intensity->estimated);
    text_add(&line, _("No interval is published for intensities. CLEANEST and DIRTIEST: the hours "
                      "of the day in which the unit's own energy had least and most gCO2e per "
                      "kWh."));
    style_add_paragraph(style, text, 2, line.data ? line.data : "");
}

void carbon_render_table(const struct carbon *carbon, size_t top, const struct style *style,
                         struct text *text)
{
    add_title(carbon, style, text);
    add_rows(carbon, top, style, text);
    add_notes(carbon, style, text);
}
