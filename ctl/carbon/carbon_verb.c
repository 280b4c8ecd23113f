/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include <limits.h>
#include <time.h>

#include "carbon/carbon.h"
#include "ctl.h"
#include "greend/units.h"
#include "hosts/facts.h"
#include "hosts/hosts.h"
#include "input/configuration.h"
#include "input/factor_files.h"
#include "input/intensity_file.h"
#include "period.h"
#include "render/render.h"

static void on_intensity_line(void *userdata, const char *line, bool wrong)
{
    (void)userdata;
    (void)wrong; /* notes are said as well: a gap is no error, but the reader should know */
    ctl_complain("%s", line);
}

static int load_intensity(const struct settings *settings, struct intensity *ret)
{
    if (settings->intensity[0] == '\0') {
        ctl_complain(_("no carbon intensity: expected intensity=FILE in [footprint], with lines "
                       "time,gCO2e/kWh or an export of Electricity Maps or eCO2mix"));
        return CTL_NO_DATA;
    }
    int r = intensity_file_load(settings->intensity, ret, on_intensity_line, NULL);
    if (r < 0)
        ctl_complain(_("out of memory"));
    return r == 0 ? CTL_DONE : CTL_FAILED;
}

/* What the official figure goes by. */
static int set_factors(const struct settings *settings, const struct factor_table *factors,
                       struct carbon *carbon)
{
    struct site site;
    struct asset asset;
    configuration_declared(settings, &site, &asset);
    use_impacts(factors, &site, UJ_PER_KWH, UINT64_MAX, &carbon->per_kwh);
    const struct factor *gwp = carbon->per_kwh.factors[CRITERION_GWP];
    if (gwp)
        (void)snprintf(carbon->factors, sizeof(carbon->factors), "%s %s", gwp->set->name,
                       gwp->set->version);
    const struct intensity *intensity = carbon->intensity;
    const char *here =
        site.geography == GEOGRAPHY_UNKNOWN ? "" : geography_info(site.geography)->alpha2;
    bool elsewhere = *here != '\0' && intensity->zone[0] != '\0' &&
                     strncmp(intensity->zone, here, strlen(here)) != 0;
    bool abroad = *here != '\0' && intensity->form == INTENSITY_ECO2MIX && !str_equal(here, "FR");
    if (!elsewhere && !abroad)
        return CTL_DONE;
    ctl_complain(_("the intensities of %s are of %s, and the site is in %s: expected those of its "
                   "country"),
                 settings->intensity, abroad ? "FR" : intensity->zone, here);
    return CTL_FAILED;
}

static int print_carbon(const struct ctl_arguments *arguments, const struct carbon *carbon)
{
    CLEANUP(text_done) struct text text = {0};
    struct style style;
    switch (arguments->format) {
    case FORMAT_TABLE:
        style_detect(&style);
        carbon_render_table(carbon, arguments->top ? arguments->top : REPORT_TOP_DEFAULT, &style,
                            &text);
        break;
    case FORMAT_JSON:
        carbon_render_json(carbon, &text);
        break;
    case FORMAT_CSV:
        carbon_render_csv(carbon, &text);
        break;
    case FORMAT_HTML: /* refused before */
        break;
    }
    return ctl_print(&text);
}

static int find_period(const struct ctl_arguments *arguments, struct carbon *carbon)
{
    const char *wrong = NULL;
    struct period period;
    int r = period_resolve(arguments->since ? arguments->since : "-30d", arguments->until,
                           time(NULL), &period, &wrong);
    if (r != 0) {
        ctl_complain(r < 0 ? _("'%s' is no time. Expected as in: today, 2026-11-01, -2h")
                           : _("the period ends before it begins%s"),
                     r < 0 ? wrong : "");
        return CTL_USAGE;
    }
    carbon->since_s = period.since_s;
    carbon->until_s = period.until_s;
    return CTL_DONE;
}

static int carbon_from(const struct ctl_arguments *arguments, const char *path,
                       struct carbon *carbon)
{
    CLEANUP(hosts_reader_close_p) struct store_reader *reader = NULL;
    int r = store_reader_open(&reader, path);
    if (r == 0)
        r = store_reader_info(reader, &carbon->info);
    if (r == 0) {
        ctl_enter_timezone(carbon->info.timezone);
        int found = find_period(arguments, carbon);
        if (found != CTL_DONE)
            return found;
        r = carbon_collect(carbon, reader);
    }
    if (r == STORE_NO_DATA) {
        ctl_complain(_("no data in this period: see greend-ctl report"));
        return CTL_NO_DATA;
    }
    if (r < 0) {
        ctl_complain_database(path, r, reader);
        return CTL_FAILED;
    }
    return print_carbon(arguments, carbon);
}

int carbon_main(const struct ctl_arguments *arguments)
{
    CLEANUP(settings_done) struct settings settings = {0};
    CLEANUP(intensity_done) struct intensity intensity = {0};
    CLEANUP(factor_files_free_p) struct factor_table *factors = NULL;
    CLEANUP(carbon_done) struct carbon carbon = {.intensity = &intensity};
    if (arguments->format == FORMAT_HTML) {
        ctl_complain(_("--format: carbon is a table, json or csv, got 'html'"));
        return CTL_USAGE;
    }
    int r = ctl_load_settings(arguments, &settings);
    if (r == CTL_DONE)
        r = load_intensity(&settings, &intensity);
    if (r != CTL_DONE)
        return r;
    r = facts_read_factors(&settings, &factors);
    if (r != CTL_DONE)
        return r;
    if (!factors) /* their errors were said */
        return CTL_FAILED;
    r = set_factors(&settings, factors, &carbon);
    if (r != CTL_DONE)
        return r;
    return carbon_from(arguments, arguments->database ? arguments->database : settings.database,
                       &carbon);
}
