/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Names that stand in the files, each once, and applications: lines that are known by the names of
 * others. */

#include <search.h>

#include "export/lines/export_state.h"

static int compare_names(const void *a, const void *b)
{
    const struct export_name *x = a;
    const struct export_name *y = b;
    return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->name, y->name);
}

/* One machine that comes after another one of its name is no second one of that time. */
static void complain_twice(struct export_state *state, const struct export_host *host,
                           const char *text, const struct export_name *other)
{
    const struct kin_machine *before = kin_find_other_time(state->kin, state->hosts, state->host);
    if (other->kind == KIND_APPLICATION)
        export_state_complain(state, host, _("the application line %s stands twice, also by %s"),
                              text, other->host);
    else if (before && str_equal(before->name, text))
        export_state_complain(
            state, host,
            _("%s was recorded before or after in %s, as another machine: its hardware or what is "
              "declared of it changed in the period, and a line has one of each. Export each for "
              "its own time, with --since and --until, or say another name= in [asset] of the "
              "newer one"),
            text, before->path);
    else
        export_state_complain(state, host,
                              _("the name %s stands twice, also in %s: say another name= in "
                                "[asset], or leave one of them out"),
                              text, other->host);
}

void export_state_name(struct export_state *state, const struct export_host *host,
                       enum export_kind kind, const char *text)
{
    CLEANUP(free_p) struct export_name *name = calloc(1, sizeof(*name));
    struct export_name **found = NULL;
    if (name) {
        name->kind = kind;
        (void)str_copy(name->name, sizeof(name->name), text);
        (void)str_copy(name->host, sizeof(name->host), host->path);
        (void)str_copy(name->source, sizeof(name->source), state->cells.text[FIELD_SOURCE]);
        found = tsearch(name, &state->names, compare_names);
    }
    if (!found) {
        state->error = -ENOMEM;
        return;
    }
    if (*found == name)
        (void)TAKE_PTR(name); /* now the tree's */
    else
        complain_twice(state, host, text, *found);
}

static const struct export_name *find_name(const struct export_state *state, enum export_kind kind,
                                           const char *text)
{
    struct export_name name = {.kind = kind};
    (void)str_copy(name.name, sizeof(name.name), text);
    struct export_name *const *found = tfind(&name, &state->names, compare_names);
    return found ? *found : NULL;
}

bool export_state_has(const struct export_state *state, enum export_kind kind, const char *text)
{
    return find_name(state, kind, text) != NULL;
}

const char *export_state_source(const struct export_state *state, const char *text)
{
    const struct export_name *found = find_name(state, KIND_PHYSICAL, text);
    return found ? found->source : "";
}

/* ---- Applications ---- */

void export_state_application(struct export_state *state, const struct export_host *host,
                              const char *physical, const char *vm, const struct vm_facts *facts,
                              const char *vm_section)
{
    char line[EXPORT_CELL_MAX];
    char source[EXPORT_CELL_MAX]; /* of the line of the virtual machine, the last one */
    (void)str_copy(source, sizeof(source), state->cells.text[FIELD_SOURCE]);
    struct export_cells *cells = export_state_begin(state);
    if (facts->application[0] == '\0')
        return;
    if (!vm && state->profile->application_needs_virtual) {
        ctl_complain(_("%s: the application %s is left out: %s ties applications to virtual "
                       "machines, and it runs on the machine itself"),
                     export_host_name(host), facts->application, state->profile->tool);
        return;
    }
    export_cells_common(cells, host);
    export_cell_set(cells, FIELD_ENTITY,
                    export_first(facts->entity, host->settings.described.entity));
    export_cell_set(cells, FIELD_PHYSICAL, physical);
    export_cell_set(cells, FIELD_VIRTUAL, vm ? vm : "");
    export_cell_set(cells, FIELD_VIRTUAL_SOURCE, vm ? source : "");
    export_cell_set(cells, FIELD_APPLICATION, facts->application);
    export_cell_set(cells, FIELD_ENVIRONMENT, facts->environment);
    export_cell_set(cells, FIELD_DOMAIN, facts->domain);
    export_cell_set(cells, FIELD_SUBDOMAIN, facts->subdomain);
    export_state_line(state, KIND_APPLICATION, host, vm_section);
    (void)snprintf(line, sizeof(line), "%s / %s / %s", facts->application, facts->environment,
                   vm ? vm : physical);
    export_state_name(state, host, KIND_APPLICATION, line);
}

struct vm_facts export_own_application(const struct export_host *host)
{
    const struct settings_described *told = &host->settings.described;
    struct vm_facts facts = {0};
    (void)str_copy(facts.application, sizeof(facts.application), told->application);
    (void)str_copy(facts.environment, sizeof(facts.environment), told->environment);
    (void)str_copy(facts.domain, sizeof(facts.domain), told->domain);
    (void)str_copy(facts.subdomain, sizeof(facts.subdomain), told->subdomain);
    return facts;
}
