/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "targets_render.h"

#include <math.h>
#include <time.h>

#include "language.h"
#include "render.h"
#include "table.h"

const char *targets_verdict_text(enum target_verdict verdict)
{
    switch (verdict) {
    case TARGET_EXCEEDED:
        return _("EXCEEDED");
    case TARGET_OFF_COURSE:
        return _("off course");
    case TARGET_UNCERTAIN:
        return _("uncertain");
    case TARGET_ON_COURSE:
        return _("on course");
    case TARGET_UNKNOWN:
        break;
    }
    return _("unknown");
}

void targets_add_amount(struct text *text, double amount)
{
    char number[LANGUAGE_NUMBER_MAX], digits[LANGUAGE_NUMBER_MAX];
    double size = fabs(amount);
    int magnitude = size > 0 ? (int)floor(log10(size)) : 0;
    (void)snprintf(digits, sizeof(digits), "%.*f", MIN(MAX(3 - magnitude, 0), 9), amount);
    text_add(text, language_number(number, digits));
}

void targets_add_period(const struct target_state *state, struct text *text)
{
    char month[RENDER_TIME_MAX];
    struct tm civil;
    time_t since = (time_t)state->since_s;
    if (state->target.per == TARGET_YEAR && localtime_r(&since, &civil))
        text_format(text, "%d", civil.tm_year + 1900);
    else
        text_add(text, render_time(month, FORM_MONTH, state->since_s));
}

struct percent_text {
    char text[2 * LANGUAGE_NUMBER_MAX];
};

static struct percent_text percent(double ratio)
{
    struct percent_text shown;
    char number[LANGUAGE_NUMBER_MAX], digits[LANGUAGE_NUMBER_MAX];
    (void)snprintf(digits, sizeof(digits), "%.1f", 100 * fabs(ratio));
    (void)snprintf(shown.text, sizeof(shown.text), "%s%s", language_number(number, digits),
                   language_percent());
    return shown;
}

static const char *sign_of(double ratio)
{
    return ratio < 0 ? "-" : "+";
}

void targets_add_lack(const struct target_state *state, bool projection, struct text *text)
{
    switch (projection ? state->projection_lack : state->lack) {
    case TARGET_COMPLETE:
        return;
    case TARGET_NO_FACTOR:
        text_add(text, _("no climate impact: expected country= (and outside of France pue=) in "
                         "[site] and a factor of electricity for it"));
        return;
    case TARGET_BASELINE_AHEAD:
        text_add(text, _("no limit: the baseline is not over"));
        return;
    case TARGET_BASELINE_MISSING:
        text_add(text, _("no limit: nothing was recorded in the baseline"));
        return;
    case TARGET_BASELINE_PARTIAL:
        text_format(text, _("no limit: %s of the baseline was recorded, needs %.0f %%"),
                    percent(state->baseline_covered).text, 100 * BASELINE_COVERED_LEAST);
        return;
    case TARGET_UNCOVERED:
        text_format(text, _("not projected: %s of the period so far was recorded, needs %.0f %%"),
                    percent(state->covered).text, 100 * PERIOD_COVERED_LEAST);
        return;
    case TARGET_FEW_DAYS:
        text_format(text, _("not projected: needs %u days of which %.0f %% were recorded, has %u"),
                    state->projection.needed, 100 * DAY_COVERED_LEAST, state->projection.days);
        return;
    case TARGET_WEEKDAYS:
        text_add(text, _("not projected: needs each day of the week twice"));
        return;
    }
}

/* ---- The table ---- */

/* estimate: a model says so, at least in part. */
static void amount_cell(struct table *table, bool known, double amount, bool estimate)
{
    CLEANUP(text_done) struct text cell = {0};
    if (known && estimate)
        text_add(&cell, "~");
    if (known)
        targets_add_amount(&cell, amount);
    table_take_cell(table, &cell);
}

static enum style_colour colour_of(enum target_verdict verdict)
{
    return verdict == TARGET_EXCEEDED || verdict == TARGET_OFF_COURSE ? COLOUR_RED
           : verdict == TARGET_UNCERTAIN                              ? COLOUR_YELLOW
                                                                      : COLOUR_PLAIN;
}

static void add_line(struct table *table, const struct style *style,
                     const struct target_state *state)
{
    CLEANUP(text_done) struct text cell = {0};
    table_line(table, colour_of(state->verdict), false);
    style_add_text(style, &cell, state->target.name);
    table_take_cell(table, &cell);
    targets_add_period(state, &cell);
    text_format(&cell, " %s", target_unit_name(state->target.unit));
    table_take_cell(table, &cell);
    amount_cell(table, state->limited, state->limit, false);
    amount_cell(table, state->valued, state->so_far, state->so_far_modelled > 0);
    amount_cell(table, state->projected, state->value, state->estimate);
    if (state->projected) {
        targets_add_amount(&cell, state->least);
        text_add(&cell, _(" to "));
        targets_add_amount(&cell, state->most);
    }
    table_take_cell(table, &cell);
    if (state->projected && state->limited && state->limit > 0)
        text_format(&cell, "%s%s", sign_of(state->value - state->limit),
                    percent(state->value / state->limit - 1).text);
    table_take_cell(table, &cell);
    table_cell(table, targets_verdict_text(state->verdict));
}

static void add_what(const struct style *style, const struct target_state *state, struct text *text)
{
    const struct target *target = &state->target;
    style_add_text(style, text, target->name);
    text_add(text, ": ");
    switch (target->scope) {
    case TARGET_UNIT:
        text_add(text, _("units "));
        style_add_text(style, text, target->what);
        break;
    case TARGET_ENVIRONMENT:
        text_add(text, _("environment "));
        style_add_text(style, text, target->what);
        break;
    default:
        text_add(text, _("the whole machine"));
        break;
    }
    if (target->relative) {
        text_format(text, _(", %g %% below %d"), target->percent, target->baseline_year);
        if (target->baseline_month > 0)
            text_format(text, "-%02d", target->baseline_month);
    }
    if (state->baseline > 0) {
        text_add(text, _(" (baseline "));
        text_add(text, state->baseline_modelled > 0 ? "~" : "");
        targets_add_amount(text, state->baseline);
        text_format(text, " %s)", target_unit_name(target->unit));
    }
}

static void add_trend(const struct style *style, const struct trend *trend, struct text *text)
{
    if (!trend->known) {
        text_format(text, _("; no trend: needs 21 of 28 days recorded, twice, has %u and %u"),
                    trend->days[0], trend->days[1]);
        return;
    }
    text_format(text, _("; last 4 weeks against the 4 before: %s%s %s %s"), sign_of(trend->ratio),
                percent(trend->ratio).text, style_sign(style, "±", "+-"),
                percent(trend->half).text);
}

static void add_details(const struct style *style, const struct target_state *state,
                        struct text *text)
{
    CLEANUP(text_done) struct text line = {0};
    add_what(style, state, &line);
    if (state->lack != TARGET_COMPLETE) {
        text_add(&line, "; ");
        targets_add_lack(state, false, &line);
    }
    if (state->valued) {
        bool modelled = state->so_far_modelled > 0;
        text_add(&line, modelled ? _("; measured or modelled ") : _("; measured "));
        text_add(&line, percent(state->covered).text);
        text_add(&line, _(" of the period so far"));
        if (modelled) {
            text_add(&line, _(", of its energy modelled: "));
            text_add(&line, percent(state->so_far_modelled).text);
        }
        add_trend(style, &state->trend, &line);
    }
    if (state->projection_lack != TARGET_COMPLETE && state->projection_lack != state->lack) {
        text_add(&line, "; ");
        targets_add_lack(state, true, &line);
    }
    text_add(&line, ".");
    style_add_paragraph(style, text, 2, line.data ? line.data : "");
}

static void add_method(const struct target_list *list, const struct style *style, struct text *text)
{
    CLEANUP(text_done) struct text line = {0};
    bool projected = false, unstated = false, carbon = false, estimate = false;
    for (size_t i = 0; i < list->n; i++) {
        projected |= list->states[i].projected;
        unstated |= list->states[i].projected && !list->states[i].metered;
        estimate |= list->states[i].valued && list->states[i].estimate;
        carbon |= list->states[i].valued && list->states[i].target.unit == TARGET_KGCO2E;
    }
    if (estimate)
        text_add(&line, _("~ ESTIMATE: a model says so and no meter, at least in part. "));
    if (projected)
        text_add(&line, _("Projected: so far, and for each day to come the mean of its day of the "
                          "week; the interval is that of days going on as they were."));
    if (unstated)
        text_add(&line, _(" The meters state none of their own, or not for all."));
    if (carbon)
        text_format(&line, _(" 1 kWh of the machine is counted as %.4g kgCO2e (PUE %.4g)."),
                    list->per_kwh.impacts[CRITERION_GWP].value, list->per_kwh.pue.value);
    if (line.length > 0)
        style_add_paragraph(style, text, 2, line.data);
}

void targets_render_table(const struct target_list *list, const struct style *style,
                          struct text *text)
{
    char time[RENDER_TIME_MAX];
    CLEANUP(table_done)
    struct table table = {
        .columns = {{.title = _("TARGET"), .least = 8},
                    {.title = _("PERIOD")},
                    {.title = _("LIMIT"), .right = true},
                    {.title = _("SO FAR"), .right = true},
                    {.title = _("PROJECTED"), .right = true},
                    {.title = _("95 %"), .right = true, .drop = 1},
                    {.title = _("GAP"), .right = true},
                    {.title = _("STATE")}},
        .n_columns = 8,
    };
    style_add_colour(style, text, COLOUR_BOLD);
    text_format(text, _("Targets, as of %s"),
                render_time(time, FORM_MOMENT, list->n > 0 ? list->states[0].now_s : 0));
    style_add_colour(style, text, COLOUR_PLAIN);
    text_add(text, "\n\n");
    for (size_t i = 0; i < list->n; i++)
        add_line(&table, style, &list->states[i]);
    table_render(&table, style, text);
    text_add(text, "\n");
    for (size_t i = 0; i < list->n; i++)
        add_details(style, &list->states[i], text);
    add_method(list, style, text);
}

/* ---- Within a report ---- */

void targets_add_line(const struct target_state *state, const struct style *style,
                      struct text *line)
{
    text_add(line, _("Target "));
    style_add_text(style, line, state->target.name);
    text_add(line, " ");
    targets_add_period(state, line);
    text_format(line, ": %s", targets_verdict_text(state->verdict));
    if (state->limited && state->valued) {
        text_add(line, _("; so far "));
        targets_add_amount(line, state->so_far);
        text_add(line, _(" of "));
        targets_add_amount(line, state->limit);
        text_format(line, " %s", target_unit_name(state->target.unit));
    }
    if (state->projected) {
        text_add(line, _(", projected "));
        targets_add_amount(line, state->value);
        text_add(line, " (");
        targets_add_amount(line, state->least);
        text_add(line, _(" to "));
        targets_add_amount(line, state->most);
        if (!state->metered)
            text_add(line, _(", without the meters' own interval"));
        text_add(line, ")");
    }
    if (state->valued && state->estimate)
        text_add(line, _("; an ESTIMATE: modelled, at least in part"));
    text_add(line, _(". More: greend-ctl targets."));
}
