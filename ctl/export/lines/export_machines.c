/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The files of the state's tools: every machine of the export, from its facts to its lines. */

#include <time.h>

#include "export/lines/export_state.h"

static void add_headers(struct export_state *state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        const struct export_table *table = &state->profile->tables[kind];
        struct text *text = &state->files[kind].text;
        state->files[kind].name = table->file;
        for (size_t i = 0; i < table->n; i++) {
            text_add(text, i > 0 ? ";" : "");
            text_add(text, table->columns[i].header);
        }
        text_add(text, "\n");
    }
}

/* ---- The export ---- */

static int add_host(const struct ctl_arguments *arguments, enum report_idle idle, int64_t now_s,
                    struct export_state *state)
{
    const struct hosts *hosts = state->hosts;
    CLEANUP(export_host_done)
    struct export_host host = {
        .report = {.group = REPORT_BY_VM, .top = REPORT_ROWS_MAX, .idle = idle}
    };
    int r = export_host_read(arguments, hosts, state->host, now_s, &host);
    if (r == CTL_NO_DATA && hosts->n == 1) {
        struct period period = {host.report.since_s, host.report.until_s};
        hosts_complain_no_data(hosts, &period);
        return r;
    }
    if (r == CTL_NO_DATA)
        export_state_complain(state, &host,
                              _("there is no data in the period: leave its database out, or ask "
                                "for another period"));
    else if (r != CTL_DONE)
        return r;
    else
        export_state_host(state, &host);
    return CTL_DONE;
}

/* Virtual machines come behind all physical ones, whose lines theirs refer to. */
static int add_hosts(const struct ctl_arguments *arguments, enum report_idle idle, int64_t now_s,
                     struct export_state *state)
{
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < state->kin->n && state->error == 0; i++) {
            state->host = i;
            int r = state->kin->list[i].virtual == (round == 1)
                        ? add_host(arguments, idle, now_s, state)
                        : CTL_DONE;
            if (r != CTL_DONE)
                return r;
        }
    export_state_end(state);
    return CTL_DONE;
}

static int print_outcome(const struct ctl_arguments *arguments, const struct export_state *state)
{
    CLEANUP(text_done) struct text text = {0};
    static const char *const what[KINDS] = {
        [KIND_DATACENTRE] = N_("data centres"),
        [KIND_PHYSICAL] = N_("physical machines"),
        [KIND_VIRTUAL] = N_("virtual machines"),
        [KIND_APPLICATION] = N_("applications"),
    };
    for (int kind = 0; kind < KINDS; kind++)
        text_format(&text, _("%s/%s: %s: %zu\n"), arguments->output, state->files[kind].name,
                    _(what[kind]), state->lines[kind]);
    return ctl_print(&text);
}

static int finish(const struct ctl_arguments *arguments, const struct export_state *state)
{
    if (state->error < 0) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    if (state->complaints > EXPORT_COMPLAINTS_MAX)
        ctl_complain(_("and %zu more like these"), state->complaints - EXPORT_COMPLAINTS_MAX);
    if (state->complaints > 0) {
        ctl_complain(_("export %s: nothing was written"), state->profile->name);
        return CTL_FAILED;
    }
    int r = export_files_write(arguments->output, state->files, KINDS);
    return r == CTL_DONE ? print_outcome(arguments, state) : r;
}

/* Whose idle energy is: whoever exports virtual machines without another word has the machine's
 * divided among them, since shares are of all of it. */
static enum report_idle find_idle(const struct ctl_arguments *arguments, enum report_idle idle)
{
    return arguments->idle ? idle : REPORT_IDLE_PROPORTIONAL;
}

int export_state(const struct ctl_arguments *arguments)
{
    CLEANUP(hosts_done) struct hosts hosts = {0};
    CLEANUP(kin_done) struct kin kin = {0};
    CLEANUP(report_paths_done) struct report_paths paths = {0};
    CLEANUP(export_state_done)
    struct export_state state = {.profile = export_profile_find(arguments->operand),
                                 .partial = arguments->partial,
                                 .kin = &kin,
                                 .hosts = &hosts};
    struct period period;
    int64_t now_s = time(NULL);
    int r = hosts_find_period(arguments, now_s, &period);
    if (r == CTL_DONE)
        r = report_find_paths(arguments, &paths);
    if (r == CTL_DONE)
        r = kin_find(arguments, paths.list, paths.n, KIN_BY_MACHINE, now_s, hosts_find_year, &hosts,
                     &kin);
    if (r != CTL_DONE)
        return r;
    add_headers(&state);
    r = add_hosts(arguments, find_idle(arguments, paths.choice.idle), now_s, &state);
    return r == CTL_DONE ? finish(arguments, &state) : r;
}
