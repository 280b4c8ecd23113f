/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <time.h>

#include "ctl.h"
#include "hosts.h"
#include "kin.h"
#include "render.h"
#include "report_html.h"
#include "targets_render.h"

/* A page reads more than the report of what was asked for, from the one database it is of. */
static int render_page(const struct ctl_arguments *arguments, const struct report_paths *paths,
                       const struct report *report, const struct report_footprint *footprint,
                       struct text *text)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    CLEANUP(free_p) char *css = NULL;
    struct store_info info;
    int answer = report_html_stylesheet(arguments, &css);
    if (answer == CTL_DONE)
        answer = hosts_open(&reader, paths->list[0], &info);
    if (answer != CTL_DONE)
        return answer;
    int r = report_html(report, footprint, reader, css, text);
    if (r == 0)
        return CTL_DONE;
    ctl_complain_database(paths->list[0], r, reader);
    return CTL_FAILED;
}

static int print_report(const struct ctl_arguments *arguments, const struct report_paths *paths,
                        const struct report *report, const struct report_footprint *footprint)
{
    CLEANUP(text_done) struct text text = {0};
    struct style style;
    int r = CTL_DONE;
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
        r = render_page(arguments, paths, report, footprint, &text);
        break;
    }
    return r == CTL_DONE ? ctl_print(&text) : r;
}

/* What is wrong with the options, before any file is opened. */
static int check_usage(const struct ctl_arguments *arguments)
{
    struct period period;
    if (arguments->stylesheet && arguments->format != FORMAT_HTML)
        ctl_complain(_("--stylesheet is for --format html"));
    else if (arguments->format == FORMAT_HTML && arguments->n_databases > 1)
        ctl_complain(_("--format html is of one database, got %zu"), arguments->n_databases);
    else /* what is no time in any zone */
        return hosts_find_period(arguments, time(NULL), &period);
    return CTL_USAGE;
}

int report_set_group(const struct ctl_arguments *arguments, struct report *report)
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

/* Hours and days of one time zone are none of another. */
static int check_timezones(const struct hosts *hosts, const struct report *report)
{
    const struct hosts_database *first = &hosts->list[0];
    for (size_t i = 1; i < hosts->n && report_group_is_span(report->group); i++) {
        const struct hosts_database *other = &hosts->list[i];
        if (str_equal(first->info.timezone, other->info.timezone))
            continue;
        ctl_complain(_("--by %s: %s is in the time zone %s and %s in %s, whose %ss are not the "
                       "same. Report them one by one, or --by another group"),
                     report_group_name(report->group), first->path, first->info.timezone,
                     other->path, other->info.timezone, report_group_name(report->group));
        return CTL_USAGE;
    }
    return CTL_DONE;
}

/* Adds one database: CTL_NO_DATA is not said. */
static int add_database(const struct ctl_arguments *arguments, const char *path,
                        struct report *report, int64_t now_s)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    struct store_info info;
    struct period period;
    int answer = hosts_open(&reader, path, &info);
    if (answer == CTL_DONE)
        answer = hosts_find_period(arguments, now_s, &period); /* anew, in its time zone */
    if (answer != CTL_DONE)
        return answer;
    report->since_s = period.since_s;
    report->until_s = period.until_s;
    int r = report_add(report, reader);
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    return r == STORE_NO_DATA ? CTL_NO_DATA : CTL_DONE;
}

/* Those without data in the period, which are no error where others have some. */
struct silent {
    size_t n;
    const char *first;
};

/* Adds all databases of a host; ret_any: one had data. */
static int add_host(const struct ctl_arguments *arguments, const struct hosts *hosts, size_t host,
                    struct report *report, int64_t now_s, struct silent *silent, bool *ret_any)
{
    for (size_t i = 0; i < hosts->n; i++) {
        const struct hosts_database *database = &hosts->list[i];
        if (database->host != host)
            continue;
        int r = add_database(arguments, database->path, report, now_s);
        if (r != CTL_DONE && r != CTL_NO_DATA)
            return r;
        *ret_any |= r == CTL_DONE;
        if (r == CTL_NO_DATA && silent->n++ == 0)
            silent->first = database->path;
    }
    report_end_host(report);
    return CTL_DONE;
}

/* A virtual machine's energy lies in that of its host, if that is among them. */
static int add_all(const struct ctl_arguments *arguments, const struct hosts *hosts,
                   const struct kin *kin, struct report *report, int64_t now_s, size_t *ret_hosts)
{
    struct silent silent = {0};
    for (size_t i = 0; i < hosts->n_hosts; i++) {
        bool any = false;
        if (kin_is_contained(kin, i))
            continue;
        int r = add_host(arguments, hosts, i, report, now_s, &silent, &any);
        if (r != CTL_DONE)
            return r;
        *ret_hosts += any;
    }
    if (silent.n > 0 && silent.n < hosts->n)
        ctl_complain(
            _("%zu of %zu databases have no data in the period and are not in this report: "
              "%s is the first of them"),
            silent.n, hosts->n, silent.first);
    return silent.n == hosts->n ? CTL_NO_DATA : CTL_DONE;
}

int report_of_hosts(const struct ctl_arguments *arguments, const char *const *paths, size_t n,
                    struct report *report)
{
    CLEANUP(hosts_done) struct hosts hosts = {0};
    CLEANUP(kin_done) struct kin kin = {0};
    int64_t now_s = time(NULL);
    size_t n_hosts = 0;
    int r = hosts_find(&hosts, paths, n);
    if (r == CTL_DONE)
        r = check_timezones(&hosts, report);
    if (r == CTL_DONE && hosts.n_hosts > 1)
        r = kin_find(arguments, &hosts, KIN_BY_MACHINE, now_s, hosts_find_period, &kin);
    if (r == CTL_DONE)
        r = add_all(arguments, &hosts, &kin, report, now_s, &n_hosts);
    if (r == CTL_DONE)
        kin_say_contained(&kin);
    if (r != CTL_DONE && r != CTL_NO_DATA)
        return r;
    report->info = hosts.list[0].info;
    if (hosts.n_hosts > 1)
        memset(report->info.host_id, 0, sizeof(report->info.host_id));
    ctl_enter_timezone(report->info.timezone);
    struct period period = {report->since_s, report->until_s};
    if (r == CTL_NO_DATA) {
        hosts_complain_no_data(&hosts, &period);
        return r;
    }
    if (report_finish(report, n_hosts) == 0)
        return CTL_DONE;
    ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

static void facts_free_p(struct facts **facts)
{
    if (*facts)
        facts_done(*facts);
    free(*facts);
}

int report_with_footprint(
    const struct ctl_arguments *arguments, struct report_paths *paths, const struct report *report,
    int (*print)(const struct ctl_arguments *arguments, const struct report_paths *paths,
                 const struct report *report, const struct report_footprint *footprint))
{
    CLEANUP(facts_free_p) struct facts *facts = calloc(1, sizeof(*facts));
    struct report_footprint footprint;
    if (!facts) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    /* One declaration is not that of several hosts, nor of the one among them that has data: the
     * identity is left out where there are several. */
    bool one = paths->n == 1 || store_host_is_known(report->info.host_id);
    bool declared = paths->choice.declared && report->hosts == 1 && one;
    int r = facts_load(facts, &paths->choice.settings, declared, report->info.host_id);
    if (r != CTL_DONE)
        return r;
    report_footprint_init(&footprint, report, facts, time(NULL));
    r = print(arguments, paths, report, &footprint);
    return r == CTL_DONE && facts->wrong ? CTL_FAILED : r;
}

int report_find_paths(const struct ctl_arguments *arguments, struct report_paths *ret)
{
    int r = ctl_find_report(arguments, &ret->choice);
    ret->only = ret->choice.database;
    ret->list = arguments->n_databases > 0 ? arguments->databases : &ret->only;
    ret->n = MAX(arguments->n_databases, (size_t)1);
    return r;
}

void report_paths_done(struct report_paths *paths)
{
    settings_done(&paths->choice.settings);
}

/* Of the one database that the declarations are of. */
static int find_targets(const struct report_paths *paths, const struct report *report,
                        struct target_list *ret)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    struct store_info info;
    if (!paths->choice.declared || report->hosts != 1 || paths->n != 1)
        return CTL_DONE;
    int r = hosts_open(&reader, paths->list[0], &info);
    return r == CTL_DONE ? targets_find(&paths->choice.settings, reader, paths->list[0], ret) : r;
}

int report_main(const struct ctl_arguments *arguments)
{
    CLEANUP(report_paths_done) struct report_paths paths = {0};
    CLEANUP(report_done) struct report report = {0};
    CLEANUP(target_list_done) struct target_list targets = {0};
    int r = report_set_group(arguments, &report);
    if (r == CTL_DONE)
        r = check_usage(arguments);
    if (r == CTL_DONE)
        r = report_find_paths(arguments, &paths);
    report.idle = paths.choice.idle;
    if (r == CTL_DONE)
        r = report_of_hosts(arguments, paths.list, paths.n, &report);
    if (r == CTL_DONE)
        r = find_targets(&paths, &report, &targets);
    report.targets = targets.n > 0 ? &targets : NULL;
    return r == CTL_DONE ? report_with_footprint(arguments, &paths, &report, print_report) : r;
}
