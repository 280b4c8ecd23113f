/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* Software Carbon Intensity 1.1 of the Green Software Foundation: ((E x I) + M) / R, of whole hosts
 * or of one unit on them. Location-based; hardware that is reserved and idle counts. */

#include <fcntl.h>
#include <time.h>

#include "export/export_impacts.h"
#include "export/export_units.h"
#include "greend/units.h"
#include "hosts/kin.h"
#include "input/factor_files.h"
#include "output/json.h"
#include "render/render.h"

#define GRAMS_PER_KG 1000.0

/* Below, too much of what the units needed was not measured, unless --partial. */
enum { LEAST_COVERAGE_PPM = 900000 };

struct sci {
    const struct ctl_arguments *arguments;
    const struct factor_table *factors;
    enum report_idle idle;
    uint64_t units;
    struct figure energy_kwh;  /* E, with the PUE */
    struct figure electricity; /* E x I, kgCO2e */
    struct figure hardware;    /* M, kgCO2e */
    struct figure result;      /* kgCO2e per unit */
    bool complete;             /* of the hardware: false: at least that */
    uint64_t idle_uj;          /* in E without the PUE */
    uint64_t energy_uj;
    json_t *hosts;
    json_t *contained; /* machines whose figures lie in those of others */
    uint64_t bare_uj;  /* of energy_uj, of days that have parts of a machine alone */
    const struct hosts *all;
    struct kin kin;
    size_t complaints;
};

static void complain(struct sci *sci, const struct export_host *host, const char *text)
{
    const char *name = export_host_name(host);
    sci->complaints++;
    ctl_complain("%s (%s): %s", *name ? name : _("a host without a name"), host->path, text);
}

/* ---- Hosts ---- */

/* The part of a host that the software has: all of it, or the rows of its unit, one for each kind
 * of workload that bears the name. False: it did not run there. */
static bool find_part(const struct sci *sci, const struct export_host *host,
                      struct report_sum *ret_sum)
{
    bool found = false;
    *ret_sum = (struct report_sum){0};
    if (!sci->arguments->software) {
        *ret_sum = host->report.total.sum;
        return true;
    }
    for (size_t i = 0; i < host->report.n_rows; i++) {
        const struct report_row *row = host->report.rows[i];
        if (row->type != REPORT_ROW_ITEM || !str_equal(row->unit, sci->arguments->software))
            continue;
        report_sum_add(ret_sum, &row->sum);
        found = true;
    }
    return found;
}

static struct figure sum_of(struct figure sum, struct figure more, bool first)
{
    return first ? more : figure_add(sum, more);
}

static void set_figure(json_t *object, const char *key, const struct figure *figure)
{
    json_t *told = json_object();
    bool banded = figure_band(figure) != BAND_NONE;
    json_set(told, "value", json_real(figure->value));
    json_set(told, "min", banded ? json_real(figure->min) : json_null());
    json_set(told, "max", banded ? json_real(figure->max) : json_null());
    json_set(object, key, told);
}

static void add_to(struct sci *sci, const struct export_host *host, const struct report_sum *sum)
{
    struct export_impacts impacts;
    struct export_host part = *host; /* the same host, with the energy of the row alone */
    const struct report_sum *whole = &host->report.total.sum;
    char since[RENDER_TIME_MAX];
    char until[RENDER_TIME_MAX];
    part.report.total.sum = *sum;
    export_impacts_of(sci->factors, &part, &impacts);
    const char *gap = export_impacts_use_gap(host, &impacts);
    const char *hardware_gap = export_impacts_hardware_gap(host, &impacts);
    if (gap)
        complain(sci, host, gap);
    if (hardware_gap)
        complain(sci, host, hardware_gap);
    if (gap || hardware_gap)
        return;
    double share = whole->energy_uj > 0 ? (double)sum->energy_uj / (double)whole->energy_uj : 0;
    struct figure hardware = figure_scale(impacts.hardware[CRITERION_GWP], share);
    struct figure intensity = factor_value(impacts.use.factors[CRITERION_GWP]);
    bool first = json_array_size(sci->hosts) == 0;
    sci->energy_kwh = sum_of(sci->energy_kwh, impacts.use.facility_kwh, first);
    sci->electricity = sum_of(sci->electricity, impacts.use.impacts[CRITERION_GWP], first);
    sci->hardware = sum_of(sci->hardware, hardware, first);
    sci->complete = (first || sci->complete) && impacts.embodied.complete[CRITERION_GWP];
    sci->energy_uj = add_saturated(sci->energy_uj, sum->energy_uj);
    sci->idle_uj = add_saturated(sci->idle_uj, sum->idle_uj);
    if (export_host_is_bare(host))
        sci->bare_uj = add_saturated(sci->bare_uj, sum->energy_uj);
    json_t *object = json_object();
    json_set_text(object, "name", export_host_name(host));
    json_set(object, "since",
             json_string(render_time(since, FORM_ISO, host->report.period.since_s)));
    json_set(object, "until",
             json_string(render_time(until, FORM_ISO, host->report.period.until_s)));
    json_set(object, "coverage_ratio",
             json_real((double)render_coverage_ppm(host->report.period.covered_ns,
                                                   host->report.until_s - host->report.since_s) /
                       (double)PPM));
    set_figure(object, "it_energy_kwh", &impacts.use.energy_kwh);
    json_set(object, "pue", json_real(impacts.use.pue.value));
    json_set(object, "pue_origin", json_string(impacts.use.pue_by ? "default" : "declared"));
    set_figure(object, "energy_kwh", &impacts.use.facility_kwh);
    set_figure(object, "intensity_kgco2e_per_kwh", &intensity);
    json_set_text(object, "intensity_set", impacts.use.factors[CRITERION_GWP]->set->name);
    json_set_text(object, "intensity_source", impacts.use.factors[CRITERION_GWP]->source);
    set_figure(object, "hardware_life_kgco2e", &impacts.embodied.total[CRITERION_GWP]);
    json_set(object, "hardware_period_share", json_real(impacts.amortised.share.value));
    json_set(object, "software_share", json_real(share));
    set_figure(object, "hardware_kgco2e", &hardware);
    (void)json_array_append_new(sci->hosts, object);
}

/* A machine that was replaced was measured by both. */
static bool is_covered(struct sci *sci, const struct export_host *host, size_t index)
{
    char text[256];
    uint64_t ppm = render_coverage_ppm(kin_covered_ns(&sci->kin, sci->all, index),
                                       host->report.until_s - host->report.since_s);
    if (sci->arguments->partial || ppm >= LEAST_COVERAGE_PPM)
        return true;
    (void)snprintf(
        text, sizeof(text),
        _("%.1f %% of the period were measured, and the units are of all of it: expected "
          "at least 90 %%. Ask for the period of the data, or with --partial"),
        (double)ppm / 10000);
    complain(sci, host, text);
    return false;
}

static int add_host(struct sci *sci, size_t index, int64_t now_s)
{
    CLEANUP(export_host_done)
    struct export_host host = {
        .report = {.group = REPORT_BY_UNIT, .top = REPORT_ROWS_MAX, .idle = sci->idle}
    };
    int r = export_host_read(sci->arguments, sci->all, index, now_s, &host);
    if (r == CTL_NO_DATA && kin_find_other_time(&sci->kin, sci->all, index))
        return CTL_DONE; /* it was replaced before, or after */
    if (r == CTL_NO_DATA) {
        complain(sci, &host, _("there is no data in the period"));
        return CTL_DONE;
    }
    if (r != CTL_DONE)
        return r;
    struct report_sum sum;
    bool ran = find_part(sci, &host, &sum);
    if (!host.told)
        complain(sci, &host,
                 _("its database does not tell what the machine is: the greend that wrote it is "
                   "older than that. Upgrade and restart it there"));
    else if (is_covered(sci, &host, index) && ran)
        add_to(sci, &host, &sum);
    return CTL_DONE;
}

/* All of a virtual machine lies in all of its host; units of the two are not the same. */
static bool is_contained(const struct sci *sci, size_t index)
{
    return !sci->arguments->software && kin_is_contained(&sci->kin, index);
}

static int add_hosts(struct sci *sci, int64_t now_s)
{
    int r = kin_check_shares(&sci->kin);
    for (size_t i = 0; r == CTL_DONE && i < sci->kin.n; i++) {
        if (!is_contained(sci, i)) {
            r = add_host(sci, i, now_s);
            continue;
        }
        json_t *object = json_object();
        json_set_text(object, "name", sci->kin.list[i].name);
        json_set_text(object, "host", sci->kin.list[i].host);
        (void)json_array_append_new(sci->contained, object);
    }
    if (r == CTL_DONE && !sci->arguments->software)
        kin_say(&sci->kin);
    return r;
}

/* ---- Texts ---- */

static json_t *sci_json(const struct sci *sci)
{
    json_t *root = json_object();
    struct figure grams = figure_scale(sci->result, GRAMS_PER_KG);
    json_set(root, "format", json_string("greend-sci-1"));
    json_set(root, "greend_version", json_string(GREEND_VERSION));
    json_set(root, "specification", json_string("SCI 1.1: ((E x I) + M) / R"));
    json_set(root, "software",
             sci->arguments->software ? json_string(sci->arguments->software) : json_null());
    set_figure(root, "sci_gco2e_per_unit", &grams);
    set_figure(root, "e_kwh", &sci->energy_kwh);
    set_figure(root, "e_times_i_kgco2e", &sci->electricity);
    set_figure(root, "m_kgco2e", &sci->hardware);
    json_set(root, "m_complete", json_boolean(sci->complete));
    json_set_u64(root, "r_units", sci->units);
    json_set(root, "r_metric",
             sci->arguments->metric ? json_string(sci->arguments->metric) : json_null());
    json_set(root, "intensity", json_string("location-based"));
    json_set(root, "idle_policy", json_string(report_idle_name(sci->idle)));
    json_set_u64(root, "energy_microjoules", sci->energy_uj);
    json_set_u64(root, "idle_microjoules", sci->idle_uj);
    json_set_u64(root, "parts_alone_microjoules", sci->bare_uj);
    json_set(root, "hosts", json_incref(sci->hosts));
    json_set(root, "contained", json_incref(sci->contained));
    return root;
}

static void add_figure(struct text *text, const char *name, const struct figure *figure,
                       const char *unit)
{
    text_format(text, "%s %.6g %s", name, figure->value, unit);
    if (figure_band(figure) != BAND_NONE)
        text_format(text, _(" (%.6g to %.6g)"), figure->min, figure->max);
    text_add(text, "\n");
}

static void render_text(const struct sci *sci, struct text *text)
{
    char units[32];
    struct figure grams = figure_scale(sci->result, GRAMS_PER_KG);
    text_format(text, _("Software Carbon Intensity 1.1, ((E x I) + M) / R, of %s\n\n"),
                sci->arguments->software ? sci->arguments->software : _("all on these machines"));
    add_figure(text, sci->complete ? _("SCI:") : _("SCI, at least:"), &grams, _("gCO2e per unit"));
    add_figure(text, _("E:"), &sci->energy_kwh,
               _("kWh, with the PUE of each site, idle energy included"));
    add_figure(text, _("E x I:"), &sci->electricity,
               _("kgCO2e, location-based consumption mix, no certificates"));
    add_figure(text, _("M:"), &sci->hardware,
               _("kgCO2e, making of the hardware, spread over its life; end of life excluded"));
    (void)snprintf(units, sizeof(units), "%llu", (unsigned long long)sci->units);
    text_format(text, _("R: %s units, counted by the operator\n\n"), units);
    if (sci->arguments->software)
        text_format(
            text,
            _("Idle energy, and with it the hardware, is the unit's by the policy '%s': what is "
              "reserved for it counts whether it works or not.\n"),
            report_idle_name(sci->idle));
    else
        text_add(text, _("The machines are the software's alone: all of their energy and hardware "
                         "counts, idle or not.\n"));
    if (sci->bare_uj > 0)
        text_add(text, _("Of some of it meters see processors and memory alone: power supplies, "
                         "fans and disks are not in E.\n"));
    if (json_array_size(sci->contained) > 0)
        text_format(text,
                    _("Virtual machines whose energy and hardware lie in those of their hosts, and "
                      "are not added again: %zu.\n"),
                    json_array_size(sci->contained));
    text_format(text, _("Hosts: %zu. Every input of each is in sci.json.\n"),
                json_array_size(sci->hosts));
}

/* ---- The export ---- */

static int read_units(struct sci *sci)
{
    char error[UNITS_ERROR_MAX];
    const char *path = sci->arguments->units;
    CLEANUP(free_p) char *bytes = malloc(UNITS_FILE_MAX + 1);
    CLEANUP(fclose_p) FILE *file = fopen(path, "re");
    if (!bytes || !file) {
        ctl_complain(_("--units: cannot open %s: %s"), path, language_error(errno));
        return CTL_FAILED;
    }
    size_t length = fread(bytes, 1, UNITS_FILE_MAX + 1, file);
    if (ferror(file) || length > UNITS_FILE_MAX) {
        ctl_complain(_("--units: cannot read %s: %s"), path,
                     ferror(file) ? language_error(errno) : _("expected at most 1 MiB"));
        return CTL_FAILED;
    }
    int r = export_units_parse(bytes, length, sci->arguments->metric, &sci->units, error);
    if (r == 0)
        return CTL_DONE;
    ctl_complain("--units: %s: %s", path, r == -ENOMEM ? _("out of memory") : error);
    return CTL_FAILED;
}

static int write_files(const struct sci *sci)
{
    struct export_file files[] = {{.name = "sci.json"}, {.name = "sci.txt"}};
    json_finish(sci_json(sci), &files[0].text);
    render_text(sci, &files[1].text);
    int r = export_files_write(sci->arguments->output, files, ARRAY_SIZE(files));
    if (r == CTL_DONE)
        r = ctl_print(&files[1].text);
    text_done(&files[0].text);
    text_done(&files[1].text);
    return r;
}

static int finish(struct sci *sci)
{
    if (sci->complaints > 0) {
        ctl_complain(_("export sci: nothing was written"));
        return CTL_FAILED;
    }
    if (json_array_size(sci->hosts) == 0) {
        ctl_complain(
            _("there is no unit %s on these hosts in the period: see greend-ctl report --by "
              "unit"),
            sci->arguments->software);
        return CTL_NO_DATA;
    }
    /* Sums of hosts, whose E x I are each by its own site. */
    sci->result = carbon_intensity(figure_exact(1), sci->electricity, sci->hardware, sci->units);
    return write_files(sci);
}

static int check_usage(const struct ctl_arguments *arguments)
{
    if (!arguments->units)
        ctl_complain(
            _("export sci: expected --units FILE, how many functional units the period had"));
    else if (!arguments->since)
        ctl_complain(
            _("export sci: expected --since, the begin of the period that the units are of"));
    else
        return CTL_DONE;
    return CTL_USAGE;
}

static void decref_p(json_t **json)
{
    json_decref(*json);
}

static void sci_done(struct sci *sci)
{
    kin_done(&sci->kin);
}

int export_sci(const struct ctl_arguments *arguments)
{
    CLEANUP(hosts_done) struct hosts hosts = {0};
    CLEANUP(factor_files_free_p) struct factor_table *factors = NULL;
    CLEANUP(report_paths_done) struct report_paths paths = {0};
    CLEANUP(decref_p) json_t *list = json_array();
    CLEANUP(decref_p) json_t *contained = json_array();
    CLEANUP(sci_done)
    struct sci sci = {.arguments = arguments, .hosts = list, .contained = contained, .all = &hosts};
    int64_t now_s = time(NULL);
    if (!list || !contained) {
        ctl_complain(_("out of memory"));
        return CTL_FAILED;
    }
    int r = check_usage(arguments);
    if (r == CTL_DONE)
        r = report_find_paths(arguments, &paths);
    sci.idle = arguments->idle ? paths.choice.idle : REPORT_IDLE_RESERVED;
    if (r == CTL_DONE)
        r = read_units(&sci);
    if (r == CTL_DONE)
        r = export_factors_load(arguments, &factors);
    if (r == CTL_DONE)
        r = kin_find(arguments, paths.list, paths.n, KIN_BY_FACTS, now_s, hosts_find_year, &hosts,
                     &sci.kin);
    sci.factors = factors;
    if (r == CTL_DONE)
        r = add_hosts(&sci, now_s);
    return r == CTL_DONE ? finish(&sci) : r;
}
