/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What a host is in the files of the state's tools: a physical machine with the virtual machines
 * that run on it, or a virtual machine that greend runs in. */

#include <inttypes.h>
#include <search.h>

#include "export/export_state.h"
#include "greend/units.h"
#include "render.h"

static const uint64_t year_ns = UINT64_C(365) * 86400 * NS_PER_S;

static const double days_per_month = 365.25 / 12;

/* ---- Names ---- */

static int compare_names(const void *a, const void *b)
{
    const struct export_name *x = a;
    const struct export_name *y = b;
    return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->name, y->name);
}

/* Notes a name; complains where it stands in the file already. */
static void add_name(struct export_state *state, const struct export_host *host,
                     enum export_kind kind, const char *text)
{
    CLEANUP(free_p) struct export_name *name = calloc(1, sizeof(*name));
    struct export_name **found = NULL;
    if (name) {
        name->kind = kind;
        (void)str_copy(name->name, sizeof(name->name), text);
        (void)str_copy(name->host, sizeof(name->host), host->path);
        found = tsearch(name, &state->names, compare_names);
    }
    if (!found) {
        state->error = -ENOMEM;
        return;
    }
    if (*found == name)
        (void)TAKE_PTR(name); /* now the tree's */
    else
        export_state_complain(state, host,
                              kind == KIND_APPLICATION
                                  ? _("the application line %s stands twice, also by %s")
                                  : _("the name %s stands twice, also in %s: say another name= in "
                                      "[asset], or leave one of them out"),
                              text, (*found)->host);
}

static bool has_physical(const struct export_state *state, const char *text)
{
    struct export_name name = {.kind = KIND_PHYSICAL};
    (void)str_copy(name.name, sizeof(name.name), text);
    return tfind(&name, &state->names, compare_names) != NULL;
}

/* ---- Energy ---- */

/* Kilowatt-hours of a year as it was measured, with three decimals and a point in every locale. */
static void set_energy(struct export_cells *cells, const struct export_host *host,
                       uint64_t energy_uj)
{
    char text[48];
    uint64_t year_uj = mul_div(energy_uj, year_ns, host->report.period.covered_ns);
    uint64_t wh = year_uj / UJ_PER_WH + (year_uj % UJ_PER_WH >= UJ_PER_WH / 2);
    (void)snprintf(text, sizeof(text), "%" PRIu64 ".%03" PRIu64, wh / 1000, wh % 1000);
    export_cell_set(cells, FIELD_ENERGY, text);
}

/* What is declared, with a decimal point and without an exponent, however it was written. */
static void set_number(struct export_cells *cells, enum export_field field,
                       const struct figure *figure)
{
    char text[48];
    if (!figure->known)
        return;
    (void)snprintf(text, sizeof(text), "%.6f", figure->value);
    for (size_t n = strlen(text); text[n - 1] == '0' && text[n - 2] != '.'; n--)
        text[n - 1] = '\0';
    export_cell_set(cells, field, text);
}

/* Meters of the whole machine are better than those of processors, and any is better than a model:
 * the worst that a part of the energy comes from. */
static int meter_quality(const struct report *report)
{
    int quality = QUALITY_HIGH;
    for (int i = 0; i < ENERGY_SOURCES; i++) {
        bool wall = i == SOURCE_ACPI || i == SOURCE_BMC;
        int of = i == SOURCE_MODEL ? QUALITY_LOW : wall ? QUALITY_HIGH : QUALITY_MEDIUM;
        if (report->by_source_uj[i] > 0)
            quality = MIN(quality, of);
    }
    return quality;
}

static void set_quality(struct export_cells *cells, int quality)
{
    static const char *const words[] = {[QUALITY_NONE] = "BASSE",
                                        [QUALITY_LOW] = "BASSE",
                                        [QUALITY_MEDIUM] = "MOYENNE",
                                        [QUALITY_HIGH] = "HAUTE"};
    export_cell_set(cells, FIELD_QUALITY, words[quality]);
}

static uint64_t coverage_ppm(const struct report *report)
{
    return render_coverage_ppm(report->period.covered_ns,
                               report->period.until_s - report->period.since_s);
}

/* Of the file's own language, and the key by which lines refer to each other: not translated. */
static void set_source(struct export_cells *cells, const struct export_host *host)
{
    char text[EXPORT_CELL_MAX];
    char since[RENDER_TIME_MAX];
    char until[RENDER_TIME_MAX];
    const struct report *report = &host->report;
    uint64_t modelled_uj = report->by_source_uj[SOURCE_MODEL];
    uint64_t tenths = report->period.covered_ns / (86400 * NS_PER_S / 10);
    const char *origin = modelled_uj == 0                             ? "mesurés"
                         : modelled_uj >= report->total.sum.energy_uj ? "modélisés"
                                                                      : "mesurés et modélisés";
    (void)render_time(since, FORM_ISO, report->period.since_s);
    (void)render_time(until, FORM_ISO, report->period.until_s - 1); /* its last day */
    (void)snprintf(text, sizeof(text),
                   "greend %s : %" PRIu64 ".%" PRIu64 " jours %s du %.10s au %.10s (couverture "
                   "%" PRIu64 ".%" PRIu64 " %%), annualisés sur 365 jours",
                   host->machine.version[0] ? host->machine.version : GREEND_VERSION, tenths / 10,
                   tenths % 10, origin, since, until, coverage_ppm(report) / 10000,
                   coverage_ppm(report) / 1000 % 10);
    export_cell_set(cells, FIELD_SOURCE, text);
}

/* Whether a year can be told from what was measured. */
static bool check_coverage(struct export_state *state, const struct export_host *host)
{
    const struct report *report = &host->report;
    uint64_t tenths = report->period.covered_ns / (86400 * NS_PER_S / 10);
    if (report->total.sum.energy_uj == 0 || report->period.covered_ns == 0) {
        export_state_complain(state, host, _("no energy was recorded in the period"));
        return false;
    }
    if (state->partial || (tenths >= UINT64_C(10) * EXPORT_LEAST_DAYS &&
                           coverage_ppm(report) >= EXPORT_LEAST_COVERAGE_PPM))
        return true;
    export_state_complain(
        state, host,
        _("%" PRIu64 ".%" PRIu64 " days were measured, %" PRIu64 ".%" PRIu64
          " %% of the period: a year is told from no less than %d days and %d %%. "
          "Ask for another period, or with --partial for a year made of so "
          "little, which nomSourceDonnee then says"),
        tenths / 10, tenths % 10, coverage_ppm(report) / 10000, coverage_ppm(report) / 1000 % 10,
        EXPORT_LEAST_DAYS, EXPORT_LEAST_COVERAGE_PPM / 10000);
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
    set_number(cells, FIELD_PUE, &host->site.pue);
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

static void set_common(struct export_cells *cells, const struct export_host *host)
{
    export_cell_set(cells, FIELD_QUANTITY, "1");
    export_cell_set(cells, FIELD_ENTITY, host->settings.described.entity);
    set_source(cells, host);
}

static void set_dates(struct export_cells *cells, const struct export_host *host)
{
    char text[24];
    const struct asset *asset = &host->asset;
    int32_t end = asset->planned_end;
    if (asset->purchase == DAY_UNKNOWN)
        return;
    if (end == DAY_UNKNOWN && asset->life_days > 0)
        end = asset->purchase + asset->life_days;
    date_format(asset->purchase, text);
    export_cell_set(cells, FIELD_PURCHASE, text);
    if (end != DAY_UNKNOWN) {
        date_format(end, text);
        export_cell_set(cells, FIELD_END, text);
    }
}

/* In whole months. */
static void set_months(struct export_cells *cells, enum export_field field, int32_t days)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%d", (int)(days / days_per_month + 0.5));
    export_cell_set(cells, field, days > 0 ? text : "");
}

static void set_model(struct export_cells *cells, const struct export_host *host)
{
    char text[2 * STORE_FACT_VALUE_MAX];
    const struct export_machine *machine = &host->machine;
    const char *declared = host->settings.described.model;
    (void)snprintf(text, sizeof(text), "%s%s%s", machine->vendor,
                   machine->vendor[0] && machine->product[0] ? " " : "", machine->product);
    export_cell_set(cells, FIELD_MODEL, *declared ? declared : text);
}

static const char *first_of(const char *first, const char *second)
{
    return *first ? first : second;
}

static void add_physical(struct export_state *state, const struct export_host *host)
{
    const struct settings_described *told = &host->settings.described;
    const struct export_machine *machine = &host->machine;
    struct export_cells *cells = export_state_begin(state);
    set_common(cells, host);
    set_dates(cells, host);
    set_model(cells, host);
    set_energy(cells, host, host->report.total.sum.energy_uj);
    set_quality(cells, meter_quality(&host->report));
    set_months(cells, FIELD_EARLIER, host->asset.earlier_days);
    set_months(cells, FIELD_LATER, host->asset.later_days);
    export_cell_set(cells, FIELD_PHYSICAL, export_host_name(host));
    export_cell_set(cells, FIELD_DATACENTRE, told->datacentre);
    export_cell_set(cells, FIELD_COUNTRY, country_name(host));
    export_cell_set(cells, FIELD_TYPE, first_of(told->type, machine->server_case ? "Server" : ""));
    export_cell_set(cells, FIELD_STATUS, told->status);
    export_cell_set(cells, FIELD_USER, told->user);
    export_cell_set(cells, FIELD_CORES, first_of(told->cores, machine->cores));
    export_cell_set(cells, FIELD_MAKER, machine->vendor);
    export_cell_set(cells, FIELD_PROCESSOR, machine->processor);
    export_state_line(state, KIND_PHYSICAL, host, NULL);
    if (*export_host_name(host))
        add_name(state, host, KIND_PHYSICAL, export_host_name(host));
}

/* vm: NULL where the application is the machine's own. */
static void add_application(struct export_state *state, const struct export_host *host,
                            const char *physical, const char *vm, const struct vm_facts *facts,
                            bool by_vm_section)
{
    char line[EXPORT_CELL_MAX];
    struct export_cells *cells = export_state_begin(state);
    if (facts->application[0] == '\0')
        return;
    if (!vm && state->profile->application_needs_virtual) {
        ctl_complain(_("%s: the application %s is left out: %s ties applications to virtual "
                       "machines, and it runs on the machine itself"),
                     export_host_name(host), facts->application, state->profile->tool);
        return;
    }
    set_common(cells, host);
    export_cell_set(cells, FIELD_ENTITY, first_of(facts->entity, host->settings.described.entity));
    export_cell_set(cells, FIELD_PHYSICAL, physical);
    export_cell_set(cells, FIELD_VIRTUAL, vm ? vm : "");
    export_cell_set(cells, FIELD_APPLICATION, facts->application);
    export_cell_set(cells, FIELD_ENVIRONMENT, facts->environment);
    export_cell_set(cells, FIELD_DOMAIN, facts->domain);
    export_cell_set(cells, FIELD_SUBDOMAIN, facts->subdomain);
    export_state_line(state, KIND_APPLICATION, host, by_vm_section ? vm : NULL);
    (void)snprintf(line, sizeof(line), "%s / %s / %s", facts->application, facts->environment,
                   vm ? vm : physical);
    add_name(state, host, KIND_APPLICATION, line);
}

/* What [asset] says of the application of the machine itself. */
static struct vm_facts own_application(const struct export_host *host)
{
    const struct settings_described *told = &host->settings.described;
    struct vm_facts facts = {0};
    (void)str_copy(facts.application, sizeof(facts.application), told->application);
    (void)str_copy(facts.environment, sizeof(facts.environment), told->environment);
    (void)str_copy(facts.domain, sizeof(facts.domain), told->domain);
    (void)str_copy(facts.subdomain, sizeof(facts.subdomain), told->subdomain);
    return facts;
}

/* ---- Virtual machines ---- */

static void set_virtual(struct export_cells *cells, const char *name, const char *physical)
{
    export_cell_set(cells, FIELD_VIRTUAL, name);
    export_cell_set(cells, FIELD_PHYSICAL, physical);
    export_cell_set(cells, FIELD_VIRTUAL_TYPE, "calcul"); /* it computes: it was seen to */
    export_cell_set(cells, FIELD_INFRASTRUCTURE, "NON_CLOUD_SERVERS");
}

/* Rounded down, so that shares of one machine never add up to more than it. */
static void set_share(struct export_cells *cells, uint64_t part, uint64_t whole)
{
    char text[24];
    uint64_t ppm = MIN(mul_div(part, PPM, whole), PPM);
    (void)snprintf(text, sizeof(text), "%" PRIu64 ".%06" PRIu64, ppm / PPM, ppm % PPM);
    export_cell_set(cells, FIELD_SHARE, text);
}

/* One that this host's greend saw from outside. */
static void add_seen(struct export_state *state, const struct export_host *host,
                     const struct report_row *row)
{
    static const char prefix[] = "vm:";
    const char *name = str_starts(row->unit, prefix) ? row->unit + strlen(prefix) : row->unit;
    const char *physical = export_host_name(host);
    struct vm_facts facts = {0};
    struct export_cells *cells = export_state_begin(state);
    (void)export_host_vm(host, name, &facts);
    set_common(cells, host);
    export_cell_set(cells, FIELD_HOST_SOURCE, cells->text[FIELD_SOURCE]);
    set_virtual(cells, name, physical);
    set_share(cells, row->sum.energy_uj, host->report.total.sum.energy_uj);
    set_energy(cells, host, row->sum.energy_uj);
    set_quality(cells,
                MIN(meter_quality(&host->report), (int)report_row_quality(&host->report, row)));
    export_cell_set(cells, FIELD_ENTITY, first_of(facts.entity, host->settings.described.entity));
    export_cell_set(cells, FIELD_VCPU, facts.vcpu);
    export_cell_set(cells, FIELD_CLUSTER,
                    first_of(facts.cluster, host->settings.described.cluster));
    export_cell_set(cells, FIELD_STORAGE, facts.storage);
    export_state_line(state, KIND_VIRTUAL, host, name);
    add_name(state, host, KIND_VIRTUAL, name);
    add_application(state, host, physical, name, &facts, true);
}

/* Its host must be in the file, which shows when all are read. */
static void need_host(struct export_state *state, const struct export_host *host)
{
    const char *physical = host->settings.described.host;
    struct export_name *more = reallocarray(state->hosts, state->n_hosts + 1, sizeof(*more));
    if (!more) {
        state->error = -ENOMEM;
        return;
    }
    state->hosts = more;
    struct export_name *name = &more[state->n_hosts++];
    name->kind = KIND_PHYSICAL;
    (void)str_copy(name->name, sizeof(name->name), physical);
    (void)snprintf(name->host, sizeof(name->host), "%s", export_host_name(host));
}

/* One that greend runs in. */
static void add_guest(struct export_state *state, const struct export_host *host)
{
    char storage[32];
    const struct settings_described *told = &host->settings.described;
    const char *name = export_host_name(host);
    struct vm_facts application = own_application(host);
    struct export_cells *cells = export_state_begin(state);
    if (told->host[0] == '\0') {
        export_state_complain(state, host,
                              _("it is a virtual machine, whose physical host must be in the file: "
                                "say host=NAME in [asset] of greend.conf there, then systemctl "
                                "reload greend, and export the database of that host too"));
        return;
    }
    set_common(cells, host);
    set_virtual(cells, name, told->host);
    set_energy(cells, host, host->report.total.sum.energy_uj);
    set_quality(cells, meter_quality(&host->report));
    export_cell_set(cells, FIELD_VCPU, first_of(told->cores, host->machine.threads));
    export_cell_set(cells, FIELD_CLUSTER, told->cluster);
    set_number(cells, FIELD_SHARE, &host->asset.host_share);
    uint64_t gb = host->machine.disk_gb > 0 && host->machine.disk_gb < 1e12
                      ? (uint64_t)(host->machine.disk_gb + 0.5)
                      : 0;
    (void)snprintf(storage, sizeof(storage), "%" PRIu64 ".%03" PRIu64, gb / 1000, gb % 1000);
    export_cell_set(cells, FIELD_STORAGE, gb > 0 ? storage : "");
    export_state_line(state, KIND_VIRTUAL, host, NULL);
    if (*name)
        add_name(state, host, KIND_VIRTUAL, name);
    need_host(state, host);
    add_application(state, host, told->host, name, &application, false);
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
    if (!check_facts(state, host) || !check_coverage(state, host))
        return;
    if (export_host_is_virtual(host)) {
        add_guest(state, host);
        return;
    }
    struct vm_facts application = own_application(host);
    add_datacentre(state, host);
    add_physical(state, host);
    add_application(state, host, export_host_name(host), NULL, &application, false);
    for (size_t i = 0; i < host->report.n_rows; i++)
        if (host->report.rows[i]->type == REPORT_ROW_ITEM)
            add_seen(state, host, host->report.rows[i]);
}

void export_state_end(struct export_state *state)
{
    for (size_t i = 0; i < state->n_datacentres; i++) {
        state->cells = state->datacentres[i].cells;
        export_state_line(state, KIND_DATACENTRE, NULL, NULL);
    }
    for (size_t i = 0; i < state->n_hosts; i++)
        if (!has_physical(state, state->hosts[i].name))
            export_state_complain(
                state, NULL,
                _("%s: its physical host %s is not among the machines that are "
                  "exported: name that one's database too, or leave this one out"),
                state->hosts[i].host, state->hosts[i].name);
}
