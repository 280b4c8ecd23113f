/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "output/chart.h"

#include "output/style.h"

/* All in units of the picture, about one pixel. */
enum {
    WIDTH = 720,
    ROW = 22,
    BAR = 14,
    NAMES = 250, /* columns of a lying chart */
    VALUES = 110,
    LEGEND = 24,
    AXIS = 80, /* of a standing chart: to the left, for its labels */
    HEIGHT = 180,
    BELOW = 34,
    LETTER = 7,
    NAME_LETTERS = NAMES / LETTER - 1,
};

static void rect(struct html *html, const char *class, double x, double y, double width,
                 double height)
{
    html_open(html, "rect");
    html_attribute(html, "class", class);
    html_coordinate(html, "x", x);
    html_coordinate(html, "y", y);
    html_coordinate(html, "width", width);
    html_coordinate(html, "height", height);
    html_close(html);
}

static void words(struct html *html, const char *class, double x, double y, const char *raw)
{
    html_open(html, "text");
    html_attribute(html, "class", class);
    html_coordinate(html, "x", x);
    html_coordinate(html, "y", y);
    html_text(html, raw);
    html_close(html);
}

static void line(struct html *html, const char *class, double x1, double y1, double x2, double y2)
{
    html_open(html, "line");
    html_attribute(html, "class", class);
    html_coordinate(html, "x1", x1);
    html_coordinate(html, "y1", y1);
    html_coordinate(html, "x2", x2);
    html_coordinate(html, "y2", y2);
    html_close(html);
}

/* Stripes of the bars' own colour, so that they are told apart without it. */
static void hatch(struct html *html, const struct chart *chart)
{
    char id[64];
    (void)snprintf(id, sizeof(id), "%s-hatch", chart->id);
    html_open(html, "defs");
    html_open(html, "pattern");
    html_attribute(html, "id", id);
    html_attribute(html, "patternUnits", "userSpaceOnUse");
    html_attribute(html, "patternTransform", "rotate(45)");
    html_coordinate(html, "width", 5);
    html_coordinate(html, "height", 5);
    rect(html, "paper", 0, 0, 5, 5);
    rect(html, "solid", 0, 0, 2, 5);
    html_close(html);
    html_close(html);
}

static void hatched(struct html *html, const struct chart *chart, double x, double y, double width,
                    double height)
{
    char fill[72];
    (void)snprintf(fill, sizeof(fill), "url(#%s-hatch)", chart->id);
    html_open(html, "rect");
    html_attribute(html, "class", "hatched");
    html_attribute(html, "fill", fill);
    html_coordinate(html, "x", x);
    html_coordinate(html, "y", y);
    html_coordinate(html, "width", width);
    html_coordinate(html, "height", height);
    html_close(html);
}

static void begin(struct html *html, const struct chart *chart, double height)
{
    char box[48];
    char title[64];
    char description[64];
    char both[160];
    (void)snprintf(box, sizeof(box), "0 0 %d %d", WIDTH, (int)height);
    (void)snprintf(title, sizeof(title), "%s-title", chart->id);
    (void)snprintf(description, sizeof(description), "%s-description", chart->id);
    (void)snprintf(both, sizeof(both), "%s %s", title, description);
    html_open(html, "svg");
    html_attribute(html, "xmlns", "http://www.w3.org/2000/svg");
    html_attribute(html, "role", "img");
    html_attribute(html, "aria-labelledby", both);
    html_attribute(html, "viewBox", box);
    html_open(html, "title");
    html_attribute(html, "id", title);
    html_text(html, chart->title);
    html_close(html);
    html_open(html, "desc");
    html_attribute(html, "id", description);
    html_text(html, chart->description);
    html_close(html);
    hatch(html, chart);
}

static double legend_entry(struct html *html, double x, const char *text)
{
    words(html, "label", x, 14, text);
    return x + (double)style_width(text) * LETTER + 24;
}

static void legend(struct html *html, const struct chart *chart, double x)
{
    if (chart->solid) {
        rect(html, "solid", x, 4, BAR, 11);
        x = legend_entry(html, x + BAR + 6, chart->solid);
        hatched(html, chart, x, 4, BAR, 11);
        x = legend_entry(html, x + BAR + 6, chart->hatched);
    }
    if (chart->mark) {
        words(html, "label", x, 15, "*");
        x = legend_entry(html, x + BAR, chart->mark);
    }
    if (chart->limit > 0) {
        line(html, "limit", x + 4, 2, x + 4, 18);
        (void)legend_entry(html, x + 12, chart->limit_label);
    }
}

/* The begin of a label, where all of it has no room. */
static void name(struct html *html, double y, const char *label)
{
    static const struct style utf8 = {.utf8 = true};
    CLEANUP(text_done) struct text shown = {0};
    style_add_cut(&utf8, &shown, label, NAME_LETTERS);
    words(html, "label end", NAMES - 8, y, shown.data ? shown.data : "");
}

static double largest(const struct chart *chart)
{
    double most = chart->limit;
    for (size_t i = 0; i < chart->n_bars; i++)
        most = MAX(most, chart->bars[i].size);
    return most > 0 ? most : 1;
}

void chart_lying(struct html *html, const struct chart *chart)
{
    const double room = WIDTH - NAMES - VALUES, most = largest(chart);
    const double above = chart->solid || chart->mark ? LEGEND : 4;
    begin(html, chart, above + (double)chart->n_bars * ROW + 4);
    legend(html, chart, NAMES);
    for (size_t i = 0; i < chart->n_bars; i++) {
        const struct chart_bar *bar = &chart->bars[i];
        double y = above + (double)i * ROW;
        double length = bar->size / most * room;
        double part = MIN(bar->part, bar->size) / most * room;
        name(html, y + BAR, bar->label);
        rect(html, "solid", NAMES, y + 2, length - part, BAR);
        if (part > 0)
            hatched(html, chart, NAMES + length - part, y + 2, part, BAR);
        words(html, "label", NAMES + length + 6, y + BAR, bar->value);
    }
    if (chart->limit > 0) {
        double x = NAMES + chart->limit / most * room;
        line(html, "limit", x, above - 2, x, above + (double)chart->n_bars * ROW);
    }
    html_close(html);
}

/* Every so many bars there is room for a label. */
static size_t label_step(const struct chart *chart, double each)
{
    size_t longest = 1;
    for (size_t i = 0; i < chart->n_bars; i++)
        longest = MAX(longest, style_width(chart->bars[i].label));
    double needed = (double)(longest + 1) * LETTER;
    size_t step = 1;
    while ((double)step * each < needed && step < chart->n_bars)
        step++;
    return step;
}

void chart_standing(struct html *html, const struct chart *chart, double top, const char *top_label,
                    const char *half_label)
{
    const double ground = LEGEND + HEIGHT;
    const double each = (double)(WIDTH - AXIS - 8) / (double)MAX(chart->n_bars, (size_t)1);
    const double width = MAX(MIN(each * 0.75, 40.0), 1.0);
    size_t step = label_step(chart, each);
    begin(html, chart, ground + BELOW);
    legend(html, chart, AXIS);
    line(html, "grid", AXIS, LEGEND, WIDTH - 8, LEGEND);
    line(html, "grid", AXIS, LEGEND + HEIGHT / 2.0, WIDTH - 8, LEGEND + HEIGHT / 2.0);
    line(html, "axis", AXIS, ground, WIDTH - 8, ground);
    words(html, "label end", AXIS - 6, LEGEND + 5, top_label);
    words(html, "label end", AXIS - 6, LEGEND + HEIGHT / 2.0 + 5, half_label);
    words(html, "label end", AXIS - 6, ground + 5, "0");
    for (size_t i = 0; i < chart->n_bars; i++) {
        const struct chart_bar *bar = &chart->bars[i];
        double middle = AXIS + ((double)i + 0.5) * each;
        double height = top > 0 ? MIN(bar->size / top, 1.0) * HEIGHT : 0;
        double part = top > 0 ? MIN(bar->part, bar->size) / top * HEIGHT : 0;
        rect(html, "solid", middle - width / 2, ground - height, width, height - part);
        if (part > 0)
            hatched(html, chart, middle - width / 2, ground - part, width, part);
        if (bar->marked)
            words(html, "label middle", middle, ground - height - 3, "*");
        if (i % step == 0)
            words(html, "label middle", middle, ground + 16, bar->label);
    }
    html_close(html);
}
