/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A report from the databases of one host, or of several, which become a fleet. */

#include <time.h>

#include "hosts/hosts.h"
#include "hosts/kin.h"
#include "report/fleet.h"

/* Hours and days of one time zone are none of another. */
static int check_timezones(const struct hosts *hosts, struct report *report)
{
    const struct hosts_database *first = &hosts->list[0];
    report->one_timezone = true;
    for (size_t i = 1; i < hosts->n; i++) {
        const struct hosts_database *other = &hosts->list[i];
        if (str_equal(first->info.timezone, other->info.timezone))
            continue;
        report->one_timezone = false;
        if (!report_group_is_span(report->group))
            return CTL_DONE;
        ctl_complain(_("--by %s: %s is in the time zone %s and %s in %s, whose %ss are not the "
                       "same. Report them one by one, or --by another group"),
                     report_group_name(report->group), first->path, first->info.timezone,
                     other->path, other->info.timezone, report_group_name(report->group));
        return CTL_USAGE;
    }
    return CTL_DONE;
}

/* What is asked of a host beside its report. */
struct about {
    const struct hosts_database *newest; /* of those that have data, the one that was written last;
                                            NULL: none has */
    struct facts *stored;                /* that it tells; NULL: none */
};

static void about_done(struct about *about)
{
    about->stored = facts_free(about->stored);
}

/* greend.conf and this machine tell of what is recorded here, unless a database was named. */
static bool needs_facts(const struct ctl_arguments *arguments, const struct store_info *info)
{
    return arguments->n_databases > 0 || !facts_are_here(info->host_id);
}

/* Adds one database: CTL_NO_DATA is not said. */
static int add_database(const struct ctl_arguments *arguments,
                        const struct hosts_database *database, struct report *report, int64_t now_s,
                        struct about *about)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    struct store_info info;
    struct period period;
    int answer = hosts_open(&reader, database->path, &info);
    if (answer == CTL_DONE)
        answer = hosts_find_period(arguments, now_s, &period); /* anew, in its time zone */
    if (answer != CTL_DONE)
        return answer;
    report->since_s = period.since_s;
    report->until_s = period.until_s;
    int r = report_add(report, reader);
    if (r < 0) {
        ctl_complain_database(database->path, r, reader);
        return CTL_FAILED;
    }
    if (r == STORE_NO_DATA)
        return CTL_NO_DATA;
    if (about->newest && about->newest->info.committed_s >= database->info.committed_s)
        return CTL_DONE;
    about->newest = database;
    about->stored = facts_free(about->stored);
    return needs_facts(arguments, &info) ? facts_load_stored(&about->stored, reader, database->path)
                                         : CTL_DONE;
}

/* Those without data in the period, which are no error where others have some. */
struct silent {
    size_t n;
    const char *first;
};

/* Adds all databases of a host. */
static int add_host(const struct ctl_arguments *arguments, const struct hosts *hosts, size_t host,
                    struct report *report, int64_t now_s, struct silent *silent,
                    struct about *about)
{
    for (size_t i = 0; i < hosts->n; i++) {
        const struct hosts_database *database = &hosts->list[i];
        if (database->host != host)
            continue;
        int r = add_database(arguments, database, report, now_s, about);
        if (r != CTL_DONE && r != CTL_NO_DATA)
            return r;
        if (r == CTL_NO_DATA && silent->n++ == 0)
            silent->first = database->path;
    }
    report_end_host(report);
    return CTL_DONE;
}

static int out_of_memory(void)
{
    ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

/* ---- Several hosts ---- */

/* The configuration of this machine says which factors; they are read for the first host that has
 * anything declared that they can be applied to. */
static int read_factors(const struct ctl_arguments *arguments, struct fleet *fleet)
{
    CLEANUP(settings_done) struct settings settings = {0};
    if (fleet->factors_read)
        return CTL_DONE;
    fleet->factors_read = true;
    int r = ctl_load_settings(arguments, &settings);
    return r == CTL_DONE ? facts_read_factors(&settings, &fleet->factors) : r;
}

/* Takes over what the database tells. */
static int take_facts(const struct ctl_arguments *arguments, struct fleet *fleet,
                      struct fleet_host *host, struct about *about)
{
    struct settings none = {0};
    int r = CTL_DONE;
    if (about->stored) {
        host->facts = *about->stored;
        free(about->stored);
        about->stored = NULL;
    } else {
        r = facts_load(&host->facts, &none, false, host->report.info.host_id);
    }
    if (r == CTL_DONE && facts_need_factors(&host->facts))
        r = read_factors(arguments, fleet);
    if (r == CTL_DONE)
        facts_use(&host->facts, fleet->factors);
    return r;
}

/* Of a host, or where that is SIZE_MAX, of all. */
static int64_t first_record(const struct hosts *hosts, size_t host)
{
    int64_t first_s = INT64_MAX;
    for (size_t i = 0; i < hosts->n; i++)
        if (host == SIZE_MAX || hosts->list[i].host == host)
            first_s = MIN(first_s, hosts->list[i].info.first_s);
    return first_s;
}

static int add_to_fleet(const struct ctl_arguments *arguments, const struct hosts *hosts,
                        size_t place, struct report *report, int64_t now_s, struct silent *silent)
{
    CLEANUP(fleet_host_free_p) struct fleet_host *host = calloc(1, sizeof(*host));
    CLEANUP(about_done) struct about about = {0};
    if (!host)
        return out_of_memory();
    host->report.group = report->group;
    host->report.idle = report->idle;
    host->report.top = REPORT_ROWS_MAX;
    int r = add_host(arguments, hosts, place, &host->report, now_s, silent, &about);
    report->since_s = host->report.since_s;
    report->until_s = host->report.until_s;
    if (r != CTL_DONE)
        return r;
    if (!about.newest) {
        report->fleet->silent++;
        return CTL_DONE;
    }
    host->report.info = about.newest->info;
    host->report.info.first_s = first_record(hosts, place);
    r = take_facts(arguments, report->fleet, host, &about);
    if (r != CTL_DONE)
        return r;
    int error = report_finish(&host->report, 1);
    if (error == 0)
        error = fleet_add(report->fleet, TAKE_PTR(host), report, now_s);
    if (error == 0)
        return CTL_DONE;
    ctl_complain_database(about.newest->path, error, NULL);
    return CTL_FAILED;
}

/* ---- All ---- */

static int tell_kin(const struct kin *kin, struct fleet *fleet)
{
    fleet->contained = calloc(kin->n + 1, sizeof(*fleet->contained));
    if (!fleet->contained)
        return -ENOMEM;
    fleet->unplaced = kin_count_unplaced(kin, NULL);
    for (size_t i = 0; i < kin->n; i++) {
        struct fleet_guest *guest = &fleet->contained[fleet->n_contained];
        if (!kin_is_contained(kin, i))
            continue;
        (void)str_copy(guest->name, sizeof(guest->name), kin->list[i].name);
        (void)str_copy(guest->host, sizeof(guest->host), kin->list[i].host);
        fleet->n_contained++;
    }
    return 0;
}

/* A virtual machine's energy lies in that of its host, if that is among them. */
static int add_all(const struct ctl_arguments *arguments, const struct hosts *hosts,
                   const struct kin *kin, struct report *report, int64_t now_s, size_t *ret_hosts)
{
    CLEANUP(about_done) struct about about = {0};
    struct silent silent = {0};
    int r = CTL_DONE;
    if (hosts->n_hosts > 1 && (!(report->fleet = fleet_new()) || tell_kin(kin, report->fleet) < 0))
        return out_of_memory();
    for (size_t i = 0; r == CTL_DONE && i < hosts->n_hosts && report->fleet; i++)
        if (!kin_is_contained(kin, i))
            r = add_to_fleet(arguments, hosts, i, report, now_s, &silent);
    if (!report->fleet)
        r = add_host(arguments, hosts, 0, report, now_s, &silent, &about);
    if (r != CTL_DONE)
        return r;
    *ret_hosts = report->fleet ? report->fleet->n : 1;
    report->stored = TAKE_PTR(about.stored);
    if (silent.n > 0 && silent.n < hosts->n && !report->repeated)
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
    int r = n == 1 ? hosts_find(&hosts, paths, n, NULL, NULL)
                   : kin_find(arguments, paths, n, KIN_BY_MACHINE, now_s, hosts_find_period, &hosts,
                              &kin);
    if (r == CTL_DONE)
        r = check_timezones(&hosts, report);
    if (r == CTL_DONE)
        r = add_all(arguments, &hosts, &kin, report, now_s, &n_hosts);
    if (r == CTL_DONE && !report->repeated)
        kin_say(&kin);
    if (r != CTL_DONE && r != CTL_NO_DATA)
        return r;
    report->info = hosts.list[0].info;
    report->info.first_s = first_record(&hosts, SIZE_MAX);
    if (hosts.n_hosts > 1)
        memset(report->info.host_id, 0, sizeof(report->info.host_id));
    ctl_enter_timezone(report->info.timezone);
    struct period period = {report->since_s, report->until_s};
    if (r == CTL_NO_DATA) {
        hosts_complain_no_data(&hosts, &period);
        return r;
    }
    return report_finish(report, n_hosts) == 0 ? CTL_DONE : out_of_memory();
}
