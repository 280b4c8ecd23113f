/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "ctl.h"
#include "input/configuration.h"

static void on_configuration_error(void *userdata, const char *line)
{
    (void)userdata;
    ctl_complain("%s", line);
}

/* One that merely is there is not reason enough to refuse a report. */
int ctl_load_settings(const struct ctl_arguments *arguments, struct settings *ret)
{
    const char *file = arguments->config ? arguments->config : CONFIGURATION_FILE;
    int r = configuration_load(file, arguments->config != NULL, ret, on_configuration_error, NULL);
    if (r == 0)
        return CTL_DONE;
    if (r < 0)
        ctl_complain(_("cannot read the configuration: %s"), language_error(-r));
    if (r < 0 || arguments->config)
        return CTL_FAILED;
    ctl_complain(_("the configuration has errors: going on with the defaults"));
    settings_defaults(ret);
    return CTL_DONE;
}

static int copy_path(const char *path, char *ret_path, size_t size)
{
    if (str_copy(ret_path, size, path))
        return CTL_DONE;
    ctl_complain(_("the path is too long: %s"), path);
    return CTL_FAILED;
}

static int find_path(const struct ctl_arguments *arguments, const char *given, bool database,
                     char *ret_path, size_t size)
{
    CLEANUP(settings_done) struct settings settings = {0};
    int r = given ? CTL_DONE : ctl_load_settings(arguments, &settings);
    if (r != CTL_DONE)
        return r;
    const char *path = given ? given : database ? settings.database : settings.runtime_directory;
    return copy_path(path, ret_path, size);
}

int ctl_find_database(const struct ctl_arguments *arguments, char *ret_path, size_t size)
{
    return find_path(arguments, arguments->database, true, ret_path, size);
}

int ctl_find_runtime(const struct ctl_arguments *arguments, char *ret_path, size_t size)
{
    return find_path(arguments, arguments->runtime, false, ret_path, size);
}

int ctl_find_report(const struct ctl_arguments *arguments, struct ctl_report *ret)
{
    const char *word = arguments->idle ? arguments->idle : "separate";
    int idle = report_idle_find(word);
    *ret = (struct ctl_report){.declared = !arguments->database || arguments->config};
    if (idle < 0) {
        ctl_complain(_("--idle: expected separate, proportional or reserved, got '%s'"), word);
        return CTL_USAGE;
    }
    if (!ret->declared)
        settings_defaults(&ret->settings);
    int r = ret->declared ? ctl_load_settings(arguments, &ret->settings) : CTL_DONE;
    if (r != CTL_DONE)
        return r;
    ret->idle = (enum report_idle)(arguments->idle ? idle : ret->settings.report_idle);
    const char *path = arguments->database ? arguments->database : ret->settings.database;
    return copy_path(path, ret->database, sizeof(ret->database));
}
