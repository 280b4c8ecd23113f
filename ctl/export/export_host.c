/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* A host as its own database tells it: greend kept there what greend.conf declared and what it read
 * of the machine. */

#include "configuration.h"
#include "export/export.h"

/* The year of an export where the command line names no begin. */
static const int64_t year_s = INT64_C(365) * 86400;

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

/* ---- Facts ---- */

static const struct {
    const char *key;
    size_t field;
    size_t size;
} machine_facts[] = {
#define MACHINE(key, name)                                                                         \
    {                                                                                              \
        key, offsetof(struct export_machine, name), sizeof(((struct export_machine *)NULL)->name)  \
    }
    MACHINE("machine.name", name),      MACHINE("machine.kind", kind),
    MACHINE("machine.vendor", vendor),  MACHINE("machine.product", product),
    MACHINE("machine.cores", cores),    MACHINE("machine.threads", threads),
    MACHINE("greend.version", version), MACHINE("machine.memory_kib", memory_kib),
#undef MACHINE
};

static bool take_machine(struct export_machine *machine, const char *key, const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(machine_facts); i++) {
        if (!str_equal(machine_facts[i].key, key))
            continue;
        (void)text_escape((char *)machine + machine_facts[i].field, machine_facts[i].size, text,
                          strlen(text));
        return true;
    }
    return false;
}

/* What an honest greend wrote is right. Of what is wrong nothing is taken: it counts as not said.
 */
static int on_fact(void *userdata, const struct store_fact *fact)
{
    struct export_host *host = userdata;
    char error[SETTINGS_ERROR_MAX];
    char section[sizeof(fact->key)];
    const char *dot = strchr(fact->key, '.');
    host->told = true;
    if (!dot || take_machine(&host->machine, fact->key, fact->value))
        return 0;
    memcpy(section, fact->key, (size_t)(dot - fact->key));
    section[dot - fact->key] = '\0';
    if (!str_equal(section, "site") && !str_equal(section, "asset") && !str_equal(section, "vm"))
        return 0;
    int r = settings_set(&host->settings, section, dot + 1, fact->value, error);
    return r == -ENOMEM ? r : 0;
}

static void take_part(struct inventory *inventory, const struct store_part *part)
{
    for (int kind = 0; kind < PARTS && inventory->n_parts < INVENTORY_PARTS_MAX; kind++) {
        if (!str_equal(part_name((enum part_kind)kind), part->kind))
            continue;
        struct inventory_part *taken = &inventory->parts[inventory->n_parts++];
        taken->kind = (enum part_kind)kind;
        taken->origin = ORIGIN_READ;
        taken->count = part->count;
        if (part->size > 0)
            taken->size = (struct trait){ORIGIN_READ, part->size};
        (void)text_escape(taken->model, sizeof(taken->model), part->model, strlen(part->model));
    }
}

static void take_processor(struct export_machine *machine, const char *model)
{
    (void)text_escape(machine->processor, sizeof(machine->processor), model, strlen(model));
}

static int on_part(void *userdata, const struct store_part *part)
{
    struct export_host *host = userdata;
    struct export_machine *machine = &host->machine;
    take_part(&host->inventory, part);
    if (machine->processor[0] == '\0' && str_equal(part->kind, "cpu"))
        take_processor(machine, part->model);
    if (str_equal(part->kind, "ssd") || str_equal(part->kind, "hdd"))
        machine->disk_gb += part->count * part->size;
    machine->server_case |= str_equal(part->kind, "rack") || str_equal(part->kind, "blade");
    return 0;
}

/* ---- Reading ---- */

static int find_year(const struct ctl_arguments *arguments, int64_t now_s, struct period *ret)
{
    int r = hosts_find_period(arguments, now_s, ret);
    if (r == CTL_DONE && !arguments->since)
        ret->since_s = ret->until_s - year_s;
    return r;
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
        answer = find_year(arguments, now_s, &period);
    if (answer != CTL_DONE)
        return answer;
    report->since_s = period.since_s;
    report->until_s = period.until_s;
    int r = newest ? store_reader_facts(reader, on_fact, on_part, host) : 0;
    if (r == 0)
        r = report_add(report, reader);
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

int export_host_read(const struct ctl_arguments *arguments, const struct hosts *hosts, size_t host,
                     int64_t now_s, struct export_host *ret)
{
    const struct hosts_database *newest = find_newest(hosts, host);
    size_t with_data = 0;
    settings_defaults(&ret->settings);
    ret->path = newest->path;
    ret->report.info = newest->info;
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
    configuration_declared(&ret->settings, &ret->site, &ret->asset);
    if (export_host_is_virtual(ret) || export_host_is_physical(ret)) {
        ret->inventory.machine = export_host_is_virtual(ret) ? MACHINE_VIRTUAL : MACHINE_PHYSICAL;
        ret->inventory.machine_origin = ORIGIN_READ;
    }
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
