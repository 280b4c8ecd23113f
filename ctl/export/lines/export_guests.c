/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Virtual machines in the files of the state's tools: those that the host's greend sees, and those
 * that a greend runs in. */

#include <inttypes.h>

#include "export/lines/export_state.h"
#include "greend/units.h"

static void set_virtual(struct export_cells *cells, const char *physical)
{
    export_cell_set(cells, FIELD_PHYSICAL, physical);
    export_cell_set(cells, FIELD_VIRTUAL_TYPE, "calcul"); /* it computes: it was seen to */
    export_cell_set(cells, FIELD_INFRASTRUCTURE, "NON_CLOUD_SERVERS");
}

/* In billionths of the host. */
static void add_share(struct export_state *state, const char *physical, const char *name,
                      uint64_t ppb)
{
    struct export_share *more = reallocarray(state->shares, state->n_shares + 1, sizeof(*more));
    if (!more) {
        state->error = -ENOMEM;
        return;
    }
    state->shares = more;
    struct export_share *share = &more[state->n_shares++];
    share->ppb = ppb;
    (void)str_copy(share->physical, sizeof(share->physical), physical);
    (void)str_copy(share->name, sizeof(share->name), name);
}

/* Rounded down, so that what a host saw never adds up to more than it. */
static void set_share(struct export_cells *cells, uint64_t ppm)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64 ".%06" PRIu64, ppm / PPM, ppm % PPM);
    export_cell_set(cells, FIELD_SHARE, text);
}

/* Names are unique, and one that moved was on several of the hosts: its line on each but the first
 * has the host's name too. */
static void name_line(struct export_state *state, const struct export_host *host, const char *name)
{
    char text[EXPORT_CELL_MAX];
    const char *physical = state->cells.text[FIELD_PHYSICAL];
    if (!export_state_has(state, KIND_VIRTUAL, name)) {
        export_cell_set(&state->cells, FIELD_VIRTUAL, name);
        return;
    }
    if (snprintf(text, sizeof(text), "%s@%s", name, physical) >= (int)sizeof(text)) {
        export_state_complain(state, host, _("the name %s@%s is too long"), name, physical);
        return;
    }
    ctl_complain(_("%s: a virtual machine %s ran on another one of these hosts too: its line here "
                   "is called %s"),
                 physical, name, text);
    export_cell_set(&state->cells, FIELD_VIRTUAL, text);
}

/* The line begun, of the virtual machine that is called so, and that of its application. told: by
 * [vm] of the host. */
static void end_line(struct export_state *state, const struct export_host *host, const char *name,
                     const struct vm_facts *facts, bool told)
{
    char line[EXPORT_CELL_MAX];
    char physical[EXPORT_CELL_MAX];
    name_line(state, host, name);
    (void)str_copy(line, sizeof(line), state->cells.text[FIELD_VIRTUAL]);
    (void)str_copy(physical, sizeof(physical), state->cells.text[FIELD_PHYSICAL]);
    export_state_line(state, KIND_VIRTUAL, host, told ? name : NULL);
    if (*line)
        export_state_name(state, host, KIND_VIRTUAL, line);
    export_state_application(state, host, physical, line, facts, told ? name : NULL);
}

/* ---- Those that a host sees ---- */

/* The machine among those exported that a virtual machine of state->host is; CONTAINED_IN_NONE. */
static size_t find_guest(const struct export_state *state, const char *name)
{
    for (size_t i = 0; i < state->kin->n; i++)
        if (state->kin->list[i].on == state->host && str_equal(state->kin->list[i].name, name))
            return i;
    return CONTAINED_IN_NONE;
}

static void keep_seen(struct export_state *state, size_t guest, const struct vm_facts *facts,
                      bool told)
{
    struct export_seen *more = reallocarray(state->seen, state->n_seen + 1, sizeof(*more));
    if (!more) {
        state->error = -ENOMEM;
        return;
    }
    state->seen = more;
    more[state->n_seen++] = (struct export_seen){guest, state->cells, *facts, told};
}

void export_state_seen(struct export_state *state, const struct export_host *host,
                       const struct report_row *row)
{
    static const char prefix[] = "vm:";
    const char *name = str_starts(row->unit, prefix) ? row->unit + strlen(prefix) : row->unit;
    const char *physical = export_host_name(host);
    uint64_t ppm = MIN(mul_div(row->sum.energy_uj, PPM, host->report.total.sum.energy_uj), PPM);
    size_t guest = find_guest(state, name);
    struct vm_facts facts = {0};
    struct export_cells *cells = export_state_begin(state);
    bool told = export_host_vm(host, name, &facts);
    export_cells_common(cells, host);
    export_cell_set(cells, FIELD_HOST_SOURCE, cells->text[FIELD_SOURCE]);
    set_virtual(cells, physical);
    set_share(cells, ppm);
    add_share(state, physical, name, ppm * (1000000000 / PPM));
    export_cells_energy(cells, host, row->sum.energy_uj);
    export_cells_quality(
        cells, MIN(export_quality(&host->report), (int)report_row_quality(&host->report, row)));
    export_cell_set(cells, FIELD_ENTITY,
                    export_first(facts.entity, host->settings.described.entity));
    export_cell_set(cells, FIELD_VCPU, facts.vcpu);
    export_cell_set(cells, FIELD_CLUSTER,
                    export_first(facts.cluster, host->settings.described.cluster));
    export_cell_set(cells, FIELD_STORAGE, facts.storage);
    if (guest == CONTAINED_IN_NONE)
        end_line(state, host, name, &facts, true);
    else
        keep_seen(state, guest, &facts, told);
}

/* ---- Those that a greend runs in ---- */

static const struct export_seen *find_seen(const struct export_state *state)
{
    for (size_t i = 0; i < state->n_seen; i++)
        if (state->seen[i].guest == state->host)
            return &state->seen[i];
    return NULL;
}

bool export_state_is_seen(const struct export_state *state)
{
    return find_seen(state) != NULL;
}

static void set_storage(struct export_cells *cells, const struct export_host *host)
{
    char text[32];
    double disk_gb = host->machine.disk_gb;
    uint64_t gb = disk_gb > 0 && disk_gb < 1e12 ? (uint64_t)(disk_gb + 0.5) : 0;
    (void)snprintf(text, sizeof(text), "%" PRIu64 ".%03" PRIu64, gb / 1000, gb % 1000);
    export_cell_set(cells, FIELD_STORAGE, gb > 0 ? text : "");
}

/* Its physical host must be in the file. */
static bool check_host(struct export_state *state, const struct export_host *host)
{
    const struct kin_machine *list = state->kin->list;
    size_t on = list[state->host].on;
    const char *physical = host->settings.described.host;
    if (*physical == '\0')
        export_state_complain(state, host,
                              _("it is a virtual machine, whose physical host must be in the file: "
                                "say host=NAME in [asset] of greend.conf there, then systemctl "
                                "reload greend, and export the database of that host too"));
    else if (on == CONTAINED_IN_NONE)
        export_state_complain(
            state, NULL,
            _("%s: its physical host %s is not among the machines that are "
              "exported, with data in the period: name that one's database too, or leave this one "
              "out"),
            export_host_name(host), physical);
    else if (!list[on].physical)
        export_state_complain(state, host,
                              _("it runs on %s, which is no physical machine: %s knows no virtual "
                                "machine within another one. Leave one of them out"),
                              physical, state->profile->tool);
    else
        return true;
    return false;
}

static void take_first(char target[SETTINGS_DECLARED_MAX], const char *second)
{
    if (*target == '\0')
        (void)str_copy(target, SETTINGS_DECLARED_MAX, second);
}

/* Both see it: the energy is what the host's meters say, once; what is declared on the host goes
 * before what it says of itself. */
static void add_both(struct export_state *state, const struct export_host *host,
                     const struct export_seen *seen)
{
    const struct settings_described *told = &host->settings.described;
    struct vm_facts facts = seen->facts;
    struct vm_facts own = export_own_application(host);
    struct export_cells *cells = export_state_begin(state);
    *cells = seen->cells;
    if (facts.vcpu[0] == '\0')
        export_cell_set(cells, FIELD_VCPU, export_first(told->cores, host->machine.threads));
    if (facts.cluster[0] == '\0' && told->cluster[0] != '\0')
        export_cell_set(cells, FIELD_CLUSTER, told->cluster);
    if (facts.entity[0] == '\0' && told->entity[0] != '\0')
        export_cell_set(cells, FIELD_ENTITY, told->entity);
    if (facts.storage[0] == '\0')
        set_storage(cells, host);
    take_first(facts.application, own.application);
    take_first(facts.environment, own.environment);
    take_first(facts.domain, own.domain);
    take_first(facts.subdomain, own.subdomain);
    end_line(state, host, export_host_name(host), &facts, false);
}

void export_state_guest(struct export_state *state, const struct export_host *host)
{
    const struct settings_described *told = &host->settings.described;
    const struct export_seen *seen = find_seen(state);
    const char *name = export_host_name(host);
    struct vm_facts application = export_own_application(host);
    if (!check_host(state, host))
        return;
    if (seen) {
        add_both(state, host, seen);
        return;
    }
    struct export_cells *cells = export_state_begin(state);
    export_cells_common(cells, host);
    export_cell_set(cells, FIELD_HOST_SOURCE, export_state_source(state, told->host));
    set_virtual(cells, told->host);
    export_cells_energy(cells, host, host->report.total.sum.energy_uj);
    export_cells_quality(cells, export_quality(&host->report));
    export_cell_set(cells, FIELD_VCPU, export_first(told->cores, host->machine.threads));
    export_cell_set(cells, FIELD_CLUSTER, told->cluster);
    export_cells_number(cells, FIELD_SHARE, &host->asset.host_share);
    if (host->asset.host_share.known)
        add_share(state, told->host, name, (uint64_t)(host->asset.host_share.value * 1e9 + 0.5));
    set_storage(cells, host);
    end_line(state, host, name, &application, false);
}

/* ---- Parts of a host ---- */

static int compare_shares(const void *a, const void *b)
{
    const struct export_share *x = a;
    const struct export_share *y = b;
    int order = strcmp(x->physical, y->physical);
    return order != 0 ? order : strcmp(x->name, y->name);
}

static void complain_shares(struct export_state *state, const struct export_share *shares, size_t n,
                            uint64_t ppb)
{
    enum { NAMED_MOST = 20 };
    CLEANUP(text_done) struct text names = {0};
    for (size_t i = 0; i < MIN(n, (size_t)NAMED_MOST); i++)
        text_format(&names, "%s%s %.6g", i > 0 ? ", " : "", shares[i].name,
                    (double)shares[i].ppb / 1e9);
    if (names.error < 0) {
        state->error = names.error;
        return;
    }
    export_state_complain(
        state, NULL,
        _("the keys (cleRepartition) of %s are %.6g in all, more than all of it: %s%s. Mend "
          "host_share= in [asset] of those that declare one; one that its host sees under another "
          "name says that name= in [asset]"),
        shares[0].physical, (double)ppb / 1e9, names.data, n > NAMED_MOST ? ", ..." : "");
}

void export_state_check_shares(struct export_state *state)
{
    if (state->n_shares > 1)
        qsort(state->shares, state->n_shares, sizeof(*state->shares), compare_shares);
    for (size_t begin = 0, end = 0; begin < state->n_shares; begin = end) {
        uint64_t ppb = 0;
        for (end = begin; end < state->n_shares &&
                          str_equal(state->shares[begin].physical, state->shares[end].physical);
             end++)
            ppb += state->shares[end].ppb;
        if (ppb > 1000000000)
            complain_shares(state, state->shares + begin, end - begin, ppb);
    }
}
