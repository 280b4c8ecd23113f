/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "render/html_footprint.h"

#include "ctl.h"
#include "output/amount.h"
#include "output/html_parts.h"
#include "render/render_fleet.h"
#include "render/render_footprint.h"

static const struct style paper = {.width = STYLE_WIDTH_MOST, .utf8 = true};

/* ---- What it comes to ---- */

static void fact(struct html *html, const char *name, const struct figure *figure, bool complete)
{
    CLEANUP(text_done) struct text value = {0};
    if (!figure->known)
        return;
    text_format(&value, "%s%s", complete ? "" : "≥", complete ? "" : language_blank());
    amount_add(&value, figure->value);
    text_format(&value, "%s%s", language_blank(), _("kgCO2e"));
    html_open(html, "div");
    html_element(html, "dt", NULL, name);
    html_element(html, "dd", NULL, value.data ? value.data : "");
    html_close(html);
}

void html_footprint_facts(struct html *html, const struct report_footprint *footprint)
{
    const struct impacts *total = &footprint->total;
    fact(html, _("Climate, by use"), &total->use.impacts[CRITERION_GWP],
         footprint->use_complete[CRITERION_GWP]);
    fact(html, _("Climate, by hardware"), &total->embodied[CRITERION_GWP],
         footprint->embodied_complete[CRITERION_GWP]);
    fact(html, _("Climate, total"), &total->sum[CRITERION_GWP],
         footprint->use_complete[CRITERION_GWP] && footprint->embodied_complete[CRITERION_GWP]);
}

/* ---- Impacts ---- */

static void on_note(void *userdata, const char *words)
{
    html_element(userdata, "p", NULL, words);
}

static void add_hosts(struct html *html, const struct fleet *fleet)
{
    CLEANUP(table_done) struct table table = {0};
    CLEANUP(text_done) struct text more = {0};
    fleet_fill_table(fleet, &paper, &table);
    html_table(html, &table, _("Hosts, each by its own facts"), 1);
    if (fleet->n <= FLEET_LINES_MAX)
        return;
    text_format(&more, _("%zu more hosts: greend-ctl report --format json lists them all."),
                fleet->n - FLEET_LINES_MAX);
    html_element(html, "p", NULL, more.data ? more.data : "");
}

void html_footprint_section(struct html *html, const struct report_footprint *footprint)
{
    CLEANUP(table_done) struct table table = {0};
    html_section(html, "footprint", _("Footprint"));
    if (footprint_has_table(footprint)) {
        footprint_fill_table(footprint, &paper, true, &table);
        html_table(html, &table,
                   _("Impacts of the period: electricity used, and the period's part of "
                     "making the hardware"),
                   1);
    }
    footprint_tell(footprint, &paper, on_note, html);
    if (footprint->fleet)
        add_hosts(html, footprint->fleet);
    html_close(html);
}

/* ---- Method ---- */

static void add_formulas(struct html *html)
{
    html_element(
        html, "p", NULL,
        _("Use: energy of the machine, times the PUE of the site, times the factor of the "
          "country's electricity (location-based). Hardware: the sum of its parts, each its "
          "number times its size times a factor, spread evenly over its life. Total: the two "
          "together. Every input, and each of the numbers, is in greend-ctl report --format "
          "json under \"method\"."));
}

static void cell(struct table *table, const char *raw)
{
    CLEANUP(text_done) struct text shown = {0};
    text_add(&shown, "");
    style_add_text(&paper, &shown, raw);
    table_cell(table, shown.data ? shown.data : "");
}

/* "0.0980 (0.0700 to 0.120)" */
static void figure_cell(struct table *table, const struct figure *figure)
{
    CLEANUP(text_done) struct text shown = {0};
    amount_add(&shown, figure->value);
    if (figure_band(figure) != BAND_NONE) {
        text_add(&shown, " (");
        amount_add_interval(&shown, figure->min, figure->max);
        text_add(&shown, ")");
    }
    table_cell(table, shown.data ? shown.data : "");
}

static void add_factor(struct table *table, const struct factor *factor)
{
    char year[16];
    table_line(table, COLOUR_PLAIN, false);
    if (factor->criterion == CRITERION_PARAMETER)
        cell(table, language_in("factor", factor_name(factor->id)));
    else
        cell(table, _(criterion_info(factor->criterion)->name));
    figure_cell(table, &factor->value);
    cell(table, factor->unit);
    cell(table, factor->source);
    (void)snprintf(year, sizeof(year), "%d", factor->year);
    table_cell(table, year);
    cell(table, factor->licence);
}

/* Of the hardware there are dozens: by who says so. */
static void add_hardware(const struct report_footprint *footprint, struct table *table,
                         const struct factor *first)
{
    const struct factor *factor = NULL;
    size_t cursor = 0;
    size_t values = 0;
    char count[64];
    char year[16];
    while ((factor = factor_next(report_footprint_factors(footprint), &cursor))) {
        bool same = factor_phase(factor->id) == PHASE_EMBODIED &&
                    !factor_is_parameter(factor->id) && footprint_uses(footprint, factor) &&
                    str_equal(factor->source, first->source) && factor->year == first->year;
        if (same && values == 0 && factor != first)
            return; /* told with an earlier one */
        values += same;
    }
    (void)snprintf(count, sizeof(count), P_("%zu value", "%zu values", values), values);
    table_line(table, COLOUR_PLAIN, false);
    table_cell(table, _("parts of the hardware"));
    table_cell(table, count);
    table_cell(table, "");
    cell(table, first->source);
    (void)snprintf(year, sizeof(year), "%d", first->year);
    table_cell(table, year);
    cell(table, first->licence);
}

static void add_factors(struct html *html, const struct report_footprint *footprint)
{
    CLEANUP(table_done)
    struct table table = {
        .columns = {{.title = _("FACTOR")},
                    {.title = _("VALUE"), .right = true},
                    {.title = _("UNIT")},
                    {.title = _("SOURCE")},
                    {.title = _("YEAR"), .right = true},
                    {.title = _("LICENCE")}},
        .n_columns = 6,
    };
    const struct factor *factor = NULL;
    size_t cursor = 0;
    while ((factor = factor_next(report_footprint_factors(footprint), &cursor))) {
        if (!footprint_uses(footprint, factor))
            continue;
        if (factor_phase(factor->id) == PHASE_EMBODIED && !factor_is_parameter(factor->id))
            add_hardware(footprint, &table, factor);
        else
            add_factor(&table, factor);
    }
    if (table.n_lines > 0)
        html_table(html, &table, _("Factors and defaults that were used"), 1);
}

static void add_exclusions(struct html *html, const struct report_footprint *footprint)
{
    struct inventory_gap gaps[FOOTPRINT_EXCLUSIONS_MAX];
    size_t n = report_footprint_exclusions(footprint, gaps);
    if (n == 0)
        return;
    html_element(html, "p", NULL, _("Not in these figures:"));
    html_open(html, "ul");
    for (size_t i = 0; i < n; i++) {
        CLEANUP(text_done) struct text line = {0};
        text_format(&line, _("%s: %s."), inventory_item_word(gaps[i].item), _(gaps[i].why));
        if (gaps[i].mend[0] != '\0')
            text_format(&line, _(" To mend it: %s."), _(gaps[i].mend));
        html_element(html, "li", NULL, line.data ? line.data : "");
    }
    html_close(html);
}

void html_footprint_method(struct html *html, const struct report_footprint *footprint)
{
    if (footprint_has_table(footprint)) {
        add_formulas(html);
        add_factors(html, footprint);
    }
    add_exclusions(html, footprint);
}
