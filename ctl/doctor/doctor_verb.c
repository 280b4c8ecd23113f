/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "doctor/doctor.h"

#include <fcntl.h>

#include "doctor/capture.h"
#include "hosts/facts.h"

static int print_report(const struct ctl_arguments *arguments, const struct doctor_scene *scene,
                        const struct doctor_report *report)
{
    CLEANUP(text_done) struct text text = {0};
    struct style style;
    if (arguments->format == FORMAT_JSON) {
        doctor_render_json(scene, report, &text);
    } else {
        style_detect(&style);
        doctor_render_table(scene, report, &style, &text);
    }
    return ctl_print(&text);
}

static int examine(const struct ctl_arguments *arguments, struct doctor_scene *scene)
{
    CLEANUP(doctor_report_done) struct doctor_report report = {0};
    int r = doctor_look(arguments, scene);
    if (r != CTL_DONE)
        return r;
    if (doctor_judge(scene, &report) < 0) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    r = print_report(arguments, scene, &report);
    if (r == CTL_DONE && arguments->fix)
        return doctor_fix(scene, &report);
    return r == CTL_DONE && !doctor_is_well(&report) ? CTL_FAILED : r;
}

/* ---- The machine as a fixture ---- */

static void complain_capture(const char *path, int error)
{
    if (error == -ENOPKG)
        ctl_complain(_("--capture: it needs the program tar: install the package tar"));
    else if (error == -EEXIST)
        ctl_complain(_("--capture: %s is there already: name another file"), path);
    else
        ctl_complain(_("--capture: cannot write %s: %s"), path, language_error(-error));
}

static int print_captured(const char *path, const struct capture_result *result)
{
    CLEANUP(text_done) struct text text = {0};
    char shown[4 * PATH_MAX];
    (void)text_escape(shown, sizeof(shown), path, strlen(path));
    text_format(&text,
                P_("%s: %zu file of meters, sensors, topology and control groups.\n",
                   "%s: %zu files of meters, sensors, topology and control groups.\n",
                   result->files),
                shown, result->files);
    text_format(&text,
                _("Names of hosts, people, containers and commands, serials and addresses are not "
                  "in it. Look before you pass it on: tar -xOf %s | less\n"),
                shown);
    if (result->unreadable > 0)
        text_format(&text,
                    P_("%zu file could not be read, and is missing: as root it can.\n",
                       "%zu files could not be read, and are missing: as root they can.\n",
                       result->unreadable),
                    result->unreadable);
    return ctl_print(&text);
}

static int capture(const struct ctl_arguments *arguments)
{
    CLEANUP(settings_done) struct settings settings = {0};
    CLEANUP(close_fd_p) int sysfs = -1;
    CLEANUP(close_fd_p) int procfs = -1;
    struct capture_result result = {0};
    int r = ctl_load_settings(arguments, &settings);
    if (r == CTL_DONE)
        r = facts_open_root(arguments->sysfs ? arguments->sysfs : settings.sysfs, &sysfs);
    if (r == CTL_DONE)
        r = facts_open_root(arguments->procfs ? arguments->procfs : settings.procfs, &procfs);
    if (r != CTL_DONE)
        return r;
    int error = capture_write(arguments->capture, sysfs, procfs, &result);
    if (error == 0)
        return print_captured(arguments->capture, &result);
    complain_capture(arguments->capture, error);
    return CTL_FAILED;
}

int doctor_main(const struct ctl_arguments *arguments)
{
    CLEANUP(free_p) struct doctor_scene *scene = malloc(sizeof(*scene));
    if (arguments->format == FORMAT_CSV || arguments->format == FORMAT_HTML) {
        ctl_complain(_("--format: expected table or json, got '%s'"),
                     arguments->format == FORMAT_CSV ? "csv" : "html");
        return CTL_USAGE;
    }
    if (arguments->fix && arguments->format != FORMAT_TABLE) {
        ctl_complain(_("--fix asks a person: it goes with --format table alone"));
        return CTL_USAGE;
    }
    if (arguments->fix && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
        ctl_complain(_("--fix asks before it runs anything: it needs a terminal"));
        return CTL_USAGE;
    }
    if (arguments->capture && (arguments->fix || arguments->format != FORMAT_TABLE)) {
        ctl_complain(_("--capture goes without --fix and --format"));
        return CTL_USAGE;
    }
    if (arguments->capture)
        return capture(arguments);
    if (!scene) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    if (arguments->format == FORMAT_JSON)
        (void)language_set("en"); /* sentences stand in it, for programs */
    int r = examine(arguments, scene);
    doctor_scene_done(scene);
    return r;
}
