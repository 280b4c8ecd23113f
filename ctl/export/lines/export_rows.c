/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What a host is in the files of the state's tools: its data centre, a physical machine and what
 * runs on it. */

#include <inttypes.h>

#include "export/lines/export_state.h"
#include "greend/units.h"

/* ---- What a year can be told from ---- */

static bool check_coverage(struct export_state *state, const struct export_host *host)
{
    const struct report *report = &host->report;
    uint64_t tenths = report->period.covered_ns / (86400 * NS_PER_S / 10);
    if (report->total.sum.energy_uj == 0 || report->period.covered_ns == 0) {
        export_state_complain(state, host, _("no energy was recorded in the period"));
        return false;
    }
    if (state->partial || (tenths >= UINT64_C(10) * EXPORT_LEAST_DAYS &&
                           export_coverage_ppm(report) >= EXPORT_LEAST_COVERAGE_PPM))
        return true;
    export_state_complain(
        state, host,
        _("%" PRIu64 ".%" PRIu64 " days were measured, %" PRIu64 ".%" PRIu64
          " %% of the period: a year is told from no less than %d days and %d %%. "
          "Ask for another period, or with --partial for a year made of so "
          "little, which nomSourceDonnee then says"),
        tenths / 10, tenths % 10, export_coverage_ppm(report) / 10000,
        export_coverage_ppm(report) / 1000 % 10, EXPORT_LEAST_DAYS,
        EXPORT_LEAST_COVERAGE_PPM / 10000);
    return false;
}

/* A year of the machine is that of all of it. */
static bool check_meters(struct export_state *state, const struct export_host *host)
{
    if (state->partial || !export_host_is_bare(host))
        return true;
    export_state_complain(
        state, host,
        _("its meters see processors and memory alone, and power supplies, fans and disks are not "
          "estimated: consoElecAnnuelle would lack them. Say rest=auto in [model] of greend.conf "
          "there (it is told of servers), or export with --partial, which nomSourceDonnee then "
          "says"));
    return false;
}

/* ---- Data centres ---- */

static const char *country_name(const struct export_host *host)
{
    const char *declared = host->settings.described.country_name;
    if (*declared)
        return declared;
    return host->site.geography == GEOGRAPHY_UNKNOWN ? ""
                                                     : geography_info(host->site.geography)->name;
}

static void check_same(struct export_state *state, const struct export_datacentre *known,
                       const struct export_host *host, enum export_field field)
{
    const char *theirs = known->cells.text[field];
    const char *ours = state->cells.text[field];
    bool same = field == FIELD_PUE ? known->pue == (host->site.pue.known ? host->site.pue.value : 0)
                                   : str_equal(theirs, ours);
    struct export_option option = export_option(field);
    if (!same)
        export_state_complain(
            state, host,
            _("the data centre %s has %s '%s' here and '%s' on %s: say the same %s= "
              "in [%s] on both"),
            known->cells.text[FIELD_DATACENTRE], option.key, ours, theirs, known->host, option.key,
            option.section);
}

/* Machines of one name of data centre share it. Its entity is told where all are of one. */
static void add_datacentre(struct export_state *state, const struct export_host *host)
{
    const struct settings_described *told = &host->settings.described;
    struct export_cells *cells = export_state_begin(state);
    if (told->datacentre[0] == '\0')
        return;
    export_cell_set(cells, FIELD_DATACENTRE, told->datacentre);
    export_cell_set(cells, FIELD_DATACENTRE_NAME, told->datacentre_name);
    export_cell_set(cells, FIELD_COUNTRY, country_name(host));
    export_cell_set(cells, FIELD_ENTITY, told->entity);
    export_cells_number(cells, FIELD_PUE, &host->site.pue);
    for (size_t i = 0; i < state->n_datacentres; i++) {
        struct export_datacentre *known = &state->datacentres[i];
        if (!str_equal(known->cells.text[FIELD_DATACENTRE], told->datacentre))
            continue;
        check_same(state, known, host, FIELD_DATACENTRE_NAME);
        check_same(state, known, host, FIELD_COUNTRY);
        check_same(state, known, host, FIELD_PUE);
        if (!str_equal(known->cells.text[FIELD_ENTITY], told->entity))
            export_cell_set(&known->cells, FIELD_ENTITY, "");
        return;
    }
    struct export_datacentre *more =
        reallocarray(state->datacentres, state->n_datacentres + 1, sizeof(*more));
    if (!more) {
        state->error = -ENOMEM;
        return;
    }
    state->datacentres = more;
    struct export_datacentre *datacentre = &more[state->n_datacentres];
    *datacentre = (struct export_datacentre){
        .cells = *cells, .pue = host->site.pue.known ? host->site.pue.value : 0};
    (void)str_copy(datacentre->host, sizeof(datacentre->host), export_host_name(host));
    state->n_datacentres += export_state_check(state, KIND_DATACENTRE, host, NULL);
}

/* ---- Machines ---- */

/* The life is told where dates do not say it. */
static void set_dates(struct export_cells *cells, const struct export_host *host)
{
    char text[24];
    const struct asset *asset = &host->asset;
    int32_t end = asset->planned_end;
    bool bought = asset->purchase != DAY_UNKNOWN;
    if (end == DAY_UNKNOWN && asset->life_days > 0 && bought)
        end = asset->purchase + asset->life_days;
    if (bought) {
        date_format(asset->purchase, text);
        export_cell_set(cells, FIELD_PURCHASE, text);
    }
    if (end == DAY_UNKNOWN) {
        export_cells_months(cells, FIELD_LIFE, asset->life_days);
    } else {
        date_format(end, text);
        export_cell_set(cells, FIELD_END, text);
    }
}

static void set_model(struct export_cells *cells, const struct export_host *host)
{
    char text[2 * STORE_FACT_VALUE_MAX];
    const struct recorded_machine *machine = &host->machine;
    const char *declared = host->settings.described.model;
    (void)snprintf(text, sizeof(text), "%s%s%s", machine->vendor,
                   machine->vendor[0] && machine->product[0] ? " " : "", machine->product);
    export_cell_set(cells, FIELD_MODEL, *declared ? declared : text);
}

static void add_physical(struct export_state *state, const struct export_host *host)
{
    const struct settings_described *told = &host->settings.described;
    const struct recorded_machine *machine = &host->machine;
    struct export_cells *cells = export_state_begin(state);
    export_cells_common(cells, host);
    set_dates(cells, host);
    set_model(cells, host);
    export_cells_energy(cells, host, host->report.total.sum.energy_uj);
    export_cells_quality(cells, export_quality(&host->report));
    export_cells_months(cells, FIELD_EARLIER, host->asset.earlier_days);
    export_cells_months(cells, FIELD_LATER, host->asset.later_days);
    export_cell_set(cells, FIELD_PHYSICAL, export_host_name(host));
    export_cell_set(cells, FIELD_DATACENTRE, told->datacentre);
    export_cell_set(cells, FIELD_COUNTRY, country_name(host));
    export_cell_set(cells, FIELD_TYPE, export_first(told->type, host->server_case ? "Server" : ""));
    export_cell_set(cells, FIELD_STATUS, told->status);
    export_cell_set(cells, FIELD_USER, told->user);
    export_cell_set(cells, FIELD_CORES, export_first(told->cores, machine->cores));
    export_cell_set(cells, FIELD_MAKER, machine->vendor);
    export_cell_set(cells, FIELD_PROCESSOR, host->processor);
    export_state_line(state, KIND_PHYSICAL, host, NULL);
    if (*export_host_name(host))
        export_state_name(state, host, KIND_PHYSICAL, export_host_name(host));
}

/* ---- Hosts ---- */

static bool check_facts(struct export_state *state, const struct export_host *host)
{
    char error[FOOTPRINT_ERROR_MAX];
    if (!host->told) {
        export_state_complain(state, host,
                              _("its database does not tell what the machine is: the greend that "
                                "wrote it is older than that. Upgrade and restart it there"));
        return false;
    }
    if (asset_check(&host->asset, error) < 0) {
        export_state_complain(state, host, "[asset] %s", error);
        return false;
    }
    if (export_host_is_virtual(host) || export_host_is_physical(host))
        return true;
    export_state_complain(state, host,
                          _("whether it is a physical or a virtual machine is not known: say "
                            "machine=physical or machine=virtual in [asset] of greend.conf there, "
                            "then systemctl reload greend"));
    return false;
}

void export_state_host(struct export_state *state, const struct export_host *host)
{
    if (!check_facts(state, host))
        return;
    /* Of one that its host sees too, the host's figures count. */
    bool seen = export_state_is_seen(state);
    bool measured = seen || check_coverage(state, host);
    bool whole = seen || check_meters(state, host);
    if (!measured || !whole)
        return;
    if (export_host_is_virtual(host)) {
        export_state_guest(state, host);
        return;
    }
    struct vm_facts application = export_own_application(host);
    add_datacentre(state, host);
    add_physical(state, host);
    export_state_application(state, host, export_host_name(host), NULL, &application, NULL);
    for (size_t i = 0; i < host->report.n_rows; i++)
        if (host->report.rows[i]->type == REPORT_ROW_ITEM)
            export_state_seen(state, host, host->report.rows[i]);
}

void export_state_end(struct export_state *state)
{
    for (size_t i = 0; i < state->n_datacentres; i++) {
        state->cells = state->datacentres[i].cells;
        export_state_line(state, KIND_DATACENTRE, NULL, NULL);
    }
    export_state_check_shares(state);
}
