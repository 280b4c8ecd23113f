/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "export/lines/export_state.h"

#include <inttypes.h>
#include <search.h>
#include <stdarg.h>

void export_state_complain(struct export_state *state, const struct export_host *host,
                           const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    const char *name = host ? export_host_name(host) : "";
    if (state->complaints++ >= EXPORT_COMPLAINTS_MAX || length < 0)
        return;
    if (host)
        ctl_complain("%s (%s): %s", *name ? name : _("a host without a name"), host->path, text);
    else
        ctl_complain("%s", text);
}

/* ---- Lines ---- */

struct export_cells *export_state_begin(struct export_state *state)
{
    for (size_t i = 0; i < FIELDS; i++)
        state->cells.text[i][0] = '\0';
    return &state->cells;
}

void export_cell_set(struct export_cells *cells, enum export_field field, const char *text)
{
    (void)str_copy(cells->text[field], EXPORT_CELL_MAX, text);
}

/* A cell that a spreadsheet would take for a formula gets a ' before it, here too: these files are
 * looked at before they are sent. The same name is the same in all files. */
static void add_cell(struct text *text, const char *cell, bool first)
{
    bool quoted = strpbrk(cell, ";\"") != NULL;
    if (!first)
        text_add(text, ";");
    if (quoted)
        text_add(text, "\"");
    if (*cell != '\0' && strchr("=+-@", *cell))
        text_add(text, "'");
    for (const char *s = cell; *s; s++)
        text_append(text, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    if (quoted)
        text_add(text, "\"");
}

static void complain_missing(struct export_state *state, const struct export_host *host,
                             const struct export_column *column, const char *vm)
{
    static const char *const vm_words[FIELDS] = {
        [FIELD_VCPU] = "vcpu",
        [FIELD_CLUSTER] = "cluster",
        [FIELD_ENVIRONMENT] = "environment",
        [FIELD_DOMAIN] = "domain",
        [FIELD_SUBDOMAIN] = "subdomain",
    };
    const char *tool = state->profile->tool;
    struct export_option option = export_option(column->field);
    if (vm && vm_words[column->field])
        export_state_complain(
            state, host,
            _("%s of the virtual machine %s is mandatory for %s and not declared: "
              "say %s=%s=VALUE in [vm] of greend.conf on that host, then "
              "systemctl reload greend there"),
            column->header, vm, tool, vm, vm_words[column->field]);
    else if (*option.key)
        export_state_complain(state, host,
                              _("%s is mandatory for %s and not declared: say %s= in [%s] of "
                                "greend.conf on that host, then systemctl reload greend there"),
                              column->header, tool, option.key, option.section);
    else
        export_state_complain(state, host, _("%s is mandatory for %s and not known"),
                              column->header, tool);
}

bool export_state_check(struct export_state *state, enum export_kind kind,
                        const struct export_host *host, const char *vm)
{
    const struct export_table *table = &state->profile->tables[kind];
    size_t before = state->complaints;
    for (size_t i = 0; i < table->n; i++)
        if (table->columns[i].mandatory && state->cells.text[table->columns[i].field][0] == '\0')
            complain_missing(state, host, &table->columns[i], vm);
    return state->complaints == before;
}

void export_state_line(struct export_state *state, enum export_kind kind,
                       const struct export_host *host, const char *vm)
{
    const struct export_table *table = &state->profile->tables[kind];
    struct text *text = &state->files[kind].text;
    if (!export_state_check(state, kind, host, vm))
        return;
    for (size_t i = 0; i < table->n; i++)
        add_cell(text, state->cells.text[table->columns[i].field], i == 0);
    text_add(text, "\n");
    state->lines[kind]++;
}

static void names_free(void *name)
{
    free(name);
}

void export_state_done(struct export_state *state)
{
    for (int kind = 0; kind < KINDS; kind++)
        text_done(&state->files[kind].text);
    tdestroy(state->names, names_free);
    free(state->datacentres);
    free(state->seen);
    free(state->shares);
}
