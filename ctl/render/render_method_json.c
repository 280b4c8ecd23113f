/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */

/* The method block: every input of a footprint, and how its numbers are made of them. */

#include "output/json_facts.h"
#include "render/render_fleet.h"
#include "render/render_footprint.h"

static json_t *formulas_object(void)
{
    static const char *const formulas[][2] = {
        {"energy_kwh",
         "energy_microjoules / 3.6e12; min and max: - and + uncertainty_microjoules, not below 0"                 },
        {"facility_energy_kwh",  "energy_kwh x site.pue"                                                          },
        {"use",                  "facility_energy_kwh x factor(electricity, criterion); water: on site + upstream"},
        {"water_on_site_m3",     "energy_kwh x site.wue_litres_per_kwh / 1000"                                    },
        {"water_upstream_m3",    "facility_energy_kwh x factor(electricity, water)"                               },
        {"amount",               "size / density; size where there is no density"                                 },
        {"part",                 "count x (amount x factor(by_amount, criterion) + factor(by_piece, criterion))"  },
        {"life_impacts",         "host_share x sum of parts"                                                      },
        {"life_share_ratio",     "life_seconds / (86400 x whole_days)"                                            },
        {"whole_days",           "earlier_days + (end - purchase) + later_days"                                   },
        {"life_seconds",         "of the civil time from since_civil to until_civil, those in [purchase, "
                         "end)"                                                           },
        {"embodied",             "life_impacts x life_share_ratio x embodied_share_ratio"                         },
        {"embodied_share_ratio",
         "by energy: energy_microjoules of the row / of the total; by time: life_seconds of the "
         "row / of the total, of the row 'rest' what the other rows leave; none: 0"                               },
        {"total",                "use + embodied"                                                                 },
        {"of several hosts",
         "each figure is the sum over hosts of the host's own, by its site, factors and hardware; "
         "of "
         "those where it is known, and then 'complete' is false. by_host of a row: what each host "
         "has of it, as if it were a row of that host"                                                            },
        {"min, max",             "of sums and products the same of the least and of the greatest, of quotients "
                     "least / greatest and greatest / least; what has no band counts with its "
                     "value, and the band is 'partial' then, or 'none' where nothing has one" },
        {"null",                 "not published, not declared or not known: what is made of it is null too"       },
    };
    json_t *object = json_object();
    for (size_t i = 0; i < ARRAY_SIZE(formulas); i++)
        json_set(object, formulas[i][0], json_string(formulas[i][1]));
    return object;
}

/* ---- Factors ---- */

static json_t *factor_name_or_null(enum factor_id id)
{
    return id < FACTORS ? json_string(factor_name(id)) : json_null();
}

static bool item_uses(const struct embodied_item *item, const struct factor *factor)
{
    bool uses = item->default_size == factor || item->default_density == factor;
    for (int c = 0; c < CRITERIA; c++)
        uses |= item->by_amount[c] == factor || item->by_piece[c] == factor;
    return uses;
}

static bool fleet_uses(const struct fleet *fleet, const struct factor *factor)
{
    for (size_t i = 0; i < fleet->n; i++)
        if (footprint_uses(&fleet->hosts[i]->footprint, factor))
            return true;
    return false;
}

bool footprint_uses(const struct report_footprint *footprint, const struct factor *factor)
{
    if (footprint->fleet)
        return fleet_uses(footprint->fleet, factor);
    const struct use_impacts *use = &footprint->total.use;
    const struct embodied *embodied = &footprint->facts->view.embodied;
    bool used = use->pue_by == factor || footprint->amortised.life == factor;
    for (int c = 0; c < CRITERIA; c++)
        used |= use->factors[c] == factor;
    for (size_t i = 0; i < embodied->n_items && !used; i++)
        used = item_uses(&embodied->items[i], factor);
    return used;
}

static json_t *factor_object(const struct factor *factor)
{
    json_t *object = json_object();
    bool parameter = factor->criterion == CRITERION_PARAMETER;
    json_set(object, "id", json_string(factor_name(factor->id)));
    json_set(object, "criterion",
             json_string(parameter ? "parameter" : criterion_info(factor->criterion)->id));
    json_set(object, "geography", json_string(geography_info(factor->geography)->alpha3));
    json_set(object, "figure", json_figure(&factor->value));
    json_set_text(object, "unit", factor->unit);
    json_set_text(object, "source", factor->source);
    json_set(object, "year", json_integer(factor->year));
    json_set_text(object, "licence", factor->licence);
    json_set_text(object, "method", factor->method);
    json_set_text(object, "set", factor->set->name);
    json_set_text(object, "version", factor->set->version);
    json_set(object, "line", json_integer(factor->line));
    return object;
}

static json_t *factors_array(const struct report_footprint *footprint)
{
    const struct factor_table *table = report_footprint_factors(footprint);
    const struct factor *factor = NULL;
    size_t cursor = 0;
    json_t *array = json_array();
    while (table && (factor = factor_next(table, &cursor)))
        if (footprint_uses(footprint, factor))
            (void)json_array_append_new(array, factor_object(factor));
    return array;
}

/* ---- The site ---- */

static json_t *site_object(const struct report_footprint *footprint)
{
    const struct site *site = &footprint->facts->view.site;
    const struct use_impacts *use = &footprint->total.use;
    json_t *object = json_object();
    json_set(object, "country",
             site->geography == GEOGRAPHY_UNKNOWN
                 ? json_null()
                 : json_string(geography_info(site->geography)->alpha3));
    json_set(object, "pue", json_figure(&use->pue));
    json_set(object, "pue_origin",
             json_string(origin_name(use->pue_by       ? ORIGIN_DEFAULT
                                     : site->pue.known ? ORIGIN_DECLARED
                                                       : ORIGIN_UNKNOWN)));
    json_set(object, "wue_litres_per_kwh", json_figure(&site->wue));
    return object;
}

/* ---- The hardware ---- */

/* A size or density: the machine's or the operator's own number, or the factor that stands in. */
static json_t *trait_object(const struct trait *trait, enum origin origin,
                            const struct factor *standard)
{
    if (origin == ORIGIN_UNKNOWN)
        return json_null();
    struct figure figure = standard ? standard->value : figure_exact(trait->value);
    json_t *object = json_figure(&figure);
    json_set(object, "origin", json_string(origin_name(origin)));
    json_set(object, "factor", factor_name_or_null(standard ? standard->id : FACTORS));
    return object;
}

static json_t *item_object(const struct embodied_item *item)
{
    static const struct trait one = {ORIGIN_DECLARED, 1};
    static const struct inventory_part none = {0};
    const struct inventory_part *part = item->part ? item->part : &none;
    bool of_one = part->kind == PART_BLADE && item->part;
    json_t *object = json_object();
    json_set(object, "item", json_string(factor_name(item->id)));
    json_set_text(object, "model", part->model);
    json_set(object, "origin",
             json_string(origin_name(item->part ? part->origin : ORIGIN_DEFAULT)));
    json_set(object, "count", json_integer(item->count));
    json_set(object, "size",
             trait_object(of_one ? &one : &part->size, item->size_origin, item->default_size));
    json_set(object, "density",
             trait_object(&part->density, item->density_origin, item->default_density));
    json_set(object, "amount", json_figure(&item->amount));
    json_set(object, "by_amount", factor_name_or_null(item->amount_id));
    json_set(object, "by_piece",
             factor_name_or_null(item->id == item->amount_id ? FACTORS : item->id));
    json_set(object, "impacts", json_impacts(item->impacts));
    return object;
}

static json_t *items_array(const struct embodied *embodied)
{
    json_t *array = json_array();
    for (size_t i = 0; i < embodied->n_items; i++)
        (void)json_array_append_new(array, item_object(&embodied->items[i]));
    return array;
}

static void set_day(json_t *object, const char *key, int32_t day)
{
    char text[11];
    if (day == DAY_UNKNOWN) {
        json_set(object, key, json_null());
        return;
    }
    date_format(day, text);
    json_set(object, key, json_string(text));
}

/* What the end of the life was taken from. */
static const char *end_from(const struct report_footprint *footprint)
{
    const struct asset *asset = &footprint->facts->view.asset;
    if (asset->planned_end != DAY_UNKNOWN)
        return "planned_end";
    return asset->life_days > 0 ? "life" : "default";
}

static json_t *life_object(const struct report_footprint *footprint)
{
    const struct asset *asset = &footprint->facts->view.asset;
    const struct amortised *amortised = &footprint->amortised;
    json_t *object = json_object();
    set_day(object, "purchase", amortised->begin);
    set_day(object, "end", amortised->end);
    json_set(object, "end_from", json_string(end_from(footprint)));
    json_set(object, "refurbished", json_boolean(asset->refurbished));
    json_set(object, "earlier_days", json_integer(asset->earlier_days));
    json_set(object, "later_days", json_integer(asset->later_days));
    json_set(object, "whole_days", json_integer(amortised->whole_days));
    footprint_set_civil(object, "since_civil", footprint->since_s);
    footprint_set_civil(object, "until_civil", footprint->until_s);
    json_set(object, "life_seconds", json_integer(footprint->life_s));
    json_set(object, "life_share_ratio",
             amortised->share.known ? json_real(amortised->share.value) : json_null());
    return object;
}

static json_t *hardware_object(const struct report_footprint *footprint)
{
    static const char *const words[] = {[MACHINE_UNKNOWN] = "unknown",
                                        [MACHINE_PHYSICAL] = "physical",
                                        [MACHINE_VIRTUAL] = "virtual"};
    const struct inventory_view *view = &footprint->facts->view;
    const struct embodied *embodied = &view->embodied;
    if (embodied->n_items == 0)
        return json_null();
    json_t *object = json_object();
    json_set(object, "machine", json_string(words[view->machine]));
    json_set(object, "machine_origin", json_string(origin_name(view->machine_origin)));
    json_set(object, "host_share", json_real(embodied->share.value));
    json_set(object, "whole_server", json_boolean(embodied->whole));
    json_set(object, "parts", items_array(embodied));
    json_set(object, "life_impacts", json_impacts(embodied->total));
    json_set(object, "life",
             view->asset.purchase == DAY_UNKNOWN ? json_null() : life_object(footprint));
    return object;
}

static json_t *quality_rule(void)
{
    static const char *const words[][2] = {
        {"high",   "acpi, bmc"       },
        {"medium", "rapl, hwmon, gpu"},
        {"low",    "model"           },
    };
    json_t *object = json_object();
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        json_set(object, words[i][0], json_string(words[i][1]));
    return object;
}

/* Where it is known from what is declared and what the machine is. */
static json_t *facts_object(const struct facts *facts)
{
    const char *from = facts_from_name(facts->from);
    json_t *object = json_object();
    json_set(object, "from", from ? json_string(from) : json_null());
    if (facts->from != FACTS_NOWHERE)
        json_set_text(object, "name", facts->name);
    if (facts->from == FACTS_DATABASE)
        json_set_text(object, "greend_version", facts->version);
    return object;
}

void footprint_set_facts(json_t *object, const struct report_footprint *footprint)
{
    json_set(object, "facts", facts_object(footprint->facts));
    json_set(object, "site", site_object(footprint));
    json_set(object, "hardware", hardware_object(footprint));
}

json_t *footprint_method_json(const struct report_footprint *footprint)
{
    json_t *object = json_object();
    json_set(object, "described_in", json_string("docs/method.md"));
    json_set(object, "formulas", formulas_object());
    json_set(object, "factors", factors_array(footprint));
    if (footprint->fleet)
        json_set(object, "hosts", fleet_json(footprint->fleet));
    else
        footprint_set_facts(object, footprint);
    json_set(object, "quality_by_meter", quality_rule());
    return object;
}
