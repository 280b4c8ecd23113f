/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "report/report_footprint.h"

#include <math.h>
#include <time.h>

#include "greend/units.h"
#include "report/fleet.h"
#include "report/report_internal.h"

enum {
    DAY_S = 86400,
    /* Minutes are committed as wholes, so at the edges of a period as much is always missing. */
    EDGES_S = 120,
};

const char *footprint_state_name(enum footprint_state state)
{
    static const char *const names[] = {
        [FOOTPRINT_WHOLE] = "whole",
        [FOOTPRINT_PARTIAL] = "partial",
        [FOOTPRINT_IN_PROGRESS] = "in_progress",
    };
    return names[state];
}

const char *footprint_sharing_name(enum footprint_sharing sharing)
{
    static const char *const names[] = {
        [FOOTPRINT_BY_ENERGY] = "energy",
        [FOOTPRINT_BY_TIME] = "time",
        [FOOTPRINT_UNSHARED] = "none",
    };
    return names[sharing];
}

/* ---- Time ---- */

int64_t report_civil_s(int64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm wall;
    return localtime_r(&time, &wall) ? time_s + wall.tm_gmtoff : time_s;
}

static enum footprint_state state_of(int64_t begin_s, int64_t end_s, uint64_t covered_ns,
                                     int64_t now_s)
{
    if (end_s > now_s)
        return FOOTPRINT_IN_PROGRESS;
    uint64_t length_ns = end_s > begin_s ? mul_div((uint64_t)(end_s - begin_s), NS_PER_S, 1) : 0;
    return sub_saturated(length_ns, covered_ns) > EDGES_S * NS_PER_S ? FOOTPRINT_PARTIAL
                                                                     : FOOTPRINT_WHOLE;
}

enum footprint_state report_footprint_span(const struct report_footprint *footprint,
                                           const struct report_row *row)
{
    int64_t begin_s = 0;
    int64_t end_s = 0;
    report_calendar(footprint->report->group, row->begin_s, &begin_s, &end_s);
    return state_of(begin_s, end_s, row->covered_ns, footprint->now_s);
}

/* A month has all of its days that lie in the period, also those without any record. */
void report_footprint_span_time(const struct report_footprint *footprint,
                                const struct report_row *row, int64_t *ret_since_s,
                                int64_t *ret_until_s)
{
    const struct report *report = footprint->report;
    int64_t begin_s = row->begin_s;
    int64_t end_s = row->begin_s + row->length_s;
    if (report->group == REPORT_BY_MONTH)
        report_calendar(report->group, row->begin_s, &begin_s, &end_s);
    *ret_since_s = report_civil_s(MAX(begin_s, report->period.since_s));
    *ret_until_s = report_civil_s(MIN(end_s, report->period.until_s));
}

/* ---- The hardware ---- */

/* Seconds of a civil time that lie in the machine's life. */
static int64_t life_within(const struct report_footprint *footprint, int64_t since_s,
                           int64_t until_s)
{
    const struct inventory_view *view = &footprint->facts->view;
    struct amortised amortised;
    if (footprint->gaps & FOOTPRINT_GAPS_EMBODIED)
        return 0;
    amortised_share(view->factors, &view->asset, since_s, until_s, &amortised);
    return llround(amortised.period_days * DAY_S);
}

static int64_t life_of_row(const struct report_footprint *footprint, const struct report_row *row)
{
    int64_t since_s = 0;
    int64_t until_s = 0;
    if (row->type == REPORT_ROW_REST)
        return footprint->rest_s;
    report_footprint_span_time(footprint, row, &since_s, &until_s);
    return life_within(footprint, since_s, until_s);
}

static double part(double amount, double whole)
{
    return whole > 0 ? MIN(amount / whole, 1.0) : 0;
}

static double embodied_share(const struct report_footprint *footprint, const struct report_row *row)
{
    switch (footprint->sharing) {
    case FOOTPRINT_BY_ENERGY:
        return part((double)row->sum.energy_uj, (double)footprint->report->total.sum.energy_uj);
    case FOOTPRINT_BY_TIME:
        return part((double)life_of_row(footprint, row), (double)footprint->life_s);
    case FOOTPRINT_UNSHARED:
        break;
    }
    return 0;
}

/* What no row has: time without any record; all of it where nothing tells who to give it to. Rows
 * of time that are folded into one have all that the others have not. */
static void find_unshared(struct report_footprint *footprint)
{
    const struct report *report = footprint->report;
    int64_t given_s = 0;
    bool folded = false;
    if (footprint->sharing != FOOTPRINT_BY_TIME) {
        bool shared = footprint->sharing == FOOTPRINT_BY_ENERGY && report->total.sum.energy_uj > 0;
        footprint->unshared = shared ? 0 : 1;
        return;
    }
    for (size_t i = 0; i < report->n_rows; i++) {
        folded |= report->rows[i]->type == REPORT_ROW_REST;
        given_s += life_of_row(footprint, report->rows[i]); /* of a folded row nothing so far */
    }
    int64_t left_s = MAX(footprint->life_s - given_s, INT64_C(0));
    footprint->rest_s = folded ? left_s : 0;
    if (footprint->life_s == 0)
        footprint->unshared = 1;
    else if (!folded)
        footprint->unshared = part((double)left_s, (double)footprint->life_s);
}

/* ---- Use ---- */

/* Of shares: their interval is relative to the meter, and says nothing of it where it states none.
 */
static struct figure energy_of(const struct report *report, const struct report_sum *sum)
{
    bool stated = sum->unstated_uj < sum->energy_uj;
    struct figure energy = energy_figure(sum->energy_uj, stated ? sum->uncertainty_uj : UINT64_MAX);
    energy.unbanded |= sum->unstated_uj > 0 || report->total.sum.unstated_uj > 0;
    return energy;
}

void report_footprint_use(const struct report_footprint *footprint, const struct report_sum *sum,
                          struct use_impacts *ret)
{
    const struct inventory_view *view = &footprint->facts->view;
    struct figure energy = energy_of(footprint->report, sum);
    use_impacts_of(view->factors, &view->site, energy, ret);
}

static void add_up(struct impacts *impacts)
{
    for (int c = 0; c < CRITERIA; c++)
        impacts->sum[c] = figure_add(impacts->use.impacts[c], impacts->embodied[c]);
}

bool report_footprint_row(const struct report_footprint *footprint, const struct report_row *row,
                          struct impacts *ret)
{
    if (row->type == REPORT_ROW_TOTAL)
        *ret = footprint->total;
    if (row->type >= REPORT_ROW_TOTAL)
        return row->type == REPORT_ROW_TOTAL;
    if (footprint->fleet) {
        fleet_row(footprint->fleet, row, ret);
        return true;
    }
    *ret = (struct impacts){.embodied_share = embodied_share(footprint, row)};
    report_footprint_use(footprint, &row->sum, &ret->use);
    for (int c = 0; c < CRITERIA && footprint->sharing != FOOTPRINT_UNSHARED; c++)
        ret->embodied[c] = figure_scale(footprint->total.embodied[c], ret->embodied_share);
    add_up(ret);
    return true;
}

/* ---- The whole ---- */

static unsigned use_gaps(const struct report_footprint *footprint)
{
    const struct site *site = &footprint->facts->view.site;
    const struct use_impacts *use = &footprint->total.use;
    bool any = false;
    for (int c = 0; c < CRITERIA; c++)
        any |= use->factors[c] != NULL;
    if (site->geography == GEOGRAPHY_UNKNOWN)
        return FOOTPRINT_NO_COUNTRY;
    return (use->pue.known ? 0 : FOOTPRINT_NO_PUE) | (any ? 0 : FOOTPRINT_NO_MIX);
}

static unsigned embodied_gaps(const struct report_footprint *footprint)
{
    const struct facts *facts = footprint->facts;
    const struct asset *asset = &facts->view.asset;
    unsigned gaps = facts->here ? 0 : FOOTPRINT_ELSEWHERE;
    gaps |= facts->view.embodied.gaps & EMBODIED_NO_MACHINE ? FOOTPRINT_NO_MACHINE : 0;
    gaps |= facts->view.embodied.gaps & EMBODIED_NO_SHARE ? FOOTPRINT_NO_SHARE : 0;
    if (asset->purchase == DAY_UNKNOWN)
        return gaps | FOOTPRINT_NO_PURCHASE;
    if ((int64_t)asset->purchase * DAY_S > report_civil_s(footprint->now_s))
        return gaps | FOOTPRINT_PURCHASE_AHEAD;
    gaps |= footprint->amortised.share.known ? 0 : FOOTPRINT_NO_LIFE;
    if (gaps != 0)
        return gaps;
    gaps |= footprint->amortised.notes & AMORTISED_BEFORE_PURCHASE ? FOOTPRINT_BEFORE_PURCHASE : 0;
    gaps |= footprint->amortised.notes & AMORTISED_PAST_LIFE ? FOOTPRINT_PAST_LIFE : 0;
    return gaps | (facts->view.embodied.gaps != 0 ? FOOTPRINT_INCOMPLETE : 0);
}

static void find_gaps(struct report_footprint *footprint)
{
    const struct facts *facts = footprint->facts;
    if (!facts->declared)
        footprint->gaps = FOOTPRINT_NOT_DECLARED;
    else if (facts->wrong)
        footprint->gaps = FOOTPRINT_NO_FACTORS;
    else
        footprint->gaps = use_gaps(footprint) | embodied_gaps(footprint);
}

/* As the product category rules tell the quality of data: a meter of the whole machine, meters of
 * its parts, a model. */
static void find_quality(struct report_footprint *footprint)
{
    const struct report *report = footprint->report;
    uint64_t all_uj = report->total.sum.energy_uj;
    uint64_t high_uj =
        add_saturated(report->by_source_uj[SOURCE_ACPI], report->by_source_uj[SOURCE_BMC]);
    uint64_t medium_uj = add_saturated(
        report->by_source_uj[SOURCE_RAPL],
        add_saturated(report->by_source_uj[SOURCE_HWMON], report->by_source_uj[SOURCE_GPU]));
    footprint->quality_uj[QUALITY_HIGH] = high_uj;
    footprint->quality_uj[QUALITY_MEDIUM] = medium_uj;
    footprint->quality_uj[QUALITY_LOW] = sub_saturated(all_uj, add_saturated(high_uj, medium_uj));
}

static void find_state(struct report_footprint *footprint)
{
    const struct report *report = footprint->report;
    int64_t since_s = MIN(report->since_s, report->period.since_s);
    int64_t until_s = MAX(report->until_s, report->period.until_s);
    footprint->state = state_of(since_s, until_s, report->period.covered_ns, footprint->now_s);
    footprint->asked_covered_ppm = report_coverage_ppm(report);
}

/* Of one host, by its facts. */
static void count_host(struct report_footprint *footprint)
{
    const struct inventory_view *view = &footprint->facts->view;
    struct impacts *total = &footprint->total;
    report_footprint_use(footprint, &footprint->report->total.sum, &total->use);
    amortised_share(view->factors, &view->asset, footprint->since_s, footprint->until_s,
                    &footprint->amortised);
    find_gaps(footprint);
    footprint->life_s = life_within(footprint, footprint->since_s, footprint->until_s);
    if (!(footprint->gaps & FOOTPRINT_GAPS_EMBODIED))
        for (int c = 0; c < CRITERIA; c++)
            total->embodied[c] =
                figure_multiply(view->embodied.total[c], footprint->amortised.share);
    total->embodied_share = 1;
    for (int c = 0; c < CRITERIA; c++) {
        footprint->use_complete[c] = true;
        footprint->embodied_complete[c] = view->embodied.complete[c];
    }
    add_up(total);
    find_unshared(footprint);
}

const struct factor_table *report_footprint_factors(const struct report_footprint *footprint)
{
    return footprint->fleet ? footprint->fleet->factors : footprint->facts->view.factors;
}

void report_footprint_init(struct report_footprint *ret, const struct report *report,
                           const struct facts *facts, int64_t now_s)
{
    *ret = (struct report_footprint){
        .report = report,
        .facts = facts,
        .fleet = report->fleet,
        .now_s = now_s,
        .since_s = report_civil_s(report->period.since_s),
        .until_s = report_civil_s(report->period.until_s),
        .sharing = report->group == REPORT_BY_DOMAIN     ? FOOTPRINT_UNSHARED
                   : report_group_is_span(report->group) ? FOOTPRINT_BY_TIME
                                                         : FOOTPRINT_BY_ENERGY,
    };
    find_state(ret);
    find_quality(ret);
    if (report->fleet)
        fleet_footprint(report->fleet, ret);
    else
        count_host(ret);
}
