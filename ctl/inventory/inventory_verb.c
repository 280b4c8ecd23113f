/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "ctl.h"
#include "hosts/facts.h"
#include "input/configuration.h"
#include "input/factor_files.h"

static int print_inventory(const struct ctl_arguments *arguments, const struct inventory_view *view)
{
    CLEANUP(text_done) struct text text = {0};
    struct style style;
    if (arguments->format == FORMAT_JSON) {
        inventory_render_json(view, &text);
    } else {
        style_detect(&style);
        inventory_render_table(view, &style, &text);
    }
    int r = ctl_print(&text);
    return r == CTL_DONE && !view->factors ? CTL_FAILED : r;
}

int inventory_main(const struct ctl_arguments *arguments)
{
    CLEANUP(settings_done) struct settings settings = {0};
    CLEANUP(factor_files_free_p) struct factor_table *factors = NULL;
    CLEANUP(free_p) struct reading *reading = malloc(sizeof(*reading));
    CLEANUP(free_p) struct inventory_view *view = calloc(1, sizeof(*view));
    if (arguments->format == FORMAT_CSV || arguments->format == FORMAT_HTML) {
        ctl_complain(_("--format: inventory is a table or json, got '%s'"),
                     arguments->format == FORMAT_CSV ? "csv" : "html");
        return CTL_USAGE;
    }
    if (!reading || !view) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    int r = ctl_load_settings(arguments, &settings);
    if (r == CTL_DONE)
        r = facts_read_machine(&settings, reading);
    if (r == CTL_DONE)
        r = facts_read_factors(&settings, &factors);
    if (r != CTL_DONE)
        return r;
    view->reading = reading;
    view->settings = &settings;
    view->factors = factors;
    configuration_declared(&settings, &view->site, &view->asset);
    inventory_compute(view);
    return print_inventory(arguments, view);
}
