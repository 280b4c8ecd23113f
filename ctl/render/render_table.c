/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <inttypes.h>

#include "core/workload/workload.h"
#include "ctl.h"
#include "greend/units.h"
#include "output/table.h"
#include "render/render_footprint.h"
#include "render/render_view.h"

enum { CELL_MAX = 256 };

/* ---- Above the table ---- */

static void add_period(struct text *text, int64_t since_s, int64_t until_s)
{
    char since[RENDER_TIME_MAX];
    char until[RENDER_TIME_MAX];
    text_format(text, _("%s to %s"), render_time(since, FORM_MOMENT, since_s),
                render_time(until, FORM_MOMENT, until_s));
}

bool view_add_host(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    const char *name = view->footprint ? view->footprint->facts->name : "";
    bool known = store_host_is_known(report->info.host_id);
    if (known && *name) {
        style_add_text(view->style, line, name);
        text_add(line, " (");
    }
    if (known)
        text_format(line, "%02x%02x%02x%02x%s", report->info.host_id[0], report->info.host_id[1],
                    report->info.host_id[2], report->info.host_id[3], *name ? ")" : "");
    return known;
}

void view_add_title(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    CLEANUP(text_done) struct text host = {0};
    const struct store_period *period = &report->period;
    CLEANUP(text_done) struct text zone = {0};
    char length[48];
    style_add_text(view->style, &zone, report->info.timezone);
    add_period(line, period->since_s, period->until_s);
    uint64_t length_ns = mul_div((uint64_t)(period->until_s - period->since_s), NS_PER_S, 1);
    text_format(line, " (%s), %s", zone.length ? zone.data : "UTC",
                amount_duration(length, sizeof(length), length_ns));
    if (view_add_host(view, &host))
        text_format(line, _(", host %s"), host.data);
    if (report->hosts > 1)
        text_format(line, _(", %zu hosts"), report->hosts);
}

/* Whether the answer is quite for what was asked: kept buckets are minutes at first, hours and days
 * later. */
static bool is_as_asked(const struct report *report)
{
    enum { TOLERANCE_S = 120 };
    return llabs(report->since_s - report->period.since_s) <= TOLERANCE_S &&
           llabs(report->until_s - report->period.until_s) <= TOLERANCE_S;
}

void view_add_asked(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    if (is_as_asked(report))
        return;
    text_add(line, _("Asked for: "));
    add_period(line, report->since_s, report->until_s);
    text_add(line, _(". Above is the nearest that the database keeps."));
}

void view_add_coverage(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    char covered[48];
    char asked[48];
    view_add_percent(line, report_coverage_ppm(report) / 1000);
    if (is_as_asked(report))
        return;
    /* It is not a part of the period that stands beside it. */
    uint64_t asked_ns = mul_div((uint64_t)report_asked_s(report), NS_PER_S, 1);
    text_format(line, _(" of what was asked for (%s of %s)"),
                amount_duration(covered, sizeof(covered), report->period.covered_ns),
                amount_duration(asked, sizeof(asked), asked_ns));
}

void view_add_headline(const struct view *view, struct text *line)
{
    const struct report_sum *sum = &view->report->total.sum;
    const struct store_period *period = &view->report->period;
    static const char *const policies[REPORT_IDLE_POLICIES] = {
        [REPORT_IDLE_SEPARATE] = N_(" (apart)"),
        [REPORT_IDLE_PROPORTIONAL] = N_(" (divided in proportion)"),
        [REPORT_IDLE_RESERVED] = N_(" (by what was reserved)"),
    };
    text_add(line, sum->modelled_uj ? _("Energy, an ESTIMATE: ")
                   : sum->energy_uj ? _("Energy, measured: ")
                                    : _("Energy: "));
    view_add_energy(view, line, view->total_steps, sum->modelled_uj > 0);
    text_add(line, sum->uncertainty_uj ? " " : "");
    view_add_band(view, line, sum);
    if (sum->modelled_uj) {
        text_add(line, _(", modelled "));
        view_add_part(line, sum->modelled_uj, sum->energy_uj);
    }
    text_add(line, _(", idle "));
    view_add_part(line, sum->idle_uj, sum->energy_uj);
    text_add(line, _(policies[view->report->idle]));
    text_add(line, _(", coverage "));
    view_add_coverage(view, line);
    if (period->gap_ns > 0) {
        char gap[48];
        text_format(line, _(" (gaps: %s)"), amount_duration(gap, sizeof(gap), period->gap_ns));
    }
}

static void paragraph(const struct view *view, struct text *text, const struct text *line,
                      enum style_colour colour)
{
    if (line->length == 0)
        return;
    if (colour != COLOUR_PLAIN)
        style_add_colour(view->style, text, colour);
    style_add_paragraph(view->style, text, 2, line->data);
    if (colour != COLOUR_PLAIN)
        style_add_colour(view->style, text, COLOUR_PLAIN);
}

static void add_head(const struct view *view, struct text *text)
{
    CLEANUP(text_done) struct text title = {0};
    CLEANUP(text_done) struct text headline = {0};
    CLEANUP(text_done) struct text asked = {0};
    view_add_title(view, &title);
    view_add_headline(view, &headline);
    view_add_asked(view, &asked);
    paragraph(view, text, &title, COLOUR_BOLD);
    paragraph(view, text, &headline,
              view->report->total.sum.modelled_uj ? COLOUR_YELLOW : COLOUR_PLAIN);
    paragraph(view, text, &asked, COLOUR_PLAIN);
    text_add(text, "\n");
}

/* ---- The rows ---- */

/* The columns before the energy, by what the report is grouped by. */
static size_t name_columns(enum report_group group, struct table_column columns[])
{
    const struct table_column unit = {_("UNIT"), .least = 24};
    const struct table_column command = {_("COMMAND"), .least = 10, .drop = 5};
    const struct table_column user = {language_in("column", "USER"), .least = 6, .drop = 6};
    const char *const titles[REPORT_GROUPS] = {
        [REPORT_BY_UNIT] = _("UNIT"),
        [REPORT_BY_COMMAND] = _("COMMAND"),
        [REPORT_BY_USER] = language_in("column", "USER"),
        [REPORT_BY_CONTAINER] = _("CONTAINER"),
        [REPORT_BY_VM] = _("VIRTUAL MACHINE"),
        [REPORT_BY_DOMAIN] = _("DOMAIN"),
        [REPORT_BY_HOUR] = _("HOUR"),
        [REPORT_BY_DAY] = _("DAY"),
        [REPORT_BY_MONTH] = _("MONTH"),
    };
    if (group != REPORT_BY_WORKLOAD) {
        columns[0] = (struct table_column){.title = titles[group],
                                           .least = report_group_is_span(group) ? 0 : 12};
        return 1;
    }
    columns[0] = unit;
    columns[1] = command;
    columns[2] = user;
    return 3;
}

static void set_columns(const struct view *view, struct table *table)
{
    enum report_group group = view->report->group;
    size_t n = name_columns(group, table->columns);
    table->columns[n++] = (struct table_column){_("ENERGY"), .right = true};
    table->columns[n++] =
        (struct table_column){"", .spoken = _("INTERVAL"), .right = true, .drop = 3};
    table->columns[n++] = (struct table_column){"", .spoken = "", .drop = 7};
    table->columns[n++] = (struct table_column){_("SHARE"), .right = true};
    table->columns[n++] = (struct table_column){_("QUALITY"), .drop = 4};
    table->columns[n++] = (struct table_column){view->grams ? _("USE gCO2e") : _("USE kgCO2e"),
                                                .right = true, .drop = 8};
    if (group >= REPORT_BY_DOMAIN)
        table->columns[n++] = (struct table_column){_("IDLE"), .right = true, .drop = 2};
    if (report_group_is_span(group))
        table->columns[n++] = (struct table_column){_("COVERAGE"), .right = true, .drop = 1};
    table->n_columns = n;
}

/* "Sun 2026-10-25 (25 h)": the length where it is not the usual one. */
static void add_span(enum report_group group, struct text *text, const struct report_row *row)
{
    char label[64];
    if (group == REPORT_BY_HOUR) {
        text_add(text, render_time(label, FORM_HOUR, row->begin_s));
        return;
    }
    if (group == REPORT_BY_MONTH) {
        text_add(text, render_time(label, FORM_MONTH, row->begin_s));
        return;
    }
    text_add(text, render_time(label, FORM_DAY, row->begin_s));
    if (row->length_s % 3600 == 0 && row->length_s != 86400)
        text_format(text, " (%" PRId64 "%s%s)", row->length_s / 3600, language_blank(), _("h"));
    else if (row->length_s != 86400)
        text_format(text, " (%s)",
                    amount_duration(label, sizeof(label), (uint64_t)row->length_s * NS_PER_S));
}

/* What a row without names is called. */
static void add_label(const struct report *report, struct text *text, const struct report_row *row)
{
    switch (row->type) {
    case REPORT_ROW_REST:
        text_format(text, P_("%zu more", "%zu more", row->items), row->items);
        return;
    case REPORT_ROW_OUTSIDE:
        text_add(text,
                 report->group == REPORT_BY_VM ? _("in no virtual machine") : _("in no container"));
        return;
    case REPORT_ROW_UNATTRIBUTED:
        text_add(text, _("unattributed"));
        return;
    case REPORT_ROW_IDLE:
        text_add(text, _("idle"));
        return;
    case REPORT_ROW_TOTAL:
        text_add(text, _("total"));
        return;
    case REPORT_ROW_ITEM:
    case REPORT_ROW_NOT_SUMMED:
        if (report_group_is_span(report->group))
            add_span(report->group, text, row);
        return;
    }
}

static void name_cell(const struct view *view, struct table *table, const char *raw)
{
    CLEANUP(text_done) struct text cell = {0};
    text_add(&cell, "");
    style_add_text(view->style, &cell, raw);
    table_cell(table, cell.data ? cell.data : "");
}

/* As people write it; what was escaped by more than a dash stays harmless. */
static void unit_cell(const struct view *view, struct table *table, const char *unit)
{
    char shown[4 * WORKLOAD_UNIT_MAX];
    (void)workload_display_unit(shown, sizeof(shown), unit);
    name_cell(view, table, shown);
}

static const char *or_none(const char *name)
{
    return *name ? name : _("(none)");
}

/* A unit as a whole has neither command nor user, and no energy but what it was given. */
static bool is_reserved(const struct report_row *row)
{
    return row->sum.energy_uj > 0 && row->sum.idle_uj == row->sum.energy_uj;
}

static const char *or_reserved(const struct report_row *row, const char *name)
{
    return *name == '\0' && is_reserved(row) ? _("(reserved)") : name;
}

static void item_names(const struct view *view, struct table *table, const struct report_row *row)
{
    char domain[CELL_MAX];
    switch (view->report->group) {
    case REPORT_BY_WORKLOAD:
        unit_cell(view, table, or_none(row->unit));
        name_cell(view, table, or_reserved(row, row->command));
        name_cell(view, table, row->user);
        break;
    case REPORT_BY_COMMAND:
        name_cell(view, table, or_none(or_reserved(row, row->command)));
        break;
    case REPORT_BY_USER:
        name_cell(view, table, or_none(or_reserved(row, row->user)));
        break;
    case REPORT_BY_DOMAIN:
        (void)snprintf(domain, sizeof(domain), _("%s by %s"), or_none(row->domain),
                       row->source >= 0 ? language_in("meter", render_energy_source(row->source))
                                        : "?");
        name_cell(view, table, domain);
        break;
    default:
        unit_cell(view, table, or_none(row->unit));
        break;
    }
}

static void names(const struct view *view, struct table *table, const struct report_row *row)
{
    if (row->type == REPORT_ROW_ITEM && !report_group_is_span(view->report->group)) {
        item_names(view, table, row);
        return;
    }
    CLEANUP(text_done) struct text label = {0};
    text_add(&label, "");
    add_label(view->report, &label, row);
    table_cell(table, label.data ? label.data : "");
    if (view->report->group == REPORT_BY_WORKLOAD) {
        table_cell(table, "");
        table_cell(table, "");
    }
}

static void text_cell(struct table *table, struct text *cell)
{
    text_add(cell, "");
    table_cell(table, cell->data ? cell->data : "");
    text_clear(cell);
}

static void add_line(const struct view *view, struct table *table, const struct report_row *row,
                     uint64_t steps, uint64_t tenths, uint64_t emitted)
{
    char number[32];
    CLEANUP(text_done) struct text cell = {0};
    const struct report_sum *sum = &row->sum;
    enum report_group group = view->report->group;
    names(view, table, row);
    view_add_energy(view, &cell, steps, sum->modelled_uj > 0);
    text_cell(table, &cell);
    view_add_band(view, &cell, sum);
    text_cell(table, &cell);
    if (view_has_bar(row) && view->bar_columns > 0)
        style_add_bar(view->style, &cell, sum->energy_uj, view->bar_uj, view->bar_columns);
    text_cell(table, &cell);
    view_add_percent(&cell, tenths);
    text_cell(table, &cell);
    const char *quality = quality_name(report_row_quality(view->report, row));
    table_cell(table, quality ? language_in("quality", quality) : "");
    /* A column without any content is not shown. */
    table_cell(table, view->total_emitted == 0
                          ? ""
                          : amount_format(number, sizeof(number), emitted, view->emitted_decimals));
    if (group >= REPORT_BY_DOMAIN) {
        view_add_part(&cell, sum->idle_uj, sum->energy_uj);
        text_cell(table, &cell);
    }
    if (report_group_is_span(group) && row->type != REPORT_ROW_REST) {
        view_add_percent(&cell, report_row_coverage_ppm(view->report, row) / 1000);
        text_cell(table, &cell);
    }
}

void view_fill_table(const struct view *view, struct table *table)
{
    const struct report *report = view->report;
    set_columns(view, table);
    enum report_row_type before = REPORT_ROW_ITEM;
    for (size_t i = 0; i < report->n_rows; i++) {
        const struct report_row *row = report->rows[i];
        bool apart = row->type > REPORT_ROW_REST && before <= REPORT_ROW_REST && i > 0;
        bool dim = row->type == REPORT_ROW_IDLE || row->type == REPORT_ROW_UNATTRIBUTED;
        table_line(table, dim ? COLOUR_DIM : COLOUR_PLAIN, apart);
        add_line(view, table, row, view->steps[i], view->tenths[i], view->emitted[i]);
        before = row->type;
    }
    table_line(table, COLOUR_BOLD, report->n_rows > 0 && before <= REPORT_ROW_REST);
    add_line(view, table, &report->total, view->total_steps, report->total.sum.energy_uj ? 1000 : 0,
             view->total_emitted);
}

struct notes {
    const struct style *style;
    struct text *text;
};

static void on_note(void *userdata, const char *words)
{
    struct notes *notes = userdata;
    style_add_paragraph(notes->style, notes->text, 2, words);
}

static void add_footprint(const struct report_footprint *footprint, const struct style *style,
                          struct text *text)
{
    CLEANUP(table_done) struct table table = {0};
    if (!footprint_has_table(footprint))
        return;
    footprint_fill_table(footprint, style, false, &table);
    table_render(&table, style, text);
}

void render_report_table(const struct report *report, const struct report_footprint *footprint,
                         const struct style *style, struct text *text)
{
    CLEANUP(view_done) struct view view = {0};
    int r = view_init(&view, report, footprint, style);
    if (r < 0) {
        text->error = r;
        return;
    }
    CLEANUP(table_done) struct table table = {0};
    CLEANUP(text_done) struct text state = {0};
    struct notes notes = {style, text};
    add_head(&view, text);
    view_fill_table(&view, &table);
    table_render(&table, style, text);
    text_add(text, "\n");
    if (footprint) {
        add_footprint(footprint, style, text);
        footprint_tell(footprint, style, on_note, &notes);
        footprint_add_state(footprint, &state);
        if (state.length > 0)
            on_note(&notes, state.data);
        text_add(text, "\n");
    }
    view_tell_targets(&view, on_note, &notes);
    view_tell_notes(&view, on_note, &notes);
}
