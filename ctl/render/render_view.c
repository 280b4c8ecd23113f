/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "render/render_view.h"

#include <assert.h>

#include "ctl.h"
#include "greend/units.h"

/* What all emissions are, where rows are parts of it. */
#define EMITTED_ALL UINT64_C(1000000000000000)

/* Of several hosts, each with its own site, emissions do not go by energy: each row by its own. */
static void part_emissions(const struct view *view, double all, uint64_t *parts)
{
    for (size_t i = 0; i < view->report->n_rows; i++) {
        struct impacts impacts;
        (void)report_footprint_row(view->footprint, view->report->rows[i], &impacts);
        const struct figure *own = &impacts.use.impacts[CRITERION_GWP];
        parts[i] = own->known ? (uint64_t)(own->value / all * (double)EMITTED_ALL + 0.5) : 0;
    }
}

/* Emissions of use go by energy, so they are shared out like it. */
static int share_emissions(struct view *view, uint64_t *parts)
{
    const struct figure *gwp =
        view->footprint ? &view->footprint->total.use.impacts[CRITERION_GWP] : NULL;
    uint64_t all = view->report->total.sum.energy_uj;
    if (!gwp || !gwp->known || !(gwp->value > 0 && gwp->value < 1e12))
        return 0;
    view->grams = gwp->value < 1;
    double steps = gwp->value * (view->grams ? 1000 : 1);
    for (; view->emitted_decimals < 6 && steps < 1000; view->emitted_decimals++)
        steps *= 10;
    if (view->footprint->fleet) {
        part_emissions(view, gwp->value, parts);
        all = EMITTED_ALL;
    }
    int64_t total =
        amount_share_out(parts, view->report->n_rows, (uint64_t)(steps + 0.5), all, view->emitted);
    view->total_emitted = total < 0 ? 0 : (uint64_t)total;
    return total < 0 ? -ENOMEM : 0;
}

int view_init(struct view *view, const struct report *report,
              const struct report_footprint *footprint, const struct style *style)
{
    size_t count = report->n_rows;
    *view = (struct view){.report = report, .style = style, .footprint = footprint};
    view->scale = amount_scale_for(report->total.sum.energy_uj);
    view->bar_columns = style->width >= 96 ? 12 : 8;
    view->steps = calloc(4 * count + 1, sizeof(uint64_t));
    if (!view->steps)
        return -ENOMEM;
    view->tenths = view->steps + count;
    view->emitted = view->tenths + count;
    uint64_t *parts = view->emitted + count;
    for (size_t i = 0; i < count; i++) {
        parts[i] = report->rows[i]->sum.energy_uj;
        if (view_has_bar(report->rows[i]))
            view->bar_uj = MAX(view->bar_uj, parts[i]);
    }
    int64_t total = amount_share_out(parts, count, 1, view->scale.step_uj, view->steps);
    int64_t all = amount_share_out(parts, count, 1000, report->total.sum.energy_uj, view->tenths);
    view->total_steps = total < 0 ? 0 : (uint64_t)total;
    return total < 0 || all < 0 ? -ENOMEM : share_emissions(view, parts);
}

void view_done(struct view *view)
{
    free(view->steps);
}

uint64_t view_steps_in(const struct view *view, uint64_t energy_uj)
{
    assert(view->scale.step_uj > 0);
    return energy_uj / view->scale.step_uj;
}

void view_add_energy(const struct view *view, struct text *text, uint64_t steps, bool modelled)
{
    char number[LANGUAGE_NUMBER_MAX];
    if (modelled)
        text_add(text, "~");
    text_add(text, amount_format(number, sizeof(number), steps, view->scale.decimals));
    text_format(text, "%s%s", language_blank(), view->scale.unit);
}

void view_add_band(const struct view *view, struct text *text, const struct report_sum *sum)
{
    char number[LANGUAGE_NUMBER_MAX];
    if (sum->uncertainty_uj == 0)
        return;
    uint64_t steps = view_steps_in(view, sum->uncertainty_uj - 1) + 1;
    text_format(text, "%s%s%s", style_sign(view->style, "±", "+-"), language_blank(),
                amount_format(number, sizeof(number), steps, view->scale.decimals));
}

void view_add_percent(struct text *text, uint64_t tenths)
{
    char number[LANGUAGE_NUMBER_MAX];
    text_format(text, "%s%s", amount_format(number, sizeof(number), tenths, 1), language_percent());
}

void view_add_part(struct text *text, uint64_t part, uint64_t whole)
{
    view_add_percent(text, whole ? mul_div(MIN(part, whole), 1000, whole) : 0);
}
