/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "targets/targets_render.h"

#include <math.h>
#include <time.h>

#include "output/amount.h"
#include "output/table.h"
#include "render/render.h"
#include "shell/language.h"

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

/* A month as in the tables, a year as it is. */
static const char *baseline_period(const struct target *target, char ret[RENDER_TIME_MAX])
{
    struct tm middle = {.tm_year = target->baseline_year - 1900,
                        .tm_mon = target->baseline_month - 1,
                        .tm_mday = 15,
                        .tm_hour = 12,
                        .tm_isdst = -1};
    if (target->baseline_month > 0)
        return render_time(ret, FORM_MONTH, mktime(&middle));
    (void)snprintf(ret, RENDER_TIME_MAX, "%d", target->baseline_year);
    return ret;
}

/* "+12.3 %", "-0.4 %" */
static void add_change(struct text *text, double ratio)
{
    text_add(text, ratio < 0 ? "" : "+");
    amount_add_percent(text, ratio, 1);
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
        text_add(text, _("no limit: "));
        amount_add_percent(text, state->baseline_covered, 1);
        text_add(text, _(" of the baseline was recorded, needs "));
        amount_add_percent(text, BASELINE_COVERED_LEAST, 0);
        return;
    case TARGET_UNCOVERED:
        text_add(text, _("not projected: "));
        amount_add_percent(text, state->covered, 1);
        text_add(text, _(" of the period so far was recorded, needs "));
        amount_add_percent(text, PERIOD_COVERED_LEAST, 0);
        return;
    case TARGET_FEW_DAYS:
        text_format(text, _("not projected: needs %u days of which "), state->projection.needed);
        amount_add_percent(text, DAY_COVERED_LEAST, 0);
        text_format(text, _(" were recorded, has %u"), state->projection.days);
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
        amount_add(&cell, amount);
    table_take_cell(table, &cell);
}

static enum style_colour colour_of(enum target_verdict verdict)
{
    return verdict == TARGET_EXCEEDED || verdict == TARGET_OFF_COURSE ? COLOUR_RED
           : verdict == TARGET_UNCERTAIN                              ? COLOUR_YELLOW
                                                                      : COLOUR_PLAIN;
}

/* "+12.3 % ± 4.0 %" */
static void add_trend_ratio(const struct style *style, const struct trend *trend, struct text *text)
{
    add_change(text, trend->ratio);
    text_format(text, " %s%s", style_sign(style, "±", "+-"), language_blank());
    amount_add_percent(text, trend->half, 1);
}

/* Known, but nothing was used in it: there is no baseline to be below of. */
static bool has_baseline(const struct target_state *state)
{
    return state->limited && state->target.relative;
}

static void add_line(struct table *table, const struct style *style, bool all,
                     const struct target_state *state)
{
    CLEANUP(text_done) struct text cell = {0};
    table_line(table, colour_of(state->verdict), false);
    style_add_text(style, &cell, state->target.name);
    table_take_cell(table, &cell);
    targets_add_period(state, &cell);
    text_format(&cell, " %s", language_text(target_unit_name(state->target.unit)));
    table_take_cell(table, &cell);
    if (all)
        amount_cell(table, has_baseline(state), state->baseline, state->baseline_modelled > 0);
    amount_cell(table, state->limited, state->limit, false);
    amount_cell(table, state->valued, state->so_far, state->so_far_modelled > 0);
    amount_cell(table, state->projected, state->value, state->estimate);
    if (state->projected)
        amount_add_interval(&cell, state->least, state->most);
    table_take_cell(table, &cell);
    if (state->projected && state->limited && state->limit > 0)
        add_change(&cell, state->value / state->limit - 1);
    table_take_cell(table, &cell);
    if (all && state->valued && state->trend.known)
        add_trend_ratio(style, &state->trend, &cell);
    if (all)
        table_take_cell(table, &cell);
    table_cell(table, targets_verdict_text(state->verdict));
}

void targets_fill_table(const struct target_list *list, const struct style *style, bool all,
                        struct table *table)
{
    const struct {
        struct table_column column;
        bool always;
    } columns[] = {
        {{.title = _("TARGET"), .least = 8},                true },
        {{.title = _("PERIOD")},                            true },
        {{.title = _("BASELINE"), .right = true},           false},
        {{.title = _("LIMIT"), .right = true},              true },
        {{.title = _("SO FAR"), .right = true},             true },
        {{.title = _("PROJECTED"), .right = true},          true },
        {{.title = _("95 %"), .right = true, .drop = 1},    true },
        {{.title = _("GAP"), .right = true},                true },
        {{.title = _("TREND OVER 4 WEEKS"), .right = true}, false},
        {{.title = _("STATE")},                             true },
    };
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        if (all || columns[i].always)
            table->columns[table->n_columns++] = columns[i].column;
    for (size_t i = 0; i < list->n; i++)
        add_line(table, style, all, &list->states[i]);
}

static void add_what(const struct style *style, const struct target_state *state, struct text *text)
{
    const struct target *target = &state->target;
    style_add_text(style, text, target->name);
    text_add(text, _(": "));
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
        text_add(text, ", ");
        amount_add_percent(text, target->percent / 100,
                           target->percent == floor(target->percent) ? 0 : 1);
        char baseline[RENDER_TIME_MAX];
        text_format(text, _(" below %s"), baseline_period(target, baseline));
    }
    if (state->baseline > 0) {
        text_add(text, _(" (baseline "));
        text_add(text, state->baseline_modelled > 0 ? "~" : "");
        amount_add(text, state->baseline);
        text_format(text, "%s%s)", language_blank(), language_text(target_unit_name(target->unit)));
    }
}

static void add_trend(const struct style *style, const struct trend *trend, struct text *text)
{
    if (!trend->known) {
        text_format(text, _("; no trend: needs 21 of 28 days recorded, twice, has %u and %u"),
                    trend->days[0], trend->days[1]);
        return;
    }
    text_add(text, _("; last 4 weeks against the 4 before: "));
    add_trend_ratio(style, trend, text);
}

void targets_add_details(const struct target_state *state, const struct style *style,
                         struct text *line)
{
    add_what(style, state, line);
    if (state->lack != TARGET_COMPLETE) {
        text_add(line, _("; "));
        targets_add_lack(state, false, line);
    }
    if (state->valued) {
        bool modelled = state->so_far_modelled > 0;
        text_add(line, modelled ? _("; measured or modelled ") : _("; measured "));
        amount_add_percent(line, state->covered, 1);
        text_add(line, _(" of the period so far"));
        if (modelled) {
            text_add(line, _(", of its energy modelled: "));
            amount_add_percent(line, state->so_far_modelled, 1);
        }
        add_trend(style, &state->trend, line);
    }
    if (state->projection_lack != TARGET_COMPLETE && state->projection_lack != state->lack) {
        text_add(line, _("; "));
        targets_add_lack(state, true, line);
    }
    text_add(line, ".");
}

void targets_add_method(const struct target_list *list, struct text *line)
{
    bool projected = false, unstated = false, carbon = false, estimate = false;
    for (size_t i = 0; i < list->n; i++) {
        projected |= list->states[i].projected;
        unstated |= list->states[i].projected && !list->states[i].metered;
        estimate |= list->states[i].valued && list->states[i].estimate;
        carbon |= list->states[i].valued && list->states[i].target.unit == TARGET_KGCO2E;
    }
    if (estimate)
        text_add(line, _("~ ESTIMATE: a model says so and no meter, at least in part. "));
    if (projected)
        text_add(line, _("Projected: so far, and for each day to come the mean of its day of the "
                         "week; the interval is that of days going on as they were."));
    if (unstated)
        text_add(line, _(" The meters state none of their own, or not for all."));
    if (carbon) {
        text_add(line, _(" 1 kWh of the machine is counted as "));
        amount_add(line, list->per_kwh.impacts[CRITERION_GWP].value);
        text_add(line, _(" kgCO2e (PUE "));
        amount_add(line, list->per_kwh.pue.value);
        text_add(line, ").");
    }
}

static void add_paragraph(const struct style *style, struct text *text, struct text *line)
{
    if (line->length > 0)
        style_add_paragraph(style, text, 2, line->data);
    text_clear(line);
}

void targets_add_title(const struct target_list *list, struct text *text)
{
    char time[RENDER_TIME_MAX];
    text_format(text, _("Targets, as of %s"),
                render_time(time, FORM_MOMENT, list->n > 0 ? list->states[0].now_s : 0));
}

void targets_render_table(const struct target_list *list, const struct style *style,
                          struct text *text)
{
    CLEANUP(table_done) struct table table = {0};
    CLEANUP(text_done) struct text line = {0};
    style_add_colour(style, text, COLOUR_BOLD);
    targets_add_title(list, text);
    style_add_colour(style, text, COLOUR_PLAIN);
    text_add(text, "\n\n");
    targets_fill_table(list, style, false, &table);
    table_render(&table, style, text);
    text_add(text, "\n");
    for (size_t i = 0; i < list->n; i++) {
        targets_add_details(&list->states[i], style, &line);
        add_paragraph(style, text, &line);
    }
    targets_add_method(list, &line);
    add_paragraph(style, text, &line);
}

/* ---- Within a report ---- */

void targets_add_line(const struct target_state *state, const struct style *style,
                      struct text *line)
{
    text_add(line, _("Target "));
    style_add_text(style, line, state->target.name);
    text_add(line, " ");
    targets_add_period(state, line);
    text_add(line, _(": "));
    text_add(line, targets_verdict_text(state->verdict));
    if (state->limited && state->valued) {
        text_add(line, _("; so far "));
        amount_add(line, state->so_far);
        text_add(line, _(" of "));
        amount_add(line, state->limit);
        text_format(line, "%s%s", language_blank(),
                    language_text(target_unit_name(state->target.unit)));
    }
    if (state->projected) {
        text_add(line, _(", projected "));
        amount_add(line, state->value);
        text_add(line, " (");
        amount_add_interval(line, state->least, state->most);
        if (!state->metered)
            text_add(line, _(", without the meters' own interval"));
        text_add(line, ")");
    }
    if (state->valued && state->estimate)
        text_add(line, _("; an ESTIMATE: modelled, at least in part"));
    text_add(line, _(". More: greend-ctl targets."));
}
