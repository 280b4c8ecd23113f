/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* What lines of the state's tools say of a machine: numbers as they are written, qualities, and
 * what a year was made from. */

#include <inttypes.h>

#include "export/lines/export_state.h"
#include "greend/units.h"
#include "render/render.h"

static const uint64_t year_ns = UINT64_C(365) * 86400 * NS_PER_S;

static const double days_per_month = 365.25 / 12;

/* Kilowatt-hours of a year as it was measured, with three decimals and a point in every locale. */
void export_cells_energy(struct export_cells *cells, const struct export_host *host,
                         uint64_t energy_uj)
{
    char text[48];
    uint64_t year_uj = mul_div(energy_uj, year_ns, host->report.period.covered_ns);
    uint64_t wh = year_uj / UJ_PER_WH + (year_uj % UJ_PER_WH >= UJ_PER_WH / 2);
    (void)snprintf(text, sizeof(text), "%" PRIu64 ".%03" PRIu64, wh / 1000, wh % 1000);
    export_cell_set(cells, FIELD_ENERGY, text);
}

/* What is declared, with a decimal point and without an exponent, however it was written: as many
 * decimals as tell it apart, so that a PUE above 1 stays above. */
void export_cells_number(struct export_cells *cells, enum export_field field,
                         const struct figure *figure)
{
    enum { DECIMALS_MOST = 17 };
    char text[48];
    if (!figure->known)
        return;
    for (int decimals = 1; decimals <= DECIMALS_MOST; decimals++) {
        (void)snprintf(text, sizeof(text), "%.*f", decimals, figure->value);
        if (strtod(text, NULL) == figure->value)
            break;
    }
    export_cell_set(cells, field, text);
}

/* Meters of the whole machine are better than those of processors, and any is better than a model:
 * the worst that a part of the energy comes from. */
int export_quality(const struct report *report)
{
    int quality = QUALITY_HIGH;
    for (int i = 0; i < ENERGY_SOURCES; i++) {
        bool wall = i == SOURCE_ACPI || i == SOURCE_BMC;
        int of = i == SOURCE_MODEL ? QUALITY_LOW : wall ? QUALITY_HIGH : QUALITY_MEDIUM;
        if (report->by_source_uj[i] > 0)
            quality = MIN(quality, of);
    }
    return quality;
}

void export_cells_quality(struct export_cells *cells, int quality)
{
    static const char *const words[] = {[QUALITY_NONE] = "BASSE",
                                        [QUALITY_LOW] = "BASSE",
                                        [QUALITY_MEDIUM] = "MOYENNE",
                                        [QUALITY_HIGH] = "HAUTE"};
    export_cell_set(cells, FIELD_QUALITY, words[quality]);
}

uint64_t export_coverage_ppm(const struct report *report)
{
    return render_coverage_ppm(report->period.covered_ns,
                               report->period.until_s - report->period.since_s);
}

/* Of the file's own language, and the key by which lines refer to each other: not translated. */
static void set_source(struct export_cells *cells, const struct export_host *host)
{
    char text[EXPORT_CELL_MAX];
    char since[RENDER_TIME_MAX];
    char until[RENDER_TIME_MAX];
    const struct report *report = &host->report;
    uint64_t modelled_uj = report->by_source_uj[SOURCE_MODEL];
    uint64_t tenths = report->period.covered_ns / (86400 * NS_PER_S / 10);
    const char *origin = modelled_uj == 0                             ? "mesurés"
                         : modelled_uj >= report->total.sum.energy_uj ? "modélisés"
                                                                      : "mesurés et modélisés";
    (void)render_time(since, FORM_ISO, report->period.since_s);
    (void)render_time(until, FORM_ISO, report->period.until_s - 1); /* its last day */
    (void)snprintf(text, sizeof(text),
                   "greend %s : %" PRIu64 ".%" PRIu64 " jours %s du %.10s au %.10s (couverture "
                   "%" PRIu64 ".%" PRIu64 " %%), annualisés sur 365 jours%s",
                   host->machine.version[0] ? host->machine.version : GREEND_VERSION, tenths / 10,
                   tenths % 10, origin, since, until, export_coverage_ppm(report) / 10000,
                   export_coverage_ppm(report) / 1000 % 10,
                   export_host_is_bare(host) ? ", hors alimentation, ventilateurs et disques" : "");
    export_cell_set(cells, FIELD_SOURCE, text);
}

void export_cells_months(struct export_cells *cells, enum export_field field, int32_t days)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%d", (int)(days / days_per_month + 0.5));
    export_cell_set(cells, field, days > 0 ? text : "");
}

void export_cells_common(struct export_cells *cells, const struct export_host *host)
{
    export_cell_set(cells, FIELD_QUANTITY, "1");
    export_cell_set(cells, FIELD_ENTITY, host->settings.described.entity);
    set_source(cells, host);
}
