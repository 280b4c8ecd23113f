/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <inttypes.h>

#include "ctl.h"
#include "render/render_view.h"
#include "targets/targets_render.h"

static void add_apart(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    if (report->n_apart == 0)
        return;
    text_add(line, _("Not in the total, because they lie inside or around other domains: "));
    for (size_t i = 0; i < report->n_apart; i++) {
        const struct report_row *row = report->apart[i];
        text_add(line, i ? ", " : "");
        style_add_text(view->style, line, row->domain);
        text_add(line, " ");
        view_add_energy(view, line, view_steps_in(view, row->sum.energy_uj),
                        row->sum.modelled_uj > 0);
    }
    text_add(line, ".");
}

static void add_events(const struct view *view, struct text *line)
{
    static const struct {
        enum store_event_kind kind;
        const char *one, *many;
    } told[] = {
        {STORE_EVENT_GAP,    NP_("gap",                 "gaps")                 },
        {STORE_EVENT_LOST,   NP_("loss of attribution", "losses of attribution")},
        {STORE_EVENT_RESET,  NP_("counter reset",       "counter resets")       },
        {STORE_EVENT_CLOCK,  NP_("clock change",        "clock changes")        },
        {STORE_EVENT_REBOOT, NP_("reboot",              "reboots")              },
    };
    for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
        uint64_t count = view->report->events[told[i].kind];
        if (count > 0)
            text_format(line, "%s%" PRIu64 " %s", line->length ? ", " : _("In this period: "),
                        count, P_(told[i].one, told[i].many, count));
    }
    if (line->length == 0)
        return;
    text_add(line, ".");
}

/* "Made from: rapl 78.0 %, model 22.0 %; " */
static void add_meters(const struct report *report, struct text *line)
{
    uint64_t tenths[ENERGY_SOURCES] = {0};
    const char *separator = " ";
    (void)amount_share_out(report->by_source_uj, ENERGY_SOURCES, 1000, report->total.sum.energy_uj,
                           tenths);
    text_add(line, _("Made from:"));
    for (int i = 0; i < ENERGY_SOURCES; i++) {
        if (report->by_source_uj[i] == 0)
            continue;
        text_format(line, "%s%s ", separator, language_in("meter", render_energy_source(i)));
        view_add_percent(line, tenths[i]);
        separator = ", ";
    }
    text_add(line, *separator == ' ' ? _(" nothing; ") : _("; "));
}

/* What stands behind a band, where there is one. */
static void add_band_legend(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    bool banded = report->total.sum.uncertainty_uj > 0, partly = report->total.sum.unstated_uj > 0;
    for (size_t i = 0; i < report->n_rows; i++) {
        banded |= report->rows[i]->sum.uncertainty_uj > 0;
        partly |= report->rows[i]->sum.unstated_uj > 0;
    }
    if (!banded)
        return;
    text_format(line, "%s ", style_sign(view->style, "±", "+-"));
    if (report->total.sum.modelled_uj == 0)
        /* xgettext:no-c-format */
        text_add(line, _("is half of a 95 % interval: of the split, relative to the meter, and "
                         "of the meter where it states one; "));
    else
        /* xgettext:no-c-format */
        text_add(line, _("is half of a 95 % interval: the model's band, and that of the split; "));
    if (partly && report->total.sum.modelled_uj > 0)
        text_add(line, _("stated for a part only; "));
    text_format(line, _("quality: high up to %d %%, medium up to %d %% or modelled. "),
                QUALITY_HIGH_PPM / 10000, QUALITY_MEDIUM_PPM / 10000);
}

/* How the numbers were made. */
static void add_method(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    const struct report_sum *sum = &report->total.sum;
    if (sum->modelled_uj > 0)
        text_add(line, _("~ ESTIMATE: a model says so and no meter, at least in part. "));
    add_band_legend(view, line);
    add_meters(report, line);
    text_add(line, _("work shares what is not idle by CPU time"));
    if (sum->modelled_uj < sum->energy_uj)
        text_add(line, _(" and learned power"));
    if (report->idle == REPORT_IDLE_PROPORTIONAL)
        text_add(line, _("; idle energy in proportion to that"));
    if (report->idle == REPORT_IDLE_RESERVED)
        text_add(line, _("; idle energy by what units reserved: of packages by CPU weight, of "
                         "memory by memory held, of others half by each"));
    text_add(line, _(". Shares are of the total; rounded so that all rows add up."));
}

/* Memory uses energy without work: what for is in its idle part. */
static void add_memory(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    for (size_t i = 0; i < report->n_rows && report->group == REPORT_BY_DOMAIN; i++) {
        const struct report_row *row = report->rows[i];
        if (row->type != REPORT_ROW_ITEM || row->domain_kind != DOMAIN_DRAM)
            continue;
        const struct report_sum *sum = &row->sum;
        uint64_t steps = view->steps[i], idle_steps = MIN(view_steps_in(view, sum->idle_uj), steps);
        text_add(line, line->length ? _("; ") : _("Memory, without and with work: "));
        style_add_text(view->style, line, row->domain);
        text_add(line, _(" static "));
        view_add_energy(view, line, idle_steps, sum->modelled_uj > 0);
        text_add(line, _(", dynamic "));
        view_add_energy(view, line, steps - idle_steps, sum->modelled_uj > 0);
    }
    if (line->length == 0)
        return;
    text_add(line, ".");
}

/* As the row of idle energy says, where there is one. */
static uint64_t unowned_steps(const struct view *view)
{
    const struct report *report = view->report;
    for (size_t i = 0; i < report->n_rows; i++)
        if (report->rows[i]->type == REPORT_ROW_IDLE)
            return view->steps[i];
    return view_steps_in(view, report->total.sum.unowned_uj);
}

/* What the policy could give to nobody. */
static void add_unowned(const struct view *view, struct text *line)
{
    const struct report *report = view->report;
    const struct report_sum *sum = &report->total.sum;
    if (report->idle != REPORT_IDLE_RESERVED || sum->unowned_uj == 0)
        return;
    text_add(line, _("Stays idle, for it is not known who reserved what all of the time: "));
    view_add_energy(view, line, unowned_steps(view), sum->modelled_uj > 0);
    text_add(line, ".");
    if (report->period.memory_ns == 0)
        text_add(line, _(" Memory is known for none of this period."));
    if (report->period.weight_ns == 0)
        text_add(line, _(" CPU weight is known for none of this period."));
    text_add(line, _(" Why: greend-ctl status."));
}

void view_tell_targets(const struct view *view, void (*note)(void *userdata, const char *words),
                       void *userdata)
{
    const struct target_list *targets = view->report->targets;
    for (size_t i = 0; targets && i < targets->n; i++) {
        CLEANUP(text_done) struct text line = {0};
        targets_add_line(&targets->states[i], view->style, &line);
        note(userdata, line.data);
    }
}

void view_tell_notes(const struct view *view, void (*note)(void *userdata, const char *words),
                     void *userdata)
{
    static void (*const parts[])(const struct view *view, struct text *line) = {
        add_apart, add_memory, add_unowned, add_events, add_method,
    };
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        CLEANUP(text_done) struct text line = {0};
        parts[i](view, &line);
        if (line.length > 0)
            note(userdata, line.data);
    }
}
