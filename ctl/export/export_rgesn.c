/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Gathers the evidence; export_rgesn_text.c tells it. Nothing here is mandatory: what is not known
 * is told as such. */

#include <time.h>

#include "export/export_rgesn.h"
#include "greend/units.h"
#include "hosts/kin.h"
#include "input/factor_files.h"

struct rgesn {
    const struct ctl_arguments *arguments;
    const struct factor_table *factors;
    const struct hosts *hosts;
    const struct kin *kin;
    int64_t now_s;
    struct evidence evidence;
};

static double kwh(uint64_t energy_uj)
{
    return (double)energy_uj / (double)UJ_PER_KWH;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : -1;
}

/* ---- CPU time and memory ---- */

struct usage_sum {
    uint64_t memory_kib_s;
    uint64_t memory_ns;
};

static int on_usage(void *userdata, const struct store_usage *usage)
{
    struct usage_sum *sum = userdata;
    sum->memory_kib_s = add_saturated(sum->memory_kib_s, usage->domain ? 0 : usage->memory_kib_s);
    return 0;
}

static int add_memory(const struct report *report, const char *path, struct usage_sum *sum)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    struct store_info info;
    struct store_period period;
    int answer = hosts_open(&reader, path, &info);
    if (answer != CTL_DONE)
        return answer;
    int r = store_reader_period(reader, report->since_s, report->until_s, &period);
    if (r == 0)
        r = store_reader_usage(reader, &period, STORE_BY_WORKLOAD, on_usage, sum);
    if (r == 0)
        sum->memory_ns = add_saturated(sum->memory_ns, period.memory_ns);
    if (r >= 0)
        return CTL_DONE;
    ctl_complain_database(path, r, reader);
    return CTL_FAILED;
}

static int find_memory(const struct rgesn *rgesn, size_t index, const struct export_host *host,
                       struct evidence_host *ret)
{
    struct usage_sum sum = {0};
    double memory_kib = strtod(host->machine.memory_kib, NULL);
    for (size_t i = 0; i < rgesn->hosts->n; i++) {
        int r = rgesn->hosts->list[i].host == index
                    ? add_memory(&host->report, rgesn->hosts->list[i].path, &sum)
                    : CTL_DONE;
        if (r != CTL_DONE)
            return r;
    }
    double known_s = (double)sum.memory_ns / (double)NS_PER_S;
    ret->memory_ratio = ratio((double)sum.memory_kib_s, memory_kib * known_s);
    return CTL_DONE;
}

/* ---- Hours ---- */

/* Whether most offices are closed: 20:00 to 07:00, Saturday and Sunday. */
static bool is_night(int64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm wall;
    if (!localtime_r(&time, &wall))
        return false;
    return wall.tm_hour >= 20 || wall.tm_hour < 7 || wall.tm_wday == 0 || wall.tm_wday == 6;
}

/* Rows longer than an hour are of days whose hours are no longer kept. */
static void add_hours(const struct report *report, struct evidence_host *ret)
{
    for (size_t i = 0; i < report->n_rows; i++) {
        const struct report_row *row = report->rows[i];
        if (row->length_s > 3600)
            continue;
        ret->hourly_kwh += kwh(row->sum.energy_uj);
        ret->night_kwh += is_night(row->begin_s) ? kwh(row->sum.energy_uj) : 0;
    }
}

static int find_hours(const struct rgesn *rgesn, size_t index, struct evidence_host *ret)
{
    CLEANUP(export_host_done)
    struct export_host host = {
        .report = {.group = REPORT_BY_HOUR, .top = REPORT_ROWS_MAX}
    };
    int r = export_host_read(rgesn->arguments, rgesn->hosts, index, rgesn->now_s, &host);
    if (r == CTL_DONE)
        add_hours(&host.report, ret);
    return r;
}

/* ---- A host ---- */

static void find_life(const struct export_host *host, const struct export_impacts *impacts,
                      struct evidence_host *ret)
{
    const struct asset *asset = &host->asset;
    int64_t until_day = host->report.period.until_s / 86400;
    ret->age_years = ret->life_years = -1;
    ret->refurbished = asset->refurbished;
    ret->destination = asset->destination;
    ret->mass = asset->mass;
    if (asset->purchase == DAY_UNKNOWN)
        return;
    ret->age_years = (double)(until_day - asset->purchase + asset->earlier_days) / 365.25;
    bool declared = asset->planned_end != DAY_UNKNOWN || asset->life_days > 0;
    if (declared && impacts->amortised.share.known)
        ret->life_years = impacts->amortised.whole_days / 365.25;
}

static void find_footprint(const struct rgesn *rgesn, const struct export_host *host,
                           struct evidence_host *ret)
{
    struct export_impacts impacts;
    export_impacts_of(rgesn->factors, host, &impacts);
    bool use = !export_impacts_use_gap(host, &impacts);
    bool hardware = !export_impacts_hardware_gap(host, &impacts);
    const struct factor *mix = impacts.use.factors[CRITERION_GWP];
    for (int c = 0; c < CRITERIA; c++) {
        ret->use[c] = use ? impacts.use.impacts[c] : (struct figure){0};
        ret->hardware[c] = hardware ? impacts.hardware[c] : (struct figure){0};
    }
    ret->complete = impacts.embodied.complete[CRITERION_GWP];
    ret->intensity_g = mix ? mix->value.value * 1000 : -1;
    ret->factor_set = mix ? mix->set->name : "";
    ret->pue = host->site.pue;
    ret->wue = host->site.wue;
    find_life(host, &impacts, ret);
}

static void find_energy(const struct export_host *host, struct evidence_host *ret)
{
    const struct report *report = &host->report;
    const struct report_sum *sum = &report->total.sum;
    double threads = strtod(host->machine.threads, NULL);
    (void)render_time(ret->since, FORM_ISO, report->period.since_s);
    (void)render_time(ret->until, FORM_ISO, report->period.until_s - 1); /* its last day */
    ret->since[10] = ret->until[10] = '\0';                              /* the date alone */
    ret->coverage_ppm = render_coverage_ppm(report->period.covered_ns, report->total.length_s);
    ret->energy_kwh = kwh(sum->energy_uj);
    ret->modelled_ratio = ratio((double)sum->modelled_uj, (double)sum->energy_uj);
    ret->idle_ratio = ratio((double)sum->idle_uj, (double)sum->energy_uj);
    /* No machine uses none: it is not known. */
    ret->cpu_ratio = sum->cpu_ns > 0
                         ? ratio((double)sum->cpu_ns, threads * (double)report->period.covered_ns)
                         : -1;
}

static int add_host(struct rgesn *rgesn, size_t index)
{
    CLEANUP(export_host_done)
    struct export_host host = {
        .report = {.group = REPORT_BY_UNIT, .top = REPORT_ROWS_MAX}
    };
    struct evidence_host *told = &rgesn->evidence.hosts[rgesn->evidence.n];
    int r = export_host_read(rgesn->arguments, rgesn->hosts, index, rgesn->now_s, &host);
    if (r == CTL_NO_DATA) {
        ctl_complain(_("%s has no data in the period and is left out"), host.path);
        return CTL_DONE;
    }
    if (r != CTL_DONE)
        return r;
    const char *name = export_host_name(&host);
    (void)str_copy(told->name, sizeof(told->name), *name ? name : host.path);
    (void)str_copy(told->environment, sizeof(told->environment),
                   host.settings.described.environment);
    if (kin_is_contained(rgesn->kin, index))
        (void)str_copy(told->within, sizeof(told->within), rgesn->kin->list[index].host);
    told->bare = export_host_is_bare(&host);
    find_energy(&host, told);
    find_footprint(rgesn, &host, told);
    r = find_memory(rgesn, index, &host, told);
    if (r == CTL_DONE)
        r = find_hours(rgesn, index, told);
    rgesn->evidence.n += r == CTL_DONE;
    return r;
}

/* ---- The export ---- */

static int write_files(const struct rgesn *rgesn)
{
    struct export_file files[] = {{.name = "rgesn.fr.txt"}, {.name = "rgesn.en.txt"}};
    CLEANUP(text_done) struct text text = {0};
    export_rgesn_text(&rgesn->evidence, IN_FRENCH, &files[0].text);
    export_rgesn_text(&rgesn->evidence, IN_ENGLISH, &files[1].text);
    int r = export_files_write(rgesn->arguments->output, files, ARRAY_SIZE(files));
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        text_format(&text, "%s/%s\n", rgesn->arguments->output, files[i].name);
        text_done(&files[i].text);
    }
    return r == CTL_DONE ? ctl_print(&text) : r;
}

int export_rgesn(const struct ctl_arguments *arguments)
{
    CLEANUP(hosts_done) struct hosts hosts = {0};
    CLEANUP(kin_done) struct kin kin = {0};
    CLEANUP(factor_files_free_p) struct factor_table *factors = NULL;
    CLEANUP(report_paths_done) struct report_paths paths = {0};
    CLEANUP(free_p) struct evidence_host *list = NULL;
    struct period period;
    int64_t now_s = time(NULL);
    int r = hosts_find_period(arguments, now_s, &period);
    if (r == CTL_DONE)
        r = report_find_paths(arguments, &paths);
    if (r == CTL_DONE)
        r = export_factors_load(arguments, &factors);
    if (r == CTL_DONE)
        r = kin_find(arguments, paths.list, paths.n, KIN_BY_FACTS, now_s, hosts_find_year, &hosts,
                     &kin);
    if (r == CTL_DONE)
        r = kin_check_shares(&kin);
    if (r != CTL_DONE)
        return r;
    kin_say_unplaced(&kin);
    list = calloc(hosts.n_hosts, sizeof(*list));
    struct rgesn rgesn = {.arguments = arguments,
                          .factors = factors,
                          .hosts = &hosts,
                          .kin = &kin,
                          .now_s = now_s,
                          .evidence = {.hosts = list}};
    for (size_t i = 0; list && r == CTL_DONE && i < hosts.n_hosts; i++)
        r = add_host(&rgesn, i);
    if (!list)
        ctl_complain(_("out of memory"));
    if (r != CTL_DONE || !list)
        return r == CTL_DONE ? CTL_FAILED : r;
    if (rgesn.evidence.n == 0)
        return CTL_NO_DATA; /* said for each */
    return write_files(&rgesn);
}
