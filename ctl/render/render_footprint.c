/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "render/render_footprint.h"

#include <ctype.h>

#include "ctl.h"
#include "greend/units.h"
#include "output/amount.h"
#include "output/table.h"
#include "render/render.h"
#include "render/render_fleet.h"

/* ---- CSV ---- */

/* "use_gwp_kgco2e": letters and digits of the criterion and its unit. */
static void add_title(struct text *text, const char *phase, const struct criterion_info *info,
                      const char *end)
{
    text_format(text, ",%s_", phase);
    for (const char *s = info->id; *s; s++)
        text_add(text, (const char[]){(char)tolower(*s), '\0'});
    text_add(text, "_");
    for (const char *s = end; *s; s++)
        if (isalnum((unsigned char)*s))
            text_add(text, (const char[]){(char)tolower(*s), '\0'});
}

void footprint_csv_titles(struct text *text)
{
    static const char *const phases[] = {"use", "embodied"};
    text_add(text, ",state,facility_energy_kwh,water_on_site_m3,water_upstream_m3,"
                   "embodied_share_ratio");
    for (size_t i = 0; i < 2 * (size_t)CRITERIA; i++) {
        const struct criterion_info *info = criterion_info((enum criterion)(i / 2));
        add_title(text, phases[i % 2], info, info->unit);
        add_title(text, phases[i % 2], info, "min");
        add_title(text, phases[i % 2], info, "max");
    }
}

static void add_banded(struct text *text, const struct figure *figure)
{
    render_csv_number(text, figure->known, figure->value);
    if (figure->known && figure_band(figure) != BAND_NONE)
        text_format(text, ",%.15g,%.15g", figure->min, figure->max);
    else
        text_add(text, ",,");
}

/* Of rows that stand for a time. */
static const char *state_of(const struct report_footprint *footprint, const struct report_row *row)
{
    if (row->type == REPORT_ROW_TOTAL)
        return footprint_state_name(footprint->state);
    if (row->type == REPORT_ROW_ITEM && report_group_is_span(footprint->report->group))
        return footprint_state_name(report_footprint_span(footprint, row));
    return "";
}

void footprint_csv_cells(const struct report_footprint *footprint, const struct report_row *row,
                         struct text *text)
{
    struct impacts impacts = {0};
    bool has = report_footprint_row(footprint, row, &impacts);
    text_format(text, ",%s", state_of(footprint, row));
    render_csv_number(text, impacts.use.facility_kwh.known, impacts.use.facility_kwh.value);
    render_csv_number(text, impacts.use.water_on_site.known, impacts.use.water_on_site.value);
    render_csv_number(text, impacts.use.water_upstream.known, impacts.use.water_upstream.value);
    /* Of several hosts a row has another share of each one's. */
    render_csv_number(text, has && (!footprint->fleet || row->type == REPORT_ROW_TOTAL),
                      impacts.embodied_share);
    for (int c = 0; c < CRITERIA; c++) {
        add_banded(text, &impacts.use.impacts[c]);
        add_banded(text, &impacts.embodied[c]);
    }
}

/* ---- For a person ---- */

/* A number of hardware that is not complete is the least that it can be. */
static void number_cell(const struct style *style, struct table *table, const struct figure *figure,
                        bool complete, const char *unknown)
{
    CLEANUP(text_done) struct text cell = {0};
    if (!figure->known) {
        table_cell(table, unknown);
        return;
    }
    text_add(&cell, complete ? "" : style_sign(style, "≥", ">="));
    text_add(&cell, complete ? "" : language_blank());
    amount_add(&cell, figure->value);
    table_cell(table, cell.data ? cell.data : "");
}

static void interval_cell(struct table *table, const struct figure *figure)
{
    CLEANUP(text_done) struct text cell = {0};
    if (!figure->known || figure_band(figure) == BAND_NONE) {
        table_cell(table, "");
        return;
    }
    amount_add_interval(&cell, figure->min, figure->max);
    table_cell(table, cell.data ? cell.data : "");
}

static void add_criterion(const struct report_footprint *footprint, const struct style *style,
                          struct table *table, enum criterion criterion, const char *label)
{
    const struct impacts *total = &footprint->total;
    bool whole = footprint->use_complete[criterion];
    bool complete = footprint->embodied_complete[criterion];
    bool asked = !total->use.factors[criterion] && !(footprint->gaps & FOOTPRINT_GAPS_USE);
    bool made = !(footprint->gaps & FOOTPRINT_GAPS_EMBODIED);
    table_line(table, COLOUR_PLAIN, false);
    table_cell(table, label);
    number_cell(style, table, &total->use.impacts[criterion], whole,
                asked ? _("unpublished") : _("not known"));
    number_cell(style, table, &total->embodied[criterion], complete,
                made ? _("unpublished") : _("not known"));
    number_cell(style, table, &total->sum[criterion], whole && complete, _("not known"));
    interval_cell(table, &total->sum[criterion]);
}

void footprint_fill_table(const struct report_footprint *footprint, const struct style *style,
                          bool all, struct table *table)
{
    const struct table_column columns[] = {
        {.title = _("FOOTPRINT"),      .right = false, .drop = 0},
        {.title = _("USE"),            .right = true,  .drop = 0},
        {.title = _("HARDWARE"),       .right = true,  .drop = 0},
        {.title = _("TOTAL"),          .right = true,  .drop = 0},
        {.title = _("LEAST AND MOST"), .right = true,  .drop = 1},
    };
    memcpy(table->columns, columns, sizeof(columns));
    table->n_columns = ARRAY_SIZE(columns);
    static const struct {
        enum criterion criterion;
        const char *label;
    } usual[] = {
        {CRITERION_GWP,   N_("climate, kgCO2e")   },
        {CRITERION_PE,    N_("primary energy, MJ")},
        {CRITERION_WATER, N_("water, m3")         },
        {CRITERION_ADPE,  N_("metals, kgSbe")     },
    };
    for (size_t i = 0; i < ARRAY_SIZE(usual) && !all; i++)
        add_criterion(footprint, style, table, usual[i].criterion, _(usual[i].label));
    for (int c = 0; c < CRITERIA && all; c++) {
        char label[128];
        const struct criterion_info *info = criterion_info((enum criterion)c);
        (void)snprintf(label, sizeof(label), "%s, %s", _(info->name), language_text(info->unit));
        add_criterion(footprint, style, table, (enum criterion)c, label);
    }
}

/* Those with published factors; others stay as ISO 3166 names them. */
const char *footprint_country(int geography)
{
    static const char *const translated[] = {
        NC_("country", "Belgium"), NC_("country", "Europe"), NC_("country", "France"),
        NC_("country", "Germany"), NC_("country", "Italy"),  NC_("country", "Netherlands"),
        NC_("country", "Poland"),  NC_("country", "Spain"),  NC_("country", "Sweden"),
    };
    const char *name = geography_info(geography)->name;
    for (size_t i = 0; i < ARRAY_SIZE(translated); i++)
        if (str_equal(name, translated[i]))
            return language_in("country", translated[i]);
    return name;
}

static void add_use(const struct report_footprint *footprint, struct text *line)
{
    const struct use_impacts *use = &footprint->total.use;
    const struct site *site = &footprint->facts->view.site;
    if (footprint->gaps & FOOTPRINT_GAPS_USE)
        return;
    text_add(line, _("Use: "));
    amount_add(line, use->facility_kwh.value);
    text_add(line, _(" kWh with the site's overhead (PUE "));
    amount_add(line, use->pue.value);
    if (use->pue_by)
        text_format(line, _(", the default of %d"), use->pue_by->year);
    else
        text_add(line, _(", declared"));
    text_format(line, _("), electricity of %s. "), footprint_country(site->geography));
    if (!use->impacts[CRITERION_WATER].known && use->water_upstream.known) {
        text_add(line, _("Water: upstream "));
        amount_add(line, use->water_upstream.value);
        text_add(line, _(" m3; on site is not declared (wue=). "));
    }
}

static void add_hardware(const struct report_footprint *footprint, struct text *line)
{
    const struct amortised *amortised = &footprint->amortised;
    char begin[RENDER_TIME_MAX];
    char end[RENDER_TIME_MAX];
    if (footprint->gaps & FOOTPRINT_GAPS_EMBODIED)
        return;
    (void)render_date(begin, amortised->begin);
    (void)render_date(end, amortised->end);
    text_add(line, _("Hardware: "));
    amount_add(line, (double)footprint->life_s / 86400);
    text_format(line,
                P_(" of the %d day of its life, here from %s to %s",
                   " of the %d days of its life, here from %s to %s",
                   (unsigned long)amortised->whole_days),
                amortised->whole_days, begin, end);
    if (amortised->notes & AMORTISED_DEFAULT_LIFE)
        text_add(line, _(" (the life is a default)"));
    text_add(line, ". ");
    if (footprint->gaps & FOOTPRINT_INCOMPLETE)
        text_add(line, _("Some of it is not counted, nor in its interval: "
                         "greend-ctl inventory tells what. "));
}

static void add_quality(const struct report_footprint *footprint, struct text *line)
{
    static const enum quality order[] = {QUALITY_HIGH, QUALITY_MEDIUM, QUALITY_LOW};
    uint64_t parts[ARRAY_SIZE(order)];
    uint64_t tenths[ARRAY_SIZE(order)] = {0};
    for (size_t i = 0; i < ARRAY_SIZE(order); i++)
        parts[i] = footprint->quality_uj[order[i]];
    (void)amount_share_out(parts, ARRAY_SIZE(order), 1000, footprint->report->total.sum.energy_uj,
                           tenths);
    text_add(line, _("Data by the kind of meter: "));
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        char number[LANGUAGE_NUMBER_MAX];
        text_format(line, "%s%s %s%s", i ? ", " : "",
                    language_in("quality", quality_name(order[i])),
                    amount_format(number, sizeof(number), tenths[i], 1), language_percent());
    }
    text_add(line, ". ");
}

static void add_sets(const struct report_footprint *footprint, const struct style *style,
                     struct text *line)
{
    const struct factor_table *table = report_footprint_factors(footprint);
    const struct factor_set *set = NULL;
    text_add(line, _("Factors:"));
    for (size_t i = 0; (set = factor_table_set(table, i)); i++) {
        text_add(line, i ? ", " : " ");
        style_add_text(style, line, set->name);
        text_add(line, " ");
        style_add_text(style, line, set->version);
    }
    text_add(line, ".");
}

/* Where it is known from what is declared and what the machine is. */
static void add_facts(const struct report_footprint *footprint, const struct style *style,
                      struct text *line)
{
    const struct facts *facts = footprint->facts;
    if (footprint->fleet) {
        text_add(line, _(" Facts: each host's own, as greend kept them in its database."));
        return;
    }
    if (facts->from == FACTS_CONFIGURATION)
        text_add(line, facts->here ? _(" Facts: greend.conf and this machine.")
                                   : _(" Facts: greend.conf."));
    if (facts->from != FACTS_DATABASE)
        return;
    text_add(line, _(" Facts: as greend kept them in the database"));
    text_add(line, facts->name[0] ? _(": ") : "");
    style_add_text(style, line, facts->name);
    text_add(line, facts->version[0] ? ", greend " : "");
    style_add_text(style, line, facts->version);
    text_add(line, ".");
}

/* Why something is not counted, and what to do. */
static void tell_gaps(const struct report_footprint *footprint,
                      void (*note)(void *userdata, const char *words), void *userdata)
{
    for (unsigned gap = 1; gap <= footprint->gaps; gap <<= 1) {
        const struct inventory_gap *told = report_footprint_gap(gap);
        CLEANUP(text_done) struct text line = {0};
        if (!(footprint->gaps & gap) || !told)
            continue;
        text_format(&line, _("%s: %s."), inventory_item_word(told->item), _(told->why));
        if (told->mend[0] != '\0')
            text_format(&line, _(" To mend it: %s."), _(told->mend));
        note(userdata, line.data ? line.data : "");
    }
}

static void add_states(const struct report_footprint *footprint, struct text *line,
                       enum footprint_state state, const char *words)
{
    const struct report *report = footprint->report;
    bool any = false;
    for (size_t i = 0; i < report->n_rows; i++) {
        char label[RENDER_TIME_MAX];
        const struct report_row *row = report->rows[i];
        if (row->type != REPORT_ROW_ITEM || report_footprint_span(footprint, row) != state)
            continue;
        text_format(line, "%s%s", any ? ", " : words, render_time(label, FORM_MONTH, row->begin_s));
        any = true;
    }
    text_add(line, any ? ". " : "");
}

/* A begin before anything was recorded. */
static void add_unrecorded(const struct report_footprint *footprint, struct text *line)
{
    enum { TOLERANCE_S = 120 };
    char first[RENDER_TIME_MAX];
    const struct report *report = footprint->report;
    const struct fleet *fleet = footprint->fleet;
    size_t late = 0;
    for (size_t i = 0; fleet && i < fleet->n; i++)
        late += report_unrecorded_s(report->since_s, report->until_s,
                                    fleet->hosts[i]->report.info.first_s) > TOLERANCE_S;
    if (late > 0)
        text_format(line, _("It begins before the first record of %zu of %zu hosts. "), late,
                    fleet->n);
    if (!fleet &&
        report_unrecorded_s(report->since_s, report->until_s, report->info.first_s) > TOLERANCE_S)
        text_format(line, _("It begins before the first record, of %s. "),
                    render_time(first, FORM_MOMENT, report->info.first_s));
}

/* What is not over, or not measured in full, is never taken for a whole. */
void footprint_add_state(const struct report_footprint *footprint, struct text *line)
{
    char number[LANGUAGE_NUMBER_MAX];
    if (footprint->state != FOOTPRINT_WHOLE) {
        text_add(line, footprint->state == FOOTPRINT_IN_PROGRESS ? _("The period is IN PROGRESS. ")
                                                                 : _("The period is PARTIAL. "));
        add_unrecorded(footprint, line);
        text_format(line, _("Of the period that was asked for %s%s is measured or modelled. "),
                    amount_format(number, sizeof(number), footprint->asked_covered_ppm / 1000, 1),
                    language_percent());
    }
    if (footprint->report->group == REPORT_BY_MONTH) {
        add_states(footprint, line, FOOTPRINT_IN_PROGRESS, _("In progress: "));
        add_states(footprint, line, FOOTPRINT_PARTIAL, _("Covered in part: "));
    }
    if (line->length > 0)
        text_add(line, _("Nothing is extrapolated."));
}

bool footprint_has_table(const struct report_footprint *footprint)
{
    return !(footprint->gaps & FOOTPRINT_GAPS_USE) || !(footprint->gaps & FOOTPRINT_GAPS_EMBODIED);
}

static void tell_made(const struct report_footprint *footprint, const struct style *style,
                      void (*note)(void *userdata, const char *words), void *userdata)
{
    CLEANUP(text_done) struct text made = {0};
    if (footprint->fleet) {
        fleet_add_use(footprint, &made);
        fleet_add_hardware(footprint, &made);
    } else {
        add_use(footprint, &made);
        add_hardware(footprint, &made);
    }
    add_quality(footprint, &made);
    add_sets(footprint, style, &made);
    add_facts(footprint, style, &made);
    note(userdata, made.data ? made.data : "");
}

void footprint_tell(const struct report_footprint *footprint, const struct style *style,
                    void (*note)(void *userdata, const char *words), void *userdata)
{
    const unsigned none = FOOTPRINT_GAPS_USE | FOOTPRINT_GAPS_EMBODIED;
    const struct facts *facts = footprint->facts;
    bool bare = !footprint->fleet && facts->declared && facts->view.factors_unneeded;
    if (footprint_has_table(footprint))
        tell_made(footprint, style, note, userdata);
    else if (!bare)
        note(userdata, _("Footprint: not counted."));
    if (footprint->fleet)
        fleet_tell_gaps(footprint->fleet, style, note, userdata);
    else if (bare)
        note(userdata, _("Footprint: not counted, for nothing is declared: say country= in [site] "
                         "and purchase= in [asset] of greend.conf. greend-ctl inventory tells all "
                         "that is missing."));
    else if (footprint->gaps & (none | FOOTPRINT_BEFORE_PURCHASE | FOOTPRINT_PAST_LIFE))
        tell_gaps(footprint, note, userdata);
}
