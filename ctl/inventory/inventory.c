/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "inventory/inventory.h"

#include "ctl.h"

void inventory_compute(struct inventory_view *view)
{
    const struct inventory *inventory = &view->reading->inventory;
    bool declared = view->asset.machine != MACHINE_UNKNOWN;
    view->machine = declared ? view->asset.machine : inventory->machine;
    view->machine_origin = declared ? ORIGIN_DECLARED : inventory->machine_origin;
    memset(&view->embodied, 0, sizeof(view->embodied));
    if (view->factors)
        embodied_impacts(view->factors, inventory, &view->asset, EMBODIED_BY_PARTS,
                         &view->embodied);
}

static const struct {
    unsigned gap;
    struct inventory_gap shown;
} computed_gaps[] = {
    {EMBODIED_NO_SHARE,
     {"machine",
      N_("a virtual machine's hardware is its host's: without a declared share none is counted"),
      N_("say host_share=NUMBER in [asset] of greend.conf: its part of the host, 0 to 1"), 0}},
    {EMBODIED_NO_SIZE,
     {"size",
      N_("that of some part is not told (of a CPU: its silicon), and only what goes by piece "
         "is counted"),
      "", 0}                                                                                 },
    {EMBODIED_NO_FACTOR,
     {"factors", N_("nobody published one for some part and criterion"), "", 0}              },
    {EMBODIED_NO_CPU,    {"cpu", N_("none is counted"), "", 0}                               },
    {EMBODIED_NO_RAM,    {"ram", N_("none is counted"), "", 0}                               },
};

/* Whether what could not be read is declared. */
static bool is_made_up_for(const struct inventory *inventory, const char *item)
{
    static const struct {
        const char *item;
        enum part_kind kind;
    } items[] = {
        {"memory", PART_RAM },
        {"disk",   PART_SSD },
        {"cpu",    PART_CPU },
        {"psu",    PART_PSU },
        {"case",   PART_RACK},
    };
    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        if (str_equal(items[i].item, item))
            return inventory_declares(inventory, items[i].kind);
    return str_equal(item, "firmware tables") && inventory_declares(inventory, PART_RAM) &&
           inventory_declares(inventory, PART_PSU) && inventory_declares(inventory, PART_RACK);
}

size_t inventory_gaps(const struct inventory_view *view,
                      struct inventory_gap ret_gaps[INVENTORY_GAPS_MAX])
{
    size_t n = 0;
    /* Of a virtual machine nothing that it would read is missing. */
    bool parts = view->machine != MACHINE_VIRTUAL;
    for (size_t i = 0; i < view->reading->n_gaps; i++) {
        const struct reading_gap *gap = &view->reading->gaps[i];
        bool machine = str_equal(gap->item, "machine");
        bool missing = parts && !is_made_up_for(&view->reading->inventory, gap->item);
        if (machine ? view->machine == MACHINE_UNKNOWN : missing)
            ret_gaps[n++] = (struct inventory_gap){gap->item, gap->why, gap->mend, gap->error};
    }
    if (view->machine == MACHINE_PHYSICAL && view->reading->inventory.machine == MACHINE_VIRTUAL)
        ret_gaps[n++] = (struct inventory_gap){
            "machine",
            N_("it is declared physical and reads as a virtual one, whose hardware is its "
               "hypervisor's invention"),
            N_("remove machine=physical from [asset] unless it is"), 0};
    for (size_t i = 0; i < ARRAY_SIZE(computed_gaps); i++)
        if (view->embodied.gaps & computed_gaps[i].gap)
            ret_gaps[n++] = computed_gaps[i].shown;
    if (view->asset.purchase == DAY_UNKNOWN && (parts || view->asset.host_share.known))
        ret_gaps[n++] = (struct inventory_gap){
            "purchase", N_("without its date nothing of the hardware can be counted for a period"),
            N_("say purchase=YYYY-MM-DD in [asset] of greend.conf"), 0};
    if (view->site.geography == GEOGRAPHY_UNKNOWN)
        ret_gaps[n++] = (struct inventory_gap){
            "country", N_("without it no impact of electricity can be counted"),
            N_("say country=CODE in [site] of greend.conf, as FR"), 0};
    if (!view->factors && !view->factors_unneeded)
        ret_gaps[n++] =
            (struct inventory_gap){"factors", N_("they cannot be read: no impact is computed"),
                                   N_("see the errors, and [footprint] in greend.conf"), 0};
    return n;
}

const struct embodied_item *inventory_item(const struct inventory_view *view,
                                           const struct inventory_part *part)
{
    for (size_t i = 0; i < view->embodied.n_items; i++)
        if (view->embodied.items[i].part == part)
            return &view->embodied.items[i];
    return NULL;
}

const struct factor *inventory_default(const struct inventory_view *view, const char *key)
{
    if (!view->factors)
        return NULL;
    if (str_equal(key, "pue") && !view->site.pue.known && view->site.geography >= 0)
        return factor_find(view->factors, FACTOR_PUE, CRITERION_PARAMETER, view->site.geography);
    if (str_equal(key, "life") && view->asset.life_days == 0 &&
        view->asset.planned_end == DAY_UNKNOWN)
        return factor_find(view->factors, FACTOR_LIFE, CRITERION_PARAMETER, GEOGRAPHY_WORLD);
    return NULL;
}

const char *inventory_size_unit(enum part_kind kind)
{
    static const char *const units[PARTS] = {
        [PART_CPU] = NC_("unit", "mm2"),
        [PART_RAM] = NC_("unit", "GB"),
        [PART_SSD] = "GB",
        [PART_HDD] = "GB",
        [PART_PSU] = NC_("unit", "kg"),
    };
    return units[kind] ? units[kind] : "";
}

/* Parts of machines and criteria have their words in footprint/words/vocabulary.c. */
const char *inventory_item_word(const char *item)
{
    static const char *const others[] = {
        NC_("part", "case"),
        NC_("part", "country"),
        NC_("part", "declarations"),
        NC_("part", "disk"),
        NC_("part", "electricity"),
        NC_("part", "factors"),
        NC_("part", "firmware tables"),
        NC_("part", "hardware"),
        NC_("part", "hosts"),
        NC_("part", "inventory"),
        NC_("part", "life"),
        NC_("part", "machine"),
        NC_("part", "memory"),
        NC_("part", "parts"),
        NC_("part", "purchase"),
        NC_("part", "size"),
    };
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (str_equal(others[i], item))
            return language_in("part", others[i]);
    for (int c = 0; c < CRITERIA; c++)
        if (str_equal(criterion_info((enum criterion)c)->id, item))
            return _(criterion_info((enum criterion)c)->name);
    return language_in("part", item);
}
