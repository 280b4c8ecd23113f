/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "render/html_targets.h"

#include "output/amount.h"
#include "output/chart.h"
#include "output/html_parts.h"
#include "targets/targets_render.h"

static const struct style paper = {.width = STYLE_WIDTH_MOST, .utf8 = true};

/* Of the limit: what was used so far, and hatched what is projected beyond that. Returns whether
 * there is anything to be drawn. */
static bool fill_bar(const struct target_state *state, struct chart_bar *bar)
{
    CLEANUP(text_done) struct text value = {0};
    if (!state->limited || !state->valued || !(state->limit > 0))
        return false;
    double used = state->so_far / state->limit;
    bar->size = state->projected ? MAX(state->value / state->limit, used) : used;
    bar->part = bar->size - used;
    (void)str_copy(bar->label, sizeof(bar->label), state->target.name);
    text_add(&value, state->estimate ? "~" : "");
    amount_add_percent(&value, bar->size, 1);
    (void)str_copy(bar->value, sizeof(bar->value), value.data ? value.data : "");
    return true;
}

static void add_chart(struct html *html, const struct target_list *list)
{
    CLEANUP(text_done) struct text description = {0};
    CLEANUP(free_p) struct chart_bar *bars = calloc(list->n + 1, sizeof(*bars));
    size_t n = 0;
    size_t most = 0;
    if (!bars) {
        html->text->error = -ENOMEM;
        return;
    }
    for (size_t i = 0; i < list->n; i++)
        n += fill_bar(&list->states[i], &bars[n]);
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        most = bars[i].size > bars[most].size ? i : most;
    text_add(
        &description,
        _("Bars of what each target has used so far and is projected to use, in percent of its "
          "limit; the figures are in the table that follows."));
    text_format(&description, _(" The longest: %s, %s."), bars[most].label, bars[most].value);
    const struct chart chart = {
        .title = _("Targets against their limits"),
        .description = description.data ? description.data : "",
        .solid = _("so far"),
        .hatched = _("projected to come"),
        .limit = 1,
        .limit_label = _("limit"),
        .id = "targets",
        .bars = bars,
        .n_bars = n,
    };
    html_open(html, "figure");
    chart_lying(html, &chart);
    html_close(html);
}

static void paragraph(struct html *html, struct text *line)
{
    if (line->length > 0)
        html_element(html, "p", NULL, line->data);
    text_clear(line);
}

void html_targets_section(struct html *html, const struct target_list *list)
{
    CLEANUP(table_done) struct table table = {0};
    CLEANUP(text_done) struct text line = {0};
    CLEANUP(text_done) struct text caption = {0};
    html_section(html, "targets", _("Targets"));
    add_chart(html, list);
    targets_fill_table(list, &paper, true, &table);
    targets_add_title(list, &caption);
    text_add(&caption, _(", whatever the period of this report"));
    html_table(html, &table, caption.data ? caption.data : "", 1);
    for (size_t i = 0; i < list->n; i++) {
        targets_add_details(&list->states[i], &paper, &line);
        paragraph(html, &line);
    }
    targets_add_method(list, &line);
    paragraph(html, &line);
    html_close(html);
}
