/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "report/fleet.h"

struct fleet *fleet_new(void)
{
    return calloc(1, sizeof(struct fleet));
}

struct fleet_host *fleet_host_free(struct fleet_host *host)
{
    if (!host)
        return NULL;
    report_done(&host->report);
    facts_done(&host->facts);
    free(host);
    return NULL;
}

void fleet_host_free_p(struct fleet_host **host)
{
    *host = fleet_host_free(*host);
}

struct fleet *fleet_free(struct fleet *fleet)
{
    if (!fleet)
        return NULL;
    for (size_t i = 0; i < fleet->n; i++)
        (void)fleet_host_free(fleet->hosts[i]);
    free(fleet->hosts);
    free(fleet->contained);
    fleet->factors = factor_table_free(fleet->factors);
    free(fleet);
    return NULL;
}

/* ---- A host ---- */

/* What a row of the newest host has beside its energy. */
static void share_of(void *userdata, const struct report_row *row, struct report_part *part)
{
    const struct fleet *fleet = userdata;
    const struct fleet_host *host = fleet->hosts[fleet->n - 1];
    struct impacts impacts;
    part->host = fleet->n - 1;
    if (report_footprint_row(&host->footprint, row, &impacts))
        part->embodied_share = impacts.embodied_share;
    if (report_group_is_span(host->report.group) && row->type == REPORT_ROW_ITEM)
        report_footprint_span_time(&host->footprint, row, &part->since_s, &part->until_s);
}

static int append(struct fleet *fleet, struct fleet_host *host)
{
    if (fleet->n == fleet->capacity) {
        size_t more = fleet->capacity ? 2 * fleet->capacity : 8;
        struct fleet_host **grown = reallocarray(fleet->hosts, more, sizeof(void *));
        if (!grown)
            return -ENOMEM;
        fleet->hosts = grown;
        fleet->capacity = more;
    }
    fleet->hosts[fleet->n++] = host;
    return 0;
}

int fleet_add(struct fleet *fleet, struct fleet_host *host, struct report *all, int64_t now_s)
{
    if (append(fleet, host) < 0) {
        (void)fleet_host_free(host);
        return -ENOMEM;
    }
    report_footprint_init(&host->footprint, &host->report, &host->facts, now_s);
    int r = report_merge(all, &host->report, share_of, fleet);
    report_done(&host->report);
    return r;
}

/* ---- Sums ---- */

/* What is known of some hosts is the least that all can have. */
static struct figure sum_of_known(struct figure sum, struct figure more)
{
    if (!sum.known)
        return more;
    return more.known ? figure_add(sum, more) : sum;
}

static void add_use(struct use_impacts *sum, const struct use_impacts *more)
{
    sum->energy_kwh = sum_of_known(sum->energy_kwh, more->energy_kwh);
    sum->facility_kwh = sum_of_known(sum->facility_kwh, more->facility_kwh);
    sum->water_on_site = sum_of_known(sum->water_on_site, more->water_on_site);
    sum->water_upstream = sum_of_known(sum->water_upstream, more->water_upstream);
    for (int c = 0; c < CRITERIA; c++) {
        sum->impacts[c] = sum_of_known(sum->impacts[c], more->impacts[c]);
        if (!sum->factors[c]) /* whether any has one */
            sum->factors[c] = more->factors[c];
    }
}

static void add_embodied(struct figure sum[CRITERIA], const struct figure more[CRITERIA],
                         double share)
{
    for (int c = 0; c < CRITERIA; c++)
        sum[c] = sum_of_known(sum[c], figure_scale(more[c], share));
}

static void add_up(struct impacts *impacts)
{
    for (int c = 0; c < CRITERIA; c++)
        impacts->sum[c] = figure_add(impacts->use.impacts[c], impacts->embodied[c]);
}

size_t fleet_count(const struct fleet *fleet, unsigned gaps)
{
    size_t n = 0;
    for (size_t i = 0; i < fleet->n; i++)
        n += (fleet->hosts[i]->footprint.gaps & gaps) != 0;
    return n;
}

/* A phase that is told of some hosts is told, as the least; of none, for all of their reasons. */
static void add_gaps(const struct fleet *fleet, unsigned phase, struct report_footprint *ret)
{
    if (fleet_count(fleet, phase) < fleet->n)
        return;
    for (size_t i = 0; i < fleet->n; i++)
        ret->gaps |= fleet->hosts[i]->footprint.gaps & phase;
}

void fleet_footprint(const struct fleet *fleet, struct report_footprint *ret)
{
    struct impacts *total = &ret->total;
    const unsigned partly = FOOTPRINT_BEFORE_PURCHASE | FOOTPRINT_PAST_LIFE | FOOTPRINT_INCOMPLETE;
    bool partial = fleet->silent > 0;
    *total = (struct impacts){.embodied_share = 1};
    for (int c = 0; c < CRITERIA; c++)
        ret->use_complete[c] = ret->embodied_complete[c] = fleet->silent == 0;
    for (size_t i = 0; i < fleet->n; i++) {
        const struct report_footprint *host = &fleet->hosts[i]->footprint;
        add_use(&total->use, &host->total.use);
        add_embodied(total->embodied, host->total.embodied, 1);
        ret->gaps |= host->gaps & partly;
        partial |= host->state == FOOTPRINT_PARTIAL;
        for (int c = 0; c < CRITERIA; c++) {
            ret->use_complete[c] &= host->total.use.impacts[c].known;
            ret->embodied_complete[c] &=
                host->total.embodied[c].known && host->embodied_complete[c];
        }
    }
    if (partial && ret->state == FOOTPRINT_WHOLE)
        ret->state = FOOTPRINT_PARTIAL;
    add_gaps(fleet, FOOTPRINT_GAPS_USE, ret);
    add_gaps(fleet, FOOTPRINT_GAPS_EMBODIED, ret);
    add_up(total);
}

void fleet_row(const struct fleet *fleet, const struct report_row *row, struct impacts *ret)
{
    *ret = (struct impacts){0};
    for (size_t i = 0; i < row->n_parts; i++) {
        const struct report_part *part = &row->parts[i];
        const struct report_footprint *host = &fleet->hosts[part->host]->footprint;
        const struct report_sum sum = {.energy_uj = part->energy_uj,
                                       .uncertainty_uj = part->uncertainty_uj,
                                       .unstated_uj = part->unstated_uj};
        struct use_impacts use;
        report_footprint_use(host, &sum, &use);
        add_use(&ret->use, &use);
        if (host->sharing != FOOTPRINT_UNSHARED)
            add_embodied(ret->embodied, host->total.embodied, part->embodied_share);
    }
    add_up(ret);
}

const char *fleet_host_name(const struct fleet_host *host, char target[FLEET_NAME_MAX])
{
    const uint8_t *id = host->report.info.host_id;
    if (host->facts.name[0] != '\0')
        (void)str_copy(target, FLEET_NAME_MAX, host->facts.name);
    else
        (void)snprintf(target, FLEET_NAME_MAX, "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
    return target;
}
