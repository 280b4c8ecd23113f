/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "greend/footprint.h"

/* How a kind of part is counted. FACTORS: it has no such factor. */
struct counting {
    enum factor_id by_piece;
    enum factor_id by_amount;
    enum factor_id default_size;
    enum factor_id density; /* amount = size / density; the default where the part has none */
    bool of_one;            /* size is 1 */
};

static const struct counting countings[PARTS] = {
    [PART_CPU] = {FACTOR_CPU,        FACTOR_CPU_DIE,       FACTORS,         FACTORS,            false},
    [PART_RAM] = {FACTOR_RAM,        FACTOR_RAM_DIE,       FACTORS,         FACTOR_RAM_DENSITY, false},
    [PART_SSD] = {FACTOR_SSD,        FACTOR_SSD_DIE,       FACTORS,         FACTOR_SSD_DENSITY, false},
    [PART_HDD] = {FACTOR_HDD,        FACTORS,              FACTORS,         FACTORS,            false},
    [PART_PSU] = {FACTORS,           FACTOR_PSU,           FACTOR_PSU_MASS, FACTORS,            false},
    [PART_GPU] = {FACTOR_GPU,        FACTORS,              FACTORS,         FACTORS,            false},
    [PART_RACK] = {FACTOR_CASE_RACK,  FACTORS,              FACTORS,         FACTORS,            false},
    [PART_BLADE] = {FACTOR_CASE_BLADE, FACTOR_CHASSIS_BLADE, FACTORS,         FACTOR_BLADE_SLOTS, true },
};

static const struct factor *world(const struct factor_table *table, enum factor_id id,
                                  enum criterion criterion)
{
    return id == FACTORS ? NULL : factor_find(table, id, criterion, GEOGRAPHY_WORLD);
}

static bool trait_usable(const struct trait *trait)
{
    return trait->origin != ORIGIN_UNKNOWN && trait->value > 0 && trait->value < 1e9;
}

/* A part's own characteristic, else the method's default. */
static struct figure trait_figure(const struct factor_table *table, const struct trait *trait,
                                  enum factor_id standard, enum origin *ret_origin,
                                  const struct factor **ret_default)
{
    if (trait_usable(trait)) {
        *ret_origin = trait->origin;
        return figure_exact(trait->value);
    }
    *ret_default = world(table, standard, CRITERION_PARAMETER);
    *ret_origin = *ret_default ? ORIGIN_DEFAULT : ORIGIN_UNKNOWN;
    return factor_value(*ret_default);
}

static struct figure amount_of(const struct factor_table *table, const struct counting *counting,
                               struct embodied_item *item)
{
    static const struct trait one = {ORIGIN_DECLARED, 1};
    static const struct trait none = {ORIGIN_UNKNOWN, 0};
    const struct trait *size = counting->of_one ? &one : &item->part->size;
    const struct trait *density = counting->of_one ? &none : &item->part->density;
    struct figure amount =
        trait_figure(table, size, counting->default_size, &item->size_origin, &item->default_size);
    if (counting->density == FACTORS)
        return amount;
    return figure_divide(amount, trait_figure(table, density, counting->density,
                                              &item->density_origin, &item->default_density));
}

/* What is counted without its amount is told as a gap. */
static struct figure impact_of(const struct embodied_item *item, const struct counting *counting,
                               int criterion)
{
    struct figure one = figure_exact(0);
    if (counting->by_piece != FACTORS)
        one = factor_value(item->by_piece[criterion]);
    if (counting->by_amount != FACTORS && item->amount.known)
        one = figure_add(one,
                         figure_multiply(item->amount, factor_value(item->by_amount[criterion])));
    else if (counting->by_amount != FACTORS && counting->by_piece == FACTORS)
        one = (struct figure){0};
    return figure_scale(one, item->count);
}

static void add_item(const struct factor_table *table, const struct counting *counting,
                     const struct inventory_part *part, uint32_t count, struct embodied *embodied)
{
    struct embodied_item *item = &embodied->items[embodied->n_items++];
    *item = (struct embodied_item){.part = part, .count = count};
    item->id = counting->by_piece != FACTORS ? counting->by_piece : counting->by_amount;
    item->amount_id = counting->by_amount;
    if (counting->by_amount != FACTORS) {
        item->amount = amount_of(table, counting, item);
        item->gaps |= item->amount.known ? 0 : EMBODIED_NO_SIZE;
    }
    for (int c = 0; c < CRITERIA; c++) {
        item->by_piece[c] = world(table, counting->by_piece, (enum criterion)c);
        item->by_amount[c] = world(table, counting->by_amount, (enum criterion)c);
        item->impacts[c] = impact_of(item, counting, c);
    }
}

/* ---- The machine ---- */

/* What a virtual machine reads is what its hypervisor made up: only declared parts are its host's.
 */
static bool part_counts(const struct inventory_part *part, bool declared_only)
{
    return part->count > 0 && (unsigned)part->kind < PARTS &&
           (part->origin == ORIGIN_DECLARED || (!declared_only && part->origin != ORIGIN_UNKNOWN));
}

static void add_parts(const struct factor_table *table, const struct inventory *inventory,
                      bool declared_only, struct embodied *embodied)
{
    static const struct counting board = {FACTOR_MOTHERBOARD, FACTORS, FACTORS, FACTORS, false};
    static const struct counting assembly = {FACTOR_ASSEMBLY, FACTORS, FACTORS, FACTORS, false};
    bool has[PARTS] = {false};
    for (size_t i = 0; i < MIN(inventory->n_parts, (size_t)INVENTORY_PARTS_MAX); i++) {
        const struct inventory_part *part = &inventory->parts[i];
        if (!part_counts(part, declared_only))
            continue;
        has[part->kind] = true;
        add_item(table, &countings[part->kind], part, part->count, embodied);
    }
    add_item(table, &board, NULL, 1, embodied);
    add_item(table, &assembly, NULL, 1, embodied);
    embodied->gaps |= has[PART_CPU] ? 0 : EMBODIED_NO_CPU;
    embodied->gaps |= has[PART_RAM] ? 0 : EMBODIED_NO_RAM;
    embodied->gaps |= has[PART_PSU] ? 0 : EMBODIED_NO_PSU;
    embodied->gaps |= has[PART_RACK] || has[PART_BLADE] ? 0 : EMBODIED_NO_CASE;
}

/* Of one criterion. What is not published for any item is not published for the machine. */
static void sum_up(struct embodied *embodied, int criterion)
{
    struct figure sum = figure_exact(0);
    bool complete = embodied->gaps == 0;
    bool any = false;
    for (size_t i = 0; i < embodied->n_items; i++) {
        const struct embodied_item *item = &embodied->items[i];
        complete = complete && item->impacts[criterion].known && item->gaps == 0;
        if (!item->impacts[criterion].known)
            continue;
        sum = figure_add(sum, item->impacts[criterion]);
        any = true;
    }
    if (!any)
        return;
    for (size_t i = 0; i < embodied->n_items; i++)
        if (!embodied->items[i].impacts[criterion].known)
            embodied->items[i].gaps |= EMBODIED_NO_FACTOR;
    embodied->total[criterion] = figure_multiply(sum, embodied->share);
    embodied->complete[criterion] = complete;
}

static bool parts_known(const struct inventory *inventory, bool declared_only)
{
    for (size_t i = 0; i < MIN(inventory->n_parts, (size_t)INVENTORY_PARTS_MAX); i++) {
        const struct inventory_part *part = &inventory->parts[i];
        if (part_counts(part, declared_only) && (part->kind == PART_CPU || part->kind == PART_RAM))
            return true;
    }
    return false;
}

void embodied_impacts(const struct factor_table *table, const struct inventory *inventory,
                      const struct asset *asset, enum embodied_by by, struct embodied *ret)
{
    static const struct counting server = {FACTOR_SERVER, FACTORS, FACTORS, FACTORS, false};
    enum machine machine = asset->machine != MACHINE_UNKNOWN ? asset->machine : inventory->machine;
    bool virtual = machine == MACHINE_VIRTUAL;
    memset(ret, 0, sizeof(*ret));
    if (machine == MACHINE_UNKNOWN)
        ret->gaps |= EMBODIED_NO_MACHINE;
    if (virtual && !asset->host_share.known)
        ret->gaps |= EMBODIED_NO_SHARE;
    if (ret->gaps != 0)
        return;
    ret->share = virtual ? asset->host_share : figure_exact(1);
    ret->whole = by == EMBODIED_BY_SERVER || !parts_known(inventory, virtual);
    if (ret->whole)
        add_item(table, &server, NULL, 1, ret);
    else
        add_parts(table, inventory, virtual, ret);
    for (int c = 0; c < CRITERIA; c++)
        sum_up(ret, c);
    for (size_t i = 0; i < ret->n_items; i++)
        ret->gaps |= ret->items[i].gaps;
}

struct figure host_share_by_reservation(const struct factor_table *table, double ram, double cpu,
                                        double storage)
{
    static const enum factor_id ids[] = {FACTOR_SHARE_RAM, FACTOR_SHARE_CPU, FACTOR_SHARE_STORAGE};
    const double parts[] = {ram, cpu, storage};
    struct figure share = figure_exact(0);
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        if (!(parts[i] >= 0 && parts[i] <= 1))
            return (struct figure){0};
        struct figure weight = factor_value(world(table, ids[i], CRITERION_PARAMETER));
        share = figure_add(share, figure_scale(weight, parts[i]));
    }
    return share;
}
