/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "export/export_impacts.h"
#include "report/report_footprint.h"

#include <time.h>

#include "hosts/facts.h"

int export_factors_load(const struct ctl_arguments *arguments, struct factor_table **ret)
{
    CLEANUP(settings_done) struct settings settings = {0};
    int r = ctl_load_settings(arguments, &settings);
    if (r == CTL_DONE)
        r = facts_read_factors(&settings, ret);
    return r == CTL_DONE && !*ret ? CTL_FAILED : r;
}

void export_impacts_of(const struct factor_table *factors, const struct export_host *host,
                       struct export_impacts *ret)
{
    const struct report *report = &host->report;
    const struct report_sum *sum = &report->total.sum;
    *ret = (struct export_impacts){0};
    use_impacts(factors, &host->site, sum->energy_uj,
                sum->unstated_uj > 0 ? UINT64_MAX : sum->uncertainty_uj, &ret->use);
    embodied_impacts(factors, &host->inventory, &host->asset, EMBODIED_BY_PARTS, &ret->embodied);
    amortised_share(factors, &host->asset, report_civil_s(report->period.since_s),
                    report_civil_s(report->period.until_s), &ret->amortised);
    for (int c = 0; c < CRITERIA; c++)
        ret->hardware[c] = figure_multiply(ret->embodied.total[c], ret->amortised.share);
}

const char *export_impacts_use_gap(const struct export_host *host,
                                   const struct export_impacts *impacts)
{
    if (host->site.geography == GEOGRAPHY_UNKNOWN)
        return _("the country is not declared: say country= in [site] of greend.conf on that host, "
                 "then systemctl reload greend there");
    if (!impacts->use.pue.known)
        return _("the PUE is not declared, and its country has no default: say pue= in [site] of "
                 "greend.conf on that host, then systemctl reload greend there");
    if (!impacts->use.factors[CRITERION_GWP])
        return _(
            "the set of factors has no climate change of the electricity of its country: choose "
            "another one in [footprint] of greend.conf here");
    return NULL;
}

const char *export_impacts_hardware_gap(const struct export_host *host,
                                        const struct export_impacts *impacts)
{
    if (impacts->embodied.gaps & EMBODIED_NO_MACHINE)
        return _("whether it is physical or virtual is not known: say machine= in [asset] of "
                 "greend.conf on that host, then systemctl reload greend there");
    if (impacts->embodied.gaps & EMBODIED_NO_SHARE)
        return _(
            "it is a virtual machine whose part of its host is not declared: say host_share= in "
            "[asset] of greend.conf on that host, then systemctl reload greend there");
    if (host->asset.purchase == DAY_UNKNOWN)
        return _(
            "when it was bought is not declared: say purchase= in [asset] of greend.conf on that "
            "host, then systemctl reload greend there");
    if (!impacts->amortised.share.known)
        return _(
            "how long it is used is not declared, and the factors have no default: say life= in "
            "[asset] of greend.conf on that host, then systemctl reload greend there");
    return NULL;
}
