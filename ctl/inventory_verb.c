/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <fcntl.h>

#include "configuration.h"
#include "ctl.h"
#include "factor_files.h"
#include "inventory.h"

static void table_free_p(struct factor_table **table)
{
    (void)factor_table_free(*table);
}

static void on_factor_error(void *userdata, const char *line)
{
    (void)userdata;
    ctl_complain("%s", line);
}

static int open_root(const char *path, int *ret_fd)
{
    *ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*ret_fd >= 0)
        return CTL_DONE;
    ctl_complain(_("cannot open %s: %s"), path, language_error(errno));
    return CTL_FAILED;
}

static int read_machine(const struct settings *settings, struct reading *ret)
{
    CLEANUP(close_fd_p) int procfs = -1;
    CLEANUP(close_fd_p) int sysfs = -1;
    int r = open_root(settings->procfs, &procfs);
    if (r == CTL_DONE)
        r = open_root(settings->sysfs, &sysfs);
    if (r != CTL_DONE)
        return r;
    if (reading_take(procfs, sysfs, ret) == 0)
        return CTL_DONE;
    ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

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
    CLEANUP(table_free_p) struct factor_table *factors = NULL;
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
        r = read_machine(&settings, reading);
    if (r != CTL_DONE)
        return r;
    const char *folder = settings.factors_folder[0] ? settings.factors_folder : factor_files_folder;
    if (factor_files_load(folder, settings.factors, NULL, 0, &factors, on_factor_error, NULL) < 0) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    view->reading = reading;
    view->settings = &settings;
    view->factors = factors;
    configuration_declared(&settings, &view->site, &view->asset);
    inventory_compute(view);
    return print_inventory(arguments, view);
}
