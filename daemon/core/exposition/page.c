/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "core/exposition/page.h"

#include <inttypes.h>

#include "core/exposition/exposition.h"

/* Every text that a person reads stands here. */
enum string {
    S_LANGUAGE,
    S_TITLE,
    S_POWER_NOW,
    S_MEASURED,
    S_ESTIMATE,
    S_PARTLY,
    S_NO_POWER,
    S_DOMAINS,
    S_DOMAIN,
    S_SOURCE,
    S_POWER,
    S_ENERGY,
    S_IDLE,
    S_UNATTRIBUTED,
    S_MODEL,
    S_IN_TOTAL,
    S_YES,
    S_NO,
    S_WORKLOADS,
    S_UNIT,
    S_COMMAND,
    S_KIND,
    S_RECENT,
    S_NO_WORKLOADS,
    S_SINCE,
    S_RECENT_IS,
    S_FOOTPRINT,
    S_FOOTPRINT_USE,
    S_FOOTPRINT_HARDWARE,
    S_FOOTPRINT_BASIS,
    S_PUE_DECLARED,
    S_PUE_DEFAULT,
    S_FOOTPRINT_ESTIMATE,
    S_LINKS,
    STRINGS
};

static const char *const strings[STRINGS] = {
    [S_LANGUAGE] = "en",
    [S_TITLE] = "greend: energy of this host",
    [S_POWER_NOW] = "Power now",
    [S_MEASURED] = "measured",
    [S_ESTIMATE] = "ESTIMATE: this machine has no meter that greend can read",
    [S_PARTLY] = "partly an ESTIMATE: not all of this machine has a meter",
    [S_NO_POWER] = "not known yet",
    [S_DOMAINS] = "Where it is used",
    [S_DOMAIN] = "Domain",
    [S_SOURCE] = "Source",
    [S_POWER] = "Power",
    [S_ENERGY] = "Energy",
    [S_IDLE] = "of it idle",
    [S_UNATTRIBUTED] = "not attributed",
    [S_MODEL] = "model (ESTIMATE)",
    [S_IN_TOTAL] = "in the total",
    [S_YES] = "yes",
    [S_NO] = "no",
    [S_WORKLOADS] = "Who used most in the last hours",
    [S_UNIT] = "Service",
    [S_COMMAND] = "Command",
    [S_KIND] = "Kind",
    [S_RECENT] = "Recent share",
    [S_NO_WORKLOADS] = "No workload has used energy yet.",
    [S_SINCE] = "Energy is counted since the counters began; workloads have that above idle only.",
    [S_RECENT_IS] = "Recent share: of what all workloads used, an hour ago counting half.",
    [S_FOOTPRINT] = "Footprint since greend started",
    [S_FOOTPRINT_USE] = "use",
    [S_FOOTPRINT_HARDWARE] = "hardware, its known parts divided over its life",
    [S_FOOTPRINT_BASIS] = "Factors of electricity",
    [S_PUE_DECLARED] = "as declared",
    [S_PUE_DEFAULT] = "a default",
    [S_FOOTPRINT_ESTIMATE] = "ESTIMATE: not all of the energy is measured.",
    [S_LINKS] = "See also",
};

enum { PAGE_WORKLOADS = 20 };

/* For light and dark, for any width, without a font or a picture to load. */
static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    ".power{font-size:2.5rem;font-weight:600;margin:0}"
    ".trouble{border-left:.3rem solid;padding-left:.7rem;font-weight:600}"
    "table{border-collapse:collapse;width:100%}"
    "caption{text-align:left;font-size:1.25rem;font-weight:600;padding:1rem 0 .4rem}"
    "th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid #8886;"
    "overflow-wrap:anywhere}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}";

/* ---- Pieces ---- */

static void add_escaped(struct text *text, const char *string)
{
    for (;;) {
        size_t plain = strcspn(string, "&<>\"'");
        text_append(text, string, plain);
        string += plain;
        if (*string == '\0')
            return;
        text_format(text, "&#%d;", *string++);
    }
}

static void add_string(struct text *text, enum string string)
{
    add_escaped(text, strings[string]);
}

static void add_head_cell(struct text *text, enum string string, bool number)
{
    text_format(text, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
    add_string(text, string);
    text_add(text, "</th>");
}

static void add_cell(struct text *text, const char *string)
{
    text_add(text, "<td>");
    add_escaped(text, string);
    text_add(text, "</td>");
}

/* In the unit that fits: 3 digits that matter and more. */
static void add_energy_cell(struct text *text, uint64_t energy_mj)
{
    uint64_t mwh = energy_mj / 3600;
    text_add(text, "<td class=\"n\">");
    if (mwh >= 10000000)
        text_format(text, "%" PRIu64 ".%02" PRIu64 " kWh", mwh / 1000000, mwh / 10000 % 100);
    else if (mwh >= 1000)
        text_format(text, "%" PRIu64 ".%02" PRIu64 " Wh", mwh / 1000, mwh / 10 % 100);
    else
        text_format(text, "%" PRIu64 ".%01" PRIu64 " J", energy_mj / 1000, energy_mj / 100 % 10);
    text_add(text, "</td>");
}

static void add_watts(struct text *text, uint64_t power_uw)
{
    text_format(text, "%" PRIu64 ".%01" PRIu64 " W", power_uw / UW_PER_W, power_uw / 100000 % 10);
}

/* ---- Sections ---- */

static void add_power(struct text *text, const struct series *series)
{
    uint64_t total_uw = 0;
    bool measured = false;
    bool modelled = false;
    for (size_t i = 0; i < series->n_domains; i++) {
        const struct series_domain *domain = &series->domains[i];
        if (!domain->present || !domain->summed)
            continue;
        total_uw = add_saturated(total_uw, domain->power_uw);
        measured |= domain->source != SOURCE_MODEL;
        modelled |= domain->source == SOURCE_MODEL;
    }
    text_add(text, "<h2>");
    add_string(text, S_POWER_NOW);
    text_add(text, "</h2>\n<p class=\"power\">");
    if (measured || modelled)
        add_watts(text, total_uw);
    else
        add_string(text, S_NO_POWER);
    text_add(text, "</p>\n<p>");
    if (measured || modelled)
        add_string(text, !modelled ? S_MEASURED : measured ? S_PARTLY : S_ESTIMATE);
    text_add(text, "</p>\n");
}

static void add_domain(struct text *text, const struct series_domain *domain)
{
    bool summed = domain->summed;
    text_add(text, "<tr>");
    add_cell(text, domain->name);
    add_cell(text,
             domain->source == SOURCE_MODEL ? strings[S_MODEL] : exposition_source(domain->source));
    add_cell(text, strings[summed ? S_YES : S_NO]);
    text_add(text, "<td class=\"n\">");
    if (domain->present)
        add_watts(text, domain->power_uw);
    text_add(text, "</td>");
    add_energy_cell(text, summed ? domain->total.shown_mj : domain->overlap.shown_mj);
    add_energy_cell(text, domain->idle.shown_mj);
    add_energy_cell(text, domain->unattributed.shown_mj);
    text_add(text, "</tr>\n");
}

static void add_domains(struct text *text, const struct series *series)
{
    static const enum string columns[] = {S_DOMAIN, S_SOURCE, S_IN_TOTAL,    S_POWER,
                                          S_ENERGY, S_IDLE,   S_UNATTRIBUTED};
    text_add(text, "<table><caption>");
    add_string(text, S_DOMAINS);
    text_add(text, "</caption><thead><tr>");
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        add_head_cell(text, columns[i], i >= 3);
    text_add(text, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < series->n_domains; i++)
        add_domain(text, &series->domains[i]);
    text_add(text, "</tbody></table>\n");
}

static uint64_t shown_mj(const struct series_workload *key)
{
    uint64_t sum = 0;
    for (size_t source = 0; source < ENERGY_SOURCES; source++)
        sum += key->energy[source].shown_mj;
    return sum;
}

/* The shown workload with the best score below `last` (the one before it in the list); equals keep
 * their order. NULL: no more. */
static const struct series_workload *next_best(const struct series *series,
                                               const struct series_workload *last)
{
    const struct series_workload *best = NULL;
    bool past = !last; /* past `last` in the order */
    for (size_t i = 0; i < series->n_keys; i++) {
        const struct series_workload *key = &series->keys[series->order[i]];
        bool below = !last || key->score < last->score || (key->score == last->score && past);
        past |= key == last;
        if (below && key != last && series_is_shown(key) && key->score != 0 &&
            (!best || key->score > best->score))
            best = key;
    }
    return best;
}

static void add_workload(struct text *text, const struct series_workload *key, uint64_t all)
{
    uint64_t permille = mul_div(key->score, 1000, all);
    text_add(text, "<tr>");
    add_cell(text, key->unit);
    add_cell(text, key->command);
    add_cell(text, exposition_kind(key->kind));
    add_energy_cell(text, shown_mj(key));
    text_format(text, "<td class=\"n\">%" PRIu64 ".%01" PRIu64 " %%</td></tr>\n", permille / 10,
                permille % 10);
}

static void add_workloads(struct text *text, const struct series *series)
{
    static const enum string columns[] = {S_UNIT, S_COMMAND, S_KIND, S_ENERGY, S_RECENT};
    uint64_t all = 0;
    for (size_t i = 0; i < series->n_keys; i++)
        all = add_saturated(all, series->keys[series->order[i]].score);
    text_add(text, "<table><caption>");
    add_string(text, S_WORKLOADS);
    text_add(text, "</caption><thead><tr>");
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        add_head_cell(text, columns[i], i >= 3);
    text_add(text, "</tr></thead><tbody>\n");
    const struct series_workload *key = next_best(series, NULL);
    if (!key) {
        text_format(text, "<tr><td colspan=\"%zu\">", ARRAY_SIZE(columns));
        add_string(text, S_NO_WORKLOADS);
        text_add(text, "</td></tr>\n");
    }
    for (size_t i = 0; i < PAGE_WORKLOADS && key; i++, key = next_best(series, key))
        add_workload(text, key, all);
    text_add(text, "</tbody></table>\n<p>");
    add_string(text, S_SINCE);
    text_add(text, " ");
    add_string(text, S_RECENT_IS);
    text_add(text, "</p>\n");
}

static void add_grams(struct text *text, uint64_t ug, enum string of_what)
{
    text_add(text, "<li>");
    if (ug >= UINT64_C(10000000000))
        text_format(text, "%" PRIu64 ".%02" PRIu64 " kgCO2e ", ug / 1000000000,
                    ug / 10000000 % 100);
    else
        text_format(text, "%" PRIu64 ".%03" PRIu64 " gCO2e ", ug / 1000000, ug / 1000 % 1000);
    add_string(text, of_what);
    text_add(text, "</li>\n");
}

static void add_footprint(struct text *text, const struct exposition_impacts *impacts)
{
    const struct exposition_amount *co2e_ug = impacts->co2e_ug;
    if (!co2e_ug[EXPOSITION_USE].known && !co2e_ug[EXPOSITION_EMBODIED].known)
        return;
    text_add(text, "<h2>");
    add_string(text, S_FOOTPRINT);
    text_add(text, "</h2>\n<ul>\n");
    if (co2e_ug[EXPOSITION_USE].known)
        add_grams(text, co2e_ug[EXPOSITION_USE].count, S_FOOTPRINT_USE);
    if (co2e_ug[EXPOSITION_EMBODIED].known)
        add_grams(text, co2e_ug[EXPOSITION_EMBODIED].count, S_FOOTPRINT_HARDWARE);
    text_add(text, "</ul>\n");
    if (!impacts->factors)
        return;
    text_add(text, "<p>");
    add_string(text, S_FOOTPRINT_BASIS);
    text_add(text, ": ");
    add_escaped(text, impacts->factors);
    text_add(text, " ");
    add_escaped(text, impacts->factors_version);
    text_add(text, ", ");
    add_escaped(text, impacts->country);
    text_add(text, "; PUE ");
    add_escaped(text, impacts->pue);
    text_add(text, ", ");
    add_string(text, str_equal(impacts->pue_origin, "declared") ? S_PUE_DECLARED : S_PUE_DEFAULT);
    text_add(text, ". ");
    if (!str_equal(impacts->energy, "measured"))
        add_string(text, S_FOOTPRINT_ESTIMATE);
    text_add(text, "</p>\n");
}

void page_render(struct text *text, const struct page *page)
{
    text_format(text, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">",
                strings[S_LANGUAGE]);
    text_add(text, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    text_format(text, "<title>%s</title>\n<style>%s</style></head>\n<body><main>\n<h1>%s</h1>\n",
                strings[S_TITLE], style, strings[S_TITLE]);
    if (page->trouble) {
        text_add(text, "<p class=\"trouble\" role=\"status\">");
        add_escaped(text, page->trouble);
        text_add(text, "</p>\n");
    }
    add_power(text, page->series);
    add_domains(text, page->series);
    add_workloads(text, page->series);
    add_footprint(text, &page->impacts);
    text_add(text, "<p>");
    add_string(text, S_LINKS);
    text_add(text, ": <a href=\"/metrics\">/metrics</a>, <a href=\"/healthz\">/healthz</a></p>\n");
    text_add(text, "</main>\n<footer><p>greend ");
    add_escaped(text, page->version);
    text_add(text, "</p></footer></body></html>\n");
}
