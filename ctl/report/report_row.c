/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/units.h"
#include "report/report.h"

static const char *const idle_names[REPORT_IDLE_POLICIES] = {
    [REPORT_IDLE_SEPARATE] = "separate",
    [REPORT_IDLE_PROPORTIONAL] = "proportional",
    [REPORT_IDLE_RESERVED] = "reserved",
};

const char *report_idle_name(enum report_idle idle)
{
    return idle < REPORT_IDLE_POLICIES ? idle_names[idle] : NULL;
}

int report_idle_find(const char *name)
{
    for (int i = 0; i < REPORT_IDLE_POLICIES; i++)
        if (str_equal(idle_names[i], name))
            return i;
    return -EINVAL;
}

void report_sum_add(struct report_sum *sum, const struct report_sum *more)
{
    sum->energy_uj = add_saturated(sum->energy_uj, more->energy_uj);
    sum->modelled_uj = add_saturated(sum->modelled_uj, more->modelled_uj);
    sum->uncertainty_uj = add_saturated(sum->uncertainty_uj, more->uncertainty_uj);
    sum->unstated_uj = add_saturated(sum->unstated_uj, more->unstated_uj);
    sum->idle_uj = add_saturated(sum->idle_uj, more->idle_uj);
    sum->unowned_uj = add_saturated(sum->unowned_uj, more->unowned_uj);
    sum->unattributed_uj = add_saturated(sum->unattributed_uj, more->unattributed_uj);
    sum->cpu_ns = add_saturated(sum->cpu_ns, more->cpu_ns);
}

bool report_row_is_whole(const struct report *report, const struct report_row *row)
{
    return report_items_are_whole(report) || row->type >= REPORT_ROW_TOTAL;
}

enum quality report_row_quality(const struct report *report, const struct report_row *row)
{
    const struct report_sum *sum = &row->sum;
    if (sum->energy_uj == 0 || (report_row_is_whole(report, row) && sum->unstated_uj > 0))
        return QUALITY_NONE;
    /* What is not stated could be anything between nothing and twice itself. */
    uint64_t half_uj = add_saturated(sum->uncertainty_uj, sum->unstated_uj);
    return quality_of(sum->modelled_uj > 0 ? QUALITY_MODELLED : QUALITY_MEASURED,
                      mul_div(half_uj, PPM, sum->energy_uj));
}
