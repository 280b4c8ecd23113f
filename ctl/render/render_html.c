/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "render/render_html.h"

#include <math.h>
#include <time.h>

#include "ctl.h"
#include "greend/units.h"
#include "output/chart.h"
#include "output/html_parts.h"
#include "render/html_footprint.h"
#include "render/html_targets.h"
#include "render/render_footprint.h"
#include "render/render_view.h"

/* Of a chart of shares: those with most energy, all others as one, and what is no item. */
enum { BARS_ITEMS = 12, BARS_MAX = BARS_ITEMS + 4 };

/* As wide as any line: pages are broken into lines by whoever shows them. */
static const struct style paper = {.width = STYLE_WIDTH_MOST, .utf8 = true};

struct page {
    const struct html_report *from;
    struct view view;
    struct view by_time; /* report NULL: there is none */
    struct html html;
};

/* ---- The head ---- */

static void add_name(const struct view *view, struct text *line)
{
    CLEANUP(text_done) struct text host = {0};
    if (view->report->hosts > 1)
        text_format(line, _("Energy and footprint of %zu hosts"), view->report->hosts);
    else if (view_add_host(view, &host))
        text_format(line, _("Energy and footprint of host %s"), host.data);
    else
        text_add(line, _("Energy and footprint of a host"));
}

static void meta(struct html *html, const char *name, const char *value, const char *content)
{
    html_open(html, "meta");
    html_attribute(html, name, value);
    if (content)
        html_attribute(html, "content", content);
    html_close(html);
}

static void add_head(struct page *page)
{
    struct html *html = &page->html;
    CLEANUP(text_done) struct text title = {0};
    add_name(&page->view, &title);
    text_add(&title, _(": "));
    view_add_title(&page->view, &title);
    html_open(html, "head");
    meta(html, "charset", "utf-8", NULL);
    meta(html, "name", "viewport", "width=device-width, initial-scale=1");
    meta(html, "http-equiv", "Content-Security-Policy",
         "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:");
    meta(html, "name", "generator", "greend " GREEND_VERSION);
    html_element(html, "title", NULL, title.data ? title.data : "");
    html_open(html, "style");
    html_style(html, html_page_style);
    html_close(html);
    if (page->from->stylesheet) {
        html_open(html, "style");
        html_style(html, page->from->stylesheet);
        html_close(html);
    }
    html_close(html);
}

/* ---- What it comes to ---- */

static void fact(struct html *html, const char *name, const struct text *value)
{
    html_open(html, "div");
    html_element(html, "dt", NULL, name);
    html_element(html, "dd", NULL, value->data ? value->data : "");
    html_close(html);
}

static void add_energy(struct page *page)
{
    CLEANUP(text_done) struct text line = {0};
    const struct report_sum *sum = &page->view.report->total.sum;
    view_add_energy(&page->view, &line, page->view.total_steps, sum->modelled_uj > 0);
    text_add(&line, sum->uncertainty_uj ? " " : "");
    view_add_band(&page->view, &line, sum);
    fact(&page->html, sum->modelled_uj ? _("Energy, an estimate") : _("Energy, measured"), &line);
}

static void add_facts(struct page *page)
{
    struct html *html = &page->html;
    const struct report *report = page->view.report;
    const struct report_sum *sum = &report->total.sum;
    CLEANUP(text_done) struct text modelled = {0};
    CLEANUP(text_done) struct text idle = {0};
    CLEANUP(text_done) struct text coverage = {0};
    view_add_part(&modelled, sum->modelled_uj, sum->energy_uj);
    view_add_part(&idle, sum->idle_uj, sum->energy_uj);
    view_add_coverage(&page->view, &coverage);
    html_open(html, "dl");
    html_attribute(html, "class", "facts");
    add_energy(page);
    if (sum->modelled_uj > 0)
        fact(html, _("of it modelled"), &modelled);
    fact(html, _("used without work"), &idle);
    fact(html, _("Time measured or modelled"), &coverage);
    if (page->from->footprint)
        html_footprint_facts(html, page->from->footprint);
    html_close(html);
}

/* What must not be missed: an estimate, and a period that is not whole. */
static void add_warnings(struct page *page)
{
    struct html *html = &page->html;
    const struct report *report = page->view.report;
    CLEANUP(text_done) struct text asked = {0};
    CLEANUP(text_done) struct text state = {0};
    uint64_t covered = report_coverage_ppm(report) / 1000;
    view_add_asked(&page->view, &asked);
    if (report->total.sum.modelled_uj > 0)
        html_element(html, "p", "warning",
                     _("ESTIMATE: what ~ stands before is said by a model and by no meter, at "
                       "least in part."));
    if (asked.length > 0)
        html_element(html, "p", "warning", asked.data);
    if (page->from->footprint)
        footprint_add_state(page->from->footprint, &state);
    if (state.length > 0)
        html_element(html, "p", "warning", state.data);
    else if (covered < 1000)
        html_element(html, "p", "warning",
                     _("PARTIAL: not all of this period was measured or modelled. Nothing is "
                       "extrapolated."));
}

/* ---- Energy over time ---- */

/* 1, 2 or 5 times a power of ten. */
static double nice_top(double most)
{
    double step = pow(10, floor(log10(most)));
    static const double steps[] = {1, 2, 5};
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
        if (most <= steps[i] * step)
            return steps[i] * step;
    return 10 * step;
}

static void axis_label(char *target, size_t size, double amount, const char *unit)
{
    char digits[32];
    char number[LANGUAGE_NUMBER_MAX];
    (void)snprintf(digits, sizeof(digits), "%g", amount);
    if (strchr(digits, 'e'))
        (void)amount_number(number, sizeof(number), amount, AMOUNT_NEAREST);
    else
        (void)language_number(number, digits);
    (void)snprintf(target, size, "%s%s%s", number, language_blank(), unit);
}

/* Short, for many of them stand side by side. */
static void time_label(char *target, size_t size, enum report_group group, int64_t begin_s)
{
    time_t time = (time_t)begin_s;
    struct tm wall;
    size_t length = 0;
    if (!localtime_r(&time, &wall))
        length = 0;
    else if (group == REPORT_BY_HOUR)
        length = strftime(target, size, _("%H:%M"), &wall);
    else if (group == REPORT_BY_DAY)
        length = strftime(target, size, _("%m-%d"), &wall);
    else
        length = strftime(target, size, _("%Y-%m"), &wall);
    target[length] = '\0';
}

static void fill_times(const struct report *report, struct chart_bar *bars, size_t *ret_n,
                       bool *ret_marked)
{
    for (size_t i = 0; i < report->n_rows; i++) {
        const struct report_row *row = report->rows[i];
        if (row->type != REPORT_ROW_ITEM)
            continue;
        struct chart_bar *bar = &bars[(*ret_n)++];
        time_label(bar->label, sizeof(bar->label), report->group, row->begin_s);
        bar->size = (double)row->sum.energy_uj;
        bar->part = (double)row->sum.idle_uj;
        bar->marked = report_row_coverage_ppm(report, row) < PPM * 99 / 100;
        *ret_marked |= bar->marked;
    }
}

static void describe_times(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    const struct report_row *most = NULL;
    size_t place = 0;
    char label[RENDER_TIME_MAX];
    for (size_t i = 0; i < report->n_rows; i++)
        if (report->rows[i]->type == REPORT_ROW_ITEM &&
            (!most || report->rows[i]->sum.energy_uj > most->sum.energy_uj)) {
            most = report->rows[i];
            place = i;
        }
    text_add(line, _("Bars of the energy of each hour, day or month; the figures are in the table "
                     "that follows."));
    if (!most)
        return;
    (void)render_time(label,
                      report->group == REPORT_BY_HOUR  ? FORM_HOUR
                      : report->group == REPORT_BY_DAY ? FORM_DAY
                                                       : FORM_MONTH,
                      most->begin_s);
    text_format(line, _(" Most: %s, "), label);
    view_add_energy(view, line, view->steps[place], most->sum.modelled_uj > 0);
    text_add(line, ".");
}

static void draw_times(struct page *page)
{
    const struct view *view = &page->by_time;
    const struct report *report = view->report;
    char top_label[96];
    char half_label[96];
    bool marked = false;
    size_t n = 0;
    double most = 0;
    CLEANUP(text_done) struct text description = {0};
    CLEANUP(free_p) struct chart_bar *bars = calloc(report->n_rows + 1, sizeof(*bars));
    if (!bars) {
        page->html.text->error = -ENOMEM;
        return;
    }
    fill_times(report, bars, &n, &marked);
    for (size_t i = 0; i < n; i++)
        most = MAX(most, bars[i].size);
    struct amount_scale scale = amount_scale_for((uint64_t)most);
    double unit_uj = (double)scale.step_uj * pow(10, scale.decimals);
    double top = most > 0 ? nice_top(most / unit_uj) : 1;
    axis_label(top_label, sizeof(top_label), top, scale.unit);
    axis_label(half_label, sizeof(half_label), top / 2, scale.unit);
    describe_times(view, &description);
    const struct chart chart = {
        .title = _("Energy over time"),
        .description = description.data ? description.data : "",
        .solid = _("with work"),
        .hatched = _("without work"),
        .mark = marked ? _("not measured in full") : NULL,
        .id = "times",
        .bars = bars,
        .n_bars = n,
    };
    chart_standing(&page->html, &chart, top * unit_uj, top_label, half_label);
}

static void add_times(struct page *page)
{
    CLEANUP(table_done) struct table table = {0};
    if (!page->by_time.report)
        return;
    html_section(&page->html, "times", _("Energy over time"));
    html_open(&page->html, "figure");
    draw_times(page);
    html_close(&page->html);
    view_fill_table(&page->by_time, &table);
    html_table(&page->html, &table, html_caption(page->by_time.report->group), 1);
    html_close(&page->html);
}

/* ---- Who used it ---- */

static void fill_share(const struct view *view, const struct table *table, size_t row,
                       struct chart_bar *bar)
{
    CLEANUP(text_done) struct text value = {0};
    const struct report *report = view->report;
    bool item = report->rows[row]->type == REPORT_ROW_ITEM;
    const char *command =
        item && report->group == REPORT_BY_WORKLOAD ? table_cell_at(table, row, 1) : "";
    (void)snprintf(bar->label, sizeof(bar->label), "%s%s%s", table_cell_at(table, row, 0),
                   *command ? ", " : "", command);
    view_add_percent(&value, view->tenths[row]);
    (void)str_copy(bar->value, sizeof(bar->value), value.data ? value.data : "");
    bar->size = (double)report->rows[row]->sum.energy_uj;
    if (report->rows[row]->type == REPORT_ROW_IDLE)
        bar->part = bar->size;
}

/* Items that have no bar of their own, as one. */
static void fill_others(struct chart_bar *bar, uint64_t energy_uj, uint64_t tenths, size_t items)
{
    CLEANUP(text_done) struct text value = {0};
    (void)snprintf(bar->label, sizeof(bar->label), P_("%zu more", "%zu more", items), items);
    view_add_percent(&value, tenths);
    (void)str_copy(bar->value, sizeof(bar->value), value.data ? value.data : "");
    bar->size = (double)energy_uj;
}

/* Returns how many bars there are, at most BARS_MAX. */
static size_t fill_shares(const struct view *view, const struct table *table,
                          struct chart_bar bars[BARS_MAX])
{
    const struct report *report = view->report;
    uint64_t energy_uj = 0;
    uint64_t tenths = 0;
    size_t more = 0;
    size_t n = 0;
    size_t i = 0;
    for (; i < report->n_rows && report->rows[i]->type == REPORT_ROW_ITEM && n < BARS_ITEMS; i++)
        fill_share(view, table, i, &bars[n++]);
    for (; i < report->n_rows && report->rows[i]->type <= REPORT_ROW_REST; i++) {
        const struct report_row *row = report->rows[i];
        energy_uj += row->sum.energy_uj;
        tenths += view->tenths[i];
        more += row->type == REPORT_ROW_REST ? row->items : 1;
    }
    if (more > 0)
        fill_others(&bars[n++], energy_uj, tenths, more);
    for (; i < report->n_rows && n < BARS_MAX; i++)
        fill_share(view, table, i, &bars[n++]);
    return n;
}

static void draw_shares(struct page *page, const struct table *table)
{
    struct chart_bar bars[BARS_MAX] = {0};
    CLEANUP(text_done) struct text description = {0};
    bool hatched = false;
    size_t n = fill_shares(&page->view, table, bars);
    if (n == 0)
        return;
    text_add(&description, _("Bars of the shares of the total; the figures are in the table that "
                             "follows."));
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        most = bars[i].size > bars[most].size ? i : most;
        hatched |= bars[i].part > 0;
    }
    text_format(&description, _(" The longest: %s, %s."), bars[most].label, bars[most].value);
    const struct chart chart = {
        .title = _("Shares of the energy"),
        .description = description.data ? description.data : "",
        .solid = hatched ? _("with work") : NULL,
        .hatched = _("without work"),
        .id = "shares",
        .bars = bars,
        .n_bars = n,
    };
    html_open(&page->html, "figure");
    chart_lying(&page->html, &chart);
    html_close(&page->html);
}

static void add_shares(struct page *page)
{
    const struct report *report = page->view.report;
    CLEANUP(table_done) struct table table = {0};
    if (report_group_is_span(report->group)) /* told over time */
        return;
    html_section(&page->html, "shares", _("Shares of the energy"));
    view_fill_table(&page->view, &table);
    draw_shares(page, &table);
    html_table(&page->html, &table, html_caption(report->group),
               report->group == REPORT_BY_WORKLOAD ? 3 : 1);
    html_close(&page->html);
}

/* ---- Method ---- */

static void on_note(void *userdata, const char *words)
{
    html_element(userdata, "p", NULL, words);
}

static void add_method(struct page *page)
{
    html_section(&page->html, "method", _("Method and limits"));
    view_tell_notes(&page->view, on_note, &page->html);
    if (page->from->footprint)
        html_footprint_method(&page->html, page->from->footprint);
    html_close(&page->html);
}

/* ---- The page ---- */

static void add_body(struct page *page)
{
    struct html *html = &page->html;
    CLEANUP(text_done) struct text name = {0};
    CLEANUP(text_done) struct text title = {0};
    CLEANUP(text_done) struct text made = {0};
    add_name(&page->view, &name);
    view_add_title(&page->view, &title);
    html_open(html, "body");
    html_open(html, "header");
    html_element(html, "h1", NULL, name.data ? name.data : "");
    html_element(html, "p", "period", title.data ? title.data : "");
    html_close(html);
    html_open(html, "main");
    add_warnings(page);
    add_facts(page);
    if (page->from->footprint)
        html_footprint_section(html, page->from->footprint);
    if (page->from->report->targets)
        html_targets_section(html, page->from->report->targets);
    add_times(page);
    add_shares(page);
    add_method(page);
    html_close(html);
    html_open(html, "footer");
    text_format(&made, _("Made by greend %s."), GREEND_VERSION);
    html_element(html, "p", NULL, made.data ? made.data : "");
    html_close(html);
    html_close(html);
}

void render_report_html(const struct html_report *from, struct text *text)
{
    struct page page = {.from = from, .html = {.text = text}};
    bool spans = report_group_is_span(from->report->group);
    language_utf8();
    int r = view_init(&page.view, from->report, from->footprint, &paper);
    page.view.bar_columns = 0;
    const struct report *by_time = spans ? from->report : from->by_time;
    if (r == 0 && by_time)
        r = view_init(&page.by_time, by_time, spans ? from->footprint : NULL, &paper);
    page.by_time.bar_columns = 0;
    if (r == 0) {
        text_add(text, "<!DOCTYPE html>\n");
        html_open(&page.html, "html");
        html_attribute(&page.html, "lang", language_code());
        add_head(&page);
        add_body(&page);
        html_close(&page.html);
        text_add(text, "\n");
    } else {
        text->error = r;
    }
    view_done(&page.view);
    view_done(&page.by_time);
}

enum report_group html_report_spans(const struct store_period *period)
{
    int64_t length_s = period->until_s - period->since_s;
    if (length_s <= INT64_C(2) * 86400)
        return REPORT_BY_HOUR;
    return length_s <= INT64_C(62) * 86400 ? REPORT_BY_DAY : REPORT_BY_MONTH;
}
