/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <time.h>

#include "configuration.h"
#include "ctl.h"
#include "period.h"
#include "render.h"
#include "report_html.h"
#include "targets_render.h"

static void reader_close_p(struct store_reader **reader)
{
    (void)store_reader_close(*reader);
}

static void choice_done(struct ctl_report *choice)
{
    settings_done(&choice->settings);
}

static void facts_free_p(struct facts **facts)
{
    if (*facts)
        facts_done(*facts);
    free(*facts);
}

void ctl_complain_database(const char *path, int error, const struct store_reader *reader)
{
    const char *detail = reader ? store_reader_error(reader) : NULL;
    switch (error) {
    case -ENOENT:
        ctl_complain(_("there is no database %s. greend writes the first minute within a minute of "
                       "its start: sudo systemctl start greend. Another file: --database FILE"),
                     path);
        break;
    case -EACCES:
    case -EPERM:
        ctl_complain(_("cannot read %s: permission denied. Reports may be read by members of the "
                       "group greend-read: sudo usermod -aG greend-read $USER, then log in anew"),
                     path);
        break;
    case -EPROTONOSUPPORT:
        ctl_complain(_("%s was written by a newer greend than this greend-ctl (%s): upgrade it"),
                     path, GREEND_VERSION);
        break;
    case -EUCLEAN:
        ctl_complain(_("%s is no database of greend or is corrupt%s%s. A running greend sets a "
                       "corrupt one aside by itself; see its log"),
                     path, detail ? ": " : "", detail ? detail : "");
        break;
    case -EBUSY:
        ctl_complain(_("%s is locked by another program: try again"), path);
        break;
    case -E2BIG:
        ctl_complain(
            _("more rows than a report can hold: ask for a shorter period or another --by"));
        break;
    default:
        ctl_complain(_("cannot read %s: %s%s%s"), path, language_error(-error), detail ? ": " : "",
                     detail ? detail : "");
        break;
    }
}

void ctl_enter_timezone(const char *name)
{
    if (*name == '\0')
        return;
    if (!configuration_timezone_exists(name)) {
        ctl_complain(_("this machine does not know the time zone %s of the database: times are UTC "
                       "(package tzdata)"),
                     name);
        name = "UTC";
    }
    (void)setenv("TZ", name, 1);
    tzset();
}

static void complain_no_data(const struct report *report)
{
    char since[RENDER_TIME_MAX];
    char until[RENDER_TIME_MAX];
    char first[RENDER_TIME_MAX];
    char last[RENDER_TIME_MAX];
    (void)render_time(since, FORM_ISO, report->since_s);
    (void)render_time(until, FORM_ISO, report->until_s);
    if (report->info.first_s >= report->info.last_s) {
        ctl_complain(_("no data from %s to %s: the database is still empty"), since, until);
        return;
    }
    ctl_complain(_("no data from %s to %s: the database holds %s to %s"), since, until,
                 render_time(first, FORM_ISO, report->info.first_s),
                 render_time(last, FORM_ISO, report->info.last_s));
}

static int find_period(const struct ctl_arguments *arguments, int64_t now_s,
                       struct period *ret_period)
{
    const char *wrong = NULL;
    int r = period_resolve(arguments->since, arguments->until, now_s, ret_period, &wrong);
    if (r < 0)
        ctl_complain(_("'%s' is no time. Expected as in: today, yesterday, 2026-11-01, "
                       "'2026-11-01 12:00', -2h, '2h ago', @1793491200"),
                     wrong);
    else if (r == PERIOD_BACKWARDS)
        ctl_complain(_("the period ends before it begins: expected --since before --until"));
    return r == 0 ? CTL_DONE : CTL_USAGE;
}

static int print_report(const struct ctl_arguments *arguments, const struct report *report,
                        const struct report_footprint *footprint, const char *path,
                        struct store_reader *reader)
{
    CLEANUP(text_done) struct text text = {0};
    CLEANUP(free_p) char *css = NULL;
    struct style style;
    int r = 0;
    switch (arguments->format) {
    case FORMAT_TABLE:
        style_detect(&style);
        render_report_table(report, footprint, &style, &text);
        break;
    case FORMAT_JSON:
        render_report_json(report, footprint, &text);
        break;
    case FORMAT_CSV:
        render_report_csv(report, footprint, &text);
        break;
    case FORMAT_HTML:
        r = report_html_stylesheet(arguments, &css);
        if (r != CTL_DONE)
            return r;
        r = report_html(report, footprint, reader, css, &text);
        break;
    }
    if (r != 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    return ctl_print(&text);
}

/* The group of --by, and how many rows. */
static int set_group(const struct ctl_arguments *arguments, struct report *report)
{
    int group = report_group_find(arguments->by ? arguments->by : "workload");
    if (group < 0) {
        ctl_complain(_("'%s' is no group. Expected --by workload, unit, command, user, container, "
                       "vm, domain, hour, day or month"),
                     arguments->by);
        return CTL_USAGE;
    }
    report->group = (enum report_group)group;
    report->top = group >= REPORT_BY_DOMAIN ? REPORT_ROWS_MAX : REPORT_TOP_DEFAULT;
    if (arguments->top > 0)
        report->top = arguments->top;
    return CTL_DONE;
}

/* With the footprint, as far as it can be had: wrong factors are a failure behind the report. */
static int print_all(const struct ctl_arguments *arguments, struct ctl_report *choice,
                     const struct report *report, struct store_reader *reader, int64_t now_s)
{
    CLEANUP(facts_free_p) struct facts *facts = calloc(1, sizeof(*facts));
    struct report_footprint footprint;
    if (!facts) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    int r = facts_load(facts, &choice->settings, choice->declared, report->info.host_id);
    if (r != CTL_DONE)
        return r;
    report_footprint_init(&footprint, report, facts, now_s);
    r = print_report(arguments, report, &footprint, choice->database, reader);
    return r == CTL_DONE && facts->wrong ? CTL_FAILED : r;
}

static int report_from(const struct ctl_arguments *arguments, struct ctl_report *choice,
                       struct report *report, int64_t now_s)
{
    const char *path = choice->database;
    CLEANUP(reader_close_p) struct store_reader *reader = NULL;
    CLEANUP(target_list_done) struct target_list targets = {0};
    struct period period;
    int r = store_reader_open(&reader, path);
    if (r == 0)
        r = store_reader_info(reader, &report->info);
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    ctl_enter_timezone(report->info.timezone);
    int exit_status = find_period(arguments, now_s, &period); /* anew, in that time zone */
    if (exit_status != CTL_DONE)
        return exit_status;
    report->since_s = period.since_s;
    report->until_s = period.until_s;
    r = report_collect(report, reader);
    if (r == STORE_NO_DATA) {
        complain_no_data(report);
        return CTL_NO_DATA;
    }
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    if (choice->declared)
        exit_status = targets_find(&choice->settings, reader, path, &targets);
    report->targets = targets.n > 0 ? &targets : NULL;
    if (exit_status == CTL_DONE)
        exit_status = print_all(arguments, choice, report, reader, now_s);
    report->targets = NULL; /* they are released here */
    return exit_status;
}

int report_main(const struct ctl_arguments *arguments)
{
    CLEANUP(choice_done) struct ctl_report choice = {0};
    CLEANUP(report_done) struct report report = {0};
    struct period period;
    int64_t now_s = time(NULL);
    int r = set_group(arguments, &report);
    if (r == CTL_DONE && arguments->stylesheet && arguments->format != FORMAT_HTML) {
        ctl_complain(_("--stylesheet is for --format html"));
        r = CTL_USAGE;
    }
    /* What is no time in any zone is an error of usage before any file is opened. */
    if (r == CTL_DONE)
        r = find_period(arguments, now_s, &period);
    if (r == CTL_DONE)
        r = ctl_find_report(arguments, &choice);
    report.idle = choice.idle;
    return r == CTL_DONE ? report_from(arguments, &choice, &report, now_s) : r;
}
