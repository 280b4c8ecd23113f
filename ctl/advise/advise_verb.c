/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <math.h>

#include "advise/advise.h"
#include "ctl.h"
#include "greend/units.h"
#include "hosts/facts.h"
#include "hosts/hosts.h"
#include "input/configuration.h"
#include "input/factor_files.h"
#include "inventory/inventory.h"
#include "shell/language.h"

/* ---- What is declared ---- */

static struct observation years_of(const struct asset *asset)
{
    int64_t days = (int64_t)asset->earlier_days + asset->later_days;
    if (asset->life_days > 0)
        days += asset->life_days;
    else if (asset->planned_end != DAY_UNKNOWN && asset->purchase != DAY_UNKNOWN)
        days += asset->planned_end - asset->purchase;
    else
        return (struct observation){
            .why = N_("neither life= nor purchase= and planned_end= is declared in [asset]")};
    /* Days are whole: five years of them are 4.9993. */
    return (struct observation){.known = true, .value = round((double)days / 3.6525) / 100};
}

static void read_declared(const struct inventory_view *view, struct practice_evidence *evidence)
{
    struct use_impacts use;
    evidence->machine = view->machine;
    evidence->life = view->machine == MACHINE_VIRTUAL
                         ? (struct observation){.why = N_("it is its host's, and this is a virtual "
                                                          "machine")}
                         : years_of(&view->asset);
    if (!view->factors)
        return;
    if (view->embodied.n_items > 0 && view->machine == MACHINE_PHYSICAL)
        evidence->embodied = view->embodied.total[CRITERION_GWP];
    evidence->embodied_least = !view->embodied.complete[CRITERION_GWP];
    use_impacts(view->factors, &view->site, UJ_PER_KWH, UINT64_MAX, &use);
    const struct figure *gwp = &use.impacts[CRITERION_GWP];
    evidence->kg_per_kwh = (struct observation){.known = gwp->known, .value = gwp->value};
}

/* ---- What is read ---- */

static int read_machine(const struct settings *settings, struct inventory_view *view,
                        struct reading *reading, struct advise_live *live)
{
    CLEANUP(close_fd_p) int procfs = -1;
    CLEANUP(close_fd_p) int sysfs = -1;
    int r = facts_open_root(settings->procfs, &procfs);
    if (r == CTL_DONE)
        r = facts_open_root(settings->sysfs, &sysfs);
    if (r != CTL_DONE)
        return r;
    if (reading_take(procfs, sysfs, reading) < 0) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    view->reading = reading;
    view->settings = settings;
    configuration_declared(settings, &view->site, &view->asset);
    inventory_compute(view);
    advise_read_live(procfs, sysfs, view->machine, live);
    return CTL_DONE;
}

static int read_history(const struct settings *settings, const struct advise_live *live,
                        struct practice_evidence *evidence)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    struct store_info info;
    int r = store_reader_open(&reader, settings->database);
    if (r == 0)
        r = store_reader_info(reader, &info);
    if (r == 0) {
        ctl_enter_timezone(info.timezone);
        r = advise_read_store(reader, settings, live, evidence);
    }
    /* A history that is still empty is one of no days. */
    if (r >= 0)
        return CTL_DONE;
    ctl_complain_database(settings->database, r, reader);
    return CTL_FAILED;
}

static void add_live(const struct advise_live *live, struct practice_evidence *evidence)
{
    evidence->uptime = live->uptime;
    evidence->network = live->network;
    evidence->disk = live->disk;
    evidence->performance = live->performance;
    evidence->idle_states = live->idle_states;
    evidence->idle_word = live->idle_word;
    evidence->psu = live->psu;
}

static int print_advice(const struct ctl_arguments *arguments, const struct advice *advice)
{
    CLEANUP(text_done) struct text text = {0};
    struct style style;
    if (arguments->format == FORMAT_JSON) {
        (void)language_set("en"); /* sentences stand in it, for programs */
        advise_render_json(advice, &text);
    } else {
        style_detect(&style);
        advise_render_table(advice, &style, &text);
    }
    return ctl_print(&text);
}

static int advise_with(const struct ctl_arguments *arguments, const struct settings *settings,
                       struct inventory_view *view, struct reading *reading, struct advice *advice)
{
    struct advise_live live;
    int r = read_machine(settings, view, reading, &live);
    if (r != CTL_DONE)
        return r;
    read_declared(view, &advice->evidence);
    add_live(&live, &advice->evidence);
    r = read_history(settings, &live, &advice->evidence);
    if (r != CTL_DONE)
        return r;
    advice->limits = advise_limits(settings);
    advice->n = practices_judge(&advice->evidence, &advice->limits, advice->results);
    return print_advice(arguments, advice);
}

int advise_main(const struct ctl_arguments *arguments)
{
    CLEANUP(settings_done) struct settings settings = {0};
    CLEANUP(factor_files_free_p) struct factor_table *factors = NULL;
    CLEANUP(free_p) struct reading *reading = malloc(sizeof(*reading));
    CLEANUP(free_p) struct inventory_view *view = calloc(1, sizeof(*view));
    CLEANUP(free_p) struct advice *advice = calloc(1, sizeof(*advice));
    if (arguments->format == FORMAT_CSV || arguments->format == FORMAT_HTML) {
        ctl_complain(_("--format: expected table or json, got '%s'"),
                     arguments->format == FORMAT_CSV ? "csv" : "html");
        return CTL_USAGE;
    }
    if (!reading || !view || !advice) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    int r = ctl_load_settings(arguments, &settings);
    if (r != CTL_DONE)
        return r;
    r = facts_read_factors(&settings, &factors);
    if (r != CTL_DONE)
        return r;
    view->factors = factors;
    return advise_with(arguments, &settings, view, reading, advice);
}
