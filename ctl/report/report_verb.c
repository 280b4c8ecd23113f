/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <time.h>

#include "ctl.h"
#include "hosts/hosts.h"
#include "render/render.h"
#include "render/render_html.h"
#include "report/fleet.h"
#include "report/report_html.h"
#include "targets/targets_render.h"

/* Of several databases: the same by time, where their days and hours are the same. */
static int render_of_many(const struct ctl_arguments *arguments, const struct report_paths *paths,
                          const struct report *report, const struct report_footprint *footprint,
                          const char *css, struct text *text)
{
    CLEANUP(report_done)
    struct report by_time = {.group = html_report_spans(&report->period),
                             .idle = report->idle,
                             .top = REPORT_ROWS_MAX,
                             .repeated = true};
    bool spans = report_group_is_span(report->group);
    if (!spans && !report->one_timezone) {
        report_html_with(report, footprint, NULL, css, text);
        return CTL_DONE;
    }
    int r = spans ? CTL_DONE : report_of_hosts(arguments, paths->list, paths->n, &by_time);
    if (r == CTL_DONE)
        report_html_with(report, footprint, spans ? NULL : &by_time, css, text);
    return r;
}

/* A page reads more than the report of what was asked for. */
static int render_page(const struct ctl_arguments *arguments, const struct report_paths *paths,
                       const struct report *report, const struct report_footprint *footprint,
                       struct text *text)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    CLEANUP(free_p) char *css = NULL;
    struct store_info info;
    int answer = report_html_stylesheet(arguments, &css);
    if (answer == CTL_DONE && paths->n > 1)
        return render_of_many(arguments, paths, report, footprint, css, text);
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

static int out_of_memory(void)
{
    ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

/* ---- With its footprint ---- */

/* Facts that the database tells: the factors are those that the configuration here chooses. */
static int use_stored(const struct ctl_arguments *arguments, struct report_paths *paths,
                      struct facts *facts)
{
    bool needed = facts_need_factors(facts);
    int r = CTL_DONE;
    if (needed && !paths->choice.declared) /* its settings are the defaults */
        r = ctl_load_settings(arguments, &facts->settings);
    if (r == CTL_DONE && needed)
        r = facts_read_factors(paths->choice.declared ? &paths->choice.settings : &facts->settings,
                               &facts->table);
    if (r == CTL_DONE)
        facts_use(facts, facts->table);
    return r;
}

/* Facts of the one host that the report is of; of several none. greend.conf and this machine say
 * how it is now; what is of another machine, or may be, its own database knows best. */
static int find_facts(const struct ctl_arguments *arguments, struct report_paths *paths,
                      const struct report *report, struct facts *own, struct facts **ret_facts)
{
    const uint8_t *id = report->info.host_id;
    bool declared = paths->choice.declared;
    *ret_facts = own;
    if (report->fleet)
        return facts_load(own, &paths->choice.settings, false, id);
    if (!report->stored || (declared && facts_are_here(id)))
        return facts_load(own, &paths->choice.settings, declared, id);
    *ret_facts = report->stored;
    return use_stored(arguments, paths, report->stored);
}

static bool is_wrong(const struct facts *facts, const struct fleet *fleet)
{
    return fleet ? fleet->factors_read && !fleet->factors : facts->wrong;
}

int report_with_footprint(
    const struct ctl_arguments *arguments, struct report_paths *paths, const struct report *report,
    int (*print)(const struct ctl_arguments *arguments, const struct report_paths *paths,
                 const struct report *report, const struct report_footprint *footprint))
{
    CLEANUP(facts_free_p) struct facts *own = calloc(1, sizeof(*own));
    struct facts *facts = own;
    struct report_footprint footprint;
    if (!own)
        return out_of_memory();
    int r = find_facts(arguments, paths, report, own, &facts);
    if (r != CTL_DONE)
        return r;
    ctl_enter_timezone(report->info.timezone);
    report_footprint_init(&footprint, report, facts, time(NULL));
    r = print(arguments, paths, report, &footprint);
    return r == CTL_DONE && is_wrong(facts, report->fleet) ? CTL_FAILED : r;
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
