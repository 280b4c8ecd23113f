/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A host as its own database tells it: greend kept there what greend.conf declared and what it read
 * of the machine. */

#include <assert.h>

#include "export/export.h"
#include "greend/units.h"
#include "input/configuration.h"

const char *export_host_name(const struct export_host *host)
{
    const char *declared = host->settings.described.name;
    return *declared ? declared : host->machine.name;
}

bool export_host_is_virtual(const struct export_host *host)
{
    return host->asset.machine == MACHINE_VIRTUAL ||
           (host->asset.machine == MACHINE_UNKNOWN && str_equal(host->machine.kind, "virtual"));
}

bool export_host_is_physical(const struct export_host *host)
{
    return host->asset.machine == MACHINE_PHYSICAL ||
           (host->asset.machine == MACHINE_UNKNOWN && str_equal(host->machine.kind, "physical"));
}

bool export_host_vm(const struct export_host *host, const char *name, struct vm_facts *ret)
{
    char unused[VM_FACTS_ERROR_MAX]; /* it was checked when it was set */
    for (size_t i = 0; i < host->settings.n_vms; i++)
        if (str_equal(host->settings.vms[i].name, name))
            return vm_facts_parse(host->settings.vms[i].facts, ret, unused) == 0;
    return false;
}

/* ---- Reading ---- */

/* Of read and declared parts together. */
static void take_merged(struct export_host *host, const struct inventory_part *part)
{
    host->server_case |= part->kind == PART_RACK || part->kind == PART_BLADE;
    if (part->kind == PART_CPU && host->processor[0] == '\0')
        (void)text_escape(host->processor, sizeof(host->processor), part->model,
                          strlen(part->model));
}

/* Facts that are declared, and what is computed from them. */
static int read_facts(struct store_reader *reader, struct export_host *host)
{
    int r = recorded_machine_read(reader, &host->settings, &host->machine, &host->inventory,
                                  &host->told);
    if (r != 0)
        return r;
    configuration_declared(&host->settings, &host->site, &host->asset);
    configuration_parts(&host->settings, &host->inventory);
    for (size_t i = 0; i < host->inventory.n_parts; i++)
        take_merged(host, &host->inventory.parts[i]);
    if (export_host_is_virtual(host) || export_host_is_physical(host)) {
        bool virtual = export_host_is_virtual(host);
        host->inventory.machine = virtual ? MACHINE_VIRTUAL : MACHINE_PHYSICAL;
        host->inventory.machine_origin = ORIGIN_READ;
    }
    return 0;
}

/* What a day's energy is of. */
struct days {
    int64_t begin_s;
    uint64_t parts_uj;  /* of processors, memory and accelerators, as meters of their own say */
    uint64_t beside_uj; /* of the machine as a whole, or of what those do not cover */
    uint64_t bare_uj;   /* of days that are over, which have parts alone */
};

static void end_day(struct days *days)
{
    if (days->beside_uj == 0)
        days->bare_uj = add_saturated(days->bare_uj, days->parts_uj);
    days->parts_uj = days->beside_uj = 0;
}

static int on_day(void *userdata, const struct store_usage *usage)
{
    struct days *days = userdata;
    if (usage->begin_s != days->begin_s)
        end_day(days);
    days->begin_s = usage->begin_s;
    if (!usage->domain || usage->workload->kind == WORKLOAD_UNSPLIT)
        return 0;
    uint32_t kind = usage->domain->kind;
    bool part = kind == DOMAIN_PACKAGE || kind == DOMAIN_DRAM || kind == DOMAIN_GPU;
    uint64_t *sum = part ? &days->parts_uj : &days->beside_uj;
    *sum = add_saturated(*sum, usage->energy_uj);
    return 0;
}

static int find_bare(struct export_host *host, struct store_reader *reader)
{
    struct days days = {0};
    struct store_period period;
    int r = store_reader_period(reader, host->report.since_s, host->report.until_s, &period);
    if (r == 0)
        r = store_reader_usage(reader, &period, STORE_BY_DAY, on_day, &days);
    end_day(&days);
    host->bare_uj = add_saturated(host->bare_uj, days.bare_uj);
    return r;
}

bool export_host_is_bare(const struct export_host *host)
{
    return host->bare_uj > host->report.total.sum.energy_uj / 100;
}

static int add_database(const struct ctl_arguments *arguments,
                        const struct hosts_database *database, int64_t now_s, bool newest,
                        struct export_host *host)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    struct report *report = &host->report;
    struct store_info info;
    struct period period;
    int answer = hosts_open(&reader, database->path, &info);
    if (answer == CTL_DONE)
        answer = hosts_find_year(arguments, now_s, &period);
    if (answer != CTL_DONE)
        return answer;
    report->since_s = period.since_s;
    report->until_s = period.until_s;
    int r = newest ? read_facts(reader, host) : 0;
    if (r == 0)
        r = report_add(report, reader);
    if (r == 0)
        r = find_bare(host, reader);
    if (r < 0) {
        ctl_complain_database(database->path, r, reader);
        return CTL_FAILED;
    }
    return r == STORE_NO_DATA ? CTL_NO_DATA : CTL_DONE;
}

static const struct hosts_database *find_newest(const struct hosts *hosts, size_t host)
{
    const struct hosts_database *newest = NULL;
    for (size_t i = 0; i < hosts->n; i++) {
        const struct hosts_database *database = &hosts->list[i];
        if (database->host == host &&
            (!newest || database->info.committed_s > newest->info.committed_s))
            newest = database;
    }
    return newest;
}

static void begin_host(const struct hosts_database *newest, struct export_host *ret)
{
    settings_defaults(&ret->settings);
    site_undeclared(&ret->site);
    asset_undeclared(&ret->asset);
    ret->path = newest->path;
    ret->report.info = newest->info;
}

int export_host_look(const struct hosts_database *database, struct store_reader *reader,
                     const struct period *asked, struct export_host *ret,
                     struct store_period *ret_recorded)
{
    *ret_recorded = (struct store_period){0};
    begin_host(database, ret);
    int r = read_facts(reader, ret);
    if (r == 0)
        r = store_reader_period(reader, asked->since_s, asked->until_s, ret_recorded);
    if (r >= 0)
        return CTL_DONE;
    ctl_complain_database(database->path, r, reader);
    return CTL_FAILED;
}

int export_host_read(const struct ctl_arguments *arguments, const struct hosts *hosts, size_t host,
                     int64_t now_s, struct export_host *ret)
{
    const struct hosts_database *newest = find_newest(hosts, host);
    assert(newest); /* a host is one because a database is its */
    size_t with_data = 0;
    begin_host(newest, ret);
    for (size_t i = 0; i < hosts->n; i++) {
        const struct hosts_database *database = &hosts->list[i];
        if (database->host != host)
            continue;
        int r = add_database(arguments, database, now_s, database == newest, ret);
        if (r != CTL_DONE && r != CTL_NO_DATA)
            return r;
        with_data += r == CTL_DONE;
    }
    report_end_host(&ret->report);
    ctl_enter_timezone(newest->info.timezone);
    if (with_data == 0)
        return CTL_NO_DATA;
    if (report_finish(&ret->report, 1) == 0)
        return CTL_DONE;
    ctl_complain(_("out of memory"));
    return CTL_FAILED;
}

void export_host_done(struct export_host *host)
{
    report_done(&host->report);
    settings_done(&host->settings);
}
