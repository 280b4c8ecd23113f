/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <inttypes.h>

#include "greend/units.h"
#include "render/render.h"
#include "render/render_footprint.h"

static void add_micro_cell(struct text *text, uint64_t millionths)
{
    text_add(text, ",");
    text_add_micro(text, millionths);
}

static void add_name_cells(struct text *text, const struct report_row *row)
{
    const char *kind = render_kind(row->kind);
    const char *source = render_energy_source(row->source);
    render_csv_cell(text, kind ? kind : "", false);
    render_csv_cell(text, row->unit, false);
    render_csv_cell(text, row->command, false);
    render_csv_cell(text, row->user, false);
    render_csv_cell(text, row->domain, false);
    render_csv_cell(text, source ? source : "", false);
}

static void add_row(const struct report *report, const struct report_footprint *footprint,
                    const struct report_row *row, struct text *text)
{
    char time[RENDER_TIME_MAX];
    const struct report_sum *sum = &row->sum;
    bool coverage = row->type == REPORT_ROW_TOTAL ||
                    (row->type == REPORT_ROW_ITEM && report_group_is_span(report->group));
    render_csv_cell(text, render_row_type(row->type), true);
    render_csv_cell(text, render_time(time, FORM_ISO, row->begin_s), false);
    render_csv_cell(text, render_time(time, FORM_ISO, row->begin_s + row->length_s), false);
    add_name_cells(text, row);
    text_format(text, ",%" PRIu64, sum->energy_uj);
    add_micro_cell(text, sum->energy_uj);
    text_add(text, ",");
    if (sum->unstated_uj < sum->energy_uj)
        text_format(text, "%" PRIu64, sum->uncertainty_uj);
    text_format(text, ",%" PRIu64, sum->unstated_uj);
    text_add(text, ",");
    if (row->type != REPORT_ROW_NOT_SUMMED)
        text_add_micro(text, row->share_ppm);
    render_csv_cell(text, render_origin(sum), false);
    text_format(text, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, sum->modelled_uj, sum->idle_uj,
                sum->unattributed_uj);
    add_micro_cell(text, sum->cpu_ns / NS_PER_US);
    text_add(text, ",");
    if (coverage)
        text_add_micro(text, report_row_coverage_ppm(report, row));
    const char *quality = quality_name(report_row_quality(report, row));
    render_csv_cell(text, quality ? quality : "", false);
    render_csv_cell(text, report_idle_name(report->idle), false);
    text_format(text, ",%" PRIu64, sum->unowned_uj);
    if (footprint)
        footprint_csv_cells(footprint, row, text);
    text_add(text, "\r\n");
}

void render_report_csv(const struct report *report, const struct report_footprint *footprint,
                       struct text *text)
{
    text_add(text, "row,begin,end,kind,unit,command,user,domain,meter,energy_microjoules,"
                   "energy_joules,uncertainty_microjoules,uncertainty_unstated_microjoules,"
                   "share_ratio,source,modelled_microjoules,idle_microjoules,"
                   "unattributed_microjoules,cpu_seconds,coverage_ratio,quality,idle_policy,"
                   "idle_unowned_microjoules");
    if (footprint)
        footprint_csv_titles(text);
    text_add(text, "\r\n");
    for (size_t i = 0; i < report->n_rows; i++)
        add_row(report, footprint, report->rows[i], text);
    for (size_t i = 0; i < report->n_apart; i++)
        add_row(report, footprint, report->apart[i], text);
    add_row(report, footprint, &report->total, text);
}
