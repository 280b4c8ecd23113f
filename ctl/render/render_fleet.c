/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "render/render_fleet.h"

#include "ctl.h"
#include "output/amount.h"
#include "render/render.h"
#include "render/render_footprint.h"

/* ---- Use ---- */

/* Sites with the same country and PUE. */
enum { SITES_MAX = 6 };

struct site_told {
    const struct use_impacts *use;
    int geography;
    size_t hosts;
};

static bool is_same_site(const struct site_told *told, const struct report_footprint *host)
{
    const struct use_impacts *use = &host->total.use;
    return told->geography == host->facts->view.site.geography &&
           told->use->pue_by == use->pue_by && told->use->pue.value == use->pue.value;
}

/* Returns how many there are; hosts beyond are counted in ret_more. */
static size_t find_sites(const struct fleet *fleet, struct site_told sites[SITES_MAX],
                         size_t *ret_more)
{
    size_t n = 0;
    for (size_t i = 0; i < fleet->n; i++) {
        const struct report_footprint *host = &fleet->hosts[i]->footprint;
        size_t place = 0;
        if (host->gaps & FOOTPRINT_GAPS_USE)
            continue;
        while (place < n && !is_same_site(&sites[place], host))
            place++;
        if (place == SITES_MAX) {
            ++*ret_more;
            continue;
        }
        if (place == n)
            sites[n++] = (struct site_told){&host->total.use, host->facts->view.site.geography, 0};
        sites[place].hosts++;
    }
    return n;
}

static void add_hosts(struct text *line, size_t hosts)
{
    text_format(line, P_("%zu host", "%zu hosts", hosts), hosts);
}

void fleet_add_use(const struct report_footprint *footprint, struct text *line)
{
    struct site_told sites[SITES_MAX];
    size_t more = 0;
    size_t n = find_sites(footprint->fleet, sites, &more);
    if (n == 0)
        return;
    text_add(line, _("Use: "));
    amount_add(line, footprint->total.use.facility_kwh.value);
    text_add(line, _(" kWh with the sites' overhead. "));
    for (size_t i = 0; i < n; i++) {
        add_hosts(line, sites[i].hosts);
        text_add(line, _(": PUE "));
        amount_add(line, sites[i].use->pue.value);
        if (sites[i].use->pue_by)
            text_format(line, _(", the default of %d"), sites[i].use->pue_by->year);
        else
            text_add(line, _(", declared"));
        text_format(line, _(", electricity of %s"), footprint_country(sites[i].geography));
        text_add(line, i + 1 < n ? _("; ") : "");
    }
    if (more > 0) {
        text_add(line, _("; at other sites "));
        add_hosts(line, more);
    }
    text_add(line, ". ");
}

/* ---- Hardware ---- */

void fleet_add_hardware(const struct report_footprint *footprint, struct text *line)
{
    const struct fleet *fleet = footprint->fleet;
    size_t without = fleet_count(fleet, FOOTPRINT_GAPS_EMBODIED);
    size_t incomplete = fleet_count(fleet, FOOTPRINT_INCOMPLETE);
    if (without == fleet->n)
        return;
    text_add(line, _("Hardware: "));
    add_hosts(line, fleet->n - without);
    text_add(line, _(", each by its own parts, purchase and life. "));
    if (incomplete > 0) {
        text_add(line, _("Some of it is not counted, nor in its interval: of "));
        add_hosts(line, incomplete);
        text_add(line, ". ");
    }
}

/* ---- What is missing ---- */

static const struct fleet_host *first_with(const struct fleet *fleet, unsigned gap)
{
    for (size_t i = 0; i < fleet->n; i++)
        if (fleet->hosts[i]->footprint.gaps & gap)
            return fleet->hosts[i];
    return NULL;
}

static void tell_gap(const struct fleet *fleet, const struct style *style, unsigned gap,
                     void (*note)(void *userdata, const char *words), void *userdata)
{
    char name[FLEET_NAME_MAX];
    CLEANUP(text_done) struct text line = {0};
    const struct inventory_gap *told = report_footprint_gap(gap);
    const struct fleet_host *first = first_with(fleet, gap);
    if (!told || !first)
        return;
    text_format(&line, _("%s (%zu of %zu hosts, the first: "), inventory_item_word(told->item),
                fleet_count(fleet, gap), fleet->n);
    style_add_text(style, &line, fleet_host_name(first, name));
    text_format(&line, _("): %s."), _(told->why));
    if (told->mend[0] != '\0')
        text_format(&line, _(" To mend it: %s."), _(told->mend));
    note(userdata, line.data ? line.data : "");
}

static void tell_guests(const struct fleet *fleet, void (*note)(void *userdata, const char *words),
                        void *userdata)
{
    CLEANUP(text_done) struct text contained = {0};
    CLEANUP(text_done) struct text unplaced = {0};
    text_format(&contained,
                P_("%zu virtual machine lies in its host, whose energy and hardware hold its: it "
                   "is not added again.",
                   "%zu virtual machines lie in their hosts, whose energy and hardware hold "
                   "theirs: they are not added again.",
                   fleet->n_contained),
                fleet->n_contained);
    text_format(&unplaced,
                P_("%zu virtual machine does not say which machine it runs on: if that is one of "
                   "these, its energy counts twice.",
                   "%zu virtual machines do not say which machine they run on: if that is one of "
                   "these, their energy counts twice.",
                   fleet->unplaced),
                fleet->unplaced);
    if (fleet->n_contained > 0)
        note(userdata, contained.data ? contained.data : "");
    if (fleet->unplaced > 0)
        note(userdata, unplaced.data ? unplaced.data : "");
}

void fleet_tell_gaps(const struct fleet *fleet, const struct style *style,
                     void (*note)(void *userdata, const char *words), void *userdata)
{
    for (unsigned gap = 1; gap < FOOTPRINT_INCOMPLETE; gap <<= 1)
        tell_gap(fleet, style, gap, note, userdata);
    tell_guests(fleet, note, userdata);
    if (fleet->silent == 0)
        return;
    CLEANUP(text_done) struct text line = {0};
    text_format(&line,
                P_("%zu host has no data in the period: neither its energy nor its hardware is "
                   "counted.",
                   "%zu hosts have no data in the period: neither their energy nor their hardware "
                   "is counted.",
                   fleet->silent),
                fleet->silent);
    note(userdata, line.data ? line.data : "");
}

/* ---- Every host ---- */

static void amount_cell(struct table *table, const struct style *style, const struct figure *figure,
                        bool complete)
{
    CLEANUP(text_done) struct text cell = {0};
    if (figure->known && !complete)
        text_format(&cell, "%s%s", style_sign(style, "≥", ">="), language_blank());
    if (figure->known)
        amount_add(&cell, figure->value);
    else
        text_add(&cell, _("not known"));
    table_take_cell(table, &cell);
}

static void add_facts(const struct fleet_host *host, struct table *table)
{
    CLEANUP(text_done) struct text cell = {0};
    char day[RENDER_TIME_MAX] = "";
    const struct inventory_view *view = &host->facts.view;
    const struct use_impacts *use = &host->footprint.total.use;
    text_add(&cell, view->site.geography == GEOGRAPHY_UNKNOWN
                        ? _("not known")
                        : footprint_country(view->site.geography));
    table_take_cell(table, &cell);
    if (use->pue.known)
        amount_add(&cell, use->pue.value);
    text_add(&cell, use->pue_by ? " " : "");
    text_add(&cell, use->pue_by ? _("(default)") : use->pue.known ? "" : _("not known"));
    table_take_cell(table, &cell);
    if (view->asset.purchase != DAY_UNKNOWN)
        (void)render_date(day, view->asset.purchase);
    table_cell(table, *day ? day : _("not known"));
}

void fleet_fill_table(const struct fleet *fleet, const struct style *style, struct table *table)
{
    const struct table_column columns[] = {
        {.title = _("HOST"),    .least = 8             },
        {.title = _("COUNTRY")},
        {.title = _("PUE"),        .right = true                       },
        {.title = _("PURCHASE")                    },
        {.title = _("ENERGY kWh"),                     .right = true},
        {.title = _("USE kgCO2e"),                     .right = true},
        {.title = _("HARDWARE kgCO2e"),                     .right = true                    },
        {.title = _("COVERAGE"),                     .right = true               },
    };
    memcpy(table->columns, columns, sizeof(columns));
    table->n_columns = ARRAY_SIZE(columns);
    for (size_t i = 0; i < MIN(fleet->n, (size_t)FLEET_LINES_MAX); i++) {
        const struct fleet_host *host = fleet->hosts[i];
        const struct impacts *total = &host->footprint.total;
        char name[FLEET_NAME_MAX];
        char number[LANGUAGE_NUMBER_MAX];
        CLEANUP(text_done) struct text cell = {0};
        table_line(table, COLOUR_PLAIN, false);
        style_add_text(style, &cell, fleet_host_name(host, name));
        table_take_cell(table, &cell);
        add_facts(host, table);
        text_add(&cell, host->report.total.sum.modelled_uj > 0 ? "~" : "");
        amount_add(&cell, total->use.energy_kwh.value);
        table_take_cell(table, &cell);
        amount_cell(table, style, &total->use.impacts[CRITERION_GWP], true);
        amount_cell(table, style, &total->embodied[CRITERION_GWP],
                    host->footprint.embodied_complete[CRITERION_GWP]);
        text_add(&cell, amount_format(number, sizeof(number),
                                      host->footprint.asked_covered_ppm / 1000, 1));
        text_add(&cell, language_percent());
        table_take_cell(table, &cell);
    }
}
